"""Out, edited in a spreadsheet, and in again: just what was edited changes."""

from datetime import date

import openpyxl
import pytest

from models.audit import Trail
from models.base import database
from models.records import ServiceRecord, move_all
from models.volunteers import Volunteer
from rules.identity import mask, mask_address, mask_phone
from views.ledgers import out, take_in
from views.ledgers.incoming import RowsRefused
from views.ledgers.marked import looks_masked
from views.ledgers.marks import MARK_HEADER, mark_of
from views.ledgers.take_in import preview, take, take_file

DAY = date(2026, 3, 5)
SPECIALITY = Volunteer.label("speciality")
SHEET = ["姓名", "活动名称", "服务日期", "开始时间", "结束时间", "服务内容", "服务质量"]


class Book:
    """An exported ledger in a spreadsheet program."""

    def __init__(self, name, path, by, rows) -> None:
        out.write(name, path, by)
        self.path, self.book = path, openpyxl.load_workbook(path)
        self.sheet = self.book.active
        self.head = next(r for r in range(1, 10) if "姓名" in [c.value for c in self.sheet[r]])
        heads = [c.value for c in self.sheet[self.head]]
        if MARK_HEADER not in heads:
            self.sheet.cell(self.head, len(heads) + 1).value = MARK_HEADER
            for n, row in enumerate(rows, self.head + 1):
                self.sheet.cell(n, len(heads) + 1).value = mark_of(row)
        self.places = {c.value: c.column for c in self.sheet[self.head] if c.value}

    def cell(self, n: int, header: str):
        """Row ``n`` of the data, from 1."""
        return self.sheet.cell(self.head + n, self.places[header])

    def saved(self):
        self.book.save(self.path)
        return self.path


def stored(*tables) -> dict:
    """Every raw row of these tables."""
    return {t.__name__: {row[0]: row for row in database.execute(t.select().order_by(t.id))} for t in tables}


@pytest.fixture
def people(cast):
    return [cast.registered(name, speciality="二胡") for name in ("李明", "王芳", "陶思源")]


@pytest.fixture
def records(cast, people):
    cast.activity(DAY, name="上门陪伴")
    rows = [[p.name, "上门陪伴", DAY, "8:30", "11:00", "陪伴", "优"] for p in people]
    take_file("records", [SHEET, *rows], cast.recorder)
    return list(ServiceRecord.select().order_by(ServiceRecord.id))


def test_one_edited_cell_of_the_volunteers_changes_that_one_alone(cast_on_either, tmp_path):
    cast = cast_on_either
    people = [cast.registered(name, speciality="二胡") for name in ("李明", "王芳", "陶思源")]
    book = Book("volunteers", tmp_path / "v.xlsx", cast.head, people)
    book.cell(2, SPECIALITY).value = "书法"
    before = stored(Volunteer, Trail)
    seen = preview("volunteers", book.saved(), cast.recorder)
    assert [line.status for line in seen.lines] == ["same", "changed", "same"], seen.findings
    assert take(seen, cast.recorder).changed == 1
    after = stored(Volunteer, Trail)
    names = [f.name for f in Volunteer._meta.sorted_fields]
    for person in people:
        was, now = before["Volunteer"][person.id], after["Volunteer"][person.id]
        differ = {n for n, a, b in zip(names, was, now, strict=True) if a != b}
        assert differ == ({"speciality", "amended_by", "revision"} if person == people[1] else set())
    assert all(after["Trail"][key] == row for key, row in before["Trail"].items())
    new = [Trail.get_by_id(key) for key in after["Trail"].keys() - before["Trail"].keys()]
    assert sorted((t.table, t.action) for t in new) == [("volunteer", "amend"), ("volunteers", "import")]


def test_one_edited_cell_of_the_records_changes_that_one_alone(cast, records, tmp_path):
    book = Book("records", tmp_path / "r.xlsx", cast.head, records)
    book.cell(3, "服务内容").value = "理发"
    before = stored(ServiceRecord, Volunteer, Trail)
    assert take_file("records", book.saved(), cast.recorder).changed == 1
    after = stored(ServiceRecord, Volunteer, Trail)
    names = [f.name for f in ServiceRecord._meta.sorted_fields]
    for row in records:
        pairs = zip(names, before["ServiceRecord"][row.id], after["ServiceRecord"][row.id], strict=True)
        differ = {n for n, a, b in pairs if a != b}
        assert differ == ({"content", "amended_by", "revision"} if row == records[2] else set())
    assert before["Volunteer"] == after["Volunteer"]
    assert len(after["Trail"]) == len(before["Trail"]) + 2
    assert take_file("records", book.path, cast.recorder).same == 3  # the same file twice, its marks of before


def test_a_marked_record_may_have_its_times_put_right(cast, records, tmp_path):
    book = Book("records", tmp_path / "r.xlsx", cast.head, records)
    book.cell(1, "开始时间").value = "9:00"
    assert take_file("records", book.saved(), cast.recorder).changed == 1
    row = ServiceRecord.get_by_id(records[0].id)
    assert (f"{row.started_at:%H:%M}", row.minutes) == ("09:00", 120) and ServiceRecord.select().count() == 3


@pytest.mark.parametrize("part", [1, 2, 3, 50])
def test_a_line_in_the_time_that_another_line_moves_a_record_from_is_taken(
    cast, records, tmp_path, monkeypatch, part
):
    monkeypatch.setattr(take_in, "PART", part)  # lines judged at once: the two are judged together and apart
    book = Book("records", tmp_path / "r.xlsx", cast.head, records)
    new = [book.cell(1, header).value for header in book.places]
    book.cell(1, "开始时间").value, book.cell(1, "结束时间").value = "14:00", "16:00"
    for (header, place), value in zip(book.places.items(), new, strict=True):
        book.sheet.cell(book.head + 4, place).value = None if header == MARK_HEADER else value
    seen = preview("records", book.saved(), cast.recorder)
    assert seen.counts == {"new": 1, "changed": 1, "same": 2, "refused": 0}, seen.findings
    took = take(seen, cast.recorder)
    assert (took.new, took.changed, took.same) == (1, 1, 2)
    starts = ServiceRecord.select().where(ServiceRecord.volunteer == records[0].volunteer).order_by(ServiceRecord.id)
    assert [f"{row.started_at:%H:%M}" for row in starts] == ["14:00", "08:30"]


@pytest.mark.parametrize("part", [1, 2, 3, 50])
def test_a_line_in_the_time_that_another_line_moves_a_record_to_is_refused(
    cast, records, tmp_path, monkeypatch, part
):
    monkeypatch.setattr(take_in, "PART", part)
    book = Book("records", tmp_path / "r.xlsx", cast.head, records)
    new = {header: book.cell(1, header).value for header in book.places} | {MARK_HEADER: None}
    book.cell(1, "开始时间").value, book.cell(1, "结束时间").value = "14:00", "16:00"
    for header, value in (new | {"开始时间": "15:00", "结束时间": "17:00"}).items():
        book.sheet.cell(book.head + 4, book.places[header]).value = value
    seen = preview("records", book.saved(), cast.recorder)
    assert seen.counts == {"new": 0, "changed": 1, "same": 2, "refused": 1}, seen.findings
    assert "本表另一行" in "".join(map(str, seen.findings))
    before = stored(ServiceRecord)
    with pytest.raises(RowsRefused):
        take(seen, cast.recorder)
    assert stored(ServiceRecord) == before
    took = take(seen, cast.recorder, good_only=True)
    assert (took.new, took.changed, took.same, took.refused) == (0, 1, 2, 1)


@pytest.mark.parametrize("part", [1, 2, 50])
def test_a_line_that_stands_twice_is_refused_the_second_time_however_far_apart(cast, people, monkeypatch, part):
    monkeypatch.setattr(take_in, "PART", part)
    cast.activity(DAY, name="上门陪伴")
    rows = [[p.name, "上门陪伴", DAY, "8:30", "11:00", "陪伴", "优"] for p in [*people, people[0]]]
    seen = preview("records", [SHEET, *rows], cast.recorder)
    assert seen.counts == {"new": 3, "changed": 0, "same": 0, "refused": 1}
    assert take(seen, cast.recorder, good_only=True).new == 3 and ServiceRecord.select().count() == 3


def test_deleted_rows_change_nothing(cast, people, tmp_path):
    book = Book("volunteers", tmp_path / "v.xlsx", cast.head, people)
    book.sheet.delete_rows(book.head + 1, 2)
    before = stored(Volunteer, Trail)
    seen = preview("volunteers", book.saved(), cast.recorder)
    assert seen.counts == {"new": 0, "changed": 0, "same": 1, "refused": 0}
    take(seen, cast.recorder)
    assert stored(Volunteer)["Volunteer"] == before["Volunteer"] and Trail.select().count() == len(before["Trail"])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda book: book.cell(2, MARK_HEADER).__setattr__("value", book.cell(1, MARK_HEADER).value), "相同"),
        (lambda book: book.cell(2, MARK_HEADER).__setattr__("value", "volunteer.2.0.0123456789k"), "行标识不对"),
    ],
    ids=["copied", "dragged"],
)
def test_a_dragged_or_copied_mark_is_refused_and_nothing_is_taken(cast, people, tmp_path, change, says):
    book = Book("volunteers", tmp_path / "v.xlsx", cast.head, people)
    book.cell(1, SPECIALITY).value = "书法"
    change(book)
    seen = preview("volunteers", book.saved(), cast.recorder)
    assert any(says in found.says and found.column == MARK_HEADER for found in seen.findings)
    with pytest.raises(RowsRefused):
        take(seen, cast.recorder)
    assert not Volunteer.select().where(Volunteer.speciality == "书法").exists()


def test_a_strangers_mark_is_not_found(cast, people, tmp_path):
    other = cast.registered("段云", by=cast.recorder_b)
    book = Book("volunteers", tmp_path / "v.xlsx", cast.head, people)
    book.cell(1, MARK_HEADER).value = mark_of(other)
    seen = preview("volunteers", book.saved(), cast.recorder)
    assert any("没有找到这一行" in found.says for found in seen.lines[0].findings)
    assert seen.counts["refused"] == 1


def test_a_row_changed_since_is_refused_and_names_who(cast, people, tmp_path):
    book = Book("volunteers", tmp_path / "v.xlsx", cast.head, people)
    Volunteer.amend(people[0].id, cast.deputy, speciality="摄影")
    book.cell(1, SPECIALITY).value = "书法"
    seen = preview("volunteers", book.saved(), cast.recorder)
    assert [line.status for line in seen.lines] == ["refused", "same", "same"]
    assert any(cast.deputy.name in found.says and SPECIALITY in found.says for found in seen.findings)


def test_a_record_past_changing_and_one_of_another_person_are_refused(cast, records, tmp_path):
    book = Book("records", tmp_path / "r.xlsx", cast.head, records)
    book.cell(1, "服务内容").value = "理发"
    book.cell(2, "姓名").value = "陶思源"
    book.cell(2, "志愿者编号").value = None
    move_all([records[0].id], "submit", cast.recorder)
    seen = preview("records", book.saved(), cast.recorder)
    assert [line.status for line in seen.lines] == ["refused", "refused", "same"]
    assert any("另一个人" in found.says for found in seen.lines[1].findings)


def test_an_edited_masked_number_or_figure_is_said_and_never_taken(cast, people, tmp_path):
    book = Book("volunteers", tmp_path / "v.xlsx", cast.head, people)
    book.cell(1, "联系电话").value = "139****0000"
    book.cell(2, "状态").value = "已停用"
    book.cell(3, "证件号码").value = people[0].document_number
    seen = preview("volunteers", book.saved(), cast.recorder)
    assert [line.status for line in seen.lines] == ["refused", "same", "refused"]
    assert [found.column for found in seen.findings if found.warning] == ["状态"]
    assert any("证件号码却不同" in found.says for found in seen.lines[2].findings)


def test_a_full_number_is_read_though_it_has_the_mask_of_the_one_before_it(cast, people, tmp_path):
    book = Book("volunteers", tmp_path / "v.xlsx", cast.head, people)
    was = people[0].phone
    other = was[:3] + f"{(int(was[3:7]) + 1) % 10_000:04d}" + was[7:]
    assert mask_phone(other) == mask_phone(was) == book.cell(1, "联系电话").value and other != was
    book.cell(1, "联系电话").value = other
    assert [line.status for line in preview("volunteers", book.saved(), cast.recorder).lines] == [
        "changed",
        "same",
        "same",
    ]
    assert take_file("volunteers", book.path, cast.recorder).changed == 1
    assert Volunteer.get_by_id(people[0].id).phone == other


@pytest.mark.parametrize(
    "cell", ["138＊＊＊＊5678", "138 **** 5678", "*", "**", "五华区华山街道****", "0871-*****21"]
)
def test_stars_in_place_of_letters_look_masked(cell):
    assert looks_masked(cell)


@pytest.mark.parametrize("cell", ["每周 2*3 小时", "13812345678", "翠湖南路1*号", "", "＊注"])
def test_a_star_of_somebodys_own_does_not(cell):
    assert not looks_masked(cell)


def test_every_mask_looks_masked():
    for text in (
        "1",
        "12",
        "123",
        "1234567",
        "13812345678",
        "0871-65100021",
        "530102199003071094",
        "五华区华山街道1号",
    ):
        for masked in (mask(text), mask_phone(text), mask_address(text)):
            assert looks_masked(masked), (text, masked)
