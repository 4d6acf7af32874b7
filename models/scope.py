"""Who asks, and which rows they may know of: one function, for lists, details, pickers, actions, exports, jobs."""

from collections.abc import Callable
from dataclasses import dataclass

from peewee import SQL, DataError, Expression, ModelSelect

from models.base import BaseModel, on_postgres
from models.refusals import NotFound
from rules.access import DIVISION_ROLES, STATION_ROLES, Role
from rules.divisions import subtree

EVERYTHING = SQL("1 = 1")
NOTHING = SQL("1 = 0")


@dataclass(frozen=True)
class Actor:
    """Whoever makes a move. Station roles carry a station; division roles the division they answer for."""

    account_id: int | None
    name: str
    role: Role
    station_id: int | None = None
    division: str | None = None
    volunteer_id: int | None = None


SYSTEM = Actor(None, "系统", Role.SYSTEM)


def stations_of(actor: Actor) -> ModelSelect | None:
    """Ids of the stations in the actor's division as a sub-select; None where that is every station."""
    from models.stations import Station

    if actor.division is None:
        raise ValueError("a division role without a division sees nothing")
    if actor.division == ROOT:
        return None
    low, high = subtree(actor.division)
    return Station.select(Station.id).where(Station.division >= low, Station.division < high)


ROOT = "53"  # 云南省; whoever answers for it answers for every row here


def within(model: type[BaseModel], actor: Actor) -> Expression:
    """The condition that keeps the actor's own rows of ``model``.

    Closed by default: raises ``TypeError`` for a model that does not say how it leads to a station.
    """
    if actor.role == Role.SYSTEM:
        return EVERYTHING
    own = getattr(model, "scope", None)
    if own is not None:
        return own(actor)
    if model.station_path is None:
        raise TypeError(f"{model.__name__} does not say how it leads to a station")
    return along(model, model.station_path, actor)


def along(model: type[BaseModel], path: str, actor: Actor) -> Expression:
    """The condition that ``path`` ends at a station of the actor's."""
    if not path:
        key = model._meta.primary_key
        return _is_station(key, actor)
    step, _, rest = path.partition(".")
    key = model._meta.fields[step]
    if not rest:
        return _is_station(key, actor)
    target = key.rel_model
    return key.in_(target.select(target._meta.primary_key).where(along(target, rest, actor)))


def along_or_hers(model: type[BaseModel], path: str, actor: Actor, hers: Callable[[int], Expression]) -> Expression:
    """As `along`; and to a volunteer her own rows alone, those that ``hers`` finds by her key."""
    if actor.role == Role.VOLUNTEER:
        return hers(actor.volunteer_id) if actor.volunteer_id else NOTHING
    return along(model, path, actor)


def _is_station(key, actor: Actor) -> Expression:
    if actor.role in STATION_ROLES:
        return key == actor.station_id if actor.station_id else NOTHING
    if actor.role in DIVISION_ROLES:
        stations = stations_of(actor)
        return EVERYTHING if stations is None else key.in_(stations)
    return NOTHING


def held(query: ModelSelect) -> ModelSelect:
    """The query, its rows held to the end of the transaction; on SQLite the transaction itself already does.

    NO KEY: a row that merely refers to this one need not wait.
    """
    return query.for_update("FOR NO KEY UPDATE") if on_postgres() else query


def find(model: type[BaseModel], key: object, actor: Actor, *, lock: bool = False):
    """The row with this key if the actor may know of it.

    Raises ``NotFound`` alike for a missing row and a stranger's. ``lock`` holds the row to the end of the
    transaction (PostgreSQL; SQLite's writers already queue).
    """
    row = known(model, key, actor, lock=lock)
    if row is None:
        raise NotFound()
    return row


def known(model: type[BaseModel], key: object, actor: Actor, *, lock: bool = False):
    """As `find`, but None where there is no such row, or none that the actor may know of."""
    query = model.select().where(model._meta.primary_key == key, within(model, actor))
    if lock:
        query = held(query)
    try:
        return query.first()
    except (ValueError, OverflowError, DataError):  # «abc», or a number that no key can be: typed into an address
        return None
