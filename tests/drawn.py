"""What a fuzz of the rules calls them with: values by type, as the house makes them, and what no type says.

Policy is drawn as widely as its schema lets a supervisor write it, times as forms and imports let them in.
"""

import inspect
import typing
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import Any

from drawn_travel import TRAVEL
from fuzz import texts
from hypothesis import reject
from hypothesis import strategies as st

from rules import access, policy
from rules.honours import RANKS
from rules.life import Life, Move
from rules.matching import Person, Task
from rules.measures import AT_LEAST, NEVER
from rules.pairing import Quarter
from rules.policy import MOST, MOST_ELSE, Bound, PolicyBook, Release, Version, parameters
from rules.policy_files import written
from rules.policy_office import plain, plain_bound
from rules.previews import Pair
from rules.reading import clean, unkept
from rules.records import Span
from rules.rewards import KINDS, Standing, Wish
from rules.rewards import kept as kept_of
from rules.roles import Role
from rules.sign_ups import STANDINGS
from rules.stars import level_of, reaches
from rules.states import LIVES
from rules.topics import TOPICS, PairingRule, PolicyError, Stars
from rules.working_days import WorkingCalendar

sure = st.sampled_from
days = st.dates(date(2013, 1, 1), date(2032, 12, 31))  # policy is in force and holidays are known, or are to come
moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)).map(lambda when: when.replace(second=0, microsecond=0))
lengths = st.integers(1, 24 * 60).map(lambda minutes: timedelta(minutes=minutes))  # of a turn or a record
counts = st.integers(0, 2_000)
small = st.integers(1, 60)
codes = sure(["53", "5301", "530102", "530102001", "530102001001", "5303"])
cells = sure([f"{n:02d}" for n in range(1, 25)])
kept_texts = texts.map(clean).filter(lambda text: text and not unkept(text))  # as the tables let them in
BOOK = PolicyBook.of()
TODAY = date(2026, 3, 5)
VERSIONS = {topic: BOOK.on(topic, "530102", TODAY) for topic in TOPICS}
TOPIC_OF = {kind: topic for topic, kind in TOPICS.items()}

# --- policy, as far as its schema goes ---

CLOSER = {("StationWork", "target_share"): st.integers(1, 100), ("StationWork", "self_check_month"): st.integers(1, 12)}


def rules_of(kind: type) -> st.SearchStrategy:
    """A topic's rule, or a row of one: what ships, and whatever else its schema lets pass."""
    drawn = st.fixed_dictionaries({name: _parameter(kind, spec) for name, spec in parameters(kind).items()})
    made = drawn.map(lambda values: _made(kind, values))
    return st.one_of(st.just(VERSIONS[TOPIC_OF[kind]].rule), made) if kind in TOPIC_OF else made


def _made(kind: type, values: dict[str, Any]) -> Any:
    if kind is Stars:
        hours = sorted({level.at for level in values["levels"]})
        stars = sorted({level.star for level in values["levels"]})
        rows = zip(values["levels"], hours, stars, strict=False)
        values = {"levels": tuple(replace(level, at=at, star=star) for level, at, star in rows)}
    if kind is PairingRule:
        words = ("fair_at", "good_at", "excellent_at")
        values |= dict(zip(words, sorted(values[name] % 101 for name in words), strict=True))
    try:
        return policy.build(kind, {name: plain(value) for name, value in values.items()}, "drawn")
    except PolicyError:
        reject()


def _parameter(kind: type, spec: Any) -> st.SearchStrategy:
    hint, meta = typing.get_type_hints(kind)[spec.name], spec.metadata
    if (kind.__name__, spec.name) in CLOSER:
        return CLOSER[kind.__name__, spec.name]
    if typing.get_origin(hint) is tuple:
        inner = typing.get_args(hint)[0]
        one = rules_of(inner) if is_dataclass(inner) else _word(meta)
        return st.lists(one, max_size=4, unique_by=None if is_dataclass(inner) else lambda word: word).map(tuple)
    if hint is int:
        low = meta["low"] or 0
        high = MOST.get(meta["unit"], MOST_ELSE) if meta["high"] is None else meta["high"]
        return st.one_of(st.integers(low, min(low + 60, high)), st.integers(low, high))
    return st.booleans() if hint is bool else _word(meta)


def _word(meta: Any) -> st.SearchStrategy:
    return sure(meta["choices"]) if meta["choices"] else sure(["01", "02", "03"]) if meta["codes"] else kept_texts


@st.composite
def bounds(draw: Any, kind: type, name: str) -> Bound:
    """How far those below may go from one parameter; it always bounds something."""
    spec = parameters(kind)[name]
    whole = typing.get_type_hints(kind)[name] is int
    if draw(st.booleans()) or not (whole or spec.metadata["choices"]):
        return Bound(locked=True)
    if not whole:
        return Bound(only=tuple(draw(st.lists(sure(spec.metadata["choices"]), max_size=3, unique=True))))
    low, high = sorted(draw(st.tuples(small, st.integers(1, MOST_ELSE))))
    return draw(sure([Bound(low, high), Bound(low=low), Bound(high=high)]))


@st.composite
def releases(draw: Any, topic: str | None = None, division: str | None = None) -> Release:
    """What one division lays down: the province all of a topic, another some of it; bounds here and there."""
    topic = topic or draw(sure(list(TOPICS)))
    kind, division = TOPICS[topic], division or draw(codes)
    rule, names = draw(rules_of(kind)), list(parameters(kind))
    said = names if division == policy.PROVINCE else draw(st.lists(sure(names), max_size=4, unique=True))
    bound = draw(st.lists(sure(names), max_size=2, unique=True))
    return Release(
        topic, division, draw(days), draw(kept_texts), {name: getattr(rule, name) for name in said},
        {name: draw(bounds(kind, name)) for name in bound}, draw(st.integers(1, 3)),
    )  # fmt: skip


@st.composite
def lineages(draw: Any, topic: str | None = None) -> list[Release]:
    """Releases of one topic from the province down, as they are laid one over the other."""
    topic = topic or draw(sure(list(TOPICS)))
    below = draw(st.lists(sure(["5301", "530102", "530102001"]), max_size=2, unique=True))
    return [draw(releases(topic, code)) for code in ["53", *sorted(below, key=len)]]


def versions(topic: str) -> st.SearchStrategy:
    """What may bind a division: what ships, or a lineage that makes sense together."""
    return st.one_of(st.just(VERSIONS[topic]), lineages(topic).map(_laid))


def _laid(parts: list[Release]) -> Version:
    try:
        return policy.laid_over(parts)
    except PolicyError:
        reject()


@st.composite
def mangled(draw: Any, kind: type) -> dict[str, Any]:
    """A topic's values as plain ones, one of them perhaps missing, unknown or of another kind."""
    values = {name: plain(getattr(draw(rules_of(kind)), name)) for name in parameters(kind)}
    name, how = draw(sure(list(values))), draw(sure(["whole", "whole", "missing", "unknown", "other"]))
    if how == "missing":
        del values[name]
    elif how != "whole":
        values[draw(texts) if how == "unknown" else name] = draw(anything)
    return values


anything = st.one_of(texts, st.integers(), st.booleans(), st.none(), st.floats(), st.lists(texts, max_size=2),
                     st.lists(st.dictionaries(texts, texts, max_size=2), max_size=2))  # fmt: skip


def complaint(values: dict[str, Any], topic: str) -> PolicyError:
    """What the schema says against these values, or at least something."""
    try:
        policy.build(TOPICS[topic], values, topic)
    except PolicyError as error:
        return error
    return PolicyError(f"{topic}：另有缘故。")


# --- what the type alone does not say: (module, function, parameter), ("", function, parameter) or ("", "", parameter) ---

KNOWN: dict[tuple[str, str, str], st.SearchStrategy] = {}


def known(path: str, strategy: st.SearchStrategy) -> None:
    module, function, parameter = path.split(".") if path.count(".") < 3 else _method(path)
    KNOWN[module, function, parameter] = strategy


def _method(path: str) -> list[str]:
    module, kind, name, parameter = path.split(".")
    return [module, f"{kind}.{name}", parameter]


known("..division", codes)
known("divisions..code", st.one_of(codes, texts))
known("money.read_yuan.text", st.one_of(sure(["0.50", "1,200", "12.3元", "￥5"]), texts))
known("policy_office.days_of.code", codes)
known("rostering.Obstacle.why", st.just("当天没有在保的保险"))
known("rostering.Obstacle.remedy", st.just("办好保险后可以"))
known("stations.aspect_of.code", st.one_of(sure(["101", "601"]), texts))
known("..topic", sure(list(TOPICS)))
for _name in ("parent", "lineage", "subtree", "contains"):  # of codes that the table of divisions holds
    known(f"divisions.{_name}.code", codes)
known("divisions.contains.other", codes)
known("findings.Finding.says", st.just("请填写。"))  # what is said is not theirs
for _name, _topic in (
    ("checked_again.counting", "counting"), ("checked_again.form", "record_format"), ("starred_again.version", "stars"),
    ("exchanged_again.version", "exchange"), ("appealed_again.version", "handling"),
):  # fmt: skip
    known(f"decisions.{_name}", versions(_topic))
known("earning..version", versions("exchange"))
known("identity.make_resident_id.area6", st.from_regex(r"[1-7][0-9]{5}", fullmatch=True))
known("identity.make_resident_id.sequence", st.integers(0, 999))
known("records.Line.started_at", moments)

# What holds before a function is called: its callers draw the word from a table, or the figures from a policy.
known("consents..kind", sure(["registration", "guardian", "guardian_child", "sensitive", "publicity", "sharing"]))
known("life.move.path", sure(["draft -> submitted", "draft returned -> submitted"]))
known("life.move.by", sure(["recorder", "recorder head"]))
known("life.Life.legal.state", sure(["draft", "submitted", "posted"]))
known("months..month", st.dates(date(2013, 1, 1), date(2032, 1, 1)).map(lambda day: f"{day:%Y-%m}"))
known("months.period_of.service", sure(["2026-01", "2026-03"]))
known("months.period_of.first_open", sure(["2026-01", "2026-02"]))
_exchanges = st.builds(Pair, versions("exchange"), versions("exchange"))
known("previews.Pair.before", versions("stars"))
known("previews.Pair.after", versions("stars"))
for _name in ("narrow", "earns_alike", "exchange_change"):
    known(f"previews.{_name}.pair", _exchanges)
known("pairing.shared_digits.community", codes)
known("pairing.shared_digits.unit", codes)
known("pairing.suggest.community", codes)
known("pairing.suggest.count", st.integers(0, 20))
known("pairing.Quarter.year", st.integers(2013, 2032))
known("pairing.Quarter.number", st.integers(1, 4))
known("policy.Bound.admits.meta", sure([spec.metadata for kind in TOPICS.values() for spec in parameters(kind).values()]))
known("policy.PolicyBook.find.key", st.one_of(sure([one.key for one in VERSIONS.values()]), texts))
known("policy_office.row_kind.spec", sure([spec for kind in TOPICS.values() for spec in fields(kind)]))
known("rewards..kind", sure(list(KINDS)))
known("sign_ups.standing.state", sure(list(STANDINGS)))
known("rewards..points", st.integers(1, 100_000))  # as the catalogue lets them in
known("rewards.Wish.points", st.integers(1, 100_000))
known("rewards.Wish.quantity", st.integers(1, 1_000))
known("rostering..people", st.integers(0, 20))
known("rotation.spare.made", st.dictionaries(texts, moments, max_size=40))
known("stars.Line.hash", st.text("0123456789abcdef", min_size=64, max_size=64))
known("sampling.below.limit", small)
known("sampling..seed", st.text("0123456789abcdef", max_size=20))
known("reading.whole_number.digits", small)
known("stars..star", st.integers(1, 5))
known("stars..version", st.just(VERSIONS["stars"]))  # whose stars those are
known("stars.star_for.version", versions("stars"))
known("statistics..tables", st.integers(1, 4).flatmap(
    lambda wide: st.lists(st.lists(st.lists(st.integers(0, 30), min_size=wide, max_size=wide), min_size=1, max_size=4), min_size=1, max_size=3)))
known("statistics..cells", st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(counts, min_size=width, max_size=width), min_size=1, max_size=4)))
known("topics.param.default", st.one_of(st.just(MISSING), counts, texts))
for _name in ("add", "overdue"):
    known(f"working_days.WorkingCalendar.{_name}.n", st.one_of(st.integers(-3, 30), st.integers(0, MOST["工作日"])))
known("working_days.known.year", st.integers(1900, 2099))
for _name in ("add.day", "is_working.day", "overdue.today", "between.start", "between.end"):
    known(f"working_days.WorkingCalendar.{_name}", st.one_of(days, st.dates(date(1900, 1, 1), date(2099, 12, 31))))

_clock = st.times().map(lambda when: f"{when:%H:%M}")
for _name, _written in {
    "read_date": st.one_of(days, days.map(lambda day: f"{day.year}年{day.month}月{day.day}日"), st.integers(3_654, 73_050)),
    "read_time": st.one_of(st.times(), _clock, st.floats(0, 1), sure(["下午2点半", "晚上8:15", "9点一刻"])),
    "read_span": st.one_of(st.tuples(_clock, _clock).map("-".join), sure(["上午8-11点", "9:00至14:00", "22:00-6:00"])),
    "read_minutes": st.one_of(counts, st.times(), sure(["2小时30分", "0.33", "两个半小时", "90分钟"])),
    "read_gender": sure(["男", "女", "F", "0"]),
    "read_yes_no": sure(["是", "否", "√", "n"]),
}.items():
    known(f"reading.{_name}.x", st.one_of(_written, texts))

# --- arguments that belong together ---


def together(**drawn: st.SearchStrategy) -> st.SearchStrategy:
    return st.fixed_dictionaries(drawn)


@st.composite
def _starred(draw: Any) -> dict[str, Any]:
    """What is kept of a star: mostly as it was judged, else with something changed."""
    version, star, honour = draw(versions("stars")), draw(st.integers(1, 9)), draw(st.integers(0, 120_000))
    stored = {"why": draw(texts), "recognised_by": "county", "selection": draw(st.booleans())}
    if draw(st.booleans()) and star in {level.star for level in version.rule.levels}:
        level = level_of(star, version)
        stored = {"why": reaches(star, honour, version), "recognised_by": level.recognised_by, "selection": level.selection}
    first, last = sorted(draw(st.tuples(days, days)))
    figures = [*draw(st.lists(counts, max_size=3)), honour]
    return {"star": star, "honour_minutes": honour, "registered_on": first, "day": last, "stored": stored,
            "version": version, "figures": figures}  # fmt: skip


@st.composite
def exchanges(draw: Any) -> tuple[Wish, Standing, Version]:
    return draw(of(Wish)), draw(of(Standing)), draw(versions("exchange"))


@st.composite
def _exchanged(draw: Any) -> dict[str, Any]:
    wish, standing, version = draw(exchanges())
    kept = draw(sure([None, kept_of(wish, standing, version)]))
    return {"points": wish.points * wish.quantity, "quantity": wish.quantity, "stored": draw(counts), "kept": kept,
            "version": version, "taken": draw(st.none() | counts)}  # fmt: skip


@st.composite
def _kept(draw: Any) -> dict[str, Any]:
    """What an exchange was judged on, as stored; perhaps something of it is lost."""
    kept = kept_of(*draw(exchanges()))
    if draw(st.booleans()):
        del kept[draw(sure(list(kept)))]
    return kept


@st.composite
def _bounded(draw: Any) -> dict[str, Any]:
    topic = draw(sure(list(TOPICS)))
    names = draw(st.lists(sure(list(parameters(TOPICS[topic]))), max_size=3, unique=True))
    said = {name: plain_bound(draw(bounds(TOPICS[topic], name))) for name in names}
    if draw(st.booleans()):
        said[draw(st.one_of(sure(list(parameters(TOPICS[topic]))), texts))] = draw(
            st.one_of(anything, st.dictionaries(sure(["low", "high", "only", "locked", "x"]), anything, max_size=2)))
    return {"topic": topic, "said": said}


@st.composite
def files(draw: Any, whole: str) -> str:
    """A policy file as it is written, or with something else in the middle of it."""
    at = draw(st.integers(0, len(whole)))
    return draw(st.one_of(st.just(whole), texts.map(lambda noise: whole[:at] + noise + whole[at + len(noise) :])))


def _named(part: str) -> st.SearchStrategy:
    return sure(LIVES).flatmap(lambda life: together(
        self=st.just(life), name=st.one_of(sure([one.name for one in getattr(life, part)]), texts)))


def _lack(name: str, have: st.SearchStrategy, least: st.SearchStrategy) -> st.SearchStrategy:
    return together(name=st.just(name), have=have, least=least)


@st.composite
def _refused(draw: Any) -> dict[str, Any]:
    kind = TOPICS[draw(sure(list(TOPICS)))]
    name = draw(sure(list(parameters(kind))))
    return {"bound": draw(bounds(kind, name)), "whose": draw(sure(["省定", "州市定", "县定"])),
            "about": parameters(kind)[name].metadata, "name": name, "say": lambda _, value: str(value)}  # fmt: skip


def _by_topic(make: Callable[[str], st.SearchStrategy]) -> st.SearchStrategy:
    return sure(list(TOPICS)).flatmap(make)


_term = st.tuples(days, days).map(lambda pair: tuple(sorted(pair)))
_pairs = st.tuples(st.integers(0, 500), st.integers(0, 50_000))
WHOLE: dict[tuple[str, str], Callable[[], st.SearchStrategy]] = {
    ("access", "may"): lambda: together(
        role=sure(Role), right=st.one_of(sure([right[:2] for right in access.rights()]), st.tuples(texts, texts))).map(
        lambda drawn: {"role": drawn["role"], "action": drawn["right"][1], "resource": drawn["right"][0]}),
    ("life", "Life.state"): lambda: _named("states"),
    ("life", "Life.move"): lambda: _named("moves"),
    ("policy", "bounds_of"): _bounded,
    ("policy", "load"): lambda: _by_topic(lambda topic: together(
        text=files((policy.SHIPPED / f"{topic}.toml").read_text("utf-8")), topic=st.just(topic), division=codes)),
    ("policy_files", "read"): lambda: together(content=st.one_of(
        releases().map(written).flatmap(files).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.binary(max_size=200))),
    ("rewards", "standing_in"): lambda: together(said=_kept()),
    ("rewards", "judge_again"): lambda: together(said=_kept(), version=versions("exchange")),
    ("decisions", "starred_again"): _starred,
    ("decisions", "exchanged_again"): _exchanged,
    ("measures", "asks"): lambda: together(
        star=st.none() | st.integers(1, 9), hours=st.none() | counts, honour=sure(["", *AT_LEAST]),
        months=st.none() | small),
    ("measures", "lack"): lambda: st.one_of(
        _lack("star", st.none() | st.integers(0, 9), st.integers(1, 9)), _lack("hours", counts, counts),
        _lack("honour", sure([0, *RANKS.values()]), sure([RANKS[level] for level in AT_LEAST])),
        _lack("months", st.one_of(st.just(NEVER), days, moments), days)),
    ("pairing", "owed"): lambda: together(promised=counts, quarter=of_quarter, term=_term).map(
        lambda drawn: {"promised": drawn["promised"], "quarter": drawn["quarter"],
                       "starts": drawn["term"][0], "ends": drawn["term"][1]}),
    ("pairing", "line"): lambda: together(quarter=of_quarter, term=_term, promised=_pairs, done=_pairs),
    ("policy", "laid_over"): lambda: together(parts=lineages()),
    ("policy", "build"): lambda: _by_topic(lambda topic: together(
        kind=st.just(TOPICS[topic]), values=mangled(TOPICS[topic]), where=st.just(topic))),
    ("policy", "typed"): lambda: _by_topic(lambda topic: together(
        kind=st.just(TOPICS[topic]), values=st.one_of(mangled(TOPICS[topic]), anything), where=st.just(topic))),
    ("policy", "release"): lambda: _by_topic(lambda topic: together(
        topic=st.just(topic), division=codes, since=days, source=kept_texts, values=mangled(TOPICS[topic]),
        bounds=st.none() | st.dictionaries(sure(list(parameters(TOPICS[topic]))), st.dictionaries(
            sure(["low", "high", "only", "locked", "x"]), anything, max_size=2), max_size=2),
        edition=st.integers(1, 26))),
    ("policy_office", "placed"): lambda: _by_topic(lambda topic: together(
        topic=st.just(topic), error=mangled(TOPICS[topic]).map(lambda values: complaint(values, topic)))),
    ("policy_office", "refusal"): _refused,
    ("policy_office", "outside"): lambda: _by_topic(lambda topic: together(
        one=releases(topic), above=st.lists(releases(topic, "53"), max_size=2),
        say=st.just(lambda _, value: str(value)))),
} | TRAVEL  # fmt: skip

# --- values by type ---

VERSION_OF = {
    "rewards": "exchange", "earning": "giving", "giving": "giving", "stars": "stars", "previews": "exchange",
    "decisions": "counting", "policy_files": "exchange", "pairing": "pairing", "policy": "exchange",
}  # fmt: skip
# Stretches: the end follows the start, within a day, as the tables and the record format let it in.
STRETCHES = {"Span": ("started_at", "ended_at"), "Task": ("starts_at", "ends_at")}
names = sure(["李明", "杨阿依", "读书会"])
NAMED = st.dictionaries(sure(["01", "02", "03"]), sure(["健康证", "护士", "白族语"]), max_size=3)
for _field in ("skills", "qualifications", "languages"):
    known(f"matching.Task.{_field}", NAMED)
known("matching.Task.cells", st.frozensets(cells, max_size=4))
known("matching.Task.place", st.one_of(codes, st.just("")))
known("matching.Task.social_worker", sure(["", "钱进"]))
known("matching.Person.qualifications", NAMED)
known("matching.Person.free", st.frozensets(cells, max_size=8))
known("matching.Person.home", st.one_of(codes, st.just("")))
known("matching.Person.state", sure(["registered", "suspended", "applied"]))
known("matching.Person.birth_date", st.one_of(  # a slip may put it too late
    st.dates(date(1930, 1, 1), date(2024, 12, 31)), st.dates(date(2024, 1, 1), date(2028, 12, 31))))
known("matching.Person.minimum_age", st.integers(0, 120))  # as a post lets it in
for _field in ("skills", "categories", "languages", "held"):
    known(f"matching.Person.{_field}", st.frozensets(sure(["01", "02", "03"])))
for _kind in ("Task", "Person"):
    for _field in ("name", "guardian", "applied", "category", "ethnicity", "ethnicity_name"):
        known(f"matching.{_kind}.{_field}", st.one_of(names, st.just("")))
known("records.Span.called", names)


def strategy(module: str, function: str, parameter: str, hint: Any) -> st.SearchStrategy:
    for key in ((module, function, parameter), (module, "", parameter), ("", "", parameter)):
        if key in KNOWN:
            return KNOWN[key]
    return of(hint, module)


def of(hint: Any, module: str = "") -> st.SearchStrategy:
    """Values of one type: plain ones widely, those of the house as it makes them."""
    plain_ones = {
        str: texts, int: counts, bool: st.booleans(), date: days, datetime: moments, object: st.one_of(texts, counts, st.none()),
        time: st.times(), timedelta: st.timedeltas(timedelta(0), timedelta(days=2)), bytes: st.binary(max_size=200),
        Any: st.one_of(texts, counts, st.booleans(), st.none(), days), WorkingCalendar: calendars,
        PolicyBook: books, Release: st.one_of(sure(policy.shipped()), releases()), type: sure(list(TOPICS.values())),
        Life: sure(LIVES), Move: sure([move for life in LIVES for move in life.moves]), Standing: standings,
        Bound: sure(list(TOPICS.values())).flatmap(lambda kind: sure(list(parameters(kind))).flatmap(lambda n: bounds(kind, n))),
    }  # fmt: skip
    if hint is Version:
        return versions(VERSION_OF.get(module, module)) if VERSION_OF.get(module, module) in VERSIONS else st.nothing()
    if hint in plain_ones:
        return plain_ones[hint]
    if inspect.isclass(hint) and hint in TOPIC_OF:
        return rules_of(hint)
    if inspect.isclass(hint) and issubclass(hint, Enum):
        return sure(hint)
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Union or str(origin) == "<class 'types.UnionType'>":
        return st.one_of(*(of(one, module) for one in inner))
    if origin in (list, *map(typing.get_origin, (typing.Sequence[int], typing.Iterable[int], typing.Collection[int]))):
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
    if hint is type(None):
        return st.none()
    if inspect.isclass(hint) and is_dataclass(hint):
        return _built(hint)
    return st.from_type(hint)


def _built(kind: type) -> st.SearchStrategy:
    hints, owner = typing.get_type_hints(kind), kind.__module__.rpartition(".")[2]
    made = st.builds(kind, **{
        name: strategy(owner, kind.__name__, name, hints[name]) for name in inspect.signature(kind).parameters
    })  # fmt: skip
    if kind.__name__ not in STRETCHES:
        return made
    start, end = STRETCHES[kind.__name__]
    return st.builds(lambda one, length: replace(one, **{end: getattr(one, start) + length}), made, lengths)


calendars = st.tuples(st.frozensets(days, max_size=4), st.frozensets(days, max_size=4)).map(
    lambda own: WorkingCalendar(own[0] - own[1], own[1]))  # fmt: skip
books = st.one_of(st.just(BOOK), st.lists(releases(), max_size=3).map(PolicyBook.of))
standings = st.builds(
    Standing, days, st.integers(0, 200_000), st.integers(0, 200_000), counts, st.integers(0, 9), st.integers(0, 110)
)
of_quarter = days.map(Quarter.of)
tasks, people, spans = of(Task), of(Person), of(Span)
