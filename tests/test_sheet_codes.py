"""Row codes keyed back: the person and the activity come by themselves, and nobody else's."""

import pytest
from test_screen_sheets import keyed, line
from turns import occasion

from models.records import ServiceRecord
from rules.row_codes import RowCode


@pytest.fixture
def activity(cast):
    return occasion(cast)


def key(window, activity, code, **more):
    window.get(f"/admin/sheets/key/?activity={activity.id}")
    return window.post("/admin/sheets/key/", activity=activity.id, **keyed(line(code, **more)))


def test_a_row_code_is_keyed_for_the_person(cast, desk, activity):
    person = cast.registered("李明")
    assert key(desk.signed_in_as(cast.recorder), activity, str(RowCode(activity.id, person.id))).says("已保存 1 条")
    assert ServiceRecord.get().volunteer_id == person.id


def test_a_scanned_code_opens_the_grid_of_its_activity_with_the_person_filled_in(cast, desk, activity):
    person = cast.registered("李明")
    page = desk.signed_in_as(cast.recorder).get("/admin/sheets/row/", code=str(RowCode(activity.id, person.id)))
    assert f"activity={activity.id}" in page.path and page.says(f"{person.name} {person.card_no}")


def test_the_check_of_the_grid_says_who_a_code_is(cast, desk, activity):
    person = cast.registered("李明")
    page = desk.signed_in_as(cast.recorder).get(f"/admin/sheets/key/?activity={activity.id}")
    said = page.post("/admin/sheets/check/", activity=activity.id, **keyed(line(str(RowCode(activity.id, person.id))))).json()
    assert said[0]["typed"]["volunteer"] == str(person.id) and not said[0]["wrong"]


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (lambda a, p: f"{a.id}-{p.id}-00", "校验位不对"),
        (lambda a, p: RowCode(a.id + 1, p.id), "是另一次活动的签到表上的"),
        (lambda a, p: RowCode(a.id, None, 1, 3), "第 1 张表第 3 行的空白行，请填写这一行手写的姓名"),
        (lambda a, p: RowCode(a.id, p.id + 999), "没有找到行码"),
    ],
)
def test_a_code_that_names_nobody_here_says_why(cast, desk, activity, made, says):
    person = cast.registered("李明")
    window = desk.signed_in_as(cast.recorder)
    assert key(window, activity, str(made(activity, person))).says(says)
    assert not ServiceRecord.select().exists()


def test_another_stations_volunteer_is_not_read_out(cast, desk, activity):
    stranger = cast.registered("孙丽", by=cast.recorder_b)
    window = desk.signed_in_as(cast.recorder)
    page = key(window, activity, str(RowCode(activity.id, stranger.id)))
    assert page.says("没有找到行码") and not page.says("孙丽")


def test_a_strangers_activity_is_not_found(cast, desk, activity):
    person = cast.registered("李明")
    window = desk.signed_in_as(cast.head_b)
    assert window.get("/admin/sheets/row/", code=str(RowCode(activity.id, person.id))).status == 404
    assert window.get("/admin/sheets/print/", activity=activity.id).status == 404


@pytest.mark.parametrize("said", ["", "12-3", "12-345-00"])
def test_what_is_no_code_leads_back_and_says_so(cast, desk, said):
    assert desk.signed_in_as(cast.recorder).get("/admin/sheets/row/", code=said).says("行码")
