"""Files that come in: one door for every form that takes one, within bounds of memory and time."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import bad_books
import books
import openpyxl
import pytest

from models.refusals import Refusal
from views import uploads
from views.ledgers import out, reader, sheets
from views.uploads import shown_name

HOUSE = Path(__file__).parent.parent
MOST_MEMORY = 700  # MiB that reading any file may take, the reader's own process included
HAND = """
import resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from models.refusals import Refusal
from views.ledgers import sheets
try:
    said = sum(len(sheet.rows) for sheet in sheets.read(Path(sys.argv[2])))
except Refusal as no:
    said = str(no)
# Its own peak from the kernel's file: what `getrusage` says of a process begins with the size of the one that made it.
own = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(said, max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) // 1024, sep="|")
"""


@pytest.mark.parametrize(
    ("make", "name", "says"),
    [
        ("million_blank_rows", "a.xlsx", "2"),
        ("bomb_of_blanks", "a.xlsx", "大得不寻常"),
        ("bomb_that_lies", "a.xlsx", "大得不寻常"),
        ("bomb_nested", "a.xlsx", "嵌着另一个压缩包"),
        ("far_corner", "a.xlsx", "超过 200000 行"),
    ],
)
def test_no_file_takes_more_than_so_much_memory(tmp_path, make, name, says):
    file = tmp_path / name
    file.write_bytes(getattr(bad_books, make)())
    done = subprocess.run([sys.executable, "-c", HAND, str(HOUSE), str(file)], capture_output=True, text=True, timeout=300)
    said, peak = done.stdout.strip().split("|")
    assert says in said, done.stderr
    assert int(peak) < MOST_MEMORY


def test_the_reader_is_ended_by_its_own_limits_and_the_server_lives():
    if sys.platform == "win32":
        pytest.skip("no limits of memory there: the clock ends the reader")
    with pytest.raises(Refusal, match="大得不寻常"):
        sheets.read(bad_books.bomb_of_one_text(), "a.xlsx")
    assert sheets.read(bad_books.good(), "a.xlsx")[0].rows


def test_a_reader_that_never_ends_is_ended(monkeypatch, tmp_path):
    idle = tmp_path / "idle.py"
    idle.write_text("import sys, time\nsys.stdin.buffer.read()\ntime.sleep(600)\n")
    monkeypatch.setattr(reader, "__file__", str(idle))
    monkeypatch.setattr(sheets, "PATIENCE", 0.3)
    with pytest.raises(Refusal, match="没有读完"):
        sheets.read(bad_books.good(), "a.xlsx")


def test_every_form_that_takes_a_file_takes_it_at_the_one_door():
    forms = [p for p in (HOUSE / "admin_app" / "templates").rglob("*.html") if 'type="file"' in p.read_text("utf-8")]
    takers = {"import.html": "imports.py", "division_import.html": "stations.py", "policy_import.html": "policy_drafts.py",
              "grid.html": "sheet_photos.py", "transfer_file.html": "transfer.py", "upward.html": "upwards.py",
              "upward_received.html": "upwards_in.py"}  # fmt: skip
    assert {form.name for form in forms} == set(takers), "a new form with a file: take it with views.uploads.received"
    # Beside the door, whether there was a file at all is asked by what gives a form back.
    for path in sorted([*(HOUSE / "views").rglob("*.py"), *(HOUSE / "admin_app").rglob("*.py")]):
        asks = [n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Attribute) and n.attr == "files" and getattr(n.value, "id", "") == "request"]
        assert not asks or path.name in ("uploads.py", "errors.py", "resuming.py"), f"{path.name} reads request.files by itself"
    for name in takers.values():
        assert "uploads.received(" in (HOUSE / "views" / name).read_text("utf-8"), name


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/cron.d/a.xlsx", "a.xlsx"),
        ("C:\\Windows\\名册.xlsx", "名册.xlsx"),
        ("名册\u202excod.xlsx", "名册xcod.xlsx"),
        ("名\x00册.xlsx", "名_册.xlsx"),
        ("名\n册.xlsx", "名 册.xlsx"),
        ("长" * 300 + ".xlsx", "长" * 74 + "….xlsx"),
        ("", ""),
    ],
)
def test_the_name_of_a_file_is_made_fit_to_be_read(sent, shown):
    assert shown_name(sent) == shown and len(shown_name(sent)) <= uploads.LONGEST_NAME


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(\"http://x\")", "\t=1"])
def test_a_text_that_looks_like_a_formula_goes_out_as_a_text(cast, tmp_path, text):
    cast.project(name=text)
    file = tmp_path / "项目.xlsx"
    out.write("projects", file, cast.recorder)
    cells = [cell for row in openpyxl.load_workbook(file).active for cell in row if cell.value is not None]
    (found,) = [cell for cell in cells if cell.value == text.strip()]
    assert found.data_type == "s"
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_a_refused_row_goes_back_with_its_formula_as_text(cast, tmp_path):
    from views.ledgers.handouts import refusals
    from views.ledgers.take_in import preview

    refusals(preview("volunteers", books.xlsx([bad_books.HEAD, ["'=1+1", "=2+2", "@x"]]), cast.recorder), tmp_path / "误.xlsx")
    cells = [cell for row in openpyxl.load_workbook(tmp_path / "误.xlsx").active for cell in row]
    assert [cell for cell in cells if cell.data_type == "s"] and not [cell for cell in cells if cell.data_type == "f"]
    assert not re.search(r"\d{17}", str([cell.value for cell in cells]))
