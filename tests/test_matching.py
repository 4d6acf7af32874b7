"""志愿者、服务对象和活动项目的有效衔接 (方案 二(3)): who may take a turn, what would make her fit, who fits best."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from rules import matching
from rules.matching import Match, Person, Task, cells_of, is_holiday, match
from rules.policy import PolicyBook
from rules.records import Span
from rules.rostering import Obstacle, clashes, company, obstacles
from rules.topics import Roster

RULE: Roster = PolicyBook.of().on("roster", "53", date(2025, 1, 1)).rule
DAY = date(2026, 11, 24)  # a Tuesday
COMMUNITY = "530102001001"


def at(hhmm: str, day: date = DAY) -> datetime:
    return datetime.combine(day, datetime.strptime(hhmm, "%H:%M").time())


def task(start="09:00", end="11:00", **more) -> Task:
    cells = cells_of(at(start), at(end), holiday=False)
    return Task(at(start), at(end), **({"cells": cells, "social_worker": "钱进", "place": COMMUNITY} | more))


def person(**more) -> Person:
    return Person(**({"name": "李明", "birth_date": date(1980, 5, 6), "home": COMMUNITY} | more))


def busy(start: str, end: str, called="「打扫」", day: date = DAY) -> Span:
    return Span(at(start, day), at(end, day), called, int((at(end) - at(start)).total_seconds() // 60))


def says(found: list[Obstacle]) -> str:
    return "　".join(o.finding().says for o in found)


# --- the grid of free time ---


@pytest.mark.parametrize(
    ("start", "end", "holiday", "cells"),
    [
        ("09:00", "11:00", False, {"04"}),  # 周二上午
        ("09:00", "12:00", False, {"04"}),
        ("09:00", "12:01", False, {"04", "05"}),
        ("12:00", "18:00", False, {"05"}),
        ("17:00", "19:00", False, {"05", "06"}),
        ("18:00", "20:00", False, {"06"}),
        ("08:00", "21:00", False, {"04", "05", "06"}),
        ("09:00", "11:00", True, {"22"}),
        ("14:00", "19:30", True, {"23", "24"}),
    ],
)
def test_day_and_time_lead_to_the_cells_of_the_grid(start, end, holiday, cells):
    assert cells_of(at(start), at(end), holiday=holiday) == cells


def test_a_weekend_has_its_own_columns_and_a_weekday_off_is_a_holiday():
    assert cells_of(at("09:00", date(2026, 11, 28)), at("10:00", date(2026, 11, 28)), holiday=False) == {"16"}
    assert cells_of(at("22:00"), at("00:00", DAY + timedelta(days=1)), holiday=False) == {"06"}
    assert is_holiday(DAY, False) and not is_holiday(DAY, True)
    assert not is_holiday(date(2026, 11, 28), False)


# --- who may: each refusal with what would make her fit, and beside it who is not refused ---

CHILD = date(2010, 11, 25)  # 15 on the day, 16 the day after
ELDEST = date(2008, 11, 24)  # 18 on the very day
CASES = [
    ("suspended", person(state="suspended"), task(), "已停用；由站长恢复后可以排班"),
    ("applied", person(state="applied"), task(), "还没有审核注册；站长审核通过后"),
    ("returned", person(state="returned"), task(), "还没有审核注册"),
    ("minor and risk", person(birth_date=CHILD, guardian="李母", consent_on=DAY), task(risky=True),
     "15 周岁，未成年人不参加有人身危险的活动；2028-11-25 满 18 周岁后可以"),
    ("minor without consent", person(birth_date=CHILD, guardian="李母"), task(), "没有监护人同意；登记监护人"),
    ("minor without guardian", person(birth_date=CHILD, consent_on=DAY), task(), "没有监护人同意"),
    ("consent after the day", person(birth_date=CHILD, guardian="李母", consent_on=DAY + timedelta(days=1)), task(),
     "没有监护人同意"),
    ("not born yet", person(birth_date=DAY + timedelta(days=1)), task(risky=True),
     "活动日期早于这位志愿者的出生日期；核对这两个日期"),
    ("post's age", person(birth_date=date(2000, 2, 29), minimum_age=27), task(),
     "26 周岁，岗位要求满 27 周岁；2027-03-01 以后可以"),
    ("activity's qualification", person(held=frozenset({"02"})), task(qualifications={"01": "健康证"}),
     "没有「健康证」资格；取得「健康证」或续期并登记后可以"),
    ("post's qualification", person(qualifications={"03": "护士"}), task(), "没有「护士」资格"),
    ("uninsured", person(), task(risky=True), "没有在保的人身意外伤害保险；办好保险并登记到「保险」后可以"),
    ("no social worker", person(), task(social_worker=" "), "还没有带队社工；在活动里填写「带队社工」"),
    ("overlap", person(busy=(busy("10:59", "12:00"),)), task(), "与 「打扫」 11月24日 10:59–12:00 时间重叠；换一个时间"),
    ("another station", person(busy=(busy("10:00", "12:00", "其他工作站的排班"),)), task(), "与 其他工作站的排班"),
    ("pause before", person(busy=(busy("08:00", "08:31"),)), task(), "只隔 29 分钟；至少间隔 30 分钟"),
    ("pause after", person(busy=(busy("11:00", "12:00"),)), task(), "只隔 0 分钟"),
    ("day", person(busy=(busy("12:00", "18:01"),)), task(), "2026-11-24 合计 8.02 小时；每天最多 8 小时"),
    ("week", person(busy=tuple(busy("09:00", "15:31", day=DAY + timedelta(days=n)) for n in (1, 2, 3, 5))), task(),
     "2026-11-23 起一周合计 28.07 小时；每周最多 28 小时"),
]  # fmt: skip
FREE = [
    ("registered", person(), task()),
    ("18 on the day", person(birth_date=ELDEST, insured=True), task(risky=True)),
    ("minor with consent", person(birth_date=CHILD, guardian="李母", consent_on=DAY), task()),
    ("qualified", person(held=frozenset({"01", "03"}), qualifications={"03": "护士"}), task(qualifications={"01": "健康证"})),
    ("insured", person(insured=True), task(risky=True)),
    ("rested", person(busy=(busy("08:00", "08:30"),)), task()),
    ("full day", person(busy=(busy("12:00", "18:00"),)), task()),
    ("full week", person(busy=tuple(busy("09:00", "15:30", day=DAY + timedelta(days=n)) for n in (1, 2, 3, 5))), task()),
    ("last week", person(busy=tuple(busy("09:00", "16:00", day=DAY - timedelta(days=n)) for n in (2, 3, 4, 5))), task()),
    ("no risk", person(insured=False), task(risky=False)),
]  # fmt: skip


@pytest.mark.parametrize(("someone", "turn", "said"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_stands_in_the_way_is_said_with_what_would_help(someone, turn, said):
    found = obstacles(someone, turn, RULE)
    assert said in says(found)
    assert all(o.why and o.remedy and not o.warning for o in found)


@pytest.mark.parametrize(("someone", "turn"), [case[1:] for case in FREE], ids=[case[0] for case in FREE])
def test_nothing_stands_in_the_way(someone, turn):
    assert obstacles(someone, turn, RULE) == []


def test_all_obstacles_are_said_at_once():
    someone = person(state="suspended", birth_date=CHILD, busy=(busy("10:00", "12:00"),))
    found = obstacles(someone, task(risky=True, social_worker="", qualifications={"01": "健康证"}), RULE)
    assert len(found) == 7


def test_two_shifts_of_one_activity_need_no_pause():
    shift = busy("11:00", "12:00")
    assert obstacles(person(busy=(shift,), here=(shift,)), task(), RULE) == []


def test_a_policy_that_asks_no_social_worker_and_no_pause_lets_pass():
    lax = replace(RULE, social_worker=False, gap_minutes=0)
    assert obstacles(person(busy=(busy("11:00", "12:00"),)), task(social_worker=""), lax) == []


@pytest.mark.parametrize(("people", "lacks"), [(0, "再排 2 人"), (1, "再排 1 人"), (2, ""), (3, "")])
def test_a_home_visit_is_made_by_two_at_least(people, lacks):
    found = company(task(home_visit=True), people, RULE)
    assert (lacks in says(found)) if lacks else found == []
    assert company(task(), people, RULE) == []


def test_a_finding_names_who_where_several_are_judged():
    (found,) = obstacles(person(state="suspended"), task(), RULE)
    assert found.finding("李明").says.startswith("李明：")
    assert found.finding().where == "volunteer"


# --- who fits best ---

REASONS = [
    (person(skills=frozenset({"11"})), task(skills={"11": "理发"}), "会理发", RULE.skill_points),
    (person(skills=frozenset({"11"})), task(skills={"11": "理发", "12": "按摩"}), "会理发", 15),
    (person(categories=frozenset({"01"})), task(category="01"), "服务类别相符", RULE.skill_points // 2),
    (person(applied="打餐"), task(), "已录用：打餐", RULE.applied_points),
    (person(free=frozenset({"04"})), task(), "周二上午有空", RULE.time_points),
    (person(free=frozenset({"04"})), task("10:00", "14:00"), "周二上午有空", RULE.time_points // 2),
    (person(free=frozenset({"05"})), task(), "周二上午未登记有空", 0),
    (person(), task(), "未登记服务时间", 0),
    (person(), task(), "同一社区", RULE.near_points),
    (person(home="530102001002"), task(), "同一街道", RULE.near_points * 60 // 100),
    (person(home="530102009001"), task(), "同一县区", RULE.near_points * 25 // 100),
    (person(home="530102"), task(), "同一县区", RULE.near_points * 25 // 100),
    (person(languages=frozenset({"yi"})), task(languages={"yi": "彝语"}), "会说彝语", RULE.tongue_points),
    (person(ethnicity="07"), task(ethnicity="07", ethnicity_name="彝族"), "同为彝族", RULE.tongue_points // 2),
    (person(visits=3), task(), "服务过这家 3 次", RULE.known_points),
    (person(), task(), "近 30 天 0 次 0 小时", RULE.load_points),
    (person(recent_minutes=630, recent_turns=4), task(), "近 30 天 4 次 10.50 小时", 4),
    (person(recent_minutes=5000, recent_turns=9), task(), "近 30 天 9 次 83.33 小时", 0),
    (person(missed=2), task(), "未到岗 2 次", -2 * RULE.missed_points),
]


@pytest.mark.parametrize(("someone", "turn", "tag", "points"), REASONS, ids=[case[2] for case in REASONS])
def test_each_reason_is_said_and_worth_its_points(someone, turn, tag, points):
    assert {reason.tag: reason.points for reason in match(someone, turn, RULE).reasons}[tag] == points


def test_who_lives_in_another_county_is_not_near():
    tags = {reason.tag for reason in match(person(home="530103001001"), task(), RULE).reasons}
    assert not tags & {"同一社区", "同一街道", "同一县区"}


def test_the_best_come_first_and_equals_keep_their_order():
    three, five = Match(3, ()), Match(5, ())
    assert [key for key, _ in matching.ranked([(7, three), (2, five), (1, three)])] == [2, 1, 7]


def test_absences_never_make_a_score_negative():
    assert match(person(missed=50), task(), RULE).points == 0


minute = some.integers(0, 24 * 60)
stretches = some.tuples(minute, some.integers(1, 300)).map(
    lambda pair: (at("00:00") + timedelta(minutes=pair[0]), at("00:00") + timedelta(minutes=sum(pair)))
)


def as_span(stretch) -> Span:
    return Span(*stretch, "「打扫」", 60)


@given(stretches, stretches)
def test_a_clash_is_one_from_either_side(one, other):
    assert bool(clashes(person(busy=(as_span(one),)), Task(*other))) == bool(
        clashes(person(busy=(as_span(other),)), Task(*one))
    )


@given(stretches, some.integers(1, 300))
def test_touching_ends_never_clash(one, length):
    after = Task(one[1], one[1] + timedelta(minutes=length))
    before = Task(one[0] - timedelta(minutes=length), one[0])
    assert not clashes(person(busy=(as_span(one),)), after)
    assert not clashes(person(busy=(as_span(one),)), before)


@given(stretches, some.integers(0, 299))
def test_a_stretch_within_another_always_clashes(one, into):
    start = one[0] + timedelta(minutes=into % max(1, int((one[1] - one[0]).total_seconds() // 60)))
    assert clashes(person(busy=(as_span(one),)), Task(start, one[1]))


@given(stretches)
def test_every_stretch_lies_in_one_to_three_cells_of_one_column(one):
    cells = cells_of(*one, holiday=False)
    assert 1 <= len(cells) <= 3
    assert len({(int(cell) - 1) // 3 for cell in cells}) == 1


SKILLS = [f"{n:02d}" for n in range(1, 9)]
skill_sets = some.frozensets(some.sampled_from(SKILLS))


@given(skill_sets, skill_sets, some.sets(some.sampled_from(SKILLS), min_size=1), some.booleans())
def test_one_more_skill_that_is_asked_for_never_lowers_the_score(has, more, wanted, willing):
    turn = task(skills=dict.fromkeys(sorted(wanted), "理发"), category="01")
    someone = person(skills=has, categories=frozenset({"01"} if willing else ()))
    better = replace(someone, skills=has | more)
    assert match(better, turn, RULE).points >= match(someone, turn, RULE).points


@given(some.integers(0, 5000), some.integers(0, 5000))
def test_whoever_did_less_of_late_never_scores_less(one, other):
    less, more = sorted((one, other))
    assert (
        match(person(recent_minutes=less), task(), RULE).points
        >= match(person(recent_minutes=more), task(), RULE).points
    )


@given(some.integers(0, 12), some.integers(0, 12))
def test_whoever_lives_nearer_never_scores_less(one, other):
    far, near = sorted((one, other))
    assert (
        match(person(home=COMMUNITY[:near]), task(), RULE).points
        >= match(person(home=COMMUNITY[:far]), task(), RULE).points
    )


@given(some.frozensets(some.sampled_from([f"{n:02d}" for n in range(1, 25)])), some.sampled_from(["04", "05"]))
def test_more_free_time_never_lowers_the_score(free, cell):
    turn = task("10:00", "14:00")
    assert match(person(free=free | {cell}), turn, RULE).points >= match(person(free=free), turn, RULE).points
