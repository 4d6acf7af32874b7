"""Row marks: what a line says of the row that it was exported from, and that nobody can make one up."""

import books
import pytest

from models.volunteers import Volunteer
from views.ledgers import marked
from views.ledgers.incoming import Incoming, Kind
from views.ledgers.marks import MARK_HEADER, Mark, mark_of, read_mark
from views.ledgers.take_in import KINDS, preview

HEADER = ["姓名", "身份证号", "联系电话", MARK_HEADER]


def row_of(person: Volunteer, mark: str = "", **more) -> list:
    said = {"name": person.name, "document": person.document_number, "phone": person.phone} | more
    return [*said.values(), mark]


def test_a_mark_reads_back_as_the_row_it_was_made_of(cast):
    person = cast.registered()
    assert read_mark(mark_of(person)) == Mark("volunteer", person.id, person.revision)
    assert mark_of(person) == mark_of("volunteer", person.id, person.revision)
    assert read_mark(f" {mark_of('entry', 7).upper()} ") == Mark("entry", 7, 0)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(".5.", ".6."),
        lambda text: text.replace("volunteer", "household"),
        lambda text: text.replace(".2.", ".3."),
        lambda text: text[:-2] + ("a" if text[-2] != "a" else "b") + "k",
        lambda text: text[:-1],
        lambda text: "5.30102E+17",
        lambda text: "",
        lambda text: text + "1",
    ],
)
def test_a_mark_that_was_dragged_or_made_up_is_refused_in_words(cast, change):
    with pytest.raises(ValueError, match="行标识不对"):
        read_mark(change(mark_of("volunteer", 5, 2)))


def test_the_frame_reads_the_marks_and_refuses_one_that_stands_twice(cast):
    person = cast.registered()
    mark = mark_of(person)
    table = books.xlsx([HEADER, row_of(person, mark), row_of(person, mark), row_of(person, "x"), row_of(person)])
    seen = preview("volunteers", table, cast.recorder)
    assert [line.mark for line in seen.lines] == [read_mark(mark), None, None, None]
    says = [(found.row, found.column, found.says) for found in seen.findings if found.column == MARK_HEADER]
    assert [(row, column) for row, column, _ in says] == [(3, MARK_HEADER), (4, MARK_HEADER)]
    assert "与第 2 行相同" in says[0][2] and "行标识不对" in says[1][2]
    assert MARK_HEADER not in seen.shown(seen.lines[0]) and not seen.notes


def _kind(judge) -> Kind:
    like = KINDS["volunteers"]
    columns = (
        Incoming("name", "姓名"), Incoming("phone", "联系电话", mask=lambda text: text[:3] + "****" + text[-4:]),
        Incoming("registered_on", "注册日期", fixed=True),
    )  # fmt: skip
    return Kind("told", "一种", like.resource, columns, (("name",),), judge, lambda seen: None)


@pytest.fixture
def look(cast, monkeypatch):
    """Preview rows by a kind of the test's own; lines and what `rows_of` found."""

    def _look(rows, by=None):
        kept = {}

        def _judge(seen):
            kept.update(marked.rows_of(seen, Volunteer))
            for line in seen.lines:
                there = kept.get(line.number)
                marked.settle_masked(seen, line, there and there.row)
                if there:
                    marked.warn_fixed(seen, line, {"registered_on": there.row.registered_on})
                line.settle("same")

        monkeypatch.setitem(KINDS, "told", _kind(_judge))
        rows = [["姓名", "联系电话", "注册日期", MARK_HEADER], *rows]
        return preview("told", books.xlsx(rows), by or cast.recorder), kept

    return _look


def test_a_marked_row_is_found_and_a_strangers_is_not(cast, look):
    mine, other = cast.registered(), cast.registered("王芳", by=cast.recorder_b)
    seen, kept = look(
        [["李明", "", "", mark_of(mine)], ["王芳", "", "", mark_of(other)], ["谁", "", "", mark_of("unit", 1)]]
    )
    assert list(kept) == [2] and kept[2].row.id == mine.id and kept[2].stale is None
    assert [found.says for found in seen.findings] == [marked.NOT_FOUND, "行标识是另一种台账的，请从对应的台账导入。"]


def test_a_row_changed_since_the_export_names_who_and_what(cast, look):
    person = cast.registered()
    mark = mark_of(person)
    Volunteer.amend(person.id, cast.head, speciality="二胡")
    _, kept = look([["李明", "", "", mark]])
    assert cast.head.name in kept[2].stale.says and "特长" in kept[2].stale.says


def test_a_masked_cell_is_unchanged_where_it_is_the_mask_of_what_is_saved(cast, look):
    person = cast.registered()
    masked = person.phone[:3] + "****" + person.phone[-4:]
    seen, _ = look([["李明", masked, "", mark_of(person)], ["李明", "139****0000", "", ""]])
    assert [(found.row, found.column) for found in seen.findings] == [(3, "联系电话")]
    seen, _ = look([["李明", "139****0009", "", mark_of(person)]])
    assert "对不上" in seen.findings[0].says and "phone" not in seen.lines[0].values


def test_a_column_that_only_goes_out_warns_where_it_was_edited(cast, look):
    person = cast.registered()
    same, other = str(person.registered_on), "1999-01-01"
    seen, _ = look([["李明", "", same, mark_of(person)]])
    assert not seen.findings
    seen, _ = look([["李明", "", other, mark_of(person)]])
    assert [(found.column, found.warning) for found in seen.findings] == [("注册日期", True)]
