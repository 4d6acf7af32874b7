"""入账: how much of a record can be exchanged, by every parameter of the exchange rules; bonuses; corrections of both."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playhouse.test_utils import count_queries

from cast import past_the_notice, person
from models import clock
from models.base import database
from models.corrections import Correction
from models.earning import give_bonuses, post
from models.hours import Balance, Entry, Lot, Writer, spendable_on
from models.keying import key_in
from models.policy import PolicyVersion, book
from models.records import ServiceRecord, move_all, post_due
from models.refusals import Refusal
from models.rewards import Redemption, RewardItem
from models.scope import SYSTEM
from models.verifying import verify
from models.volunteers import Volunteer
from rules.earning import Earned, Earner, bonus_minutes, earned_minutes
from rules.policy import Version
from rules.topics import Exchange, Weight

DAY = date(2026, 3, 5)
GROWN = Earner(date(1980, 5, 6))
ORIGINS = ("checked_in", "desk", "backfilled", "imported")
PLAIN = {
    "points_per_hour": 1, "origins": ORIGINS, "floor_hours": 0, "yearly_cap_points": 0, "valid_months": 0,
}  # fmt: skip


def rule(**more) -> Version:
    return Version("exchange", "53", date(2020, 1, 1), "", Exchange(**(PLAIN | more)))


def earned(minutes=120, origin="desk", category="01", who=GROWN, activity=0, kept=0, **more):
    return earned_minutes(
        minutes, origin, category, DAY, who, activity=activity, kept=kept, version=rule(**more)
    )  # fmt: skip


# --- the rule, case by case: what is asked, (to be exchanged, to be donated only), and what the sentence says ---

CAP = {"balance_cap_hours": 1500}
CASES = [
    ({"minutes": 45}, (45, 0), "服务 45 分钟，计入 45 分钟。"),
    ({"origin": "group"}, (0, 0), "这种来源的工时只计荣誉，不能兑换。"),
    ({"origin": "group", "donation_origins": ("group",)}, (0, 120), "服务 120 分钟，计入 120 分钟，只能捐赠。"),
    ({"donation_origins": ("desk",)}, (0, 120), "只能捐赠"),
    # Suzhou: the category's points to the unit.
    ({"weights": (Weight("01", 150),)}, (180, 0), "本类服务按 150% 折 180 分钟"),
    ({"minutes": 45, "weights": (Weight("01", 150),)}, (67, 0), "折 67 分钟"),
    ({"weights": (Weight("02", 150),), "other_weight": 50}, (60, 0), "按 50% 折 60 分钟"),
    ({"weights": (Weight("02", 150),), "other_weight": 0}, (0, 0), "计入 0 分钟"),
    # Guangzhou: whole hours.
    ({"minutes": 119, "unit_minutes": 60}, (60, 0), "按整 60 分钟计 60 分钟"),
    ({"minutes": 59, "unit_minutes": 60}, (0, 0), "按整 60 分钟计 0 分钟"),
    ({"minutes": 100, "unit_minutes": 60, "weights": (Weight("01", 150),)}, (120, 0), "折 150 分钟，按整 60 分钟计 120 分钟"),
    # 海林: at most two hours of one activity.
    ({"minutes": 300, "activity_cap_minutes": 120}, (120, 0), "一次活动最多计 120 分钟，计入 120 分钟。"),
    ({"minutes": 90, "activity": 60, "activity_cap_minutes": 120}, (60, 0), "此前已计 60 分钟，计入 60 分钟。"),
    ({"activity": 120, "activity_cap_minutes": 120}, (0, 0), "计入 0 分钟"),
    ({"origin": "group", "donation_origins": ("group",), "activity_cap_minutes": 60}, (0, 60), "只能捐赠"),
    # Nanjing: 1,500 hours kept, the rest honour or to be donated; what is to be donated is not kept.
    ({"kept": 89_940, **CAP}, (60, 0), "个人最多留存 1500 小时，其中 60 分钟只计荣誉。"),
    ({"kept": 89_940, "over_cap": "donation", **CAP}, (60, 60), "其中 60 分钟只能捐赠。"),
    ({"kept": 90_000, **CAP}, (0, 0), "其中 120 分钟只计荣誉"),
    ({"kept": 95_000, "over_cap": "donation", **CAP}, (0, 120), "其中 120 分钟只能捐赠"),
    ({"kept": 89_880, **CAP}, (120, 0), "计入 120 分钟。"),
    ({"kept": -60, "balance_cap_hours": 1}, (120, 0), "计入 120 分钟。"),  # an hour of it pays what is owed
    ({"kept": 90_000, "origin": "group", "donation_origins": ("group",), **CAP}, (0, 120), "只能捐赠"),
    # Beijing: eighteen, or a student whose guardian agrees.
    ({"who": Earner(date(2008, 3, 6)), "minimum_age": 18}, (0, 0), "服务当天 17 周岁，未满 18 周岁，只计荣誉。"),
    ({"who": Earner(date(2008, 3, 5)), "minimum_age": 18}, (120, 0), "计入 120 分钟"),
    ({"who": Earner(date(2010, 1, 1), True, DAY), "minimum_age": 18}, (0, 0), "未满 18 周岁"),
    ({"who": Earner(date(2010, 1, 1), True, DAY), "minimum_age": 18, "guardian_allows": True}, (120, 0), "计入 120 分钟"),
    ({"who": Earner(date(2010, 1, 1), True, DAY + timedelta(days=1)), "minimum_age": 18, "guardian_allows": True},
     (0, 0), "也没有监护人同意"),
    ({"who": Earner(date(2010, 1, 1), False, DAY), "minimum_age": 18, "guardian_allows": True}, (0, 0), "也没有监护人同意"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "comes_to", "says"), CASES, ids=[str(n) for n in range(1, len(CASES) + 1)])
def test_what_a_record_brings_and_why(asked, comes_to, says):
    decision = earned(**asked)
    assert (decision.value.ordinary, decision.value.donation) == comes_to
    assert says in decision.why
    assert decision.version == "exchange@53:2020-01-01"
    assert decision.inputs["minutes"] == asked.get("minutes", 120)


RULES = st.fixed_dictionaries({
    "origins": st.sets(st.sampled_from(ORIGINS)).map(tuple), "donation_origins": st.sets(st.sampled_from(ORIGINS)).map(tuple),
    "unit_minutes": st.sampled_from([1, 15, 60]), "activity_cap_minutes": st.sampled_from([0, 60, 125]),
    "balance_cap_hours": st.sampled_from([0, 1, 5]), "over_cap": st.sampled_from(["honour", "donation"]),
    "other_weight": st.sampled_from([0, 50, 100]),
})  # fmt: skip


@given(RULES, st.lists(st.tuples(st.integers(1, 1440), st.sampled_from(ORIGINS)), max_size=8))
def test_no_more_comes_in_than_was_served_and_no_cap_is_ever_passed(how, records):
    activity = kept = 0
    for minutes, origin in records:
        value = earned(minutes, origin, activity=activity, kept=kept, **how).value
        assert value.ordinary >= 0 and value.donation >= 0
        assert value.ordinary + value.donation <= minutes
        activity += value.ordinary + value.donation
        kept += value.ordinary
        assert not how["activity_cap_minutes"] or activity <= how["activity_cap_minutes"]
        assert not how["balance_cap_hours"] or kept <= how["balance_cap_hours"] * 60


@pytest.mark.parametrize(
    ("points", "more", "comes_to"),
    [
        (10, {}, (600, 0)), (1, {"points_per_hour": 7}, (8, 0)), (0, {}, (0, 0)),
        (10, {"kept": 1740, "balance_cap_hours": 30}, (60, 0)),
        (10, {"kept": 1740, "balance_cap_hours": 30, "over_cap": "donation"}, (60, 540)),
    ],
)  # fmt: skip
def test_a_bonus_is_turned_into_minutes_by_the_days_rate(points, more, comes_to):
    more = dict(more)
    assert bonus_minutes(points, kept=more.pop("kept", 0), version=rule(**more)).value == Earned(*comes_to)


# --- in the account ---


def policy(edition: int = 1, **more) -> None:
    PolicyVersion.create(
        topic="exchange", division="5301", since=date(2020, 1, 1), source="市文件", edition=edition,
        values=PLAIN | {"origins": list(ORIGINS)} | more,
    )  # fmt: skip


def balance(volunteer) -> tuple[int, int, int]:
    row = Balance.get_by_id(volunteer.id)
    return row.honour, row.exchangeable, row.debt


def lots(volunteer) -> list[tuple[int, int, bool]]:
    rows = Lot.select(Lot.minutes, Lot.left, Lot.donation_only).where(Lot.volunteer == volunteer.id)
    return list(rows.order_by(Lot.id).tuples())


def at_one_activity(cast, volunteer, *times: tuple[str, str]) -> list[ServiceRecord]:
    """Records of one activity, posted in one go."""
    activity = cast.activity()
    rows = key_in([cast.draft(volunteer, activity, start, end) for start, end in times], cast.recorder)
    for name in ("submit", "approve", "notice"):
        move_all([row.id for row in rows], name, cast.recorder if name == "submit" else cast.head)
    past_the_notice()
    assert post_due() == len(times)
    return rows


def correct(cast, record) -> None:
    asked = Correction.enter(cast.recorder, record=record.id, reason="重复登记")
    Correction.move(asked.id, "approve", cast.head)


def spend(cast, volunteer, points: int, key: str = "k1") -> Redemption:
    item = RewardItem.enter(cast.head, name="理发", points=points)
    return Redemption.reserve(volunteer.id, item.id, 1, cast.recorder, key)


def test_the_credit_names_the_exchange_rules_that_judged_it_and_honour_those_of_counting(cast):
    policy(unit_minutes=60)
    volunteer = cast.registered()
    (record,) = cast.posted(volunteer, minutes=90)
    honour, credit = Entry.select().order_by(Entry.seq)
    assert (honour.minutes, honour.policy, honour.reason) == (90, record.policy, "")
    assert credit.minutes == 60
    assert book().find(credit.policy).rule.unit_minutes == 60
    assert credit.reason == "服务 90 分钟，按整 60 分钟计 60 分钟，计入 60 分钟。"
    assert not verify()


def test_why_nothing_can_be_exchanged_stands_beside_the_honour_minutes(cast):
    policy(minimum_age=60)
    volunteer = cast.registered()
    cast.posted(volunteer, minutes=90)
    assert balance(volunteer) == (90, 0, 0)
    assert "未满 60 周岁" in Entry.get().reason


def test_the_cap_of_an_activity_holds_over_records_of_one_posting_and_of_a_later_one(cast_on_either):
    cast = cast_on_either
    policy(activity_cap_minutes=120)
    volunteer = cast.registered()
    rows = at_one_activity(cast, volunteer, ("08:00", "09:30"), ("09:30", "11:00"), ("11:00", "11:30"))
    assert balance(volunteer) == (210, 120, 0)
    assert [minutes for minutes, _, _ in lots(volunteer)] == [90, 30]
    correct(cast, rows[0])  # what was taken back leaves room for another
    (later,) = key_in([cast.draft(volunteer, rows[0].activity, "14:00", "16:00")], cast.recorder)
    for name in ("submit", "approve", "notice"):
        move_all([later.id], name, cast.recorder if name == "submit" else cast.head)
    past_the_notice()
    assert post_due() == 1
    assert balance(volunteer) == (240, 120, 0)
    assert not verify()


def test_the_category_of_the_project_weighs_and_is_not_asked_for_record_by_record(cast):
    policy(weights=[{"category": "01", "percent": 150}])
    told = []
    for people in (2, 6):
        activity = cast.activity()
        drafts = [cast.draft(cast.registered(f"李明{n}"), activity) for n in "一二三四五六"[:people]]
        rows = key_in(drafts, cast.recorder)
        for name in ("submit", "approve", "notice"):
            move_all([row.id for row in rows], name, cast.recorder if name == "submit" else cast.head)
        past_the_notice()
        with count_queries() as counted:
            assert post_due() == people
        told.append([query.msg[0] for query in counted.get_queries()])
        assert {balance(row.volunteer)[:2] for row in rows} == {(120, 180)}
    for said in ('JOIN "project"', 'INSERT INTO "lot"', 'INSERT INTO "entry"', 'UPDATE "chain"'):
        assert [sum(said in sql for sql in queries) for queries in told] == [1, 1], said


def test_group_hours_can_only_be_donated_and_are_not_spent(cast):
    policy(donation_origins=["desk"], origins=["checked_in"])
    volunteer = cast.registered()
    cast.posted(volunteer, minutes=120)
    assert balance(volunteer) == (120, 120, 0)
    assert lots(volunteer) == [(120, 120, True)]
    assert spendable_on(Balance.get_by_id(volunteer.id), clock.today()) == 0
    with pytest.raises(Refusal, match=r"需要 1.00 小时，现有 0.00 小时"):
        spend(cast, volunteer, 1)
    assert not verify()


@pytest.mark.parametrize(("over", "kept"), [("honour", [(60, 60, False)]), ("donation", [(60, 60, False), (60, 60, True)])])
def test_what_is_above_the_cap_is_honour_or_to_be_donated(cast, over, kept):
    policy(balance_cap_hours=1, over_cap=over)
    volunteer = cast.registered()
    (record,) = cast.posted(volunteer, minutes=120)
    assert balance(volunteer)[0] == 120
    assert lots(volunteer) == kept
    correct(cast, record)
    assert balance(volunteer) == (0, 0, 0)
    assert not verify()


def test_the_cap_holds_within_one_posting_and_hours_spent_make_room(cast):
    policy(balance_cap_hours=2)
    volunteer = cast.registered()
    at_one_activity(cast, volunteer, ("08:00", "09:30"), ("09:30", "11:00"))
    assert balance(volunteer) == (180, 120, 0)
    spend(cast, volunteer, 1)
    cast.posted(volunteer, minutes=90)
    assert balance(volunteer) == (270, 120, 0)


def test_a_reversal_takes_its_own_two_lots_then_ordinary_ones_then_those_for_donation(cast):
    policy(balance_cap_hours=2, over_cap="donation")
    volunteer, today = cast.registered(), clock.today()
    (old,) = cast.posted(volunteer, minutes=180, day=today - timedelta(days=9))  # 120 to exchange, 60 to donate
    spend(cast, volunteer, 2)
    (new,) = cast.posted(volunteer, minutes=60, day=today - timedelta(days=3))
    assert lots(volunteer) == [(120, 0, False), (60, 60, True), (60, 60, False)]
    correct(cast, new)  # its own alone
    assert lots(volunteer) == [(120, 0, False), (60, 60, True), (60, 0, False)]
    cast.posted(volunteer, minutes=30, day=today - timedelta(days=2))
    correct(cast, old)  # its own donation lot, the ordinary one, and the rest is owed
    assert [left for _, left, _ in lots(volunteer)] == [0, 0, 0, 0]
    assert balance(volunteer) == (30, 0, 90)
    assert not verify()


def test_hours_for_donation_pay_no_debt(cast):
    policy(balance_cap_hours=100)
    volunteer = cast.registered()
    (record,) = cast.posted(volunteer, minutes=120)
    spend(cast, volunteer, 2)
    correct(cast, record)
    assert balance(volunteer) == (0, 0, 120)
    policy(edition=2, donation_origins=["desk"])
    cast.posted(volunteer, minutes=60)
    assert balance(volunteer) == (60, 60, 120)
    assert not verify()


def test_one_person_at_two_stations_pays_a_debt_once_in_one_posting(cast):
    volunteer = cast.registered()
    (record,) = cast.posted(volunteer, minutes=60)
    spend(cast, volunteer, 1)
    correct(cast, record)
    rows = []
    for by, head, start, end in ((cast.recorder, cast.head, "08:00", "09:00"), (cast.recorder_b, cast.head_b, "14:00", "15:00")):
        (row,) = key_in([cast.draft(volunteer, cast.activity(by=by), start, end)], by)
        for name in ("submit", "approve", "notice"):
            move_all([row.id], name, by if name == "submit" else head)
        rows.append(row.id)
    past_the_notice()
    assert move_all(rows, "post", SYSTEM) == 2
    assert balance(volunteer) == (120, 60, 0)
    assert not verify()


# --- points for registering and introducing ---


def test_opening_and_recruiting_points_are_paid_once_when_a_volunteer_is_approved(cast_on_either):
    cast = cast_on_either
    policy(opening_points=10, recruit_points=5, points_per_hour=5, valid_months=1)
    friend = Volunteer.get_by_id(cast.registered("王芳").id)
    assert balance(friend) == (0, 120, 0)
    new = cast.registered("李明", introducer=friend.id)
    assert [balance(who) for who in (friend, new)] == [(0, 180, 0), (0, 120, 0)]
    given = Entry.select(Entry.key, Entry.origin, Entry.debit, Entry.kind).order_by(Entry.seq).tuples()
    assert list(given) == [
        (f"opening:{friend.id}", "bonus", "bonus", "bonus"), (f"opening:{new.id}", "bonus", "bonus", "bonus"),
        (f"recruit:{new.id}", "bonus", "bonus", "bonus"),
    ]  # fmt: skip
    assert {lot.origin for lot in Lot.select()} == {"bonus"}
    assert all(lot.expires_on for lot in Lot.select())
    with database.atomic():
        give_bonuses(Volunteer.get_by_id(new.id), cast.head)
    assert Entry.select().count() == 3
    assert spend(cast, friend, 15).minutes == 180
    assert not verify()


def test_by_default_nobody_is_given_anything(cast):
    cast.registered("李明", introducer=cast.registered("王芳").id)
    assert not Entry.select().exists() and not Lot.select().exists()


def test_an_introducer_is_a_registered_volunteer_other_than_oneself_and_stays(cast):
    waiting = Volunteer.enter(cast.recorder, **person("王芳"))
    with pytest.raises(Refusal, match="介绍人应是已注册的志愿者，王芳现在是「待审核」"):
        Volunteer.enter(cast.recorder, **person("李明", introducer=waiting.id))
    with pytest.raises(Refusal, match="介绍人不能是本人"):
        Volunteer.amend(waiting.id, cast.recorder, introducer=waiting.id)
    stranger = cast.registered("赵六", by=cast.recorder_b)
    with pytest.raises(Refusal, match="没有找到所选的「介绍人」"):
        Volunteer.amend(waiting.id, cast.recorder, introducer=stranger.id)
    friend = cast.registered("孙七")
    new = cast.registered("李明", introducer=friend.id)
    with pytest.raises(Refusal, match="审核通过时已按原来的介绍人办理"):
        Volunteer.amend(new.id, cast.head, introducer=None)
    Volunteer.move(friend.id, "suspend", cast.head, "搬走了")
    assert Volunteer.amend(new.id, cast.head, speciality="书法").introducer_id == friend.id


def test_a_suspended_introducer_is_paid_nothing_and_holds_nobody_up(cast):
    policy(recruit_points=5)
    friend = cast.registered("王芳")
    row = Volunteer.enter(cast.recorder, **person("李明", introducer=friend.id))
    Volunteer.move(friend.id, "suspend", cast.head, "搬走了")
    Volunteer.move(row.id, "approve", cast.head)
    assert balance(friend) == (0, 0, 0)


def test_a_bonus_pays_what_is_owed_first(cast):
    volunteer = cast.registered("王芳")
    (record,) = cast.posted(volunteer, minutes=60)
    spend(cast, volunteer, 1)
    correct(cast, record)
    policy(recruit_points=3)
    cast.registered("李明", introducer=volunteer.id)
    assert balance(volunteer) == (0, 120, 0)
    assert not verify()


def test_no_record_may_say_that_it_is_a_bonus(cast):
    with pytest.raises(Refusal, match="没有「bonus」这种来源"):
        key_in([cast.draft(cast.registered(), cast.activity(), origin="bonus")], cast.recorder)


def test_posting_a_second_time_writes_nothing_whatever_the_rules_are_by_then(cast):
    volunteer = cast.registered()
    (record,) = cast.posted(volunteer, minutes=120)
    policy(donation_origins=["desk"], edition=1)
    count = Entry.select().count()
    with database.atomic():
        post(record, SYSTEM, book(), Writer.open(record.station_id))
    assert Entry.select().count() == count
