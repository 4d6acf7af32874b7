"""签到与在场 (方案 二(4)(5)): what the presses of one person at one activity come to, and which presses count.

A press is «came in» or «went out» at a moment. They are judged as a set: in whatever order they arrive (a kiosk without a
network sends hours later), the same presses make the same presence.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rules.life import Life, State, Tone, move
from rules.topics import PresenceRule

Stretch = tuple[datetime, datetime]

PUNCH = Life(
    "punches",
    (
        State("held", "待核对", Tone.WAITING),
        State("taken", "已计入", Tone.GOOD),
        State("dropped", "不计入", Tone.OVER),
    ),
    (
        move("accept", "核对后计入", "held dropped -> taken", "recorder head system", reason=True, expected=True,
             warns="按设备时间加上时钟的差计入；时刻不对的请改用代签。"),
        move("drop", "不计入", "held -> dropped", "recorder head system", reason=True),
    ),
    "签到",
)  # fmt: skip

# Why a press does not count by itself.
WHYS = {
    "clock": "设备时钟不准",
    "not_here": "不在名单上",
    "outside": "不在签到时间内",
    "late": "送到太晚",
    "state": "排班已取消或已登记未到岗",
    "recorded": "已有服务记录",
    "judged": "须由工作人员核对",
}


@dataclass(frozen=True)
class Pressed:
    """One press that counts: ``into`` is coming, else going."""

    at: datetime
    into: bool


@dataclass(frozen=True)
class Presence:
    """What the presses come to. ``came`` is the first coming, ``left`` the last going, None while she is there.

    ``stretches`` are what counts, clipped, broken and closed by policy; they never overlap and stand in their order.
    """

    came: datetime | None = None
    left: datetime | None = None
    stretches: tuple[Stretch, ...] = ()

    @property
    def here(self) -> bool:
        """Came, and did not say that she went."""
        return self.came is not None and self.left is None

    @property
    def minutes(self) -> int:
        """Whole minutes of the stretches, before the counting policy rounds them."""
        return sum(int((end - start).total_seconds() // 60) for start, end in self.stretches)


def presence(presses: Iterable[Pressed], starts: datetime, ends: datetime, rule: PresenceRule) -> Presence:
    """What one person's presses at a turn from ``starts`` to ``ends`` come to under ``rule``.

    Coming again while there, and going while gone, say nothing new; going before ever having come says nothing at all.
    The account never gets more than from the first coming to the last going, or, where nobody signed out, to the turn's
    end if policy says so. Raises nothing.
    """
    found = _there(presses)
    if not found:
        return Presence()
    closed = [(start, end) for start, end in found if end is not None]
    left = found[-1][1]
    if left is None and rule.unsigned == "end" and found[-1][0] < ends:
        closed.append((found[-1][0], ends))
    return Presence(found[0][0], left, tuple(_counted(closed, starts, ends, rule)))


def _in_order(presses: Iterable[Pressed]) -> list[Pressed]:
    """Each once. Of two at one moment the coming is first: whoever comes and goes within a second was there for none."""
    return sorted(set(presses), key=lambda one: (one.at, not one.into))


def _there(presses: Iterable[Pressed]) -> list[tuple[datetime, datetime | None]]:
    """From when to when she was there; the last without an end where she did not say that she went."""
    found: list[tuple[datetime, datetime | None]] = []
    for one in _in_order(presses):
        there = bool(found) and found[-1][1] is None
        if one.into and not there:
            found.append((one.at, None))
        elif not one.into and there:
            found[-1] = (found[-1][0], one.at)
    return found


def runs(turns: Sequence[Stretch], rule: PresenceRule) -> list[range]:
    """Which of one person's turns at one activity follow each other without a stop: nothing between the end of one and the
    start of the next but what policy calls a short break. ``turns`` stand in their order; the answer is their places.

    Raises nothing.
    """
    found: list[range] = []
    for place, (starts, _) in enumerate(turns):
        gap = starts - turns[place - 1][1] if place else None
        if gap is not None and timedelta(0) <= gap <= timedelta(minutes=rule.short_break):
            found[-1] = range(found[-1].start, place + 1)
        else:
            found.append(range(place, place + 1))
    return found


def across(turns: Sequence[Stretch], pressed: Sequence[Iterable[Pressed]], rule: PresenceRule) -> list[list[Pressed]]:
    """What one person's presses say of each of her turns at one activity, with what staying from one to the next says.

    Whoever came to one turn and went from a later one of the same run, with no press between, was there at each of them:
    she went from one as it ended and came to the next as it began, so the time between two turns is nobody's, and no
    minute counts twice. Going within a short break after the next began is going from the one before, as nobody stays for
    minutes of a turn. Coming again at the next does not say that she stayed: the one before waits for its sign-out, as
    policy has it. ``pressed`` are the presses of each of ``turns``, which stand in their order.

    Raises ``ValueError`` where there are not as many of one as of the other.
    """
    if len(pressed) != len(turns):
        raise ValueError("presses of every turn are needed, and of no other")
    found = [_in_order(some) for some in pressed]
    for run in runs(turns, rule):
        _put_right(turns, found, run)
        since = run.start  # the turn at which she is, as far as the presses say
        for place in run:
            went = found[place][0] if found[place] and not found[place][0].into else None
            if went is not None and since < place and _is_there(found[since], turns[since][1]):
                _stayed(turns, found, range(since, place), went, rule)
            if found[place]:
                since = place
    return found


def _is_there(presses: Iterable[Pressed], ends: datetime) -> bool:
    """Whether she came before the turn's end and did not say that she went."""
    stay = _there(presses)
    return bool(stay) and stay[-1][1] is None and stay[-1][0] < ends


def _put_right(turns: Sequence[Stretch], found: list[list[Pressed]], run: range) -> None:
    """Every going is from the last turn of the run that had begun before it."""
    for place in run:
        for went in [one for one in found[place] if not one.into]:
            begun = max((other for other in run if turns[other][0] < went.at), default=place)
            if begun != place:
                found[place].remove(went)
                found[begun] = _in_order([*found[begun], went])


def _stayed(turns: Sequence[Stretch], found: list[list[Pressed]], over: range, went: Pressed, rule: PresenceRule) -> None:
    """She was there over these turns and at the one after them, from which she ``went``."""
    last = over.stop
    at_once = went.at - turns[last][0] <= timedelta(minutes=rule.short_break)
    for place in over:
        came = [Pressed(turns[place][0], True)] if place > over.start else []
        gone = went if at_once and place == last - 1 else Pressed(turns[place][1], False)
        found[place] = _in_order([*came, *found[place], gone])
    if at_once:
        found[last].remove(went)
    else:
        found[last] = _in_order([Pressed(turns[last][0], True), *found[last]])


def _counted(closed: list[Stretch], starts: datetime, ends: datetime, rule: PresenceRule) -> list[Stretch]:
    joined: list[Stretch] = []
    for start, end in closed:
        if joined and (not rule.breaks or start - joined[-1][1] <= timedelta(minutes=rule.short_break)):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    clipped = [
        (start if rule.early_counts else max(start, starts), end if rule.late_counts else min(end, ends))
        for start, end in joined
    ]
    return [(start, end) for start, end in clipped if start < end]


def unjudged(presses: Iterable[Pressed], starts: datetime, ends: datetime, rule: PresenceRule) -> bool:
    """Whether somebody must say when she went before it counts: no sign-out, and policy leaves that to the lead."""
    return presence(presses, starts, ends, rule).here and rule.unsigned == "hold"


def window(starts: datetime, ends: datetime, rule: PresenceRule) -> Stretch:
    """From when to when presses for a turn count."""
    return starts - timedelta(minutes=rule.early_minutes), ends + timedelta(minutes=rule.late_minutes)


def outside(at: datetime, into: bool, starts: datetime, ends: datetime, rule: PresenceRule) -> str:
    """Why a press at that moment does not count for a turn, in a sentence; blank where it does."""
    first, last = window(starts, ends, rule)
    if at < first:
        return f"签到从 {first:%H:%M} 开始（提前 {rule.early_minutes} 分钟），现在还早。"
    if into and at >= ends:
        return f"这次服务到 {ends:%H:%M} 为止，不能再签到，请找带队人员。"
    if at > last:
        return f"签退到 {last:%H:%M} 截止（结束后 {rule.late_minutes} 分钟），请找带队人员。"
    return ""


def too_late(at: datetime, now: datetime, rule: PresenceRule) -> bool:
    """Whether what a device kept without a network comes so late that it no longer counts by itself."""
    return now - at > timedelta(hours=rule.send_hours)


def clock_is_off(seconds: Iterable[int | None], rule: PresenceRule) -> bool:
    """Whether a device's clock stood further from the server's than policy bears, at any time it was compared.

    ``seconds`` are the server's time minus the device's: when the page was loaded and when it sends. None where it was
    not compared.
    """
    return any(one is not None and abs(one) > rule.clock_seconds for one in seconds)
