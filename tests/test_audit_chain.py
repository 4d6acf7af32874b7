"""The chain of the audit log: whoever gets past the triggers and rewrites a trace is found, on both databases."""

import json
from collections.abc import Callable

import pytest
from peewee import chunked
from playhouse.migrations import Runner
from test_concurrency import at_once

from cast import Cast, person
from models import audit, audit_checks
from models.audit import HOUSE, Trail, TrailHead, TrailKey, trail, trails
from models.audit_checks import check, heads, verify
from models.base import connect, database, on_postgres, transaction
from models.fields import keyring
from models.refusals import Refusal, refuse
from models.schema import MIGRATIONS, upgrade
from models.scope import SYSTEM
from models.volunteers import Volunteer
from rules.access import Role

ROWS = 5


def unguarded() -> None:
    """What somebody with the database's own password can do."""
    if on_postgres():
        database.execute_sql("ALTER TABLE trail DISABLE TRIGGER USER")
    else:
        for verb in ("update", "delete"):
            database.execute_sql(f"DROP TRIGGER trail_no_{verb}")


def leave(cast: Cast, rows: int = ROWS, by=None) -> None:
    for n in range(rows):
        trail(by or cast.head, "print", "notice", n, reason=f"第 {n} 次")


def of(chain: int) -> list[Trail]:
    return list(Trail.select().where(Trail.chain == chain).order_by(Trail.seq))


def test_what_the_cast_does_is_chained_by_station_and_fits(cast_on_either):
    cast = cast_on_either
    cast.posted(cast.registered(), minutes=120)
    count, faults = verify()
    assert (count, faults) == (Trail.select().count(), [])
    assert set(heads()) == {HOUSE, cast.a.id, cast.b.id} == {row.chain for row in Trail.select(Trail.chain)}
    for chain, (seq, sealed) in heads().items():
        rows = of(chain)
        assert [row.seq for row in rows] == list(range(1, seq + 1))
        assert rows[-1].hash == sealed
        assert {row.station or HOUSE for row in rows} == {chain}


# --- tampering ---


def _set(column: str, value: object) -> Callable[[list[Trail]], object]:
    return lambda rows: Trail.update({column: value}).where(Trail.id == rows[1].id).execute()


def _delete(*places: int) -> Callable[[list[Trail]], object]:
    return lambda rows: Trail.delete().where(Trail.id.in_([rows[n].id for n in places])).execute()


def _insert(rows: list[Trail]) -> None:
    """A copy of a trace, put in as the third: what follows makes room for it."""
    for row in reversed(rows[2:]):
        Trail.update(seq=row.seq + 1).where(Trail.id == row.id).execute()
    values = rows[1].__data__ | {"seq": rows[2].seq, "who": "无此人"}
    del values["id"]
    Trail.insert(values).execute()
    TrailHead.update(seq=TrailHead.seq + 1).where(TrailHead.chain == rows[0].chain).execute()


def _append(rows: list[Trail]) -> None:
    values = rows[-1].__data__ | {"seq": rows[-1].seq + 1, "hash": "f" * 64}
    del values["id"]
    Trail.insert(values).execute()
    TrailHead.update(seq=values["seq"], hash=values["hash"]).where(TrailHead.chain == rows[0].chain).execute()


def _swap_places(rows: list[Trail]) -> None:
    first, second = rows[1], rows[2]
    for row, seq in ((first, -1), (second, first.seq), (first, second.seq)):
        Trail.update(seq=seq).where(Trail.id == row.id).execute()


def _swap_numbers(rows: list[Trail]) -> None:
    first, second = rows[1], rows[2]
    for old, new in ((first.id, -1), (second.id, first.id), (-1, second.id)):
        Trail.update(id=new).where(Trail.id == old).execute()


def _renumber(rows: list[Trail]) -> None:
    """One taken out of the middle, and the rest moved up so that no place is empty."""
    _delete(1)(rows)
    for row in rows[2:]:
        Trail.update(seq=row.seq - 1).where(Trail.id == row.id).execute()
    TrailHead.update(seq=TrailHead.seq - 1).where(TrailHead.chain == rows[0].chain).execute()


def _reseal(rows: list[Trail]) -> None:
    """Everything done right, but for the key: nobody who has only the database has it."""
    Trail.update(who="无此人").where(Trail.id == rows[1].id).execute()
    key = "a key of her own"
    previous = rows[0].hash
    for row in of(rows[0].chain)[1:]:
        (found,) = [one for one in audit_checks._traces(row.chain) if one[0] == row.id]
        previous = audit.digest(key, previous, found[1:-1])
        Trail.update(hash=previous).where(Trail.id == row.id).execute()
    TrailHead.update(hash=previous).where(TrailHead.chain == rows[0].chain).execute()


CHANGED = "内容与校验码不符，日志被改动、插入或调换过。"
TAMPERED = {
    "who": (_set("who", "无此人"), 2, CHANGED),
    "account": (_set("account", 99), 2, CHANGED),
    "role": (_set("role", "admin"), 2, CHANGED),
    "reason": (_set("reason", "另一个理由"), 2, CHANGED),
    "action": (_set("action", "see"), 2, CHANGED),
    "row": (_set("row", "77"), 2, CHANGED),
    "table": (_set("table", "project"), 2, CHANGED),
    "station": (_set("station", None), 2, CHANGED),
    "division": (_set("division", "53"), 2, CHANGED),
    "before": (_set("before", {"state": "x"}), 2, CHANGED),
    "after": (_set("after", {}), 2, CHANGED),
    "address": (_set("address", "10.0.0.9"), 2, CHANGED),
    "session": (_set("session", "x"), 2, CHANGED),
    "request": (_set("request", "x"), 2, CHANGED),
    "re-timed": (_set("at", "2020-01-01 00:00:00"), 2, CHANGED),
    "another chain": (_set("chain", 99), 3, "前面缺少第 2 行，有日志被删去。"),
    "deleted first": (_delete(0), 2, "前面缺少第 1 行，有日志被删去。"),
    "deleted in the middle": (_delete(1), 3, "前面缺少第 2 行，有日志被删去。"),
    "deleted several": (_delete(1, 2), 4, "前面缺少第 2 行，有日志被删去。"),
    "deleted, the rest moved up": (_renumber, 2, CHANGED),
    "inserted": (_insert, 3, CHANGED),
    "added at the end": (_append, ROWS + 1, CHANGED),
    "swapped": (_swap_places, 2, CHANGED),
    "swapped numbers": (_swap_numbers, 3, "编号与先后不符，日志被调换过。"),
    "sealed anew with another key": (_reseal, 2, CHANGED),
}


@pytest.fixture
def chained(cast_on_either):
    """B's chain of so many traces, nothing else in it; the triggers gone."""
    cast = cast_on_either
    before = [row.seq for row in of(cast.b.id)]
    leave(cast, ROWS - len(before), cast.head_b)
    unguarded()
    return cast


@pytest.mark.parametrize("how", TAMPERED)
def test_the_first_trace_that_does_not_fit_is_named(chained, how):
    tamper, place, says = TAMPERED[how]
    assert verify()[1] == []
    with transaction():
        tamper(of(chained.b.id))
    faults = [fault for fault in verify()[1] if fault.where.startswith(f"工作站 {chained.b.id} 的操作日志第")]
    assert [fault.says for fault in faults] == [says]
    assert f"第 {place} 行" in faults[0].where


def test_every_column_that_says_something_is_sealed():
    assert set(audit.SEALED) == set(Trail._meta.fields) - {"id", "hash"}
    assert {how for how in TAMPERED if how in Trail._meta.fields} | {"at", "chain", "seq"} == set(audit.SEALED)


@pytest.mark.parametrize("places", [[-1], [-2, -1], list(range(ROWS))], ids=["the last", "two", "all"])
def test_what_is_cut_off_at_the_end_shows_by_the_head(chained, places):
    _delete(*places)(of(chained.b.id))
    (fault,) = verify()[1]
    assert fault.where == f"工作站 {chained.b.id} 的操作日志"
    assert fault.says == f"链尾记到第 {ROWS} 行，实际有 {ROWS - len(places)} 行，末尾被删去或改动过。"


@pytest.mark.parametrize("left", [2, 0])
def test_with_the_head_set_back_it_shows_by_the_heads_kept_elsewhere(chained, left):
    known, rows = heads(), of(chained.b.id)
    _delete(*range(left, ROWS))(rows)
    if left:
        TrailHead.update(seq=left, hash=rows[left - 1].hash).where(TrailHead.chain == chained.b.id).execute()
    else:
        TrailHead.delete().where(TrailHead.chain == chained.b.id).execute()
    assert verify()[1] == []  # the database alone cannot tell
    (fault,) = verify(known)[1]
    assert fault.says == f"另存的链尾到第 {ROWS} 行，现在只有 {left} 行，末尾被删去过。"


def test_cut_off_and_grown_again_it_shows_by_the_heads_kept_elsewhere(chained):
    known, rows = heads(), of(chained.b.id)
    _delete(-1)(rows)
    TrailHead.update(seq=ROWS - 1, hash=rows[-2].hash).where(TrailHead.chain == chained.b.id).execute()
    leave(chained, 2, chained.head_b)
    assert verify()[1] == []
    (fault,) = verify(known)[1]
    assert fault.says == "与另存的链尾不符，日志被整段换过。"


@pytest.mark.parametrize("how", ["another key", "no key", "a key sealed by another data key"])
def test_nobody_puts_a_key_of_her_own_in_its_place(chained, how):
    if how == "no key":
        TrailKey.delete().execute()
    elif how == "another key":
        TrailKey.update(key="0" * 64).execute()
    else:
        keyring.open(b"the data key of another station.")
    count, faults = verify()
    assert count == 0 and faults
    leave(chained, 1) if how == "no key" else None
    assert verify()[1]


def test_later_traces_fit_the_heads_kept_before(cast_on_either):
    known = heads()
    leave(cast_on_either)
    assert verify(known)[1] == [] and heads() != known


def test_a_chain_is_read_a_page_at_a_time(cast, monkeypatch):
    monkeypatch.setattr(audit_checks, "READ_AT_ONCE", 2)
    leave(cast, 7)
    sent = []
    database.obj.query_hooks.append(lambda event: sent.append(event.sql))
    count, fault = check(cast.a.id, TrailKey.get().key)
    database.obj.query_hooks.clear()
    assert (count, fault) == (len(of(cast.a.id)), None)
    assert len([sql for sql in sent if '"trail"' in sql]) == count // 2 + 1


# --- transactions ---


def test_a_savepoint_that_fails_takes_its_traces_with_it(cast_on_either):
    cast, before = cast_on_either, Trail.select().count()
    with transaction():
        trail(cast.head, "print", "notice", "kept 1")
        with pytest.raises(Refusal), transaction():
            trail(cast.head, "print", "notice", "dropped")
            with transaction():
                trail(cast.head, "print", "notice", "dropped inside")
            raise refuse("不行。")
        with transaction():
            trail(cast.head, "print", "notice", "kept 2")
    assert [row.row for row in of(cast.a.id)[-2:]] == ["kept 1", "kept 2"]
    assert Trail.select().count() == before + 2 and verify()[1] == []


def test_a_transaction_that_fails_leaves_no_trace_and_no_gap(cast_on_either):
    cast, before = cast_on_either, heads()
    with pytest.raises(Refusal), transaction():
        trail(cast.head, "print", "notice", "dropped")
        raise refuse("不行。")
    assert heads() == before
    leave(cast, 1)
    assert verify()[1] == []


def test_the_traces_of_one_move_are_written_after_all_else_and_the_head_held_last(cast_on_either):
    cast = cast_on_either
    row = Volunteer.enter(cast.recorder, **person("李明"))
    sent: list[str] = []
    database.obj.query_hooks.append(lambda event: sent.append(event.sql))
    Volunteer.move(row.id, "approve", cast.head)
    database.obj.query_hooks.clear()
    writes = [sql for sql in sent if sql.split()[0] not in ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")]
    assert [("trail_head" in sql, sql.split()[0]) for sql in writes[-3:]] == [
        (True, "SELECT"), (False, "INSERT"), (True, "UPDATE"),
    ]  # fmt: skip
    assert not any("trail" in sql for sql in writes[:-3])


def test_traces_of_two_stations_in_one_transaction_go_each_to_its_own_chain(cast_on_either):
    cast = cast_on_either
    before = heads()
    with transaction():
        trails(cast.head_b, "print", "notice", [(n, None, None) for n in range(700)])
        trail(cast.head, "print", "notice", 1)
        trail(SYSTEM, "print", "notice", 2)
    grown = {chain: seq - before[chain][0] for chain, (seq, _) in heads().items()}
    assert grown == {HOUSE: 1, cast.a.id: 1, cast.b.id: 700}
    assert verify()[1] == []


def test_of_thousands_of_traces_a_refused_part_is_dropped_and_the_rest_keep_their_order(cast_on_either):
    cast = cast_on_either
    before = heads()[cast.a.id][0]
    with transaction():
        trails(cast.head, "print", "notice", [(n, None, None) for n in range(1_200)])
        with pytest.raises(Refusal), transaction():
            trails(cast.head, "print", "dropped", [(n, None, None) for n in range(900)])
            trail(SYSTEM, "print", "dropped", 1)
            raise refuse("不行。")
        trails(cast.head, "print", "notice", [(n, None, None) for n in range(1_200, 1_300)])
    left = of(cast.a.id)[before:]
    assert [trace.row for trace in left] == [str(n) for n in range(1_300)]
    assert Trail.select().where(Trail.table == "dropped").count() == 0 and verify()[1] == []


def test_a_trace_outside_any_transaction_stands_by_itself(cast_on_either):
    trail(cast_on_either.head, "print", "notice", 1)
    assert database.transaction_depth() == 0
    assert of(cast_on_either.a.id)[-1].row == "1" and verify()[1] == []


def test_sixteen_write_at_once_to_two_chains_in_either_order(cast_on_either):
    cast, before = cast_on_either, heads()

    def write(n: int) -> None:
        mine, other = (cast.head, cast.head_b) if n % 2 else (cast.head_b, cast.head)
        for turn in range(5):
            with transaction():
                trail(mine, "print", "notice", f"{n}.{turn}")
                trail(other, "print", "notice", f"{n}.{turn}")

    at_once(*(lambda n=n: write(n) for n in range(16)))
    after = heads()
    assert all(after[chain][0] - before[chain][0] == 80 for chain in (cast.a.id, cast.b.id))
    assert verify(before)[1] == []


def test_sixteen_first_traces_of_a_new_chain_make_one_chain(cast_on_either):
    cast = cast_on_either
    at_once(*(lambda n=n: trail(cast.admin, "print", "notice", n, station=777) for n in range(16)))
    assert heads()[777][0] == 16 and verify()[1] == []


# --- what stood before there was a chain ---


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_older_traces_are_linked_in_their_order(kind, request, sqlite_url, monkeypatch):
    connect(sqlite_url if kind == "sqlite" else request.getfixturevalue("fresh_postgres")())
    database.connect()
    Runner(database.obj, str(MIGRATIONS)).up("0017_decisions")
    rows = [
        ("2026-01-05 09:00:00", n, "张站长", "head", n % 3 or None, "530102", "volunteer", str(n), "amend", "",
         json.dumps({"name": "李明"}, ensure_ascii=False), None)
        for n in range(2500)
    ]  # fmt: skip
    columns = "at, account, who, role, station, division, table_name, row_key, action, reason, before, after"
    for some in chunked(rows, 500):
        one = f"({', '.join([database.param] * len(some[0]))})"
        database.execute_sql(
            f"INSERT INTO trail ({columns}) VALUES {', '.join([one] * len(some))}", [v for row in some for v in row]
        )
    upgrade()
    count, faults = verify()
    assert (count, faults) == (2500, [])
    assert {chain: seq for chain, (seq, _) in heads().items()} == {HOUSE: 834, 1: 833, 2: 833}
    assert [int(row.row) for row in of(1)] == [n for n in range(2500) if n % 3 == 1]
    actor = audit.Actor(1, "张站长", Role.HEAD, 1)
    trail(actor, "print", "notice", 1)
    assert heads()[1][0] == 834 and verify()[1] == []
    with pytest.raises(Exception, match="append-only"), database.atomic():
        database.execute_sql("UPDATE trail SET who = 'x'")
    database.close_all()
