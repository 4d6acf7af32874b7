"""组织培训 on screen: enrol by ticking, key forty results in one grid, and open every figure of a plan to its rows."""

from datetime import date, timedelta

import pytest
from test_training import backbone, count_training, crowd, paper
from walks_training import a_plan, course, held, passed

from desk import queries
from models import clock
from models.applications import Application
from models.attending import enrol, move_all
from models.audit import Trail
from models.courses import Attendance, Training
from models.hours import Entry
from models.projects import Post
from models.teams import Team, TeamMember
from models.training import Backbone, Qualification
from models.training_plans import PlanLine, TrainingPlan
from models.volunteers import Volunteer
from views.ledgers.out import write

FORM = {
    "name": "急救基础", "topic": "03", "form": "lecture", "day": "2026-03-05", "place": "多功能厅", "speaker": "杨医生",
    "minutes": "120", "organiser": "", "starts_at": "", "ends_at": "", "capacity": "", "qualification": "",
    "valid_months": "", "content": "",
}  # fmt: skip


def move(window, path, row, name, **more):
    return window.post(
        f"/admin/{path}/move/", move=name, id=row.id, back=f"/admin/{path}/details/?id={row.id}", **more
    )


def test_a_recorder_enters_a_training_and_the_county_one_of_its_own(cast, desk):
    window = desk.signed_in_as(cast.recorder)
    window.get("/admin/trainings/new/")
    assert window.post("/admin/trainings/new/", FORM).says("已保存")
    county = desk.signed_in_as(cast.county)
    county.get("/admin/trainings/new/")
    assert county.post("/admin/trainings/new/", FORM | {"name": "全区急救"}).says("县（市、区）")
    assert [t.level for t in Training.select().order_by(Training.id)] == ["community", "county"]
    page = desk.signed_in_as(cast.recorder).get("/admin/trainings/")
    assert page.says("急救基础") and not page.says("全区急救")


def test_what_is_missing_is_said_beside_the_field_and_nothing_typed_is_lost(cast, desk):
    window = desk.signed_in_as(cast.recorder)
    window.get("/admin/trainings/new/")
    page = window.post("/admin/trainings/new/", FORM | {"minutes": "两小时", "topic": ""})
    assert page.says("应是整数，现在是「两小时」") and page.says("多功能厅")
    assert not Training.select().exists()


def test_auditors_enter_nothing(cast, desk):
    window = desk.signed_in_as(cast.auditor)
    assert window.get("/admin/trainings/new/").status == 403
    row = held(cast, [cast.registered()])
    for path in ("enrol", "results"):
        assert window.get(f"/admin/trainings/{path}/", id=row.id).status == 403
        assert window.post(f"/admin/trainings/{path}/", id=row.id).status == 403


def test_people_are_enrolled_by_ticking(cast, desk):
    people, row = crowd(cast, 3), held(cast, [])
    window = desk.signed_in_as(cast.recorder)
    page = window.get("/admin/trainings/enrol/", id=row.id)
    assert all(page.says(p.card_no) for p in people)
    page = window.post("/admin/trainings/enrol/", id=row.id, volunteer=[p.id for p in people[:2]])
    assert page.says("已报名 2 人") and page.says("报名 2 人，到场 0 人")
    left = window.get("/admin/trainings/enrol/", id=row.id)
    assert left.says(people[2].card_no) and not left.says(people[0].card_no)


def test_the_list_to_tick_is_narrowed_by_team_project_backbones_and_name(cast, desk):
    a, b, c = crowd(cast, 3)
    team = Team.enter(cast.recorder, name="红马甲队", kind="own", leader="李", phone="13800000001", since=date(2020, 1, 1),
                      categories=["01"])  # fmt: skip
    Team.move(team.id, "approve", cast.head)
    TeamMember.enter(cast.recorder, team=team.id, volunteer=a.id, joined_on=clock.today())
    Backbone.move(backbone(cast, b).id, "confirm", cast.head)
    project = cast.activity().project_id
    Application(
        station=cast.a.id, project=project, post=Post.get(Post.project == project).id, volunteer=c.id, state="accepted",
        applied_on=clock.today(),
    ).save(force_insert=True)  # fmt: skip
    row = held(cast, [])
    window = desk.signed_in_as(cast.recorder)
    for query, found in [
        ({"team": team.id}, a),
        ({"project": project}, c),
        ({"backbones": "1"}, b),
        ({"q": c.card_no}, c),
    ]:
        page = window.get("/admin/trainings/enrol/", id=row.id, **query)
        assert [p.id for p in (a, b, c) if page.says(p.card_no)] == [found.id], query


def test_a_refused_enrolment_keeps_the_ticks(cast, desk):
    people, row = crowd(cast, 2), held(cast, [], capacity=1)
    window = desk.signed_in_as(cast.recorder)
    window.get("/admin/trainings/enrol/", id=row.id)
    page = window.post("/admin/trainings/enrol/", id=row.id, volunteer=[p.id for p in people])
    assert page.says("还剩 1 个") and page.html.count(" checked") == 2
    assert not Attendance.select().exists()


def test_strangers_enrol_nobody(cast, desk):
    row = held(cast, [])
    window = desk.signed_in_as(cast.head_b)
    assert window.get("/admin/trainings/enrol/", id=row.id).status == 404
    assert window.get("/admin/trainings/results/", id=row.id).status == 404
    own = desk.signed_in_as(cast.recorder)
    own.get("/admin/trainings/enrol/", id=row.id)
    theirs = cast.registered("王芳", by=cast.recorder_b)
    assert own.post("/admin/trainings/enrol/", id=row.id, volunteer=theirs.id).status == 404


def grid(row, **typed) -> dict[str, str]:
    """The grid as the page sends it, everybody open unless said otherwise."""
    sent = {"id": str(row.id)}
    for one in Attendance.select().where(Attendance.training == row.id):
        sent |= {f"state-{one.id}": "enrolled", f"minutes-{one.id}": str(row.minutes), f"result-{one.id}": "none"}
    return sent | typed


def test_forty_results_are_keyed_with_the_exceptions_and_one_press(cast, desk):
    people = crowd(cast, 40)
    row = held(cast, people)
    first, second, third = (a.id for a in Attendance.select().order_by(Attendance.id).limit(3))
    window = desk.signed_in_as(cast.recorder)
    assert window.get("/admin/trainings/results/", id=row.id).html.count('name="state-') == 40
    typed = {f"state-{first}": "absent", f"state-{second}": "attended", f"minutes-{second}": "６０",
             f"result-{second}": "failed", "rest": "passed"}  # fmt: skip
    assert window.post("/admin/trainings/results/", grid(row, **typed)).says("已登记 40 人")
    said = {a.id: (a.state, a.minutes, a.result) for a in Attendance.select()}
    assert said[first] == ("absent", 0, "none") and said[second] == ("attended", 60, "failed")
    assert said[third] == ("attended", 120, "passed") and len([s for s in said.values() if s[2] == "passed"]) == 38


def test_a_line_that_is_wrong_says_so_beside_itself_and_nothing_is_kept(cast, desk):
    row = held(cast, crowd(cast, 2))
    one, two = (a.id for a in Attendance.select().order_by(Attendance.id))
    window = desk.signed_in_as(cast.recorder)
    window.get("/admin/trainings/results/", id=row.id)
    for typed, says in [("很久", "应是整数分钟，现在是「很久」"), ("500", "在 1 到 120 分钟之间，现在是 500")]:
        page = window.post("/admin/trainings/results/", grid(row, **{
            f"state-{one}": "attended", f"minutes-{one}": typed, f"state-{two}": "absent"}))  # fmt: skip
        assert page.says(says) and page.says("没有保存") and f'value="{typed}"' in page.html
        assert {a.state for a in Attendance.select()} == {"enrolled"}


def test_the_whole_way_from_draft_to_a_qualification(cast, desk):
    someone = cast.registered()
    row = course(cast, qualification="01")
    recorder, head = desk.signed_in_as(cast.recorder), desk.signed_in_as(cast.head)
    assert move(recorder, "trainings", row, "publish").says("报名中")
    enrol(row.id, [someone.id], cast.recorder)
    assert move(recorder, "trainings", row, "hold").says("还有 1 人没有登记到场")
    assert 'value="confirm"' not in head.get("/admin/trainings/details/", id=row.id).html
    recorder.get("/admin/trainings/results/", id=row.id)
    recorder.post("/admin/trainings/results/", grid(row, rest="passed"))
    assert head.get("/admin/").says("已举办")
    page = move(head, "trainings", row, "confirm")
    assert page.says("结果已确认") and page.says("急救员证")
    assert Qualification.get().volunteer_id == someone.id


def test_the_countys_training_is_read_at_the_station_and_not_written(cast, desk):
    row = held(cast, [cast.registered()], by=cast.county)
    page = desk.signed_in_as(cast.head).get("/admin/trainings/details/", id=row.id)
    assert page.says("由五华区举办") and page.says("登记到场和考核")
    assert 'value="confirm"' not in page.html and "/admin/trainings/edit/" not in page.html
    county = desk.signed_in_as(cast.county).get("/admin/trainings/details/", id=row.id)
    assert county.says("报名 1 人") and "/admin/trainings/enrol/" not in county.html


def test_the_list_of_late_results_is_a_tab_and_stands_in_the_inbox(cast, desk):
    passed(cast, [cast.registered()], name="早就办过的", days_ago=20)
    passed(cast, [], name="刚办的", days_ago=2)
    head = desk.signed_in_as(cast.head)
    assert head.get("/admin/").says("举办已久、结果未确认")
    page = head.get("/admin/trainings/", list="unconfirmed")
    assert page.says("早就办过的") and not page.says("刚办的")


@pytest.mark.parametrize(("name", "title"), [("expiring", "即将到期"), ("expired", "已过期未续")])
def test_what_expires_is_listed_and_stands_in_the_inbox(cast, desk, name, title):
    soon, late, fine = crowd(cast, 3)
    for person, days in ((soon, 30), (late, -3), (fine, 400)):
        row = paper(cast, person, expires_on=clock.today() + timedelta(days=days))
        Qualification.move(row.id, "check", cast.head)
    window = desk.signed_in_as(cast.recorder)
    assert window.get("/admin/").says(title)
    page = window.get("/admin/qualifications/", list=name)
    listed = [p.id for p in (soon, late, fine) if page.says(p.card_no)]
    assert listed == [soon.id if name == "expiring" else late.id]


def test_backbones_show_how_they_were_trained(cast, desk):
    went, missed = crowd(cast, 2)
    for person in (went, missed):
        Backbone.move(backbone(cast, person).id, "confirm", cast.head)
    row = held(cast, [went], for_backbones=True, name="带队方法")
    move_all([a.id for a in row.attendances], "attend", cast.recorder)
    head = desk.signed_in_as(cast.head)
    if row.day.year == clock.today().year:
        page = head.get("/admin/backbones/", list="untrained")
        assert page.says(missed.card_no) and not page.says(went.card_no)
    page = head.get("/admin/backbones/details/", id=Backbone.get(Backbone.volunteer == went.id).id)
    assert page.says("带队方法") and page.says("2.00")
    assert head.get("/admin/backbones/").says("今年骨干培训不足")


def test_the_volunteers_page_tells_her_trainings_papers_and_study_hours(cast, desk):
    someone = cast.registered()
    row = passed(cast, [someone], qualification="01", name="急救一日班")
    Training.move(row.id, "confirm", cast.head)
    Backbone.move(backbone(cast, someone).id, "confirm", cast.head)
    page = desk.signed_in_as(cast.recorder).get("/admin/volunteers/details/", id=someone.id)
    for said in ("急救一日班", "急救员证", "带队入户", "培训学时", "2.00"):
        assert page.says(said), said
    assert f"/admin/qualifications/new/?volunteer={someone.id}" in page.html


def test_posted_training_stands_in_the_statement_and_opens_to_the_attendance(cast, desk):
    count_training()
    someone = cast.registered()
    row = passed(cast, [someone])
    Training.move(row.id, "confirm", cast.head)
    page = desk.signed_in_as(cast.head).get("/admin/balances/details/", id=someone.id)
    assert page.says("培训入账")
    assert f"/admin/attendances/details/?id={Entry.get().attendance}" in page.html


# --- the yearly plan ---


@pytest.fixture
def year(cast):
    """This year's plan of A with 急救 and everything else; one training of each kind took place, and one last year."""
    someone, other = crowd(cast, 2)
    clock.move_demo_clock((date(clock.today().year + 1, 6, 1) - clock.today()).days)
    plan = TrainingPlan.get_by_id(a_plan(cast)[1])
    first = PlanLine.enter(cast.recorder, plan=plan.id, sessions=2, minutes=240, people=4, topic="03")
    for name, more in [("急救", {}), ("反诈", {"topic": "08"}), ("去年的", {"days_ago": 300})]:
        row = held(cast, [someone, other], name=name, **more)
        move_all([a.id for a in row.attendances][:1], "attend", cast.recorder)
    county = held(cast, [someone], by=cast.county, name="区里的")
    move_all([a.id for a in county.attendances], "attend", cast.recorder)
    held(cast, [], by=cast.county, name="没人去的")
    course(cast, name="还没办的", days_ago=-5)
    return plan, first


def test_a_plan_is_held_against_what_was_done_and_each_figure_opens_to_its_rows(cast, desk, year):
    plan, line = year
    window = desk.signed_in_as(cast.head)
    page = window.get("/admin/training_plans/details/", id=plan.id)
    for said in ("50%", "25%", "100%"):
        assert page.says(said), said
    sessions = window.get("/admin/trainings/", line=line.id)
    assert sessions.says("急救") and sessions.says("共 1 条")
    people = window.get("/admin/attendances/", line=line.id)
    assert people.says("共 1 条") and people.says("李丁")
    whole = window.get("/admin/trainings/", plan=plan.id)
    assert whole.says("共 2 条") and whole.says("反诈")
    assert not any(whole.says(name) for name in ("区里的", "没人去的", "去年的", "还没办的"))
    assert window.get("/admin/attendances/", plan=plan.id).says("共 2 条")
    outside = window.get("/admin/trainings/", plan=plan.id, part="outside")
    assert outside.says("共 1 条") and outside.says("区里的")
    assert window.get("/admin/attendances/", plan=plan.id, part="outside").says("共 1 条")


def test_the_figures_are_the_rows(cast, year):
    from models.training_plans import done

    plan, line = year
    lines = list(plan.lines)
    figures = done(plan, lines)
    for part, figure, count in [(True, figures.planned, 2), (False, figures.outside, 1)]:
        every = list(Training.select().where(plan.part(part)))
        assert (figure.sessions, figure.minutes, figure.people) == (len(every), sum(t.minutes for t in every), count)
        assert len(every) == count
    assert figures.lines[line.id].sessions == Training.select().where(line.trainings()).count() == 1
    assert figures.lines[line.id].people == Attendance.select().where(line.people_there()).count() == 1


def test_the_countys_plan_counts_the_county_and_the_stations_in_it(cast, year):
    from models.training_plans import done

    plan = TrainingPlan.get_by_id(a_plan(cast, cast.county)[1])
    theirs = held(cast, [], by=cast.recorder_b, name="邻县的")
    assert theirs.state == "held"
    assert done(plan, []).outside.sessions == 4  # two of A's this year, two of its own
    upper = PlanLine.enter(cast.county, plan=plan.id, level="county", sessions=2, minutes=240, people=4)
    assert done(plan, [upper]).lines[upper.id].sessions == 2


def test_figures_of_a_plan_ask_no_more_of_the_database_for_many_lines(cast, desk, year):
    plan, _ = year
    window = desk.signed_in_as(cast.head)
    counted = []
    for topics in ((), ("04", "05", "06", "07")):
        for topic in topics:
            PlanLine.enter(cast.recorder, plan=plan.id, sessions=1, minutes=60, people=10, topic=topic)
        with queries() as sent:
            window.get("/admin/training_plans/details/", id=plan.id)
        counted.append(len(sent))
    assert counted[0] == counted[1]


def test_a_plan_is_written_while_it_is_a_draft_and_issued_by_another(cast, desk):
    _, key = a_plan(cast)
    plan = TrainingPlan.get_by_id(key)
    recorder, head = desk.signed_in_as(cast.recorder), desk.signed_in_as(cast.head)
    page = recorder.get("/admin/training_plan_lines/new/", plan=key)
    assert page.says("2026" if plan.year == 2026 else str(plan.year))
    sent = {
        "plan": key,
        "level": "community",
        "topic": "05",
        "sessions": "1",
        "minutes": "60",
        "people": "12",
        "note": "",
    }
    assert recorder.post("/admin/training_plan_lines/new/", sent).says("养老照护")
    assert recorder.post("/admin/training_plan_lines/new/", sent).says("计划里已有这个级别、这个主题的一项")
    line = PlanLine.get(PlanLine.topic == "05")
    assert recorder.post("/admin/training_plans/strike/", id=line.id).says("已删去这一项")
    assert Trail.select().where(Trail.action == "strike").exists()
    move(recorder, "training_plans", plan, "submit")
    rest = PlanLine.get(PlanLine.plan == key)
    assert recorder.post("/admin/training_plans/strike/", id=rest.id).says("要改请先退回或调整")
    assert recorder.post("/admin/training_plan_lines/new/", sent).says("要改请先退回或调整")
    assert move(head, "training_plans", plan, "issue").says("已下达")


def test_a_head_does_not_issue_the_plan_she_entered_and_strangers_see_none(cast, desk):
    _, key = a_plan(cast, cast.head)
    plan = TrainingPlan.get_by_id(key)
    TrainingPlan.move(key, "submit", cast.head)
    assert move(desk.signed_in_as(cast.head), "training_plans", plan, "issue").says("不能审定自己录入的计划")
    stranger = desk.signed_in_as(cast.head_b)
    assert stranger.get("/admin/training_plans/details/", id=key).status == 404
    line = PlanLine.get()
    for path in ("trainings", "attendances"):
        assert stranger.get(f"/admin/{path}/", line=line.id).status == 404
    assert stranger.post("/admin/training_plans/strike/", id=line.id).status == 404
    assert TrainingPlan.move(key, "issue", cast.deputy).state == "issued"


def test_stations_read_the_issued_plan_of_their_county(cast, desk):
    _, key = a_plan(cast, cast.county)
    window = desk.signed_in_as(cast.head)
    assert window.get("/admin/training_plans/details/", id=key).status == 404
    for name in ("submit", "issue"):
        TrainingPlan.move(key, name, cast.county)
    page = window.get("/admin/training_plans/details/", id=key)
    assert page.status == 200 and "/admin/training_plan_lines/new/" not in page.html


# --- lists and the ledger ---


def test_lists_ask_no_more_of_the_database_for_more_rows(cast, desk):
    window = desk.signed_in_as(cast.head)
    people = crowd(cast, 6)
    counted = {}
    for some in (people[:2], people[2:]):
        row = passed(cast, some, qualification="01")
        Training.move(row.id, "confirm", cast.head)
        for person in some:
            backbone(cast, person)
        for path in ("trainings", "attendances", "qualifications", "backbones", f"trainings/details/?id={row.id}"):
            window.get(f"/admin/{path}" + ("" if "?" in path else "/"))  # tabs and badges are counted once in a while
            with queries() as sent:
                assert window.get(f"/admin/{path}" + ("" if "?" in path else "/")).status == 200
            counted.setdefault(path.partition("?")[0], []).append(len(sent))
    assert all(few == many for few, many in counted.values()), counted


def test_the_ledger_holds_who_was_where_for_how_long(cast, desk, tmp_path):
    people = crowd(cast, 3)
    row = passed(cast, people[:2], name="急救一日班", qualification="01")
    Training.move(row.id, "confirm", cast.head)
    gone = held(cast, people[2:])
    move_all([a.id for a in gone.attendances], "withdraw", cast.recorder)
    summary = write("training", tmp_path / "t.xlsx", cast.head)
    assert summary.rows == 2 and set(summary.totals.values()) == {240}
    assert desk.signed_in_as(cast.head).get("/admin/attendances/").says("4.00")
    assert write("training", tmp_path / "b.xlsx", cast.head_b).rows == 0
    assert write("training", tmp_path / "c.xlsx", cast.county).rows == 2


def test_a_volunteer_who_left_is_not_offered(cast, desk):
    someone, row = cast.registered(), held(cast, [])
    Volunteer.move(someone.id, "suspend", cast.head, "外出")
    assert not desk.signed_in_as(cast.recorder).get("/admin/trainings/enrol/", id=row.id).says(someone.card_no)
