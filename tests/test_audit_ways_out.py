"""Whatever leaves the house leaves a trace: every print, file, revelation and reading in the clear, and every refusal."""

import inspect
import re

import pytest

from admin_app.tracing import EVERY, Refusals
from cast import past_the_notice
from models import clock
from models.activities import Activity
from models.audit import Trail, TrailKey
from models.certificates import Certificate
from models.fields import SealedCodesField, SealedField
from models.honours import Honour
from models.households import Household, Recipient, Visit
from models.jobs import Job
from models.moves import Entered
from models.needs import Need
from models.notices import Notice
from models.photos import Photo
from models.rewards import Redemption
from models.schema import TABLES
from models.signing import InstallationKey
from models.stars import StarGrant
from models.transfer import Arrival, Departure
from models.volunteers import Volunteer
from rules.access import TABLE, Role, may
from views.base import StageView
from world import World, populate

LEAVES = re.compile(
    r"printing\.|to_print|photos\.read|send_file|as_file|\.printed\(|print_cards|\"print\"|\.reveal\(|fetched\(|jobs\.start\(|_attached\("
)
# What leaves the house and holds nothing about anybody, or leaves its trace from elsewhere.
OTHERWISE = {
    "imports.template_view": "an empty table to be filled in",
    "policy.toml_view": "a policy, which is public",
    "policy_drafts.toml_view": "a draft of a policy",
    "policy_previews.rows": "its export is traced: test_screen_previews",
    "policy_previews.start": "asks for a job that exports: test_screen_previews",
    "exports.index": "asks for a job that exports: below",
    "audit.export_view": "asks for a job that exports: test_audit",
    "consents.paper_view": "the words to be signed, with nobody's data",
    "backups.now_view": "asks for a job that backs up: test_backups",
    "peers.card_view": "our own public keys, which are for anybody",
    "upward_received.answers_view": "what went back to the sender: numbers of records and reasons",
    "departures.send_view": "asks for a job that posts the package, which leaves the trace of its file: test_transfer_wire",
    "departures.receipt_view": "asks for a job that takes a receipt of many in: test_transfer_jobs",
    "arrivals.read_view": "asks for a job that reads a package of many: test_transfer_jobs",
    "upwards.file_view": "a batch's file, traced as a download: test_screen_upwards",
    "upwards.make_view": "asks for a job that makes batches, each traced as an export: test_screen_upwards",
    "upwards.send_view": "asks for a job that sends, traced: test_upwards_between",
    "dissolutions.carry_view": "asks for a job that hands over, inside the house: test_dissolving",
    "activities.code_view": "a code to sign in by on one day, which says nothing of anybody",
    "static": "style sheets and scripts",
    "admin.static": "style sheets and scripts",
}
# endpoint -> who, the address of a row of the world, and what its one trace says
WAYS = {
    "volunteers.book_view": ("recorder", "/admin/volunteers/book/?id={0}", Volunteer, "print"),
    "sheets.photo_view": ("recorder", "/admin/sheets/photo/{0}", Photo, "read"),
    "volunteers.form_view": ("recorder", "/admin/volunteers/form/?id={0}", Volunteer, "print"),
    "needs.slip_view": ("recorder", "/admin/needs/slip/?id={0}", Need, "print"),
    "sheets.print_view": ("recorder", "/admin/sheets/print/?activity={0}", Activity, "print"),
    "volunteers.card_view": ("recorder", "/admin/volunteers/card/?id={0}", Volunteer, "print"),
    "notices.print_view": ("recorder", "/admin/notices/print/?id={0}", Notice, "print"),
    "rewards.slip_view": ("recorder", "/admin/rewards/slip/?id={0}", Redemption, "print"),
    "honours.certificate_view": ("recorder", "/admin/honours/certificate/?id={0}", Honour, "print"),
    "certificates.certificate_view": ("recorder", "/admin/certificates/certificate/?id={0}", Certificate, "print"),
    "stars.certificate_view": ("recorder", "/admin/stars/certificate/?id={0}", StarGrant, "print"),
    "assignments.print_view": ("recorder", "/admin/assignments/week/print/", None, "print"),
    "departures.file_view": ("recorder", "/admin/departures/file/{0}", Departure, "file"),
    "arrivals.answer_view": ("recorder", "/admin/arrivals/answer/{0}", Arrival, "answer"),
    "jobs.file_view": ("head", "/admin/jobs/file/{0}", Job, "download"),
    "imports.returned": ("head", "/admin/imports/returned/{0}", Job, "download"),
}
IN_CLEAR = [Household, Recipient, Visit, Need]


@pytest.fixture
def world(cast) -> World:
    return populate(cast)


def new_traces(since: int) -> list[Trail]:
    """What was left since, signing in apart."""
    return list(Trail.select().where(Trail.id > since, Trail.action != "sign_in").order_by(Trail.id))


def last() -> int:
    return Trail.select(Trail.id).order_by(Trail.id.desc()).limit(1).scalar() or 0


def test_every_address_by_which_something_leaves_is_in_the_table(desk):
    found = set()
    for endpoint, view in desk.app.view_functions.items():
        if endpoint.partition(".")[2] != "reveal_view" and LEAVES.search(inspect.getsource(inspect.unwrap(view))):
            found.add(endpoint)
    assert found - set(OTHERWISE) == set(WAYS)
    assert set(desk.app.view_functions) >= set(OTHERWISE)


@pytest.mark.parametrize("endpoint", WAYS)
def test_what_leaves_leaves_exactly_one_trace(cast, desk, world, endpoint):
    who, address, model, action = WAYS[endpoint]
    key = world.keys.get(model)
    if model is StarGrant:
        StarGrant.update(state="recognised", certificate_no="53010220260001", recognised_on=clock.today()).where(StarGrant.id == key).execute()
    elif model is Need:
        Need.update(dispatched_on=clock.today()).where(Need.id == key).execute()
    elif model is Departure:
        Departure.update(state="flying").where(Departure.id == key).execute()
    elif model is Arrival:
        Arrival.update(state="taken", answer="signed").where(Arrival.id == key).execute()
    elif model is Certificate:
        Certificate.update(state="valid").where(Certificate.id == key).execute()
        InstallationKey.now("sign")  # made at the first need, which leaves a trace of its own
    elif model is Honour:
        key = _granted(cast, world)
    elif model is Job:
        folder = desk.app.config["STATION"].instance / "jobs" / str(key)
        folder.mkdir(parents=True)
        for name in ("台账.xlsx", "有误的行.xlsx"):
            (folder / name).write_bytes(b"a workbook")
        Job.update(state="done", file_name="台账.xlsx").where(Job.id == key).execute()
    window, before = desk.signed_in_as(getattr(cast, who)), last()
    assert window.get(address.format(key)).status == 200
    (trace,) = new_traces(before)
    assert (trace.action, trace.account, trace.station) == (action, getattr(cast, who).account_id, cast.a.id)
    assert trace.row == str(key) if model else trace.table == "assignment"
    assert trace.address == "127.0.0.1" and len(trace.session) == len(trace.request) == 8
    stranger, before = desk.signed_in_as(cast.head_b), last()
    if model:
        assert stranger.get(address.format(key)).status == 404
        assert [one.action for one in new_traces(before)] == ["refused"]


def _granted(cast, world) -> int:
    said = {"volunteer": world.keys[Volunteer], "title": "季度之星", "level": "own", "deeds": "每周给老人送餐"}
    key = Honour.enter(cast.recorder, **said).id
    for name, by in (("submit", cast.recorder), ("approve", cast.head), ("notice", cast.head)):
        Honour.move(key, name, by)
    past_the_notice()
    Honour.move(key, "grant", cast.head)
    return key


def test_every_revelation_leaves_exactly_one_trace_without_the_value(cast, desk, world):
    window, looked = desk.signed_in_as(cast.head), 0
    for model in TABLES:
        if not issubclass(model, Entered) or "reveal" not in TABLE.get(model.resource, {}) or model not in world.keys:
            continue
        row = model.get_by_id(world.keys[model])
        for name, field in model._meta.fields.items():
            value = getattr(row, name) if isinstance(field, SealedField) else None
            if not value or isinstance(field, SealedCodesField):
                continue
            before, looked = last(), looked + 1
            window.post(f"/admin/{model.resource}/reveal/", id=row._pk, field=name, reason="核对保险名单")
            traces = [one for one in new_traces(before) if one.action != "read"]
            assert [(one.action, one.table, one.row, one.reason, one.after) for one in traces] == [
                ("reveal", model._meta.table_name, str(row._pk), "核对保险名单", {"field": name})
            ]
            assert str(value) not in str(traces[0].__data__)
    assert looked > 4


@pytest.mark.parametrize("model", IN_CLEAR)
@pytest.mark.parametrize("page", ["details", "edit"])
def test_reading_in_the_clear_leaves_a_trace_and_reading_masked_none(cast, desk, world, model, page):
    address, key = f"/admin/{model.resource}/{page}/", world.keys[model]
    window, before = desk.signed_in_as(cast.recorder), last()
    assert window.get(address, id=key).status == 200
    (trace,) = new_traces(before)
    assert (trace.action, trace.table, trace.row) == ("read", model._meta.table_name, str(key))
    if page == "details":
        above, before = desk.signed_in_as(cast.county), last()
        assert above.get(address, id=key).status == 200
        assert new_traces(before) == []


def test_a_ledger_says_with_what_filter_and_how_many_rows(cast, desk, world):
    Job.delete().execute()
    window, before = desk.signed_in_as(cast.head), last()
    window.post("/admin/exports/", {"from": "2020-01-01", "until": "2099-12-31"}, ledger="volunteers")
    desk.work()
    (trace,) = new_traces(before)
    assert (trace.action, trace.account) == ("export", cast.head.account_id)
    assert trace.request == f"job {Job.get().id}"
    assert trace.after["period"] == ["2020-01-01", "2099-12-31"] and trace.after["rows"] == Volunteer.select().count()


# --- refusals ---


def test_every_strangers_row_leaves_one_refusal(cast, desk, world):
    stranger, looked = desk.signed_in_as(cast.head_b), 0
    for view in desk.app.extensions["admin"][0]._views:
        if not isinstance(view, StageView) or view.model not in world.keys or not may(Role.HEAD, "see", view.resource):
            continue
        before = last()
        if stranger.get(f"/admin/{view.endpoint}/details/", id=world.keys[view.model]).status != 404:
            continue  # both see it: a division, a claim between the two
        (trace,) = new_traces(before)
        looked += 1
        assert (trace.action, trace.account, trace.station) == ("refused", cast.head_b.account_id, cast.b.id)
        assert (trace.table, trace.row) == (view.model._meta.table_name, str(world.keys[view.model]))
        assert (trace.after["page"], trace.after["code"]) == (f"{view.endpoint}.details_view", 404)
    assert looked > 20


def test_a_page_and_a_move_that_are_not_hers_leave_a_refusal(cast, desk):
    person = cast.registered("李明")
    recorder, before = desk.signed_in_as(cast.recorder), last()
    assert recorder.get("/admin/audit/").status == 403
    recorder.get("/admin/volunteers/")
    recorder.post("/admin/volunteers/move/", id=person.id, move="suspend", reason="搬走")
    page, move = new_traces(before)
    assert (page.action, page.table, page.after["code"], page.after["tried"]) == ("refused", "trail", 403, "")
    assert (move.action, move.table, move.row, move.after["tried"]) == ("refused", "volunteer", str(person.id), "suspend")


def test_what_is_only_typed_wrong_is_no_refusal(cast, desk):
    window, before = desk.signed_in_as(cast.recorder), last()
    window.get("/admin/projects/new/")
    window.post("/admin/projects/new/", name="")
    assert new_traces(before) == []


def test_whoever_tries_every_number_does_not_fill_the_disk(cast, desk):
    now = [0.0]
    desk.app.extensions["refusals"].__init__(lambda: now[0])
    window, before = desk.signed_in_as(cast.head_b), last()
    for number in range(1, 40):
        assert window.get("/admin/volunteers/details/", id=9000 + number).status == 404
    (first,) = new_traces(before)
    assert (first.row, first.after["times"]) == ("9001", 1)
    refusals = desk.app.extensions["refusals"]
    assert refusals.flush() == 0
    now[0] += EVERY
    assert refusals.flush() == 1
    _, rest = new_traces(before)
    assert (rest.row, rest.after["times"]) == ("9039", 38)
    assert refusals.flush() == 0
    window.get("/admin/volunteers/details/", id=9500)
    window.get("/admin/volunteers/details/", id=9501)
    now[0] += EVERY
    window.get("/admin/volunteers/details/", id=9502)
    assert [one.after["times"] for one in new_traces(before)] == [1, 38, 1, 2]


def test_what_was_typed_is_not_in_a_refusal(cast, desk, world):
    window, before = desk.signed_in_as(cast.head_b), last()
    window.get("/admin/volunteers/details/", id="530102198005060011", q="13800001111")
    window.get("/admin/jobs/file/13900001111")
    window.get("/admin/13900001111/")  # no page of ours at all
    assert len(new_traces(before)) == 2
    assert not re.search(r"\d{11}", str([one.__data__ | {"at": "", "hash": ""} for one in new_traces(before)]))


def test_refusals_are_counted_by_account_and_page(cast):
    refusals, before = Refusals(lambda: 0.0), last()
    for by in (cast.head, cast.head_b, cast.head):
        for page in ("a", "b"):
            about = {"page": page, "method": "GET", "code": 404, "tried": ""}
            refusals.note(by, {"table": "page", "row": "-", "after": about})
    said = [(one.who, one.after["page"]) for one in new_traces(before)]
    assert said == [("张站长", "a"), ("张站长", "b"), ("王站长", "a"), ("王站长", "b")]


# --- nothing sensitive ---


def test_no_trace_of_the_world_holds_a_number_a_telephone_or_an_address(cast, desk, world):
    someone = Volunteer.get_by_id(world.keys[Volunteer])
    Volunteer.amend(someone.id, cast.head, phone="13900009999", address="五华区文林街 77 号 3 单元 501")
    home = Household.get_by_id(world.keys[Household])
    Household.amend(home.id, cast.head, phone="13700008888", address="文林街 12 号 2 单元 301", note="儿子在外地")
    secret = {"13900009999", "五华区文林街 77 号 3 单元 501", "13700008888", "文林街 12 号 2 单元 301", "儿子在外地"}
    for model in TABLES:
        for field in model._meta.sorted_fields:
            if isinstance(field, SealedField) and not isinstance(field, SealedCodesField) and model is not TrailKey:
                secret |= {str(value) for (value,) in model.select(field).tuples() if value}
    assert len(secret) > 8
    for trace in Trail.select():
        said = f"{trace.reason} {trace.before} {trace.after} {trace.row}"
        assert not [value for value in secret if value in said], (trace.action, trace.table)
