"""The life of every stage: complete as a table, and kept on real rows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from cast import Cast, past_the_notice, person
from models import clock
from models.activities import Activity
from models.audit import Trail
from models.corrections import Correction
from models.hours import verify
from models.keying import key_in
from models.notices import Notice, Objection
from models.projects import Project
from models.records import ServiceRecord, move_all
from models.refusals import Refusal
from models.rewards import Redemption, RewardItem
from models.scope import SYSTEM, Actor
from models.stars import StarGrant
from models.volunteers import Claim, Volunteer
from rules.access import Role
from rules.states import LIVES, Life

BY_RESOURCE = {life.resource: life for life in LIVES}


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.resource)
def test_the_table_of_a_life_is_whole(life: Life):
    names = [state.name for state in life.states]
    assert len(set(names)) == len(names)
    assert len({move.name for move in life.moves}) == len(life.moves)
    for state in life.states:
        assert any("一" <= char <= "鿿" for char in state.label)
        assert len(state.name) <= 12  # the column's width
    for move in life.moves:
        assert any("一" <= char <= "鿿" for char in move.label)
        assert {*move.sources, move.target} <= set(names)
        assert move.target not in move.sources
        assert move.by
    reached = {life.first}
    while more := {m.target for m in life.moves if reached & set(m.sources)} - reached:
        reached |= more
    assert reached == set(names)


def test_an_unknown_state_or_move_is_a_mistake_in_the_program():
    with pytest.raises(KeyError):
        LIVES[0].move("aprove")
    with pytest.raises(KeyError):
        LIVES[0].state("registred")


@dataclass
class Walk:
    """A way through a life: the row it starts from and the moves in order, each with who makes it."""

    resource: str
    begin: Callable[[Cast], tuple[type, int]]
    steps: str  # "move:actor move:actor …"; "later" lets the notice run out


def a_volunteer(cast):
    return Volunteer, Volunteer.enter(cast.recorder, **person()).id


def a_claim(cast):
    someone = cast.registered()
    return Claim, Claim.ask("resident_id", someone.document_number, "搬到本社区", cast.head_b).id


def a_project(cast):
    today = clock.today()
    row = Project.enter(
        cast.recorder, name="爱心陪伴", category="01", recipients=["01"], starts_on=today,
        ends_on=today + timedelta(days=9), headcount=3,
    )  # fmt: skip
    return Project, row.id


def an_activity(cast):
    return Activity, cast.activity().id


def a_record(cast):
    (row,) = key_in([cast.draft(cast.registered(), cast.activity())], cast.recorder)
    return ServiceRecord, row.id


def a_noticed_record(cast):
    _, key = a_record(cast)
    move_all([key], "submit", cast.recorder)
    move_all([key], "approve", cast.head)
    move_all([key], "notice", cast.head)
    return ServiceRecord.get_by_id(key)


def a_notice(cast):
    record = a_noticed_record(cast)
    ServiceRecord.move(record.id, "withdraw", cast.head, "先不公示")
    return Notice, record.notice_id


def an_objection(cast):
    record = a_noticed_record(cast)
    row = Objection.enter(
        cast.recorder, notice=record.notice_id, record=record.id, said_by="邻居", reason="当天没有来"
    )
    return Objection, row.id


def a_correction(cast):
    (record,) = cast.posted(cast.registered(), minutes=60)
    return Correction, Correction.enter(cast.recorder, record=record.id, reason="重复登记").id


def a_star(cast):
    volunteer = cast.registered()
    cast.posted(volunteer, minutes=100 * 60)
    return StarGrant, StarGrant.get(StarGrant.volunteer == volunteer).id


def a_redemption(cast):
    volunteer = cast.registered()
    cast.posted(volunteer, minutes=240)
    item = RewardItem.enter(cast.head, name="理发", points=2, stock=3)
    return Redemption, Redemption.reserve(volunteer.id, item.id, 1, cast.recorder, "k1").id


WALKS = [
    Walk("volunteers", a_volunteer, "return:head resubmit:recorder approve:head suspend:head restore:head"),
    Walk("claims", a_claim, "agree:head"),
    Walk("claims", a_claim, "refuse:head"),
    Walk("projects", a_project, "submit:recorder return:head submit:head publish:head close:head"),
    Walk("activities", an_activity, "hold:recorder"),
    Walk("activities", an_activity, "cancel:recorder"),
    Walk("records", a_record, "submit:recorder return:head submit:recorder approve:head notice:head withdraw:head "
                              "submit:head approve:head return:head void:recorder"),
    Walk("records", a_record, "submit:recorder approve:head notice:head later post:head reverse:system"),
    Walk("records", a_record, "submit:recorder approve:head notice:head later post:system"),
    Walk("notices", a_notice, "later close:head"),
    Walk("notices", a_notice, "later close:system"),
    Walk("objections", an_objection, "uphold:head"),
    Walk("objections", an_objection, "dismiss:head"),
    Walk("corrections", a_correction, "approve:head"),
    Walk("corrections", a_correction, "refuse:head"),
    Walk("stars", a_star, "propose:head recognise:county"),
    Walk("stars", a_star, "propose:head refuse:county revive:system lapse:system revive:system"),
    Walk("rewards", a_redemption, "hand:recorder confirm:recorder"),
    Walk("rewards", a_redemption, "cancel:head"),
]  # fmt: skip


def test_the_walks_pass_every_move_of_every_life():
    walked = {(walk.resource, step.partition(":")[0]) for walk in WALKS for step in walk.steps.split()}
    assert walked >= {(life.resource, move.name) for life in LIVES for move in life.moves}


def as_it_stands(model: type, key: int) -> tuple:
    return (*model.select().where(model.id == key).dicts(), Trail.select().count())


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: f"{walk.resource} {walk.steps}")
def test_each_move_is_made_once_with_its_reason_and_never_by_whoever_entered(cast, walk):
    model, key = walk.begin(cast)
    for step in walk.steps.split():
        name, _, who = step.partition(":")
        if name == "later":
            past_the_notice()
            continue
        by = SYSTEM if who == "system" else getattr(cast, who)
        move = model.life.move(name)
        if move.reason:
            before = as_it_stands(model, key)
            with pytest.raises(Refusal, match="请写明"):
                model.move(key, name, by, reason="  ")
            assert as_it_stands(model, key) == before
        if not move.own_entry and by.account_id:
            for column in (model.entered_by, model.amended_by):
                old = model.select(column).where(model.id == key).scalar()
                model.update({column: by.account_id}).where(model.id == key).execute()
                before = as_it_stands(model, key)
                with pytest.raises(Refusal, match=r"不能.*自己(录入|改过)的内容"):
                    model.move(key, name, by, reason="核对无误")
                assert as_it_stands(model, key) == before
                assert name not in {m.name for m in model.get_by_id(key).legal_moves(by)}
                model.update({column: old}).where(model.id == key).execute()
        if by is not SYSTEM:
            assert name in {m.name for m in model.get_by_id(key).legal_moves(by)}
        revision = model.get_by_id(key).revision
        moved = model.move(key, name, by, reason="核对无误")
        assert (moved.state, moved.revision) == (move.target, revision + 1)
        done = as_it_stands(model, key)
        assert model.move(key, name, by, reason="核对无误").state == move.target
        assert as_it_stands(model, key) == done
    assert not verify()


@pytest.mark.parametrize("walk", {w.resource: w for w in WALKS}.values(), ids=lambda walk: walk.resource)
def test_what_the_table_does_not_allow_changes_nothing(cast, walk):
    model, key = walk.begin(cast)
    tried = 0
    for state in model.life.states:
        model.update(state=state.name).where(model.id == key).execute()
        before = as_it_stands(model, key)
        for role, by in everyone(cast).items():
            for move in model.life.moves:
                if role in move.by and state.name in move.sources:
                    continue  # legal: walked above
                tried += 1
                if role in move.by and state.name == move.target:
                    assert model.move(key, move.name, by, reason="试试").state == move.target
                else:
                    with pytest.raises(Refusal) as no:
                        model.move(key, move.name, by, reason="试试")
                    assert all("一" <= f.says[0] <= "鿿" or f.says[0] == "「" for f in no.value.findings)
        assert as_it_stands(model, key) == before
    assert tried >= len(model.life.states) * len(Role) * len(model.life.moves) * 0.7


def everyone(cast: Cast) -> dict[Role, Actor]:
    return {
        Role.RECORDER: cast.recorder, Role.HEAD: cast.deputy, Role.SUPERVISOR: cast.county,
        Role.AUDITOR: cast.auditor, Role.ADMIN: cast.admin, Role.VOLUNTEER: cast.volunteer, Role.SYSTEM: SYSTEM,
    }  # fmt: skip


def test_a_partly_read_row_does_not_pretend_to_a_state(cast):
    _, key = a_volunteer(cast)
    Volunteer.move(key, "approve", cast.head)
    partly = Volunteer.select(Volunteer.id, Volunteer.name).where(Volunteer.id == key).get()
    assert partly.__data__.get("state") is None


def test_an_amendment_that_changes_nothing_leaves_no_trace(cast):
    _, key = a_project(cast)
    before = as_it_stands(Project, key)
    Project.amend(key, cast.recorder, name="爱心陪伴", recipients=["01"])
    assert as_it_stands(Project, key) == before
    assert Project.amend(key, cast.recorder, name="爱心陪读").revision == 1
    assert Trail.select().order_by(Trail.id.desc()).first().after["name"] == "爱心陪读"


def test_whoever_saved_second_is_told_and_loses_nothing(cast):
    _, key = a_project(cast)
    Project.amend(key, cast.recorder, revision=0, name="甲")
    with pytest.raises(Refusal, match="刚刚被别人改过"):
        Project.amend(key, cast.head, revision=0, name="乙")
    assert Project.get_by_id(key).name == "甲"


def test_a_head_cannot_rewrite_what_another_entered_and_then_approve_it(cast):
    _, key = a_project(cast)
    Project.move(key, "submit", cast.recorder)
    Project.amend(key, cast.head, headcount=30)
    with pytest.raises(Refusal, match="自己改过的内容"):
        Project.move(key, "publish", cast.head)
    assert Project.move(key, "publish", cast.deputy).state == "published"


def test_what_only_a_move_makes_is_not_entered_by_hand(cast):
    for model in (ServiceRecord, Redemption):
        with pytest.raises(TypeError, match="not entered or amended by hand"):
            model.enter(cast.head)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"headcount": "三十"}, "「计划招募」应是整数"),
        ({"headcount": True}, "应是整数"),
        ({"headcount": 10**12}, "太大"),
        ({"starts_on": "2025-03-05"}, "「开始日期」应是日期"),
        ({"name": "a\x00b"}, "不能保存的字符"),
        ({"name": "   "}, "请填写「项目名称」"),
        ({"name": "长" * 81}, "最多 80 个字，现在是 81 个字"),
        ({"category": "99"}, "「服务类别」没有「99」这个代码"),
        ({"recipients": ["01", "zz"]}, "「服务对象」没有「zz」这个代码"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_in_chinese(cast, values, says):
    _, key = a_project(cast)
    before = as_it_stands(Project, key)
    with pytest.raises(Refusal, match=says):
        Project.amend(key, cast.recorder, **values)
    assert as_it_stands(Project, key) == before


def test_an_optional_column_sent_empty_takes_its_default(cast):
    _, key = a_project(cast)
    row = Project.amend(key, cast.recorder, place=None, details=None, recipients=None)
    assert (row.place, row.details, row.recipients) == ("", "", [])


def test_all_that_is_wrong_is_said_at_once(cast):
    today = clock.today()
    with pytest.raises(Refusal) as no:
        Project.enter(cast.recorder, starts_on=today, ends_on=today - timedelta(days=1), category="01", headcount=0)
    assert {f.where for f in no.value.findings} >= {"name", "ends_on", "headcount"}
