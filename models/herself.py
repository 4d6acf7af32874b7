"""本人办理 (Order 67 arts. 12, 13): a volunteer signed in as herself, and what the desk has from her own hand.

What she asks for on her own pages is the same row of the same life as if the desk had written it down; only its
``entered_by`` is her account. Whose rows she may know of says each model's scope.
"""

from peewee import Expression

from models.moves import Entered
from models.people import Account
from models.refusals import NotFound
from models.scope import Actor
from models.volunteers import Volunteer
from rules.access import Role


def herself(by: Actor) -> Volunteer:
    """The volunteer who asks. Raises ``NotFound`` for anybody who is none, and for an account that is nobody's."""
    person: Volunteer | None = None
    if by.role == Role.VOLUNTEER and by.volunteer_id is not None:
        person = Volunteer.get_or_none(Volunteer.id == by.volunteer_id)
    if person is None:
        raise NotFound()
    return person


def from_her_own_hand(model: type[Entered]) -> Expression:
    """The condition that a volunteer entered the row herself, on her own pages."""
    return model.entered_by.in_(Account.select(Account.id).where(Account.role == Role.VOLUNTEER.value))
