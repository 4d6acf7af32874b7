"""典型事迹与现场会 at the desk and in public: from a draft to the site and, when consent ends, off it at once."""

from datetime import timedelta

import pytest
from walks_publicity import meeting, story

from desk import Desk
from models import clock
from models.meetings import FollowUp, Meeting
from models.stories import Story


def approved(cast, **more) -> Story:
    row = story(cast, **more)
    Story.move(row.id, "submit", cast.recorder)
    return Story.move(row.id, "approve", cast.head)


def move(window, screen: str, row, name: str, **more):
    return window.post(
        f"/admin/{screen}/move/", move=name, id=row.id, back=f"/admin/{screen}/details/?id={row.id}", **more
    )


def test_a_story_goes_public_and_comes_down_with_the_consent(cast, desk):
    row = approved(cast, title="巷口的<b>修鞋摊", body="第一段。\n第二段 <script>alert(1)</script>")
    anyone = Desk(desk.app)
    assert anyone.get(f"/stories/{row.id}").status == 404
    head = desk.signed_in_as(cast.head)
    assert move(head, "stories", row, "publish").says("已公开")
    page = anyone.get("/stories/")
    assert page.says("巷口的<b>修鞋摊") and "<b>修鞋" not in page.html
    page = anyone.get(f"/stories/{row.id}")
    assert page.html.count("<p>第") == 2 and "<script>alert" not in page.html and "<script" not in page.html
    assert anyone.get("/").says("修鞋摊")
    assert move(desk.signed_in_as(cast.recorder), "stories", row, "withdraw", reason="本人来电").says("已撤下")
    assert anyone.get(f"/stories/{row.id}").status == 404
    assert not anyone.get("/stories/").says("修鞋摊") and not anyone.get("/").says("修鞋摊")


def test_without_consent_nothing_is_offered_to_publish_and_the_list_says_so(cast, desk):
    none = {"consent_by": "", "consent_relation": None, "consent_on": None, "consent_way": None}
    row = approved(cast, **none)
    whole = approved(cast, title="有同意的一篇")
    head = desk.signed_in_as(cast.head)
    assert head.get("/admin/").says("同意书缺失的事迹")
    page = head.get("/admin/stories/", list="without_consent")
    assert page.says("巷口的修鞋摊") and not page.says("有同意的一篇")
    page = head.get("/admin/stories/", waiting="publish")
    assert page.says("有同意的一篇") and not page.says("巷口的修鞋摊")
    page = head.get("/admin/stories/details/", id=row.id)
    assert page.says("还没有本人同意公开的记录")
    assert move(head, "stories", row, "publish").says("还没有本人同意公开的记录")
    assert not head.get("/admin/stories/details/", id=whole.id).says("还没有本人同意公开的记录")


def test_a_number_in_the_text_is_said_beside_the_box_and_nothing_is_lost(cast, desk):
    window = desk.signed_in_as(cast.recorder)
    window.get("/admin/stories/new/")
    said = {"title": "修鞋摊", "category": "person", "whose": "李明", "body": "第一段\n请打 13800000001"}
    page = window.post("/admin/stories/new/", said)
    assert page.says("「正文」第 2 段第 4 个字起像是手机号码") and page.says("请打 13800000001")
    assert not Story.select().exists()
    page = window.post("/admin/stories/new/", said | {"body": "第一段"})
    assert page.says("第一段") and Story.get().station_id == cast.a.id


def test_the_county_marks_what_was_recommended(cast, desk):
    row = approved(cast)
    for name in ("publish", "recommend"):
        Story.move(row.id, name, cast.head)
    county = desk.signed_in_as(cast.county)
    assert "waiting=honour" in county.get("/admin/").html
    assert "waiting=honour" not in desk.signed_in_as(cast.prefecture).get("/admin/").html
    assert move(county, "stories", row, "honour").says("县级示范")
    assert Desk(desk.app).get(f"/stories/{row.id}").says("县级示范")


def test_another_stations_story_is_not_found(cast, desk):
    row = story(cast)
    window = desk.signed_in_as(cast.head_b)
    assert window.get("/admin/stories/details/", id=row.id).status == 404
    assert move(window, "stories", row, "submit").status == 404


@pytest.mark.parametrize("path", ["/stories/?page=99999999999", "/stories/?page=-1", "/stories/?page=x"])
def test_a_page_that_is_not_there_is_empty_or_the_first(desk, path):
    assert Desk(desk.app).get(path).says("还没有公开的事迹")


def test_stories_turn_over_by_twenty(cast, desk):
    key = approved(cast).id
    Story.move(key, "publish", cast.head)
    kept = dict(Story.get_by_id(key).__data__)
    kept.pop("id")
    Story.insert_many([kept | {"title": f"第 {n} 篇"} for n in range(20)]).execute()
    page = Desk(desk.app).get("/stories/")
    assert page.html.count("<article>") == 20 and "page=1" in page.html
    assert page.get("/stories/", page=1).html.count("<article>") == 1


def test_a_meeting_is_entered_by_a_supervisor_and_read_by_who_takes_part(cast, desk):
    window = desk.signed_in_as(cast.county)
    window.get("/admin/meetings/new/")
    today = clock.today()
    page = window.post(
        "/admin/meetings/new/",
        theme="需求卡现场会",
        day=today.isoformat(),
        place="文林社区",
        stations=[str(cast.a.id)],
        headcount="40",
    )
    assert page.says("需求卡现场会") and page.says("文林社区")
    row = Meeting.get()
    assert row.division_id == "530102"
    head = desk.signed_in_as(cast.head)
    assert head.get("/admin/meetings/").says("需求卡现场会") and head.get("/admin/meetings/new/").status == 403
    assert not desk.signed_in_as(cast.head_b).get("/admin/meetings/").says("需求卡现场会")


def test_what_is_late_stands_in_the_inbox_of_whoever_can_do_it(cast, desk):
    row = meeting(cast, day=clock.today() - timedelta(days=40))
    Meeting.move(row.id, "hold", cast.county)
    due = clock.today() - timedelta(days=1)
    FollowUp.enter(cast.county, meeting=row.id, station=cast.a.id, what="建立需求台账", due_on=due)
    county, head = desk.signed_in_as(cast.county), desk.signed_in_as(cast.head)
    assert county.get("/admin/").says("纪要逾期未发布") and county.get("/admin/").says("逾期未落实")
    assert not head.get("/admin/").says("纪要逾期未发布") and head.get("/admin/").says("逾期未落实")
    assert county.get("/admin/meetings/", list="without_minutes").says("共 1 条")
    assert head.get("/admin/follow_ups/", list="overdue").says("建立需求台账")
    page = move(head, "follow_ups", FollowUp.get(), "finish", reason="台账已建")
    assert page.says("已落实") and not head.get("/admin/follow_ups/", list="overdue").says("建立需求台账")


def test_a_follow_up_is_added_from_its_meeting(cast, desk):
    row = meeting(cast)
    window = desk.signed_in_as(cast.county)
    page = window.get("/admin/meetings/details/", id=row.id)
    assert f"/admin/follow_ups/new/?meeting={row.id}" in page.html
    assert window.get("/admin/follow_ups/new/", meeting=row.id).says(str(row))
    assert "follow_ups/new" not in desk.signed_in_as(cast.head).get("/admin/meetings/details/", id=row.id).html
