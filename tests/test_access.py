"""Who may do what, and whose rows they may know of: the same answer for every model and every move."""

import pytest

from cast import person
from models import clock
from models.activities import Activity, SignInSheet
from models.audit import Trail
from models.corrections import Correction
from models.keying import key_in
from models.moves import Entered, Staged
from models.notices import Notice, Objection
from models.people import ROLES, Account
from models.projects import Project
from models.records import ServiceRecord, move_all, post_due
from models.refusals import NotFound, Refusal
from models.rewards import Redemption, RewardItem
from models.schema import TABLES
from models.scope import Actor, find, within
from models.stations import Division, Station
from models.vocabulary import Term
from models.volunteers import Claim, Volunteer
from rules.access import NO_ACCOUNT, TABLE, Role, may, rights
from rules.states import LIVES
from world import World, populate

# What a supervisor enters for the division: everything else she reads.
SUPERVISORS_OWN: set[str] = {
    "upwards", "upward_links", "upward_records", "upward_received",
    "trainings",
    "training_plans",
    "complaints",
    "training_plan_lines",
    "units",
    "spot_checks",
    "spot_samples",
    "meetings",
    "follow_ups",
    "stars",
    "measures",
    "peers",
    "webhooks",
    "dissolutions",
    "policy_drafts",
}
# One's own session and page, the clock of a demo, and what other programs post: believed for a signature or a token alone.
EVERYBODYS = {"session", "home", "me", "wire", "upward_api", "sign_ups", "kiosks"}
# A division's, no station's: see test_policy_drafts, test_upwards_api.
SUPERVISORS_ALONE = {"PolicyDraft", "PolicyPreview", "UpwardSender", "ReceivedBatch", "ReceivedRecord"}
OWNERS_ALONE = {"Job", "Message", "Webhook", "Delivery", "UpwardLink"}  # whose it is, and nobody above
MOVES = {life.resource: {move.name for move in life.moves} for life in LIVES}
# everybody's, or nobody's
SHARED = {
    "Setting", "TrailHead", "TrailKey", "Division", "Term", "PolicyVersion", "Holiday", "Failure", "SentForm", "Backup",
    "InstallationKey", "Peer", "AnswerSent",
}  # fmt: skip


@pytest.mark.parametrize(
    ("role", "action", "resource"),
    [(Role.HEAD, "seee", "records"), (Role.HEAD, "see", "record"), (Role.RECORDER, "publish", "records")],
)
def test_a_typo_is_never_read_as_no(role, action, resource):
    with pytest.raises(KeyError):
        may(role, action, resource)


def test_the_table_names_only_roles_that_exist():
    looked = 0
    for actions in TABLE.values():
        for roles in actions.values():
            looked += 1
            assert set(roles.split()) <= {role.value for role in Role}
    assert looked > 40


def test_auditors_and_volunteers_change_nothing_and_supervisors_only_what_is_theirs():
    looked = 0
    for resource, action, roles in rights():
        if action in ("see", "export", "read") or resource in EVERYBODYS:
            continue
        if (resource, action) == ("notices", "object"):
            continue  # what a notice hangs out for: anyone may (民函〔2012〕340号)
        looked += 1
        assert not roles & {Role.AUDITOR, Role.ANYONE}, (resource, action)
        if action in MOVES.get(resource, set()):
            continue  # a move says in its life who makes it, be it the volunteer it is about
        assert Role.VOLUNTEER not in roles, (resource, action)
        assert Role.SUPERVISOR not in roles or resource in SUPERVISORS_OWN, (resource, action)
    assert looked > 250


def test_what_anyone_may_everybody_may_and_no_account_is_anyone(db):
    for role in Role:
        assert may(role, "read", "notices") and may(role, "open", "session")
    assert not may(Role.ANYONE, "see", "notices") and not may(Role.ANYONE, "see", "me")
    assert not {role.value for role in NO_ACCOUNT} & set(dict(ROLES))


def test_every_move_stands_in_the_table_for_the_roles_its_life_names():
    assert len(LIVES) > 30
    for life in LIVES:
        for move in life.moves:
            for role in Role:
                assert may(role, move.name, life.resource) == (role in move.by)


def test_what_is_the_supervisors_own_is_hers_to_write():
    for resource in SUPERVISORS_OWN:
        assert any(may(Role.SUPERVISOR, action, resource) for action in TABLE[resource] if action != "see")


def test_a_recorder_may_enter_records_and_a_supervisor_may_not():
    assert may(Role.RECORDER, "enter", "records")
    assert not may(Role.SUPERVISOR, "enter", "records")


@pytest.fixture
def world(cast) -> World:
    return populate(cast)


def test_the_world_holds_a_row_of_every_table(world):
    assert {model.__name__ for model in TABLES} - {model.__name__ for model in world.keys} == SHARED | SUPERVISORS_ALONE


def test_the_head_sees_her_own_rows_and_the_stranger_none_of_them(world):
    cast = world.cast
    for model, key in world.keys.items():
        assert find(model, key, cast.head), model.__name__
        for stranger in (cast.head_b, cast.recorder_b, cast.volunteer):
            with pytest.raises(NotFound):
                find(model, key, stranger)
            keys = model._meta.primary_key
            own = {k for (k,) in model.select(keys).where(within(model, cast.head)).tuples()}
            strange = {k for (k,) in model.select(keys).where(within(model, stranger)).tuples()}
            assert not own & strange, model.__name__


def test_the_county_sees_its_own_station_and_not_the_next_countys(world):
    cast = world.cast
    next_county = Actor(99, "盘龙督导", Role.SUPERVISOR, None, "530103")
    for model, key in world.keys.items():
        if model.__name__ in OWNERS_ALONE:
            continue
        assert find(model, key, cast.county) and find(model, key, cast.auditor) and find(model, key, cast.province)
        if model is not Claim:  # asked by a station of that county
            with pytest.raises(NotFound):
                find(model, key, next_county)
    assert find(Station, cast.b.id, cast.auditor)
    with pytest.raises(NotFound):
        find(Station, cast.b.id, cast.county)


def staged(world: World) -> list[tuple[type[Staged], int]]:
    return [(model, key) for model, key in world.keys.items() if issubclass(model, Staged)]


def test_every_move_on_a_strangers_row_says_not_found(world):
    tried = 0
    for model, key in staged(world):
        for move in model.life.moves:
            for stranger in (world.cast.head_b, world.cast.recorder_b):
                tried += 1
                with pytest.raises(NotFound):
                    model.move(key, move.name, stranger, reason="试试")
    assert tried > 60


def amendable(world: World) -> list[type[Entered]]:
    return [
        m for m in world.keys if issubclass(m, Entered) and "amend" in TABLE[m.resource] and m.editable
    ]  # fmt: skip


def test_every_amendment_of_a_strangers_row_says_not_found(world):
    models = amendable(world)
    assert len(models) >= 6
    next_county = Actor(99, "盘龙督导", Role.SUPERVISOR, None, "530103")
    for model in models:
        stranger = world.cast.head_b if may(Role.HEAD, "amend", model.resource) else next_county
        with pytest.raises(NotFound):
            model.amend(world.keys[model], stranger)


def test_the_auditor_may_neither_move_amend_nor_enter(world):
    auditor = world.cast.auditor
    for model, key in staged(world):
        for move in model.life.moves:
            with pytest.raises(Refusal, match="不在审计员的职责内"):
                model.move(key, move.name, auditor, reason="试试")
    for model in amendable(world):
        with pytest.raises(Refusal, match="审计员不能办理"):
            model.amend(world.keys[model], auditor)
        with pytest.raises(Refusal, match="审计员不能办理"):
            model.enter(auditor)
    with pytest.raises(Refusal, match="审计员不能办理"):
        key_in([], auditor)
    with pytest.raises(Refusal, match="审计员不能办理"):
        Redemption.reserve(world.keys[Volunteer], world.keys[RewardItem], 1, auditor, "k9")
    with pytest.raises(Refusal, match="不在审计员的职责内"):
        post_due(auditor)


@pytest.mark.parametrize("key", ["abc", "1; drop table", 10**30, -1, None, 1.5])
def test_a_key_that_no_row_has_is_not_found_whatever_it_is(cast_on_either, key):
    with pytest.raises(NotFound):
        find(Volunteer, key, cast_on_either.head)
    with pytest.raises(NotFound):
        Project.move(key, "submit", cast_on_either.head)


def test_a_forged_foreign_key_is_refused_on_entering_and_on_amending(world):
    cast = world.cast
    b_project = cast.activity(by=cast.recorder_b).project_id
    today = clock.today()
    values = {"name": "x", "day": today, "place": "x", "lead": "x"}
    for forged in (b_project, 10**12, "abc"):
        with pytest.raises(Refusal, match="没有找到所选的「所属项目」"):
            Activity.enter(cast.head, project=forged, **values)
        with pytest.raises(Refusal, match="没有找到所选的「所属项目」"):
            Activity.amend(world.keys[Activity], cast.head, project=forged)
    with pytest.raises(Refusal, match="没有找到所选的「活动」"):
        SignInSheet.enter(cast.head_b, activity=world.keys[Activity])
    with pytest.raises(Refusal, match="没有找到所选的「服务记录」"):
        Correction.enter(cast.head_b, record=world.keys[ServiceRecord], reason="试试")
    with pytest.raises(Refusal, match="没有找到所选的「公示」"):
        Objection.enter(
            cast.head_b, notice=world.keys[Notice], record=world.keys[ServiceRecord], said_by="x", reason="x"
        )
    with pytest.raises(NotFound):
        Redemption.reserve(world.keys[Volunteer], world.keys[RewardItem], 1, cast.head_b, "k2")
    with pytest.raises(Refusal, match="没有找到所选的「工作站」"):
        Account.enter(
            Actor(9, "盘龙管理员", Role.ADMIN, None, "530103"), username="x", name="x", role="head", station=cast.a.id
        )


def test_a_strangers_record_cannot_be_smuggled_into_a_batch(world):
    cast = world.cast
    record = world.keys[ServiceRecord]
    before = ServiceRecord.get_by_id(record).state
    with pytest.raises(NotFound):
        move_all([record], "withdraw", cast.head_b, "试试")
    assert ServiceRecord.get_by_id(record).state == before
    assert move_all([record], "withdraw", cast.head, "核对") == 1
    assert move_all([record], "withdraw", cast.head, "核对") == 0


def test_a_strangers_record_or_sheet_cannot_be_keyed_over(world):
    cast = world.cast
    visitor = Volunteer.get_by_id(world.keys[Volunteer])
    activity = cast.activity(by=cast.recorder_b)
    line = cast.draft(visitor, activity, "20:00", "21:00")
    for forged in ({"id": world.keys[ServiceRecord]}, {"sheet": world.keys[SignInSheet]}):
        with pytest.raises(Refusal):
            key_in([cast.draft(visitor, activity, "20:00", "21:00", **forged)], cast.recorder_b)
    assert key_in([line], cast.recorder_b)


def test_unknown_columns_are_a_mistake_in_the_program(cast):
    with pytest.raises(TypeError, match="takes no station"):
        Volunteer.enter(cast.recorder, **person(), station=cast.b.id)


def test_a_desk_account_without_a_station_can_do_nothing(db):
    with pytest.raises(Refusal, match="还没有分配到工作站"):
        Volunteer.enter(Actor(1, "某人", Role.RECORDER), **person())


def test_a_head_cannot_move_her_station_elsewhere_but_may_correct_its_telephone(cast):
    for values in ({"division": "530103001001"}, {"active": False}):
        with pytest.raises(Refusal, match="由管理员办理"):
            Station.amend(cast.a.id, cast.head, **values)
    assert Station.amend(cast.a.id, cast.head, phone="13800000001").phone == "13800000001"
    assert Station.amend(cast.a.id, cast.admin, active=False).active is False


def test_a_division_keeps_its_code_and_is_registered_once(cast):
    with pytest.raises(Refusal, match="代码登记后不能更改"):
        Division.amend("530102", cast.admin, code="530199")
    with pytest.raises(Refusal, match="已经登记过"):
        Division.enter(cast.admin, code="530102", name="五华区")
    with pytest.raises(Refusal, match="请填写「区划代码」"):
        Division.enter(cast.admin, name="没有代码")
    with pytest.raises(Refusal, match="请先登记上级"):
        Division.enter(cast.admin, code="530521001", name="某街道")
    assert Division.amend("530102", cast.admin, name="五华").name == "五华"
    assert Division.get_by_id("530102001001").full_name() == "云南省昆明市五华华山街道文林社区"


def test_a_term_is_not_registered_twice(cast):
    with pytest.raises(Refusal, match="这个词表里已有代码 01"):
        Term.enter(cast.admin, kind="category", code="01", name="别的")
    with pytest.raises(Refusal, match="没有「x」这一项"):
        Term.enter(cast.admin, kind="x", code="01", name="别的")
    assert Term.enter(cast.admin, kind="category", code="90", name="本地")


def test_auditors_of_the_division_find_what_its_supervisors_did(cast):
    from models.audit import trail

    trail(cast.county, "export", "volunteers", "", reason="年报")
    (row,) = Trail.select().where(Trail.action == "export", within(Trail, cast.auditor))
    assert row.division == "530102"
    stranger = Actor(99, "曲靖审计", Role.AUDITOR, None, "5303")
    assert not Trail.select().where(Trail.action == "export", within(Trail, stranger)).exists()
