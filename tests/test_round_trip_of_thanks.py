"""The real files of 工时账, 星级 and 兑换 come back: unedited they change nothing, edited they are refused where it shows."""

from datetime import timedelta

import openpyxl
import pytest
from walks_openings import opening

from models import clock
from models.hours import Entry
from models.openings import Opening
from models.refusals import Refusal
from models.rewards import Redemption, RewardItem
from models.stars import Earlier, StarGrant, claim
from views.ledgers import out
from views.ledgers.take_in import preview


def edited(path, header: str, value) -> None:
    """Put the value under the header in the first row of the exported workbook."""
    book = openpyxl.load_workbook(path)
    for cells in book.worksheets[0].iter_rows():
        for cell in cells:
            if cell.value == header:
                book.worksheets[0].cell(cell.row + 1, cell.column).value = value
                return book.save(path)
    raise AssertionError(f"the ledger has no column {header}")


def wrong(seen) -> list[tuple[str, str]]:
    return [(found.column, found.says) for found in seen.findings if not found.warning]


def a_star(cast):
    today = clock.today()
    said = Earlier(cast.registered().id, 1, 7200, today - timedelta(days=9), "五华区文明办", "1234567", "第 3 页")
    claim([said], cast.recorder)


def a_slip(cast):
    person = cast.registered()
    cast.posted(person, minutes=240)
    item = RewardItem.enter(cast.head, name="理发", points=2, stock=3)
    Redemption.reserve(person.id, item.id, 1, cast.recorder, "k1")


@pytest.mark.parametrize(
    ("ledger", "made", "header", "value"),
    [("stars", a_star, "认定人", "别的单位"), ("rewards", a_slip, "数量", 2)],
)
def test_a_ledger_unedited_is_the_same_and_edited_is_refused_at_its_cell(cast, tmp_path, ledger, made, header, value):
    made(cast)
    path = tmp_path / "台账.xlsx"
    out.write(ledger, path, cast.head)
    before = StarGrant.select().count(), Redemption.select().count()
    seen = preview(ledger, path, cast.head)
    assert (wrong(seen), seen.counts["same"], seen.counts["new"]) == ([], 1, 0)
    edited(path, header, value)
    ((column, says),) = wrong(preview(ledger, path, cast.head))
    assert column == header and "不能由表格修改" in says
    assert before == (StarGrant.select().count(), Redemption.select().count())


def test_the_account_itself_is_no_opening_list(cast, tmp_path):
    row = opening(cast)
    Opening.move(row.id, "submit", cast.recorder)
    Opening.move(row.id, "post", cast.head)
    path = tmp_path / "工时账.xlsx"
    out.write("hours", path, cast.head)
    entries = Entry.select().count()
    try:
        seen = preview("hours", path, cast.recorder)
    except Refusal as no:
        assert "表头" in str(no) or "列" in str(no)
    else:
        assert wrong(seen) and not seen.counts["new"]
    assert Entry.select().count() == entries > 0
