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


LONGEST_PATH = 2000  # characters of an address to go back to


def own_path(target: str | None) -> str | None:
    """``target`` when it is a path of this site, else None: nobody is sent elsewhere.

    A browser reads a backslash as a slash and leaves out tabs and line breaks, so what holds one is no path of ours.
    """
    if not target or len(target) > LONGEST_PATH or not target.startswith("/") or target.startswith("//"):
        return None
    if "\\" in target or any(char.isspace() or not char.isprintable() for char in target):
        return None
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    return None if parts.scheme or parts.netloc else target
