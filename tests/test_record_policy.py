"""What a place asks of its records beyond the plan: their sheet, their month, a child's company, and a look now and then."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import books
import pytest
from turns import moved, occasion, rostered

from models import clock, photos
from models.keying import Draft, LinesRefused, key_in, key_sheet
from models.matching import Ground
from models.notices import Notice
from models.policy import PolicyVersion
from models.records import ServiceRecord, move_all
from models.refusals import Refusal
from models.spot_checks import SpotCheck, unaudited
from models.stations import Station
from rules.findings import errors, held_back
from rules.months import months_before
from rules.notices import check_cycle, publishable_from
from rules.policy import PolicyBook, typed
from rules.records import Line, check_line, check_photo
from rules.rostering import UNBORN, unaccompanied
from rules.topics import PolicyError, RecordFormat
from rules.working_days import WorkingCalendar
from views.ledgers.take_in import preview, take
from views.waiting import condition

BOOK = PolicyBook.of()
DAY = date(2026, 3, 5)
NINE = datetime(2026, 3, 5, 9)
SHEET = (
    "按现行政策，满 4 小时的服务须有签到表才能提交：请在「活动」里打开这次活动，点「录入签到表」，带入这条记录，"
    "对照纸质签到表保存后再提交。"
)


def lay_down(topic: str, division: str = "530102", **values) -> PolicyVersion:
    return PolicyVersion.create(topic=topic, division=division, since=date(2020, 1, 1), source="区文件", values=values)


def findings(minutes: int, *, sheet: bool = False, remark: str = "", **form):
    rule = replace(BOOK.on("record_format", "53", DAY).rule, **form)
    line = Line(NINE, NINE + timedelta(minutes=minutes), content="值守", quality="1", sheet=sheet, remark=remark)
    return check_line(
        line, counting=BOOK.on("counting", "53", DAY).rule, record_format=rule, calendar=WorkingCalendar(),
        now=datetime(2026, 3, 6, 9),
    )  # fmt: skip


# --- remark ---


@pytest.mark.parametrize(("longest", "typed", "fine"), [(200, 200, True), (200, 201, False), (5, 5, True), (5, 6, False)])
def test_how_long_a_remark_may_be_is_policy(longest, typed, fine):
    found = findings(60, remark="长" * typed, remark_max=longest)
    assert [f.says for f in found] == ([] if fine else [f"备注最多 {longest} 个字，现在是 {typed} 个字。"])
    assert [f.where for f in found] == ([] if fine else ["remark"])


# --- the sheet ---


@pytest.mark.parametrize(
    ("minutes", "sheet", "least", "asked"),
    [(240, False, 240, True), (239, False, 240, False), (240, True, 240, False), (1, False, 0, True)],
)
def test_a_sheet_is_asked_for_from_so_many_minutes_on(minutes, sheet, least, asked):
    found = findings(minutes, sheet=sheet, evidence=("sheet",), evidence_from_minutes=least)
    assert bool(found) == asked
    assert errors(found) == []  # a draft may be without
    assert [f.where for f in held_back(found)] == (["sheet"] if asked else [])


def test_a_draft_may_be_without_its_sheet_and_its_submission_says_what_to_do(cast_on_either):
    cast = cast_on_either
    lay_down("record_format", evidence=["sheet"], evidence_from_minutes=240)
    activity = cast.activity()
    long, short = key_in(
        [cast.draft(cast.registered(n), activity, "09:00", end) for n, end in (("李明", "13:00"), ("王芳", "12:59"))],
        cast.recorder,
    )
    with pytest.raises(Refusal) as no:
        move_all([long.id, short.id], "submit", cast.recorder)
    assert str(no.value).endswith(SHEET) and str(no.value).startswith("李明 ")
    assert {r.state for r in ServiceRecord.select()} == {"draft"}
    assert move_all([short.id], "submit", cast.recorder) == 1
    key_sheet(activity.id, [Draft.of(long)], cast.recorder)  # brought into a sheet, it is on its way
    assert ServiceRecord.get_by_id(long.id).sheet_id is not None
    assert move_all([long.id], "submit", cast.recorder) == 1


def test_the_grid_is_the_sheet_and_takes_in_what_came_without_one(cast, desk):
    lay_down("record_format", evidence=["sheet"], evidence_from_minutes=0)
    person, activity = cast.registered("李明"), cast.activity()
    (row,) = key_in([cast.draft(person, activity)], cast.recorder)
    window = desk.signed_in_as(cast.recorder)
    assert window.get(f"/admin/sheets/key/?activity={activity.id}").says("带入没有签到表的记录")
    assert window.get(f"/admin/sheets/key/?activity={activity.id}&loose=1").says(f'name="id" value="{row.id}"')
    typed = {"who": ["李明"], "volunteer": [person.id], "start": ["09:00"], "end": ["11:00"], "travel": [""],
             "content": ["陪伴老人"], "quality": ["1"], "remark": [""], "id": [row.id]}  # fmt: skip
    checked = window.post("/admin/sheets/check/", activity=activity.id, **typed).json()
    assert checked[0]["notes"] == []
    window.post("/admin/sheets/key/", activity=activity.id, submit="1", **typed)
    assert window.says("已保存 1 条并提交审核")
    row = ServiceRecord.get()
    assert row.state == "submitted" and row.sheet_id
    assert not window.get(f"/admin/sheets/key/?activity={activity.id}").says("带入没有签到表的记录")


def test_an_import_says_it_at_its_row_and_column_and_takes_the_line_as_a_draft(cast):
    lay_down("record_format", evidence=["sheet"], evidence_from_minutes=240)
    cast.registered("李明")
    activity = cast.activity(name="夜间值守")
    table = books.xlsx([
        ["姓名", "活动名称", "服务日期", "开始时间", "结束时间", "服务内容", "服务质量"],
        ["李明", "夜间值守", activity.day.isoformat(), "9:00", "13:00", "值守", "优"],
    ])  # fmt: skip
    seen = preview("records", table, cast.recorder, name="记录.xlsx")
    (found,) = [f for f in seen.findings if "签到表" in f.says]
    assert (found.row, found.column, found.says, found.warning) == (2, "结束时间", SHEET, True)
    assert take(seen, cast.recorder).new == 1
    with pytest.raises(Refusal, match="须有签到表才能提交"):
        ServiceRecord.move(ServiceRecord.get().id, "submit", cast.recorder)


# --- a photograph of the sheet ---

JPEG = b"\xff\xd8\xff\xe0 a photograph"
PHOTO = "按现行政策，服务记录审核前须有签字的签到表照片：请在「签到表」里打开这张表，在「签到表照片」里上传。"
NO_SHEET = "按现行政策，服务记录审核前须有签字的签到表照片，这条记录还没有签到表：请退回，录入签到表并上传照片。"
LONG = "按现行政策，满 4 小时的服务审核前须有签字的签到表照片：请在「签到表」里打开这张表，在「签到表照片」里上传。"


@pytest.mark.parametrize(
    ("asked", "least", "missing", "minutes", "sheet", "photo", "says", "refuses"),
    [
        ((), 0, "refuse", 120, True, False, "", False),  # nothing is asked
        (("sheet",), 0, "refuse", 120, True, False, "", False),  # the sheet alone
        (("photo",), 0, "warn", 120, True, False, PHOTO, False),
        (("photo",), 0, "refuse", 120, True, False, PHOTO, True),
        (("photo",), 0, "refuse", 120, False, False, NO_SHEET, True),
        (("photo",), 0, "refuse", 120, True, True, "", False),
        (("sheet", "photo"), 240, "refuse", 239, True, False, "", False),
        (("sheet", "photo"), 240, "refuse", 240, True, False, LONG, True),
        (("sheet", "photo"), 240, "warn", 240, True, False, LONG, False),
    ],
)
def test_a_photograph_is_asked_for_before_approval_as_policy_says(asked, least, missing, minutes, sheet, photo, says, refuses):
    form = {"evidence": asked, "evidence_from_minutes": least, "photo_missing": missing}
    rule = replace(BOOK.on("record_format", "53", DAY).rule, **form)
    counting = BOOK.on("counting", "53", DAY).rule
    line = Line(NINE, NINE + timedelta(minutes=minutes), content="值守", quality="1", sheet=sheet, photo=photo)
    found = check_photo(line, counting=counting, record_format=rule)
    assert [f.says for f in found] == ([says] if says else []) and bool(errors(found)) == refuses
    assert [f.where for f in found] == (["sheet"] if says else [])
    others = findings(minutes, sheet=True, **form)
    assert others == []  # while it is keyed nobody is told: the sheet is photographed when it is full


@pytest.mark.parametrize("wrong", [{"photo_missing": "never"}, {"evidence": ["foto"]}])
def test_the_shipped_policy_asks_for_no_photograph_and_a_misspelt_way_is_refused(wrong):
    rule = BOOK.on("record_format", "53", DAY).rule
    assert rule.evidence == () and rule.photo_missing == "warn"
    with pytest.raises(PolicyError, match="只能是"):
        typed(RecordFormat, wrong, "record_format")


def on_a_sheet(cast, *names: str):
    """Records keyed from one sheet of two hours each, and submitted."""
    activity = cast.activity()
    paper, rows = key_sheet(activity.id, [cast.draft(cast.registered(n), activity) for n in names], cast.recorder)
    move_all([row.id for row in rows], "submit", cast.recorder)
    return paper, [ServiceRecord.get_by_id(row.id) for row in rows]


def test_without_the_photograph_no_head_approves_and_with_it_she_does(cast_on_either):
    cast = cast_on_either
    lay_down("record_format", evidence=["photo"], photo_missing="refuse")
    paper, rows = on_a_sheet(cast, "李明", "王芳")
    keys = [row.id for row in rows]
    approve = ServiceRecord.life.move("approve")
    ripe = ServiceRecord.select().where(condition(ServiceRecord, approve, "submitted", cast.head))
    assert not ripe.exists()
    assert ServiceRecord.select().where(ServiceRecord.without_photo(cast.recorder)).count() == 2
    with pytest.raises(Refusal) as no:
        move_all(keys, "approve", cast.head)
    assert str(no.value).endswith(PHOTO) and str(no.value).startswith("李明 ")
    with pytest.raises(Refusal, match="签到表照片"):
        ServiceRecord.move(keys[0], "approve", cast.head)
    assert {row.state for row in ServiceRecord.select()} == {"submitted"}
    photo = photos.attach(paper.id, JPEG, (4, 3), "签到表.jpg", cast.recorder)
    assert ripe.clone().count() == 2 and move_all(keys[:1], "approve", cast.head) == 1
    photos.take_down(photo.id, "拍错了另一张表", cast.recorder)
    with pytest.raises(Refusal, match="签到表照片"):
        move_all(keys[1:], "approve", cast.head)
    assert ServiceRecord.get_by_id(keys[0]).state == "approved"  # what was decided stays


def test_as_a_warning_it_is_said_and_refuses_nothing(cast, desk):
    lay_down("record_format", evidence=["photo"])
    paper, (row,) = on_a_sheet(cast, "李明")
    recorder = desk.signed_in_as(cast.recorder)
    assert recorder.get("/admin/").says("缺签到表照片")
    assert recorder.get(f"/admin/sheets/key/?sheet={paper.id}").says("按现行政策审核前须有")
    head = desk.signed_in_as(cast.head)
    assert head.get("/admin/records/?waiting=approve&state=submitted").says(PHOTO)
    assert head.get(f"/admin/records/details/?id={row.id}").says(PHOTO)
    assert move_all([row.id], "approve", cast.head) == 1
    assert not recorder.get("/admin/").says("缺签到表照片")


def test_where_nothing_is_asked_nothing_is_said_and_no_statement_is_spent(cast, desk):
    paper, (row,) = on_a_sheet(cast, "李明")
    assert not desk.signed_in_as(cast.recorder).get(f"/admin/sheets/key/?sheet={paper.id}").says("审核前须有")
    assert not desk.signed_in_as(cast.head).get(f"/admin/records/details/?id={row.id}").says("签到表照片：")
    assert ServiceRecord.photos_lacking([row]) == {} and move_all([row.id], "approve", cast.head) == 1


def test_another_stations_policy_is_not_this_ones(cast):
    lay_down("record_format", division="530103", evidence=["photo"], photo_missing="refuse")
    _, (row,) = on_a_sheet(cast, "李明")
    assert move_all([row.id], "approve", cast.head) == 1


# --- the month ---


@pytest.mark.parametrize(
    ("served", "cycle", "first"),
    [
        ("2026-03-01", "month", "2026-04-01"), ("2026-03-31", "month", "2026-04-01"),
        ("2026-12-31", "month", "2027-01-01"), ("2026-03-31", "any", "2026-03-31"),
    ],
)  # fmt: skip
def test_a_record_may_hang_out_at_once_or_from_the_first_of_the_next_month(served, cycle, first):
    rule = replace(BOOK.on("publicity", "53", DAY).rule, record_cycle=cycle)
    served, first = date.fromisoformat(served), date.fromisoformat(first)
    assert publishable_from(served, rule) == first
    assert check_cycle(served, first, rule) == []
    if cycle == "month":
        (found,) = check_cycle(served, first - timedelta(days=1), rule)
        said = f"本地按月公示，{served.month} 月的记录从 {first.month} 月 1 日起一并公示。"
        assert found.says == said


def approved(cast, day: date, name: str) -> ServiceRecord:
    (row,) = key_in([cast.draft(cast.registered(name), cast.activity(day))], cast.recorder)
    for move, by in (("submit", cast.recorder), ("approve", cast.head)):
        move_all([row.id], move, by)
    return ServiceRecord.get_by_id(row.id)


@pytest.fixture
def mid_month(cast_on_either, monkeypatch):
    """The cast on the tenth of a month, at a place that publishes month by month."""
    lay_down("publicity", record_cycle="month")
    tenth = datetime.combine(clock.today().replace(day=10), datetime.min.time()) + timedelta(hours=20)
    monkeypatch.setattr(clock, "now", lambda: tenth)
    return cast_on_either


def test_what_is_of_this_month_waits_for_its_end(mid_month, monkeypatch):
    cast, today = mid_month, clock.today()
    old = approved(cast, today.replace(day=1) - timedelta(days=1), "李明")
    new = approved(cast, today - timedelta(days=1), "王芳")
    move = ServiceRecord.life.move("notice")
    waiting = ServiceRecord.select().where(condition(ServiceRecord, move, "approved", cast.head))
    assert [row.id for row in waiting] == [old.id]
    with pytest.raises(Refusal, match=r"王芳.*本地按月公示，.*一并公示"):
        move_all([old.id, new.id], "notice", cast.head)
    with pytest.raises(Refusal, match="本地按月公示"):
        ServiceRecord.move(new.id, "notice", cast.head)
    assert Notice.select().count() == 0  # whole or not at all
    assert move_all([old.id], "notice", cast.head) == 1
    later = clock.now() + timedelta(days=25)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert [row.id for row in waiting.clone().where(ServiceRecord.state == "approved")] == []
    again = ServiceRecord.select().where(condition(ServiceRecord, move, "approved", cast.head))
    assert [row.id for row in again] == [new.id]
    assert move_all([new.id], "notice", cast.head) == 1


def test_publishing_all_takes_those_that_are_due_and_says_how_many_wait(cast, desk, monkeypatch):
    lay_down("publicity", record_cycle="month")
    tenth = datetime.combine(clock.today().replace(day=10), datetime.min.time()) + timedelta(hours=20)
    monkeypatch.setattr(clock, "now", lambda: tenth)
    old = approved(cast, tenth.date().replace(day=1) - timedelta(days=1), "李明")
    approved(cast, tenth.date() - timedelta(days=1), "王芳")
    page = desk.signed_in_as(cast.head).get("/admin/records/")
    assert page.says("全部公示（1）") and page.says("还有 1 条等到月末")
    page.post("/admin/records/all/", move="notice")
    assert page.says("已公示 1 条。还有 1 条等到月末")
    assert ServiceRecord.get_by_id(old.id).state == "noticed"
    assert not desk.signed_in_as(cast.recorder).get("/admin/records/").says("等到月末")


# --- a child's company ---


@pytest.mark.parametrize(("age", "below", "asked"), [(13, 14, True), (14, 14, False), (13, 0, False), (15, 16, True)])
def test_below_an_age_of_policy_a_guardian_comes_along(age, below, asked):
    found = unaccompanied(DAY.replace(year=DAY.year - age), DAY, below, "签到时")
    assert [(o.where, o.warning) for o in found] == ([("companion", True)] if asked else [])
    if asked:
        assert found[0].finding().says == f"活动当天 {age} 周岁，未满 {below} 周岁须监护人陪同；签到时写明陪同的监护人。"


def a_child(cast, years: int = 12):
    birth = clock.today().replace(day=1) - timedelta(days=years * 366)
    return cast.registered(
        "小李", birth=birth, guardian_name="李母", guardian_phone="13900000000",
        consent_on=clock.today() - timedelta(days=30),
    )  # fmt: skip


def test_a_child_is_rostered_with_a_word_and_signed_in_with_her_guardian(cast):
    child, activity = a_child(cast), occasion(cast)
    (turn,) = rostered(cast, activity, child)
    ground = Ground.of(activity, None, turn.starts_at, turn.ends_at)
    assert ground.ages.accompanied_below == 14
    with pytest.raises(Refusal, match="未满 14 周岁须监护人陪同；签到时写明陪同的监护人"):
        moved(turn, "sign_in", "09:00", cast.recorder)
    row = moved(turn, "sign_in", "09:00", cast.recorder, companion="李母")
    assert (row.state, row.companion) == ("present", "李母")


def test_an_adult_is_signed_in_alone(cast):
    (turn,) = rostered(cast, occasion(cast), cast.registered("李明"))
    assert moved(turn, "sign_in", "09:00", cast.recorder).companion == ""


def test_a_childs_line_on_paper_is_taken_with_a_word_where_nobody_is_named(cast):
    from models.keying import judge

    child, activity = a_child(cast), cast.activity()
    line = cast.draft(child, activity)
    (found,) = judge([line], cast.recorder, cast.a)
    assert [(f.where, f.warning) for f in found] == [("remark", True)]
    assert "备注里写明陪同的监护人" in found[0].says
    (found,) = judge([replace(line, remark="李母陪同")], cast.recorder, cast.a)
    assert found == []
    assert key_in([line], cast.recorder)


def test_a_line_of_before_somebody_was_born_is_refused_whatever_is_remarked(cast):
    from models.keying import judge

    child, activity = a_child(cast), cast.activity()
    day = child.birth_date - timedelta(days=1)
    nine = datetime.combine(day, NINE.time())
    line = replace(cast.draft(child, activity), started_at=nine, ended_at=nine + timedelta(hours=2))
    for remark in ("", "李母陪同"):
        (found,) = judge([replace(line, remark=remark)], cast.recorder, cast.a)
        assert ("started_at", "活动日期早于这位志愿者的出生日期；核对这两个日期。", False) in [
            (f.where, f.says, f.warning) for f in found
        ]
    assert unaccompanied(child.birth_date, day, 14, "签到时") == [UNBORN]


# --- spot checks now and then ---


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [("2026-03-31", 1, "2026-02-28"), ("2024-03-31", 1, "2024-02-29"), ("2026-01-15", 3, "2025-10-15"),
     ("2026-03-05", 12, "2025-03-05")],
)  # fmt: skip
def test_so_many_months_earlier(day, months, before):
    assert months_before(date.fromisoformat(day), months) == date.fromisoformat(before)


def unseen(by) -> set[int]:
    return {row.id for row in Station.select().where(unaudited(by))}


def test_stations_that_nobody_looked_into_for_months_are_listed_for_the_county(cast_on_either):
    cast = cast_on_either
    assert unseen(cast.county) == set()  # nothing is asked
    lay_down("handling", audit_months=3)
    assert cast.a.id in unseen(cast.county)
    cast.posted(cast.registered("李明"), minutes=60)
    today = clock.today()
    said = {"title": "季度抽查", "size": 3, "starts_on": today - timedelta(days=200), "ends_on": today}
    check = SpotCheck.enter(cast.county, **said)
    assert cast.a.id in unseen(cast.county)  # planned is not drawn
    SpotCheck.move(check.id, "draw", cast.county)
    assert cast.a.id not in unseen(cast.county)
    SpotCheck.update(drawn_at=clock.now() - timedelta(days=100)).execute()
    assert cast.a.id in unseen(cast.county)
    Station.update(opened_on=today - timedelta(days=20)).where(Station.id == cast.a.id).execute()
    assert cast.a.id not in unseen(cast.county)


def test_the_list_stands_on_the_progress_screen_and_in_the_supervisors_inbox(cast, desk):
    lay_down("handling", audit_months=3)
    county = desk.signed_in_as(cast.county)
    assert county.get("/admin/progress/?list=unaudited").says("文林社区")
    assert county.get("/admin/").says("久未抽查")
    assert not desk.signed_in_as(cast.head).get("/admin/").says("久未抽查")


def test_whoever_keys_a_remark_that_is_too_long_hears_it_in_her_line(cast):
    lay_down("record_format", remark_max=10)
    line = replace(cast.draft(cast.registered(), cast.activity()), remark="长" * 11)
    with pytest.raises(LinesRefused, match="第 1 行：备注最多 10 个字，现在是 11 个字。"):
        key_in([line], cast.recorder)
