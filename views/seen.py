"""Which revision of each row a page showed: read from the form that it sends back (see `models.seen`)."""

from flask import request

MOST_AT = 1000  # rows of one form


def revisions() -> dict[str, int]:
    """The row's key -> its revision as the page showed it. What cannot be read was not shown."""
    found = {}
    for text in request.form.getlist("at")[:MOST_AT]:
        key, _, revision = text.rpartition(":")
        if key and revision.isdecimal() and len(revision) < 10:
            found[key] = int(revision)
    return found
