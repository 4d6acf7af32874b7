"""Who asks. It arrives with the request; where it is not set the request fails."""

from urllib.parse import urlsplit

from flask import abort, g

from models.scope import Actor
from rules.access import TABLE, Role, may


def actor() -> Actor:
    """The signed-in person. Raises 401 when there is none: no screen works for nobody."""
    found: Actor | None = g.get("actor")
    if found is None:
        abort(401)
    return found


def role() -> Role:
    """What whoever asks is to the access table; nobody signed in is «anyone»."""
    found: Actor | None = g.get("actor")
    return Role.ANYONE if found is None else found.role


def allowed(action: str, resource: str) -> bool:
    """Whether the person may do this, by the one access table. Unknown words raise ``KeyError``."""
    return may(role(), action, resource)


def may_pick(resource: str) -> bool:
    """Whether the person may find such a row by its text."""
    return allowed("pick" if "pick" in TABLE[resource] else "see", resource)


def own_path(target: str | None) -> str | None:
    """``target`` when it is a path of this site, else None: nobody is sent elsewhere."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc or "\\" in target else target
