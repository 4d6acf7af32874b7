"""培训结果 (Order 67 art. 8): what confirmed results bring, and how they are taken back.

Passing grants the training's qualification. Study minutes are kept apart from service; only where the policy of the
day says that training counts (`counting.training_counts`) are they posted to the account, as honour minutes alone:
what may be exchanged is time given to others (方案 二(6): 利用参加志愿服务的工时), and a course is time received.
"""

from peewee import Select

from models import clock, policy, stars
from models.audit import trails
from models.courses import Attendance, Training
from models.hours import Balance, Entry, Writer
from models.scope import Actor
from models.stations import Station
from models.training import Qualification
from rules.training import last_day


def give(training: Training, by: Actor) -> None:
    """Grant and post what the results of this training bring; what was granted or posted already stays as it is."""
    came = Attendance.select().where(Attendance.training == training.id, Attendance.state == "attended")
    rows = list(came.order_by(Attendance.station, Attendance.volunteer))
    if training.qualification:
        _grant(training, [row for row in rows if row.result == "passed"], by)
    _post(training, [row for row in rows if row.minutes], by)


def _grant(training: Training, passed: list[Attendance], by: Actor) -> None:
    granted = Qualification.select(Qualification.volunteer).where(
        Qualification.training == training.id, Qualification.state != "void"
    )
    have = {volunteer for (volunteer,) in granted.tuples()}
    new = [row for row in passed if row.volunteer_id not in have]
    if not new:
        return
    now, until = clock.now(), last_day(training.day, training.valid_months)
    Qualification.insert_many(
        {
            "station": row.station_id, "volunteer": row.volunteer_id, "kind": training.qualification, "state": "valid",
            "issuer": training.organiser, "granted_on": training.day, "expires_on": until, "training": training.id,
            "proof": f"{training.name}考核合格"[:200], "entered_by": by.account_id, "entered_at": now,
        }
        for row in new
    ).execute()  # fmt: skip
    made = Qualification.select(Qualification.id, Qualification.volunteer).where(
        Qualification.training == training.id, Qualification.state == "valid"
    )
    people = {row.volunteer_id for row in new}
    said = [(key, None, {"training": training.id}) for key, volunteer in made.tuples() if volunteer in people]
    trails(by, "grant", Qualification._meta.table_name, said, station=training.station_id)


def _post(training: Training, rows: list[Attendance], by: Actor) -> None:
    posted = _entries(row.id for row in rows)
    book = policy.book(topic="counting")
    wanted = Station.select(Station.id, Station.division).where(Station.id.in_({row.station_id for row in rows}))
    divisions = dict(wanted.order_by(Station.id).tuples())
    Balance.hold(row.volunteer_id for row in rows)
    touched = set()
    for station, division in divisions.items():
        version = book.on("counting", str(division), training.day)
        due = [row for row in rows if row.station_id == station and not _stands(posted.get(row.id, []))]
        if not version.rule.training_counts or not due:
            continue
        writer = Writer.open(station)
        for row in due:
            writer.append(
                key=f"training:{row.id}:{len(posted.get(row.id, []))}", day=training.day, kind="training",
                origin="training", debit="training", credit="honour", volunteer=row.volunteer_id, minutes=row.minutes,
                attendance=row.id, asked_by=row.marked_by, approved_by=by.account_id, policy=version.key,
            )  # fmt: skip
            touched.add(row.volunteer_id)
    if touched:
        stars.review(touched, policy.book(topic="stars"))


def take_back(training: Training, by: Actor, reason: str) -> None:
    """Void what this training granted and reverse what it posted, by opposite entries that name what they reverse."""
    _void(training, by, reason)
    there = Attendance.select(Attendance.id).where(Attendance.training == training.id)
    standing = [
        entry
        for entries in _entries(there).values()
        for entry in entries
        if entry.kind == "training" and _stands(entries, entry)
    ]
    Balance.hold(entry.volunteer_id for entry in standing)
    for station in sorted({entry.station_id for entry in standing}):
        writer = Writer.open(station)
        for first in (e for e in standing if e.station_id == station):
            writer.append(
                key=f"reverse:{first.id}", day=clock.today(), kind="reversal", origin=first.origin, debit="honour",
                credit="training", volunteer=first.volunteer_id, minutes=first.minutes, attendance=first.attendance,
                reverses=first.id, asked_by=by.account_id, approved_by=by.account_id, reason=reason,
                policy=first.policy,
            )  # fmt: skip
    stars.review({entry.volunteer_id for entry in standing}, policy.book(topic="stars"))


def _void(training: Training, by: Actor, reason: str) -> None:
    mine = (Qualification.training == training.id) & (Qualification.state == "valid")
    keys = [key for (key,) in Qualification.select(Qualification.id).where(mine).tuples()]
    if not keys:
        return
    Qualification.update(
        state="void", moved_at=clock.now(), revoked_for=reason, revision=Qualification.revision + 1
    ).where(Qualification.id.in_(keys)).execute()
    said = [(key, {"state": "valid"}, {"state": "void"}) for key in keys]
    trails(by, "void", Qualification._meta.table_name, said, station=training.station_id, reason=reason)


def _entries(attendances: Select) -> dict[int, list[Entry]]:
    """attendance -> its entries, reversals among them, oldest first."""
    found: dict[int, list[Entry]] = {}
    keys = attendances if isinstance(attendances, Select) else list(attendances)
    for entry in Entry.select().where(Entry.attendance.in_(keys)).order_by(Entry.id):
        found.setdefault(entry.attendance, []).append(entry)
    return found


def _stands(entries: list[Entry], one: Entry | None = None) -> bool:
    """Whether an entry, or any of them, has not been reversed."""
    reversed_ = {entry.__data__["reverses"] for entry in entries}
    asked = [one] if one else [entry for entry in entries if entry.kind == "training"]
    return any(entry.id not in reversed_ for entry in asked)
