"""Who asks. It arrives with the request; where it is not set the request fails."""

from urllib.parse import urlsplit

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


def own_path(target: str | None) -> str | None:
    """``target`` when it is a path of this site, else None: nobody is sent elsewhere."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or not target.isprintable():
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc or "\\" in target else target
