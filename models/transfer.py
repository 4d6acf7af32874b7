"""异地转移 between installations: the only doors, for the screens, the command and the network alike."""

from models.moves import permit, whole
from models.refusals import refuse
from models.scope import Actor, find
from models.transfer_answers import said_of, take_receipt
from models.transfer_in import Arrival, Progress, disclaim, glance, read
from models.transfer_out import Departure, package
from models.transfer_packing import Brought, history
from models.transfer_return import give_back

__all__ = ["Arrival", "Brought", "Departure", "answer_of", "disclaim", "give_back", "glance", "history", "package", "receive", "said_of", "take_receipt"]


def receive(package: str, by: Actor, progress: Progress | None = None) -> Arrival:
    """A package, however it was carried: verified and kept to be taken or refused by the head."""
    return read(package, by, progress)


def answer_of(arrival: int, by: Actor) -> str:
    """The signed answer to a package that was decided, to be carried back; leaves a trace.

    Raises ``Refusal`` where nothing is decided yet, ``NotFound`` for a stranger's.
    """
    permit(by, "answer", "arrivals")
    with whole():
        row: Arrival = find(Arrival, arrival, by)
        if not row.answer:
            raise refuse("还没有接收或拒收，没有回执。", "state")
        row.trace(by, "answer", after={"package": row.package_no})
    return str(row.answer)
