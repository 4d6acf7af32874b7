"""The seed that every installation needs, and the demo station: full, true to the rules, and nobody's known password."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest

from fixtures import demo
from fixtures.seed import seed
from models import clock, decisions, hours
from models.activities import Activity
from models.anomalies import Anomaly
from models.applications import Application, places
from models.assessments import Assessment, unassessed
from models.audit import Trail, TrailHead, TrailKey
from models.backups import Backup
from models.base import connect, database
from models.certificates import Certificate
from models.clock import Setting
from models.closes import MonthClose
from models.complaints import Complaint
from models.corrections import Correction
from models.courses import Training
from models.dissolving import Dissolution
from models.failures import Failure
from models.fields import keyring
from models.first_codes import FirstCode
from models.gifts import Gift
from models.handling import unkeyed
from models.header_mappings import HeaderMapping
from models.her_account import runs_out
from models.honours import Honour
from models.hours import Balance
from models.jobs import Job
from models.measures import Measure, TakeUp
from models.meetings import FollowUp, Meeting
from models.messages import Message
from models.notices import Notice, Objection
from models.once import SentForm
from models.peers import Peer
from models.people import Account, check_password, sign_in
from models.photos import Photo
from models.policy import Holiday, PolicyVersion, in_force
from models.policy_drafts import PolicyDraft
from models.pool import Grant, balance
from models.previews.kept import PolicyPreview
from models.projects import Post, Project
from models.record_book import BookLine
from models.records import ServiceRecord
from models.refusals import Refusal
from models.rewards import Redemption
from models.schema import TABLES, upgrade
from models.scope import Actor, within
from models.second_factor import SecondFactor
from models.sessions import Session
from models.signing import InstallationKey
from models.stars import StarGrant
from models.stations import Division, Station
from models.training_plans import PlanLine, TrainingPlan
from models.transfer import Arrival, Departure
from models.transfer_wire import AnswerSent
from models.upwards import UpwardBatch, UpwardLink, UpwardRecord
from models.upwards_in import ReceivedBatch, ReceivedRecord, UpwardSender
from models.verifying import verify
from models.vocabulary import Term
from models.volunteers import Claim, Volunteer
from models.webhooks import Delivery
from rules.access import Role
from rules.honours import HONOUR
from rules.identity import DocumentType, check_document

KEY = b"a data key for tests, 32 bytes.."
GIVEN = "one for every demo account"
# no station's rows, or nobody has asked for any yet
EMPTY_IN_A_DEMO = {
    TrailHead, TrailKey, Setting, PolicyDraft, Holiday, Job, PolicyPreview, Session, SecondFactor, Failure, SentForm, Backup,
    Delivery, Message, HeaderMapping, BookLine, Photo, InstallationKey, AnswerSent, Dissolution, FirstCode,
    UpwardSender, ReceivedBatch, ReceivedRecord,  # of the county's: test_a_batch_was_answered_in_part_and_the_county_received_one
}  # fmt: skip
SHARED = {Term, Division, PolicyVersion, Measure, Training, TrainingPlan, PlanLine, Meeting, FollowUp, Peer}  # everybody's below


@dataclass
class Loaded:
    url: str
    accounts: list[tuple[str, str, str, str]]
    password: str


@pytest.fixture(scope="module")
def loaded(tmp_path_factory) -> Loaded:
    """The demo, loaded once for all tests here."""
    url = f"sqlite:///{tmp_path_factory.mktemp('demo') / 'station.db'}"
    keyring.open(KEY)
    connect(url)
    with database.connection_context():
        upgrade()
        began = time.perf_counter()
        accounts, password = demo.load(None)
        print(f"demo loaded in {time.perf_counter() - began:.1f} s")  # noqa: T201
    return Loaded(url, accounts, password)


@pytest.fixture
def station(loaded) -> Iterator[Station]:
    """Station A of the demo."""
    keyring.open(KEY)
    connect(loaded.url)
    with database.connection_context():
        yield Station.get(Station.division == "530102001001")


@pytest.fixture
def only_accounts(monkeypatch) -> None:
    """A demo without its year, for what concerns the accounts alone."""
    monkeypatch.setattr(demo, "_live", lambda places: None)
    monkeypatch.setattr(demo, "_volunteers", lambda *what: [])


def actor(username: str) -> Actor:
    return Account.get(Account.username == username).actor()


def states(model) -> set[str]:
    return {row.state for row in model.select(model.state).where(within(model, actor("head")))}


def test_every_screen_of_the_demo_station_has_rows(station):
    looked_at = [table for table in TABLES if table not in EMPTY_IN_A_DEMO]
    assert len(looked_at) > 15
    empty = [t.__name__ for t in looked_at if not t.select().where(within(t, actor("head"))).exists()]
    assert empty == []


def test_the_county_laid_down_its_own_by_two_persons_and_a_draft_waits(station):
    assert in_force("exchange", station, clock.today()).origins["yearly_cap_points"].division == "530102"
    released = PolicyDraft.select().where(PolicyDraft.state == "released")
    assert {d.topic for d in released} == {"exchange", "anomalies"}
    assert all(str(d.released.released_by) not in d.authors for d in released)
    waits = PolicyDraft.get(PolicyDraft.state == "submitted")
    release = PolicyDraft.life.move("release")
    assert release in waits.legal_moves(actor("county")) and release not in waits.legal_moves(actor("county_2"))


def test_a_batch_was_answered_in_part_and_the_county_received_one(station):
    batch = UpwardBatch.get(UpwardBatch.station == station.id)
    assert batch.state == "sent" and batch.accepted > 100 and batch.refused == 3
    states = {state for (state,) in UpwardRecord.select(UpwardRecord.state).where(within(UpwardRecord, actor("head"))).tuples()}
    assert states == {"waiting", "sent", "accepted", "refused"}
    assert all(row.reason for row in UpwardRecord.select().where(UpwardRecord.state == "refused"))
    assert UpwardLink.get().every == "never"
    took = ReceivedBatch.get(within(ReceivedBatch, actor("county")))
    assert took.accepted > took.refused > 0 and {one.get("code") for one in took.answers} == {None, "gender", "reference"}
    assert UpwardSender.select().where(within(UpwardSender, actor("county"))).count() == 2
    assert not ReceivedRecord.select().where(within(ReceivedRecord, actor("head"))).exists()


def test_the_head_of_b_sees_nothing_of_a(station):
    looked_at = [t for t in TABLES if t not in EMPTY_IN_A_DEMO | SHARED | {Claim}]
    assert len(looked_at) > 12
    for table in looked_at:
        assert not table.select().where(within(table, actor("head")), within(table, actor("head_b"))).exists(), table
    assert Volunteer.select().where(within(Volunteer, actor("head_b"))).count() == 8


def test_both_heads_see_the_trainings_plans_and_meetings_above_them_and_no_others(station):
    for table in (Training, TrainingPlan):
        both = table.select().where(within(table, actor("head")), within(table, actor("head_b")))
        assert both.exists() and not both.where(table.station.is_null(False)).exists(), table
    assert Meeting.select().where(within(Meeting, actor("head")), within(Meeting, actor("head_b"))).exists()


def test_the_claim_is_seen_from_both_ends(station):
    claim = Claim.get()
    assert (claim.state, claim.from_station_id) == ("asked", station.id)
    for head in ("head", "head_b"):
        assert Claim.select().where(within(Claim, actor(head))).count() == 1


def test_the_hours_account_is_sound(station):
    assert hours.Entry.select().count() > 500
    assert list(verify()) == []


def test_every_document_passes_its_check(station):
    people = list(Volunteer.select())
    assert len(people) > 70
    for person in people:
        kind = DocumentType(person.document_type)
        assert check_document(kind, person.document_number, clock.today()) == [], person.name
    assert {p.document_type for p in people} > {"resident_id", "hmt_residence", "passport_foreign"}


def test_people_are_of_every_kind(station):
    people = list(Volunteer.select().where(Volunteer.station == station.id))
    assert len(people) > 55
    assert {p.state for p in people} == {
        "registered", "applied", "online", "returned", "refused", "suspended", "leaving", "moved",
    }  # fmt: skip
    minors = [p for p in people if p.age() < 18]
    assert sorted(p.state for p in minors) == ["online", "registered", "registered"]
    assert all(p.guardian_name and p.guardian_phone for p in minors)
    assert len({p.ethnicity for p in people}) > 20
    assert max(p.age() for p in people) > 70


def test_people_go_to_another_installation_and_come_from_it(station):
    assert sorted(row.state for row in Departure.select().where(within(Departure, actor("head")))) == ["closed", "flying"]
    assert sorted(row.state for row in Arrival.select().where(within(Arrival, actor("head")))) == ["shown", "taken"]
    flying = Departure.get(Departure.state == "flying")
    assert flying.expires_at > clock.now() and flying.lines.get().honour > 0
    waits = Arrival.get(Arrival.state == "shown")
    assert Arrival.life.move("take") in waits.legal_moves(actor("head"))


def test_every_code_is_in_its_vocabulary(station):
    known = {(t.kind, t.code) for t in Term.select()}
    for person in Volunteer.select():
        codes = {("skill", c) for c in person.skills} | {("category", c) for c in person.categories}
        codes |= {(kind, getattr(person, kind)) for kind in ("ethnicity", "politics", "education", "occupation")}
        assert {pair for pair in codes if pair[1]} <= known
        assert all(1 <= int(cell) <= 24 for cell in person.service_times)


def test_hours_and_stars_spread(station):
    minutes = [b.honour for b in Balance.select().join(Volunteer).where(Volunteer.station == station.id)]
    assert sum(m > 300 * 60 for m in minutes) >= 1
    assert sum(m > 100 * 60 for m in minutes) >= 5
    assert sum(0 < m < 50 * 60 for m in minutes) >= 20
    stars = [(s.star, s.state) for s in StarGrant.select().where(StarGrant.station == station.id)]
    assert stars.count((1, "recognised")) >= 2
    most = {"proposed", "accepted", "noticed", "recognised", "refused"}  # further ones as the hours fall out
    assert {state for _, state in stars} >= most


def test_thanks_are_given_in_every_way(station):
    assert states(Honour) == {state.name for state in HONOUR.states}
    assert {h.level for h in Honour.select()} == {"own", "other", "county", "prefecture", "province"}
    assert len({m.division_id for m in Measure.select()}) == 3 and Measure.select().count() == 5
    assert states(TakeUp) == {"noted", "void"} and TakeUp.select().count() >= 8
    assert Objection.select().join(Notice).where(Notice.kind == "stars", Objection.state == "open").exists()


def test_volunteers_asked_for_things_themselves_and_hours_of_theirs_run_out_soon(station):
    hers = Account.select(Account.id).where(Account.role == "volunteer")
    assert {row.state for row in Objection.select().where(Objection.entered_by.in_(hers))} >= {"dismissed"}
    assert Redemption.select().where(Redemption.entered_by.in_(hers), Redemption.state == "asked").count() == 1
    demo_volunteers = Account.select(Account.volunteer).where(Account.name.in_(["陆秀兰", "孙晓蓉"]), Account.volunteer.is_null(False))
    soon = [runs_out(key, clock.today()) for (key,) in demo_volunteers.tuples()]
    assert len(soon) == 2 and any(minutes for minutes, _ in soon)


def test_hours_were_donated_and_helped_people_in_every_state(station):
    assert (states(Gift), states(Grant)) == ({"given", "cancelled"}, {"reserved", "handed", "cancelled"})
    assert not Gift.select().where(Gift.receiver.is_null(False)).exists()  # what ships lets nobody give to a person
    assert Gift.select().where(Gift.left_minutes > 0).exists() and balance(station.id) > 0
    donor = Gift.select().join(Volunteer, on=Gift.giver).where(Volunteer.name == "陆秀兰").get()
    assert donor.used


def test_something_waits_at_every_step(station):
    assert states(ServiceRecord) >= {"draft", "submitted", "approved", "noticed", "posted", "reversed"}
    assert states(Project) == {"draft", "submitted", "published", "closed", "cancelled"}
    assert states(Activity) == {"planned", "held", "cancelled"}
    assert states(Objection) == {"open", "upheld", "dismissed"}
    assert states(Correction) == {"asked", "approved", "refused", "told", "appealed", "upheld", "closed"}
    assert states(Redemption) == {"asked", "reserved", "handed", "confirmed", "cancelled"}
    assert ServiceRecord.select().where(ServiceRecord.backfilled).exists()
    planned = [a.day for a in Activity.select().where(Activity.state == "planned", Activity.station == station.id)]
    assert planned and all(clock.today() <= day <= clock.today() + timedelta(days=14) for day in planned)


def test_certificates_are_in_every_state_and_one_took_anothers_place(station):
    assert states(Certificate) == {state.name for state in Certificate.life.states}
    again = Certificate.get(Certificate.replaces.is_null(False))
    assert (again.state, again.replaces.state) == ("valid", "revoked") and again.number in again.replaces.outcome
    assert {row.state for row in Certificate.select().where(Certificate.way == "self")} == {"asked", "valid"}
    assert Trail.select().where(Trail.table == "certificate", Trail.action == "print").count() >= 5
    hanging = Certificate.get(Certificate.state == "noticed").notice
    assert hanging.state == "open" and hanging.closes_on >= clock.today()
    past = Notice.select().where(Notice.kind == "certificates", Notice.id != hanging.id)
    assert past.count() >= 5 and all(notice.state == "closed" for notice in past)


def test_every_decision_of_the_year_comes_out_again(station):
    looked = 0
    for model, most in ((ServiceRecord, 250), (StarGrant, 100), (Redemption, 100), (Correction, 100)):
        for row in model.select().order_by(model.id.desc()).limit(most):
            for one in decisions.of(row):
                looked += 1
                assert one.again.differs == (), f"{model.__name__} {row.id}"
    assert looked > 300


def test_recruiting_is_in_every_state_and_moves_today(station):
    assert states(Application) == {state.name for state in Application.life.states}
    assert Application.select().where(Application.station == station.id).count() >= 100
    assert {row.recruiting for row in Project.select(Project.recruiting)} == {"open", "invited", "team"}
    offered = Application.select(Application.post).where(
        Application.station == station.id, Application.state == "offered", Application.offer_until > clock.now()
    )
    assert Application.select().where(Application.post.in_(offered), Application.state == "waiting").exists()
    assert all(where.held <= where.headcount for where in places([post.id for post in Post.select()]).values())


def test_complaints_anomalies_and_months_are_in_every_state(station):
    for model in (Complaint, Anomaly):
        assert states(model) == {state.name for state in model.life.states}
    assert {row.kind for row in Anomaly.select()} >= {"presence", "same_span", "long_day"}
    assert Complaint.select().where(Complaint.overdue(actor("head"))).exists()
    assert Assessment.select().where(Assessment.station == station).count() > 300
    forgotten = ServiceRecord.select().where(unassessed(actor("head")), ServiceRecord.station == station).count()
    assert 0 < forgotten < 60
    assert Activity.select().where(unkeyed(actor("head"))).count() >= 1
    months = [row.month for row in MonthClose.select().where(MonthClose.station == station)]
    assert len(months) >= 9


def test_no_notice_is_left_past_its_last_day(station):
    open_ones = list(Notice.select().where(Notice.state == "open", Notice.station == station.id))
    assert open_ones
    assert all(notice.closes_on >= clock.today() for notice in open_ones)
    assert any(notice.records.where(ServiceRecord.state == "noticed").exists() for notice in open_ones)
    waiting = Objection.get(Objection.state == "open")
    assert waiting.notice in open_ones


def test_its_past_is_believable(station):
    moments = [
        row.at for row in Trail.select(Trail.at).where(Trail.account.is_null(False), Trail.action != "sign_in")
    ]
    assert max(moments) <= clock.now()
    by_desk = [m for m in moments if m.date() < clock.today()]
    assert min(by_desk) < clock.now() - timedelta(days=350)
    assert all(8 <= moment.hour < 22 for moment in by_desk)
    keyed = ServiceRecord.select().where(ServiceRecord.entered_at < ServiceRecord.ended_at)
    assert not keyed.exists()


def test_the_clock_stands_at_today_and_can_be_moved(station):
    assert clock.is_demo()
    assert clock.today() == date.today()


def test_it_is_not_loaded_twice(station, loaded):
    before = Volunteer.select().count()
    with pytest.raises(Refusal, match="已有数据"):
        demo.load(None)
    assert Volunteer.select().count() == before


def test_every_account_signs_in_with_the_password_it_was_told(station, loaded):
    names = [username for username, *_ in loaded.accounts]
    assert {"recorder", "head", "county", "prefecture", "province", "auditor", "admin"} < set(names)
    assert len(names) == len(set(names)) == Account.select().count()
    for username in ("recorder", "admin"):
        assert sign_in(username, loaded.password).username == username
    card_no = next(username for username, role, *_ in loaded.accounts if role == "志愿者")
    volunteer = sign_in(card_no, loaded.password).actor()
    assert volunteer.role == Role.VOLUNTEER
    assert Volunteer.get_by_id(volunteer.volunteer_id).card_no == card_no


def test_no_password_is_shipped(loaded, db, only_accounts):
    _, password = demo.load(None)
    assert password != loaded.password
    assert check_password(password) == []  # made to stand where a real one would
    assert sign_in("head", password).username == "head"


def test_a_given_password_is_taken(db, only_accounts):
    assert demo.load(GIVEN)[1] == GIVEN
    assert sign_in("county", GIVEN).username == "county"


def test_a_weak_password_is_refused_and_nothing_is_loaded(db):
    for weak in ("short", "recorder-2024"):
        with pytest.raises(Refusal):
            demo.load(weak)
        assert not Account.select().exists()
        assert not clock.is_demo()


@pytest.mark.postgres
@pytest.mark.slow
def test_it_loads_on_postgresql(postgres_url):
    keyring.open(KEY)
    connect(postgres_url)
    with database.connection_context():
        upgrade()
        demo.load(GIVEN)
        assert list(verify()) == []
        assert sign_in("head", GIVEN).username == "head"
        assert states(ServiceRecord) >= {"draft", "submitted", "approved", "noticed", "posted"}
    database.close_all()


def test_the_seed_is_planted_once(db):
    seed()
    counts = Division.select().count(), Term.select().count(), Trail.select().count()
    assert counts[0] > 140 and counts[1] > 100
    assert Division.get_by_id("530102").parent_id == "5301"
    seed()
    assert counts == (Division.select().count(), Term.select().count(), Trail.select().count())


def test_the_seed_keeps_what_a_supervisor_changed(db):
    seed()
    term = Term.get(Term.kind == "skill", Term.code == "03")
    Term.update(name="理发美发", active=False).where(Term.id == term.id).execute()
    seed()
    kept = Term.get_by_id(term.id)
    assert (kept.name, kept.active) == ("理发美发", False)


def test_only_the_demo_may_write_its_past(db):
    with pytest.raises(Refusal, match="只有演示数据"), clock.past(datetime(2024, 3, 5, 9)):
        pass
    Setting.write("demo", True)
    with pytest.raises(Refusal, match="还没有到"), clock.past(datetime.now() + timedelta(days=1)):
        pass
    with clock.past(datetime(2024, 3, 5, 9)):
        assert clock.now() == datetime(2024, 3, 5, 9)
    assert clock.today() == date.today()
