"""The life of every stage: complete as a table, and kept on real rows."""

from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest

from cast import Cast, past_the_notice
from models import clock
from models.audit import Trail
from models.projects import Project
from models.records import ServiceRecord
from models.refusals import Refusal
from models.rewards import Redemption
from models.scope import SYSTEM, Actor, within
from models.verifying import verify
from models.volunteers import Volunteer
from rules.access import Role
from rules.life import Life
from rules.states import LIVES
from walks import Walk
from walks_main import a_project, a_volunteer

WALKS: list[Walk] = [
    walk for path in sorted(Path(__file__).parent.glob("walks_*.py")) for walk in import_module(path.stem).WALKS
]


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
        details = walk.details.get(name, {})
        moved = model.move(key, name, by, reason="核对无误", **details)
        assert (moved.state, moved.revision) == (move.target, revision + 1)
        done = as_it_stands(model, key)
        assert model.move(key, name, by, reason="核对无误", **details).state == move.target
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
                known = model.select().where(model.id == key, within(model, by)).exists()
                if role in move.by and state.name == move.target and known:
                    assert model.move(key, move.name, by, reason="试试").state == move.target
                else:
                    with pytest.raises(Refusal) as no:
                        model.move(key, move.name, by, reason="试试")
                    assert all("一" <= f.says[0] <= "鿿" or f.says[0] == "「" for f in no.value.findings)
        assert as_it_stands(model, key) == before
    assert tried >= len(model.life.states) * len(everyone(cast)) * len(model.life.moves) * 0.7


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
