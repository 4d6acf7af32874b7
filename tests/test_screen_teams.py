"""服务队的页面: several members at once, figures that open to their rows, nothing for strangers."""

from datetime import timedelta

import pytest
from world_teams import a_team

from desk import queries
from models import clock
from models.activities import Activity
from models.keying import key_in
from models.records import ServiceRecord
from models.teams import Team, TeamMember


@pytest.fixture
def team(cast):
    return a_team(cast)


def a_served_member(cast, team, name="李明"):
    """A member of the team who served two hours, posted."""
    person, day = cast.registered(name), clock.today() - timedelta(days=1)
    (row,) = TeamMember.admit(team.id, [person.card_no], day - timedelta(days=9), cast.recorder)
    activity = cast.activity(day, team=team.id)
    (record,) = key_in([cast.draft(person, activity)], cast.recorder)
    ServiceRecord.update(state="posted").where(ServiceRecord.id == record.id).execute()
    return row


def test_a_team_is_entered_and_waits_for_the_head(cast, desk):
    window = desk.signed_in_as(cast.recorder)
    window.get("/admin/teams/new/")
    page = window.post(
        "/admin/teams/new/", name="滇源志愿服务队", kind="enterprise", organisation="滇源公司",
        uscc="91110000600037341A", leader="李队长", phone="13812345678", since="2024-01-01",
    )  # fmt: skip
    assert page.says("校验码") and page.says("滇源公司")  # what was typed is still there
    page = window.post(
        "/admin/teams/new/", name="滇源志愿服务队", kind="enterprise", organisation="滇源公司",
        uscc="91110000600037341L", leader="李队长", phone="13812345678", since="2024-01-01",
    )  # fmt: skip
    assert page.says("待审核") and page.says("138****5678") and not page.says("13812345678")
    head = desk.signed_in_as(cast.head)
    assert head.get("/admin/").says("服务队")
    row = Team.get()
    assert head.post("/admin/teams/move/", move="approve", id=row.id, back="/admin/teams/").says("在册")


def test_several_members_are_pasted_at_once_or_none(cast, desk, team):
    one, two = cast.registered("李明"), cast.registered("王芳")
    window = desk.signed_in_as(cast.recorder)
    assert window.get(f"/admin/teams/details/?id={team.id}").says("批量加入")
    window.get(f"/admin/teams/admit/?id={team.id}")
    today = clock.today().isoformat()
    page = window.post("/admin/teams/admit/", id=team.id, joined_on=today, members=f"{one.card_no}\n没有这人")
    assert page.says("第 2 行「没有这人」") and page.says(one.card_no)
    assert not TeamMember.select().exists()
    assert window.post("/admin/teams/admit/", id=team.id, joined_on="", members=one.card_no).says(
        "请填写「入队日期」"
    )
    page = window.post("/admin/teams/admit/", id=team.id, joined_on=today, members=f"{one.card_no}\n{two.name}\n")
    assert page.says("已加入 2 位队员") and page.says("王芳")


def test_nobody_pastes_into_a_strangers_or_a_stopped_team(cast, desk, team):
    assert desk.signed_in_as(cast.head_b).get(f"/admin/teams/admit/?id={team.id}").status == 404
    assert desk.signed_in_as(cast.county).get(f"/admin/teams/admit/?id={team.id}").status == 403
    Team.move(team.id, "stop", cast.head, reason="队长搬走")
    head = desk.signed_in_as(cast.head)
    page = head.get(f"/admin/teams/admit/?id={team.id}")
    assert "/details/" in page.path and page.says("不能加入队员")
    assert not head.get(f"/admin/teams/details/?id={team.id}").says("批量加入")


def test_the_figures_of_a_team_open_to_their_records(cast, desk, team):
    member = a_served_member(cast, team)
    window = desk.signed_in_as(cast.head)
    page = window.get(f"/admin/teams/details/?id={team.id}")
    month = (clock.today() - timedelta(days=1)).strftime("%Y-%m")
    assert page.says("2.00") and page.says(month) and page.says("李明") and page.says("上门陪伴")
    for address in (f"id={team.id}", f"id={team.id}&month={month}", f"id={team.id}&member={member.id}"):
        page = window.get(f"/admin/teams/hours/?{address}")
        assert page.says("合计") and page.says("2.00") and page.says("李明"), address
    assert not window.get(f"/admin/teams/hours/?id={team.id}&month=2001-01").says("李明")
    stranger = desk.signed_in_as(cast.head_b)
    assert stranger.get(f"/admin/teams/hours/?id={team.id}").status == 404
    assert desk.signed_in_as(cast.county).get(f"/admin/teams/hours/?id={team.id}").says("李明")


def test_a_member_leaves_with_a_reason_on_a_day(cast, desk, team):
    member = a_served_member(cast, team)
    window = desk.signed_in_as(cast.recorder)
    assert window.get(f"/admin/team_members/details/?id={member.id}").says("服务明细")
    back = f"/admin/team_members/details/?id={member.id}"
    said = {"leave-left_on": ""}
    assert window.post("/admin/team_members/move/", said, move="leave", id=member.id, back=back).says("请写明")
    said = {"leave-left_on": (clock.today() - timedelta(days=1)).isoformat()}
    page = window.post("/admin/team_members/move/", said, move="leave", id=member.id, back=back, reason="工作忙")
    assert page.says("已离队") and page.says("工作忙")


def test_an_activity_is_given_to_a_team_in_its_form_and_filtered_by_it(cast, desk, team):
    activity, other = cast.activity(name="河边清洁"), cast.activity(name="楼道粉刷")
    Activity.amend(activity.id, cast.recorder, team=team.id)
    window = desk.signed_in_as(cast.recorder)
    assert window.get(f"/admin/activities/details/?id={activity.id}").says("翠湖夕阳红服务队")
    page = window.get(f"/admin/activities/?team={team.id}")
    assert page.says("河边清洁") and not page.says(other.name)
    assert (
        "翠湖夕阳红"
        in window.get("/admin/activities/ajax/lookup/?name=team&q=夕阳")
        .client.get("/admin/activities/ajax/lookup/?name=team&q=夕阳")
        .text
    )
    Team.move(team.id, "stop", cast.head, reason="队长搬走")
    assert "翠湖" not in window.client.get("/admin/activities/ajax/lookup/?name=team&q=夕阳").text


def test_the_list_asks_no_more_for_more_teams(cast, desk, team):
    window = desk.signed_in_as(cast.head)
    window.get("/admin/teams/")
    with queries() as few:
        window.get("/admin/teams/")
    for n in range(3):
        a_team(cast, name=f"第 {n} 队")
    window.get("/admin/teams/")
    with queries() as many:
        window.get("/admin/teams/")
    assert len(many) == len(few)
