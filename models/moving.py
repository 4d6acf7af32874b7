"""异地转移 (方案 二(5)): a person's account leaves one station's chain and comes into another's, minute for minute.

What she owes is not moved: a debt is the person's own, wherever she stands. Neither is it service, nor taken back: who
reports hours by month leaves the account `transfer` out.
"""

from collections.abc import Collection, Sequence
from typing import Any

from models import clock
from models.hours import Balance, Entry, Lot, Writer
from models.scope import Actor
from models.stations import Station


def move_account(claim, by: Actor) -> None:
    """Take along what the person of a claim has; moved already, nothing is. The caller is inside a transaction."""
    move_accounts([claim], by)


def move_accounts(claims: Sequence[Any], by: Actor) -> None:
    """Take along what the people of these claims, all between the same two stations, have. A handful of statements.

    Both chains are taken in the order of the stations' numbers, then the balances.
    """
    stations = claims[0].from_station_id, claims[0].to_station_id
    writers = {station: Writer.open(station) for station in sorted(stations)}
    keys = {f"transfer:{claim.id}:out:{part}": claim.id for claim in claims for part in ("honour", "lot:0")}
    moved = {keys[key] for (key,) in Entry.select(Entry.key).where(Entry.key.in_(list(keys))).tuples()}
    people = [claim.volunteer_id for claim in claims]
    Balance.hold(people)
    held = {row.volunteer_id: row for row in Balance.select().where(Balance.volunteer.in_(people))}
    lots = _lots(people)
    names = dict(Station.select(Station.id, Station.name).where(Station.id.in_(stations)).tuples())
    leave, arrive = (writers[station] for station in stations)
    out, into = [], []
    for claim in claims:
        balance, mine = held.get(claim.volunteer_id), lots.get(claim.volunteer_id, [])
        if balance is None or claim.id in moved:  # not yet approved, she has no account to take along
            continue
        said = claim.volunteer_id, balance.honour, mine, 0, f"transfer:{claim.id}"
        out += leaving(*said, f"转出到{names[claim.to_station_id]}", by)
        into += coming(*said, f"从{names[claim.from_station_id]}转入", by)
    leave.write(out)
    arrive.write(into)


def _lots(people: Sequence[int]) -> dict[int, list[tuple[Lot, int]]]:
    found: dict[int, list[tuple[Lot, int]]] = {}
    mine = Lot.select().where(Lot.volunteer.in_(people), Lot.left > 0)
    for lot in mine.order_by(Lot.volunteer, Lot.earned_on, Lot.id):
        found.setdefault(lot.volunteer_id, []).append((lot, lot.left))
    return found


def transfer_out(
    writer: Writer, volunteer_id: int, honour: int, lots: Sequence[tuple[Lot, int]], key: str, reason: str, by: Actor
) -> None:
    """Out of this chain: whole minutes of honour, and so many of each of these lots. ``reason`` says where to.

    The person's balance is held. Written under ``key`` already, it would clash: the caller asks first.
    """
    writer.write(leaving(volunteer_id, honour, lots, 0, key, reason, by))


def transfer_in(
    writer: Writer, volunteer_id: int, honour: int, lots: Sequence[tuple[Lot, int]], key: str, reason: str, by: Actor
) -> None:
    """Into this chain: whole minutes of honour, and so many into each of these lots. ``reason`` says where from.

    A lot may be one that is here already, or a new row with nothing left in it yet.
    """
    writer.write(coming(volunteer_id, honour, lots, 0, key, reason, by))


def leaving(
    volunteer_id: int, honour: int, lots: Sequence[tuple[Lot, int]], debt: int, key: str, reason: str, by: Actor
) -> list[dict[str, Any]]:
    """The movements of `transfer_out`, to be written with others. A debt goes along only to another installation."""
    out = {"day": clock.today(), "volunteer": volunteer_id, "reason": reason, "approved_by": by.account_id}
    return [
        {**out, **one, "debit": account, "credit": "transfer", "key": f"{key}:out:{name}"}
        for name, account, one in _moved(honour, lots)
    ] + [{**out, **one, "debit": "transfer", "credit": "debt", "key": f"{key}:out:debt"} for one in _owed(debt)]  # fmt: skip


def coming(
    volunteer_id: int, honour: int, lots: Sequence[tuple[Lot, int]], debt: int, key: str, reason: str, by: Actor
) -> list[dict[str, Any]]:
    """The movements of `transfer_in`, to be written with others."""
    into = {"day": clock.today(), "volunteer": volunteer_id, "reason": reason, "approved_by": by.account_id}
    return [
        {**into, **one, "debit": "transfer", "credit": account, "key": f"{key}:in:{name}"}
        for name, account, one in _moved(honour, lots)
    ] + [{**into, **one, "debit": "debt", "credit": "transfer", "key": f"{key}:in:debt"} for one in _owed(debt)]  # fmt: skip


def leaving_again(
    line: Any, kept: Collection[int], key: str, reason: str, by: Actor
) -> list[dict[str, Any]]:
    """The movements that take out of an account, a second time, as much as a line of a package carried (``honour``,
    ``exchangeable`` and ``debt`` in minutes), however the account stands by now; from the lots ``kept`` first.

    What was spent or taken back meanwhile is owed, a debt that was paid meanwhile is paid back: no minute stands twice.
    """
    balance = Balance.locked(line.volunteer_id)
    honour, debt = min(line.honour, balance.honour), min(line.debt, balance.debt)
    missing, parts = line.exchangeable, []
    lots = list(Lot.select().where(Lot.volunteer == line.volunteer_id, Lot.left > 0).order_by(Lot.earned_on, Lot.id))
    for lot in sorted(lots, key=lambda lot: lot.id not in kept):
        if part := min(lot.left, missing):
            parts.append((lot, part))
            missing -= part
    made = leaving(line.volunteer_id, honour, parts, debt, key, reason, by)
    owed = missing + (line.honour - honour) - (line.debt - debt)
    common = {
        "day": clock.today(), "volunteer": line.volunteer_id, "reason": reason, "approved_by": by.account_id,
        "kind": "transfer", "origin": "moved", "minutes": abs(owed),
    }  # fmt: skip
    if owed > 0:
        made.append({**common, "debit": "debt", "credit": "transfer", "key": f"{key}:owed"})
    elif owed < 0:
        lot = Lot(volunteer=line.volunteer_id, origin="transferred", earned_on=clock.today(), minutes=-owed, left=0)
        made.append({**common, "debit": "transfer", "credit": "exchangeable", "lot": lot, "key": f"{key}:paid"})
    return made


def _owed(debt: int) -> list[dict[str, Any]]:
    return [{"kind": "transfer", "origin": "moved", "minutes": debt}] if debt else []


def _moved(honour: int, lots: Sequence[tuple[Lot, int]]) -> list[tuple[str, str, dict[str, Any]]]:
    """(name within the key, account, what the movement says) of each part of an account."""
    common = {"kind": "transfer", "origin": "moved"}
    parts = [("honour", "honour", common | {"minutes": honour})] if honour else []
    for n, (lot, minutes) in enumerate(lots):
        said = {"minutes": minutes, "lot": lot.id or lot, "origin": lot.origin}
        parts.append((f"lot:{n}", "exchangeable", common | said))
    return parts
