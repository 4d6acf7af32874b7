"""异地转移, given back (方案 二(5)): people who were taken here, though they should not have been, go back to the sender.

The way out where two installations hold one set of hours because the sender unlocked a package that had been taken, and
its person was taken by a third. As much as the package brought leaves the account again; the answer is signed anew, with
fewer people, and the sender brings them home by it. What she has served here beside that stays, and so does she.
"""

from collections.abc import Collection

from models import clock, signing
from models.audit import trails
from models.erasing import under_way
from models.hours import Balance, Chain, Entry, Writer
from models.moves import permit, whole
from models.moving import leaving_again
from models.refusals import refuse_if
from models.scope import Actor, find
from models.transfer_in import Arrival, Arriver
from models.transfer_out import STAYS
from models.volunteers import Volunteer
from rules import transfer as rules
from rules.findings import Finding
from rules.reading import clean, unkept
from rules.roles import Role

AT_ONCE = 100  # people whom one form gives back


def give_back(arrival: int, numbers: Collection[int], reason: str, by: Actor) -> Arrival:
    """Give back these numbers of a package that was taken. Given back already, a person is left as she is.

    Raises ``Refusal`` without a reason, for whoever is not here any more, and where something of hers is under way;
    ``NotFound`` for a stranger's arrival.
    """
    permit(by, "give_back", "arrivals")
    reason = clean(reason)
    with whole():
        row: Arrival = find(Arrival, arrival, by)
        lines = list(Arriver.select().where(Arriver.arrival == row.id, Arriver.n.in_(list(numbers))).order_by(Arriver.n))
        keys = [line.volunteer_id for line in lines if line.status == "taken"]
        at = Volunteer.select(Volunteer.station).where(Volunteer.id.in_(keys)).distinct()
        for station in sorted(station for (station,) in at.tuples()):
            Chain.lock(station)
        Balance.hold(keys)
        row = find(Arrival, arrival, by, lock=True)
        lines = [line for line in lines if line.status == "taken"]
        refuse_if(_may(row, lines, numbers, reason, by))
        if not lines:
            return row
        _out(lines, row, reason, by)
        return _answered(row, lines, reason, by)


def _may(row: Arrival, lines: list[Arriver], numbers: Collection[int], reason: str, by: Actor) -> list[Finding]:
    if row.state not in ("taken", "returned"):
        return [Finding("state", f"现在是「{row.state_label}」，只有接收了的人才能退回。")]
    if row.is_own(by):
        return [Finding("state", f"不能退回自己读入的转移包里的人，请由另一位{by.role.label}办理。")]
    if not numbers:
        return [Finding("n", "请先勾选要退回的人。")]
    if len(numbers) > AT_ONCE:
        return [Finding("n", f"一次最多退回 {AT_ONCE} 人，请分几次办理。")]
    if len(reason) < 2 or unkept(reason):
        return [Finding("reason", "请写明退回的理由，例如「已由别的单位接收」。")]
    people = {one.id: one for one in Volunteer.select().where(Volunteer.id.in_([line.volunteer_id for line in lines]))}
    found = [
        Finding("n", f"{one.name}现在是「{one.state_label}」，不在这里，不能退回；请由现在的单位退回。")
        for one in people.values() if one.state not in (*STAYS, "erased")
    ]  # fmt: skip
    later = Arriver.select(Arriver.volunteer, Arriver.arrival).where(
        Arriver.volunteer.in_(list(people)), Arriver.status == "taken", Arriver.id > max((line.id for line in lines), default=0)
    )
    found += [Finding("n", f"{people[key].name}后来又随转入单 {came} 转入，请在那一张上退回。") for key, came in later.tuples()]
    waits = under_way(list(people)).items() if not found else ()
    return found or [Finding("n", f"{people[key].name}：{says}") for key, said in waits for says in said]


def _out(lines: list[Arriver], row: Arrival, reason: str, by: Actor) -> None:
    """Take out what the package brought of these people; whoever has nothing left is here no more."""
    from models.applications import end_of
    from models.teams import all_leave

    keys, why = [line.volunteer_id for line in lines], f"退回{row.sender_name}：{reason}"[:200]
    stands = dict(Volunteer.select(Volunteer.id, Volunteer.station).where(Volunteer.id.in_(keys)).tuples())
    for station in sorted(set(stands.values())):
        writer = Writer.open(station)
        for line in (line for line in lines if stands[line.volunteer_id] == station):
            writer.write(leaving_again(line, _brought(line), f"give_back:{line.id}", why, by))
    stays = Balance.select(Balance.volunteer).where(Balance.volunteer.in_(keys), Balance.honour + Balance.exchangeable > 0)
    kept = {key for (key,) in stays.tuples()}
    gone = [key for key in keys if key not in kept]
    if gone:
        all_leave(gone, why)
        end_of(gone, why)
        Volunteer.update(state="moved", moved_at=clock.now(), revision=Volunteer.revision + 1).where(
            Volunteer.id.in_(gone), Volunteer.state != "erased"
        ).execute()
    trails(by, "give_back", Volunteer._meta.table_name, [(key, None, None) for key in keys], station=row.station_id, reason=why)
    for line in lines:
        line.status, line.says = "returned", f"已退回：{reason}"[:200]
    Arriver.bulk_update(lines, [Arriver.status, Arriver.says], batch_size=100)


def _brought(line: Arriver) -> set[int]:
    """The lots that she came with."""
    mine = Entry.key.startswith(f"arrive:{line.id}:in:lot:")
    return {lot for (lot,) in Entry.select(Entry.lot).where(Entry.volunteer == line.volunteer_id, mine).tuples()}


def _answered(row: Arrival, lines: list[Arriver], reason: str, by: Actor) -> Arrival:
    """The answer, signed anew: it goes to the sender as the first one did."""
    from models.transfer_wire import AnswerSent

    said = rules.read_answer(signing.check(row.answer, rules.RECEIPT).payload)
    gone = frozenset(line.n for line in lines)
    answer = rules.Answer(
        said.id, said.digest, said.sender, clock.now(), said.taken - gone,
        said.declined | dict.fromkeys(sorted(gone), reason[:200]), said.reason,
    )  # fmt: skip
    row.answer = signing.sign(rules.answer_payload(answer), rules.RECEIPT)
    row.outcome = f"{row.outcome}退回 {len(gone)} 人：{reason}。"
    row.revision += 1
    row.save()
    AnswerSent.delete().where(AnswerSent.arrival == row.id).execute()
    row.trace(by, "give_back", reason, after={"people": len(gone)})
    if answer.taken:
        return row
    return Arrival.move(row.id, "let_go", Actor(by.account_id, by.name, Role.SYSTEM, by.station_id, by.division), reason)
