"""优待: who qualifies today, by one statement; who does not is told what is missing."""

from datetime import date, timedelta

import pytest

from cast import past_the_notice
from desk import queries
from models import clock
from models.honours import Honour
from models.hours import Balance
from models.measures import Measure, TakeUp
from models.policy import for_actor
from models.refusals import NotFound, Refusal
from models.scope import SYSTEM, Actor, find, within
from models.stars import StarGrant
from models.volunteers import Volunteer
from rules.access import Role
from rules.measures import NEVER, asks, lack, months_before


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2025, 3, 5), 1, date(2025, 2, 5)),
        (date(2025, 3, 31), 1, date(2025, 2, 28)),
        (date(2025, 1, 31), 12, date(2024, 1, 31)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2025, 1, 10), 1, date(2024, 12, 10)),
    ],
)
def test_months_back(day, months, then):
    assert months_before(day, months) == then


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ((None, None, "", None), "已注册的志愿者"),
        ((2, 100, "county", 6), "二星级及以上；累计服务满 100 小时；获得县级及以上嘉许；近 6 个月有服务"),
        ((None, None, "own", None), "获得任何嘉许"),
    ],
)
def test_who_qualifies_in_one_line(values, says):
    assert asks(*values) == says


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (("star", 0, 2), "需二星级及以上，现在还没有认定的星级。"),
        (("star", 1, 2), "需二星级及以上，现在是一星级。"),
        (("hours", 90, 600), "需累计服务 10.00 小时，现有 1.50 小时，还差 8.50 小时。"),
        (("honour", 0, 1), "需获得任何嘉许，现在没有嘉许。"),
        (("honour", 1, 2), "需获得县级及以上嘉许，现在最高是本站。"),
        (("honour", 3, 5), "需获得国家级嘉许，现在最高是州市级。"),
        (
            ("active", "2024-01-02 09:00:00", "2025-01-02 00:00:00"),
            "需 2025-01-02 以后有服务记录，最近一次是 2024-01-02。",
        ),
        (("active", str(NEVER), "2025-01-02 00:00:00"), "需 2025-01-02 以后有服务记录，现在还没有。"),
    ],
)
def test_what_is_missing_in_words(values, says):
    assert lack(*values) == says


def measure(cast, by=None, **more) -> Measure:
    values = {
        "name": "门诊优先", "category": "medical", "provider": "区人民医院", "content": "凭证优先挂号",
        "starts_on": clock.today() - timedelta(days=30),
    } | more  # fmt: skip
    return Measure.enter(by or cast.county, **values)


def who(wanted: Measure, by) -> list[str]:
    rows = Volunteer.select(Volunteer.name).where(within(Volunteer, by), *wanted.who(clock.today()))
    return sorted(row.name for row in rows)


def honoured(cast, person, level: str) -> None:
    row = Honour.enter(
        cast.recorder, volunteer=person.id, title="优秀志愿者", level=level, body="文明办", given_on=clock.today(),
        proof="证书", deeds="送餐",
    )  # fmt: skip
    Honour.move(row.id, "submit", cast.recorder)
    Honour.move(row.id, "check", cast.head)


def test_each_condition_lets_in_who_meets_it_and_names_what_the_other_lacks(cast_on_either):
    cast = cast_on_either
    good, idle = cast.registered("李明"), cast.registered("王芳")
    cast.registered("周三", by=cast.recorder_b)
    cast.posted(good, minutes=100 * 60)
    cast.recognised(StarGrant.get(StarGrant.volunteer == good.id))
    honoured(cast, good, "prefecture")
    for asked, lacks in (
        ({"minimum_star": 1}, "需一星级及以上，现在还没有认定的星级。"),
        ({"minimum_hours": 100}, "需累计服务 100.00 小时，现有 0.00 小时，还差 100.00 小时。"),
        ({"honour_level": "county"}, "需获得县级及以上嘉许，现在没有嘉许。"),
        ({"active_months": 6}, "以后有服务记录，现在还没有。"),
    ):
        wanted = measure(cast, **asked)
        assert who(wanted, cast.head) == who(wanted, cast.prefecture) == ["李明"], asked
        assert wanted.lacking(good, clock.today()) == []
        assert [said.endswith(lacks) for said in wanted.lacking(idle, clock.today())] == [True]
        with pytest.raises(Refusal, match="王芳 不符合「门诊优先」的条件"):
            TakeUp.enter(cast.recorder, measure=wanted.id, volunteer=idle.id, used_on=clock.today(), proof="回执")
        assert TakeUp.enter(cast.recorder, measure=wanted.id, volunteer=good.id, used_on=clock.today(), proof="回执")
    assert who(measure(cast), cast.prefecture) == ["李明", "王芳"]  # the county's, so not for the next county


@pytest.mark.parametrize(
    ("asked", "reached"),
    [({"minimum_star": 2}, False), ({"honour_level": "province"}, False), ({"minimum_hours": 101}, False)],
)
def test_just_below_a_condition_is_below(cast, asked, reached):
    good = cast.registered("李明")
    cast.posted(good, minutes=100 * 60 + 59)
    cast.recognised(StarGrant.get(StarGrant.volunteer == good.id))
    honoured(cast, good, "prefecture")
    wanted = measure(cast, **asked)
    assert bool(who(wanted, cast.head)) == reached == (not wanted.lacking(good, clock.today()))


def test_a_star_revoked_an_honour_unchecked_and_service_long_ago_do_not_count(cast):
    person = cast.registered("李明")
    cast.posted(person, minutes=100 * 60)
    star = cast.recognised(StarGrant.get(StarGrant.volunteer == person.id))
    wanted = measure(cast, minimum_star=1)
    assert who(wanted, cast.head) == ["李明"]
    StarGrant.move(star.id, "doubt", SYSTEM, reason="冲正")
    assert who(wanted, cast.head) == []
    Honour.enter(
        cast.recorder, volunteer=person.id, title="x", level="county", body="x", given_on=clock.today(), proof="x"
    )
    assert who(measure(cast, honour_level="own"), cast.head) == []
    recent = measure(cast, active_months=3)
    assert who(recent, cast.head) == ["李明"]
    clock.move_demo_clock(93)
    assert who(recent, cast.head) == []
    Volunteer.move(person.id, "suspend", cast.head, reason="外出")
    assert who(measure(cast), cast.head) == []


def test_who_qualifies_is_one_statement_however_many_conditions(cast):
    cast.registered()
    wanted = measure(cast, minimum_star=1, minimum_hours=1, honour_level="own", active_months=2)
    today, person = clock.today(), Volunteer.get()
    with queries() as sent:
        list(Volunteer.select().where(within(Volunteer, cast.head), *wanted.who(today)))
    assert len(sent) == 1
    with queries() as sent:
        wanted.lacking(person, today)
    assert len(sent) == 1


def test_stations_see_the_measures_of_the_divisions_above_them_and_no_others(cast):
    ours, city, province = (measure(cast, by=by) for by in (cast.county, cast.prefecture, cast.province))
    next_county = Actor(99, "盘龙督导", Role.SUPERVISOR, None, "530103")
    theirs = measure(cast, by=next_county)

    def seen(by) -> set[int]:
        return {row.id for row in Measure.select(Measure.id).where(within(Measure, by))}

    assert seen(cast.head) == seen(cast.recorder) == {ours.id, city.id, province.id}
    assert seen(cast.head_b) == seen(next_county) == {theirs.id, city.id, province.id}
    assert seen(cast.county) == {ours.id, city.id, province.id}
    assert seen(cast.prefecture) == seen(cast.province) == {ours.id, city.id, province.id, theirs.id}
    assert seen(cast.volunteer) == set()
    with pytest.raises(NotFound):
        find(Measure, ours.id, cast.head_b)
    with pytest.raises(Refusal, match="没有找到所选的「优待措施」"):
        TakeUp.enter(cast.head_b, measure=ours.id, volunteer=cast.registered(by=cast.recorder_b).id,
                     used_on=clock.today(), proof="x")  # fmt: skip


def test_only_the_division_that_gave_it_out_changes_it(cast):
    row = measure(cast)
    with pytest.raises(Refusal, match="由五华区发布，由它的督导修改"):
        Measure.amend(row.id, cast.prefecture, name="别的")
    with pytest.raises(Refusal, match="站长不能办理"):
        Measure.amend(row.id, cast.head, name="别的")
    assert Measure.amend(row.id, cast.county, active=False).active is False
    with pytest.raises(Refusal, match="至少是 1"):
        measure(cast, minimum_hours=0)
    with pytest.raises(Refusal, match="截止日期应不早于起始日期"):
        measure(cast, ends_on=clock.today() - timedelta(days=31))


def test_a_measure_is_taken_up_inside_its_days_and_as_often_as_it_says(cast):
    person = cast.registered("李明")

    def take(row, day) -> TakeUp:
        return TakeUp.enter(cast.recorder, measure=row.id, volunteer=person.id, used_on=day, proof="回执")

    today = clock.today()
    row = measure(cast, ends_on=today - timedelta(days=1), yearly_limit=None)
    with pytest.raises(Refusal, match="「门诊优先」施行期是"):
        take(row, today)
    assert take(row, today - timedelta(days=1)).why == "已注册的志愿者"
    with pytest.raises(Refusal, match="还没有到，享受后再登记"):
        take(row, today + timedelta(days=1))
    once = measure(cast, yearly_limit=1)
    first = take(once, today)
    with pytest.raises(Refusal, match="每人每年 1 次，李明 今年已用完"):
        take(once, today)
    TakeUp.move(first.id, "void", cast.head, reason="登记错人")
    assert take(once, today)
    Measure.amend(once.id, cast.county, active=False)
    with pytest.raises(Refusal, match="已停止施行"):
        take(once, today)


def test_measures_that_end_soon_are_listed(cast):
    days = for_actor("incentives", cast.county).rule.measure_days
    today = clock.today()
    near, _later, _always, _past, _stopped, _others = (
        measure(cast, ends_on=today + timedelta(days=days)), measure(cast, ends_on=today + timedelta(days=days + 1)),
        measure(cast), measure(cast, ends_on=today - timedelta(days=1)), measure(cast, ends_on=today, active=False),
        measure(cast, by=cast.prefecture, ends_on=today),
    )  # fmt: skip

    def listed(by) -> list[int]:
        return sorted(m.id for m in Measure.select(Measure.id).where(within(Measure, by), Measure.expiring(by)))

    assert listed(cast.county) == [near.id]
    assert listed(cast.prefecture) == [_others.id]
    assert listed(cast.head) == [near.id, _others.id]


def test_the_hours_of_a_measure_are_honour_hours(cast):
    person = cast.registered()
    cast.posted(person, minutes=120)
    past_the_notice()
    Balance.update(exchangeable=0).where(Balance.volunteer == person.id).execute()
    assert who(measure(cast, minimum_hours=2), cast.head)
