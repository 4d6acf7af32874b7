"""`/apply/`: a resident registers herself on a phone (方案 二(2)；三(1) 网上注册), asks where it stands, corrects it.

A step is a page with a few boxes; every step works without JavaScript. Nobody signs in, nobody is listed, and no page says
whether somebody is registered: see `models.sign_ups`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)

from models import clock, failures, sign_ups, vocabulary
from models.consents import texts_for
from models.failures import TooMany
from models.refusals import Refusal
from models.registration import told_by
from models.scope import ROOT
from models.sign_ups import SignUp
from models.stations import Station
from models.volunteers import DOCUMENTS, GENDERS, Volunteer, document_kind
from rules import identity
from rules.findings import Finding, errors
from rules.service_grid import DAYS, PARTS
from rules.sign_ups import grouped, plain
from views import cells
from views.gate import right
from views.pacing import pace
from views.requests import row_key
from views.sign_up_draft import MASKED, Draft, current, drop
from views.wording import worded

pages = Blueprint("sign_ups", __name__, url_prefix="/apply")
ASKS_A_MINUTE = 40  # times that one address may have a number looked at while it is typed
EXPIRED = "填写的内容已经清除（超过一小时没有动，或者已经送出），请重新填写。"
WRONG = "申请编号或查询码不对，请对照报名时记下的再输一次。忘记的，请带证件到工作站查询。"


@dataclass(frozen=True)
class Step:
    """One page of the form: its name in the address, its heading, and the boxes that are its own."""

    name: str
    title: str
    boxes: str

    @property
    def fields(self) -> list[str]:
        return self.boxes.split()


STEPS = [
    Step("who", "您是谁", "name document_type document_number gender birth_date ethnicity politics education occupation"),
    Step("contact", "怎样联系您", "phone residence address guardian_name relation guardian_phone"),
    Step("service", "能做什么、什么时候有空", "categories skills languages speciality service_times"),
    Step("consent", "知情同意", "agreed guardian_agreed"),
    Step("check", "核对并送出", ""),
]
NAMES = [step.name for step in STEPS]
TOLD = ("gender", "birth_date")  # what an 18-digit number says of itself


def _open(view: Callable[..., Any]) -> Callable[..., Any]:
    """No page of these is anybody's to index or to keep; whoever comes too often is told when to come again."""

    @wraps(view)
    def _view(*args: Any, **kwargs: Any) -> Response:
        try:
            answer = make_response(view(*args, **kwargs))
        except TooMany as no:
            answer = make_response(render_template("public/apply/later.html", says=str(no)), 429)
            answer.headers["Retry-After"] = str(no.seconds)
        answer.headers["X-Robots-Tag"] = "noindex"
        return answer

    return _view


# --- the first step: where ---


@pages.get("/")
@right("send", "sign_ups")
@_open
def start() -> str | Response:
    """Choose a station by division; a project's own where one comes from it."""
    return _stations({})


def _stations(wrong: dict[str, str]) -> str | Response:
    posts = sign_ups.posts_of(request.values.get("project", 0, type=int))
    station = sign_ups.station_for(posts[0].station_id) if posts else None
    if not posts and (wanted := request.values.get("station", 0, type=int)):
        station = sign_ups.station_for(wanted)
    code = request.values.get("division", ROOT)[:12]
    try:
        divisions, stations = sign_ups.offered(code)
    except ValueError:
        code, (divisions, stations) = ROOT, sign_ups.offered()
    if station is not None:
        divisions, stations = [], [station]
    draft = current()
    return render_template(
        "public/apply/station.html", stations=stations, divisions=divisions, code=code, top=code == ROOT, posts=posts, errors=wrong,
        chosen=draft.station if draft and not draft.sent else len(stations) == 1 and stations[0].id,
        post=draft.post if draft else None, said=not posts and "project" in request.values, steps=STEPS,
    )  # fmt: skip


@pages.post("/")
@right("send", "sign_ups")
@_open
def choose() -> str | Response:
    """Go on with the station that was chosen; what was typed already stays."""
    station = sign_ups.station_for(row_key(request.form.get("station") or "0"))
    if station is None:
        return make_response(_stations({"station": worded("请选一个工作站。")}))
    draft = current()
    if draft is None or draft.sent or draft.of is not None:
        draft = Draft(station.id)
    draft.station, draft.project = station.id, request.form.get("project", type=int)
    draft.post = request.form.get("post", type=int)
    return draft.keep(_to("who"))


# --- the steps ---


def _to(step: str) -> Response:
    return redirect(url_for("sign_ups.step", name=step))


def _lost() -> Response:
    flash(worded(EXPIRED), "bad")
    return redirect(url_for("sign_ups.start"))


def _under_way(view: Callable[[str, Draft], str | Response]) -> Callable[[str], str | Response]:
    """A step of an application that this browser is in the middle of; else where that leads."""

    @wraps(view)
    def _view(name: str) -> str | Response:
        if name not in NAMES:
            abort(404)
        draft = current()
        if draft is None:
            return _lost()
        return redirect(url_for("sign_ups.done")) if draft.sent else view(name, draft)

    return _view


@pages.get("/<name>")
@right("send", "sign_ups")
@_open
@_under_way
def step(name: str, draft: Draft) -> str | Response:
    """One step with what was typed there before."""
    return _page(draft, name, {})


@pages.post("/<name>")
@right("send", "sign_ups")
@_open
@_under_way
def take(name: str, draft: Draft) -> str | Response:
    """Take a step's boxes: back as they are, onwards where nothing is wrong with them."""
    here = STEPS[NAMES.index(name)]
    _put(draft, here)
    at = NAMES.index(name)
    if request.form.get("go") == "back":
        return draft.keep(_to(NAMES[at - 1]) if at else redirect(_first(draft)))
    _, found, _ = _looked(draft)
    wrong = _beside(errors(found), here.fields, draft)
    if wrong:
        return make_response(_page(draft, name, wrong))
    return draft.keep(_to(NAMES[at + 1]))


def _first(draft: Draft) -> str:
    return url_for("sign_ups.start", project=draft.project, station=None if draft.project else draft.station)


def _put(draft: Draft, here: Step) -> None:
    own = [n for n in here.fields if n in sign_ups.FIELDS]
    if here.name == "consent":
        # Ticked is the release that was on the page: a newer one is read again.
        draft.agreed, draft.guardian_agreed = (request.form.get(box, "")[:60] for box in ("agreed", "guardian_agreed"))
        return
    draft.take(own)
    if "relation" in here.fields:
        draft.relation = request.form.get("relation", "").strip()[:40]
        draft.values["residence"] = draft.values.get("residence") or None
    if "birth_date" in here.fields and _tells(draft):
        draft.values |= {"gender": "", "birth_date": ""}  # the number says both; what stood there before may be another's


def _tells(draft: Draft) -> bool:
    kind = document_kind(draft.values.get("document_type"))
    return kind is not None and identity.tells_birth(kind, draft.values.get("document_number") or "")


def _looked(draft: Draft) -> tuple[Volunteer, list[Finding], Station]:
    """The registration as it would stand, what is wrong with it, and where it goes."""
    of = SignUp.get_or_none(SignUp.id == draft.of) if draft.of is not None else None
    station = of.volunteer.station if of else Station.get_by_id(draft.station)
    row, found = sign_ups.look(draft.said(), station, of)
    return row, found, station


def _beside(found: list[Finding], names: list[str], draft: Draft) -> dict[str, str]:
    """The first sentence for each of these boxes; what a number says of itself is said beside the number."""
    said: dict[str, str] = {}
    for one in found:
        where = "document_number" if one.where in TOLD and _tells(draft) else one.where
        if where in names:
            said.setdefault(where, one.says)
    return said


def _page(draft: Draft, name: str, wrong: dict[str, str]) -> str | Response:
    row, found, station = _looked(draft)
    who = _beside(errors(found), STEPS[0].fields, draft)
    if name in ("contact", "consent", "check") and who:  # an age is needed to go on
        return _to("who")
    minor = row.birth_date is not None and not who and sign_ups.is_minor(row, station)
    more: dict[str, Any] = {}
    if name == "consent":
        more = _texts(row, station)
    if name == "check":
        more = {"faults": _by_step(errors(found), draft), "warnings": [f.says for f in found if f.warning]}
    return render_template(
        f"public/apply/{name}.html", draft=draft, values=draft.values, errors=wrong, station=station, row=row, minor=minor,
        child=minor and row.age() < 14, masked=_masked(draft), here=STEPS[NAMES.index(name)], steps=STEPS, at=NAMES.index(name),
        documents=DOCUMENTS, worded_pairs=_worded_pairs, genders=GENDERS[:2], terms=vocabulary.choices, days=DAYS, parts_of_day=PARTS, show=cells.show,
        project=sign_ups.posts_of(draft.project)[:1] if draft.project else [], first=_first(draft), **more,
    )  # fmt: skip


def _worded_pairs(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(value, worded(text)) for value, text in pairs]


def _masked(draft: Draft) -> dict[str, str]:
    """In a correction: what stands there, masked. Who holds number and code may be whoever found the slip."""
    if draft.of is None:
        return {}
    hide = {name: cells.MASKS[name] for name in MASKED}
    return {name: hide[name](draft.values[name]) for name in MASKED if draft.values.get(name)}


def _texts(row: Volunteer, station: Station) -> dict[str, Any]:
    """The words that have to be read, each with the release that ticking it agrees to."""
    rule, wanted = texts_for(station).rule, sign_ups.texts_of(row, station)
    return {
        "texts": [
            ("agreed" if kind == "registration" else "guardian_agreed", kind, getattr(rule, kind).strip().splitlines(), key or sign_ups.UNDATED)
            for kind, key in wanted.items()
        ]
    }  # fmt: skip


def _by_step(found: list[Finding], draft: Draft) -> list[tuple[Step, dict[str, str]]]:
    """What is still wrong, step by step."""
    said = [(step, _beside(found, step.fields, draft)) for step in STEPS]
    return [(step, wrong) for step, wrong in said if wrong]


# --- sending, and the answer ---


@pages.post("/check")
@right("send", "sign_ups")
@_open
def send() -> str | Response:
    """Send it. Pressed twice it is sent once, and both presses lead to the same number."""
    draft = current()
    if draft is None:
        return _lost()
    if request.form.get("go") == "back":
        return _to("consent")
    if not draft.sent:
        failures.pace("sending", request.remote_addr or "")
        try:
            if draft.of is None:
                sign_ups.send(draft.said(), Station.get_by_id(draft.station), bytes.fromhex(draft.key))
            else:
                sign_ups.correct(draft.of, draft.said())
        except Refusal as no:
            page = _page(draft, "check", {"": str(no)})
            return page
        failures.did("sending", request.remote_addr or "")
    # What was typed leaves the browser now; what stays a few minutes is the secret behind number and code.
    return Draft(draft.station, draft.key, of=draft.of, sent=True).keep(redirect(url_for("sign_ups.done")))


@pages.get("/done")
@right("send", "sign_ups")
@_open
def done() -> str | Response:
    """Number and code, for a few minutes in this browser alone: nobody can show the code again."""
    draft = current()
    if draft is None or not draft.sent:
        return redirect(url_for("sign_ups.ask"))
    receipt = sign_ups.receipt_of(bytes.fromhex(draft.key)) if draft.of is None else None
    return render_template(
        "public/apply/done.html", receipt=receipt, grouped=grouped, station=Station.get_by_id(draft.station), day=clock.today()
    )


@pages.post("/done")
@right("send", "sign_ups")
@_open
def noted() -> Response:
    """She has written it down: nothing of it stays in this browser."""
    return drop(redirect(url_for("sign_ups.ask")))


# --- what a number says while it is typed ---


@pages.post("/document")
@right("send", "sign_ups")
def document() -> Response:
    """Form and check digit, birth date and gender of one number; never whether anybody is registered with it."""
    whose = f"number {request.remote_addr}"
    if pace().count(whose) >= ASKS_A_MINUTE:
        later = jsonify(says=worded("核对得太快，请过一分钟再试。"))
        later.status_code, later.headers["Retry-After"] = 429, "60"
        return later
    pace().note(whose)
    seen = told_by(request.form.get("document_type", "")[:20], request.form.get("document_number", "")[:40])
    return jsonify(
        birth_date=seen.birth_date.isoformat() if seen.birth_date else "", gender=worded(dict(GENDERS).get(seen.gender, "")),
        age=seen.age, findings=[f.says for f in seen.findings],
    )  # fmt: skip


# --- where it stands ---


@pages.get("/status")
@right("ask", "sign_ups")
@_open
def ask() -> str:
    """Two boxes: number and code."""
    return render_template("public/apply/status.html", errors={}, number="")


@pages.post("/status")
@right("ask", "sign_ups")
@_open
def status() -> Response:
    """Where an application stands, for whoever has its number and its code; nothing says which of the two was wrong."""
    row = _known()
    if row is None:
        number = request.form.get("number", "")[:20]
        return make_response(render_template("public/apply/status.html", errors={"number": worded(WRONG)}, number=number))
    return make_response(render_template(
        "public/apply/standing.html", row=row, person=row.volunteer, station=row.volunteer.station, grouped=grouped,
        standing=sign_ups.where_it_stands(row), code=request.form.get("code", "")[:20],
    ))  # fmt: skip


def _known() -> SignUp | None:
    """The application that number and code name. Wrong tries make the number wait, whether there is such a one or not,
    and in the end the address."""
    address, number = request.remote_addr or "", plain(request.form.get("number", ""))[:12]
    failures.pace("asking", address)
    failures.must_wait_for("sign up", number)
    row = sign_ups.asked(number, request.form.get("code", ""))
    if row is None:
        failures.did("asking", address)
        failures.missed("sign up", number)
    return row


@pages.post("/correct")
@right("ask", "sign_ups")
@_open
def correct() -> Response:
    """Open what was sent back, to be put right and sent again."""
    row = _known()
    if row is None or row.volunteer.state != "returned":
        return redirect(url_for("sign_ups.ask"))
    person = row.volunteer
    values = {name: person.__data__.get(name) for name in sign_ups.FIELDS}
    values["birth_date"] = person.birth_date.isoformat()
    draft = Draft(person.station_id, values=values, relation=row.relation, of=row.id)
    return draft.keep(_to("who"))
