"""Who asks. It arrives with the request; where it is not set the request fails."""

from flask import abort, g

from models.scope import Actor
from rules.access import Role, may


def actor() -> Actor:
    """The signed-in person. Raises 401 when there is none: no screen works for nobody."""
    found: Actor | None = g.get("actor")
    if found is None:
        abort(401)
    return found


def allowed(action: str, resource: str) -> bool:
    """Whether the person may do this, by the one access table. Unknown words raise ``KeyError``."""
    who: Actor | None = g.get("actor")
    return who is not None and may(who.role, action, resource)


def at_the_desk() -> bool:
    """Whether somebody is signed in who works in the back office."""
    who: Actor | None = g.get("actor")
    return who is not None and who.role != Role.VOLUNTEER
