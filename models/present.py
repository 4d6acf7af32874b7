"""到岗情况 (方案 二(4)(5)): who is there, who went, who is missing, and the service records that presence makes."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from models import clock
from models.activities import Activity, SignInSheet
from models.assignments import Assignment
from models.keying import Draft, key_sheet
from models.kiosks import rule_of
from models.moves import permit
from models.presence import HOWS, Punch, pressed_of, stayed
from models.records import ServiceRecord
from models.refusals import refuse
from models.rosters import attended
from models.scope import Actor, find
from models.volunteers import Volunteer
from rules.identity import mask_name
from rules.presence import WHYS, Presence, presence, unjudged

MOST_SHOWN = 300  # people on one page
MOST_HELD = 50  # presses that wait, on one page
HERE, GONE, AWAITED, LATE, MISSED = "here", "gone", "awaited", "late", "missed"
WORDS = {HERE: "在场", GONE: "已离开", AWAITED: "未到", LATE: "应到未到", MISSED: "未到岗"}


@dataclass(frozen=True)
class There:
    """One person expected at an activity, and where she is now."""

    turn: Assignment
    where: str

    @property
    def word(self) -> str:
        return WORDS[self.where]

    @property
    def name(self) -> str:
        return str(self.turn.volunteer.name)

    @property
    def masked(self) -> str:
        """For a screen that anybody passes."""
        return mask_name(self.turn.volunteer.name)


def who_is_there(activity: int) -> list[There]:
    """Everybody expected, those who are there first, by time; in one statement, and two more where somebody has several
    turns: who stayed from the turn before is there without having pressed again."""
    rows = (
        Assignment.select(Assignment, Volunteer.id, Volunteer.name, Volunteer.card_no)
        .join(Volunteer)
        .where(Assignment.activity == activity, Assignment.state != "cancelled")
        .order_by(Assignment.starts_at, Assignment.id)
        .limit(MOST_SHOWN)
    )
    now = clock.now()
    stays = _stay(rows, now)
    found = [There(turn, HERE if turn.id in stays else _where(turn, now)) for turn in rows]
    order = list(WORDS)
    return sorted(found, key=lambda one: (order.index(one.where), one.turn.left_at or one.turn.came_at or one.turn.starts_at))


def _stay(turns: Iterable[Assignment], now: datetime) -> set[int]:
    """Turns that have begun, at which somebody is since the turn before."""
    of: dict[int, list[Assignment]] = defaultdict(list)
    for turn in turns:
        of[turn.volunteer_id].append(turn)
    several = [some for some in of.values() if len(some) > 1]
    if not several:
        return set()
    rule = rule_of(Activity.get_by_id(several[0][0].activity_id))
    return set().union(*(stayed(some, now, rule) for some in several))


def _where(turn: Assignment, now: datetime) -> str:
    if turn.state == "missed":
        return MISSED
    if turn.state in ("present", "left"):
        return HERE if turn.state == "present" else GONE
    return LATE if turn.starts_at <= now else AWAITED


def counts(people: list[There]) -> dict[str, int]:
    """How many are where."""
    return {where: sum(one.where == where for one in people) for where in WORDS}


def held_of(activity: int) -> list[Punch]:
    """Presses of an activity that wait for somebody, oldest first."""
    rows = (
        Punch.select(Punch, Volunteer.id, Volunteer.name, Volunteer.card_no)
        .left_outer_join(Volunteer)
        .where(Punch.activity == activity, Punch.state == "held")
        .order_by(Punch.id)
        .limit(MOST_HELD)
    )
    return list(rows)


@dataclass(frozen=True)
class Waiting:
    """A press that waits, as a volunteer who leads may read it: who, which way, when, how, and why in a word. What was
    found of the person stays with the desk, and whoever is not on the list is named only half."""

    name: str
    into: bool
    at: datetime
    how: str
    why: str


def waiting_of(activity: int) -> list[Waiting]:
    """Presses of an activity that wait for the desk, oldest first, for whoever leads it."""
    return [
        Waiting(_called(one), one.into, one.at, dict(HOWS)[one.how], WHYS.get(one.why, ""))
        for one in held_of(activity)
    ]


def _called(press: Punch) -> str:
    if not press.volunteer_id:
        return ""
    return press.volunteer.name if press.assignment_id else mask_name(press.volunteer.name)


@dataclass(frozen=True)
class Ready:
    """Whose service is not recorded yet, and what presence makes of it; ``unsigned`` must be signed out first."""

    lines: list[tuple[Assignment, Presence]]
    unsigned: list[Assignment]
    nothing: list[Assignment]


def ready_of(activity: Activity) -> Ready:
    """What can be recorded from presence, in three statements."""
    rule, turns = rule_of(activity), attended(activity.id)
    pressed = pressed_of(turns, rule)
    lines, unsigned, nothing = [], [], []
    for turn in turns:
        seen = presence(pressed[turn.id], turn.starts_at, turn.ends_at, rule)
        if unjudged(pressed[turn.id], turn.starts_at, turn.ends_at, rule):
            unsigned.append(turn)
        elif seen.stretches:
            lines.append((turn, seen))
        else:
            nothing.append(turn)
    return Ready(lines, unsigned, nothing)


def record(activity: object, by: Actor, content: str, quality: str) -> tuple[SignInSheet, list[ServiceRecord]]:
    """Key in what presence says, a line a stretch, as «签到»: drafts, which go the way of every record.

    Whoever has not been signed out is left for later. Raises ``LinesRefused`` with what stands in the way of each line,
    and ``Refusal`` where there is nothing to record.
    """
    permit(by, "enter", "records")
    row = find(Activity, activity, by)
    ready = ready_of(row)
    drafts = [
        Draft(
            turn.volunteer_id, row.id, start, end, content=content, quality=quality, origin="checked_in",
            remark=f"陪同：{turn.companion}" if turn.companion else "",
        )
        for turn, seen in ready.lines
        for start, end in seen.stretches
    ]  # fmt: skip
    if not drafts:
        raise refuse("还没有可以生成记录的签到：有人签到并签退后才有。")
    return key_sheet(row.id, drafts, by, note="由签到生成")
