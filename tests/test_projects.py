"""设计项目、发布信息: what a project must state before anybody is recruited for it (条例 art. 12), its posts, its end."""

from datetime import timedelta

import pytest

from cast import STATED
from models import clock
from models.activities import Activity
from models.projects import Post, Project
from models.refusals import Refusal
from models.teams import Team


def drafted(cast, **said) -> Project:
    """A project of A's recorder, without a post."""
    today = clock.today()
    values = {"name": "爱心陪伴", "category": "01", "starts_on": today, "ends_on": today, "headcount": 3}
    return Project.enter(cast.recorder, **values | said)


def with_a_post(cast, **said) -> Project:
    row = drafted(cast, **said)
    Post.enter(cast.recorder, project=row.id, name="陪伴", headcount=3)
    return row


def submitted(cast) -> Project:
    """A project that waits for the head."""
    return Project.move(with_a_post(cast, **STATED).id, "submit", cast.recorder)


def refused(move) -> Refusal:
    with pytest.raises(Refusal) as no:
        move()
    return no.value


@pytest.mark.parametrize("name", STATED)
@pytest.mark.parametrize("blank", ["", " 　"])
def test_what_a_project_does_not_state_is_named_before_it_goes_to_the_head(cast, name, blank):
    row = with_a_post(cast, **STATED | {name: blank})
    no = refused(lambda: Project.move(row.id, "submit", cast.recorder))
    assert [f.where for f in no.findings] == [name]
    assert Project.label(name) in str(no)


@pytest.mark.parametrize("name", STATED)
def test_what_is_taken_out_while_the_head_looks_is_missed_when_she_publishes(cast, name):
    row = submitted(cast)
    Project.amend(row.id, cast.recorder, **{name: ""})
    no = refused(lambda: Project.move(row.id, "publish", cast.head))
    assert [f.where for f in no.findings] == [name]
    assert Project.get_by_id(row.id).state == "submitted"


def test_all_that_is_not_stated_is_said_at_once(cast):
    no = refused(lambda: Project.move(drafted(cast).id, "submit", cast.recorder))
    assert {f.where for f in no.findings} == {*STATED, "state"}
    assert "请至少登记一个开放报名的岗位" in str(no)


def test_a_post_that_takes_no_applications_does_not_count(cast):
    row = with_a_post(cast, **STATED)
    Post.update(open=False).execute()
    assert "岗位" in str(refused(lambda: Project.move(row.id, "submit", cast.recorder)))


def test_a_project_that_states_all_is_published(cast):
    assert Project.move(submitted(cast).id, "publish", cast.head).state == "published"


@pytest.mark.parametrize(
    ("said", "where", "says"),
    [
        ({"recruiting": "team"}, "team", "要选一支队伍"),
        ({"recruiting": "lottery"}, "recruiting", "没有「lottery」这一项"),
        ({"apply_by": 1}, "apply_by", "报名截止应不晚于结束日期"),
        ({"team": 10**6}, "team", "没有找到所选的「指定队伍」"),
    ],
)
def test_a_way_of_recruiting_that_does_not_hold_together_is_refused(cast, said, where, says):
    if "apply_by" in said:
        said = {"apply_by": clock.today() + timedelta(days=said["apply_by"])}
    no = refused(lambda: drafted(cast, **said))
    assert [f.where for f in no.findings] == [where] and says in str(no)


def test_a_project_for_one_team_names_a_team_in_use_and_no_other_way_does(cast):
    team = a_team(cast)
    assert drafted(cast, recruiting="team", team=team.id).team_id == team.id
    assert "只有「指定队伍」招募才选队伍" in str(refused(lambda: drafted(cast, team=team.id)))
    Team.move(team.id, "stop", cast.head, "散了")
    assert "请另选一支在册的队伍" in str(refused(lambda: drafted(cast, recruiting="team", team=team.id)))


def a_team(cast) -> Team:
    today = clock.today()
    row = Team.enter(
        cast.recorder, name="翠竹助老队", kind="own", leader="赵敏", phone="13812345678", since=today - timedelta(days=90)
    )  # fmt: skip
    return Team.move(row.id, "approve", cast.head)


@pytest.mark.parametrize(
    ("said", "where", "says"),
    [
        ({"headcount": 0}, "headcount", "应在 1 到 10000 之间"),
        ({"headcount": None}, "headcount", "请填写「招募人数」"),
        ({"minimum_age": 0}, "minimum_age", "应在 1 到 100 周岁之间"),
        ({"minimum_age": 101}, "minimum_age", "应在 1 到 100 周岁之间"),
        ({"qualification": "zz"}, "qualification", "没有「zz」这个代码"),
        ({"skills": ["01", "zz"]}, "skills", "没有「zz」这个代码"),
        ({"name": "陪伴"}, "name", "已有「陪伴」岗位"),
    ],
)
def test_a_post_is_checked(cast, said, where, says):
    row = with_a_post(cast)
    no = refused(lambda: Post.enter(cast.recorder, **{"project": row.id, "name": "送餐", "headcount": 2} | said))
    assert [f.where for f in no.findings] == [where] and says in str(no)


def test_a_recorder_adds_posts_to_a_draft_and_the_head_to_what_is_published(cast):
    row = cast.project()
    values = {"project": row.id, "name": "送餐", "headcount": 2}
    assert "由站长增加岗位" in str(refused(lambda: Post.enter(cast.recorder, **values)))
    post = Post.enter(cast.head, **values)
    assert "由站长修改" in str(refused(lambda: Post.amend(post.id, cast.recorder, headcount=3)))
    assert Post.amend(post.id, cast.head, headcount=3).headcount == 3


def test_a_post_stays_with_its_project_and_a_closed_project_takes_none(cast):
    row, other = cast.project(), cast.project()
    post = Post.get(Post.project == row.id)
    assert "不能改到别的项目" in str(refused(lambda: Post.amend(post.id, cast.head, project=other.id)))
    Project.move(row.id, "close", cast.head)
    no = refused(lambda: Post.enter(cast.head, project=row.id, name="送餐", headcount=2))
    assert "已结项" in str(no)
    assert "不能再修改" in str(refused(lambda: Post.amend(post.id, cast.head, headcount=9)))


def test_a_project_with_activities_is_closed_and_not_cancelled(cast):
    activity = cast.activity()
    no = refused(lambda: Project.move(activity.project_id, "cancel", cast.head, "办不成"))
    assert "没有取消的活动" in str(no)
    Activity.move(activity.id, "cancel", cast.head, "下雨")
    assert Project.move(activity.project_id, "cancel", cast.head, "办不成").state == "cancelled"


@pytest.mark.parametrize("state", ["closed", "cancelled", "draft", "submitted"])
def test_no_activity_is_planned_for_a_project_that_does_not_run(cast, state):
    row = cast.project()
    Project.update(state=state).where(Project.id == row.id).execute()
    values = {"project": row.id, "name": "x", "day": clock.today(), "place": "x", "lead": "x"}
    assert [f.where for f in refused(lambda: Activity.enter(cast.recorder, **values)).findings] == ["project"]
