"""判定依据: which version judged a record, a star, an exchange, on what, and that it comes out the same again."""

from datetime import date, datetime, timedelta

import pytest

from models import clock, decisions, policy
from models.base import database
from models.corrections import Correction
from models.hours import Entry
from models.keying import key_in
from models.policy import PolicyVersion
from models.records import ServiceRecord
from models.rewards import Redemption, RewardItem
from models.stars import StarGrant
from rules.decisions import checked_again, counted_again, exchanged_again, running, starred_again
from rules.policy import PolicyBook, load
from rules.records import Line
from rules.working_days import WorkingCalendar
from views.cells import policy_words

DAY = date(2026, 3, 5)
NINE = datetime(2026, 3, 5, 9)
BOOK = PolicyBook.of()


def changed(topic: str, **values) -> object:
    """The shipped version with some parameters laid over it by a county."""
    said = "\n".join(f"{name} = {value}" for name, value in values.items())
    text = f'[[version]]\nfrom = 2026-01-01\nsource = "县文件"\n{said}'
    return PolicyBook.of(load(text, topic, "530102")).on(topic, "530102", DAY)


# --- the steps in words ---


@pytest.mark.parametrize(
    ("present", "travel", "values", "minutes", "says"),
    [
        (45, 0, {}, 45, "按实际分钟计，不取整。"),
        (45, 20, {}, 25, "往返交通 20 分钟不计入，余 25 分钟。"),
        (45, 20, {"travel_counts": "true"}, 45, "往返交通 20 分钟计入，不扣除。"),
        (45, 0, {"minimum_minutes": 60, "raise_to_minimum": "true"}, 60, "不足最短计时 60 分钟，按 60 分钟计。"),
        (45, 0, {"minimum_minutes": 60}, 0, "不足最短计时 60 分钟，不计。"),
        (100, 0, {"rounding_minutes": 30}, 90, "按 30 分钟取整，舍去不足的部分。"),
    ],
)
def test_the_minutes_of_a_record_are_worked_out_in_steps(present, travel, values, minutes, says):
    version = changed("counting", **values)
    again = counted_again(NINE, NINE + timedelta(minutes=present), travel, minutes, version)
    assert says in again.says and again.says[-1] == f"应计 {minutes} 分钟，即 {minutes / 60:.2f} 小时。"
    assert again.agrees
    wrong = counted_again(NINE, NINE + timedelta(minutes=present), travel, minutes + 1, version)
    assert wrong.differs == (f"记录上是 {minutes + 1} 分钟，按这个版本应为 {minutes} 分钟。",)


def test_a_night_says_what_falls_on_each_day():
    again = counted_again(datetime(2026, 3, 31, 22), datetime(2026, 4, 1, 6), 0, 480, BOOK.on("counting", "53", DAY))
    assert again.says[-1].startswith("跨零点的一条记录，各日分别为 3 月 31 日 120 分钟，4 月 1 日 360 分钟")


def test_what_the_account_credited_is_held_against_the_record():
    version = BOOK.on("counting", "53", DAY)
    assert counted_again(NINE, NINE + timedelta(hours=2), 0, 120, version, 120).agrees
    again = counted_again(NINE, NINE + timedelta(hours=2), 0, 120, version, 90)
    assert again.differs == ("工时账入账 90 分钟，记录上是 120 分钟。",)


def format_again(entered_on=DAY, *, backfilled=False, form=None, **line):
    said = {"content": "陪伴老人", "quality": "1"} | line
    return checked_again(
        Line(NINE, NINE + timedelta(hours=2), **said), entered_on, backfilled, BOOK.on("counting", "53", DAY),
        form or BOOK.on("record_format", "53", DAY), WorkingCalendar(),
    )  # fmt: skip


def test_the_format_of_a_record_is_checked_again_and_so_is_whether_it_was_in_time():
    assert format_again().agrees
    assert "在期限内" in format_again().says[0]
    late = format_again(DAY + timedelta(days=30), backfilled=True)
    assert late.agrees and "按补录处理" in late.says[0]
    assert format_again(DAY + timedelta(days=30)).differs == ("记录上没有标为补录，按这个版本应为补录。",)
    assert format_again(quality="").differs == ("请填写「服务质量」。",)
    strict = changed("record_format", evidence='["sheet"]', evidence_from_minutes=120)
    assert not format_again(form=strict).agrees
    assert format_again(form=strict, sheet=True).agrees


STAR = BOOK.on("stars", "53", DAY)
KEPT = {"why": "累计服务 100.00 小时，达到 100 小时，符合一星级标准。", "recognised_by": "county", "selection": False}


@pytest.mark.parametrize(
    ("star", "minutes", "stored", "figures", "says"),
    [
        (1, 6000, KEPT, [6000], ""),
        (1, 5999, KEPT, [5999], "按这些数字还不到一星级"),
        (1, 6000, KEPT | {"recognised_by": "province"}, [6000], "认定层级"),
        (1, 6000, KEPT | {"why": "凭印象"}, [6000], "保存的依据是「凭印象」"),
        (1, 6000, KEPT, [5880, 5940], "工时账 2026-03-05 的荣誉工时是 98.00、99.00 小时，保存的是 100.00 小时。"),
        (9, 6000, KEPT, [6000], "这个版本没有九星级。"),
    ],
)
def test_a_star_is_judged_again_by_minutes_tenure_and_level(star, minutes, stored, figures, says):
    again = starred_again(star, minutes, DAY - timedelta(days=400), DAY, stored, STAR, figures)
    assert again.agrees == (not says)
    assert any(says in one for one in again.differs) or not says


def test_an_account_in_the_course_of_a_day():
    before, after = DAY - timedelta(days=1), DAY + timedelta(days=1)
    entries = [(before, 60), (DAY, 30), (DAY, 15), (after, 500)]
    assert running(entries, DAY) == [60, 90, 105]
    assert running(entries, before) == [0, 60]
    assert running(entries, DAY - timedelta(days=9)) == [0]
    assert running(entries, after + timedelta(days=9)) == [605]


def test_an_exchange_is_priced_again():
    version = BOOK.on("exchange", "53", DAY)
    assert exchanged_again(4, 2, 240, None, version, 240).agrees
    assert exchanged_again(4, 2, 240, None, version, None).agrees
    assert exchanged_again(4, 2, 200, None, version, 200).differs == ("兑换单上扣减 200 分钟，按这个版本应为 240 分钟。",)
    assert exchanged_again(4, 2, 240, None, version, 180).differs == ("工时账扣减 180 分钟，兑换单上是 240 分钟。",)


# --- the rows themselves ---


def one_of_each(cast) -> dict[type, object]:
    """A posted record, the star that its minutes reach, an exchange, a decided correction and an entry of the record."""
    person = cast.registered("李明")
    records = cast.posted(person, minutes=6000, day=clock.today() - timedelta(days=20))
    star = cast.recognised(StarGrant.get(StarGrant.volunteer == person.id, StarGrant.star == 1))
    item = RewardItem.enter(cast.head, name="理发", points=2, stock=3)
    slip = Redemption.reserve(person.id, item.id, 1, cast.recorder, "k1")
    asked = Correction.enter(cast.recorder, record=records[-1].id, reason="重复登记")
    refused = Correction.move(asked.id, "refuse", cast.head, reason="有签名")
    entry = Entry.get(Entry.record == records[0].id)
    return {type(row): row for row in (records[0], star, slip, refused, entry)}


def test_what_nobody_touched_comes_out_the_same(cast_on_either):
    for model, row in one_of_each(cast_on_either).items():
        judged = decisions.of(model.get_by_id(row.id))
        assert judged, model
        for one in judged:
            assert one.version is not None and one.again.says
            assert one.again.differs == (), f"{model.__name__}: {one.again.differs}"


@pytest.mark.parametrize(
    ("model", "change", "says"),
    [
        (ServiceRecord, "UPDATE service_record SET minutes = minutes + 60", "按这个版本应为 480 分钟"),
        (ServiceRecord, "UPDATE service_record SET backfilled = NOT backfilled", "补录"),
        (ServiceRecord, "UPDATE service_record SET policy = 'counting@53:1999-01-01'", "找不到当时的政策版本"),
        (StarGrant, "UPDATE star_grant SET honour_minutes = 6060", "保存的是 101.00 小时"),
        (StarGrant, "UPDATE star_grant SET star = 2", "还不到二星级"),
        (Redemption, "UPDATE redemption SET minutes = 60", "按这个版本应为 120 分钟"),
        (Correction, "UPDATE correction SET appealed_on = '2099-01-01'", "已过申诉期限"),
        (Entry, "UPDATE service_record SET minutes = minutes + 60", "工时账入账 480 分钟，记录上是 540 分钟"),
    ],
)
def test_what_somebody_changed_past_the_moves_does_not(cast_on_either, model, change, says):
    row = one_of_each(cast_on_either)[model]
    database.execute_sql(change)
    differs = [said for one in decisions.of(model.get_by_id(row.id)) for said in one.again.differs]
    assert any(says in said for said in differs), differs


def test_a_record_from_before_its_format_version_was_kept_is_judged_by_that_of_its_day(cast):
    (row,) = key_in([cast.draft(cast.registered(), cast.activity())], cast.recorder)
    assert row.format_policy == "record_format@53:2012-10-23"
    kept = decisions.of(row)[1]
    ServiceRecord.update(format_policy=None).execute()
    found = decisions.of(ServiceRecord.get_by_id(row.id))[1]
    assert (kept.derived, found.derived) == (False, True)
    assert kept.key == found.key


def test_a_later_version_does_not_judge_what_an_earlier_one_did(cast):
    (row,) = key_in([cast.draft(cast.registered(), cast.activity(), "09:00", "09:45")], cast.recorder)
    PolicyVersion.create(
        topic="counting", division="530102", since=clock.today(), source="区文件",
        values={"minimum_minutes": 60, "raise_to_minimum": True},
    )  # fmt: skip
    assert policy.in_force("counting", cast.a, clock.today()).rule.minimum_minutes == 60
    (counting, _) = decisions.of(ServiceRecord.get_by_id(row.id))
    assert counting.again.agrees and counting.again.says[-1] == "应计 45 分钟，即 0.75 小时。"


def test_a_line_that_an_appeal_restored_is_judged_by_the_day_it_was_first_entered(cast):
    (record,) = cast.posted(cast.registered(), minutes=60)
    asked = Correction.enter(cast.recorder, record=record.id, reason="重复登记")
    for move, by in (("approve", cast.head), ("appeal", cast.recorder), ("overturn", cast.county)):
        clock.move_demo_clock(5)
        asked = Correction.move(asked.id, move, by, reason="已核对")
    again = ServiceRecord.get_by_id(asked.restored_id)
    assert (again.entered_at - record.entered_at).days > 20 and not again.backfilled
    assert [one.again.differs for one in decisions.of(again)] == [(), ()]


# --- on the page ---


PAGES = {ServiceRecord: "records", StarGrant: "stars", Redemption: "rewards", Correction: "corrections", Entry: "hours"}


@pytest.mark.parametrize("who", ["recorder", "head", "deputy", "county", "prefecture", "province", "auditor"])
def test_whoever_may_see_the_row_sees_its_decision(cast, desk, who):
    rows = one_of_each(cast)
    window = desk.signed_in_as(getattr(cast, who))
    for model, path in PAGES.items():
        page = window.get(f"/admin/{path}/details/?id={rows[model].id}")
        assert page.says("判定依据") and page.says("重新判定一致"), path
        assert not page.says("与保存的不一致"), path
        assert page.says("/admin/policy/version/?key="), path


@pytest.mark.parametrize("who", ["head_b", "recorder_b", "admin"])
def test_nobody_else_does(cast, desk, who):
    rows = one_of_each(cast)
    window = desk.signed_in_as(getattr(cast, who))
    for model, path in PAGES.items():
        assert window.get(f"/admin/{path}/details/?id={rows[model].id}").status in (403, 404), path


def test_a_tampered_record_says_on_its_page_that_it_does_not_agree(cast, desk):
    row = one_of_each(cast)[ServiceRecord]
    database.execute_sql("UPDATE service_record SET minutes = 540")
    page = desk.signed_in_as(cast.head).get(f"/admin/records/details/?id={row.id}")
    assert page.says("与保存的不一致")
    assert page.says("记录上是 540 分钟，按这个版本应为 480 分钟。")
    assert page.says("工时账入账 480 分钟，记录上是 540 分钟。")


def test_the_version_of_another_county_is_read_by_whoever_sees_a_record_that_it_judged(cast, desk):
    """李明 served at B, whose county has a rule of its own, then moved to A: A reads the entry, and the rule with it."""
    released = PolicyVersion.create(
        topic="counting", division="530103", since=clock.today() - timedelta(days=30), source="盘龙区文件",
        values={"rounding_minutes": 30},
    )  # fmt: skip
    person = cast.registered("李明")
    activity = cast.activity(by=cast.recorder_b)
    (row,) = key_in([cast.draft(person, activity)], cast.recorder_b)
    assert row.policy.endswith(f"+{released.release().short}")
    own = desk.signed_in_as(cast.head_b)
    assert own.get("/admin/policy/version/", key=row.policy).says("盘龙区文件")
    for who in (cast.head, cast.county):
        window = desk.signed_in_as(who)
        assert window.get("/admin/policy/version/", key=row.policy).status == 404
        assert window.get("/admin/policy/version/", key=row.policy, of=f"records:{row.id}").status == 404
    ServiceRecord.update(station=cast.a.id).execute()  # as if the earning station were A
    window = desk.signed_in_as(cast.head)
    assert window.get("/admin/policy/version/", key=row.policy, of=f"records:{row.id}").says("盘龙区文件")
    assert window.get("/admin/policy/version/", key=row.policy, of="records:999").status == 404
    for strange in ("", "records", "records:abc", "nothing:1", f"volunteers:{person.id}"):
        assert window.get("/admin/policy/version/", key=row.policy, of=strange).status == 404




@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("exchange@53:2012-10-23", "回馈兑换（2012-10-23 起）"),
        ("exchange@53:2012-10-23b", "回馈兑换（2012-10-23 起）"),
        ("exchange@53:20121023+5301:20260601+530102:20260101b", "回馈兑换（2026-06-01 起）"),
        ("something", "something"),
    ],
)
def test_a_version_is_named_by_the_last_day_of_those_who_made_it(key, says):
    assert policy_words(key) == says
