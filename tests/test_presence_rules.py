"""Presence by policy, as a table a lead can read, and what always holds of it."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import permutations

import pytest
from drawn import rules_of
from hypothesis import given
from hypothesis import strategies as st

from rules.here_codes import HereCode, fresh, read_here_code, step_of
from rules.policy import PolicyBook
from rules.presence import Pressed, clock_is_off, outside, presence, too_late, unjudged
from rules.topics import PresenceRule

DAY = date(2026, 3, 5)
RULE: PresenceRule = PolicyBook.of().on("presence", "530102", DAY).rule


def at(hhmm: str) -> datetime:
    return datetime.combine(DAY, time.fromisoformat(hhmm))


def pressed(text: str) -> list[Pressed]:
    """«+08:55 -11:02»: came at 8:55, went at 11:02."""
    return [Pressed(at(one[1:]), one[0] == "+") for one in text.split()]


def said(text: str, **policy) -> str:
    """The stretches of a turn from 9 to 12, and whether she is there: «09:00-11:00 here»."""
    found = presence(pressed(text), at("09:00"), at("12:00"), replace(RULE, **policy))
    parts = [f"{start:%H:%M}-{end:%H:%M}" for start, end in found.stretches]
    return " ".join([*parts, *(["here"] if found.here else [])])


CASES = [
    ("", {}, ""),
    ("+09:00 -12:00", {}, "09:00-12:00"),
    ("+09:10 -11:30", {}, "09:10-11:30"),
    # early and late
    ("+08:40 -12:20", {}, "09:00-12:00"),
    ("+08:40 -12:20", {"early_counts": True}, "08:40-12:00"),
    ("+08:40 -12:20", {"early_counts": True, "late_counts": True}, "08:40-12:20"),
    ("+08:20 -08:50", {}, ""),
    # pressed twice
    ("+09:00 +09:05 -12:00", {}, "09:00-12:00"),
    ("+09:00 -11:00 -11:30", {}, "09:00-11:00"),
    ("-08:50 +09:00 -11:00", {}, "09:00-11:00"),
    ("-11:00", {}, ""),
    # breaks
    ("+09:00 -10:00 +10:10 -12:00", {}, "09:00-12:00"),
    ("+09:00 -10:00 +10:15 -12:00", {}, "09:00-12:00"),
    ("+09:00 -10:00 +10:16 -12:00", {}, "09:00-10:00 10:16-12:00"),
    ("+09:00 -10:00 +11:00 -12:00", {"breaks": False}, "09:00-12:00"),
    ("+09:00 -10:00 +10:05 -12:00", {"short_break": 0}, "09:00-10:00 10:05-12:00"),
    # not signed out
    ("+09:00", {}, "here"),
    ("+09:00", {"unsigned": "end"}, "09:00-12:00 here"),
    ("+09:00", {"unsigned": "none"}, "here"),
    ("+09:00 -10:00 +11:00", {}, "09:00-10:00 here"),
    ("+09:00 -10:00 +11:00", {"unsigned": "end"}, "09:00-10:00 11:00-12:00 here"),
    ("+12:30", {"unsigned": "end", "late_counts": True}, "here"),
    # of two at one moment the coming is first
    ("+09:00 -09:00", {}, ""),
]


@pytest.mark.parametrize(("text", "policy", "comes_to"), CASES, ids=[f"{c[0]} {c[1] or ''}" for c in CASES])
def test_presence_by_policy(text, policy, comes_to):
    assert said(text, **policy) == comes_to


moments = st.integers(0, 24 * 60 - 1).map(lambda minute: datetime.combine(DAY, time()) + timedelta(minutes=minute))
sets = st.lists(st.builds(Pressed, moments, st.booleans()), max_size=8)


@given(presses=sets, turn=st.tuples(moments, moments).map(sorted), rule=rules_of(PresenceRule))
def test_it_is_never_negative_never_overlaps_and_never_longer_than_from_in_to_out(presses, turn, rule):
    found = presence(presses, *turn, rule)
    assert all(start < end for start, end in found.stretches)
    assert all(one[1] <= other[0] for one, other in zip(found.stretches, found.stretches[1:], strict=False))
    if not found.stretches:
        assert found.minutes == 0
        return
    last = found.left or max(turn[1], max(one.at for one in presses))
    assert found.came <= found.stretches[0][0] and found.stretches[-1][1] <= last
    assert 0 < found.minutes <= (last - found.came).total_seconds() // 60


@given(presses=st.lists(st.builds(Pressed, moments, st.booleans()), max_size=4), rule=rules_of(PresenceRule))
def test_the_order_in_which_late_presses_arrive_does_not_matter(presses, rule):
    found = {presence(order, at("09:00"), at("12:00"), rule) for order in permutations(presses)}
    assert len(found) == 1
    assert presence(presses * 2, at("09:00"), at("12:00"), rule) in found  # nor that one came twice


@given(presses=sets, rule=rules_of(PresenceRule))
def test_deducting_breaks_never_gives_more(presses, rule):
    with_breaks = presence(presses, at("09:00"), at("12:00"), replace(rule, breaks=True))
    assert with_breaks.minutes <= presence(presses, at("09:00"), at("12:00"), replace(rule, breaks=False)).minutes


def test_whoever_did_not_sign_out_is_judged_by_the_lead_where_policy_says_so():
    assert unjudged(pressed("+09:00"), at("09:00"), at("12:00"), RULE)
    assert not unjudged(pressed("+09:00 -10:00"), at("09:00"), at("12:00"), RULE)
    assert not unjudged(pressed("+09:00"), at("09:00"), at("12:00"), replace(RULE, unsigned="end"))


TIMES = [
    ("07:59", True, "签到从 08:00 开始"), ("08:00", True, ""), ("11:59", True, ""), ("12:00", True, "不能再签到"),
    ("12:00", False, ""), ("14:00", False, ""), ("14:01", False, "签退到 14:00 截止"),
]  # fmt: skip


@pytest.mark.parametrize(("hhmm", "into", "says"), TIMES)
def test_presses_outside_the_time_are_told_until_when(hhmm, into, says):
    found = outside(at(hhmm), into, at("09:00"), at("12:00"), RULE)
    assert says in found and bool(says) == bool(found)


def test_a_clock_is_off_where_any_comparison_says_so():
    assert not clock_is_off([None, 120], RULE) and not clock_is_off([-120, None], RULE) and not clock_is_off([], RULE)
    assert clock_is_off([121, 0], RULE) and clock_is_off([0, -121], RULE)


def test_what_a_device_kept_counts_for_so_many_hours():
    assert not too_late(at("09:00"), at("09:00") + timedelta(hours=72), RULE)
    assert too_late(at("09:00"), at("09:00") + timedelta(hours=72, seconds=1), RULE)


MAC = "0123456789abcdef" * 2


@given(kind=st.sampled_from("sdt"), key=st.integers(1, 999_999_999), since=moments)
def test_a_code_reads_back_as_it_was_written_and_names_nobody(kind, key, since):
    code = HereCode(kind, key, since)
    assert read_here_code(code.signed(MAC)) == (code, MAC)


@pytest.mark.parametrize("text", ["", "s12", "s0-1-" + MAC, "x1-1-" + MAC, "s1-1-" + MAC[:-1], "s1-999999999999-" + MAC, "ｓ1-1-" + MAC])
def test_what_is_no_code_is_none(text):
    assert read_here_code(text) is None


@given(now=moments, seconds=st.integers(10, 600))
def test_a_step_began_and_is_not_over(now, seconds):
    since = step_of(now, replace(RULE, screen_seconds=seconds))
    assert timedelta(0) <= now - since < timedelta(seconds=seconds)
    code = HereCode("s", 1, since)
    assert fresh(code, now, timedelta(seconds=seconds)) and not fresh(code, since - timedelta(seconds=1), timedelta(days=1))
    assert not fresh(code, since + timedelta(seconds=seconds + 1), timedelta(seconds=seconds))
