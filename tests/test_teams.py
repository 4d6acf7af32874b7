"""服务队 (方案 二(4)): who may form one, who is a member when, and whose minutes are the team's."""

from datetime import timedelta

import pytest
from stdnum.cn import uscc
from world_teams import a_team

from cast import past_the_notice
from desk import queries
from models import clock, team_hours
from models.activities import Activity
from models.keying import key_in
from models.records import ServiceRecord, move_all, post_due
from models.refusals import NotFound, Refusal
from models.teams import Team, TeamMember
from models.volunteers import Volunteer
from rules.teams import check_code, needs_code, normalise_code
from views.totals import totals

ENTERPRISE = "91110000600037341L"


def code(first17: str) -> str:
    return first17 + uscc.calc_check_digit(first17)


CHARITY = code("52530102MJ0000001")


@pytest.mark.parametrize(
    ("text", "kind", "says"),
    [
        (ENTERPRISE, "enterprise", ""),
        (ENTERPRISE, "", ""),
        (CHARITY, "charity", ""),
        (CHARITY, "community", ""),
        ("9111000060003734", "", "应为 18 位，现在是 16 位"),
        ("9111A000600037341L", "", r"第 5 位（登记机关的区划代码）应是数字，现在是「A」"),
        ("A1110000600037341L", "", r"第 1 位（登记管理部门和机构类别）应是数字，现在是「A」"),
        ("91110000I00037341L", "", r"第 9 位（主体标识码）不能是「I」"),
        ("91110000600037341O", "", r"第 18 位（校验码）不能是「O」"),
        ("91110000600037341A", "", "第 18 位（校验码）与前 17 位不符"),
        ("91110000600037351L", "", "与前 17 位不符"),
        (CHARITY, "enterprise", "企业的代码以 9 开头（市场监管部门登记），这个代码以 5 开头"),
        (ENTERPRISE, "charity", "社会组织的代码以 5 开头（民政部门登记），这个代码以 9 开头"),
    ],
)
def test_a_code_says_which_part_of_it_is_wrong(text, kind, says):
    found = check_code(text, kind)
    assert bool(found) == bool(says)
    if says:
        assert says in found[0].says and found[0].where == "uscc"


def test_a_code_is_read_as_people_type_it():
    assert normalise_code("９１ 110000-6000 37341l") == ENTERPRISE


def test_only_enterprises_and_social_organisations_must_have_a_code():
    assert {kind for kind in ("enterprise", "organ", "school", "hospital", "charity", "community", "own")
            if needs_code(kind)} == {"enterprise", "charity", "community"}  # fmt: skip


@pytest.mark.parametrize(
    ("values", "where", "says"),
    [
        ({"kind": "enterprise", "organisation": "某公司"}, "uscc", "要填统一社会信用代码"),
        ({"kind": "charity", "organisation": "某中心", "uscc": ENTERPRISE}, "uscc", "以 5 开头"),
        ({"kind": "school"}, "organisation", "请填写「所属单位」"),
        ({"phone": "12"}, "phone", "手机号"),
        ({"since": clock.date(2099, 1, 1)}, "since", "不能晚于今天"),
        ({"categories": ["99"]}, "categories", "没有「99」"),
        ({"kind": "army"}, "kind", "没有「army」"),
    ],
)
def test_a_team_that_does_not_fit_is_refused(cast, values, where, says):
    with pytest.raises(Refusal) as no:
        a_team(cast, **values)
    assert any(f.where == where and says in f.says for f in no.value.findings), no.value
    assert not Team.select().exists()


def test_teams_of_every_kind_are_listed(cast):
    for kind, more in {
        "enterprise": {"organisation": "某公司", "uscc": ENTERPRISE},
        "charity": {"organisation": "某中心", "uscc": CHARITY},
        "school": {"organisation": "某小学"},
        "own": {},
    }.items():
        assert a_team(cast, name=f"{kind}队", kind=kind, **more).state == "listed"


def test_a_name_is_used_once_at_a_station_until_the_team_has_stopped(cast):
    team = a_team(cast)
    with pytest.raises(Refusal, match="本站已有服务队"):
        a_team(cast)
    Team.move(team.id, "stop", cast.head, reason="队长搬走")
    assert a_team(cast).state == "listed"


def test_the_recorder_does_not_change_a_listed_team_and_nobody_a_stopped_one(cast):
    team = a_team(cast)
    with pytest.raises(Refusal, match="由站长修改"):
        Team.amend(team.id, cast.recorder, leader="王队长")
    assert Team.amend(team.id, cast.head, leader="王队长").leader == "王队长"
    stopped = Team.move(team.id, "stop", cast.head, reason="队长搬走")
    assert stopped.stopped_for == "队长搬走"
    with pytest.raises(Refusal, match="已停止活动"):
        Team.amend(team.id, cast.head, leader="李队长")


def test_the_telephone_is_opened_with_a_reason(cast):
    team = a_team(cast)
    assert team.reveal("phone", cast.recorder, "联系排班") == "13812345678"
    with pytest.raises(Refusal, match="理由"):
        team.reveal("phone", cast.recorder, " ")
    with pytest.raises(Refusal, match="不能办理"):
        team.reveal("phone", cast.auditor, "检查")
    with pytest.raises(KeyError):
        team.reveal("name", cast.recorder, "联系排班")


# --- members ---


def admit(cast, team, *texts, ago=30):
    return TeamMember.admit(team.id, texts, clock.today() - timedelta(days=ago), cast.recorder)


def test_several_are_admitted_at_once_by_card_or_name_visitors_by_card(cast):
    team = a_team(cast)
    one, two = cast.registered("李明"), cast.registered("王芳")
    visitor = cast.registered("周游", by=cast.recorder_b)
    rows = admit(cast, team, one.card_no, "王芳", "", visitor.card_no)
    assert [row.volunteer_id for row in rows] == [one.id, two.id, visitor.id]
    other = a_team(cast, name="另一队")
    assert admit(cast, other, one.card_no)  # of several teams


def test_of_several_none_is_admitted_where_one_does_not_fit(cast):
    team = a_team(cast)
    one = cast.registered("李明")
    cast.registered("张伟"), cast.registered("张伟")
    visitor = cast.registered("周游", by=cast.recorder_b)
    gone = cast.registered("吴凡")
    Volunteer.move(gone.id, "suspend", cast.head, reason="外出务工")
    with pytest.raises(Refusal) as no:
        admit(cast, team, one.card_no, "李明", "没有这人", "张伟", "周游", gone.card_no)
    said = [finding.says for finding in no.value.findings]
    assert ["第 2 行" in said[0], "同一个人" in said[0]] == [True, True]
    assert "第 3 行「没有这人」：没有查到" in said[1]
    assert "有 2 位同名" in said[2]
    assert "「周游」：没有查到" in said[3]  # by name only the station's own people
    assert "已停用" in said[4]
    assert len(said) == 5
    assert not TeamMember.select().exists() and visitor.id
    with pytest.raises(Refusal, match="请写 1 到"):
        admit(cast, team, " ", "")
    with pytest.raises(NotFound):
        TeamMember.admit(team.id, [one.card_no], clock.today(), cast.head_b)
    with pytest.raises(Refusal, match="不能办理"):
        TeamMember.admit(team.id, [one.card_no], clock.today(), cast.auditor)


@pytest.mark.parametrize(("ago", "says"), [(-1, "不能晚于今天"), (701, "早于服务队成立日期")])
def test_the_day_of_joining_lies_in_the_life_of_the_team(cast, ago, says):
    with pytest.raises(Refusal, match=says):
        admit(cast, a_team(cast), cast.registered().card_no, ago=ago)


def test_nobody_joins_a_team_that_is_not_listed(cast):
    team, person = a_team(cast), cast.registered()
    Team.move(team.id, "stop", cast.head, reason="队长搬走")
    with pytest.raises(Refusal, match="停止活动，不能加入队员"):
        admit(cast, team, person.card_no)
    Team.move(team.id, "resume", cast.head, reason="有新队长")
    assert admit(cast, team, person.card_no)


def test_who_left_may_come_back_on_a_later_day(cast):
    team, person = a_team(cast), cast.registered()
    (row,) = admit(cast, team, person.card_no, ago=60)
    with pytest.raises(Refusal, match="已在队"):
        admit(cast, team, person.card_no)
    for wrong in (clock.today() + timedelta(days=1), clock.today() - timedelta(days=61)):
        with pytest.raises(Refusal, match="离队日期应在"):
            TeamMember.move(row.id, "leave", cast.recorder, reason="工作忙", left_on=wrong)
    left = TeamMember.move(
        row.id, "leave", cast.recorder, reason="工作忙", left_on=clock.today() - timedelta(days=30)
    )
    assert (left.left_for, (clock.today() - left.left_on).days) == ("工作忙", 30)
    with pytest.raises(Refusal, match="再入队应在其后"):
        admit(cast, team, person.card_no, ago=30)
    assert admit(cast, team, person.card_no, ago=29)


def test_a_member_is_not_turned_into_somebody_else(cast):
    team = a_team(cast)
    (row,) = admit(cast, team, cast.registered("李明").card_no)
    with pytest.raises(Refusal, match="不能改成别的人"):
        TeamMember.amend(row.id, cast.recorder, volunteer=cast.registered("王芳").id)
    assert TeamMember.amend(row.id, cast.recorder, duty="领队").duty == "领队"
    TeamMember.move(row.id, "leave", cast.recorder, reason="工作忙")
    with pytest.raises(Refusal, match="已离队"):
        TeamMember.amend(row.id, cast.recorder, duty="副队")


def test_who_is_suspended_leaves_every_team_also_at_another_station(cast):
    person, other = cast.registered("周游", by=cast.recorder_b), cast.registered("李明")
    team = a_team(cast)
    rows = admit(cast, team, person.card_no, other.card_no)
    Volunteer.move(person.id, "suspend", cast.head_b, reason="本人申请")
    gone, stays = (TeamMember.get_by_id(row.id) for row in rows)
    assert (gone.state, gone.left_on, gone.left_for) == ("left", clock.today(), "志愿者已停用")
    assert stays.state == "in"


# --- activities and minutes ---


def test_an_activity_is_given_to_a_listed_team_of_the_own_station(cast):
    team = a_team(cast)
    activity = cast.activity(team=team.id)
    assert activity.team_id == team.id
    Team.move(team.id, "stop", cast.head, reason="队长搬走")
    assert Activity.amend(activity.id, cast.recorder, place="广场").place == "广场"  # what was given stays
    with pytest.raises(Refusal, match="停止活动，不能安排活动"):
        cast.activity(team=team.id)
    with pytest.raises(Refusal, match="没有找到所选的「服务队」"):
        cast.activity(by=cast.recorder_b, team=team.id)


def served(cast, *lines):
    """Each line (person, activity) serves two hours; all are posted."""
    rows = key_in([cast.draft(person, activity) for person, activity in lines], cast.recorder)
    keys = [row.id for row in rows]
    for name in ("submit", "approve", "notice"):
        move_all(keys, name, cast.recorder if name == "submit" else cast.head)
    past_the_notice()
    post_due()
    return keys


@pytest.fixture
def busy(cast_on_either):
    """A team with a steady member, one who left, one who came later, and a helper who is none."""
    cast, today = cast_on_either, clock.today()
    team = a_team(cast)
    steady, left, late, helper = (cast.registered(name) for name in ("李明", "王芳", "赵强", "孙莉"))
    rows = {
        "steady": admit(cast, team, steady.card_no, ago=90)[0],
        "left": admit(cast, team, left.card_no, ago=90)[0],
        "late": admit(cast, team, late.card_no, ago=5)[0],
    }
    TeamMember.move(rows["left"].id, "leave", cast.recorder, reason="工作忙", left_on=today - timedelta(days=6))
    first = cast.activity(today - timedelta(days=6), team=team.id)
    second = cast.activity(today - timedelta(days=5), team=team.id)
    elsewhere = cast.activity(today - timedelta(days=4))
    keys = served(
        cast, (steady, first), (left, first), (late, first), (helper, first),  # late and helper are no members
        (steady, second), (left, second), (late, second), (steady, elsewhere),
    )  # fmt: skip
    return cast, team, rows, keys


def test_a_teams_minutes_are_its_members_on_the_day(busy):
    _, team, rows, _ = busy
    found = team_hours.by_member([row.id for row in rows.values()])
    assert {name: found.get(row.id, 0) for name, row in rows.items()} == {"steady": 240, "left": 120, "late": 120}
    assert team_hours.by_team([team.id]) == {team.id: 480}
    assert team_hours.sums(team.id) == team_hours.Sums(minutes=480, people=3, others=360)


def test_months_members_and_others_add_up_to_the_ledger_of_records(busy):
    _, team, rows, _ = busy
    sums, months = team_hours.sums(team.id), team_hours.by_month(team.id)
    assert (
        sum(month.minutes for month in months)
        == sums.minutes
        == sum(team_hours.by_member([row.id for row in rows.values()]).values())
    )
    its = ServiceRecord.activity.in_(Activity.select(Activity.id).where(Activity.team == team.id))
    ledger = {total.label: total.amount for total in totals("records", [its, ServiceRecord.state == "posted"]).sums}
    assert ledger["服务时长（小时）"] == sums.minutes + sums.others
    members = totals("teams", [TeamMember.team == team.id])
    assert [total.amount for total in members.sums] == [sums.minutes]


def test_the_statements_do_not_grow_with_members(busy):
    _, team, rows, _ = busy
    with queries() as asked:
        team_hours.by_member([row.id for row in rows.values()])
        team_hours.sums(team.id)
        team_hours.by_month(team.id)
    assert len(asked) == 4
