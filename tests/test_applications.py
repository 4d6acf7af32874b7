"""招募: who may apply for a post, the head's review, and a waiting list that moves up by itself."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from test_concurrency import at_once
from test_concurrency import refused as those_refused
from test_projects import a_team, refused

from cast import Cast
from models import clock
from models.applications import Application, move_up, move_up_all, places
from models.audit import Trail
from models.policy import PolicyVersion
from models.projects import Post, Project
from models.refusals import NotFound
from models.scope import SYSTEM
from models.teams import TeamMember
from models.training import Qualification
from models.volunteers import Volunteer
from rules.findings import errors
from rules.projects import Candidate, Wanted, unfit

NAMES = {("skill", "08"): "护理", ("qualification", "07"): "医师护士执业"}


@pytest.mark.parametrize(
    ("who", "wanted", "says"),
    [
        ({}, {}, []),
        ({"registered": False, "state": "已停用"}, {"minimum_age": 60}, ["李明 是「已停用」，不能报名。"]),
        ({"age": 17}, {"minimum_age": 18}, ["「测量」要求年满 18 周岁，李明 现 17 周岁。"]),
        ({"age": 18}, {"minimum_age": 18}, []),
        ({}, {"qualification": "07"}, ["「测量」要求具备「医师护士执业」，李明 没有登记有效的这项资质。"]),
        ({"qualifications": frozenset({"07"})}, {"qualification": "07"}, []),
        ({"skills": frozenset({"01"})}, {"skills": ("01", "08")}, ["李明 没有登记这些技能：护理。"]),
        ({"skills": frozenset({"08"})}, {"skills": ("08",)}, []),
        ({}, {"team": "助老队"}, ["这个项目只招募「助老队」的队员，李明 现在不是。"]),
        ({"in_team": True}, {"team": "助老队"}, []),
    ],
)
def test_who_fits_a_post(who, wanted, says):
    person = replace(Candidate("李明", True, "已注册", 40), **who)
    found = unfit(person, replace(Wanted("测量"), **wanted), NAMES)
    assert [f.says for f in found] == says
    assert [f.warning for f in found] == ["skills" in wanted for _ in found]


def test_all_that_keeps_somebody_away_is_said_at_once():
    found = unfit(Candidate("李明", True, "已注册", 12), Wanted("测量", 18, "07", ("08",), "助老队"), NAMES)
    assert len(found) == 4 and len(errors(found)) == 3


def applied(cast: Cast, post: Post, name: str = "李明") -> Application:
    return Application.apply(post.id, cast.registered(name).id, cast.recorder)


def accepted(cast: Cast, post: Post, name: str = "王芳") -> Application:
    return Application.move(applied(cast, post, name).id, "accept", cast.head)


def waiting(cast: Cast, post: Post, name: str = "赵强") -> Application:
    return Application.move(applied(cast, post, name).id, "queue", cast.head)


def state(row: Application) -> str:
    return Application.get_by_id(row.id).state


def test_a_volunteer_is_taken_on(cast):
    row = applied(cast, cast.post())
    assert (row.state, row.applied_on, row.station_id) == ("applied", clock.today(), cast.a.id)
    row = Application.move(row.id, "accept", cast.head)
    assert (row.state, row.decided_on) == ("accepted", clock.today())


def test_nobody_reviews_what_she_entered(cast):
    row = Application.apply(cast.post().id, cast.registered().id, cast.head)
    for name in ("accept", "queue", "refuse"):
        assert "不能" in str(refused(lambda name=name: Application.move(row.id, name, cast.head, "不合适")))
    assert Application.move(row.id, "accept", cast.deputy).state == "accepted"


def test_a_refusal_keeps_its_reason(cast):
    row = Application.move(applied(cast, cast.post()).id, "refuse", cast.head, "时间不合")
    assert (row.state, row.outcome) == ("refused", "时间不合")


@pytest.mark.parametrize(
    ("change", "where", "says"),
    [
        ({"state": "draft"}, "post", "不接受报名"),
        ({"state": "closed"}, "post", "不接受报名"),
        ({"apply_by": -1}, "post", "截止"),
        ({"ends_on": -1}, "post", "截止"),
        ({"recruiting": "invited"}, "way", "请由站长邀请"),
    ],
)
def test_a_project_that_recruits_nobody_takes_no_application(cast, change, where, says):
    post, person = cast.post(), cast.registered()
    change = {k: clock.today() + timedelta(days=v) if isinstance(v, int) else v for k, v in change.items()}
    Project.update(change).where(Project.id == post.project_id).execute()
    no = refused(lambda: Application.apply(post.id, person.id, cast.recorder))
    assert [f.where for f in no.findings] == [where] and says in str(no)
    assert not Application.select().exists()


def test_the_last_day_of_application_is_still_one(cast):
    assert applied(cast, cast.post(project={"apply_by": clock.today()})).state == "applied"


def test_a_post_that_is_shut_takes_no_application(cast):
    post = Post.amend(cast.post().id, cast.head, open=False)
    assert "已停止报名" in str(refused(lambda: applied(cast, post)))


def test_one_application_a_person_and_project_until_it_is_over(cast):
    post, person = cast.post(2), cast.registered()
    other = Post.enter(cast.head, project=post.project_id, name="送餐", headcount=2)
    row = Application.apply(post.id, person.id, cast.recorder)
    for again in (post, other):
        no = refused(lambda again=again: Application.apply(again.id, person.id, cast.recorder))
        assert "已报名这个项目的「助餐」（待审核）" in str(no)
    Application.move(row.id, "withdraw", cast.recorder, "改期")
    assert Application.apply(other.id, person.id, cast.recorder).state == "applied"


def test_who_is_suspended_too_young_or_unqualified_does_not_apply_and_a_missing_skill_is_no_bar(cast):
    post = cast.post(5, minimum_age=18, qualification="07", skills=["08"])
    young = cast.registered("小明", birth=clock.today() - timedelta(days=15 * 365), guardian_name="李父",
                            guardian_phone="13900000001", consent_on=clock.today())  # fmt: skip
    gone, fit = cast.registered("王芳"), cast.registered("赵强")
    Volunteer.move(gone.id, "suspend", cast.head, "外出")
    qualified(cast, fit)
    assert "要求年满 18 周岁" in str(refused(lambda: Application.apply(post.id, young.id, cast.recorder)))
    assert "已停用" in str(refused(lambda: Application.apply(post.id, gone.id, cast.recorder)))
    assert "要求具备" in str(refused(lambda: Application.apply(post.id, cast.registered().id, cast.recorder)))
    assert Application.apply(post.id, fit.id, cast.recorder).state == "applied"


def qualified(cast: Cast, person: Volunteer) -> None:
    row = Qualification.enter(
        cast.recorder, volunteer=person.id, kind="07", granted_on=date(2020, 1, 1), proof="原件已看"
    )
    Qualification.move(row.id, "check", cast.head)


def test_an_application_is_judged_again_when_it_is_accepted(cast):
    row = applied(cast, cast.post())
    Volunteer.move(row.volunteer_id, "suspend", cast.head, "外出")
    assert "已停用" in str(refused(lambda: Application.move(row.id, "accept", cast.head)))
    assert state(row) == "applied"


def test_only_present_members_join_a_project_for_one_team(cast):
    team = a_team(cast)
    post = cast.post(5, project={"recruiting": "team", "team": team.id})
    member, former, stranger = (cast.registered(name) for name in ("李明", "王芳", "赵强"))
    for person in (member, former):
        TeamMember.enter(cast.recorder, team=team.id, volunteer=person.id, joined_on=clock.today())
    TeamMember.move(TeamMember.get(TeamMember.volunteer == former.id).id, "leave", cast.recorder, "搬走")
    assert Application.apply(post.id, member.id, cast.recorder).state == "applied"
    for person in (former, stranger):
        no = refused(lambda person=person: Application.apply(post.id, person.id, cast.recorder))
        assert "只招募「翠竹助老队」的队员" in str(no)


def test_a_full_post_has_a_waiting_list_and_one_with_places_none(cast):
    post = cast.post(1)
    first, second = applied(cast, post), applied(cast, post, "王芳")
    assert "还有 1 个名额" in str(refused(lambda: Application.move(first.id, "queue", cast.head)))
    Application.move(first.id, "accept", cast.head)
    assert "名额已满" in str(refused(lambda: Application.move(second.id, "accept", cast.head)))
    row = Application.move(second.id, "queue", cast.head)
    assert row.state == "waiting" and row.queued_at is not None


def test_a_place_that_comes_free_is_offered_to_the_first_who_waits_in_the_same_move(cast):
    post = cast.post(1)
    taken, first, second = accepted(cast, post), waiting(cast, post, "赵强"), waiting(cast, post, "孙丽")
    Application.move(taken.id, "withdraw", cast.recorder, "生病")
    row = Application.get_by_id(first.id)
    assert row.state == "offered" and state(second) == "waiting"
    assert row.offer_until - row.offered_at == timedelta(hours=48)
    assert row.policy == "recruiting@53:2012-10-23"
    assert Application.move(first.id, "confirm", cast.recorder).state == "accepted"
    assert Application.get_by_id(taken.id).outcome == "生病"


def test_an_offer_lives_as_long_as_the_policy_of_its_day_says(cast):
    PolicyVersion.create(
        topic="recruiting", division="530102", since=clock.today(), source="区里通知", values={"offer_hours": 5}
    )
    post = cast.post(1)
    taken, first = accepted(cast, post), waiting(cast, post)
    Application.move(taken.id, "withdraw", cast.recorder, "生病")
    row = Application.get_by_id(first.id)
    assert row.offer_until - row.offered_at == timedelta(hours=5)
    assert row.policy.startswith("recruiting@53:20121023+530102:")


def test_an_offer_that_nobody_takes_lapses_and_the_next_has_it(cast):
    post = cast.post(1)
    taken, first, second = accepted(cast, post), waiting(cast, post, "赵强"), waiting(cast, post, "孙丽")
    Application.move(taken.id, "withdraw", cast.recorder, "生病")
    assert move_up_all() == 0 and state(first) == "offered"
    clock.move_demo_clock(3)
    assert "已过" in str(refused(lambda: Application.move(first.id, "confirm", cast.recorder)))
    assert move_up_all() == 2
    assert (state(first), state(second)) == ("lapsed", "offered")
    assert move_up_all() == 0
    said = Trail.get(Trail.table == "application", Trail.row == str(first.id), Trail.action == "lapse")
    assert said.who == SYSTEM.name and "逾期" in said.reason


def test_whoever_declines_an_offer_passes_it_on(cast):
    post = cast.post(1)
    taken, first, second = accepted(cast, post), waiting(cast, post, "赵强"), waiting(cast, post, "孙丽")
    Application.move(taken.id, "withdraw", cast.recorder, "生病")
    Application.move(first.id, "withdraw", cast.recorder, "不方便")
    assert (state(first), state(second)) == ("withdrawn", "offered")


def test_whoever_may_not_serve_now_is_passed_over_and_keeps_her_turn(cast):
    post = cast.post(1)
    taken, first, second = accepted(cast, post), waiting(cast, post, "赵强"), waiting(cast, post, "孙丽")
    Volunteer.move(first.volunteer_id, "suspend", cast.head, "外出")
    Application.move(taken.id, "withdraw", cast.recorder, "生病")
    assert (state(first), state(second)) == ("waiting", "offered")
    Volunteer.move(first.volunteer_id, "restore", cast.head, "回来")
    Application.move(second.id, "withdraw", cast.recorder, "不方便")
    assert state(first) == "offered"


def test_more_places_go_to_whoever_waits_and_fewer_than_are_taken_is_refused(cast):
    post = cast.post(1)
    taken, first, second = accepted(cast, post), waiting(cast, post, "赵强"), waiting(cast, post, "孙丽")
    Post.amend(post.id, cast.head, headcount=2)
    assert (state(taken), state(first), state(second)) == ("accepted", "offered", "waiting")
    no = refused(lambda: Post.amend(post.id, cast.head, headcount=1))
    assert [f.where for f in no.findings] == ["headcount"] and "已录用和待确认 2 人" in str(no)


def test_a_post_that_is_shut_offers_nothing_until_it_is_open_again(cast):
    post = cast.post(1)
    taken, first = accepted(cast, post), waiting(cast, post)
    Post.amend(post.id, cast.head, open=False)
    Application.move(taken.id, "withdraw", cast.recorder, "生病")
    assert state(first) == "waiting" and move_up(post.project_id) == 0
    Post.amend(post.id, cast.head, open=True)
    assert state(first) == "offered"


def test_places_are_counted_for_many_posts_at_once(cast):
    full, half, bare = cast.post(1), cast.post(2), cast.post(3)
    taken = accepted(cast, full, "甲")
    waiting(cast, full, "乙"), waiting(cast, full, "丙"), applied(cast, full, "丁")
    accepted(cast, half, "戊")
    Application.move(taken.id, "withdraw", cast.recorder, "生病")
    found = places([full.id, half.id, bare.id])
    assert [(p.accepted, p.offered, p.waiting, p.left) for p in found.values()] == [
        (0, 1, 1, 0), (1, 0, 0, 1), (0, 0, 0, 3),
    ]  # fmt: skip


def test_the_head_invites_and_another_or_the_person_herself_confirms(cast):
    post = cast.post(1, project={"recruiting": "invited"})
    one, other = cast.registered(), cast.registered("王芳")
    values = {"post": post.id, "way": "invited"}
    assert "邀请由站长发出" in str(refused(lambda: Application.enter(cast.recorder, volunteer=one.id, **values)))
    row = Application.enter(cast.head, volunteer=one.id, **values)
    assert row.state == "offered" and row.offer_until is not None
    assert "名额已满" in str(refused(lambda: Application.enter(cast.head, volunteer=other.id, **values)))
    assert "不能替被邀请的人确认" in str(refused(lambda: Application.move(row.id, "confirm", cast.head)))
    assert Application.move(row.id, "confirm", herself(cast, one)).state == "accepted"


def herself(cast: Cast, person: Volunteer):
    return replace(cast.volunteer, volunteer_id=person.id)


def test_a_volunteer_applies_for_herself_and_sees_nobody_elses(cast):
    post, person, other = cast.post(2), cast.registered(), cast.registered("王芳")
    me = herself(cast, person)
    row = Application.apply(post.id, person.id, me, note="周末有空")
    assert (row.state, row.note, row.entered_by) == ("applied", "周末有空", me.account_id)
    with pytest.raises(NotFound):
        Application.apply(post.id, other.id, me)
    with pytest.raises(NotFound):
        Application.apply(10**6, person.id, me)
    theirs = Application.apply(post.id, other.id, cast.recorder)
    with pytest.raises(NotFound):
        Application.move(theirs.id, "withdraw", me, "试试")
    assert Application.move(row.id, "withdraw", me, "没空").state == "withdrawn"
    assert "不在志愿者的职责内" in str(refused(lambda: Application.move(row.id, "accept", me)))


def test_when_a_project_ends_what_is_open_ends_with_its_reason_and_a_trace(cast):
    post = cast.post(1)
    taken, queued, fresh = accepted(cast, post), waiting(cast, post), applied(cast, post)
    Project.move(post.project_id, "close", cast.head)
    assert (state(taken), state(queued), state(fresh)) == ("accepted", "ended", "ended")
    assert Application.get_by_id(queued.id).outcome == "项目已结项。"
    traces = Trail.select().where(Trail.table == "application", Trail.action == "end")
    assert {t.row for t in traces} == {str(queued.id), str(fresh.id)} and all(t.reason for t in traces)


def test_when_a_project_is_called_off_whoever_was_taken_on_is_told_too(cast):
    post = cast.post(2)
    taken, fresh = accepted(cast, post), applied(cast, post)
    Project.move(post.project_id, "cancel", cast.head, "场地被占")
    assert (state(taken), state(fresh)) == ("ended", "ended")
    assert Application.get_by_id(taken.id).outcome == "项目已取消：场地被占"
    assert move_up_all() == 0


def ids(model, condition, by) -> set[int]:
    return {row.id for row in model.select(model.id).where(condition)}


def test_the_named_lists_hold_what_they_say(cast):
    full, half = cast.post(1), cast.post(2)
    draft = Post.enter(cast.recorder, project=Project.enter(
        cast.recorder, name="草稿", category="01", starts_on=clock.today(), ends_on=clock.today(), headcount=1
    ).id, name="助餐", headcount=1)  # fmt: skip
    over = cast.post(1, project={"apply_by": clock.today()})
    taken, queued, fresh = accepted(cast, full), waiting(cast, full), applied(cast, half)
    unfilled = ids(Post, Post.unfilled(cast.head), cast.head)
    assert {half.id, over.id} <= unfilled and not {full.id, draft.id} & unfilled
    assert ids(Application, Application.pending(cast.head), cast.head) == {fresh.id}
    assert ids(Application, Application.queued(cast.head), cast.head) == {queued.id}
    Application.move(taken.id, "withdraw", cast.recorder, "生病")
    assert ids(Application, Application.expiring(cast.head), cast.head) == set()  # there are two days yet
    clock.move_demo_clock(1)
    Application.update(offer_until=clock.now() + timedelta(hours=23)).where(Application.id == queued.id).execute()
    assert ids(Application, Application.expiring(cast.head), cast.head) == {queued.id}
    clock.move_demo_clock(1)
    assert ids(Application, Application.expiring(cast.head), cast.head) == set()
    assert over.id not in ids(Post, Post.unfilled(cast.head), cast.head)


def test_the_last_place_goes_to_one_of_eight(cast_on_either):
    cast = cast_on_either
    post = cast.post(1)
    rows = [applied(cast, post, f"李{n}") for n in "甲乙丙丁戊己庚辛"]
    results = at_once(*(lambda row=row: Application.move(row.id, "accept", cast.head) for row in rows))
    assert len(those_refused(results)) == 7
    assert all("名额已满" in str(no) for no in those_refused(results))
    assert places([post.id])[post.id].held == 1


def test_places_that_come_free_at_once_are_offered_once_each(cast_on_either):
    cast = cast_on_either
    post = cast.post(4)
    taken = [accepted(cast, post, f"李{n}") for n in "甲乙丙丁"]
    queue = [waiting(cast, post, f"王{n}") for n in "甲乙丙丁戊"]
    fresh = [applied(cast, post, f"赵{n}") for n in "甲乙"]
    results = at_once(
        *(lambda row=row: Application.move(row.id, "withdraw", cast.recorder, "改期") for row in taken),
        *(lambda row=row: Application.move(row.id, "accept", cast.head) for row in fresh),
        lambda: move_up(post.project_id),
        lambda: Post.amend(post.id, cast.head, headcount=5),
    )
    assert len(those_refused(results)) == 2  # whoever waits comes before whoever only applied
    found = places([post.id])[post.id]
    assert (found.accepted, found.offered, found.left) == (0, 5, 0)
    assert {state(row) for row in queue} == {"offered"}


def test_one_person_applying_twice_at_once_applies_once(cast_on_either):
    cast = cast_on_either
    post, person = cast.post(3), cast.registered()
    results = at_once(*[lambda: Application.apply(post.id, person.id, cast.recorder)] * 6)
    assert len(those_refused(results)) == 5
    assert Application.select().count() == 1


def test_an_auditor_enters_nobody(cast):
    no = refused(lambda: Application.apply(cast.post().id, cast.registered().id, cast.auditor))
    assert "审计员不能办理" in str(no)
