"""Going over the records of stations: which are new, changed or fit to go up now; and putting those that are in a batch."""

from collections.abc import Callable

from models import clock
from models.base import transaction
from models.stations import Station
from models.upwards import UpwardRecord
from models.upwards_rows import Book, Row, chunks
from rules.upwards import KINDS, TARGETS, digest

# Takes (kind, the row, its station's code, the digest of what it says) into a batch; the batch's key.
Emit = Callable[[str, Row, str, str], int]
NOT_YET = "缺少志愿者：本人的登记还不能汇入"


def sweep(stations: list[int], target: str, emit: Emit | None = None, said: Callable[[int], None] | None = None) -> int:
    """Bring what is kept of these stations' records up to date, and put in a batch what is fit to go, where one is made;
    how many records there are. A transaction a chunk, so that nobody waits."""
    book, seen = Book.of(stations), 0
    for kind in KINDS:
        known = UpwardRecord.select(UpwardRecord.row).where(
            UpwardRecord.target == target, UpwardRecord.kind == kind, UpwardRecord.accepted_digest != "",
            UpwardRecord.station.in_(stations),
        )  # fmt: skip
        for rows in chunks(kind, stations, known, book):
            with transaction():
                _take(kind, rows, target, book, emit)
            seen += len(rows)
            if said:
                said(seen)
    return seen


def _take(kind: str, rows: list[Row], target: str, book: Book, emit: Emit | None) -> None:
    mine = UpwardRecord.select().where(
        UpwardRecord.target == target, UpwardRecord.kind == kind, UpwardRecord.row.in_([row.key for row in rows])
    )
    kept: dict[int, UpwardRecord] = {one.row: one for one in mine}
    fit = _fit({row.volunteer for row in rows if row.volunteer}, target)
    new: list[UpwardRecord] = []
    for row in rows:
        lacking = row.lacking or (NOT_YET if row.volunteer and row.volunteer not in fit else "")
        now = digest(row.data)
        one = kept.get(row.key)
        fresh = one is None
        if one is None:
            one = UpwardRecord(station=row.station, target=target, kind=kind, row=row.key, digest="")
        _judge(one, row, now, lacking)
        if emit and one.state == "waiting" and not one.lacking and one.batch_id is None:
            one.batch, one.sent_digest, one.reason = emit(kind, row, book.code(row.station), now), now, ""
        if fresh:
            new.append(one)
        elif one.is_dirty():
            one.save()
    if new:
        UpwardRecord.bulk_create(new, batch_size=50)


def _judge(one: UpwardRecord, row: Row, now: str, lacking: str) -> None:
    """Where it stands, now that its content is known."""
    for name, value in (("called", row.called[:140]), ("lacking", lacking[:200]), ("station", row.station)):
        if one.__data__.get(name) != value:
            setattr(one, name, value)
    if one.digest != now:
        one.digest = now
    if one.batch_id is not None and one.sent_digest != one.accepted_digest and not one.reason:
        return  # whatever comes back is about what was sent; the rest follows then
    if now == one.accepted_digest:
        state = "accepted"
    elif one.state == "refused" and now == one.sent_digest:
        state = "refused"
    else:
        state = "waiting"
        if one.batch_id is not None:
            one.batch = None
    if state != one.state:
        one.state = state
        if state == "waiting":
            one.waiting_since = clock.now()


def _fit(volunteers: set[int], target: str) -> set[int]:
    """Those who went up, or may."""
    if not volunteers:
        return set()
    found = UpwardRecord.select(UpwardRecord.row).where(
        UpwardRecord.target == target, UpwardRecord.kind == "volunteer", UpwardRecord.row.in_(list(volunteers)),
        (UpwardRecord.lacking == "") | (UpwardRecord.accepted_digest != ""),
    )  # fmt: skip
    return {key for (key,) in found.tuples()}


def refresh() -> int:
    """Every night: what waits is known without anybody asking. The national platform only where it was sent to before."""
    seen = 0
    for target in TARGETS:
        for (key,) in Station.select(Station.id).where(Station.active).order_by(Station.id).tuples():
            if target == "provincial" or UpwardRecord.select().where(UpwardRecord.station == key, UpwardRecord.target == target).exists():
                seen += sweep([key], target)
    return seen
