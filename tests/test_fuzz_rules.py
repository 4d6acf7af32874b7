"""Every public function and method of every room of rules, called with whatever its types allow.

Arguments are drawn from the type hints, or together where they belong together (`drawn`). Whatever is drawn, a
function answers or raises what its docstring says that it raises; asked again it answers the same; what it says to
people is a Chinese sentence.
"""

import importlib
import inspect
import re
import typing
from dataclasses import Field, fields, is_dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from drawn import (
    TODAY,
    TOPIC_OF,
    VERSIONS,
    WHOLE,
    calendars,
    counts,
    days,
    exchanges,
    lineages,
    mangled,
    of,
    of_quarter,
    people,
    releases,
    rules_of,
    spans,
    strategy,
    tasks,
    versions,
)  # fmt: skip
from fuzz import examples, texts
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_2

from rules import (
    decisions,
    identity,
    matching,
    pairing,
    policy,
    policy_files,
    policy_office,
    reading,
    rewards,
    rostering,
    stars,
)
from rules.findings import Decision, Finding
from rules.policy import PolicyBook, Release
from rules.topics import TOPICS, PolicyError, Roster

ROOM = Path(__file__).parent.parent / "rules"
MODULES = sorted(path.stem for path in ROOM.glob("*.py") if path.stem != "__init__")
# Rooms that hold tables of plain values and nothing to call.
WITHOUT = {"states"}


def _targets() -> list[tuple[str, str]]:
    found = []
    for name in MODULES:
        module = importlib.import_module(f"rules.{name}")
        for called, one in vars(module).items():
            if called.startswith("_") or getattr(one, "__module__", "") != module.__name__:
                continue
            if inspect.isfunction(inspect.unwrap(one)):
                found.append((name, called))
            if inspect.isclass(one):
                found += [(name, f"{called}.{part}") for part, it in vars(one).items() if _is_asked(part, it)]
    return found


def _is_asked(name: str, it: Any) -> bool:
    return not name.startswith("_") and (inspect.isfunction(it) or isinstance(it, property | classmethod))


TARGETS = _targets()


def _function(module: str, name: str) -> Any:
    room = importlib.import_module(f"rules.{module}")
    kind, _, part = name.rpartition(".")
    if not kind:
        return getattr(room, name)
    it = inspect.getattr_static(getattr(room, kind), part)
    return it.fget if isinstance(it, property) else getattr(getattr(room, kind), part)


def _arguments(module: str, name: str) -> st.SearchStrategy:
    if (module, name) in WHOLE:
        return WHOLE[module, name]()
    function = _function(module, name)
    hints = typing.get_type_hints(function)
    asked = inspect.signature(function).parameters
    if "self" in asked:
        hints["self"] = getattr(importlib.import_module(f"rules.{module}"), name.partition(".")[0])
    drawn = {p: strategy(module, name, p, hints[p]) for p, one in asked.items() if one.kind is not one.VAR_KEYWORD}
    return st.fixed_dictionaries(drawn)


def _may_raise(module: str, name: str) -> tuple[type[Exception], ...]:
    """The exceptions that the docstring names after «Raises», its own or its class's."""
    function = _function(module, name)
    if module == "reading" and name.startswith("read_"):
        return (ValueError,)  # as the head of the file says for all of them
    kind = getattr(importlib.import_module(f"rules.{module}"), name.partition(".")[0])
    doc = (function.__doc__ or "") + ((kind.__doc__ or "") if "." in name else "")
    said = doc.partition("Raises")[2] + doc.partition("raise")[2]
    kinds = {"ValueError": ValueError, "KeyError": KeyError, "PolicyError": PolicyError, "TypeError": TypeError}
    own = vars(importlib.import_module(f"rules.{module}"))
    kinds |= {n: one for n, one in own.items() if inspect.isclass(one) and issubclass(one, Exception)}
    return tuple(kind for name, kind in kinds.items() if name in said)


def _sentences(value: Any) -> list[str]:
    """What a value says to people, however deep in it. A decision that was not refused may have nothing to explain."""
    if isinstance(value, Finding):
        return [value.says]
    if isinstance(value, rostering.Obstacle):
        return [value.finding().says]
    if isinstance(value, Decision):
        return [value.why] if value.why else []
    if isinstance(value, list | tuple):
        return [says for one in value for says in _sentences(one)]
    if is_dataclass(value) and not isinstance(value, Release | type):
        return [says for spec in fields(value) for says in _sentences(getattr(value, spec.name))]
    return []


def _call(function: Any, given: dict[str, Any]) -> Any:
    plain = [p for p in inspect.signature(function).parameters.values() if p.name in given]
    first = [given[p.name] for p in plain if p.kind is not p.KEYWORD_ONLY]
    answer = function(*first, **{p.name: given[p.name] for p in plain if p.kind is p.KEYWORD_ONLY})
    return list(answer) if inspect.isgenerator(answer) else answer


def _said(value: Any) -> Any:
    """A value as two answers are compared: releases, books and fields are equal only to themselves."""
    if isinstance(value, Field):
        return repr(value.default), dict(value.metadata)
    if isinstance(value, PolicyBook):
        return _said(value._of)
    if isinstance(value, list | tuple):
        return [_said(one) for one in value]
    if isinstance(value, dict):
        return {key: _said(one) for key, one in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return type(value), {spec.name: _said(getattr(value, spec.name)) for spec in fields(value)}
    return value


@pytest.mark.parametrize(("module", "name"), TARGETS, ids=lambda part: part)
def test_a_rule_answers_or_raises_what_it_says(module, name):
    function, allowed, answered = _function(module, name), _may_raise(module, name), []

    @examples(8)
    @given(_arguments(module, name))
    def runs(given):
        try:
            answer = _call(function, given)
        except allowed as said:
            if isinstance(said, PolicyError) or (isinstance(said, ValueError) and module == "reading"):
                assert re.search(r"[一-鿿]", str(said))
            return
        answered.append(name)
        assert _said(_call(function, given)) == _said(answer)
        for says in _sentences(answer):
            assert re.search(r"[一-鿿]", says), says
        if isinstance(answer, list):
            assert all(one.says.endswith(("。", "？")) for one in answer if isinstance(one, Finding)), answer

    runs()
    assert answered, "no example was answered: these arguments try nothing"


# --- what must hold beyond that --------------------------------------------------------------------------------------

numbers = st.builds(
    identity.make_resident_id, st.from_regex(r"[1-7][0-9]{5}", fullmatch=True), st.dates(date(1930, 1, 1), TODAY),
    st.integers(0, 999),
)  # fmt: skip


@examples(100)
@given(texts)
def test_reading_again_changes_nothing(text):
    for read in (reading.clean, reading.read_text, reading.half_width, identity.normalise, identity.normalise_phone):
        assert read(read(text)) == read(text), read
    assert not set(reading.clean(text)) & {chr(code) for code in reading.UNSEEN}


@examples(100)
@given(texts)
def test_what_may_be_kept_is_text_that_any_database_and_file_takes(text):
    kept = reading.clean(text)
    if not reading.unkept(kept):
        kept.encode("utf-8")
        assert "\0" not in kept
    else:
        assert "（U+" in reading.unkept(kept)


@examples(100)
@given(numbers, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_the_check_of_a_card_agrees_with_stdnum(number, place, char):
    changed = number[:place] + char + number[place + 1 :]
    assume(re.fullmatch(r"[0-9]{17}[0-9X]", changed))
    wrong = identity.check_document(identity.DocumentType.RESIDENT_ID, changed, TODAY)
    if not [one for one in wrong if not one.warning]:
        assert mod_11_2.is_valid(changed)


@examples(100)
@given(texts, numbers)
def test_no_mask_shows_what_it_masks(text, number):
    phone = identity.normalise_phone(text)
    if len(phone) > 3:
        assert phone not in identity.mask_phone(text)
    if len(text) > 3:
        assert text not in identity.mask(text)
    assert number[6:15] not in identity.mask(number)
    if len(text) > 1 and any(char not in "· -*" for char in text[1:-1] or text[1:]):
        assert identity.mask_name(text) != text


@examples(40)
@given(st.sampled_from(policy.shipped()), st.binary(max_size=30), st.integers(0, 2_000))
def test_a_policy_file_with_bytes_changed_is_read_or_refused_in_chinese(one, noise, at):
    whole = policy_files.written(one).encode()
    at %= len(whole)
    try:
        policy_files.read(whole[:at] + noise + whole[at + len(noise) :])
    except PolicyError as no:
        assert re.search(r"[一-鿿]", str(no))


# --- what must hold of rules whose arguments belong together ---


@examples(30)
@given(people, tasks, rules_of(Roster), spans)
def test_one_turn_more_stands_in_the_way_no_less_and_a_better_reason_gives_no_fewer_points(person, task, rule, busy):
    found = rostering.obstacles(person, task, rule)
    more = rostering.obstacles(replace(person, busy=(*person.busy, busy)), task, rule)
    assert {(one.where, one.remedy) for one in found} <= {(one.where, one.remedy) for one in more}
    assert rostering.in_the_way(rostering.in_the_way(found)) == rostering.in_the_way(found)
    points = matching.match(person, task, rule).points
    assert 0 <= points <= matching.match(replace(person, skills=person.skills | set(task.skills)), task, rule).points
    assert points <= matching.match(replace(person, free=person.free | task.cells, visits=person.visits + 1), task, rule).points
    assert points >= matching.match(person, task, rule).points - rule.missed_points * person.missed
    assert points >= matching.match(replace(person, missed=person.missed + 1), task, rule).points


@examples(30)
@given(st.lists(st.tuples(st.integers(0, 9), st.builds(matching.Match, st.integers(0, 3), st.just(())))), st.randoms())
def test_who_fits_best_comes_first_however_they_were_listed(matches, chance):
    matches = list(dict(matches).items())
    once = matching.ranked(matches)
    assert matching.ranked(once) == once
    chance.shuffle(matches)
    assert matching.ranked(matches) == once


@examples(50)
@given(tasks, st.booleans())
def test_a_turn_touches_cells_of_one_column(task, holiday):
    cells = matching.cells_of(task.starts_at, task.ends_at, holiday=holiday)
    columns = {(int(cell) - 1) // 3 for cell in cells}
    assert columns == {7 if holiday else task.starts_at.weekday()} and cells <= {f"{n:02d}" for n in range(1, 25)}
    assert rostering.week_of(rostering.week_of(task.starts_at.date())) == rostering.week_of(task.starts_at.date())


@examples(50)
@given(calendars, days, st.integers(0, 40), st.integers(0, 40))
def test_working_days_add_up_forward_and_backward(calendar, day, some, more):
    then = calendar.add(day, some)
    assert calendar.add(then, more) == calendar.add(day, some + more)
    assert calendar.between(day, then) == some and (not some or calendar.is_working(then))
    late = calendar.overdue(day, some)
    assert calendar.add(late, some) < day <= calendar.add(late + timedelta(days=1), some)


@examples(50)
@given(of_quarter, days, days, counts, counts, rules_of(VERSIONS["pairing"].rule.__class__), of(pairing.Share), of(pairing.Share))
def test_a_promise_owes_at_most_itself_and_what_was_done_scores_up_to_a_hundred(
    quarter, one, other, promised, more, rule, visits, minutes
):
    term = (min(one, other), max(one, other))
    assert 0 <= pairing.owed(promised, quarter, *term) <= promised
    assert pairing.owed(promised, quarter, *term) <= pairing.owed(promised + more, quarter, *term)
    assert pairing.owed(promised, quarter, quarter.first, quarter.last) == promised
    assert sum((quarter.next.before == quarter, quarter.before.next == quarter)) == 2
    value = pairing.score(visits, minutes, 1, minutes, rule).value
    assert value is None or 0 <= value <= 100
    better = pairing.score(replace(visits, done=visits.done + more), minutes, 1, minutes, rule).value
    assert value is None or better >= value


@examples(30)
@given(st.sampled_from(list(TOPICS.values())).flatmap(rules_of))
def test_a_rule_written_as_plain_values_is_read_back_as_it_was(rule):
    values = {name: policy_office.plain(getattr(rule, name)) for name in policy.parameters(type(rule))}
    assert policy.build(type(rule), values, "it") == rule
    assert policy_office.misfits(TOPIC_OF[type(rule)], policy.PROVINCE, values, {}) == []


@examples(30)
@given(releases())
def test_a_release_written_to_a_file_is_read_back_as_it_was(one):
    said = policy_files.read(policy_files.written(one).encode())
    plain = {name: policy_office.plain(value) for name, value in one.values.items()}
    assert (said.topic, said.since, said.source) == (one.topic, one.since, one.source)
    assert said.values == plain
    assert said.bounds == {name: policy_office.plain_bound(bound) for name, bound in one.bounds.items()}


@examples(40)
@given(lineages())
def test_what_binds_keeps_within_the_bounds_of_those_above(parts):
    try:
        version = policy.laid_over(parts)
    except PolicyError:
        assume(False)
    for name, origin in version.origins.items():
        if name not in origin.values:
            continue  # a default
        above = [part.bounds[name] for part in parts[: parts.index(origin)] if name in part.bounds]
        meta = policy.parameters(TOPICS[version.topic])[name].metadata
        assert all(bound.admits(origin.values[name], meta) for bound in above)
        assert getattr(version.rule, name) == origin.values[name]
    assert policy.laid_over(parts) == version


@examples(40)
@given(st.sampled_from(list(TOPICS)).flatmap(lambda topic: st.tuples(st.just(topic), mangled(TOPICS[topic]))))
def test_a_mangled_draft_is_refused_beside_its_parameter_in_chinese(drawn):
    topic, values = drawn
    for found in policy_office.misfits(topic, policy.PROVINCE, values, {}):
        assert found.where.partition(".")[2] in {*policy.parameters(TOPICS[topic]), ""}
        assert re.search(r"[一-鿿]", found.says) and found.says.endswith("。"), found


@examples(40)
@given(versions("stars"), st.integers(0, 700_000), days, days, st.integers(1, 3_000))
def test_a_star_stands_on_what_it_was_judged_by_and_more_hours_never_lower_it(version, honour, one, other, more):
    registered, day = min(one, other), max(one, other)
    star = stars.star_for(honour, registered, day, version).value
    assert stars.star_for(honour + more, registered, day, version).value >= star
    if star:
        level = stars.level_of(star, version)
        stored = {"why": stars.reaches(star, honour, version), "recognised_by": level.recognised_by,
                  "selection": level.selection}  # fmt: skip
        assert decisions.starred_again(star, honour, registered, day, stored, version, [honour]).agrees
        assert not decisions.starred_again(star, honour, registered, day, stored, version, [honour + 1]).agrees


@examples(60)
@given(exchanges())
def test_an_exchange_may_be_as_large_as_is_said_and_agrees_when_judged_again(drawn):
    wish, standing, version = drawn
    most = rewards.most_pieces(wish.kind, wish.points, standing, version)
    if most.value:
        assert not rewards.check_exchange(replace(wish, quantity=most.value), standing, version)
        found = replace(wish, quantity=most.value)
        kept = rewards.kept(found, standing, version)
        price = rewards.price_minutes(wish.points, most.value, version).value
        points = wish.points * most.value
        assert decisions.exchanged_again(points, most.value, price, kept, version, price).agrees
        assert not decisions.exchanged_again(points, most.value, price + 1, kept, version, price).agrees
    else:
        assert most.why
    assert rewards.check_exchange(replace(wish, quantity=most.value + 1), standing, version)


def test_no_room_of_rules_is_without_a_target_that_is_run():
    (run,) = (mark.args[1] for mark in test_a_rule_answers_or_raises_what_it_says.pytestmark if mark.name == "parametrize")
    assert len(MODULES) > 35 and len(run) > 200
    assert {module for module, _ in run} == set(MODULES) - WITHOUT
    assert set(run) == set(TARGETS) and set(WHOLE) <= set(run)
