"""What a resident has typed so far (网上报名), from step to step of `/apply/`.

It travels in a cookie of her browser, sealed by the data key (AES-GCM: nobody reads it, nobody changes it), for an hour after
the last step. Why there: «back» of the browser and of the page both find what was typed, without JavaScript and without
anything in an address; nothing of whoever gives up is ever kept by the server, so there is nothing to clear; and no visitor
can fill the database with drafts. It is sent to `/apply` alone, no script can read it, and the last page drops it.
"""

import json
import secrets
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from flask import Response, current_app, request

from models import clock
from models.fields import keyring
from models.sign_ups import Said

NAME, PLACE, PATH = "apply", "apply.draft", "/apply"
LASTS = timedelta(hours=1)
SHOWN = timedelta(minutes=10)  # how long the page with the code can be looked at: two presses, a reload, a print
LARGEST = 3900  # characters of a cookie that every browser keeps
KEY_BYTES = 16
LONGEST_TYPED = 120  # characters of a box that are kept while nothing is checked yet
MOST_TICKED = 60


@dataclass
class Draft:
    """One application on its way. ``of`` is the key of the one that it corrects."""

    station: int
    key: str = field(default_factory=lambda: secrets.token_hex(KEY_BYTES))
    at: str = ""
    post: int | None = None
    project: int | None = None
    values: dict[str, Any] = field(default_factory=dict)
    agreed: str = ""
    guardian_agreed: str = ""
    relation: str = ""
    of: int | None = None
    sent: bool = False

    def said(self) -> Said:
        """What the data layer is told."""
        values = dict(self.values)
        values["birth_date"] = _day(values.get("birth_date"))
        return Said(values, self.agreed, self.guardian_agreed, self.relation, self.post)

    def keep(self, response: Response) -> Response:
        """Hand it to the browser. What is longer than a cookie may be is let go: no box of ours holds so much."""
        self.at = clock.wall().isoformat()
        sealed = keyring.seal(json.dumps(self.__dict__, ensure_ascii=False, separators=(",", ":")), PLACE)
        if len(sealed) > LARGEST:
            return drop(response)
        response.set_cookie(
            NAME, sealed, max_age=LASTS, path=PATH, httponly=True, samesite="Lax",
            secure=current_app.config["SESSION_COOKIE_SECURE"],
        )  # fmt: skip
        return response

    def take(self, names: list[str]) -> None:
        """Put what the form says into these boxes, no longer than one may be; in a correction a blank box of what is
        masked keeps what was there."""
        for name in names:
            if name in TICKED:
                self.values[name] = [code[:8] for code in request.form.getlist(name)[:MOST_TICKED]]
            else:
                said = request.form.get(name, "").strip()[:LONGEST_TYPED]
                if said or self.of is None or name not in MASKED:
                    self.values[name] = said


TICKED = ("categories", "skills", "languages", "service_times")
MASKED = ("document_number", "phone", "address", "guardian_phone")


def _day(said: str | None) -> date | str | None:
    """A day as a form sends it; what is none comes back as it is and is refused in words."""
    try:
        return date.fromisoformat(said) if said else None
    except ValueError:
        return said


def current() -> Draft | None:
    """The draft of this browser; None where there is none, or it is too old, or not one of ours."""
    try:
        kept = Draft(**json.loads(keyring.unseal(request.cookies.get(NAME, ""), PLACE)))
        age = clock.wall() - datetime.fromisoformat(kept.at)
    except (ValueError, TypeError):
        return None
    lasts = SHOWN if kept.sent else LASTS
    return kept if timedelta(minutes=-1) <= age <= lasts else None


def drop(response: Response) -> Response:
    """Nothing of it stays in the browser."""
    response.delete_cookie(NAME, path=PATH, httponly=True, samesite="Lax")
    return response
