"""Going over the records of stations: which are new, changed, gone or fit to go up now; and putting those that are in a
batch."""

from collections.abc import Callable, Iterator
from datetime import datetime

from peewee import Expression, fn

from models import clock
from models.base import insert_rows, transaction
from models.scope import NOTHING
from models.stations import Station
from models.upwards import UpwardRecord
from models.upwards_rows import AT_ONCE, Book, Row, among, chunks, there_are, to_go
from models.volunteers import Volunteer
from rules.upwards import DELETED, ELSEWHERE, KINDS, TARGETS, digest

# Takes (kind, the row, its station's code, the digest of what it says) into a batch; the batch's key.
Emit = Callable[[str, Row, str, str], int]
NOT_YET = "缺少志愿者：本人的登记还不能汇入"
KEPT = (
    "station", "target", "kind", "row", "called", "state", "lacking", "reason", "digest", "sent_digest", "accepted_digest",
    "accepted_for", "batch", "waiting_since", "accepted_at",
)  # fmt: skip
ON_ITS_WAY = UpwardRecord.batch.is_null(False) & (UpwardRecord.sent_digest != UpwardRecord.accepted_digest) & (UpwardRecord.reason == "")


def sweep(stations: list[int], target: str, emit: Emit | None = None, said: Callable[[int], None] | None = None) -> int:
    """Bring what is kept of these stations' records up to date, and put in a batch what is fit to go, where one is made;
    how many records were looked at. A transaction a chunk, so that nobody waits.

    What is gone comes first, of every kind: a document that is free again above may come with its next owner.
    """
    book, seen = Book.of(stations), 0
    for kind in KINDS:
        _forget(kind, stations, target)
        for rows in _gone(kind, stations, target):
            seen += _step(kind, rows, target, book, emit)
            if said:
                said(seen)
    for kind in KINDS:
        for rows in chunks(kind, stations, book):
            seen += _step(kind, rows, target, book, emit)
            if said:
                said(seen)
    return seen


def _step(kind: str, rows: list[Row], target: str, book: Book, emit: Emit | None) -> int:
    with transaction(), clock.still():
        _take(kind, rows, target, book, emit)
    return len(rows)


def _of(kind: str, stations: list[int], target: str) -> Expression:
    return (UpwardRecord.target == target) & (UpwardRecord.kind == kind) & UpwardRecord.station.in_(stations)


def _forget(kind: str, stations: list[int], target: str) -> None:
    """What never went up and does not go any more is not kept; what went up and goes no more waits for nothing."""
    settled = UpwardRecord.select(UpwardRecord.id).where(
        _of(kind, stations, target), UpwardRecord.state.in_(("waiting", "refused")), ~ON_ITS_WAY,
        ~among(kind, to_go(kind), UpwardRecord.row),
    )  # fmt: skip
    with transaction():
        never = [key for (key,) in settled.where(UpwardRecord.accepted_digest == "").tuples()]
        for at in range(0, len(never), AT_ONCE):
            UpwardRecord.delete().where(UpwardRecord.id.in_(never[at : at + AT_ONCE])).execute()
        left = settled.where(UpwardRecord.accepted_digest.not_in(("", DELETED)), among(kind, there_are(kind), UpwardRecord.row))
        quiet = [key for (key,) in left.tuples()]
        for at in range(0, len(quiet), AT_ONCE):
            UpwardRecord.update(
                state="accepted", digest=UpwardRecord.accepted_digest, sent_digest=UpwardRecord.accepted_digest, lacking="", reason=""
            ).where(UpwardRecord.id.in_(quiet[at : at + AT_ONCE])).execute()


def _gone(kind: str, stations: list[int], target: str) -> Iterator[list[Row]]:
    """What went up, or is on its way, and is no more: erased, made void, taken back, moved to another installation."""
    last = 0
    while True:
        query = UpwardRecord.select(UpwardRecord.id, UpwardRecord.station, UpwardRecord.row, UpwardRecord.called).where(
            _of(kind, stations, target), UpwardRecord.id > last, UpwardRecord.accepted_digest != DELETED,
            (UpwardRecord.accepted_digest != "") | ON_ITS_WAY, ~among(kind, there_are(kind), UpwardRecord.row) | _left_here(kind),
        )  # fmt: skip
        rows = list(query.order_by(UpwardRecord.id).limit(AT_ONCE).tuples())
        if not rows:
            return
        last = rows[-1][0]
        yield [Row(station, row, called, {}, gone=True) for _, station, row, called in rows]


def _left_here(kind: str) -> Expression:
    """Of somebody who was claimed by another station and may not be up there any more: hers to delete who sent it."""
    if kind != "volunteer":
        return NOTHING
    elsewhere = Volunteer.select(Volunteer.id).where(Volunteer.id == UpwardRecord.row, Volunteer.station != UpwardRecord.station)
    return (UpwardRecord.digest == DELETED) & fn.EXISTS(elsewhere)


def _take(kind: str, rows: list[Row], target: str, book: Book, emit: Emit | None) -> None:
    mine = UpwardRecord.select().where(
        UpwardRecord.target == target, UpwardRecord.kind == kind, UpwardRecord.row.in_([row.key for row in rows])
    )
    kept: dict[int, UpwardRecord] = {one.row: one for one in mine}
    fit = _fit({row.volunteer for row in rows if row.volunteer}, target)
    changed: list[UpwardRecord] = []
    for row in rows:
        one = kept.get(row.key)
        fresh = one is None
        if one is None:
            one = UpwardRecord(station=row.station, target=target, kind=kind, row=row.key, digest="")
        went = one.accepted_digest != "" or _on_its_way(one)
        gone = row.gone and went
        now = DELETED if gone else digest(row.data)
        lacking = "" if gone else row.lacking or (NOT_YET if row.volunteer and row.volunteer not in fit else "")
        heard = fit.get(row.volunteer) if row.volunteer else None
        _judge(one, row, now, lacking, gone=gone, anew=bool(heard and one.waiting_since < heard))
        if emit and one.state == "waiting" and not one.lacking and one.batch_id is None and one.station_id in book.stations:
            sent = Row(one.station_id, row.key, row.called, {} if gone else row.data, gone=gone)
            one.batch, one.sent_digest, one.reason = emit(kind, sent, book.code(one.station_id), now), now, ""
        if fresh or one.is_dirty():
            changed.append(one)
    _write(changed)


def _write(rows: list[UpwardRecord]) -> None:
    """New ones and changed ones, in one statement."""
    if rows:
        insert_rows(UpwardRecord, KEPT, [[row.__data__.get(name) for name in KEPT] for row in rows], over=("target", "kind", "row"))


def _on_its_way(one: UpwardRecord) -> bool:
    """Whatever comes back is about what was sent; the rest follows then."""
    return one.batch_id is not None and one.sent_digest != one.accepted_digest and not one.reason


def _judge(one: UpwardRecord, row: Row, now: str, lacking: str, *, gone: bool, anew: bool) -> None:
    """Where it stands, now that its content is known.

    The answer names the station that it was sent for, and only that may have it deleted. Whoever was claimed by another
    station meanwhile goes up again, unchanged as she is: the platform is to know whose she is. What was refused goes ``anew``
    where its volunteer was accepted since: that may have been all that was wrong.
    """
    under_way = _on_its_way(one)
    station = one.station_id if under_way else one.accepted_for or one.station_id if gone else row.station
    if not under_way and one.accepted_digest not in ("", DELETED) and one.accepted_for not in (None, station):
        one.accepted_digest = ELSEWHERE
    settled = now == one.accepted_digest
    lacking = "" if settled else lacking
    for name, value in (("called", row.called[:140]), ("lacking", lacking[:200]), ("station", station), ("digest", now)):
        if one.__data__.get(name) != value:
            setattr(one, name, value)
    if under_way:
        return
    if settled:
        state = "accepted"
    elif one.state == "refused" and now == one.sent_digest and not anew:
        state = "refused"
    else:
        state = "waiting"
        if one.batch_id is not None:
            one.batch = None
    if state != one.state:
        one.state = state
        if state == "waiting":
            one.waiting_since = clock.now()


def _fit(volunteers: set[int], target: str) -> dict[int, datetime | None]:
    """Those who went up, or may; and when the platform last took them."""
    if not volunteers:
        return {}
    found = UpwardRecord.select(UpwardRecord.row, UpwardRecord.accepted_at).where(
        UpwardRecord.target == target, UpwardRecord.kind == "volunteer", UpwardRecord.row.in_(list(volunteers)),
        UpwardRecord.digest != DELETED,
        (UpwardRecord.lacking == "") | UpwardRecord.accepted_digest.not_in(("", DELETED)),
    )  # fmt: skip
    return dict(found.tuples())


def refresh() -> int:
    """Every night: what waits is known without anybody asking. The national platform only where it was sent to before."""
    seen = 0
    for target in TARGETS:
        for (key,) in Station.select(Station.id).where(Station.active).order_by(Station.id).tuples():
            if target == "provincial" or UpwardRecord.select().where(UpwardRecord.station == key, UpwardRecord.target == target).exists():
                seen += sweep([key], target)
    return seen
