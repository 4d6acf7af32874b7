"""How each address of the program is called in a test: what is sent, which row of the world it is about, which right it
takes. `of_all` enumerates the URL map; an address that it does not know how to call fails `test_routes`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from ground import Ground, Model
from peewee import ForeignKeyField
from werkzeug.routing import Rule

from models.activities import Activity, SignInSheet
from models.applications import Application
from models.assignments import Assignment
from models.certificates import Certificate
from models.consents import Consent
from models.corrections import Correction
from models.courses import Training
from models.dissolving import Dissolution
from models.erasures import Erasure
from models.header_mappings import HeaderMapping
from models.honours import Honour
from models.households import Recipient, Visit
from models.jobs import Job
from models.kiosks import Kiosk
from models.measures import Measure
from models.messages import Message
from models.needs import Need
from models.notices import Notice
from models.pairing import Pairing
from models.people import Account
from models.photos import Photo
from models.policy_drafts import PolicyDraft
from models.projects import Project
from models.records import ServiceRecord
from models.rewards import Redemption, RewardItem
from models.scope import Actor
from models.spot_checks import SpotCheck
from models.stars import StarGrant
from models.stations import Division, Station
from models.teams import Team, TeamMember
from models.training_plans import PlanLine
from models.transfer import Arrival, Departure
from models.upwards import UpwardBatch, UpwardRecord
from models.upwards_in import ReceivedBatch, UpwardSender
from models.volunteers import Volunteer
from models.webhooks import Webhook
from rules.access import TABLE
from views.base import StageView
from views.gate import right_of
from views.ledgers.catalogue import LEDGERS
from views.ledgers.take_in import KINDS

KEY = "{key}"  # stands in an address or a form for the row that it is about
REASON = "核对情况"


@dataclass(frozen=True)
class Call:
    """One request. ``rights`` are all that it takes; ``model`` is the table of the row that it is about, if any."""

    endpoint: str
    method: str
    path: str
    rights: tuple[tuple[str, str], ...]
    form: dict[str, str] = field(default_factory=dict)
    model: Model | None = None
    key: Any = None
    picks: Model | None = None  # the table whose rows a picker's answer may name

    def about(self, key: Any) -> tuple[str, dict[str, str]]:
        """Address and form when the row is this one."""
        said = {name: value.replace(KEY, str(key)) for name, value in self.form.items()}
        return self.path.replace(KEY, str(key)), said

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.form or ''}".strip()


@dataclass(frozen=True)
class On:
    """What an address is sent: the row (its table and under which name), and whatever else, by name."""

    model: Model | None = None
    name: str = ""
    more: dict[str, Any] = field(default_factory=dict)
    rights: tuple[tuple[str, str], ...] = ()  # beyond what the address declares
    job: str = ""  # which kind of job, where the row is one


def on(model: Model | None = None, name: str = "", /, *rights: tuple[str, str], job: str = "", **more: Any) -> On:
    return On(model, name, more, rights, job)


# What nobody signs in to: it asks for a token of its own, or for a signature, and takes no session for one
# (test_upwards_between, test_transfer_wire).
BY_TOKEN = {
    "here.scan", "kiosk.now", "kiosk.open_view", "kiosk.presses", "upward_api.answers", "upward_api.take", "wire.packages", "wire.receipts",
}

# Every address that is not one of a screen's standard pages.
CALLS: dict[str, list[On]] = {
    "account": [on()],
    "account_code": [on(password="x", code="000000")],
    "account_code_new": [on(password="x")],
    "account_code_off": [on(password="x")],
    "account_sessions": [on(others="1")],
    "activities.assign_view": [on(Activity, "id", start="09:00", end="10:00")],
    "activities.close_view": [on(Kiosk, "id")],
    "activities.code_view": [on(Activity, "id")],
    "activities.kiosk_view": [on(Activity, "id")],
    "activities.match_view": [on(Activity, "id")],
    "activities.presence_view": [on(Activity, "id")],
    "activities.record_view": [on(Activity, "id")],
    "activities.sign_view": [on(Assignment, "turn", into="1", reason=REASON)],
    "activities.people_view": [on(q="李")],
    "admin.index": [on()],
    "admin.clock_is_right": [on()],
    "admin.move_clock": [on(days="1")],
    "admin.static": [on(filename="admin/js/helpers.js")],
    "arrivals.answer_view": [on(Arrival, "key")],
    "arrivals.give_back_view": [on(Arrival, "key")],
    "arrivals.disclaim_view": [on(package_no="x", sender="x", reason=REASON)],
    "arrivals.read_view": [on()],
    "assessments.activity_view": [on(Activity, "activity")],
    "assignments.print_view": [on(), on(Station, "station")],
    "assignments.week_view": [on(), on(Station, "station")],
    "audit.export_view": [on()],
    "backups.now_view": [on()],
    "certificates.certificate_view": [on(Certificate, "id"), on(Certificate, "id", reason="学校要求核对身份")],
    "certificates.check_view": [on(said="a.b.c")],
    "claims.ask_view": [on(document_type="resident_id", document_number="", claim_reason=REASON)],
    "closes.close_view": [on(month="2020-01")],
    "consents.paper_view": [on(kind="registration")],
    "departures.file_view": [on(Departure, "key")],
    "departures.send_view": [on(Departure, "id")],
    "departures.receipt_view": [on()],
    "dissolutions.carry_view": [on(Dissolution, "id")],
    "divisions.import_view": [on()],
    "exports.index": [
        *(on(None, "", ("export", one.resource), ledger=name) for name, one in LEDGERS.items()),
        on(Station, "station", ("export", "records"), ledger="records"),
    ],
    "exports.divisions": [on(q="")],
    "exports.stations": [on(q="")],
    "gifts.give_view": [on(Volunteer, "volunteer", what="donation", hours="1", minutes="", key="k8")],
    "grants.give_view": [on(Recipient, "recipient", item="{item}", quantity="1", key="k9")],
    "here.lead": [on(Activity, "key")],
    "here.leads": [on()],
    "here.page": [on(key="0123456789abcdef", into="1")],
    "here.scan": [on(code="x")],
    "here.sign": [on(Activity, "key", turn="1", into="1", reason=REASON)],
    "honours.certificate_view": [on(Honour, "id")],
    "imports.forget": [on(HeaderMapping, "mapping_id")],
    "imports.index": [on(None, "", ("import", one.resource), kind=name) for name, one in KINDS.items()],
    "imports.map": [on(Job, "job_id", job="import_preview")],
    "imports.returned": [on(Job, "job_id", job="import_preview")],
    "imports.seen": [on(Job, "job_id", job="import_preview")],
    "imports.take": [on(Job, "job_id", job="import_preview")],
    "imports.template_view": [on(None, "", ("import", one.resource), table=name) for name, one in KINDS.items()],
    "jobs.cancel_view": [on(Job, "job_id", job="export")],
    "jobs.details_view": [on(Job, "id", job="export"), on(Job, "id", job="import_preview")],
    "jobs.file_view": [on(Job, "job_id", job="export")],
    "kiosk.now": [on()],
    "kiosk.open_view": [on(code="0")],
    "kiosk.page": [on()],
    "kiosk.presses": [on()],
    "kiosk.screen": [on()],
    "kiosk.worker": [on()],
    "language": [on(name="en")],
    "login": [on(username="nobody", password="x")],
    "login_step": [on(code="000000")],
    "logout": [on()],
    "me.agree": [on(kind="registration")],
    "me.appeal": [on(Correction, "id", reason=REASON)],
    "me.applications": [on()],
    "me.apply": [on(Project, "key", post="1")],
    "me.ask_exchange": [on(RewardItem, "item", quantity="1", key="k-call")],
    "me.asked": [on()],
    "me.cancel_exchange": [on(Redemption, "id")],
    "me.certificates": [on()],
    "me.certify": [on(purpose="study")],
    "me.confirm_place": [on(Application, "id")],
    "me.confirm_turn": [on(Assignment, "id")],
    "me.correct": [on(ServiceRecord, "key", reason=REASON)],
    "me.data": [on()],
    "me.decline": [on(Assignment, "id", reason=REASON)],
    "me.disagree": [on(Application, "key", kind="application")],
    "me.erase": [on(reason=REASON)],
    "me.exchange": [on()],
    "me.hours_page": [on()],
    "me.index": [on()],
    "me.keep": [on(Erasure, "id")],
    "me.lots": [on()],
    "me.notices": [on()],
    "me.object_to_mine": [on(ServiceRecord, "key", kind="records", reason=REASON)],
    "me.offer": [on(RewardItem, "item", quantity="1")],
    "me.on_notice": [on(ServiceRecord, "key", kind="records")],
    "me.own": [on()],
    "me.project": [on(Project, "key")],
    "me.projects": [on()],
    "me.record": [on(ServiceRecord, "key")],
    "me.records": [on()],
    "me.roster": [on()],
    "me.say_so": [on(Application, "key", kind="application", reason=REASON)],
    "me.stars": [on()],
    "me.training": [on()],
    "me.visit_again": [on(Assignment, "key")],
    "me.visit": [on(Assignment, "key")],
    "me.withdraw": [on(Consent, "id", reason=REASON)],
    "me.withdraw_application": [on(Application, "id", reason=REASON)],
    "me_account": [on()],
    "me_first": [on(card="nobody", code="x", new="x", again="x")],
    "me_out": [on()],
    "me_password": [on(old="x", new="y", again="y")],
    "measures.who_view": [on(Measure, "id")],
    "needs.design_view": [on(Need, "id")],
    "messages.details_view": [on(Message, "id")],
    "messages.seen_view": [on()],
    "needs.slip_view": [on(Need, "id", reason="志愿者首次上门")],
    "notices.print_view": [on(Notice, "id")],
    "objections.create_view": [on(), on(Notice, "notice")],
    "peers.card_view": [on()],
    "peers.file_view": [on()],
    "peers.own_view": [on(), on(name="翠竹社区志愿服务工作站", url="")],
    "pairings.hours_view": [on(Pairing, "id")],
    "pairings.renew_view": [on(Pairing, "id")],
    "password": [on(old="x", new="y", again="y")],
    "people.code_off_view": [on(Account, "id", reason=REASON)],
    "people.end_sessions_view": [on(Account, "id")],
    "people.reset_view": [on(Account, "id")],
    "policy.compare_view": [on(a="{version}", b="{version}")],
    "policy.history_view": [on(topic="exchange")],
    "policy.index": [on()],
    "policy.toml_view": [on(topic="exchange"), on(key="{version}")],
    "policy.version_view": [on(key="{version}"), on(ServiceRecord, "of", key="{version}")],
    "policy_drafts.create_view": [on(), on(topic="exchange")],
    "policy_drafts.import_view": [on()],
    "policy_drafts.toml_view": [on(PolicyDraft, "id")],
    "policy_previews.index": [on(PolicyDraft, "draft")],
    "policy_previews.made": [on(Job, "job_id", job="policy_preview")],
    "policy_previews.rows": [on(PolicyDraft, "draft")],
    "policy_previews.start": [on(PolicyDraft, "draft")],
    "policy_previews.stations": [on(PolicyDraft, "draft")],
    "reading": [on(size="large")],
    "public.figures": [on(), on(division="5301")],
    "public.front": [on()],
    "public.healthz": [on()],
    "public.notice": [on(key="{notice}")],
    "public.notices": [on()],
    "public.object_form": [on(key="{notice}")],
    "public.object_to": [on(key="{notice}", record="1", reason=REASON)],
    "public.policy": [on(), on(county="530102")],
    "public.project": [on(key="{project}")],
    "public.projects": [on(), on(q="助餐", weekday="5")],
    "public.robots": [on()],
    "public.spot_check": [on(key="{spot_check}")],
    "public.station": [on(key="{station}")],
    "public.stations": [on(), on(county="530102")],
    "public.stories": [on()],
    "public.story": [on(key="{story}")],
    "recipients.hand_over_view": [on(Recipient, "id", reason=REASON)],
    "records.all_view": [on(move="approve"), on(move="notice")],
    "records.correct_view": [on(ServiceRecord, "id", reason=REASON)],
    "rewards.exchange_view": [on(Volunteer, "volunteer", item="{item}", quantity="1", key="k7")],
    "rewards.slip_view": [on(Redemption, "id")],
    "set_up_items.fill_view": [on()],
    "sheets.attach_view": [on(Activity, "activity"), on(SignInSheet, "sheet")],
    "sheets.photo_view": [on(Photo, "key")],
    "sheets.strike_view": [on(Photo, "id", reason="拍的是另一张表")],
    "sheets.check": [on(Activity, "activity"), on(SignInSheet, "sheet")],
    "sheets.key": [on(Activity, "activity"), on(SignInSheet, "sheet")],
    "sheets.people": [on(q="李")],
    "sheets.print_view": [on(Activity, "activity"), on(Activity, "activity", blank="1")],
    "sheets.row_view": [on()],
    "sign_ups.ask": [on()],
    "sign_ups.choose": [on()],
    "sign_ups.correct": [on(number="1", code="A")],
    "sign_ups.document": [on(document_type="resident_id", document_number="53")],
    "sign_ups.done": [on()],
    "sign_ups.noted": [on()],
    "sign_ups.send": [on()],
    "sign_ups.start": [on(), on(division="5301")],
    "sign_ups.status": [on(number="1", code="A")],
    "sign_ups.step": [on(name="who")],
    "sign_ups.take": [on(name="who")],
    "spot_checks.results_view": [on(SpotCheck, "id")],
    "stars.claim_view": [on(Volunteer, "volunteer", ("import", "stars"))],
    "stars.certificate_view": [on(StarGrant, "id")],
    "static": [on(filename="desk.css")],
    "statistics.chart": [on(kind="lines", measure="hours"), on(kind="months", measure="records")],
    "statistics.index": [on(sheet=sheet) for sheet in ("overview", "months", "supply", "hardship", "skills")],
    "teams.admit_view": [on(Team, "id", members="", joined_on="")],
    "teams.hours_view": [on(Team, "id")],
    "training_plans.strike_view": [on(PlanLine, "id")],
    "trainings.enrol_view": [on(Training, "id")],
    "trainings.results_view": [on(Training, "id")],
    "units.near_view": [on(), on(Station, "station")],
    "verify.ask": [on()],
    "verify.page": [on(code="{verify}")],
    "upward_api.answers": [on(number="x")],
    "upward_api.openapi": [on()],
    "upward_api.take": [on()],
    "upward_received.answers_view": [on(ReceivedBatch, "id")],
    "upward_received.take_view": [on(UpwardSender, "sender")],
    "upward_senders.revoke_view": [on(UpwardSender, "id")],
    "upward_senders.token_view": [on(UpwardSender, "id")],
    "upward_records.again_view": [on(UpwardRecord, "id")],
    "upwards.answers_view": [on(UpwardBatch, "id")],
    "upwards.file_view": [on(UpwardBatch, "id", form="xlsx")],
    "upwards.make_view": [on(target="provincial")],
    "upwards.send_view": [on(UpwardBatch, "id")],
    "upwards.sent_view": [on(UpwardBatch, "id")],
    "upwards.void_view": [on(UpwardBatch, "id", reason=REASON)],
    "volunteers.again_view": [on(name="某人")],
    "volunteers.book_printed_view": [on(Volunteer, "id", service="1")],
    "volunteers.book_view": [on(Volunteer, "id")],
    "volunteers.card_view": [on(Volunteer, "id")],
    "volunteers.check_view": [on(document_type="resident_id", document_number="53")],
    "volunteers.form_view": [on(), on(Volunteer, "id", reason="归入纸质档案")],
    "volunteers.hand_over_view": [on(Volunteer, "id", reason=REASON)],
    "volunteers.first_code_view": [on(Volunteer, "id")],
    "volunteers.let_in_view": [on(Volunteer, "id")],
    "wire.packages": [on()],
    "wire.receipts": [on()],
    "webhooks.try_view": [on(Webhook, "id")],
}

# Rows that an address is told of beside its own: the own row (a table of which B has one), then the other's.
BESIDE: dict[str, list[tuple[tuple[Model, str] | None, Model, str, dict[str, str]]]] = {
    "activities.match_view": [((Activity, "id"), Need, "need", {}), ((Activity, "id"), Volunteer, "who", {"start": "09:00", "end": "10:00"})],
    "activities.assign_view": [
        ((Activity, "id"), Volunteer, "volunteer", {"start": "09:00", "end": "10:00"}),
        ((Activity, "id"), Need, "need", {"start": "09:00", "end": "10:00"}),
    ],
    "rewards.exchange_view": [((Volunteer, "volunteer"), RewardItem, "item", {"quantity": "1", "key": "k5"})],
    "grants.give_view": [((Recipient, "recipient"), RewardItem, "item", {"quantity": "1", "key": "k6"})],
    "trainings.enrol_view": [((Training, "id"), Team, "team", {}), ((Training, "id"), Project, "project", {}), ((Training, "id"), Volunteer, "volunteer", {})],
    "teams.hours_view": [((Team, "id"), TeamMember, "member", {})],
    "projects.create_view": [(None, Need, "needs", {})],
    "needs.create_view": [(None, Visit, "visit", {})],
    "objections.create_view": [((Notice, "notice"), ServiceRecord, "record", {})],
}  # fmt: skip


def of_all(app: Flask, ground: Ground, who: Actor | None) -> Iterator[Call]:
    """Every call of every address, method by method."""
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods & {"GET", "POST"}):
            yield from of_rule(app, rule, method, ground, who)


def of_rule(app: Flask, rule: Rule, method: str, ground: Ground, who: Actor | None) -> Iterator[Call]:
    """The calls of one address. Raises ``KeyError`` for one that nobody said how to call."""
    screen = getattr(app.view_functions[rule.endpoint], "__self__", None)
    view = rule.endpoint.rpartition(".")[2]
    if rule.endpoint in CALLS:
        sent = CALLS[rule.endpoint]
    elif isinstance(screen, StageView) and view in STANDARD:
        sent = STANDARD[view](screen)
    else:
        raise KeyError(f"{rule.endpoint}: say in tests/calls.py how it is called")
    for one in sent:
        keys = [None] if one.model is None else ground.keys(one.model, one.job, who)
        for key in keys:
            yield _call(app, rule, method, one, key, ground)


def _call(app: Flask, rule: Rule, method: str, one: On, key: Any, ground: Ground) -> Call:
    said = {n: str(v).format(**ground.shown, key=KEY) if str(v)[:1] == "{" else str(v) for n, v in one.more.items()}
    if one.model is not None:
        said[one.name] = f"{one.model.resource}:{KEY}" if one.name == "of" else KEY
    inside = {name: said.pop(name) for name in list(said) if name in rule.arguments}
    path = rule.rule
    for name, value in inside.items():
        path = path.replace(next(part for part in (f"<int:{name}>", f"<path:{name}>", f"<{name}>") if part in path), value)
    # What is posted says its row in the address too: some pages read it there.
    picker = rule.endpoint.endswith(".ajax_lookup")
    told = {one.name} | ({"name"} if picker else set())
    query = said if method == "GET" else {name: value for name, value in said.items() if name in told}
    declared = right_of(app, rule.endpoint)
    action = declared.action if isinstance(declared.action, str) else said.get("move", "")
    screen = getattr(app.view_functions[rule.endpoint], "__self__", None)
    rights = [(action, declared.resource)]
    if getattr(screen, "resource", "") in TABLE:
        rights.append(("see", screen.resource))  # Flask-Admin asks for the sight of a screen before any of its pages
    if method == "POST" or picker or rule.endpoint.startswith("imports."):
        rights += one.rights
    return Call(
        rule.endpoint, method, path + (f"?{urlencode(query, safe='{}:')}" if query else ""), tuple(rights),
        said if method == "POST" else {}, one.model, key, screen.model._meta.fields[said["name"]].rel_model if picker else None,
    )  # fmt: skip


def _moves(screen: StageView) -> list[On]:
    return [on(screen.model, "id", move=name, reason=REASON) for name in screen.moves_by_name]


def _reveals(screen: StageView) -> list[On]:
    return [on(screen.model, "id", field=name, reason=REASON) for name in screen.sealed()]


def _pickers(screen: StageView) -> list[On]:
    """Each foreign key that leads to rows which can be picked."""
    return [
        on(None, "", _picking(screen.model._meta.fields[name].rel_model), name=name, q="")
        for name in screen.picked()
    ]


def _picking(model: Model) -> tuple[str, str]:
    return "pick" if "pick" in TABLE[model.resource] else "see", model.resource


STANDARD = {
    "index_view": lambda screen: [on(), on(q="李明"), *(on(list=name) for name in screen.named)],
    "details_view": lambda screen: [on(screen.model, "id")],
    "create_view": lambda screen: [on()],
    "edit_view": lambda screen: [on(screen.model, "id")],
    "move_view": _moves,
    "reveal_view": _reveals,
    "ajax_lookup": _pickers,
    "search_view": lambda screen: [on(q="李明")],
}


def of_strangers(app: Flask, ground: Ground) -> Iterator[Call]:
    """Ways to name a row beside one's own: a filter, a form's key in the address or posted, and what `BESIDE` says."""
    for rule in app.url_map.iter_rules():
        screen = getattr(app.view_functions[rule.endpoint], "__self__", None)
        view = rule.endpoint.rpartition(".")[2]
        for method in sorted(rule.methods & {"GET", "POST"}):
            if isinstance(screen, StageView) and view in ("index_view", "create_view"):
                names = screen.filter_by.split() if view == "index_view" else screen._form_names()
                for name in names:
                    column = screen.model._meta.fields.get(name)
                    if isinstance(column, ForeignKeyField) and column.rel_model in ground.world.keys and column.rel_model is not Division:
                        yield _call(app, rule, method, on(column.rel_model, name), ground.world.keys[column.rel_model], ground)
            for own, model, name, more in BESIDE.get(rule.endpoint, []):
                mine = {own[1]: ground.own_of_b[own[0]]} if own else {}
                yield _call(app, rule, method, on(model, name, **mine, **more), ground.world.keys[model], ground)
