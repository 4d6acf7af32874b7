"""签到与在场 (方案 二(4)(5)): presses of coming and going, from a phone, a kiosk, or a lead's hand, each counted once.

A press has a number of its own, drawn where it was pressed; sent twice it is one. What counts becomes the turn's coming and
going (`models.assignments`), worked out anew from all presses whenever one comes, so that it does not matter in which
order they do. What does not count by itself waits for somebody with a reason, or says why not.
"""

import hmac
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from types import MappingProxyType

from peewee import BigAutoField, BooleanField, CharField, DateTimeField, Expression, ForeignKeyField, IntegerField

from models import clock
from models.activities import Activity
from models.assignments import Assignment
from models.fields import keyring
from models.kiosks import Kiosk, rule_of
from models.moves import Staged, permit, whole
from models.records import DEAD, ServiceRecord
from models.refusals import NotFound, Refusal, refuse, refuse_if
from models.scope import Actor, find, held
from models.stations import station_field
from models.volunteers import Volunteer
from rules.access import Role
from rules.activities import LIVE, TAKES_TIME
from rules.findings import Finding
from rules.here_codes import HereCode, fresh, read_here_code, step_of
from rules.identity import mask_name
from rules.life import Move
from rules.presence import PUNCH, WHYS, Presence, Pressed, across, clock_is_off, outside, presence, runs, too_late
from rules.reading import clean, half_width
from rules.reasons import check_reason
from rules.topics import PresenceRule

HOWS = [("screen", "扫屏"), ("sheet", "扫纸"), ("kiosk", "签到台"), ("hand", "代签"), ("desk", "工作台")]
KEY_LETTERS = 36  # of a press's number
LEAST_KEY = 16  # fewer could be guessed, or drawn twice
SHORTEST_CARD, LONGEST_CARD = 4, 20
NOT_HERE = "这个编号不在这次活动的名单里，请找带队人员。"  # one there is not is answered alike
STAFF = "这次签到须由工作人员核对，请到带队人员处办理。"  # why, the public table is not told


class Punch(Staged):
    """One press: who came or went, when by whose clock, how, and whether it counts."""

    resource = "punches"
    station_path = "station"
    life = PUNCH

    id = BigAutoField()
    key = CharField(max_length=KEY_LETTERS, unique=True)  # drawn at random where it was pressed
    station = station_field(backref="punches")
    activity = ForeignKeyField(Activity, backref="punches", verbose_name="活动")
    volunteer = ForeignKeyField(Volunteer, null=True, backref="punches", verbose_name="志愿者")
    assignment = ForeignKeyField(Assignment, null=True, backref="punches", verbose_name="排班")
    kiosk = ForeignKeyField(Kiosk, null=True, backref="punches", verbose_name="签到台")
    into = BooleanField(verbose_name="签到", help_text="否则是签退")
    at = DateTimeField(verbose_name="时刻", help_text="按下的时刻，按设备的时钟")
    how = CharField(max_length=8, choices=HOWS, verbose_name="方式")
    why = CharField(max_length=12, default="", choices=list(WHYS.items()), verbose_name="为什么待核对")
    says = CharField(max_length=300, default="", verbose_name="说明")
    off_seconds = IntegerField(null=True, verbose_name="时钟差", help_text="秒，服务器减设备")

    class Meta:
        indexes = (
            (("station", "state", "id"), False),
            (("station", "at"), False),
            (("activity", "id"), False),
            (("assignment", "id"), False),
        )

    def __str__(self) -> str:
        return f"{self.what} {self.at:%m-%d %H:%M}"

    @property
    def what(self) -> str:
        return "签到" if self.into else "签退"

    @property
    def righted(self) -> datetime:
        """The moment by the server's clock, never later than it was received."""
        return min(self.at + timedelta(seconds=self.off_seconds or 0), self.entered_at)

    def may_accept(self, by: Actor) -> list[Finding]:
        turn = chosen(turns_of(self.activity_id, self.volunteer_id), self.righted, self.into)
        if turn is None:
            return [Finding("state", "这位志愿者没有排在这次活动里，请先排班，或直接录入签到表。")]
        if turn.state in ("missed", "cancelled"):
            return [Finding("state", f"排班{turn.state_label}，请直接录入签到表。")]
        self.assignment_id = turn.id
        return []

    def do_accept(self, by: Actor) -> None:
        """It counts, at the moment that the server's clock gives it."""
        self.at, self.why = self.righted, ""
        settle(_turn_held(self.assignment_id), rule_of(self.activity), by, [Pressed(self.at, self.into)])

    def legal_moves(self, by: Actor) -> list[Move]:
        """Not offered: to count what is nobody's."""
        return [m for m in super().legal_moves(by) if m.name != "accept" or self.volunteer_id]

    @classmethod
    def waiting(cls, by: Actor) -> Expression:
        """Presses that somebody must look at."""
        return cls.state == "held"


@dataclass(frozen=True)
class Sent:
    """A press as a device sends it: its own number, the card, the moment by its clock, and by how many seconds that clock
    was found to differ (server minus device) when the page was loaded and now."""

    key: str
    card: str
    into: bool
    at: datetime
    off_seconds: tuple[int | None, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What a press came to: ``taken``, ``already``, ``not_here``, ``outside``, ``held`` or ``staff``, with a sentence."""

    key: str
    answer: str
    says: str = ""
    name: str = ""  # masked
    into: bool = True
    at: datetime | None = None


# --- the presses of one person ---


def turns_of(activity: int, volunteer: int | None) -> list[Assignment]:
    """This person's turns at the activity, those called off or missed too, in their order."""
    if volunteer is None:
        return []
    mine = Assignment.select().where(Assignment.activity == activity, Assignment.volunteer == volunteer)
    return list(mine.order_by(Assignment.starts_at, Assignment.id))


def chosen(turns: Sequence[Assignment], at: datetime, into: bool) -> Assignment | None:
    """Which of one person's turns a press at that moment is about; the press alone decides, not what came before it.

    Coming is to the nearest; going from the last that had begun. One that takes place goes before one that does not.
    """
    live = [turn for turn in turns if turn.state in TAKES_TIME] or list(turns)
    if not live:
        return None
    if not into and (begun := [turn for turn in live if turn.starts_at <= at]):
        return max(begun, key=lambda turn: (turn.starts_at, turn.id))

    def away(turn: Assignment) -> timedelta:
        return max(turn.starts_at - at, at - turn.ends_at, timedelta(0))

    return min(live, key=lambda turn: (away(turn), -turn.starts_at.timestamp() if at >= turn.starts_at else 0, turn.id))


def to_press(turns: Sequence[Assignment], at: datetime, rule: PresenceRule) -> tuple[Assignment | None, bool]:
    """Which of one person's turns she is asked about at that moment, and whether she is asked to come (else to go): whoever
    is there from the turn before goes from this one, without having come again."""
    turn = chosen(turns, at, True)
    if turn is None or turn.state in ("present", "left"):
        return turn, turn is None or turn.state != "present"
    return turn, turn.id not in stayed(turns, at, rule)


def stayed(turns: Iterable[Assignment], at: datetime, rule: PresenceRule) -> set[int]:
    """Keys of one person's turns that have begun, at which she is since the turn before, without having pressed again."""
    live, found = sorted((one for one in turns if one.state in TAKES_TIME), key=_by_time), set()
    for run in runs([(one.starts_at, one.ends_at) for one in live], rule):
        here = False
        for turn in (live[place] for place in run):
            if turn.state in ("present", "left"):
                here = turn.state == "present"
            elif here and turn.starts_at <= at:
                found.add(turn.id)
    return found


def _turn_held(key: int) -> Assignment:
    """The turn, held with this person's others at the activity: what two devices send of one person is worked out one
    after the other."""
    of = Assignment.alias()
    same = of.select(of.activity, of.volunteer).where(of.id == key).tuples().get()
    mine = Assignment.select().where(Assignment.activity == same[0], Assignment.volunteer == same[1])
    return next(turn for turn in held(mine.order_by(Assignment.id)) if turn.id == key)


def seen_of(turn: Assignment, rule: PresenceRule, more: Iterable[Pressed] = ()) -> dict[int, Presence]:
    """What all presses come to at a turn and at those that follow it or that it follows without a stop, by turn and in
    their order; ``more`` are presses of it that are being made to count."""
    others = [one for one in turns_of(turn.activity_id, turn.volunteer_id) if one.state in TAKES_TIME and one.id != turn.id]
    turns = sorted([turn, *others], key=_by_time)
    pressed = pressed_of(turns, rule, {turn.id: more})
    run = next(run for run in runs([(t.starts_at, t.ends_at) for t in turns], rule) if turn in [turns[i] for i in run])
    return {
        one.id: presence(pressed[one.id], one.starts_at, one.ends_at, rule) for one in (turns[place] for place in run)
    }


def _by_time(turn: Assignment) -> tuple[datetime, int]:
    return turn.starts_at, turn.id


def pressed_of(
    turns: Sequence[Assignment], rule: PresenceRule, more: Mapping[int, Iterable[Pressed]] = MappingProxyType({})
) -> dict[int, list[Pressed]]:
    """What counts of each turn, in one query; with what was signed before presses were kept, and with what staying from
    one turn to the next says (`rules.presence.across`). ``more`` are presses that are being made to count."""
    rows = Punch.select(Punch.assignment, Punch.at, Punch.into).where(
        Punch.assignment.in_([turn.id for turn in turns]), Punch.state == "taken"
    )
    kept: dict[int, list[Pressed]] = {turn.id: list(more.get(turn.id, ())) for turn in turns}
    for key, at, into in rows.tuples():
        kept[key].append(Pressed(at, into))
    found: dict[int, list[Pressed]] = {}
    for _, same in groupby(sorted(turns, key=lambda t: (t.volunteer_id, *_by_time(t))), key=lambda t: t.volunteer_id):
        some = list(same)
        hours = [(turn.starts_at, turn.ends_at) for turn in some]
        signed = _with_hours(some, kept, runs(hours, rule))
        found |= dict(zip([turn.id for turn in some], across(hours, signed, rule), strict=True))
    return found


def _with_hours(turns: list[Assignment], kept: dict[int, list[Pressed]], found: list[range]) -> list[list[Pressed]]:
    """The presses of each of one person's turns, with the hours that stand on the turn itself, unless those are what
    staying from one turn to the next made of it: that is worked out anew."""
    first, last = {run.start for run in found}, {run.stop - 1 for run in found}
    signed = []
    for place, turn in enumerate(turns):
        mine = list(kept[turn.id])
        if turn.came_at and (place in first or turn.came_at != turn.starts_at):
            mine.append(Pressed(turn.came_at, True))
        made = place not in last and (
            turn.left_at == turn.ends_at or Pressed(turn.left_at, False) in kept[turns[place + 1].id]
        )  # fmt: skip
        if turn.left_at and not made:
            mine.append(Pressed(turn.left_at, False))
        signed.append(mine)
    return signed


def settle(turn: Assignment, rule: PresenceRule, by: Actor, more: Iterable[Pressed] = ()) -> Assignment:
    """Bring a turn to what its presses come to, and with it those before and after at which she stayed. Inside a
    transaction that holds them.

    Raises ``Refusal`` where a turn cannot be begun: no cover, nobody beside her, a child alone.
    """
    program, companion, settled = replace(by, role=Role.SYSTEM), "", turn
    for key, seen in seen_of(turn, rule, more).items():
        one = turn if key == turn.id else Assignment.get_by_id(key)
        companion = one.companion or companion  # who came with a child stayed with it
        after = _settled(one, seen, companion, program) if seen.came is not None else one
        settled = after if key == turn.id else settled
    return settled


def _settled(turn: Assignment, seen: Presence, companion: str, program: Actor) -> Assignment:
    if turn.state in ("rostered", "confirmed"):
        turn = Assignment.move(turn.id, "sign_in", program, came_at=seen.came, companion=companion, punched=True)
    if turn.state == "present" and seen.left is not None:
        turn = Assignment.move(turn.id, "sign_out", program, left_at=seen.left, punched=True)
    elif turn.state == "left" and seen.here:
        turn = Assignment.move(turn.id, "come_back", program, punched=True)
    turn.retime(seen.came, seen.left, program)
    return turn


def at_the_desk(turn: Assignment, *, into: bool, at: datetime, by: Actor) -> None:
    """Keep what the desk said of a turn as a press. Inside the move that says it."""
    Punch.insert(
        key=secrets.token_urlsafe(18), station=turn.station_id, activity=turn.activity_id, volunteer=turn.volunteer_id,
        assignment=turn.id, into=into, at=at, how="desk", state="taken", entered_by=by.account_id, entered_at=clock.now(),
    ).execute()  # fmt: skip


# --- from a kiosk and from her own phone ---


def from_kiosk(kiosk: Kiosk, presses: Sequence[Sent]) -> list[Answer]:
    """Take what a kiosk sends, each press once and in a transaction of its own; an answer to each, in their order.

    Nothing else than this activity is looked at: a card that there is not is answered like one that is not on its list.
    """
    activity = kiosk.activity
    rule, people = rule_of(activity), _by_card(activity, {_card(one.card) for one in presses})
    return [
        _take(activity, rule, one, people.get(_card(one.card)), kiosk.as_actor(), "kiosk", kiosk.id)
        for one in presses
    ]


def here(activity: int, into: bool, key: str, by: Actor, how: str = "screen") -> Answer:
    """The signed-in volunteer says that she is here, or goes; told in full why she cannot.

    Raises ``Refusal`` for a press without a number, ``NotFound`` where there is no such activity.
    """
    permit(by, "here", "me")
    _check_key(key)
    row = Activity.get_or_none(Activity.id == activity)
    person = Volunteer.get_or_none(Volunteer.id == by.volunteer_id)
    if row is None or person is None:
        raise NotFound()
    sent = Sent(key, person.card_no or "", into, clock.now())
    return _take(row, rule_of(row), sent, person, by, how)


def _check_key(key: str) -> None:
    if not LEAST_KEY <= len(key) <= KEY_LETTERS:
        raise refuse("请求缺少编号，请刷新页面再试。")


def _card(text: str) -> str:
    return half_width(text).strip()


def _by_card(activity: Activity, cards: set[str]) -> dict[str, Volunteer]:
    """Whose these cards are, of the activity's list and of its own station; two statements for all."""
    wanted = [card for card in cards if SHORTEST_CARD <= len(card) <= LONGEST_CARD and card.isalnum()]
    listed = Assignment.select(Assignment.volunteer).where(Assignment.activity == activity.id)
    rows = Volunteer.select(Volunteer.id, Volunteer.name, Volunteer.card_no).where(
        Volunteer.card_no.in_(wanted), (Volunteer.station == activity.station_id) | Volunteer.id.in_(listed)
    )
    return {row.card_no: row for row in rows} if wanted else {}


def _take(
    activity: Activity, rule: PresenceRule, sent: Sent, person: Volunteer | None, by: Actor, how: str,
    kiosk: int | None = None,
) -> Answer:  # fmt: skip
    _check_key(sent.key)
    with whole():
        now = clock.now()
        turn = chosen(turns_of(activity.id, person.id if person else None), sent.at, sent.into)
        if turn is not None:
            turn = _turn_held(turn.id)
        row = Punch(
            key=sent.key, station=activity.station_id, activity=activity.id, volunteer=person and person.id,
            assignment=turn and turn.id, kiosk=kiosk, into=sent.into, at=sent.at, how=how, entered_by=by.account_id,
            entered_at=now, off_seconds=_worst(sent.off_seconds),
        )  # fmt: skip
        row.state, row.why, row.says = _judged(activity, rule, sent, person, turn, now)
        if row.state == "taken":
            row.at = min(sent.at, now)  # a clock may be ahead by what policy bears, and nobody comes in the future
        if not _stored(row):
            return _again(sent.key, activity)
        already = turn is not None and row.state == "taken" and turn.state == ("present" if sent.into else "left")
        if row.state == "taken" and turn is not None:
            try:
                with whole():
                    turn = settle(turn, rule, by)
            except Refusal as no:
                row.state, row.why, row.says = "held", "judged", str(no)[:300]
                row.save(only=[Punch.state, Punch.why, Punch.says])
        row.trace(by, "enter", after={"into": row.into, "at": row.at, "state": row.state, "why": row.why})
    return _answer(row, person, turn, already)


def _worst(seconds: Iterable[int | None]) -> int | None:
    """The difference that counts: what was measured last, unless an earlier one was larger."""
    return max((one for one in seconds if one is not None), key=abs, default=None)


def _judged(
    activity: Activity, rule: PresenceRule, sent: Sent, person: Volunteer | None, turn: Assignment | None, now: datetime
) -> tuple[str, str, str]:
    """State, why and a sentence of a press before it is worked out."""
    if turn is None or activity.state == "cancelled":
        return ("held" if person else "dropped"), "not_here", NOT_HERE
    if turn.state not in TAKES_TIME:
        return "held", "state", f"排班{turn.state_label}。"
    if clock_is_off(sent.off_seconds, rule) or sent.at > now + timedelta(seconds=rule.clock_seconds):
        off = _worst(sent.off_seconds)
        return "held", "clock", f"设备时钟与服务器相差 {abs(off)} 秒。" if off else "设备时钟快于服务器。"
    if says := outside(sent.at, sent.into, turn.starts_at, turn.ends_at, rule):
        return "dropped", "outside", says
    if too_late(sent.at, now, rule):
        return "held", "late", f"超过 {rule.send_hours} 小时才送到。"
    if _recorded(activity.id, turn.volunteer_id):
        return "held", "recorded", "这次活动已有这位志愿者的服务记录。"
    return "taken", "", ""


def _recorded(activity: int, volunteer: int) -> bool:
    rows = ServiceRecord.select().where(
        ServiceRecord.activity == activity, ServiceRecord.volunteer == volunteer, ServiceRecord.state.not_in(DEAD)
    )
    return bool(rows.exists())


def _stored(row: Punch) -> bool:
    """Whether it is new; one of the same number that is being written elsewhere is waited for."""
    values = {field: row.__data__.get(field.name) for field in Punch._meta.sorted_fields if field.name != "id"}
    made = Punch.insert(values).on_conflict_ignore().as_rowcount().execute()
    if made:
        row.id = Punch.select(Punch.id).where(Punch.key == row.key).scalar()
        row._dirty.clear()
    return bool(made)


def _again(key: str, activity: Activity) -> Answer:
    """What a press that was sent before came to; of another activity nothing is said."""
    row = Punch.get_or_none(Punch.key == key, Punch.activity == activity.id)
    if row is None:
        return Answer(key, "not_here", NOT_HERE)
    name = mask_name(row.volunteer.name) if row.volunteer_id and row.assignment_id else ""
    if row.why == "not_here":
        return Answer(key, "not_here", NOT_HERE)
    return Answer(key, "already", "这一次已经送到过。", name, row.into, row.at)


def _answer(row: Punch, person: Volunteer | None, turn: Assignment | None, already: bool) -> Answer:
    name = mask_name(person.name) if person and turn else ""
    if row.state == "taken":
        at = (turn.came_at if row.into else turn.left_at) if already and turn else row.at
        return Answer(row.key, "already" if already else "taken", "", name, row.into, at or row.at)
    if row.why in ("not_here", "outside"):
        return Answer(row.key, row.why, row.says, name if row.why == "outside" else "", row.into)
    if row.why in ("clock", "late", "recorded"):
        return Answer(row.key, "held", f"{row.says}已记下，由带队人员核对后计入。", name, row.into, row.at)
    own = row.how != "kiosk"  # on her own phone she reads why; the public table does not
    return Answer(row.key, "staff", row.says if own else STAFF, name, row.into)


# --- by hand ---


def leads(by: Actor) -> list[Assignment]:
    """The turns that this volunteer leads today and tomorrow, and yesterday's while it may still be put right."""
    today = clock.today()
    rows = (
        Assignment.select(Assignment, Activity)
        .join(Activity)
        .where(
            Assignment.volunteer == by.volunteer_id, Assignment.role == "lead", Assignment.state.in_(TAKES_TIME),
            Activity.day.between(today - timedelta(days=1), today + timedelta(days=1)), Activity.state != "cancelled",
        )
        .order_by(Assignment.starts_at, Assignment.id)
    )  # fmt: skip
    return list(rows) if by.volunteer_id else []


def led(activity: object, by: Actor) -> Activity:
    """The activity, if this volunteer leads it now. Raises ``NotFound`` alike for any other."""
    found = next((turn.activity for turn in leads(by) if str(turn.activity_id) == str(activity)), None)
    if found is None:
        raise NotFound()
    return found


def by_hand(
    turn: object, into: bool, reason: str, by: Actor, *, at: datetime | None = None, companion: str = ""
) -> Assignment:
    """A lead, or somebody at the desk, signs another in or out and says why.

    Raises ``Refusal`` for oneself, without a reason that says something, for a moment that is not of the day or not yet
    there, or where the turn itself cannot be begun; ``NotFound`` for a turn that is not this person's to know of.
    """
    permit(by, *(("lead", "me") if by.role == Role.VOLUNTEER else ("enter", "punches")))
    refuse_if(check_reason(clean(reason)))
    with whole():
        row = _known_turn(turn, by)
        row = _turn_held(row.id)
        if by.volunteer_id is not None and row.volunteer_id == by.volunteer_id:
            raise refuse("不能给自己代签，请扫码，或由工作站办理。")
        if row.state not in (*LIVE, "left"):
            raise refuse(f"排班{row.state_label}，不能代签；请由工作站直接录入签到表。")
        now = clock.now()
        moment = at or now
        if moment.date() != row.starts_at.date() or moment > now:
            raise refuse(f"时刻应在活动当天 {row.starts_at.date()}，且不晚于现在。", "at")
        if _recorded(row.activity_id, row.volunteer_id):
            raise refuse("这次活动已有这位志愿者的服务记录，请改服务记录。")
        rule = rule_of(row.activity)
        more = [Pressed(moment, into)]
        if seen_of(row, rule, more) == seen_of(row, rule):
            raise refuse(_says_nothing(row, into))
        if companion.strip():
            row.companion = clean(companion)[:40]
        after = settle(row, rule, by, more)
        made = Punch(
            key=secrets.token_urlsafe(18), station=row.station_id, activity=row.activity_id, volunteer=row.volunteer_id,
            assignment=row.id, into=into, at=moment, how="hand", state="taken", says=clean(reason)[:300],
            entered_by=by.account_id, entered_at=now,
        )  # fmt: skip
        made.save(force_insert=True)
        made.trace(by, "by_hand", clean(reason), after={"into": into, "at": moment, "assignment": row.id})
    return after


def _says_nothing(turn: Assignment, into: bool) -> str:
    if into:
        return f"{turn.volunteer.name} 那时已经签到，没有变化。"
    return f"{turn.volunteer.name} 那时还没有签到，不能签退。" if turn.came_at is None else f"{turn.volunteer.name} 那时已经签退，没有变化。"


def _known_turn(key: object, by: Actor) -> Assignment:
    if by.role != Role.VOLUNTEER:
        known: Assignment = find(Assignment, key, by)
        return known
    row = Assignment.get_or_none(Assignment.id == key) if str(key).isdigit() else None
    if row is None:
        raise NotFound()
    led(row.activity_id, by)
    return row


# --- codes ---


def screen_code(activity: Activity, rule: PresenceRule) -> str:
    """What the station's screen shows now."""
    return _signed(HereCode("s", activity.id, step_of(clock.now(), rule)))


def sheet_code(activity: object, by: Actor) -> tuple[Activity, str]:
    """A code to be printed, which holds on the activity's day. Raises ``Refusal`` where policy wants none, or the activity
    is cancelled; ``NotFound`` for a stranger's."""
    permit(by, "print", "punches")
    row = find(Activity, activity, by)
    if not rule_of(row).printed:
        raise refuse("本地政策不用打印的签到码，请用签到屏或签到台。")
    if row.state == "cancelled":
        raise refuse("活动已取消，不用打印签到码。")
    with whole():
        row.trace(by, "print", after={"what": "sign_in_code"})
    return row, _signed(HereCode("d", row.id, datetime.combine(row.day, datetime.min.time())))


def ticket(activity: Activity) -> str:
    """What a browser keeps after a good code, so that signing in does not outlast it."""
    return _signed(HereCode("t", activity.id, clock.now()))


def read_code(text: str, kinds: str) -> tuple[Activity, HereCode]:
    """The activity that a code of one of these kinds is for, where it is signed by this installation and not too old.

    Raises ``Refusal`` with a sentence; one that is forged is answered like one that is no code at all.
    """
    found = read_here_code(text)
    code, mac = found if found else (None, "")
    if code is None or code.kind not in kinds or not _is_ours(code, mac):
        raise refuse("这不是本站的签到码，请对准屏幕或签到表上的二维码再扫一次。")
    row = Activity.get_or_none(Activity.id == code.activity)
    if row is None or row.state == "cancelled":
        raise refuse("这次活动已取消。")
    rule, now = rule_of(row), clock.now()
    if code.kind == "d":
        if not rule.printed:
            raise refuse("本地政策不用打印的签到码，请扫屏幕上的二维码。")
        if now.date() != row.day:
            raise refuse(f"这张签到码只在活动当天 {row.day} 有效。")
    elif code.kind == "s" and not fresh(code, now, timedelta(seconds=rule.screen_seconds + rule.grace_seconds)):
        raise refuse("这个二维码已过期，请扫屏幕上现在的那一个。")
    elif code.kind == "t" and not fresh(code, now, timedelta(minutes=rule.confirm_minutes)):
        raise refuse(f"扫码已超过 {rule.confirm_minutes} 分钟，请再扫一次。")
    return row, code


def _signed(code: HereCode) -> str:
    return code.signed(keyring.index(f"here {code.said}"))


def _is_ours(code: HereCode, mac: str) -> bool:
    return any(hmac.compare_digest(one[:32], mac) for one in keyring.indexes(f"here {code.said}"))
