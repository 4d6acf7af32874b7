"""Named lists and related rows: on a screen's tabs, in the inbox of the roles they are for, below a detail."""

from peewee import SQL

from models.activities import Activity
from models.scope import Actor
from views.activities import ActivityScreen
from views.below import Below
from views.named import Named
from views.projects import ProjectScreen


def held_one(by: Actor):
    return Activity.state == "held"


def test_a_named_list_narrows_counts_and_waits_for_its_roles(desk, cast, monkeypatch):
    monkeypatch.setattr(ActivityScreen, "named", {"held": Named("已开展的", held_one, "head")})
    inside, outside = cast.activity(name="河边清洁"), cast.activity(name="楼道粉刷")
    Activity.move(inside.id, "hold", cast.recorder)
    window = desk.signed_in_as(cast.head)
    page = window.get("/admin/activities/?list=held")
    assert page.says("河边清洁") and not page.says("楼道粉刷")
    assert window.get("/admin/activities/?list=nonsense").says(outside.name)
    assert window.get("/admin/").says("已开展的")
    assert not desk.signed_in_as(cast.recorder).get("/admin/").says("已开展的")
    assert not desk.signed_in_as(cast.head_b).get("/admin/").says("已开展的")


def test_an_empty_named_list_is_not_in_the_inbox(desk, cast, monkeypatch):
    monkeypatch.setattr(ActivityScreen, "named", {"none": Named("谁也没有的", lambda by: SQL("1 = 0"), "head")})
    cast.activity()
    window = desk.signed_in_as(cast.head)
    assert not window.get("/admin/").says("谁也没有的")
    assert window.get("/admin/activities/").says("谁也没有的")


def test_related_rows_stand_below_with_a_prefilled_form(desk, cast, monkeypatch):
    monkeypatch.setattr(
        ProjectScreen, "below", [Below("本项目的活动", Activity, "project", "name day state", adds=True)]
    )
    activity = cast.activity(name="河边清洁")
    window = desk.signed_in_as(cast.head)
    page = window.get(f"/admin/projects/details/?id={activity.project_id}")
    assert page.says("本项目的活动") and page.says("河边清洁")
    assert f"/admin/activities/new/?project={activity.project_id}" in page.html
    assert window.get(f"/admin/activities/new/?project={activity.project_id}").says("爱心陪伴")
    other = cast.activity(name="楼道粉刷")
    assert not window.get(f"/admin/projects/details/?id={other.project_id}").says("河边清洁")
    above = desk.signed_in_as(cast.county).get(f"/admin/projects/details/?id={activity.project_id}")
    assert above.says("河边清洁") and "/admin/activities/new/" not in above.html
