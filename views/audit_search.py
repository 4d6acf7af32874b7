"""What the audit log is searched by, one way for the list and for its workbook, all but the words backed by an index."""

from collections.abc import Mapping

from peewee import Expression, Field, ModelSelect
from werkzeug.datastructures import MultiDict

from models.audit import Trail
from models.people import Account
from models.scope import Actor, within
from models.stations import Station
from rules.access import Role
from views import audit_words, filters
from views.wording import worded

SELECTS = ("table", "action", "role", "at")
TYPED = {
    "who": "经手人姓名",
    "account": "用户名",
    "row": "编号",
    "station": "工作站名称",
    "address": "来源地址",
    "reason": "理由里的字词",
}
NAMES = (*TYPED, "table", "action", "role", "at_from", "at_until")
MOST_STATIONS = 500  # that one name stands for
LONGEST = 60  # characters of what is typed


def choices(name: str) -> list[tuple[str, str]]:
    if name == "role":
        return [(one.value, worded(one.label)) for one in Role]
    said = audit_words.tables() if name == "table" else audit_words.actions()
    return sorted(said.items(), key=lambda pair: pair[1])


def bar(said: Mapping[str, str], by: Actor) -> tuple[list[filters.Control], list[Expression]]:
    """The controls with what was asked for, and the conditions that follow. Raises ``Refusal`` for a day that is none."""
    given = {name: said.get(name, "").strip()[:LONGEST] for name in NAMES}
    chosen, where = filters.bar(Trail, list(SELECTS), MultiDict(given), by, choices)
    typed = [filters.Control("text", name, label, given[name]) for name, label in TYPED.items()]
    for name in TYPED:
        if given[name]:
            where += _conditions(name, given[name], by)
    return [*chosen, *typed], where


def _conditions(name: str, words: str, by: Actor) -> list[Expression]:
    # Keys, not sub-selects: only so does a database see how few the rows are, and take the index.
    if name == "account":
        return [_one_of(Trail.account, Account.select(Account.id).where(Account.username == words))]
    if name == "station":
        named = Station.select(Station.id).where(Station.name.contains(words), within(Station, by))
        return [_one_of(Trail.station, named.limit(MOST_STATIONS))]
    if name == "reason":
        return [Trail.reason.contains(word) for word in words.split()]
    return [getattr(Trail, name) == words]


def _one_of(field: Field, query: ModelSelect) -> Expression:
    keys = [key for (key,) in query.tuples()]
    return (field == keys[0]) if len(keys) == 1 else field.in_(keys)


def told(said: Mapping[str, str]) -> dict[str, str]:
    """What was asked for, for the trace of an export: names of columns and what was chosen."""
    return {name: said[name].strip()[:LONGEST] for name in NAMES if said.get(name, "").strip()}
