"""日志核对 on the first page: what the nightly re-reading of the audit log found, for whoever must act on it."""

from datetime import datetime

from models import audit_checks
from models.audit import HOUSE
from models.scope import ROOT, Actor, within
from models.stations import Station
from rules.access import Role
from views.wording import worded

TOLD = {Role.HEAD, Role.AUDITOR, Role.ADMIN}


def broken(by: Actor) -> list[str]:
    """A sentence for each chain of the person's that did not fit when last read; none where all did."""
    found = audit_checks.last() if by.role in TOLD else {}
    chains = {fault["chain"]: fault["says"] for fault in found.get("faults", [])}
    if not chains:
        return []
    own = {key for (key,) in Station.select(Station.id).where(Station.id.in_(list(chains)), within(Station, by)).tuples()}
    known = {key for (key,) in Station.select(Station.id).where(Station.id.in_(list(chains))).tuples()}
    # What is no station's is for whoever answers for the whole house.
    mine = [key for key in chains if key in own or (by.division == ROOT and (key == HOUSE or key not in known))]
    when = datetime.fromisoformat(found["at"])
    return [worded("操作日志 %(when)s 核对不符：%(fault)s", when=f"{when:%m-%d %H:%M}", fault=chains[key]) for key in mine]
