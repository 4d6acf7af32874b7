"""以前认定的星级 by form: one star that was recognised before there was this program, as its paper says.

It is judged by the very rules of the table (`views.ledgers.stars_in`), as a table of one line, and waits for the same two.
"""

from typing import Any

from flask import flash, redirect, request
from flask_admin import expose

from models.refusals import Refusal
from models.scope import find
from models.stars import STARS, StarGrant
from models.volunteers import Volunteer
from views.asking import actor
from views.gate import right
from views.ledgers.incoming import RowsRefused
from views.ledgers.stars_in import COLUMNS
from views.ledgers.take_in import take_file
from views.requests import row_key
from views.wording import worded

LABELS = {column.key: column.label for column in COLUMNS}
KEYED = ("star", "honour_minutes", "recognised_on", "recogniser", "certificate_no", "proof")


class Claiming:
    """The form, for a screen of stars."""

    get_url: Any
    render: Any

    @expose("/claim/", methods=("GET", "POST"))
    @right("import")
    def claim_view(self):
        """GET asks; POST enters the star, which then waits for the head and for whoever recognises it."""
        said = {name: request.values.get(name, "").strip() for name in ("volunteer", *KEYED)}
        who = find(Volunteer, row_key(said["volunteer"]), actor()) if said["volunteer"] else None
        wrong: dict[str, str] = {}
        if request.method == "POST" and who is None:
            wrong["volunteer"] = "请选择志愿者。"
        elif request.method == "POST":
            try:
                return self._claimed(who, said)
            except RowsRefused as no:
                wrong = _places(no)
            except Refusal as no:
                wrong = {"": str(no)}
        return self.render(
            "desk/star_claim.html", said=said, who=who, wrong=wrong, stars=STARS, labels=LABELS,
            lookup=self.get_url(".ajax_lookup", name="volunteer"),
        )  # fmt: skip

    def _claimed(self, who: Volunteer, said: dict[str, str]):
        line = {"card": who.card_no or "", "name": who.name} | {name: said[name] for name in KEYED}
        taken = take_file("stars", [[LABELS[key] for key in line], list(line.values())], actor())
        row = StarGrant.get(StarGrant.volunteer == who.id, StarGrant.star == int(said["star"]))
        flash(worded("已登记，待站长对照证明材料核对。" if taken.new else "这一星级已经登记过，内容相同。"), "good")
        return redirect(self.get_url(".details_view", id=row.id))


def _places(no: RowsRefused) -> dict[str, str]:
    """What is wrong, by the form's field; what stands at no field of it stands at the volunteer."""
    keys = {label: key for key, label in LABELS.items() if key in KEYED}
    wrong: dict[str, str] = {}
    for found in no.preview.findings:
        if not found.warning:
            wrong.setdefault(keys.get(found.column, "volunteer"), found.says)
    return wrong
