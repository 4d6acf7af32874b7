"""采集需求: households and who is served, visits, needs; verified by another, met when the people say so."""

from datetime import date, timedelta

import pytest
from served import COMPLETE, RATE, VERIFY, dispatched, household, met, need, recipient, serving, verified, visit

from cast import past_the_notice
from models import clock
from models.activities import Activity
from models.audit import Trail
from models.base import database
from models.households import Hardship, Household, Recipient, Visit, count_by_category, index_of
from models.needs import Need, coverage, design, draft, free, of_these_needs
from models.projects import Project
from models.refusals import NotFound, Refusal
from rules import needs as rules
from rules.identity import make_resident_id


def rows(model, condition):
    return {row.id for row in model.select().where(condition)}


# --- who is served ---


def test_what_says_who_they_are_is_sealed_and_the_kind_of_hardship_too(cast):
    person = recipient(cast.recorder, hardship=["05", "02"], phone="13800001111", note="父亲在外服刑")
    raw = database.execute_sql("SELECT hardship, phone, note FROM recipient").fetchone()
    assert all(str(value).startswith("2:") for value in raw)
    kept = Recipient.get_by_id(person.id)
    assert (kept.hardship, kept.phone, kept.note) == (["02", "05"], "13800001111", "父亲在外服刑")
    indexes = [row.category_index for row in Hardship.select()]
    assert sorted(indexes) == sorted([index_of("02"), index_of("05")]) and not any(i == "05" for i in indexes)


def test_categories_are_found_and_counted_without_reading_anybody(cast_on_either):
    cast = cast_on_either
    both = recipient(cast.recorder, hardship=["01", "04"])
    other = recipient(cast.recorder, name="普文兰", hardship=["01"])
    recipient(cast.recorder_b, name="吴正清", hardship=["01"])
    gone = recipient(cast.recorder, name="段应华", hardship=["04"])
    Recipient.amend(gone.id, cast.recorder, left_on=clock.today())
    assert count_by_category(cast.head) == {"01": 2, "04": 1}
    assert count_by_category(cast.prefecture) == {"01": 3, "04": 1}
    assert count_by_category(cast.head, Recipient.id == other.id) == {"01": 1}
    assert rows(Recipient, Recipient.hardship.has("04")) == {both.id, gone.id}


def test_the_index_follows_an_amendment_and_an_empty_set_is_refused(cast):
    person = recipient(cast.recorder, hardship=["01", "04"])
    Recipient.amend(person.id, cast.recorder, hardship=["04", "02"])
    assert {row.category_index for row in Hardship.select()} == {index_of("02"), index_of("04")}
    before = Trail.select().count()
    Recipient.amend(person.id, cast.recorder, hardship=["02", "04"])
    assert Trail.select().count() == before
    for wrong, says in ([], "至少选一项"), (["zz"], "没有「zz」这个代码"):
        with pytest.raises(Refusal, match=says):
            Recipient.amend(person.id, cast.recorder, hardship=wrong)


def test_names_and_confidences_are_not_in_the_trail(cast):
    home = household(cast.recorder, name="杨桂仙", note="独居")
    recipient(cast.recorder, home, name="杨桂仙")
    visit(cast.recorder, home, found="丈夫去年过世")
    need(cast.recorder, home, content="想找人说说话")
    said = str([row.after for row in Trail.select()])
    assert "杨*仙" in said
    for private in ("杨桂仙", "独居", "过世", "说说话", home.address):
        assert private not in said


def test_a_document_tells_birth_and_gender_and_is_registered_once(cast):
    number = make_resident_id("530102", date(1940, 3, 5), 12)
    person = recipient(cast.recorder, document_number=number)
    assert (person.birth_date, person.gender) == (date(1940, 3, 5), "2")
    with pytest.raises(Refusal, match="已登记为服务对象"):
        recipient(cast.recorder, name="另一人", document_number=number)
    assert recipient(cast.recorder_b, document_number=number)  # whom another station serves is not told


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"phone": "123"}, "应为 11 位数字"),
        ({"people": 0}, "家庭人口应在 1 到"),
        ({"left_on": date(2099, 1, 1)}, "还没有到"),
        ({"address": " "}, "请填写「详细住址」"),
    ],
)
def test_a_household_that_cannot_be_is_refused(cast, values, says):
    with pytest.raises(Refusal, match=says):
        household(cast.recorder, **values)


def test_an_address_is_one_household_until_it_moves_away(cast):
    first = household(cast.recorder, address="翠竹巷 3 栋 201")
    with pytest.raises(Refusal, match="已登记过一户"):
        household(cast.recorder, name="李明", address="翠竹巷3栋201")
    Household.amend(first.id, cast.recorder, left_on=clock.today())
    assert household(cast.recorder, name="李明", address="翠竹巷3栋201")


def test_one_sealed_value_is_revealed_with_a_reason(cast):
    home = household(cast.recorder, phone="13800001111")
    assert home.reveal("phone", cast.recorder, "约定走访") == "13800001111"
    assert Trail.select().order_by(Trail.id.desc()).first().reason == "约定走访"
    with pytest.raises(Refusal, match="请写明查看的理由"):
        home.reveal("phone", cast.recorder, " ")
    with pytest.raises(Refusal, match="督导不能办理"):
        home.reveal("phone", cast.county, "检查")
    with pytest.raises(KeyError):
        home.reveal("name", cast.recorder, "约定走访")


# --- visits ---


@pytest.mark.parametrize(
    ("day", "next_day", "says"), [(-1, None, "还没有到"), (3, 3, "应晚于这次"), (3, 2, ""), (3, None, "")]
)
def test_a_visit_was_made_and_the_next_comes_after(day, next_day, says):
    today = date(2026, 3, 5)
    ago = [today - timedelta(days=n) if n is not None else None for n in (day, next_day)]
    found = rules.check_visit(*ago, today)
    assert (found and says in found[0].says) if says else not found


def test_households_not_visited_for_long_and_those_promised(cast_on_either):
    cast = cast_on_either
    never, long_ago, lately, gone, new = (
        household(cast.recorder, name=n) for n in ("甲一", "乙一", "丙一", "丁一", "戊一")
    )
    old = clock.now() - timedelta(days=200)
    Household.update(entered_at=old).where(Household.id != new.id).execute()
    visit(cast.recorder, long_ago, 91)
    visit(cast.recorder, lately, 90)
    Household.amend(gone.id, cast.recorder, left_on=clock.today())
    assert rows(Household, Household.unvisited(cast.head)) == {never.id, long_ago.id}
    visit(cast.recorder, never, 20, next_on=clock.today())
    visit(cast.recorder, long_ago, 30, next_on=clock.today() - timedelta(days=5))
    visit(cast.recorder, long_ago, 4, next_on=clock.today() + timedelta(days=1))  # came, and promised anew
    assert rows(Household, Household.due(cast.head)) == {never.id}


def test_nobody_is_visited_after_moving_away(cast):
    home = household(cast.recorder)
    Household.amend(home.id, cast.recorder, left_on=clock.today() - timedelta(days=5))
    with pytest.raises(Refusal, match="迁出"):
        visit(cast.recorder, home, 2)
    assert visit(cast.recorder, home, 6)


# --- needs ---


def test_nobody_verifies_what_they_entered(cast):
    row = need(cast.head)
    with pytest.raises(Refusal, match="不能核实通过自己录入的内容"):
        Need.move(row.id, "verify", cast.head, **VERIFY)
    moved = Need.move(row.id, "verify", cast.recorder, **VERIFY)
    assert (moved.state, moved.verified_by, moved.verified_on) == ("verified", "李若溪", clock.today())


def test_how_it_was_verified_must_be_said(cast):
    row = need(cast.recorder)
    with pytest.raises(Refusal, match="核实方式") as no:
        Need.move(row.id, "verify", cast.head)
    assert {f.where for f in no.value.findings} == {"verified_how", "verified_by"}


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"days_ago": -1}, "还没有到"),
        ({"due_on": date(2000, 1, 1)}, "期限应不早于采集日期"),
        ({"risk": "3"}, "请写明是什么风险"),
        ({"category": "zz"}, "没有「zz」"),
        ({"content": ""}, "请填写「需求内容」"),
    ],
)
def test_a_need_that_cannot_be_is_refused(cast, values, says):
    with pytest.raises(Refusal, match=says):
        need(cast.recorder, **values)


def test_a_person_or_a_visit_of_another_household_is_refused(cast):
    home, other = household(cast.recorder), household(cast.recorder, name="李明")
    with pytest.raises(Refusal, match="不在所选的户里"):
        need(cast.recorder, home, recipient=recipient(cast.recorder, other).id)
    with pytest.raises(Refusal, match="不是所选的户"):
        need(cast.recorder, home, visit=visit(cast.recorder, other).id)


def test_a_need_goes_to_a_published_project_of_its_station(cast):
    row = verified(cast, need(cast.recorder))
    today = clock.today()
    planned = Project.enter(
        cast.recorder, name="上门保洁", category="01", recipients=["01"], starts_on=today, ends_on=today, headcount=3
    )
    strange = cast.activity(by=cast.recorder_b)
    for wrong, says in (
        (planned.id, "不在招募中"),
        (strange.project_id, "没有找到所选的「承接项目」"),
        (None, "请选择"),
    ):
        with pytest.raises(Refusal, match=says):
            Need.move(row.id, "dispatch", cast.recorder, project=wrong)
    assert Need.get_by_id(row.id).state == "verified"
    moved = Need.move(row.id, "dispatch", cast.recorder, project=cast.activity().project_id, handler="银龄队")
    assert (moved.state, moved.handler, moved.dispatched_on) == ("dispatched", "银龄队", today)


def test_service_begins_with_an_activity_held_since(cast_on_either):
    cast = cast_on_either
    row = need(cast.recorder)
    old, new = cast.activity(clock.today() - timedelta(days=3)), None
    Activity.move(old.id, "hold", cast.recorder)
    dispatched(cast, row, old)
    serve = Need.life.move("serve")
    assert not rows(Need, Need.ripe(serve, cast.head))
    assert "serve" not in {m.name for m in Need.get_by_id(row.id).legal_moves(cast.head)}
    with pytest.raises(Refusal, match="还没有开展过活动"):
        Need.move(row.id, "serve", cast.recorder)
    new = Activity.enter(
        cast.recorder, project=old.project_id, name="上门保洁", day=clock.today(), place="3 栋", lead="赵敏"
    )
    Activity.move(new.id, "hold", cast.recorder)
    assert rows(Need, Need.ripe(serve, cast.head)) == {row.id}
    assert Need.move(row.id, "serve", cast.recorder).state == "serving"


def test_a_click_alone_never_says_that_a_need_is_met(cast):
    row = serving(cast, need(cast.recorder))
    for details in {}, {"said_role": "recipient"}, {"said_by": "赵德旺"}, {"said_role": "recipient", "said_by": " "}:
        with pytest.raises(Refusal):
            Need.move(row.id, "complete", cast.recorder, **details)
    with pytest.raises(Refusal, match="经办人自己不能确认"):
        Need.move(row.id, "complete", cast.recorder, said_role="social", said_by=cast.recorder.name)
    with pytest.raises(Refusal, match="没有「station」这一项"):
        Need.move(row.id, "complete", cast.recorder, said_role="station", said_by="赵德旺")
    assert Need.get_by_id(row.id).state == "serving"
    done = Need.move(row.id, "complete", cast.recorder, **COMPLETE)
    assert (done.state, done.said_by, done.met_on) == ("met", "赵德旺", clock.today())
    with pytest.raises(Refusal, match="满意度"):
        Need.move(row.id, "rate", cast.recorder)
    assert Need.move(row.id, "rate", cast.recorder, **RATE).rated_on == clock.today()


def test_sent_elsewhere_it_waits_again_and_keeps_nothing_of_the_first_time(cast):
    row = met(cast, need(cast.recorder))
    with pytest.raises(Refusal, match="请写明"):
        Need.move(row.id, "redispatch", cast.recorder)
    back = Need.move(row.id, "redispatch", cast.recorder, "还有一间没打扫")
    assert (back.state, back.project_id, back.said_by, back.met_on) == ("verified", None, "", None)
    assert back.redispatched_for == "还有一间没打扫"


def test_once_verified_its_words_stand(cast):
    row = need(cast.recorder)
    assert Need.amend(row.id, cast.recorder, urgency="3").urgency == "3"
    verified(cast, row)
    with pytest.raises(Refusal, match="内容不能再改"):
        Need.amend(row.id, cast.recorder, urgency="1")


def test_needs_left_unanswered_and_needs_past_their_day(cast_on_either):
    cast = cast_on_either
    late, fresh = need(cast.recorder, days_ago=6), need(cast.recorder, days_ago=5)
    answered = verified(cast, need(cast.recorder, days_ago=30))
    assert rows(Need, Need.unanswered(cast.head)) == {late.id}
    assert rows(Need, Need.unanswered(cast.province)) == {late.id}
    Need.update(due_on=clock.today() - timedelta(days=1)).where(Need.id.in_([fresh.id, answered.id])).execute()
    Need.move(fresh.id, "refuse", cast.head, "不属于志愿服务")
    Need.update(due_on=clock.today()).where(Need.id == late.id).execute()
    assert rows(Need, Need.overdue(cast.head)) == {answered.id}


def test_asked_again_soon_after_it_was_met(cast_on_either):
    cast = cast_on_either
    home = household(cast.recorder)
    first = met(cast, need(cast.recorder, home))
    again = need(cast.recorder, home, days_ago=0)
    other_kind = need(cast.recorder, home, days_ago=0, category="02")
    elsewhere = need(cast.recorder, days_ago=0)
    assert again.again_of == first and again.policy.startswith("needs@53:")
    assert rows(Need, Need.again(cast.head)) == {again.id}
    assert other_kind.again_of is None and elsewhere.again_of is None
    Need.move(again.id, "refuse", cast.head, "刚办过")
    assert not rows(Need, Need.again(cast.head))
    for _ in range(4):
        past_the_notice()
    assert need(cast.recorder, home, days_ago=0).again_of is None  # sixty days are over


# --- projects drawn from needs ---


def a_project(**more):
    today = clock.today()
    return {"name": "上门保洁", "category": "01", "recipients": ["01"], "starts_on": today, "ends_on": today} | more


def test_a_project_is_drawn_from_needs_and_they_are_tied_to_it(cast_on_either):
    cast = cast_on_either
    home = household(cast.recorder)
    person = recipient(cast.recorder, home, hardship=["01", "04"])
    recipient(cast.recorder, home, name="普文兰", hardship=["01"])
    one, two = need(cast.recorder, home, recipient=person.id), need(cast.recorder, home)
    for row in (one, two):
        verified(cast, row)
    said = draft(free([one.id, two.id], cast.recorder))
    assert said["category"] == "01" and said["recipients"] == ["01", "04"]
    assert said["name"] == "空巢老人家政服务" and "打扫" not in str(said)
    project = design([one.id, two.id], cast.recorder, **a_project(headcount=3))
    assert [row.id for row in Need.of_project(project.id)] == [one.id, two.id]
    assert {row.state for row in Need.select()} == {"verified"}
    assert not rows(Need, Need.ripe(Need.life.move("dispatch"), cast.head) & (Need.project == project.id))
    reached = coverage(project.id, cast.county)
    assert (reached.needs, reached.households, reached.people) == (2, 1, 1)
    assert count_by_category(cast.head, of_these_needs(project.id)) == {"01": 1, "04": 1}
    assert coverage(project.id, cast.head_b).needs == 0
    with pytest.raises(Refusal, match="已经列入项目"):
        design([one.id], cast.recorder, **a_project(name="又一个", headcount=3))


def test_a_project_that_cannot_be_ties_nothing(cast):
    row = verified(cast, need(cast.recorder))
    with pytest.raises(Refusal, match="请填写「计划招募」"):
        design([row.id], cast.recorder, **a_project())
    fresh = need(cast.recorder)
    with pytest.raises(Refusal, match="只有已核实的需求"):
        design([row.id, fresh.id], cast.recorder, **a_project(headcount=3))
    for forged in ([], ["abc"], [10**9]):
        with pytest.raises(NotFound):
            design(forged, cast.recorder, **a_project(headcount=3))
    with pytest.raises(NotFound):
        design([row.id], cast.head_b, **a_project(headcount=3))
    assert not Project.select().exists() and Need.get_by_id(row.id).project_id is None


def test_a_visit_is_named_without_naming_anybody(cast):
    home = household(cast.recorder, name="赵德旺")
    said = f"{home} {recipient(cast.recorder, home)} {visit(cast.recorder, home)} {need(cast.recorder, home)}"
    assert "赵德旺" not in said and "赵*旺" in said
    assert Visit.get().found == "腿脚不便" and home.in_clear() == "赵德旺（翠竹巷 3 栋）"
