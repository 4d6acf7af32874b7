"""志愿者登记表 (方案 二(2)): the form to be filled in by hand, or filled with what is registered, with the words to sign."""

from typing import Any

from flask import Response, flash, redirect, request
from flask_admin import expose

from models import consents, printing, vocabulary
from models.refusals import NotFound, Refusal
from models.stations import Station
from models.volunteers import Volunteer
from rules.consents import ADULT, KINDS, base_kind
from rules.service_grid import DAYS, PARTS
from views import cells
from views.asking import actor
from views.gate import right
from views.wording import worded

SEALED = ("document_number", "phone", "address", "guardian_phone")
PLANNED = 6  # categories that the plan names, which stand first (方案 二(4)); any other is written in by hand


class PrintsForms:
    """What the screen of volunteers prints beside the cards."""

    @expose("/form/", methods=("GET", "POST"))
    @right("print")
    def form_view(self) -> str | Response:
        """Blank, or ``?id=`` one volunteer's: masked, and in full where it is posted why."""
        key, reason = request.values.get("id"), request.form.get("reason", "")
        if not key:
            return self._form_page(None, False)
        back = self.get_url(".details_view", id=key)
        if request.method == "POST" and not reason.strip():
            flash(worded("请写明打印完整内容的理由。"), "bad")
            return redirect(back)
        try:
            person, clear = printing.registration_form(key, actor(), reason)
        except NotFound:
            raise
        except Refusal as no:
            flash(str(no), "bad")
            return redirect(back)
        return self._form_page(person, clear)

    def _form_page(self, person: Volunteer | None, clear: bool) -> str:
        station = person.station if person else Station.get_by_id(actor().station_id)
        rule, kinds = consents.texts_for(station).rule, _texts(person)
        texts = [(KINDS[one], getattr(rule, one).strip().splitlines()) for one in kinds]
        return self.render(
            "paper/registration.html", person=person, said=_said(person, clear), clear=clear, station=station, texts=texts,
            minor=person is not None and person.age() < ADULT, days=DAYS, parts=PARTS,
            categories=[name for _, name in vocabulary.choices("category")][:PLANNED],
            back=self.get_url(".details_view", id=person.id) if person else self.get_url(".index_view"),
        )  # fmt: skip


def _texts(person: Volunteer | None) -> list[str]:
    """Which texts stand on the second page: the person's own by her age, or those of whoever fills it in."""
    kind = base_kind(person.age()) if person else "guardian"
    return ["registration", "guardian"] if kind == "guardian" else [kind]


def _said(person: Volunteer | None, clear: bool) -> dict[str, Any]:
    """What stands in the boxes; a blank form has nothing in them."""
    if person is None:
        return {}
    shown = ["name", "card_no", "document_type", "gender", "birth_date", "ethnicity", "politics", "education", "occupation", "residence.full_name", "skills", "languages", "speciality", "categories", "guardian_name", "registered_on", "national_no"]
    said = {path: cells.show(person, path) for path in shown}
    masked = person.masked()
    return said | {name: (getattr(person, name) or "") if clear else masked[name] for name in SEALED}
