"""Moves that ask for something: columns of the row, given with the move, checked, kept and left in the trail."""

from dataclasses import replace
from datetime import date

import pytest

from models.activities import Activity
from models.audit import Trail
from models.refusals import Refusal
from models.schema import TABLES
from rules.states import ACTIVITY, LIVES


@pytest.fixture
def asking(monkeypatch):
    """To hold an activity asks who led it, what was done, of which project, perhaps how many came."""
    moves = tuple(
        replace(m, asks="lead content headcount? project") if m.name == "hold" else m for m in ACTIVITY.moves
    )
    monkeypatch.setattr(Activity, "life", replace(ACTIVITY, moves=moves))


def test_whatever_a_move_asks_for_is_a_column_of_its_table():
    tables = {table.life.resource: table for table in TABLES if hasattr(table, "life")}
    for life in LIVES:
        for move in life.moves:
            assert set(move.asked) <= set(tables[life.resource]._meta.fields), (life.resource, move.name)


def test_what_is_asked_is_kept_and_traced(asking, cast):
    activity = cast.activity()
    held = Activity.move(
        activity.id, "hold", cast.head, lead="赵敏", content="择菜", headcount=4, project=activity.project_id
    )
    assert (held.state, held.lead, held.content, held.headcount) == ("held", "赵敏", "择菜", 4)
    assert Trail.select().order_by(Trail.id.desc()).first().after["content"] == "择菜"


@pytest.mark.parametrize(
    ("details", "says"),
    [
        ({}, "请填写「活动负责人」"),
        ({"lead": " ", "content": "择菜"}, "请填写「活动负责人」"),
        ({"lead": "长" * 41, "content": "择菜"}, "最多 40 个字"),
        ({"lead": "赵敏", "content": "择菜", "headcount": "四"}, "应是整数"),
        ({"lead": "赵敏", "content": "择菜", "project": 10**9}, "没有找到所选的「所属项目」"),
    ],
)
def test_what_does_not_fit_refuses_the_move_and_changes_nothing(asking, cast, details, says):
    activity = cast.activity()
    with pytest.raises(Refusal, match=says):
        Activity.move(activity.id, "hold", cast.head, **({"project": activity.project_id} | details))
    kept = Activity.get_by_id(activity.id)
    assert (kept.state, kept.lead, kept.revision) == ("planned", activity.lead, activity.revision)


def test_what_nobody_asked_for_is_a_mistake_in_the_program(asking, cast):
    with pytest.raises(TypeError):
        Activity.move(
            cast.activity().id, "hold", cast.head, lead="赵敏", content="择菜", project=1, day=date(2025, 1, 1)
        )


def test_the_button_opens_the_form_and_the_answer_is_kept(asking, desk, cast):
    activity = cast.activity()
    window = desk.signed_in_as(cast.head)
    page = window.get("/admin/activities/details/", id=activity.id)
    assert 'name="hold-lead"' in page.html and 'name="hold-headcount"' in page.html
    sent = {"hold-lead": "赵敏", "hold-content": "", "hold-headcount": "４", "hold-project": activity.project_id}
    page = window.post("/admin/activities/move/", sent, move="hold", id=activity.id)
    assert page.says("请填写「服务内容」") and 'value="赵敏"' in page.html
    assert Activity.get_by_id(activity.id).state == "planned"
    page = window.post("/admin/activities/move/", sent | {"hold-content": "择菜"}, move="hold", id=activity.id)
    assert page.says("已确认已开展")
    assert Activity.get_by_id(activity.id).headcount == 4


def test_several_rows_are_asked_once(asking, desk, cast):
    keys = [cast.activity().id, cast.activity().id]
    window = desk.signed_in_as(cast.head)
    page = window.post("/admin/activities/move/", move="hold", id=keys)
    sent = {"hold-lead": "赵敏", "hold-content": "择菜", "hold-project": Activity.get_by_id(keys[0]).project_id}
    assert page.says("共 2 条") and 'name="hold-lead"' in page.html
    assert {row.state for row in Activity.select()} == {"planned"}
    window.post("/admin/activities/move/", sent, move="hold", id=keys)
    assert {row.state for row in Activity.select()} == {"held"}


def test_a_strangers_row_is_not_even_asked_about(asking, desk, cast):
    activity = cast.activity()
    page = desk.signed_in_as(cast.head_b).post("/admin/activities/move/", move="hold", id=activity.id)
    assert page.status == 404
