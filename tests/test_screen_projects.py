"""项目、岗位、报名 at the desk: what stands on their pages, who is offered what, and what anyone may read."""

from datetime import timedelta

import pytest
from test_applications import accepted, applied, waiting
from test_ledgers_out import column

from cast import STATED
from desk import Desk, queries
from models import clock
from models.applications import Application
from models.projects import Post, Project
from views.ledgers import out


def page_of(window, row):
    return window.get(f"/admin/{row.resource}/details/", id=row.id)


def move(window, row, name, **more):
    return window.post(f"/admin/{row.resource}/move/", move=name, id=row.id, back=f"/admin/{row.resource}/", **more)


def test_a_project_goes_from_draft_to_recruiting_at_the_desk(desk, cast):
    recorder = desk.signed_in_as(cast.recorder).get("/admin/projects/new/")
    today = clock.today()
    recorder.post(
        "/admin/projects/new/", name="送餐到家", category="01", headcount="4", starts_on=str(today),
        ends_on=str(today + timedelta(days=30)), place="文林社区", recruiting="open",
    )  # fmt: skip
    row = Project.get(Project.name == "送餐到家")
    assert recorder.says("发布前还缺") and recorder.says("没有风险也要写明")
    assert move(recorder, row, "submit").says("请至少登记一个开放报名的岗位")
    recorder.get(f"/admin/posts/new/?project={row.id}")
    recorder.post("/admin/posts/new/", project=str(row.id), name="送餐", headcount="4", minimum_age="18", open="1")
    assert Post.get(Post.project == row.id).minimum_age == 18
    Project.amend(row.id, cast.recorder, **STATED)
    assert not page_of(recorder, row).says("发布前还缺") and recorder.says("送餐")
    assert move(recorder, row, "submit").says("已提交")
    head = desk.signed_in_as(cast.head).get("/admin/")
    assert move(head, row, "publish").says("已审核并发布")


def test_the_page_of_a_project_shows_where_each_post_stands_and_who_applied(desk, cast):
    post = cast.post(1)
    accepted(cast, post, "王芳"), waiting(cast, post, "赵强")
    page = page_of(desk.signed_in_as(cast.recorder), Project.get_by_id(post.project_id))
    for said in ("助餐", "空缺", "候补", "王芳", "赵强", "已录用"):
        assert page.says(said), said
    page = page_of(page, post)
    assert page.says("王芳") and f"/admin/applications/new/?post={post.id}" in page.html


def test_the_desk_enters_an_application_and_is_told_which_skill_is_missing(desk, cast):
    post, person = cast.post(2, skills=["08"]), cast.registered()
    window = desk.signed_in_as(cast.recorder).get(f"/admin/applications/new/?post={post.id}")
    assert window.says("爱心陪伴：助餐") and "报名方式" not in window.html
    window.post("/admin/applications/new/", post=str(post.id), volunteer=str(person.id))
    row = Application.get()
    assert row.way == "applied" and window.says("没有登记这些技能：护理")
    assert page_of(desk.signed_in_as(cast.head), row).says("仅提醒，不影响录用")


def test_a_refused_application_says_why_beside_its_field_and_keeps_what_was_typed(desk, cast):
    post = cast.post(2, minimum_age=60)
    person = cast.registered()
    window = desk.signed_in_as(cast.recorder).get("/admin/applications/new/")
    window.post("/admin/applications/new/", post=str(post.id), volunteer=str(person.id), note="周末都可以")
    assert window.says("要求年满 60 周岁") and window.says("周末都可以")
    assert not Application.select().exists()


def test_pickers_offer_only_posts_that_recruit_and_people_who_may_serve(desk, cast):
    here, shut = cast.post(1), cast.post(1, name="送餐")
    Post.amend(shut.id, cast.head, open=False)
    over = cast.post(1, name="带班")
    Project.move(over.project_id, "close", cast.head)
    there = cast.post(1, by=cast.recorder_b, name="别站")
    window = desk.signed_in_as(cast.recorder)
    found = window.get("/admin/applications/ajax/lookup/", name="post", q="").json()
    assert {row["id"] for row in found} == {here.id} and there.id not in {row["id"] for row in found}
    assert found[0]["text"] == "爱心陪伴：助餐"


def test_the_head_sees_what_was_checked_and_takes_on_several_at_once(desk, cast):
    post = cast.post(5, skills=["08"])
    rows = [applied(cast, post, name) for name in ("李明", "王芳")]
    head = desk.signed_in_as(cast.head).get("/admin/applications/", waiting="accept")
    assert head.says("没有登记这些技能：护理") and head.says("还有 5 个名额")
    keys = [row.id for row in rows]
    assert head.post("/admin/applications/move/", move="accept", id=keys, back=head.path).says("已录用 2 条")


def test_the_heads_form_for_a_post_by_invitation_invites(desk, cast):
    post, person = cast.post(1, project={"recruiting": "invited"}), cast.registered()
    head = desk.signed_in_as(cast.head).get(f"/admin/applications/new/?post={post.id}")
    assert 'selected value="invited"' in head.html or 'value="invited" selected' in head.html
    head.post("/admin/applications/new/", post=str(post.id), volunteer=str(person.id), way="invited")
    assert head.says("已邀请，请在") and Application.get().state == "offered"
    other = head.get(f"/admin/applications/new/?post={cast.post(1).id}")
    assert 'selected value="applied"' in other.html or 'value="applied" selected' in other.html


def test_only_the_moves_that_can_be_made_are_offered(desk, cast):
    post = cast.post(1)
    first, second = applied(cast, post), applied(cast, post, "王芳")
    head = desk.signed_in_as(cast.head)
    page = page_of(head, first)
    assert 'value="accept"' in page.html and 'value="queue"' not in page.html and 'value="offer"' not in page.html
    move(head, first, "accept")
    page = page_of(head, second)
    assert 'value="accept"' not in page.html and 'value="queue"' in page.html
    assert 'value="accept"' not in page_of(desk.signed_in_as(cast.recorder), second).html


def test_an_offer_waits_in_the_inbox_of_the_desk_until_it_is_confirmed(desk, cast):
    post = cast.post(1)
    taken, first = accepted(cast, post), waiting(cast, post)
    window = desk.signed_in_as(cast.recorder)
    assert "/admin/applications/?" not in window.get("/admin/").html
    move(window, taken, "withdraw", reason="生病")
    assert window.get("/admin/").says("待确认")
    assert window.get("/admin/applications/", waiting="confirm").says(first.volunteer.name)
    assert move(window, first, "confirm").says("已确认参加")
    clock.move_demo_clock(3)
    assert not window.get("/admin/").says("待确认")


@pytest.mark.parametrize(("name", "held"), [("pending", "李明"), ("queued", "赵强"), ("expiring", "孙丽")])
def test_each_named_list_shows_its_own(desk, cast, name, held):
    post, other = cast.post(1), cast.post(1)
    taken, _, free = accepted(cast, other, "王芳"), waiting(cast, other, "孙丽"), accepted(cast, post, "周杰")
    waiting(cast, post, "赵强"), applied(cast, post, "李明")
    Application.move(taken.id, "withdraw", cast.recorder, "生病")
    Application.update(offer_until=clock.now() + timedelta(hours=2)).where(Application.state == "offered").execute()
    page = desk.signed_in_as(cast.head).get("/admin/applications/", list=name)
    people = {"李明", "王芳", "孙丽", "周杰", "赵强"}
    assert {one for one in people if f">{one}</a>" in page.html} == {held} and free.state == "accepted"


def test_posts_with_places_left_are_a_list(desk, cast):
    full, half = cast.post(1), cast.post(2, name="送餐")
    accepted(cast, full)
    page = desk.signed_in_as(cast.head).get("/admin/posts/", list="unfilled")
    assert page.says("送餐") and not page.says("助餐")
    assert half.headcount == 2


def test_a_stranger_sees_no_post_and_no_application(desk, cast):
    row = applied(cast, cast.post(1))
    window = desk.signed_in_as(cast.head_b)
    assert page_of(window, row).status == 404 and page_of(window, row.post).status == 404
    assert not window.get("/admin/applications/").says("李明") and not window.get("/admin/posts/").says("助餐")
    assert move(window, row, "accept").status == 404


def test_lists_ask_no_query_a_row(desk, cast):
    post = cast.post(9)
    applied(cast, post)
    window = desk.signed_in_as(cast.head)
    project = Project.get_by_id(post.project_id)
    pages = [
        lambda: window.get("/admin/applications/", waiting="accept"), lambda: window.get("/admin/posts/"),
        lambda: page_of(window, project), lambda: Desk(desk.app).get("/"),
    ]  # fmt: skip

    def asked() -> list[int]:
        counted = []
        for page in pages:
            page()
            with queries() as sent:
                page()
            counted.append(len(sent))
        return counted

    few = asked()
    for name in ("王芳", "赵强", "孙丽"):
        applied(cast, post, name)
        Post.enter(cast.head, project=project.id, name=name, headcount=2)
        cast.post(3)
    assert asked() == few


def test_anyone_reads_what_is_recruited_for_and_nobodys_name(desk, cast):
    post = cast.post(2, minimum_age=18, project={"name": "送餐到家", "place": "文林社区食堂"})
    accepted(cast, post, "王芳娟")
    closed = cast.post(1, project={"name": "结束的"})
    Project.move(closed.project_id, "close", cast.head)
    cast.post(1, project={"name": "只邀请的", "recruiting": "invited"})
    late = cast.post(1, project={"name": "截止的", "apply_by": clock.today()})
    Project.update(apply_by=clock.today() - timedelta(days=1)).where(Project.id == late.project_id).execute()
    front = Desk(desk.app).get("/")
    assert front.says("正在招募") and front.says("送餐到家")
    page = Desk(desk.app).get(f"/projects/{post.project_id}")
    for said in ("送餐到家", "文林社区食堂", "18 周岁以上", *STATED.values()):
        assert page.says(said), said
    for said in ("王芳娟", "结束的", "只邀请的", "截止的"):
        assert not front.says(said) and not page.says(said), said


def test_the_ledger_says_how_far_each_project_has_come(cast_on_either, tmp_path):
    cast = cast_on_either
    post = cast.post(1, project={"name": "送餐到家", "headcount": 4})
    accepted(cast, post), waiting(cast, post), applied(cast, post)
    cast.post(2, by=cast.recorder_b, project={"name": "别站的"})
    path = tmp_path / "projects.xlsx"
    summary = out.write("projects", path, cast.head)
    assert summary.rows == 1 and column(path, "项目名称") == ["送餐到家"]
    # The post that was shut before this one was opened counts among those wanted.
    assert summary.totals == {"headcount": 4, "wanted": 5, "applied": 3, "accepted": 1, "waiting": 1}
    assert column(path, "风险说明") == [STATED["risks"]]
    assert out.write("projects", tmp_path / "all.xlsx", cast.prefecture).rows == 2
