"""结对帮扶 (方案 三(3)): who may pair, 「一助一」 and 「多助一」, what was promised and what was done, who is near."""

from datetime import date, timedelta

import pytest
from served import household, need
from world_teams import a_draft, a_pairing, a_team, a_unit

from cast import past_the_notice
from desk import queries
from models import clock, deliveries
from models.activities import Activity
from models.keying import key_in
from models.needs import Need
from models.pairing import PairedHousehold, Pairing, expire_due
from models.records import move_all, post_due
from models.refusals import NotFound, Refusal
from models.scope import SYSTEM, Actor, find
from models.stations import Station
from models.units import Unit
from rules.access import Role
from rules.pairing import (
    Candidate,
    Quarter,
    Share,
    check_households,
    grade,
    last_quarters,
    line,
    owed,
    score,
    shared_digits,
    suggest,
    together,
)
from rules.policy import PolicyBook
from rules.topics import PolicyError
from views.totals import totals

RULE = PolicyBook.of().on("pairing", "53", date(2025, 1, 1)).rule
FROM, UNTIL = date(2025, 1, 1), date(2027, 12, 31)
Q1 = Quarter(2026, 1)


# --- rules: tables of cases ---


@pytest.mark.parametrize(
    ("day", "quarter", "first", "last"),
    [
        (date(2026, 1, 1), (2026, 1), date(2026, 1, 1), date(2026, 3, 31)),
        (date(2026, 3, 31), (2026, 1), date(2026, 1, 1), date(2026, 3, 31)),
        (date(2024, 2, 29), (2024, 1), date(2024, 1, 1), date(2024, 3, 31)),
        (date(2026, 12, 31), (2026, 4), date(2026, 10, 1), date(2026, 12, 31)),
    ],
)
def test_a_quarter_is_the_calendars(day, quarter, first, last):
    found = Quarter.of(day)
    assert ((found.year, found.number), found.first, found.last) == (quarter, first, last)
    assert found.next.before == found


def test_the_last_quarters_cross_the_year():
    assert [str(q) for q in last_quarters(date(2026, 2, 3))] == [
        "2025 年第 2 季度", "2025 年第 3 季度", "2025 年第 4 季度", "2026 年第 1 季度",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("promised", "starts", "ends", "expected"),
    [
        (3, FROM, UNTIL, 3),  # the whole quarter
        (3, date(2026, 3, 1), UNTIL, 2),  # 31 of 90 days: 1.03 visits, rounded up
        (3, date(2026, 3, 31), UNTIL, 1),
        (3, FROM, date(2026, 1, 1), 1),
        (3, date(2026, 4, 1), UNTIL, 0),
        (3, FROM, date(2025, 12, 31), 0),
        (0, FROM, UNTIL, 0),
        (360, FROM, date(2026, 2, 14), 180),  # 45 of 90 days
    ],
)
def test_a_term_owes_the_share_of_its_days(promised, starts, ends, expected):
    assert owed(promised, Q1, starts, ends) == expected


def test_more_than_one_quarters_promise_does_not_make_up_for_another():
    lines = [line(Q1, (FROM, UNTIL), (3, 360), done) for done in ((5, 400), (1, 300))]
    assert [one.behind for one in lines] == [False, True]
    assert line(Q1, (FROM, UNTIL), (3, 360), (3, 359)).behind
    assert together(one.visits for one in lines) == Share(4, 6)
    assert together(one.minutes for one in lines) == Share(660, 720)
    assert (Share(5, 3).percent, Share(1, 3).percent, Share(0, 0).percent) == (100, 33, None)


@pytest.mark.parametrize(
    ("visits", "minutes", "satisfied", "expected", "word"),
    [
        ((12, 12), (1440, 1440), (5, 5), 100, "优秀"),
        ((12, 12), (1440, 1440), (0, 0), 100, "优秀"),  # nobody was asked: the others carry the weight
        ((12, 12), (1440, 1440), (0, 4), 80, "良好"),
        ((8, 12), (720, 1440), (3, 4), 61, "合格"),  # 66·40 + 50·40 + 75·20 = 6140
        ((6, 12), (0, 0), (0, 0), 50, "待改进"),  # visits alone were promised
        ((0, 12), (0, 1440), (0, 0), 0, "待改进"),
        ((0, 0), (0, 0), (3, 3), None, ""),  # nothing was promised yet
    ],
)
def test_a_score_weighs_what_is_known(visits, minutes, satisfied, expected, word):
    found = score(Share(*visits), Share(*minutes), 3, Share(*satisfied), RULE)
    assert found.value == expected
    if expected is None:
        assert "还不能评价" in found.why
    else:
        assert f"成效 {expected} 分，{word}" in found.why and "覆盖 3 户" in found.why


@pytest.mark.parametrize(("value", "word"), [(90, "优秀"), (89, "良好"), (75, "良好"), (74, "合格"), (59, "待改进")])
def test_the_words_begin_where_policy_says(value, word):
    assert grade(value, RULE) == word


def test_a_policy_whose_words_run_backwards_refuses_to_load():
    with pytest.raises(PolicyError, match="从低到高"):
        type(RULE)(**RULE.__dict__ | {"good_at": 95})


@pytest.mark.parametrize(
    ("form", "count", "others", "says"),
    [
        ("one", 1, [], ""),
        ("one", 0, [], "正好帮一户，现在登记了 0 户"),
        ("one", 2, [], "现在登记了 2 户"),
        ("one", 1, [("图书馆", "several")], "已由「图书馆」结对"),
        ("several", 1, [("图书馆", "one")], "已由「图书馆」结对"),
        ("several", 3, [("图书馆", "several"), ("医院", "several")], ""),
        ("several", 0, [], ""),  # the whole community
    ],
)
def test_one_helps_one_or_several_help_one(form, count, others, says):
    found = check_households(form, count, others)
    assert (says in found[0].says) if says else not found


@pytest.mark.parametrize(
    ("unit", "digits"),
    [
        ("530102001001", 12),
        ("530102001", 9),
        ("530102002", 6),
        ("530102", 6),
        ("530103001", 4),
        ("5303", 2),
        ("51", 0),
    ],
)
def test_nearness_is_read_off_the_codes(unit, digits):
    assert shared_digits("530102001001", unit) == digits


def test_the_nearest_comes_first_then_who_fits_then_who_is_free():
    def unit(name, division, offers="", pairings=0):
        return Candidate(0, name, division, frozenset(offers.split()), pairings)

    wanted = {"01": "家政服务", "06": "技能培训"}
    rows = [
        unit("远", "530103001", "01 06"), unit("县", "530102", "01 06"), unit("街忙", "530102001", "01", 2),
        unit("街闲", "530102001", "01", 0), unit("街配", "530102001", "01 06", 3), unit("社区", "530102001001"),
    ]  # fmt: skip
    found = suggest("530102001001", wanted, rows)
    assert [one.candidate.name for one in found] == ["社区", "街配", "街闲", "街忙", "县", "远"]
    assert found[1].why == "与社区同一街道，能提供社区需要的家政服务、技能培训，现有结对 3 个。"
    assert found[0].why == "就在本社区，没有填写社区需要的服务，还没有结对。"
    assert len(suggest("530102001001", wanted, rows, count=2)) == 2


# --- units ---


def test_a_station_knows_the_units_of_its_county_and_a_division_its_own(cast):
    unit = a_unit(cast)
    for by in (cast.recorder, cast.head, cast.county, cast.prefecture, cast.province, cast.auditor):
        assert find(Unit, unit.id, by)
    next_county = Actor(99, "盘龙督导", Role.SUPERVISOR, None, "530103")
    for by in (cast.head_b, next_county, cast.volunteer):
        with pytest.raises(NotFound):
            find(Unit, unit.id, by)


def test_stations_and_supervisors_enter_units_near_them_and_auditors_none(cast):
    assert a_unit(cast, by=cast.recorder, name="甲")
    assert a_unit(cast, by=cast.prefecture, name="乙", division="530103001")
    with pytest.raises(Refusal, match="只能登记本县"):
        a_unit(cast, by=cast.recorder, name="丙", division="530103001")
    with pytest.raises(Refusal, match="只能登记本县"):
        a_unit(cast, by=cast.county, name="丙", division="530103001")
    with pytest.raises(Refusal, match="审计员不能办理"):
        a_unit(cast, by=cast.auditor, name="丙")
    with pytest.raises(Refusal, match="请选到街道"):
        a_unit(cast, by=cast.prefecture, name="丙", division="5301")


def test_a_unit_is_registered_once_in_its_county(cast):
    a_unit(cast, uscc="91110000600037341L")
    with pytest.raises(Refusal, match="已登记：五华区图书馆"):
        a_unit(cast)
    with pytest.raises(Refusal, match="已登记：五华区图书馆"):
        a_unit(cast, name="另一个", uscc="91110000600037341l")
    assert a_unit(cast, by=cast.prefecture, division="530103")  # a namesake elsewhere
    with pytest.raises(Refusal, match="校验码"):
        a_unit(cast, name="又一个", uscc="91110000600037341A")


def test_what_another_office_linked_does_not_keep_a_station_from_correcting_the_rest(cast):
    team = a_team(cast)
    unit = a_unit(cast, team=team.id)
    neighbour = Actor(77, "邻站", Role.HEAD, cast.b.id)
    Station.update(division="530102001001").where(Station.id == cast.b.id).execute()
    assert Unit.amend(unit.id, neighbour, address="翠湖南路 1 号").team_id == team.id
    with pytest.raises(Refusal, match="没有找到所选的「单位服务队」"):
        a_unit(cast, by=neighbour, name="丙", team=team.id)


def test_the_contact_is_opened_with_a_reason(cast):
    unit = a_unit(cast)
    assert unit.reveal("contact", cast.county, "通知结对") == "13912345678"
    with pytest.raises(Refusal, match="不能办理"):
        unit.reveal("contact", cast.auditor, "检查")


# --- agreements ---


@pytest.mark.parametrize(
    ("values", "where", "says"),
    [
        ({"ends_on": date(2020, 1, 1)}, "ends_on", "应晚于起始日期"),
        ({"ends_on": date(2090, 1, 1)}, "ends_on", "最长 5 年"),
        ({"promised_visits": 0}, "promised_visits", "应在 1 到"),
        ({"promised_minutes": -1}, "promised_minutes", "应在 0 到"),
        ({"categories": []}, "categories", "至少一类"),
        ({"form": "three"}, "form", "没有「three」"),
        ({"unit_person": " "}, "unit_person", "请填写"),
    ],
)
def test_an_agreement_that_does_not_fit_is_refused(cast, values, where, says):
    with pytest.raises(Refusal) as no:
        a_draft(cast, **values)
    assert any(f.where == where and says in f.says for f in no.value.findings), no.value


def test_a_unit_of_another_county_or_out_of_use_is_not_paired(cast):
    far = a_unit(cast, by=cast.prefecture, name="盘龙区档案馆", division="530103001")
    with pytest.raises(Refusal, match="没有找到所选的「文明单位」"):
        a_draft(cast, far)
    unit = a_unit(cast)
    Unit.amend(unit.id, cast.county, active=False)
    with pytest.raises(Refusal, match="已停用"):
        a_draft(cast, unit)


def test_one_agreement_of_a_unit_with_a_community_holds_at_a_time(cast):
    unit = a_unit(cast)
    a_pairing(cast, unit)
    with pytest.raises(Refusal, match="已有结对中的协议"):
        a_pairing(cast, unit)


def test_what_holds_is_not_amended(cast):
    row = a_pairing(cast)
    with pytest.raises(Refusal, match="请续签新的协议"):
        Pairing.amend(row.id, cast.head, promised_visits=1)


def paired(cast, row, home, **more):
    return PairedHousehold.enter(
        cast.recorder, pairing=row.id, household=home.id, since=clock.today() - timedelta(days=9), **more
    )


def test_one_helps_one_needs_its_household_before_it_is_submitted(cast):
    row = a_draft(cast, form="one")
    with pytest.raises(Refusal, match="现在登记了 0 户"):
        Pairing.move(row.id, "submit", cast.recorder)
    home = paired(cast, row, household(cast.recorder))
    with pytest.raises(Refusal, match="现在登记了 2 户"):
        paired(cast, row, household(cast.recorder, name="赵秀英", address="翠竹巷 9 号"))
    assert Pairing.move(row.id, "submit", cast.recorder).state == "submitted"
    assert home.station_id == cast.a.id


def test_several_units_may_help_one_household_and_one_alone_where_it_said_so(cast):
    home = household(cast.recorder)
    first = a_draft(cast, a_unit(cast, name="甲"))
    paired(cast, first, home)
    with pytest.raises(Refusal, match="已在这份协议里"):
        paired(cast, first, home)
    Pairing.move(first.id, "submit", cast.recorder)
    Pairing.move(first.id, "approve", cast.head)
    second = a_draft(cast, a_unit(cast, name="乙"))
    assert paired(cast, second, home)
    third = a_draft(cast, a_unit(cast, name="丙"), form="one")
    with pytest.raises(Refusal, match="已由「甲」结对"):
        paired(cast, third, home)
    Pairing.move(first.id, "end", cast.head, reason="单位撤并")
    assert paired(cast, third, home)
    with pytest.raises(Refusal, match="已终止，不能再改结对户"):
        paired(cast, first, home)


def test_a_household_that_left_makes_room(cast):
    row = a_draft(cast, form="one")
    gone = paired(cast, row, household(cast.recorder))
    PairedHousehold.amend(gone.id, cast.recorder, until=clock.today() - timedelta(days=1))
    assert paired(cast, row, household(cast.recorder, name="赵秀英", address="翠竹巷 9 号"))
    with pytest.raises(Refusal, match="不早于结对日期"):
        PairedHousehold.amend(gone.id, cast.recorder, until=clock.today() - timedelta(days=99))


def test_an_agreement_runs_out_after_its_last_day_and_not_before(cast):
    row = a_pairing(cast, ends_on=clock.today())
    assert "expire" not in {move.name for move in row.legal_moves(cast.head)}
    with pytest.raises(Refusal, match="还没有到期"):
        Pairing.move(row.id, "expire", cast.head)
    assert expire_due(SYSTEM) == 0
    clock.move_demo_clock(1)
    assert expire_due(SYSTEM) == 1
    assert Pairing.get_by_id(row.id).state == "expired"


def test_a_renewal_takes_the_columns_and_the_households_and_follows_on(cast):
    row = a_pairing(cast)
    home = paired(cast, row, household(cast.recorder))
    paired(
        cast, row, household(cast.recorder, name="赵秀英", address="翠竹巷 9 号"), until=clock.today() - timedelta(1)
    )
    new = Pairing.renew(row.id, cast.recorder)
    assert (new.state, new.renews_id, new.starts_on) == ("draft", row.id, row.ends_on + timedelta(days=1))
    assert new.ends_on - new.starts_on == row.ends_on - row.starts_on
    assert (new.unit_id, new.promised_visits, new.categories) == (row.unit_id, 3, ["01"])
    assert [kept.household_id for kept in new.households] == [home.household_id]
    with pytest.raises(Refusal, match="已经续签过"):
        Pairing.renew(row.id, cast.recorder)
    with pytest.raises(Refusal, match="生效以后才能续签"):
        Pairing.renew(new.id, cast.recorder)
    with pytest.raises(NotFound):
        Pairing.renew(row.id, cast.head_b)
    with pytest.raises(Refusal, match="不能办理"):
        Pairing.renew(row.id, cast.auditor)


def test_an_activity_counts_for_an_agreement_only_within_its_days(cast):
    today = clock.today()
    row = a_pairing(cast, starts_on=today - timedelta(days=20), ends_on=today + timedelta(days=9))
    activity = cast.activity(today - timedelta(days=20), pairing=row.id)
    assert activity.pairing_id == row.id
    for ago in (21, -10):
        with pytest.raises(Refusal, match="不在结对期内"):
            cast.activity(today - timedelta(days=ago), pairing=row.id)
    draft = a_draft(cast, a_unit(cast, name="乙"))
    with pytest.raises(Refusal, match="草稿，不能计入活动"):
        cast.activity(today, pairing=draft.id)
    Pairing.move(row.id, "end", cast.head, reason="单位撤并")
    assert Activity.amend(activity.id, cast.recorder, place="广场").place == "广场"


# --- deliveries ---


def visited(cast, row, *days):
    """A visit of two hours on each day, held and posted."""
    person = cast.registered("李明")
    lines = []
    for day in days:
        activity = cast.activity(day, pairing=row.id)
        Activity.move(activity.id, "hold", cast.recorder)
        lines.append(cast.draft(person, activity))
    keys = [record.id for record in key_in(lines, cast.recorder)]
    for name in ("submit", "approve", "notice"):
        move_all(keys, name, cast.recorder if name == "submit" else cast.head)
    past_the_notice()
    post_due()


def test_what_was_done_stands_beside_what_was_promised_by_quarter(cast_on_either):
    cast = cast_on_either
    row = a_pairing(cast)
    this = Quarter.of(clock.today())
    before = this.before
    visited(cast, row, before.first, before.first + timedelta(days=1), before.first + timedelta(days=2))
    cast.activity(before.first + timedelta(days=3), pairing=row.id)  # planned, not held
    lines = {one.quarter: one for one in deliveries.quarters(row)}
    assert lines[before].visits == Share(3, 3) and lines[before].minutes == Share(360, 360)
    assert not lines[before].behind
    earlier = lines[before.before]
    assert earlier.visits == Share(0, 3) and earlier.behind
    with queries() as asked:
        deliveries.done([row.id, 2, 3, 4], before.first, before.last)
    assert len(asked) == 2
    ledger = {total.label: total.amount for total in totals("pairing", [Pairing.id == row.id]).sums}
    assert ledger == {"结对户数": 0, "活动次数": 3, "服务时长（小时）": 360}


def test_an_agreement_yet_to_begin_owes_nothing(cast):
    row = a_pairing(cast, starts_on=clock.today() + timedelta(days=5))
    assert deliveries.quarters(row) == []


def listed(model, where, by):
    return {row.id for row in model.select().where(where(by))}


def test_expiring_lists_those_whose_last_day_comes_within_the_days_of_policy(cast):
    today = clock.today()
    ends = {0: True, RULE.expiring_days: True, RULE.expiring_days + 1: False}
    rows = {n: a_pairing(cast, a_unit(cast, name=f"单位{n}"), ends_on=today + timedelta(days=n)) for n in ends}
    draft = a_draft(cast, a_unit(cast, name="草"), ends_on=today + timedelta(days=1))
    found = listed(Pairing, deliveries.expiring, cast.head)
    assert {n: row.id in found for n, row in rows.items()} == ends
    assert draft.id not in found


def test_behind_lists_who_owes_when_the_quarter_nears_its_end(cast):
    quarter = Quarter.of(clock.today()).next
    start = quarter.last - timedelta(days=RULE.behind_days)
    clock.move_demo_clock((start - clock.today()).days - 1)
    good, bad = (
        a_pairing(
            cast,
            a_unit(cast, name=n),
            promised_visits=1,
            promised_minutes=120,
            starts_on=FROM,
            ends_on=FROM + timedelta(1600),
        )
        for n in ("甲", "乙")
    )
    assert listed(Pairing, deliveries.behind, cast.head) == set()  # the day before the reminder begins
    visited(cast, good, quarter.first)
    clock.move_demo_clock(1)
    assert Quarter.of(clock.today()) == quarter
    assert listed(Pairing, deliveries.behind, cast.head) == {bad.id}
    Pairing.move(bad.id, "end", cast.head, reason="单位撤并")
    assert listed(Pairing, deliveries.behind, cast.head) == set()


def test_unpaired_lists_units_in_use_without_an_agreement_in_force(cast):
    free, taken, out = (a_unit(cast, name=n) for n in ("甲", "乙", "丙"))
    a_draft(cast, free)
    row = a_pairing(cast, taken)
    Unit.amend(out.id, cast.county, active=False)
    assert listed(Unit, deliveries.unpaired, cast.county) == {free.id}
    Pairing.move(row.id, "end", cast.head, reason="单位撤并")
    assert listed(Unit, deliveries.unpaired, cast.county) == {free.id, taken.id}


def test_a_card_sums_four_quarters_households_and_what_they_said(cast):
    today = clock.today()
    this = Quarter.of(today)
    row = a_pairing(cast, starts_on=this.before.before.first)
    home = household(cast.recorder)
    paired(cast, row, home)
    visited(cast, row, this.before.first, this.before.first + timedelta(days=1))
    for said in ("5", "2"):
        asked = need(cast.recorder, home)
        Need.update(satisfaction=said, rated_on=today, state="rated").where(Need.id == asked.id).execute()
    card = deliveries.card(row.unit, cast.county)
    assert (card.households, card.satisfied) == (1, Share(1, 2))
    assert card.visits.done == 2 and card.visits.owed >= 6 + 1
    assert card.minutes.done == 240
    assert card.score.value is not None and f"成效 {card.score.value} 分" in card.score.why
    assert card.version.startswith("pairing@53")
    stranger = deliveries.card(row.unit, cast.head_b)
    assert stranger.score.value is None and stranger.households == 0


def test_units_near_are_of_the_own_scope_and_not_helping_here_yet(cast):
    here = a_unit(cast, name="同街")
    a_unit(cast, name="县里", division="530102")
    a_unit(cast, by=cast.prefecture, name="邻县", division="530103001")
    out = a_unit(cast, name="停用")
    Unit.amend(out.id, cast.county, active=False)
    need(cast.recorder, household(cast.recorder), category="06")
    found = deliveries.near(cast.a, cast.recorder)
    assert [one.candidate.name for one in found] == ["同街", "县里"]
    assert found[0].why == "与社区同一街道，能提供社区需要的技能培训，还没有结对。"
    assert [one.candidate.name for one in deliveries.near(cast.a, cast.prefecture)] == ["同街", "县里", "邻县"]
    a_pairing(cast, here)
    assert [one.candidate.name for one in deliveries.near(cast.a, cast.recorder, ["01"])] == ["县里"]
