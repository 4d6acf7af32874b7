"""异地转移, answered (方案 二(5)): a receiver's signed word on a package of ours, and its later word that it gives back.

The last word counts: a receiver that gives back somebody whom it had taken signs its answer anew, with fewer people.
"""

from typing import Any

from models import clock, signing
from models.hours import Balance, Chain
from models.moves import permit, whole
from models.refusals import refuse, refuse_if
from models.scope import SYSTEM, Actor, find, within
from models.transfer_out import Departure, Leaver, Progress
from rules import transfer as rules
from rules.findings import Finding
from rules.roles import Role


def said_of(token: str, by: Actor) -> tuple[Departure, rules.Answer]:
    """The package that a receiver's signed answer is about, and what it says. Nothing is written.

    Raises ``Refusal`` where it is not ours to read, about no package of ours, or not signed by whom it was sent to.
    """
    permit(by, "receipt", "departures")
    said = signing.check(token.strip(), rules.RECEIPT)
    try:
        answer = rules.read_answer(said.payload)
    except rules.Unfit as no:
        refuse_if([Finding("file", str(no))])
    row = Departure.get_or_none(Departure.package_no == answer.id, within(Departure, by))
    if row is None:
        refuse_if([Finding("file", "回执所说的转移包不是本站发出的。")])
    refuse_if(_answers(row, answer, said))
    return row, answer


def take_receipt(token: str, by: Actor, progress: Progress | None = None) -> Departure:
    """Close, or unlock, the package that a receiver's signed answer is about. The same answer again changes nothing.

    A later one with fewer people gives the others back. ``progress`` is told after each hundred people, and may raise
    `models.jobs.Cancelled`: then nothing is changed. Raises ``Refusal`` as `said_of` does, and where another answer was
    taken before.
    """
    token = token.strip()
    with whole():
        row, answer = said_of(token, by)
        if row.answer == token:
            return row
        before = _before(row)
        if before is not None and (answer.at < before.at or (answer.at == before.at and answer.taken > before.taken)):
            raise refuse(f"对方在 {before.at:%Y-%m-%d %H:%M} 另有一份更晚的回执，已经按那一份办过，这一份不用导入。", "file")
        if row.state in ("closed", "clash") and before is not None and answer.taken < before.taken:
            return _given_back(row, token, answer, before.taken - answer.taken, by)
        if row.state not in ("flying", "reopened"):
            raise refuse(f"这个转移包已经按 {row.answered_at:%Y-%m-%d %H:%M} 的回执办过，与这一份不同，请向对方核实。", "file")
        Departure.update(answer=token, answered_at=clock.now()).where(Departure.id == row.id).execute()
        acting = Actor(by.account_id, by.name, Role.SYSTEM, by.station_id, by.division)
        reason = answer.reason or "对方的回执"
        if row.state == "reopened":
            if answer.taken:
                return Departure.move(row.id, "contest", acting, "对方在解锁之前已经接收")
            row.trace(by, "receipt", reason)
            return row
        name = "close" if answer.taken else "decline"
        return Departure.move(row.id, name, acting, reason, answer=answer, progress=progress)


def _before(row: Departure) -> rules.Answer | None:
    """The answer that was taken before this one."""
    return rules.read_answer(signing.check(row.answer, rules.RECEIPT).payload) if row.answer else None


def _given_back(row: Departure, token: str, answer: rules.Answer, numbers: frozenset[int], by: Actor) -> Departure:
    """Whom the receiver had taken and gave back is ours again; whoever was unlocked here stands here alone."""
    Chain.lock(row.station_id)
    lines = Leaver.select(Leaver.volunteer).where(Leaver.departure == row.id)
    Balance.hold(key for (key,) in lines.tuples())
    row = find(Departure, row.id, SYSTEM, lock=True)
    reason = answer.declined.get(min(numbers), "") or answer.reason or "对方退回"
    back = row.give_back(numbers, reason, by)
    says = f"对方接收后又退回 {len(numbers)} 人：{reason}"
    Departure.update(
        answer=token, answered_at=clock.now(), outcome=f"{row.outcome}{says}", revision=Departure.revision + 1
    ).where(Departure.id == row.id).execute()
    row.trace(by, "give_back", reason, after={"people": len(numbers), "back": back})
    acting = Actor(by.account_id, by.name, Role.SYSTEM, by.station_id, by.division)
    if row.state == "clash" and not lines.where(Leaver.status == "back", Leaver.n.in_(sorted(answer.taken))).exists():
        return Departure.move(row.id, "settle", acting, says)
    if row.state == "closed" and not answer.taken:
        return Departure.move(row.id, "regain", acting, says)
    return Departure.get_by_id(row.id)


def _answers(row: Departure, answer: rules.Answer, said: Any) -> list[Finding]:
    if said.peer is None or (row.peer_id and said.peer.name != row.peer.name):
        return [Finding("file", "回执不是接收单位签发的。")]
    if answer.digest != row.digest and (answer.taken or answer.digest):
        return [Finding("file", "回执所说的内容与发出的转移包不符。")]
    if any(n > row.people for n in answer.taken):
        return [Finding("file", "回执里的人数多于发出的转移包。")]
    return []
