"""Presence by policy, as a table a lead can read, and what always holds of it."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise, permutations

import pytest
from drawn import rules_of
from hypothesis import given
from hypothesis import strategies as st

from rules.here_codes import HereCode, fresh, read_here_code, step_of
from rules.policy import PolicyBook
from rules.presence import Pressed, across, clock_is_off, outside, presence, runs, too_late, unjudged
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


# Two turns that follow each other, 9-11 and 11-13 where nothing else is said. What is pressed at each is parted by «|»; what
# it comes to likewise, «here» where she did not sign out.
TURNS = ("09:00-11:00", "11:00-13:00")
THREE = ("09:00-10:00", "10:00-12:00", "12:00-13:00")
ACROSS = [
    # in before the first and out after the last: at both, and no minute twice
    ("+08:55 | -13:02", TURNS, {}, "09:00-11:00 | 11:00-13:00"),
    ("+09:10 | -12:30", TURNS, {}, "09:10-11:00 | 11:00-12:30"),
    ("+08:55 | | -13:00", THREE, {}, "09:00-10:00 | 10:00-12:00 | 12:00-13:00"),
    ("+08:55 | -11:30 | ", THREE, {}, "09:00-10:00 | 10:00-11:30 | "),
    ("| +10:05 | -13:00", THREE, {}, "| 10:05-12:00 | 12:00-13:00"),
    ("+08:40 | -13:30", TURNS, {"early_counts": True, "late_counts": True}, "08:40-11:00 | 11:00-13:30"),
    # the way it was: out and in again between them
    ("+08:55 -11:00 | +11:00 -13:00", TURNS, {}, "09:00-11:00 | 11:00-13:00"),
    ("+08:55 -10:50 | +11:00 -13:00", TURNS, {}, "09:00-10:50 | 11:00-13:00"),
    ("+08:55 | -11:05 +11:06 -13:00", TURNS, {}, "09:00-11:00 | 11:06-13:00"),
    # the sign-out said of the first turn when the second had begun
    ("+08:55 -13:02 | ", TURNS, {}, "09:00-11:00 | 11:00-13:00"),
    # gone a moment after the next began: that was the sign-out of the one before
    ("+08:55 | -11:00", TURNS, {}, "09:00-11:00 | "),
    ("+08:55 | -11:15", TURNS, {}, "09:00-11:00 | "),
    ("+08:55 | -11:15", TURNS, {"late_counts": True}, "09:00-11:15 | "),
    ("+08:55 | -11:16", TURNS, {}, "09:00-11:00 | 11:00-11:16"),
    ("+08:55 | -11:10 -13:00", TURNS, {}, "09:00-11:00 | "),
    # away and back during the second
    ("+08:55 | -11:30 +12:00 -13:00", TURNS, {}, "09:00-11:00 | 11:00-11:30 12:00-13:00"),
    # the time between them is nobody's; longer than a short break they do not follow each other
    ("+08:55 | -13:00", ("09:00-11:00", "11:15-13:00"), {}, "09:00-11:00 | 11:15-13:00"),
    ("+08:55 | -13:00", ("09:00-11:00", "11:16-13:00"), {}, "here | "),
    ("+08:55 | -13:00", ("09:00-11:00", "11:05-13:00"), {"short_break": 0}, "here | "),
    # gone from the first and never come to the second; never come at all
    ("+08:55 -11:00 | -13:00", TURNS, {}, "09:00-11:00 | "),
    (" | -13:00", TURNS, {}, " | "),
    # come again without having gone: that she stayed is not said, the first waits for its sign-out as policy has it
    ("+08:55 | +11:02 -13:00", TURNS, {}, "here | 11:02-13:00"),
    ("+08:55 | +11:02 -13:00", TURNS, {"unsigned": "end"}, "09:00-11:00 here | 11:02-13:00"),
    # not out yet
    ("+08:55 | ", TURNS, {}, "here | "),
    ("+08:55 | ", TURNS, {"unsigned": "end"}, "09:00-11:00 here | "),
    ("+08:55 | -11:30 +12:00", TURNS, {}, "09:00-11:00 | 11:00-11:30 here"),
]


def said_across(text: str, turns: tuple[str, ...], policy: dict) -> str:
    rule, parts = replace(RULE, **policy), []
    hours = [tuple(at(one) for one in turn.split("-")) for turn in turns]
    for (starts, ends), presses in zip(hours, across(hours, [pressed(one) for one in text.split("|")], rule), strict=True):
        found = presence(presses, starts, ends, rule)
        some = [f"{start:%H:%M}-{end:%H:%M}" for start, end in found.stretches]
        parts.append(" ".join([*some, *(["here"] if found.here else [])]))
    return " | ".join(parts)


@pytest.mark.parametrize(("text", "turns", "policy", "comes_to"), ACROSS, ids=[f"{c[0]} {c[1]} {c[2]}" for c in ACROSS])
def test_presence_at_turns_that_follow_each_other(text, turns, policy, comes_to):
    assert said_across(text, turns, policy).strip() == comes_to.strip()


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


bounds = st.lists(st.integers(0, 24 * 60 - 1), min_size=2, max_size=8, unique=True).map(sorted)


@given(bounds=bounds, presses=sets, rule=rules_of(PresenceRule), data=st.data())
def test_staying_from_turn_to_turn_never_makes_more_than_from_the_first_coming_to_the_last_going(bounds, presses, rule, data):
    rule = replace(rule, early_counts=False, late_counts=False, unsigned="hold")
    times = [datetime.combine(DAY, time()) + timedelta(minutes=one) for one in bounds]
    turns = list(zip(times[::2], times[1::2], strict=False))
    parts: list[list[Pressed]] = [[] for _ in turns]
    for one in presses:
        parts[data.draw(st.integers(0, len(turns) - 1))].append(one)
    found = [presence(some, *turn, rule) for some, turn in zip(across(turns, parts, rule), turns, strict=True)]
    stretches = [one for some in found for one in some.stretches]
    assert all(one[1] <= other[0] for one, other in pairwise(stretches))
    came, went = [one.at for one in presses if one.into], [one.at for one in presses if not one.into]
    minutes = sum(one.minutes for one in found)
    assert minutes == 0 or minutes <= (max(went) - min(came)).total_seconds() // 60
    assert across(turns, across(turns, parts, rule), rule) == across(turns, parts, rule)


@given(bounds=bounds, rule=rules_of(PresenceRule))
def test_every_turn_is_of_one_run_and_those_apart_are_judged_alone(bounds, rule):
    times = [datetime.combine(DAY, time()) + timedelta(minutes=one) for one in bounds]
    turns = list(zip(times[::2], times[1::2], strict=False))
    found = runs(turns, rule)
    assert [place for run in found for place in run] == list(range(len(turns)))
    for run, after in pairwise(found):
        assert turns[after.start][0] - turns[run.stop - 1][1] > timedelta(minutes=rule.short_break)


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
