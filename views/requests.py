"""A form that may be sent twice and counts once: the key that makes it one request, and the keys of rows that it names."""

import re
import secrets

from flask import request

from models.refusals import NotFound

KEY_BYTES = 18  # of randomness in the key
KEY = re.compile(r"[\w-]{24}")  # as `secrets.token_urlsafe` writes so many


def request_key() -> str:
    """The key in the address, or a new one. Kept in the address from the first choice on: the page that «back» leads to
    is the same request."""
    key = request.args.get("key", "")
    return key if KEY.fullmatch(key) else secrets.token_urlsafe(KEY_BYTES)


def row_key(text: str) -> int:
    """The key of a row as a form names it. Raises ``NotFound`` for what is no key of any."""
    if not text.isdecimal() or len(text) > 18:
        raise NotFound()
    return int(text)
