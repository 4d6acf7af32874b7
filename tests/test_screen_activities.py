"""开展活动 on screen: an activity shows its sheets and who came, a project its activities."""

from desk import queries
from models import keying


def sheet(cast, activity, *names):
    lines = [cast.draft(cast.registered(name), activity) for name in names]
    paper, _ = keying.key_sheet(activity.id, lines, cast.recorder)
    return paper


def test_an_activity_lists_its_sheets_and_the_people_recorded(desk, cast):
    activity = cast.activity()
    paper = sheet(cast, activity, "李明", "王芳")
    window = desk.signed_in_as(cast.head).get("/admin/activities/details/", id=activity.id)
    assert f"/admin/sheets/details/?id={paper.id}" in window.html
    for said in ("李明", "王芳", "2 人，2 条", "4.00"):
        assert window.says(said), said


def test_more_people_ask_no_more_of_the_database(desk, cast):
    window = desk.signed_in_as(cast.head)
    few, many = cast.activity(), cast.activity(name="植树")
    sheet(cast, few, "李明", "王芳")
    sheet(cast, many, *(f"李{n}" for n in "甲乙丙丁戊己庚辛"))
    asked = []
    for one in (few, few, many):
        with queries() as sent:
            assert window.get("/admin/activities/details/", id=one.id).status == 200
        asked.append(len(sent))
    assert asked[1] == asked[2] > 3


def test_a_project_lists_its_activities_and_leads_to_the_next(desk, cast):
    activity = cast.activity()
    sheet(cast, activity, "李明")
    window = desk.signed_in_as(cast.recorder).get("/admin/projects/details/", id=activity.project_id)
    assert f"/admin/activities/details/?id={activity.id}" in window.html and window.says("上门陪伴")
    window.get("/admin/activities/new/", project=activity.project_id)
    assert window.says("爱心陪伴")
    above = desk.signed_in_as(cast.county).get("/admin/projects/details/", id=activity.project_id)
    assert above.says("上门陪伴") and not above.says("安排活动")
