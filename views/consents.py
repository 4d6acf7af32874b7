"""知情同意 (个人信息保护法 13–17, 29–31): who agreed to which words and when, what is missing, and the paper to be signed."""

from typing import Any, ClassVar

from flask import abort, request
from flask_admin import expose

from models import sign_ups
from models.consents import Consent, texts_for
from models.households import Recipient
from models.scope import known
from models.stations import Station
from models.volunteers import Volunteer
from rules.consents import GUARDIANS, KINDS
from views.asking import actor
from views.cells import policy_words
from views.gate import right
from views.households import OwnInFull
from views.named import Named


class ConsentScreen(OwnInFull):
    model = Consent
    title = "知情同意"
    step = "招募注册"
    columns = "given_on volunteer.name recipient kind given_by giver way text station state"
    search = "volunteer.name volunteer.card_no"
    filter_by = "kind state given_on"
    sortable = "given_on"
    names = "giver witness"
    list_template = "desk/consents.html"
    details_template = "desk/consent.html"
    form_groups = [
        ("谁的", "volunteer recipient kind"),
        ("谁同意的", "given_by giver relation way given_on witness note"),
    ]
    detail_groups = [
        ("谁的", "volunteer recipient kind age state"),
        ("谁同意的", "given_by giver relation way given_on witness note"),
        ("文本", "text ended_on ended_for station"),
    ]
    named: ClassVar[dict[str, Named]] = {
        "outdated": Named("文字已更新待重新同意", Consent.outdated, "recorder head")
    }
    empty = "还没有知情同意。登记志愿者时填写的同意日期会自动记一份；其他的在这里登记，纸质同意书可以先打印出来签字。"

    def given(self) -> dict[str, Any]:
        """A minor's guardian as she was entered with the application from the site; she signs at the station."""
        person = known(Volunteer, request.args.get("volunteer"), actor()) if "volunteer" in request.args else None
        return (sign_ups.guardian_said(person) if person else {}) | super().given()

    def pickable(self, name: str) -> list[Any]:
        wanted = {"volunteer": [Volunteer.state != "erased"], "recipient": [Recipient.erased_on.is_null()]}
        return wanted.get(name, [])

    def more(self, row: Consent) -> dict[str, Any]:
        return {"words": row.words().strip().splitlines()}

    @expose("/paper/")
    @right("print")
    def paper_view(self) -> str:
        """The words in force at the person's own station, with lines to sign on; nobody's data is on it."""
        kind, by = request.args.get("kind", ""), actor()
        if not by.station_id:
            abort(403)
        if kind not in KINDS:
            abort(404)
        station = Station.get_by_id(by.station_id)
        version = texts_for(station)
        return self.render(
            "desk/consent_paper.html", station=station, title=KINDS[kind], version=policy_words(version.origins[kind].key),
            words=getattr(version.rule, kind).strip().splitlines(), guardian=kind in GUARDIANS,
        )  # fmt: skip
