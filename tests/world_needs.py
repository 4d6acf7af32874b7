"""A household of station A with somebody in it, a visit to it and what was needed."""

from served import household, need, recipient, visit

from models.households import Hardship, Household, Recipient, Visit
from models.needs import Need


def add(cast, keys):
    home = household(cast.recorder)
    person = recipient(cast.recorder, home)
    seen = visit(cast.recorder, home)
    keys[Household], keys[Recipient], keys[Visit] = home.id, person.id, seen.id
    keys[Hardship] = Hardship.get(Hardship.recipient == person.id).id
    keys[Need] = need(cast.recorder, home, recipient=person.id, visit=seen.id).id
