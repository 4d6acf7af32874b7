"""志愿服务记录本 (方案 二(5): 注明服务时间、服务内容和服务质量): what is written in a volunteer's own book since the last print.

A line is numbered when it is printed and the print was confirmed; from then on it keeps its number, so that the next
print goes on below it and a page that was lost is printed again as it was. A print that was cancelled is not confirmed
and moves nothing. Service lines come from the account, which only grows: a correction is a line of its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from peewee import BigAutoField, BigIntegerField, CharField, DateTimeField, ForeignKeyField, IntegerField

from models import clock, vocabulary
from models.activities import Activity
from models.base import BaseModel
from models.courses import Attendance, Training
from models.honours import Honour
from models.hours import Balance, Entry
from models.moves import permit, whole
from models.records import ServiceRecord
from models.refusals import refuse
from models.scope import Actor, find
from models.stars import StarGrant
from models.stations import Station
from models.volunteers import Volunteer
from rules.honours import STANDING
from rules.stars import stars_label
from rules.training import TAUGHT

PARTS = {"service": "服务记录", "training": "培训记录", "honour": "嘉许与星级"}
LINES = 15  # on one page of the book
MOST = 3000  # lines of one part of one book
READ_AT_ONCE = 400


class BookLine(BaseModel):
    """One line that stands in a volunteer's paper book: which row it was, and its number there."""

    resource = "volunteers"
    station_path = "volunteer.station"

    id = BigAutoField()
    volunteer = ForeignKeyField(Volunteer, backref="book_lines", verbose_name="志愿者")
    part = CharField(max_length=8, choices=list(PARTS.items()), verbose_name="记录本部分")
    number = IntegerField(verbose_name="行号")
    row = CharField(max_length=24, verbose_name="来源")
    printed_at = DateTimeField(verbose_name="打印时间")
    confirmed_by = BigIntegerField(null=True, verbose_name="确认账号")

    class Meta:
        indexes = ((("volunteer", "part", "number"), True), (("volunteer", "part", "row"), True))


@dataclass(frozen=True)
class Line:
    """One line as it is printed. ``row`` names where it comes from; ``number`` is 0 until it is printed."""

    row: str
    day: date
    cells: tuple[str, ...]
    minutes: int = 0
    number: int = 0
    total: int = 0  # minutes up to and with this line
    stands: bool = True


@dataclass(frozen=True)
class Part:
    """One part of a book: what is printed in it already, and what is not."""

    name: str
    old: list[Line]
    new: list[Line]

    @property
    def title(self) -> str:
        return PARTS[self.name]

    def pages(self, first: int) -> list[tuple[int, list[Line | None]]]:
        """Pages from page ``first`` on, each with its number and its lines; None where nothing stands yet."""
        lines: list[Line | None] = [*self.old, *self.new]
        lines += [None] * (-len(lines) % LINES)
        pages = [(at // LINES + 1, lines[at : at + LINES]) for at in range(0, len(lines), LINES)]
        return [page for page in pages if page[0] >= first]

    @property
    def next_page(self) -> int:
        """The page on which the next line goes."""
        return len(self.old) // LINES + 1


def to_print(volunteer: int, by: Actor) -> tuple[Volunteer, list[Part]]:
    """A volunteer's book to be printed; leaves a trace that says how many lines are new.

    Raises ``Refusal`` for whoever has no card, ``NotFound`` for a stranger.
    """
    permit(by, "print", "volunteers")
    with whole():
        person = find(Volunteer, volunteer, by)
        if person.card_no is None or person.state == "erased":
            raise refuse("还没有志愿者编号或已注销，没有记录本。")
        parts = book_of(person.id)
        person.trace(by, "print", after={"paper": "记录本"} | {one.name: len(one.new) for one in parts})
    return person, parts


def confirm(volunteer: int, printed: dict[str, Sequence[str]], by: Actor) -> int:
    """Say that these lines now stand in the paper book, in this order; how many are new. The same again changes nothing.

    Raises ``Refusal`` where one of them is not to be printed (any more): the page in hand is not what would be kept.
    """
    permit(by, "book", "volunteers")
    with whole():
        person = find(Volunteer, volunteer, by)
        Balance.hold([person.id])  # two desks confirm at once: the second sees what the first wrote
        written, at = 0, clock.now()
        for part in book_of(person.id):
            known = {line.row for line in part.old}
            wanted = [row for row in printed.get(part.name, ()) if row not in known]
            if wanted != [line.row for line in part.new][: len(wanted)]:
                raise refuse("打印以后这本记录又有变动，没有记下「已打印」。请重新打印，再确认。")
            if not wanted:
                continue
            BookLine.insert_many(
                {"volunteer": person.id, "part": part.name, "number": len(part.old) + n, "row": row, "printed_at": at,
                 "confirmed_by": by.account_id}
                for n, row in enumerate(wanted, 1)
            ).execute()  # fmt: skip
            written += len(wanted)
            person.trace(by, "book", after={"part": part.name, "from": len(part.old) + 1, "until": len(part.old) + len(wanted)})
    return written


def book_of(volunteer: int) -> list[Part]:
    """All three parts, in a handful of statements."""
    rows = BookLine.select(BookLine.part, BookLine.number, BookLine.row).where(BookLine.volunteer == volunteer)
    told = {name: {row: number for _, number, row in group} for name, group in groupby(
        rows.order_by(BookLine.part, BookLine.number).tuples(), key=lambda one: one[0]
    )}  # fmt: skip
    found = {"service": _service(volunteer), "training": _training(volunteer), "honour": _honours(volunteer)}
    return [_part(name, found[name], told.get(name, {})) for name in PARTS]


def _part(name: str, lines: Iterable[Line], told: dict[str, int]) -> Part:
    by_row = {line.row: line for line in lines}
    gone = [Line(row, date.min, ()) for row in told if row not in by_row]  # printed once, nothing of it is left
    every = [*(by_row[row] for row in told if row in by_row), *gone]
    old = sorted(every, key=lambda line: told[line.row])
    new = [line for line in by_row.values() if line.row not in told and line.stands][: MOST - len(old)]
    total, numbered = 0, []
    for number, line in enumerate([*old, *new], 1):
        total += line.minutes
        numbered.append(Line(line.row, line.day, line.cells, line.minutes, number, total, line.stands))
    return Part(name, numbered[: len(old)], numbered[len(old) :])


def _service(volunteer: int) -> list[Line]:
    """Each entry of the honour account that a record made, and each that took one back."""
    entries = list(
        Entry.select(Entry.id, Entry.day, Entry.credit, Entry.minutes, Entry.record, Entry.reverses)
        .where(
            Entry.volunteer == volunteer, Entry.record.is_null(False),
            (Entry.credit == "honour") | (Entry.debit == "honour"),
        )
        .order_by(Entry.id).limit(MOST)
    )  # fmt: skip
    keys, records = sorted({one.record for one in entries}), {}
    for at in range(0, len(keys), READ_AT_ONCE):
        rows = ServiceRecord.select(ServiceRecord, Activity, Station).join(Activity).switch(ServiceRecord).join(Station)
        records |= {row.id: row for row in rows.where(ServiceRecord.id.in_(keys[at : at + READ_AT_ONCE]))}
    qualities = vocabulary.names("quality")
    lines = []
    for one in entries:
        record = records.get(one.record)
        if record is None:
            continue
        back = one.credit != "honour"
        when = f"{record.started_at:%H:%M}–{_end(record.ended_at)}"
        what = f"更正：冲回 {record.activity.name}" if back else record.activity.name
        cells = when, what, "" if back else record.content, "" if back else qualities.get(record.quality, record.quality), record.station.name
        lines.append(Line(str(one.id), record.started_at.date(), cells, -one.minutes if back else one.minutes))
    return lines


def _end(at: datetime) -> str:
    return "24:00" if (at.hour, at.minute) == (0, 0) else f"{at:%H:%M}"


def _training(volunteer: int) -> list[Line]:
    """Trainings that took place and that she attended; those taken back later stand in the book and count nothing."""
    rows = (
        Attendance.select(Attendance, Training).join(Training)
        .where(Attendance.volunteer == volunteer).order_by(Training.day, Attendance.id).limit(MOST)
    )  # fmt: skip
    results = dict(Attendance.result.choices)
    return [
        Line(
            str(row.id), row.training.day,
            (row.training.name, row.training.organiser, results.get(row.result, "")),
            row.minutes if (stood := row.state == "attended" and row.training.state in TAUGHT) else 0, stands=stood,
        )
        for row in rows
    ]  # fmt: skip


def _honours(volunteer: int) -> list[Line]:
    """Honours and stars, in the order of their days."""
    honours = Honour.select().where(Honour.volunteer == volunteer, Honour.given_on.is_null(False)).limit(MOST)
    stars = StarGrant.select(StarGrant, Station).join(Station).where(
        StarGrant.volunteer == volunteer, StarGrant.recognised_on.is_null(False)
    )  # fmt: skip
    lines = [
        Line(f"h{row.id}", row.given_on, (row.title, row.body, row.certificate_no or row.document_no), stands=row.state in STANDING)
        for row in honours
    ]
    lines += [
        Line(
            f"s{row.id}", row.recognised_on,
            (f"{stars_label(row.star)}志愿者", row.recognising_division().name, row.certificate_no or ""),
            stands=row.state in ("recognised", "recheck"),
        )
        for row in stars
    ]  # fmt: skip
    return sorted(lines, key=lambda line: (line.day, line.row))
