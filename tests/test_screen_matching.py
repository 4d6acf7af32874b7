"""排班与对接 on screen: the best first and why, why somebody does not fit, one press to roster, coming and going."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook
from served import household, recipient
from served import need as a_need
from turns import moved, occasion, rostered, yesterday

from cast import at, person
from desk import queries
from models import clock
from models.activities import Activity
from models.assignments import Assignment
from models.audit import Trail
from models.covers import Cover
from models.households import Recipient
from models.keying import key_in
from models.matching import POOL, SHOWN, Ground
from models.rosters import assign, clashing
from models.volunteers import Volunteer
from views.ledgers.out import write

PAGE = "/admin/activities/match/"


@pytest.fixture
def activity(cast):
    """Tomorrow from nine to eleven."""
    return occasion(cast, clock.today() + timedelta(days=1))


def points(page) -> dict[str, int]:
    """Name -> points of the suggestions, in the order of the page."""
    table = page.html.partition('id="suggestions"')[2]
    rows = re.findall(r'details/\?id=\d+">([^<]+)</a></td><td>\d*</td><td class="number"><b>(\d+)', table)
    return {name: int(shown) for name, shown in rows}


def test_the_best_come_first_with_their_reasons(desk, cast, activity):
    cell = f"{activity.day.weekday() * 3 + 1:02d}"
    cast.registered("李明", service_times=[])
    cast.registered("王芳", service_times=[cell], residence="530102001001")
    page = desk.signed_in_as(cast.recorder).get(PAGE, id=activity.id)
    assert list(points(page)) == ["王芳", "李明"]
    for said in ("同一社区", "上午有空", "未登记服务时间", "近 30 天 0 次 0 小时"):
        assert page.says(said), said


def test_who_speaks_the_recipients_language_and_was_there_before_comes_first(desk, cast, activity):
    home = household(cast.recorder)
    old = recipient(cast.recorder, home, ethnicity="07", language="07")
    need = a_need(cast.recorder, home, recipient=old.id)
    known = cast.registered("李明")
    cast.registered("王芳", languages=["07"], ethnicity="07")
    (turn,) = rostered(cast, occasion(cast), known, need=need.id)
    moved(turn, "sign_in", "09:00", cast.recorder)
    moved(turn, "sign_out", "11:00", cast.recorder)
    window = desk.signed_in_as(cast.recorder)
    page = window.get(PAGE, id=activity.id)
    assert not page.says("会说彝语") and not page.says("服务过这家")
    page = window.get(PAGE, id=activity.id, need=need.id)
    assert page.says("会说彝语") and page.says("服务过这家 1 次")
    shown = window.get("/admin/activities/details/", id=turn.activity_id)
    assert f"/admin/needs/details/?id={need.id}" in shown.html and shown.says(f"{need.id} 号需求")
    assert not page.says("赵德旺")  # the need is named by its number only
    Recipient.update(language="").where(Recipient.id == old.id).execute()
    assert window.get(PAGE, id=activity.id, need=need.id).says("同为彝族")


def test_one_press_rosters_and_she_is_suggested_no_more(desk, cast, activity):
    one, other = cast.registered("李明"), cast.registered("王芳")
    window = desk.signed_in_as(cast.recorder)
    window.get(PAGE, id=activity.id)
    page = window.post("/admin/activities/assign/", id=activity.id, one=one.id)
    assert page.says("已排班 1 人。") and list(points(page)) == ["王芳"]
    page = window.post("/admin/activities/assign/", id=activity.id, volunteer=[other.id], role="lead")
    assert Assignment.get(Assignment.volunteer == other.id).role == "lead" and page.says("带队")
    assert window.post("/admin/activities/assign/", id=activity.id).says("请先勾选要排班的志愿者。")


def test_a_shift_of_its_own_hours(desk, cast, activity):
    one = cast.registered("李明")
    window = desk.signed_in_as(cast.recorder)
    window.get(PAGE, id=activity.id)
    window.post("/admin/activities/assign/", id=activity.id, one=one.id, start="10:00", end="10:30")
    assert Assignment.get().ends_at == at(activity.day, "10:30")
    assert window.get(PAGE, id=activity.id, start="10:00", end="9:00").says("结束时间应晚于开始时间 10:00")
    assert window.get(PAGE, id=activity.id, start="十点", end="11:00").status == 200


def test_looked_up_by_name_it_says_why_not_and_what_would_help(desk, cast):
    activity = occasion(cast, clock.today() + timedelta(days=1), risky=True)
    fit, unfit, asked = (
        cast.registered("李明"),
        cast.registered("王芳"),
        Volunteer.enter(cast.recorder, **person("赵强")),
    )
    today = clock.today()
    Cover.enter(
        cast.recorder, volunteer=fit.id, insurer="人保财险", policy_number="P1", starts_on=today,
        ends_on=today + timedelta(days=30),
    )  # fmt: skip
    window = desk.signed_in_as(cast.recorder)
    page = window.get(PAGE, id=activity.id, who=unfit.id)
    assert page.says("现在不能排班") and page.says("没有在保的人身意外伤害保险") and page.says("登记到「保险」后可以")
    assert list(points(page)) == ["李明"]
    assert window.get(PAGE, id=activity.id, who=asked.id).says("站长审核通过后可以排班")
    assert window.get(PAGE, id=activity.id, who=fit.id).says("可以排班")
    assert [row["text"] for row in window.get("/admin/activities/people/", q="赵强").json()] == ["赵强"]


def test_whoever_plainly_may_not_is_never_suggested(desk, cast):
    activity = occasion(cast, clock.today() + timedelta(days=1), risky=True, qualification="01")
    cast.registered("李明")
    assert desk.signed_in_as(cast.recorder).get(PAGE, id=activity.id).says("本站现在没有可以排班的人")


def test_without_hours_there_is_nothing_to_match_yet(desk, cast):
    activity = cast.activity(clock.today() + timedelta(days=1))
    window = desk.signed_in_as(cast.recorder)
    assert window.get(PAGE, id=activity.id).says("还没有写开始和结束时间")
    over = occasion(cast)
    assert window.get(PAGE, id=over.id).says("不能再排班")


def test_strangers_and_supervisors(desk, cast, activity):
    someone = cast.registered("李明")
    stranger = desk.signed_in_as(cast.head_b)
    assert stranger.get(PAGE, id=activity.id).status == 404
    theirs = occasion(cast, clock.today() + timedelta(days=1), by=cast.recorder_b)
    assert stranger.get(PAGE, id=theirs.id, who=someone.id).status == 404
    above = desk.signed_in_as(cast.county)
    page = above.get(PAGE, id=activity.id)
    assert page.status == 200 and 'id="suggestions"' not in page.html
    assert above.post("/admin/activities/assign/", id=activity.id, one=someone.id).status == 403
    assert not Assignment.select().exists()


def many(cast, count: int, **more) -> list[int]:
    """So many registered volunteers, copied from one."""
    row = cast.registered("众人").__data__
    copies = [
        row | {"id": None, "name": f"众{n}", "card_no": f"9{n:016d}", "document_index": f"x{n}"} | more
        for n in range(count)
    ]
    for copy in copies:
        copy.pop("id")
    Volunteer.insert_many(copies).execute()
    return [v.id for v in Volunteer.select(Volunteer.id).where(Volunteer.name.startswith("众"))]


def test_more_volunteers_ask_no_more_of_the_database(desk, cast, activity):
    window = desk.signed_in_as(cast.recorder)
    for name in ("李明", "王芳"):
        cast.registered(name)
    asked = []
    for more in (0, 0, 120):
        if more:
            many(cast, more)
        with queries() as sent:
            assert window.get(PAGE, id=activity.id).status == 200
        asked.append(len(sent))
    assert asked[1] == asked[2] < 60
    assert len(points(window)) == SHOWN


def test_the_best_of_a_large_station_is_found_though_she_came_last(cast, activity):
    many(cast, POOL + 60, service_times="")
    best = cast.registered("王芳", service_times=[f"{activity.day.weekday() * 3 + 1:02d}"], residence="530102001001")
    ground = Ground.of(activity, None, at(activity.day, "09:00"), at(activity.day, "11:00"))
    found = ground.suggestions()
    assert len(found) == SHOWN and found[0].volunteer == best.id
    assert len(ground.known) == POOL


def test_somebody_rested_comes_before_somebody_who_did_much(cast, activity):
    tired, rested = cast.registered("李明"), cast.registered("王芳")
    day = yesterday()
    key_in([cast.draft(tired, cast.activity(day), "08:00", "18:00")], cast.recorder)
    ground = Ground.of(activity, None, at(activity.day, "09:00"), at(activity.day, "11:00"))
    assert [one.volunteer for one in ground.suggestions()] == [rested.id, tired.id]


# --- the roster on the activity's page ---


def test_the_roster_stands_on_the_activitys_page_with_its_clashes(desk, cast):
    one = cast.registered("李明")
    past = occasion(cast)
    rostered(cast, past, one)
    key_in([cast.draft(one, cast.activity(yesterday(), name="打扫"), "10:00", "12:00")], cast.recorder)
    page = desk.signed_in_as(cast.recorder).get("/admin/activities/details/", id=past.id)
    assert page.says("时间冲突：「打扫」的记录") and page.says("排班与对接")
    assert one.phone not in page.html and page.says("138****")


def test_on_another_day_the_desk_says_when_she_came(desk, cast):
    (turn,) = rostered(cast, occasion(cast), cast.registered("李明"))
    window = desk.signed_in_as(cast.recorder)
    back = f"/admin/activities/details/?id={turn.activity_id}"
    page = window.get(back)
    assert 'name="sign_in-came_at"' in page.html
    stamp = f"{turn.starts_at:%Y-%m-%d}T09:10"
    sent = {"sign_in-came_at": stamp}
    assert window.post("/admin/assignments/move/", sent, move="sign_in", id=turn.id, back=back).says("09:10")
    sent = {"sign_out-left_at": stamp.replace("09:10", "11:00")}
    assert window.post("/admin/assignments/move/", sent, move="sign_out", id=turn.id, back=back).says("已签退")


def test_those_who_did_not_come_are_offered_as_no_shows(desk, cast):
    activity = occasion(cast)
    gone, came = rostered(cast, activity, cast.registered("李明"), cast.registered("王芳"))
    moved(came, "sign_in", "09:00", cast.recorder)
    Activity.move(activity.id, "hold", cast.recorder)
    window = desk.signed_in_as(cast.recorder)
    back = f"/admin/activities/details/?id={activity.id}"
    page = window.get(back)
    assert f'value="{gone.id}" form="missed"' in page.html and f'value="{came.id}" form="missed"' not in page.html
    page = window.post("/admin/assignments/move/", move="miss", id=[gone.id], reason="电话未接", back=back)
    assert page.says("未到岗") and page.says("电话未接")
    assert 'form="missed"' not in page.html
    later = occasion(cast, clock.today() + timedelta(days=1))
    window.get(PAGE, id=later.id)
    assert window.says("未到岗 1 次")


def test_the_sheet_is_filled_in_from_the_roster(desk, cast):
    activity = occasion(cast)
    out, still = rostered(cast, activity, cast.registered("李明"), cast.registered("王芳"))
    for turn in (out, still):
        moved(turn, "sign_in", "09:05", cast.recorder)
    moved(out, "sign_out", "11:00", cast.recorder)
    window = desk.signed_in_as(cast.recorder)
    page = window.get("/admin/sheets/key/", activity=activity.id)
    assert page.says("从排班带入") and not page.says("李明")
    page = window.get("/admin/sheets/key/", activity=activity.id, roster=1)
    assert page.says("李明") and 'value="09:05"' in page.html and 'value="11:00"' in page.html
    assert page.says("还没有签退，请填写结束时间。")
    page = window.post(
        "/admin/sheets/key/", activity=activity.id, who=["李明"], volunteer=[out.volunteer_id], start=["09:05"],
        end=["11:00"], travel=[""], content=["陪伴"], quality=["1"], remark=[""], id=[""], save="1",
    )  # fmt: skip
    assert page.says("已保存 1 条")
    page = window.get("/admin/sheets/key/", activity=activity.id, roster=1)
    assert page.says("王芳") and not page.says("李明")


# --- lists, the week, the ledger ---


def test_the_lists_are_tabs_and_wait_in_the_inbox(desk, cast):
    (turn,) = rostered(cast, occasion(cast), cast.registered("李明"))
    window = desk.signed_in_as(cast.recorder)
    assert window.get("/admin/").says("过时未签到")
    assert window.get("/admin/assignments/", list="absent").says("李明")
    Assignment.move(turn.id, "miss", cast.recorder, "没来")
    assert not window.get("/admin/assignments/", list="absent").says("李明")
    assert window.get("/admin/assignments/", list="missed").says("李明")
    assert "138****" in window.html


def test_an_activity_short_of_hands_waits_in_the_inbox(desk, cast, activity):
    window = desk.signed_in_as(cast.head)
    assert window.get("/admin/activities/", list="short").says("上门陪伴")
    assign(activity.id, [cast.registered().id], cast.recorder)
    assert not window.get("/admin/activities/", list="short").says("上门陪伴")


def test_the_week_by_day_and_on_paper(desk, cast):
    (turn,) = rostered(cast, occasion(cast), cast.registered("李明"), role="lead")
    window = desk.signed_in_as(cast.recorder)
    page = window.get("/admin/assignments/week/", day=str(turn.starts_at.date()))
    assert page.says("李明（带队）") and page.says("09:00–11:00") and page.says("周日") and page.says("没有排班")
    assert not window.get("/admin/assignments/week/", day="2019-01-01").says("李明")
    assert window.get("/admin/assignments/week/", day="昨天").status == 200
    assert window.get("/admin/assignments/week/print/", day=str(turn.starts_at.date())).says("李明（带队）")
    assert Trail.select().where(Trail.action == "print", Trail.table == "assignment").count() == 1
    assert (
        not desk.signed_in_as(cast.head_b)
        .get("/admin/assignments/week/", day=str(turn.starts_at.date()))
        .says("李明")
    )
    above = desk.signed_in_as(cast.county)
    assert above.get("/admin/assignments/week/", day=str(turn.starts_at.date()), station=cast.a.id).says("李明")
    assert above.get("/admin/assignments/week/print/").status == 403


def test_a_cover_is_entered_masked_and_revealed_with_a_reason(desk, cast):
    someone, today = cast.registered("李明"), clock.today()
    window = desk.signed_in_as(cast.recorder)
    window.get("/admin/covers/new/")
    page = window.post(
        "/admin/covers/new/", volunteer=someone.id, insurer="人保财险", policy_number="PDAA202653010001",
        starts_on=str(today), ends_on=str(today + timedelta(days=20)), remark="意外险 20 万元",
    )  # fmt: skip
    assert page.says("人保财险") and "PDAA202653010001" not in page.html
    key = Cover.get().id
    page = window.post("/admin/covers/reveal/", id=key, field="policy_number", reason="保险理赔")
    assert page.says("PDAA202653010001")
    assert window.get("/admin/covers/", list="expiring").says("李明")
    assert desk.signed_in_as(cast.head_b).get("/admin/covers/details/", id=key).status == 404


def test_a_turn_is_entered_by_the_form_as_well(desk, cast, activity):
    someone = cast.registered("李明")
    window = desk.signed_in_as(cast.recorder)
    window.get("/admin/assignments/new/")
    page = window.post("/admin/assignments/new/", activity=activity.id, volunteer=someone.id, role="member")
    assert page.says("已排班") and Assignment.get().starts_at == at(activity.day, "09:00")
    key = Assignment.get().id
    window.get("/admin/assignments/edit/", id=key)
    window.post(f"/admin/assignments/edit/?id={key}", activity=activity.id, volunteer=someone.id, role="lead",
                starts_at=f"{activity.day}T09:00", ends_at=f"{activity.day}T11:00", revision=0)  # fmt: skip
    assert (Assignment.get().role, Assignment.get().revision) == ("lead", 1)
    page = window.post("/admin/assignments/new/", activity=activity.id, volunteer=someone.id, role="member")
    assert page.says("时间重叠") and Assignment.select().count() == 1


def test_queries_of_the_list_do_not_grow_with_rows(desk, cast):
    activity = occasion(cast)
    rostered(cast, activity, cast.registered("李明"))
    window = desk.signed_in_as(cast.recorder)
    window.get("/admin/assignments/")
    with queries() as few:
        window.get("/admin/assignments/")
    rostered(cast, activity, cast.registered("王芳"), cast.registered("赵强"))
    window.get("/admin/assignments/")
    with queries() as many_rows:
        window.get("/admin/assignments/")
    assert len(few) == len(many_rows)


def test_the_ledger_of_activities_adds_up(cast, tmp_path):
    activity = occasion(cast, home_visit=True, headcount=2)
    one, two = cast.registered("李明"), cast.registered("王芳")
    turns = rostered(cast, activity, one, two)
    moved(turns[1], "miss", "10:00", cast.recorder, "没来")
    key_in([cast.draft(one, activity), cast.draft(two, activity, "09:00", "09:30")], cast.recorder)
    off = occasion(cast, name="植树")
    Activity.move(off.id, "cancel", cast.head, "下雨")
    summary = write("activities", tmp_path / "a.xlsx", cast.head)
    assert summary.totals == {"rostered": 1, "missed": 1, "people": 2, "minutes": 150, "good": 2, "photos": 0}
    rows = (
        CalamineWorkbook.from_filelike(BytesIO((tmp_path / "a.xlsx").read_bytes())).get_sheet_by_index(0).to_python()
    )
    said = "　".join(str(cell) for row in rows for cell in row)
    assert "上门陪伴" in said and "钱进" in said and "文林社区" in said and "植树" not in said


def test_a_need_is_picked_by_whose_and_what_and_only_while_it_waits(desk, cast, activity):
    need = a_need(cast.recorder)
    done = a_need(cast.recorder)
    type(done).update(state="met").where(type(done).id == done.id).execute()
    window = desk.signed_in_as(cast.recorder)
    found = window.get("/admin/assignments/ajax/lookup/", name="need", q="打扫").json()
    assert [row["id"] for row in found] == [need.id]
    assert found[0]["text"] == f"{need.id} 号 赵德旺（翠竹巷 3 栋）：请人每周来打扫一次"
    assert desk.signed_in_as(cast.head_b).get("/admin/assignments/ajax/lookup/", name="need", q="打扫").json() == []
    assert desk.signed_in_as(cast.county).get("/admin/assignments/ajax/lookup/", name="need", q="打扫").status == 403


def test_a_volunteers_page_shows_her_turns_and_covers(desk, cast):
    someone = cast.registered("李明")
    (turn,) = rostered(cast, occasion(cast), someone)
    moved(turn, "miss", "10:00", cast.recorder, "没来")
    page = desk.signed_in_as(cast.recorder).get("/admin/volunteers/details/", id=someone.id)
    assert page.says("上门陪伴") and page.says("未到岗") and f"/admin/covers/new/?volunteer={someone.id}" in page.html


def test_the_same_on_postgresql(cast_on_either):
    """Everything that SQL works out: suggestions, lists, clashes, the ledger's sums."""
    cast = cast_on_either
    day = yesterday()
    activity = occasion(cast, day, risky=True, home_visit=True, headcount=4, qualification="90")
    one, other = cast.registered("李明", skills=["01"]), cast.registered("王芳")
    ground = Ground.of(activity, None, at(day, "09:00"), at(day, "11:00"))
    assert ground.suggestions() == []
    plain = occasion(cast, day, "13:00", "15:00", home_visit=True)
    need = a_need(cast.recorder)
    turns = rostered(cast, plain, one, other, need=need.id)
    for turn in turns:
        moved(turn, "sign_in", "13:00", cast.recorder)
    key_in([cast.draft(one, cast.activity(day, name="打扫"), "13:30", "14:00")], cast.recorder)
    assert list(clashing([turn.id for turn in turns])) == [turns[0].id]
    with clock.past(at(day, "15:30")):
        assert Assignment.select().where(Assignment.unsigned(cast.recorder)).count() == 2
        assert Assignment.select().where(Assignment.upcoming(cast.recorder)).count() == 2
        assert Assignment.select().where(Assignment.absent(cast.recorder)).count() == 0
    with clock.past(at(day, "08:00")):
        assert {row.id for row in Activity.select().where(Activity.short(cast.head))} == {
            activity.id,
            *short_too(day),
        }
    assert Cover.select().where(Cover.expiring(cast.head)).count() == 0
    later = occasion(cast, clock.today() + timedelta(days=1))
    found = Ground.of(later, need, at(later.day, "09:00"), at(later.day, "11:00")).suggestions()
    assert {row.volunteer for row in found} == {one.id, other.id}
    assert all(any(reason.tag == "服务过这家 1 次" for reason in row.match.reasons) for row in found)


def short_too(day) -> list[int]:
    """The activity that nobody was rostered for, made for the clash."""
    return [row.id for row in Activity.select(Activity.id).where(Activity.day == day, Activity.name == "打扫")]


def test_the_ledger_of_activities_on_postgresql(cast_on_either, tmp_path):
    cast = cast_on_either
    activity = occasion(cast)
    key_in([cast.draft(cast.registered(), activity)], cast.recorder)
    summary = write("activities", tmp_path / "a.xlsx", cast.prefecture, station=cast.a.id)
    assert (summary.rows, summary.totals["minutes"], summary.totals["people"]) == (1, 120, 1)
