"""Every importer, sent good workbooks gone wrong: cells of anything, rows and columns turned round, bytes changed.

Whatever comes, the import takes the whole table or none of it, never answers with anything but a refusal, says of each
row what is wrong in Chinese and where, and taking the same table again changes nothing.
"""

import re
from datetime import date, timedelta
from itertools import count

import bad_books
import books
import kinds_in
import pytest
from fuzz import NASTY, examples, texts
from hypothesis import given
from hypothesis import strategies as st

from models import division_list
from models.base import database
from models.policy_drafts import PolicyDraft
from models.records import ServiceRecord
from models.refusals import Refusal
from models.stations import Division
from models.volunteers import Volunteer
from rules import policy_files
from rules.policy import shipped
from rules.topics import PolicyError
from views import division_file
from views.ledgers import sheets
from views.ledgers.incoming import RowsRefused
from views.ledgers.take_in import preview, take

CHINESE = re.compile(r"[一-鿿]")
cells = st.one_of(
    texts, st.integers(-(10**9), 10**9), st.floats(allow_nan=False, allow_infinity=False), st.booleans(),
    st.dates(date(1905, 1, 1), date(2098, 1, 1)), st.none(),
)  # fmt: skip
changes = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9), cells), max_size=4)
orders = st.randoms(use_true_random=False)
_days = count(1)


def _changed(rows: list[list], change: list[tuple], order) -> list[list]:
    """A few cells put to something else; rows and columns in another order."""
    rows = [list(row) for row in rows]
    for row, column, cell in change:
        rows[row % len(rows)][column % len(rows[0])] = cell
    head, *rest = rows
    order.shuffle(rest)
    places = list(range(len(head)))
    order.shuffle(places)
    return [[row[at] for at in places] for row in [head, *rest]]


def _take_twice(cast, kind: str, rows: list[list], model: type) -> None:
    """Whole or not at all, and twice is once; undone at the end so that the next example finds the same."""
    with database.atomic() as undone:
        before = model.select().count()
        try:
            seen = preview(kind, rows, cast.recorder)
            for found in seen.findings:
                assert CHINESE.search(found.says) and found.row > 1, found
            taken = take(seen, cast.recorder)
            assert model.select().count() == before + taken.new
            again = take(preview(kind, rows, cast.recorder), cast.recorder)
            assert (again.new, again.changed) == (0, 0)
        except RowsRefused as no:
            assert model.select().count() == before
            assert all(re.match(r"第 \d+ 行", f.says) and CHINESE.search(f.says) for f in no.findings)
        except Refusal as no:
            assert model.select().count() == before and CHINESE.search(str(no))
        undone.rollback()


def test_a_table_of_volunteers_with_anything_in_it(cast):
    @examples(25)
    @given(changes, orders)
    def runs(change, order):
        rows = [[*bad_books.HEAD, "性别", "出生日期", "服务技能", "可服务时间", "地址"],
                *([*one, "", "", "理发", "周六全天", "文林街"] for one in bad_books.people(3))]  # fmt: skip
        _take_twice(cast, "volunteers", _changed(rows, change, order), Volunteer)

    runs()


def test_a_table_of_records_with_anything_in_it(cast):
    people, activity = [cast.registered(f"人{name}") for name in "甲乙丙"], cast.activity()
    head = ["志愿者编号", "姓名", "活动名称", "服务日期", "开始时间", "结束时间", "往返交通", "服务内容", "服务质量", "备注"]
    good = [[one.card_no, one.name, activity.name, activity.day, "8:30", "11:00", "20", "陪伴", "优", ""] for one in people]

    @examples(25)
    @given(changes, orders)
    def runs(change, order):
        _take_twice(cast, "records", _changed([head, *good], change, order), ServiceRecord)

    runs()


@pytest.mark.parametrize("kind", kinds_in.MODELS)
def test_a_table_of_drafts_with_anything_in_it(cast, kind):
    cast.project()
    good = kinds_in.sheet(*(kinds_in.good(kind, n) for n in (1, 2, 3)))

    @examples(10)
    @given(changes, orders)
    def runs(change, order):
        _take_twice(cast, kind, _changed(good, change, order), kinds_in.MODELS[kind])

    runs()


def test_a_list_of_divisions_with_anything_in_it(cast):
    @examples(25)
    @given(changes, orders)
    def runs(change, order):
        rows = _changed([["code", "name"], ["530102021", "甲街道"], ["530102021001", "乙社区"]], change, order)
        data = books.text([["" if cell is None else str(cell).encode("utf-8", "ignore").decode() for cell in row] for row in rows])
        with database.atomic() as undone:
            before = Division.select().count()
            try:
                lines = division_file.read("名单.csv", data)
                taken = division_list.take_in(lines, cast.admin)
                assert all(CHINESE.search(says) and number for number, says in taken.refused)
                assert Division.select().count() == before + (0 if taken.refused else taken.new)
                if not taken.refused:
                    again = division_list.take_in(lines, cast.admin)
                    assert (again.new, again.renamed, again.refused) == (0, [], [])
            except Refusal as no:
                assert CHINESE.search(str(no)) and Division.select().count() == before
            undone.rollback()

    runs()


def test_a_policy_file_with_anything_in_it(cast):
    @examples(25)
    @given(st.sampled_from(shipped()), st.one_of(texts, st.sampled_from(NASTY)), st.integers(0, 3_000), st.integers(0, 20))
    def runs(one, noise, at, gone):
        whole = policy_files.written(one)
        at %= len(whole)
        text = (whole[:at] + noise + whole[at + gone :]).encode("utf-8", "ignore")
        with database.atomic() as undone:
            before = PolicyDraft.select().count()
            try:
                said = policy_files.read(text)
                PolicyDraft.enter(cast.county, topic=said.topic, since=said.since, source=said.source,
                                  values=said.values, bounds=said.bounds)  # fmt: skip
            except (PolicyError, Refusal) as no:
                assert CHINESE.search(str(no)) and PolicyDraft.select().count() == before
            undone.rollback()

    runs()


_WHOLE = {
    "a.xlsx": books.xlsx([bad_books.HEAD, *bad_books.people(2)]), "b.xlsx": bad_books.written(bad_books.HEAD, *bad_books.people(2)),
    "a.xls": books.xls([bad_books.HEAD, *bad_books.people(2)]), "a.ods": books.ods([bad_books.HEAD, *bad_books.people(2)]),
    "a.csv": books.text([bad_books.HEAD, *bad_books.people(2)]),
}  # fmt: skip


@pytest.mark.parametrize("name", _WHOLE)
def test_a_file_with_bytes_changed_is_read_or_refused(name):
    whole = _WHOLE[name]

    @examples(8)
    @given(st.lists(st.tuples(st.integers(0, len(whole) - 1), st.binary(min_size=1, max_size=8)), min_size=1, max_size=4))
    def runs(damage):
        data = bytearray(whole)
        for at, noise in damage:
            data[at : at + len(noise)] = noise
        try:
            assert all(number > 0 for sheet in sheets.read(bytes(data), name) for number, _ in sheet.rows)
        except Refusal as no:
            assert CHINESE.search(str(no))

    runs()


def test_an_exported_register_comes_back_as_the_same_with_names_beyond_the_bmp(cast, tmp_path):
    from views.ledgers import out

    row = cast.registered("𠮷𡈽·买买提", document_number="530102199003071094", birth=date(1990, 3, 7))
    cast.registered("邊\U000e0100明", birth=date(1990, 3, 7) + timedelta(days=1))
    out.write("volunteers", tmp_path / "名册.xlsx", cast.recorder)
    (sheet,) = sheets.read(tmp_path / "名册.xlsx")
    assert row.name in [cell for _, cells in sheet.rows for cell in cells]
