"""招募注册 (方案 二(2)): volunteers, their review, and the claim of an earlier registration."""

from typing import Any, ClassVar

from flask import Response, flash, jsonify, redirect, request, url_for
from flask_admin import expose

from models import first_codes, sign_ups
from models.assignments import Assignment
from models.consents import Consent, grown, without_consent
from models.courses import Attendance
from models.covers import Cover
from models.honours import Honour
from models.hours import Balance
from models.people import let_in
from models.records import ServiceRecord
from models.refusals import NotFound, Refusal
from models.registration import Glance, glance
from models.scope import within
from models.stars import StarGrant
from models.training import Backbone, Qualification, studied
from models.vocabulary import all_codes
from models.volunteers import GENDERS, Claim, Ground, Volunteer, document_kind, print_cards
from rules import identity
from rules.honours import STANDING
from rules.life import Move
from views import lists, own_data
from views.asking import actor, allowed, own_path
from views.base import StageView
from views.below import Below
from views.book_paper import PrintsBooks
from views.drawn import qr
from views.gate import right
from views.named import Named
from views.people import one_time
from views.registration_paper import PrintsForms
from views.requests import row_key
from views.wording import worded

RECENT = 10  # records on a volunteer's page
CARDS = 50  # record cards printed at once


class VolunteerScreen(PrintsForms, PrintsBooks, StageView):
    model = Volunteer
    title = "志愿者"
    step = "招募注册"
    columns = "name card_no gender age phone skills station origin state registered_on"
    search = "name card_no"
    filter_by = "state origin station skills categories registered_on"
    sortable = "registered_on"
    ledger = "volunteers"
    takes_in = "volunteers"
    list_template = "desk/volunteers.html"
    create_template = edit_template = "desk/volunteer_form.html"
    details_template = "desk/volunteer.html"

    form_groups = [
        ("身份", "name document_type document_number gender birth_date ethnicity politics education occupation"),
        ("联系", "phone residence address"),
        ("服务", "categories skills languages speciality national_no introducer service_times"),
        ("监护与知情同意", "guardian_name guardian_phone consent_on"),
    ]
    detail_groups = [
        (
            "身份",
            "name card_no state document_type document_number gender birth_date age ethnicity politics education occupation",
        ),
        ("联系", "phone residence.full_name address"),
        ("服务", "categories skills languages speciality service_times national_no"),
        ("监护与知情同意", "guardian_name guardian_phone consent_on"),
        ("登记", "station origin identified_on introducer registered_on refused_for entered_at"),
    ]
    named: ClassVar[dict[str, Named]] = {
        "without_consent": Named("缺同意", without_consent, "recorder head"),
        "grown": Named("满 14 / 18 周岁待本人同意", grown, "recorder head"),
    }
    below = [
        Below("知情同意", Consent, "volunteer", "kind text given_by giver given_on way state ended_on", adds=True),
        Below("培训", Attendance, "volunteer", "training.name training.day training.organiser minutes result state"),
        Below("资质", Qualification, "volunteer", "kind number granted_on expires_on state", adds=True),
        Below("骨干", Backbone, "volunteer", "duty since until state", adds=True),
        Below(
            "排班",
            Assignment,
            "volunteer",
            "starts_at ends activity.name role signed_in signed_out state",
            order="-starts_at",
        ),
        Below("保险", Cover, "volunteer", "insurer policy_number starts_on ends_on in_force", adds=True),
    ]
    empty = "还没有志愿者。可以逐个新增，也可以从表格导入。"

    def required(self, form):
        kind = document_kind(form.document_type.data)
        told = kind is not None and identity.tells_birth(kind, form.document_number.data or "")
        return super().required(form) - ({"gender", "birth_date"} if told else set())

    @expose("/again/", methods=("POST",))
    @right("enter")
    def again_view(self) -> str:
        """The form with what was typed, nothing saved: where a claim that was refused comes back to."""
        return self._form(self.create_form(), None)

    def beside(self, form, row):
        said = form.document_number.data or ""
        return {"seen": glance(form.document_type.data or "", said, actor(), row.id if row else None)}

    @expose("/check/", methods=("POST",))
    @right("enter")
    def check_view(self) -> Response:
        """What a number says, while the form is filled in; posted, so that it stands in no address and no log."""
        own = request.form.get("own", type=int)
        said = request.form.get("document_type", ""), request.form.get("document_number", "")
        return jsonify(self._told(glance(*said, actor(), own)))

    def _told(self, seen: Glance) -> dict:
        return {
            "birth_date": seen.birth_date.isoformat() if seen.birth_date else "",
            "gender": seen.gender,
            "gender_label": worded(dict(GENDERS).get(seen.gender, "")),
            "age": seen.age,
            "here": {
                "text": f"{seen.here}（{worded(seen.here.state_label)}）",
                "url": self.get_url(".details_view", id=seen.here.id),
            } if seen.here else None,
            "elsewhere": seen.elsewhere,
            "findings": [f.says for f in seen.findings],
        }  # fmt: skip

    def _batch(self, waits: Move | None) -> list[Move]:
        """Documents are held in the hand one by one."""
        return [move for move in super()._batch(waits) if move.name != "identify"]

    def vouch(self, rows: list[Volunteer]) -> dict[Any, str]:
        """What the checks of registration say of each person now, asked for all of them together."""
        said = {}
        for station in {row.station_id for row in rows}:
            some = list(Volunteer.select().where(Volunteer.id.in_([r.id for r in rows if r.station_id == station])))
            ground = Ground.of(some, all_codes())
            unsigned = Volunteer.select(Volunteer.id).where(Volunteer.id.in_([r.id for r in some]), without_consent(actor()))
            missing = {key for (key,) in unsigned.tuples()}
            for row in some:
                row.ground = ground
                wrong = [finding.says.rstrip("。") for finding in row.check(actor())]
                wrong += [worded("证件还没有当面核对")] if row.provisional else []
                wrong = "；".join(wrong + ([worded("缺同意书")] if row.id in missing else []))
                said[row.id] = wrong or worded("姓名、证件校验、年龄、监护人、重复登记都已核对")
        return said

    def more(self, row):
        return {
            "balance": Balance.get_or_none(Balance.volunteer == row.id),
            "stars": list(StarGrant.select().where(StarGrant.volunteer == row.id).order_by(StarGrant.star)),
            "honours": self._honours(row),
            "records": self._recent(row),
            "studied": studied(row.id),
            "claims": self._claims(row),
            "sign_up": sign_ups.of(row),
            "earlier": self._earlier(row),
            "may_print": self.may("print") and row.card_no is not None,
            "may_print_form": self.may("print") and row.state != "erased",
            "may_hand_over": self.may("hand_over") and row.state != "erased",
            "may_ask_erasure": allowed("enter", "erasures") and row.state != "erased",
            "may_let_in": self.may("let_in") and row.card_no is not None and row.state == "registered",
        }

    def _honours(self, row: Volunteer) -> list[Honour]:
        """What stands to the person's honour, given at an earlier station too."""
        mine = Honour.select().where(Honour.volunteer == row.id, Honour.state.in_(STANDING))
        return list(mine.order_by(Honour.given_on.desc(), Honour.id.desc()))

    def _recent(self, row: Volunteer) -> list[ServiceRecord]:
        """The person's last records, those earned at an earlier station too: the hours came along with them."""
        mine = ServiceRecord.select(ServiceRecord.id).where(ServiceRecord.volunteer == row.id)
        keys = [key for (key,) in mine.order_by(ServiceRecord.started_at.desc()).limit(RECENT).tuples()]
        return lists.with_keys(ServiceRecord, ["activity.name", "station.name"], keys)

    def _claims(self, row: Volunteer) -> list[Claim]:
        if not allowed("see", "claims"):
            return []
        mine = Claim.select(Claim.id).where(Claim.volunteer == row.id, within(Claim, actor()))
        keys = [key for (key,) in mine.order_by(Claim.id.desc()).limit(RECENT).tuples()]
        return lists.with_keys(Claim, ["from_station", "to_station"], keys)

    def _earlier(self, row: Volunteer) -> dict[str, Any]:
        """What stands under the document of an application from the site: the own station's row, or another's name."""
        twin = row.earlier() if row.provisional and allowed("enter", "volunteers") else None
        if twin is None:
            return {}
        here = twin.station_id == actor().station_id
        return {"row": twin if here else None, "station": twin.station, "state": worded(twin.state_label)}

    @expose("/let-in/", methods=("POST",))
    @right("let_in")
    def let_in_view(self) -> str | Response:
        """Open the volunteer's own page to her: signed in with the card number and a one-time password shown once."""
        key = request.form.get("id", type=int)
        try:
            account, password = let_in(key, actor())
        except NotFound:
            raise
        except Refusal as no:
            flash(str(no), "bad")
            return redirect(self.get_url(".details_view", id=key))
        return self.render("desk/one_time.html", **one_time(account, password), back=self.get_url(".details_view", id=key))

    @expose("/first-code/", methods=("POST",))
    @right("let_in")
    def first_code_view(self) -> str | Response:
        """A slip with the code of the first sign-in, made for this print alone and shown nowhere else."""
        key = request.form.get("id", type=int)
        try:
            account, code, until = first_codes.make(key, actor())
        except NotFound:
            raise
        except Refusal as no:
            flash(str(no), "bad")
            return redirect(self.get_url(".details_view", id=key))
        person = self.get_one(key)
        return self.render(
            "desk/first_code.html", person=person, account=account, code=code, until=until, qr=qr,
            address=url_for("me_first", _external=True), back=self.get_url(".details_view", id=key),
        )  # fmt: skip

    @expose("/hand-over/", methods=("POST",))
    @right("hand_over")
    def hand_over_view(self) -> Response:
        """Everything that is held about a person who asks at the desk and cannot sign in: the head's, with a reason."""
        key = request.form.get("id", type=int)
        try:
            return own_data.handed_over(Volunteer, key, request.form.get("reason", ""), actor())
        except NotFound:
            raise
        except Refusal as no:
            flash(str(no), "bad")
            return redirect(self.get_url(".details_view", id=key))

    @expose("/card/", methods=("GET", "POST"))
    @right("print")
    def card_view(self) -> str | Response:
        """服务记录证, front and back at card size, on A4 to be cut or on card stock; each one printed leaves a trace."""
        keys = request.values.getlist("id", type=row_key)
        if not 0 < len(keys) <= CARDS:
            flash(worded("请先勾选 1 至 %(most)s 位已注册的志愿者。", most=CARDS), "bad")
            return redirect(own_path(request.form.get("back")) or self.get_url(".index_view"))
        try:
            people = print_cards(keys, actor())
        except NotFound:
            raise
        except Refusal as no:
            flash(str(no), "bad")
            return redirect(own_path(request.form.get("back")) or self.get_url(".index_view"))
        back = self.get_url(".details_view", id=people[0].id) if len(people) == 1 else self.get_url(".index_view")
        return self.render("desk/card.html", people=people, qr=qr, back=back, stock=request.values.get("stock") == "card")


class ClaimScreen(StageView):
    model = Claim
    title = "认领以前的登记"
    step = "招募注册"
    columns = "volunteer.name volunteer.card_no from_station to_station reason state entered_at"
    filter_by = "state"
    detail_groups = [("认领", "volunteer from_station to_station reason state entered_at decided_at")]
    empty = "没有认领。志愿者以前在别处登记过时，在「新增志愿者」里按提示认领。"

    @expose("/ask/", methods=("POST",))
    @right("enter")
    def ask_view(self) -> Response:
        """Ask for the earlier registration that the form ran into; refused, the form comes back as it was."""
        document = request.form.get("document_type", ""), request.form.get("document_number", "")
        try:
            claim = Claim.ask(*document, request.form.get("claim_reason", ""), actor())
        except Refusal as no:
            flash(str(no), "bad")
            return redirect(url_for("volunteers.again_view"), 307)  # posted on: what was typed comes along
        said = "已向「%(station)s」提出认领；对方站长同意后，以往的登记和工时转到本站。"
        flash(worded(said, station=claim.from_station), "good")
        return redirect(self.get_url(".details_view", id=claim.id))
