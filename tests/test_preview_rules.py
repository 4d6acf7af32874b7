"""What SQL may leave out of a preview: outside the spans that the rules name, no decision is another."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rules.earning import Earner, earned_minutes
from rules.policy import Version, shipped
from rules.previews import (
    EARNING,
    Pair,
    earns_alike,
    exchange_change,
    honour_ranges,
    last_expired,
    may_exchange,
    moved_levels,
    narrow,
    quarter,
    star_change,
)
from rules.rewards import Standing, Wish, expires_on
from rules.topics import Exchange, StarLevel, Stars, Weight

DAY = date(2026, 3, 5)


@st.composite
def star_rules(draw):
    hours = sorted(draw(st.sets(st.integers(1, 12), min_size=1, max_size=4)))
    names = sorted(draw(st.sets(st.integers(1, 6), min_size=len(hours), max_size=len(hours))))
    return Stars(
        tuple(
            StarLevel(star, at, draw(st.sampled_from(("county", "province"))), draw(st.integers(0, 3)), draw(st.booleans()))
            for star, at in zip(names, hours, strict=True)
        )
    )


@given(star_rules(), star_rules(), st.integers(0, 15 * 60), st.integers(0, 5))
def test_outside_the_honour_spans_the_star_is_the_same_whatever_the_tenure(before, after, honour, tenure):
    pair = Pair(version("stars", before), version("stars", after))
    was, now = star_change(honour, DAY - timedelta(days=tenure), DAY, pair)
    inside = any(low <= honour and (high is None or honour < high) for low, high in honour_ranges(before, after))
    assert was == now or inside
    assert honour_ranges(before, before) == [] and moved_levels(before, before) == set()


def test_the_honour_spans_are_no_wider_than_the_thresholds_that_moved():
    before, after = (Stars((StarLevel(1, at, "county", 0, False), StarLevel(2, 300, "county", 0, False))) for at in (100, 120))
    assert honour_ranges(before, after) == [(6000, 7200)]


exchange_rules = st.builds(
    Exchange,
    points_per_hour=st.integers(1, 90), origins=st.just(("desk",)), floor_hours=st.integers(0, 5),
    yearly_cap_points=st.integers(0, 5), valid_months=st.integers(0, 30),
    floor_star=st.integers(0, 5), spend_age=st.integers(0, 20), approval=st.booleans(),
    weekdays=st.sampled_from(((), ("1",), ("6", "7"))), kinds=st.sampled_from((("service",), ("service", "goods"))),
)  # fmt: skip


standings = st.builds(
    Standing, day=st.dates(date(2026, 3, 1), date(2026, 3, 9)), balance_minutes=st.integers(-10, 70),
    honour_minutes=st.integers(0, 400), points_this_year=st.just(0), star=st.integers(0, 5), age=st.integers(0, 30),
)  # fmt: skip


@given(exchange_rules, exchange_rules, standings)
def test_whoever_is_left_out_of_the_balances_may_exchange_under_both_or_neither(before, after, standing):
    pair = Pair(version("exchange", before), version("exchange", after))
    was, now = (may_exchange(standing, one) for one in (pair.before, pair.after))
    assert was == now or narrow(pair).holds(standing.honour_minutes, standing.balance_minutes)
    assert narrow(Pair(pair.before, pair.before)).nobody


earning_rules = st.builds(
    Exchange,
    points_per_hour=st.integers(1, 90), origins=st.sampled_from((("desk",), ("group",), ())), floor_hours=st.integers(0, 5),
    yearly_cap_points=st.integers(0, 5), valid_months=st.integers(0, 30), other_weight=st.sampled_from((100, 50)),
    unit_minutes=st.sampled_from((1, 60)), balance_cap_hours=st.sampled_from((0, 1)), minimum_age=st.sampled_from((0, 18)),
    activity_cap_minutes=st.sampled_from((0, 60)), weights=st.sampled_from(((), (Weight("01", 50),))),
    over_cap=st.sampled_from(("honour", "donation")), donation_origins=st.sampled_from(((), ("desk",))),
    guardian_allows=st.booleans(), recruit_points=st.integers(0, 2), opening_points=st.integers(0, 2),
    spend_age=st.integers(0, 2), floor_star=st.integers(0, 2), approval=st.booleans(),
    weekdays=st.sampled_from(((), ("1",))), kinds=st.sampled_from((("service",), ("goods",))),
    point_worth_fen=st.integers(0, 2),
)  # fmt: skip


@given(earning_rules, earning_rules, st.integers(1, 200), st.integers(0, 120), st.integers(5, 40), st.data())
def test_a_record_earns_the_same_where_none_of_the_parameters_of_earning_differs(before, after, minutes, kept, age, data):
    same = {name: getattr(before, name) for name in EARNING} if data.draw(st.booleans()) else {}
    pair = Pair(version("exchange", before), version("exchange", replace(after, **same)))
    who = Earner(date(DAY.year - age, 1, 1), data.draw(st.booleans()), DAY)
    was, now = (
        earned_minutes(minutes, "desk", "01", DAY, who, activity=0, kept=kept, version=one).value
        for one in (pair.before, pair.after)
    )
    assert was == now or not earns_alike(pair)
    assert not same or earns_alike(pair)


@given(exchange_rules, st.dates(date(2000, 1, 1), date(2030, 1, 1)), st.dates(date(2000, 1, 1), date(2030, 1, 1)))
def test_the_last_expired_day_parts_what_is_past_its_term_from_what_is_not(rule, day, earned_on):
    one = version("exchange", rule)
    ends, last = expires_on(earned_on, one), last_expired(day, one)
    assert (ends is not None and ends <= day) == (last is not None and earned_on <= last)


def test_an_exchange_refused_under_both_is_no_change_whatever_it_would_cost():
    cheap, dear = (version("exchange", Exchange(rate, ("desk",), 10, 0, 0)) for rate in (2, 1))

    def change(balance, honour, pair):
        return exchange_change(Wish("service", 2), Standing(DAY, balance, honour, 0, 0, 30), pair)

    assert change(600, 60, Pair(cheap, dear))[0] == ""
    assert change(600, 600, Pair(cheap, dear))[:3] == ("dearer", 60, 120)
    assert change(119, 600, Pair(cheap, dear))[0] == "refused"
    assert change(119, 600, Pair(dear, cheap))[0] == "allowed"


def test_a_quarter_is_three_months_back_on_the_same_day_or_that_months_last():
    assert quarter(date(2026, 3, 5)) == date(2025, 12, 5)
    assert quarter(date(2026, 5, 31)) == date(2026, 2, 28)
    assert quarter(date(2026, 1, 15)) == date(2025, 10, 15)


def version(topic: str, rule) -> Version:
    part = next(one for one in shipped() if one.topic == topic)
    return Version(topic, "53", date(2020, 1, 1), "", rule, (part,))
