"""组织培训: whose a training is, who came, what passing brings, and what is taken back."""

from datetime import date, timedelta

import pytest
from walks_training import a_plan, course, held, passed

from desk import queries
from models import clock
from models.attending import Mark, MarksRefused, enrol, mark, move_all
from models.audit import Trail
from models.courses import Attendance, Training
from models.hours import Balance, Entry
from models.policy import PolicyVersion
from models.refusals import NotFound, Refusal
from models.scope import Actor, find, within
from models.stars import StarGrant
from models.training import Backbone, Qualification, held_on
from models.training_plans import Done, TrainingPlan, done
from models.verifying import verify
from models.volunteers import Claim, Volunteer
from rules.access import Role

COUNTING = {
    "rounding_minutes": 1, "rounding": "down", "minimum_minutes": 0, "raise_to_minimum": False,
    "daily_cap_minutes": 720, "travel_counts": False, "presence_share": 50,
}  # fmt: skip


def count_training(counts: bool = True, division: str = "53", since: date = date(2020, 1, 1), edition: int = 1) -> None:
    """The province lets training count as service, from long ago."""
    PolicyVersion.create(
        topic="counting", division=division, since=since, edition=edition, source="试行",
        values=COUNTING | {"training_counts": counts},
    )  # fmt: skip


def entries() -> list[tuple]:
    rows = Entry.select(Entry.kind, Entry.debit, Entry.credit, Entry.minutes).order_by(Entry.id)
    return list(rows.where(Entry.attendance.is_null(False)).tuples())


def honour(person: Volunteer) -> int:
    return Balance.get_by_id(person.id).honour


def attendance(training: Training, person: Volunteer) -> Attendance:
    return Attendance.get(Attendance.training == training.id, Attendance.volunteer == person.id)


def crowd(cast, count: int) -> list[Volunteer]:
    return [cast.registered("李" + chr(ord("丁") + n)) for n in range(count)]


# --- whose it is ---


def test_a_training_belongs_to_whoever_enters_it(cast):
    for by, level, division, station in [
        (cast.recorder, "community", "530102001001", cast.a.id), (cast.county, "county", "530102", None),
        (cast.prefecture, "prefecture", "5301", None), (cast.province, "province", "53", None),
    ]:  # fmt: skip
        row = course(cast, by)
        assert (row.level, str(row.division_id), row.station_id) == (level, division, station)
        assert row.organiser


def test_stations_beneath_see_what_is_above_them_once_it_is_published(cast):
    row = course(cast, cast.county)
    assert find(Training, row.id, cast.county)
    for who in (cast.recorder, cast.head_b, cast.recorder_b):
        with pytest.raises(NotFound):
            find(Training, row.id, who)
    Training.move(row.id, "publish", cast.county)
    assert find(Training, row.id, cast.recorder) and find(Training, row.id, cast.prefecture)
    for who in (cast.head_b, Actor(99, "盘龙督导", Role.SUPERVISOR, None, "530103"), cast.volunteer):
        with pytest.raises(NotFound):
            find(Training, row.id, who)


def test_the_prefectures_training_is_seen_by_its_counties_and_their_stations(cast):
    row = course(cast, cast.prefecture)
    with pytest.raises(NotFound):
        find(Training, row.id, cast.county)
    Training.move(row.id, "publish", cast.prefecture)
    for who in (cast.county, cast.recorder, cast.recorder_b, cast.province, cast.auditor):
        assert find(Training, row.id, who)
    with pytest.raises(NotFound):
        find(Training, row.id, Actor(99, "曲靖督导", Role.SUPERVISOR, None, "5303"))


def test_only_its_organiser_changes_or_moves_a_training(cast):
    row = course(cast, cast.prefecture)
    Training.move(row.id, "publish", cast.prefecture)
    for who in (cast.recorder, cast.head, cast.county):
        with pytest.raises(Refusal, match="由昆明市办理"):
            Training.move(row.id, "hold", who)
        with pytest.raises(Refusal, match="由昆明市办理"):
            Training.amend(row.id, who, place="别处")
        assert Training.get_by_id(row.id).legal_moves(who) == []
    own = course(cast)
    with pytest.raises(Refusal, match="由文林社区学雷锋志愿服务工作站办理"):
        Training.move(own.id, "publish", cast.county)
    assert Training.move(row.id, "hold", cast.prefecture).state == "held"


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"minutes": 0}, "学时应在 1 到 10000"), ({"capacity": 0}, "名额应在 1 到"),
        ({"valid_months": 12}, "请选择合格者获得的资质"), ({"qualification": "90"}, "骨干由站长在「骨干」里确认"),
        ({"qualification": "01", "valid_months": 0}, "有效期应在 1 到 600"), ({"topic": "77"}, "没有「77」这个代码"),
        ({"form": "party"}, "没有「party」这一项"), ({"topic": None}, "请填写「主题」"),
    ],
)  # fmt: skip
def test_a_training_that_does_not_fit_is_refused(cast, values, says):
    with pytest.raises(Refusal, match=says):
        course(cast, **values)
    assert not Training.select().exists()


def test_it_is_not_held_before_its_day(cast):
    row = course(cast, days_ago=-3)
    Training.move(row.id, "publish", cast.recorder)
    with pytest.raises(Refusal, match="还没有到"):
        Training.move(row.id, "hold", cast.recorder)


# --- who came ---


def test_many_are_enrolled_at_once_and_twice_changes_nothing(cast_on_either):
    cast = cast_on_either
    people = crowd(cast, 3)
    row = held(cast, [])
    keys = [p.id for p in people]
    assert enrol(row.id, keys, cast.recorder) == 3
    assert enrol(row.id, keys, cast.recorder) == 0
    traced = Trail.select().where(Trail.table == "attendance", Trail.action == "enter")
    assert {t.row for t in traced} == {str(a.id) for a in Attendance.select()}
    move_all([attendance(row, people[0]).id], "withdraw", cast.recorder)
    assert enrol(row.id, keys, cast.recorder) == 1
    assert {a.state for a in Attendance.select()} == {"enrolled"}


def test_enrolling_and_marking_forty_asks_as_much_as_for_two(cast):
    people = crowd(cast, 40)
    row = held(cast, [])
    counted = []
    for some in (people[:2], people[2:]):
        with queries() as sent:
            enrol(row.id, [p.id for p in some], cast.recorder)
            marks = [Mark(attendance.id, "attended", result="passed") for attendance in
                     Attendance.select().where(Attendance.volunteer.in_([p.id for p in some]))]  # fmt: skip
            assert mark(row.id, marks, cast.recorder) == len(some)
        counted.append(len(sent))
    assert counted[0] == counted[1]


def test_strangers_and_people_who_are_not_registered_are_not_enrolled(cast):
    row = held(cast, [])
    theirs = cast.registered("王芳", by=cast.recorder_b)
    with pytest.raises(NotFound):
        enrol(row.id, [theirs.id], cast.recorder)
    gone = cast.registered("赵强")
    Volunteer.move(gone.id, "suspend", cast.head, "外出")
    with pytest.raises(Refusal, match="赵强现在是「已停用」"):
        enrol(row.id, [gone.id], cast.recorder)
    with pytest.raises(Refusal, match="请先选择"):
        enrol(row.id, [], cast.recorder)
    with pytest.raises(Refusal, match="审计员不能办理"):
        enrol(row.id, [theirs.id], cast.auditor)
    with pytest.raises(NotFound):
        enrol(row.id, [theirs.id], cast.recorder_b)
    assert not Attendance.select().exists()


def test_no_more_are_enrolled_than_there_are_places(cast):
    people = crowd(cast, 3)
    row = held(cast, people[:1], capacity=2)
    with pytest.raises(Refusal, match="名额 2 人，还剩 1 个，不能再报 2 人"):
        enrol(row.id, [p.id for p in people], cast.recorder)
    assert enrol(row.id, [people[1].id], cast.recorder) == 1
    with pytest.raises(Refusal, match="名额不能少于 2"):
        Training.amend(row.id, cast.recorder, capacity=1)


def test_nobody_is_enrolled_before_it_is_published_nor_after_it_was_cancelled(cast):
    someone, row = cast.registered(), course(cast)
    with pytest.raises(Refusal, match="培训草稿，不能再改报名"):
        enrol(row.id, [someone.id], cast.recorder)
    Training.move(row.id, "cancel", cast.head, "讲师有事")
    with pytest.raises(Refusal, match="培训已取消"):
        enrol(row.id, [someone.id], cast.recorder)


def test_stations_enter_their_own_people_at_the_countys_training(cast):
    mine, theirs = cast.registered("李明"), cast.registered("王芳", by=cast.recorder_b)
    row = held(cast, [mine], by=cast.prefecture)
    enrol(row.id, [theirs.id], cast.recorder_b)
    seen = Attendance.select().where(within(Attendance, cast.head))
    assert [a.volunteer_id for a in seen] == [mine.id]
    with pytest.raises(NotFound):
        mark(row.id, [Mark(attendance(row, theirs).id, "attended")], cast.recorder)
    assert mark(row.id, [Mark(attendance(row, mine).id, "attended")], cast.recorder) == 1


def test_results_are_keyed_in_one_go_whole_or_not_at_all(cast_on_either):
    cast = cast_on_either
    a, b, c = (cast.registered(name) for name in ("李明", "王芳", "赵强"))
    row = held(cast, [a, b, c])
    keys = [attendance(row, p).id for p in (a, b, c)]
    with pytest.raises(MarksRefused, match="实到学时应在 1 到 120 分钟之间，现在是 200"):
        mark(row.id, [Mark(keys[0], "attended"), Mark(keys[1], "attended", minutes=200)], cast.recorder)
    assert attendance(row, a).state == "enrolled"
    marks = [
        Mark(keys[0], "attended", result="passed"), Mark(keys[1], "attended", minutes=90, result="failed"),
        Mark(keys[2], "absent", minutes=120, result="passed"),
    ]  # fmt: skip
    assert mark(row.id, marks, cast.recorder) == 3
    assert mark(row.id, marks, cast.recorder) == 0
    said = [(p.state, p.minutes, p.result) for p in (attendance(row, x) for x in (a, b, c))]
    assert said == [("attended", 120, "passed"), ("attended", 90, "failed"), ("absent", 0, "none")]
    with pytest.raises(Refusal, match="已有人登记学习 120 分钟"):
        Training.amend(row.id, cast.recorder, minutes=60)


@pytest.mark.parametrize(
    ("said", "says"),
    [({"state": "asleep"}, "请选择到场或缺席"), ({"state": "attended", "result": "great"}, "没有「great」这一项"),
     ({"state": "attended", "minutes": 0}, "现在是 0")],
)  # fmt: skip
def test_a_mark_that_cannot_be_is_refused(cast, said, says):
    someone = cast.registered()
    row = held(cast, [someone])
    with pytest.raises(Refusal, match=says):
        mark(row.id, [Mark(attendance(row, someone).id, **said)], cast.recorder)


def test_several_are_moved_at_once(cast_on_either):
    cast = cast_on_either
    people = crowd(cast, 3)
    row = held(cast, people)
    keys = [a.id for a in Attendance.select()]
    assert Attendance.move_all(keys, "attend", cast.recorder) == 3
    assert Attendance.move_all(keys, "attend", cast.recorder) == 0
    assert {a.minutes for a in Attendance.select()} == {120}
    Training.move(row.id, "confirm", cast.head)
    with pytest.raises(Refusal, match="李丁：培训结果已确认"):
        Attendance.move_all(keys, "miss", cast.recorder)
    with pytest.raises(NotFound):
        Attendance.move_all(keys, "miss", cast.recorder_b)


# --- what passing brings ---


def test_results_are_confirmed_by_another_once_everybody_is_marked(cast):
    someone = cast.registered()
    row = held(cast, [someone])
    with pytest.raises(Refusal, match="还有 1 人没有登记"):
        Training.move(row.id, "confirm", cast.head)
    mark(row.id, [Mark(attendance(row, someone).id, "attended")], cast.head)
    with pytest.raises(Refusal, match="不能确认自己录入的参训结果"):
        Training.move(row.id, "confirm", cast.head)
    assert Training.move(row.id, "confirm", cast.deputy).state == "confirmed"


def test_what_waits_to_be_confirmed_waits_for_whoever_can(cast):
    from views.waiting import inbox

    someone = cast.registered()
    row = held(cast, [someone])

    def waits(by) -> bool:
        return any(w.model is Training and w.move.name == "confirm" for w in inbox(by))

    assert not waits(cast.head)
    mark(row.id, [Mark(attendance(row, someone).id, "attended")], cast.head)
    assert not waits(cast.head) and waits(cast.deputy)
    assert not waits(cast.county) and not waits(cast.head_b)


def test_passing_grants_the_qualification_and_taking_back_voids_it(cast_on_either):
    cast = cast_on_either
    good, bad = cast.registered("李明"), cast.registered("王芳")
    row = held(cast, [good, bad], qualification="01", valid_months=24)
    keys = [attendance(row, p).id for p in (good, bad)]
    mark(
        row.id,
        [Mark(keys[0], "attended", result="passed"), Mark(keys[1], "attended", result="failed")],
        cast.recorder,
    )
    Training.move(row.id, "confirm", cast.head)
    (paper,) = Qualification.select()
    assert (paper.volunteer_id, paper.kind, paper.granted_on, paper.state) == (good.id, "01", row.day, "valid")
    assert paper.expires_on > row.day + timedelta(days=700)
    assert held_on([good.id, bad.id], row.day) == {good.id: {"01"}, bad.id: set()}
    Training.move(row.id, "reopen", cast.head, "登记错人")
    assert held_on([good.id], row.day) == {good.id: set()}
    Training.move(row.id, "confirm", cast.head)
    assert sorted(q.state for q in Qualification.select()) == ["valid", "void"]


def test_study_hours_are_kept_apart_from_service(cast):
    someone = cast.registered()
    row = passed(cast, [someone])
    Training.move(row.id, "confirm", cast.head)
    assert entries() == [] and honour(someone) == 0
    assert attendance(row, someone).minutes == 120
    assert not verify()


def test_where_policy_counts_them_they_are_posted_once_as_honour_minutes(cast_on_either):
    cast = cast_on_either
    count_training()
    someone, other = cast.registered("李明"), cast.registered("王芳")
    row = passed(cast, [someone, other])
    Training.move(row.id, "confirm", cast.head)
    Training.move(row.id, "confirm", cast.head)
    assert entries() == [("training", "training", "honour", 120)] * 2
    entry = Entry.get(Entry.volunteer == someone.id)
    assert (entry.origin, entry.day, entry.policy) == ("training", row.day, "counting@53:2020-01-01")
    assert (entry.asked_by, entry.approved_by) == (cast.recorder.account_id, cast.head.account_id)
    balance = Balance.get_by_id(someone.id)
    assert (balance.honour, balance.exchangeable, balance.debt) == (120, 0, 0)
    assert not verify()


def test_a_result_taken_back_is_reversed_and_a_second_confirmation_posts_again(cast_on_either):
    cast = cast_on_either
    count_training()
    someone = cast.registered()
    row = passed(cast, [someone])
    Training.move(row.id, "confirm", cast.head)
    Training.move(row.id, "reopen", cast.head, "实到时间有误")
    assert honour(someone) == 0
    assert entries()[-1] == ("reversal", "honour", "training", 120)
    mark(row.id, [Mark(attendance(row, someone).id, "attended", minutes=60)], cast.recorder)
    Training.move(row.id, "confirm", cast.head)
    assert honour(someone) == 60
    Training.move(row.id, "reopen", cast.head, "再核对")
    Training.move(row.id, "confirm", cast.head)
    assert honour(someone) == 60 and len(entries()) == 5
    assert not verify()


def test_the_switch_is_that_of_each_station_and_of_the_day_of_the_training(cast):
    count_training(division="530102")
    mine, theirs = cast.registered("李明"), cast.registered("王芳", by=cast.recorder_b)
    row = held(cast, [mine], by=cast.prefecture)
    enrol(row.id, [theirs.id], cast.recorder_b)
    Attendance.move(attendance(row, mine).id, "attend", cast.recorder)
    Attendance.move(attendance(row, theirs).id, "attend", cast.recorder_b)
    Training.move(row.id, "confirm", cast.prefecture)
    assert (honour(mine), honour(theirs)) == (120, 0)
    count_training(False, division="530102", edition=2)  # corrected: only from the day after
    count_training(division="530102", since=row.day + timedelta(days=1))
    second = passed(cast, [mine])
    Training.move(second.id, "confirm", cast.head)
    assert honour(mine) == 120
    assert not verify()


def test_posted_study_hours_count_towards_a_star(cast):
    count_training()
    someone = cast.registered()
    row = passed(cast, [someone], minutes=6000)
    Training.move(row.id, "confirm", cast.head)
    assert StarGrant.get(StarGrant.volunteer == someone.id).state == "candidate"
    Training.move(row.id, "reopen", cast.head, "录错")
    assert StarGrant.get(StarGrant.volunteer == someone.id).state == "lapsed"


def test_an_altered_entry_of_a_training_shows(cast):
    from models.base import database

    count_training()
    row = passed(cast, [cast.registered()])
    Training.move(row.id, "confirm", cast.head)
    database.execute_sql("DROP TRIGGER entry_no_update")
    Entry.update(attendance=None).execute()
    assert verify()


# --- qualifications and backbones ---


def paper(cast, person, **more) -> Qualification:
    values = {"kind": "01", "granted_on": clock.today() - timedelta(days=100), "proof": "原件已看"} | more
    return Qualification.enter(cast.recorder, volunteer=person.id, **values)


def test_a_paper_counts_once_another_has_checked_it(cast):
    someone, today = cast.registered(), clock.today()
    row = paper(cast, someone, expires_on=today + timedelta(days=10))
    assert held_on([someone.id], today) == {someone.id: set()}
    Qualification.move(row.id, "check", cast.head)
    for day, has in [(-101, False), (-100, True), (0, True), (10, True), (11, False)]:
        assert ("01" in held_on([someone.id], today + timedelta(days=day))[someone.id]) is has, day


def test_a_revoked_qualification_was_held_before_and_is_not_from_that_day_on(cast):
    someone, today = cast.registered(), clock.today()
    row = paper(cast, someone)
    Qualification.move(row.id, "check", cast.head)
    Qualification.move(row.id, "revoke", cast.head, "证书被发证单位注销")
    assert held_on([someone.id], today - timedelta(days=1))[someone.id] == {"01"}
    assert held_on([someone.id], today)[someone.id] == set()


def test_what_was_refused_is_not_held(cast):
    someone = cast.registered()
    row = paper(cast, someone)
    Qualification.move(row.id, "refuse", cast.head, "复印件不清")
    assert held_on([someone.id], clock.today())[someone.id] == set()
    assert Qualification.get_by_id(row.id).revoked_for == "复印件不清"


def test_held_on_asks_as_much_for_many_as_for_one(cast):
    people = crowd(cast, 5)
    for person in people:
        Qualification.move(paper(cast, person).id, "check", cast.head)
    with queries() as one:
        held_on([people[0].id], clock.today())
    with queries() as many:
        assert all(held_on([p.id for p in people], clock.today()).values())
    assert len(one) == len(many)
    assert held_on([], clock.today()) == {}


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"granted_on": date(2099, 1, 1)}, "取得日期不能晚于今天"), ({"expires_on": date(2000, 1, 1)}, "有效期应不早于"),
        ({"kind": "90"}, "骨干在「骨干」里提名"), ({"kind": "55"}, "没有「55」这个代码"), ({"proof": ""}, "请写明看过什么"),
    ],
)  # fmt: skip
def test_a_paper_that_cannot_be_is_refused(cast, values, says):
    with pytest.raises(Refusal, match=says):
        paper(cast, cast.registered(), **values)


def test_a_checked_paper_is_no_longer_changed_and_another_stations_person_never_taken(cast):
    someone = cast.registered()
    row = paper(cast, someone)
    Qualification.move(row.id, "check", cast.head)
    with pytest.raises(Refusal, match="资质有效，不能再修改"):
        Qualification.amend(row.id, cast.recorder, number="1")
    theirs = cast.registered("王芳", by=cast.recorder_b)
    with pytest.raises(Refusal, match="没有找到所选的「志愿者」"):
        paper(cast, theirs)


def listed(model, where, by) -> set[int]:
    return {row.volunteer_id for row in model.select().where(within(model, by), where(by))}


def test_the_lists_of_what_expires_soon_and_what_has(cast_on_either):
    cast = cast_on_either
    today = clock.today()
    ends = {
        "昨天": -1,
        "今天": 0,
        "六十天": 60,
        "六十一天": 61,
        "长期": None,
        "已续": -1,
        "将到期已续": 5,
        "未核验": 5,
    }
    people = {name: cast.registered(name) for name in ends}
    for name, days in ends.items():
        until = None if days is None else today + timedelta(days=days)
        row = paper(cast, people[name], expires_on=until)
        if name != "未核验":
            Qualification.move(row.id, "check", cast.head)
    for name in ("已续", "将到期已续"):
        renewed = paper(cast, people[name], expires_on=today + timedelta(days=300))
        Qualification.move(renewed.id, "check", cast.head)
    assert listed(Qualification, Qualification.expiring, cast.head) == {people["今天"].id, people["六十天"].id}
    assert listed(Qualification, Qualification.expired, cast.head) == {people["昨天"].id}
    assert listed(Qualification, Qualification.expired, cast.head_b) == set()


def backbone(cast, person, **more) -> Backbone:
    values = {"duty": "带队入户", "since": clock.today() - timedelta(days=30)} | more
    return Backbone.enter(cast.recorder, volunteer=person.id, **values)


def test_a_backbone_is_confirmed_by_another_and_named_until_the_day_it_ends(cast):
    someone, today = cast.registered(), clock.today()
    row = backbone(cast, someone)
    assert held_on([someone.id], today)[someone.id] == set()
    Backbone.move(row.id, "confirm", cast.head)
    assert held_on([someone.id], today)[someone.id] == {"90"}
    assert held_on([someone.id], today - timedelta(days=31))[someone.id] == set()
    with pytest.raises(Refusal, match="已经是骨干"):
        backbone(cast, someone)
    ended = Backbone.move(row.id, "end", cast.head, "迁出社区")
    assert (ended.until, ended.decided_for) == (today, "迁出社区")
    assert held_on([someone.id], today)[someone.id] == set()
    assert backbone(cast, someone).state == "proposed"


def test_the_list_of_backbones_who_were_not_trained_this_year(cast_on_either):
    cast = cast_on_either
    clock.move_demo_clock((date(clock.today().year + 1, 6, 1) - clock.today()).days)
    went, missed, plain, last_year, proposed = (cast.registered(f"李{n}") for n in "甲乙丙丁戊")
    for person in (went, missed, plain, last_year):
        Backbone.move(backbone(cast, person).id, "confirm", cast.head)
    backbone(cast, proposed)
    for people, more in [([went], {}), ([last_year], {"days_ago": 300}), ([plain], {"for_backbones": False})]:
        row = held(cast, people, **({"for_backbones": True} | more))
        Attendance.move_all([a.id for a in row.attendances], "attend", cast.recorder)
    row = held(cast, [missed], for_backbones=True)
    Attendance.move_all([a.id for a in row.attendances], "miss", cast.recorder)
    assert listed(Backbone, Backbone.untrained, cast.head) == {missed.id, plain.id, last_year.id}


def test_the_list_of_trainings_whose_results_are_late(cast):
    someone = cast.registered()
    late, fresh, done = (passed(cast, [someone], days_ago=days) for days in (16, 15, 30))
    Training.move(done.id, "confirm", cast.head)
    theirs = course(cast, cast.county, days_ago=40)
    for name in ("publish", "hold"):
        Training.move(theirs.id, name, cast.county)

    def unconfirmed(by):
        return {t.id for t in Training.select().where(within(Training, by), Training.unconfirmed(by))}

    assert unconfirmed(cast.head) == {late.id} and fresh.id not in unconfirmed(cast.head)
    assert unconfirmed(cast.county) == {theirs.id}


def test_the_list_of_trainings_for_backbones(cast):
    theirs, _, off = course(cast, for_backbones=True), course(cast), course(cast, for_backbones=True)
    Training.move(off.id, "cancel", cast.head, "讲师有事")
    assert {t.id for t in Training.select().where(Training.of_backbones(cast.head))} == {theirs.id}


def test_a_plan_is_counted_alike_on_both_databases(cast_on_either):
    cast = cast_on_either
    clock.move_demo_clock((date(clock.today().year + 1, 6, 1) - clock.today()).days)
    plan = TrainingPlan.get_by_id(a_plan(cast)[1])
    people = crowd(cast, 2)
    row = held(cast, people)
    move_all([a.id for a in row.attendances], "attend", cast.recorder)
    away = held(cast, people[:1], by=cast.prefecture)
    move_all([a.id for a in away.attendances], "attend", cast.recorder)
    figures = done(plan, list(plan.lines))
    assert (figures.planned, figures.outside) == (Done(1, 120, 2), Done(1, 120, 1))
    assert [t.id for t in Training.select().where(plan.part(True))] == [row.id]
    assert [t.id for t in Training.select().where(plan.part(False))] == [away.id]
    assert find(Training, away.id, cast.head) and find(TrainingPlan, plan.id, cast.county)


def test_after_a_transfer_the_new_station_sees_what_the_old_one_attested_and_leaves_it_alone(cast):
    someone = cast.registered()
    row = passed(cast, [someone], qualification="01")
    Training.move(row.id, "confirm", cast.head)
    claim = Claim.ask("resident_id", someone.document_number, "搬家", cast.head_b)
    Claim.move(claim.id, "agree", cast.head)
    assert find(Attendance, attendance(row, someone).id, cast.head_b)
    assert find(Qualification, Qualification.get().id, cast.head_b)
    assert held_on([someone.id], clock.today())[someone.id] == {"01"}
    with pytest.raises(Refusal):
        Attendance.move(attendance(row, someone).id, "miss", cast.head_b)
