"""Every public function of every room of rules, called with whatever its types allow.

Arguments are drawn from the type hints. Whatever is drawn, a function answers or raises what its docstring says that it
raises; asked again it answers the same; and what it says to people is a Chinese sentence.
"""

import importlib
import inspect
import re
import typing
from collections.abc import Callable
from dataclasses import is_dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from fuzz import examples, texts
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_2

from rules import identity, policy, policy_files, reading
from rules.findings import Decision, Finding
from rules.policy import PolicyBook, Release, Version
from rules.previews import Pair
from rules.topics import TOPICS, PolicyError
from rules.working_days import WorkingCalendar

ROOM = Path(__file__).parent.parent / "rules"
MODULES = sorted(path.stem for path in ROOM.glob("*.py") if path.stem != "__init__")
# Rooms that hold tables of plain values and no function of their own.
WITHOUT = {"activities", "states"}

days = st.dates(date(2013, 1, 1), date(2032, 12, 31))  # policy is in force and holidays are known, or are to come
moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)).map(lambda when: when.replace(second=0, microsecond=0))
counts = st.integers(0, 2_000)
BOOK = PolicyBook.of()
TODAY = date(2026, 3, 5)
VERSIONS = {topic: BOOK.on(topic, "530102", TODAY) for topic in TOPICS}
codes = st.sampled_from(["53", "5301", "530102", "530102001", "530102001001", "5303"])


# Rooms whose arguments must follow one another in time, which no type says: left to the properties in their own tests.
IN_ORDER = {"matching": "test_matching", "rostering": "test_assignments", "working_days": "test_working_days"}


def _targets() -> list[tuple[str, str]]:
    found = []
    for name in MODULES:
        module = importlib.import_module(f"rules.{name}")
        for called, one in vars(module).items():
            if inspect.isfunction(inspect.unwrap(one)) and one.__module__ == module.__name__ and not called.startswith("_"):
                found.append((name, called))
    return found


TARGETS = _targets()
# Where arguments are bound to one another, which no type says, the rule is held to more in tests of its own.
BOUND = {
    ("decisions", "exchanged_again"): "test_decisions", ("decisions", "starred_again"): "test_decisions",
    ("measures", "asks"): "test_measures",
    ("pairing", "owed"): "test_pairing", ("pairing", "line"): "test_pairing", ("pairing", "score"): "test_pairing",
    ("pairing", "suggest"): "test_pairing", ("policy", "build"): "test_policy", ("policy", "laid_over"): "test_policy",
    ("policy", "release"): "test_policy", ("policy_office", "placed"): "test_policy_drafts",
    ("policy_office", "row_kind"): "test_policy_drafts", ("policy_office", "refusal"): "test_policy_drafts",
    ("policy_office", "days_of"): "test_policy_drafts", ("previews", "exchange_change"): "test_preview_rules",
    ("rewards", "check_exchange"): "test_exchange_rules", ("rewards", "most_pieces"): "test_exchange_rules",
    ("topics", "param"): "test_policy", ("measures", "lack"): "test_measures",
}  # fmt: skip

# What the type alone does not say: (module, function, parameter), ("", function, parameter) or ("", "", parameter).
KNOWN: dict[tuple[str, str, str], st.SearchStrategy] = {}


def known(path: str, strategy: st.SearchStrategy) -> None:
    module, function, parameter = path.split(".")
    KNOWN[module, function, parameter] = strategy


known("..division", codes)
known("..topic", st.sampled_from(list(TOPICS)))
for _name in ("parent", "lineage", "subtree", "contains"):  # of codes that the table of divisions holds
    known(f"divisions.{_name}.code", codes)
known("divisions.contains.other", codes)
known("findings.Finding.says", st.just("请填写。"))  # what is said is not theirs
for _name, _topic in (
    ("checked_again.counting", "counting"), ("checked_again.form", "record_format"), ("starred_again.version", "stars"),
    ("exchanged_again.version", "exchange"), ("appealed_again.version", "handling"),
):  # fmt: skip
    known(f"decisions.{_name}", st.just(VERSIONS[_topic]))
known("earning..version", st.just(VERSIONS["exchange"]))
known("identity.make_resident_id.area6", st.from_regex(r"[1-7][0-9]{5}", fullmatch=True))
known("identity.make_resident_id.sequence", st.integers(0, 999))
known("records.Line.started_at", moments)


# What holds before a function is called: its callers draw the word from a table, or the figures from a policy.
small, sure = st.integers(1, 60), st.sampled_from
known("life.move.path", sure(["draft -> submitted", "draft returned -> submitted"]))
known("life.move.by", sure(["recorder", "recorder head"]))
known("months..month", st.dates(date(2013, 1, 1), date(2032, 1, 1)).map(lambda day: f"{day:%Y-%m}"))
known("months.period_of.service", sure(["2026-01", "2026-03"]))
known("months.period_of.first_open", sure(["2026-01", "2026-02"]))
known("previews.Pair.before", st.just(VERSIONS["stars"]))
known("previews.Pair.after", st.just(VERSIONS["stars"]))
_pair = Pair(VERSIONS["exchange"], VERSIONS["exchange"])
for _name in ("narrow", "earns_alike"):
    known(f"previews.{_name}.pair", st.just(_pair))
known("pairing.shared_digits.community", codes)
known("pairing.shared_digits.unit", codes)
known("sampling.below.limit", small)
known("sampling..seed", st.text("0123456789abcdef", max_size=20))
known("reading.whole_number.digits", small)
known("stars..star", st.integers(1, 5))
known("stars..version", st.just(VERSIONS["stars"]))
known("statistics..cells", st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(counts, min_size=width, max_size=width), min_size=1, max_size=4)))
known("working_days.add.n", st.integers(0, 30))


def _strategy(module: str, function: str, parameter: str, hint: Any) -> st.SearchStrategy:
    for key in ((module, function, parameter), (module, "", parameter), ("", "", parameter)):
        if key in KNOWN:
            return KNOWN[key]
    return of(hint, module)


def of(hint: Any, module: str = "") -> st.SearchStrategy:
    """Values of one type: plain ones widely, those of the house as it makes them."""
    plain = {
        str: texts, int: counts, bool: st.booleans(), date: days, datetime: moments, object: st.one_of(texts, counts, st.none()),
        time: st.times(), timedelta: st.timedeltas(timedelta(0), timedelta(days=2)), bytes: st.binary(max_size=200),
        Any: st.one_of(texts, counts, st.booleans(), st.none(), days), WorkingCalendar: st.just(WorkingCalendar()),
        PolicyBook: st.just(BOOK), Release: st.sampled_from(policy.shipped()), type: st.sampled_from(list(TOPICS.values())),
        Version: st.just(VERSIONS[VERSION_OF.get(module, module)]) if VERSION_OF.get(module, module) in VERSIONS else st.nothing(),
    }  # fmt: skip
    if hint in plain:
        return plain[hint]
    if inspect.isclass(hint) and hint in TOPICS.values():
        return st.sampled_from([version.rule for version in VERSIONS.values() if type(version.rule) is hint])
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Union or str(origin) == "<class 'types.UnionType'>":
        return st.one_of(*(of(one, module) for one in inner))
    if origin in (list, typing.get_origin(typing.Sequence[int]), typing.get_origin(typing.Iterable[int])):
        return st.lists(of(inner[0], module), max_size=5)
    if origin in (set, frozenset):
        return st.frozensets(of(inner[0], module), max_size=5)
    if origin is tuple:
        if len(inner) == 2 and inner[1] is Ellipsis:
            return st.lists(of(inner[0], module), max_size=5).map(tuple)
        return st.tuples(*(of(one, module) for one in inner))
    if origin in (dict, typing.get_origin(typing.Mapping[int, int])):
        return st.dictionaries(of(inner[0], module), of(inner[1], module), max_size=4)
    if origin is typing.get_origin(Callable[[], int]):
        return of(inner[1], module).map(lambda value: lambda *args: value)
    if origin is typing.get_origin(typing.Collection[int]):
        return st.lists(of(inner[0], module), max_size=5)
    if hint is type(None):
        return st.none()
    if inspect.isclass(hint) and is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        wanted = list(inspect.signature(hint).parameters)
        owner = hint.__module__.rpartition(".")[2]
        return st.builds(hint, **{name: _strategy(owner, hint.__name__, name, hints[name]) for name in wanted})
    return st.from_type(hint)


VERSION_OF = {
    "rewards": "exchange", "earning": "giving", "giving": "giving", "stars": "stars", "previews": "exchange",
    "decisions": "counting", "policy_files": "exchange", "pairing": "pairing", "policy": "exchange",
}  # fmt: skip


def _arguments(module: ModuleType, name: str) -> st.SearchStrategy:
    function = getattr(module, name)
    hints = typing.get_type_hints(function)
    short = module.__name__.rpartition(".")[2]
    asked = inspect.signature(function).parameters
    drawn = {p: _strategy(short, name, p, hints[p]) for p, one in asked.items() if one.kind is not one.VAR_KEYWORD}
    return st.fixed_dictionaries(drawn)


def _may_raise(function: Any) -> tuple[type[Exception], ...]:
    """The exceptions that the docstring names after «Raises»."""
    said = (function.__doc__ or "").partition("Raises")[2] + (function.__doc__ or "").partition("raise")[2]
    if function.__module__ == "rules.reading" and function.__name__.startswith("read_"):
        return (ValueError,)  # as the head of the file says for all of them
    kinds = {"ValueError": ValueError, "KeyError": KeyError, "PolicyError": PolicyError, "TypeError": TypeError}
    return tuple(kind for name, kind in kinds.items() if name in said)


def _sentences(value: Any) -> list[str]:
    if isinstance(value, Finding):
        return [value.says]
    if isinstance(value, Decision):
        return [value.why]
    if isinstance(value, list | tuple):
        return [says for one in value for says in _sentences(one)]
    return []


def _call(function: Any, given: dict[str, Any]) -> Any:
    plain = [p for p in inspect.signature(function).parameters.values() if p.name in given]
    first = [given[p.name] for p in plain if p.kind is not p.KEYWORD_ONLY]
    answer = function(*first, **{p.name: given[p.name] for p in plain if p.kind is p.KEYWORD_ONLY})
    return list(answer) if inspect.isgenerator(answer) else answer


@pytest.mark.parametrize(("module", "name"), [one for one in TARGETS if one not in BOUND and one[0] not in IN_ORDER], ids=lambda part: part)
def test_a_rule_answers_or_raises_what_it_says(module, name):
    room = importlib.import_module(f"rules.{module}")
    function = getattr(room, name)

    @examples(8)
    @given(_arguments(room, name))
    def runs(given):
        try:
            answer = _call(function, given)
        except _may_raise(function) as said:
            if isinstance(said, ValueError) and module == "reading":
                assert re.search(r"[一-鿿]", str(said))
            return
        assert _call(function, given) == answer
        for says in _sentences(answer):
            assert re.search(r"[一-鿿]", says), says

    runs()


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


def test_no_room_of_rules_is_without_a_target():
    assert len(MODULES) > 35 and len(TARGETS) > 100
    assert {module for module, _ in TARGETS} | WITHOUT == set(MODULES) | WITHOUT
    assert not WITHOUT & {module for module, _ in TARGETS}
    assert set(BOUND) < set(TARGETS) and len(BOUND) < len(TARGETS) / 6
    assert all((ROOM.parent / "tests" / f"{test}.py").exists() for test in [*BOUND.values(), *IN_ORDER.values()])
