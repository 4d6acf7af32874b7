"""待办: every line leads to a list of exactly the rows that it counts, for every role."""

import html
import re
from datetime import timedelta

import pytest

from cast import STATED, past_the_notice, person
from desk import queries
from models import clock
from models.applications import Application
from models.corrections import Correction
from models.keying import key_in
from models.notices import Notice, Objection
from models.people import open_for
from models.policy import PolicyVersion
from models.projects import Post, Project
from models.records import ServiceRecord, move_all
from models.rewards import Redemption, RewardItem
from models.stars import StarGrant
from models.volunteers import Claim, Volunteer
from views import waiting
from views.waiting import inbox


def near_stars() -> None:
    """Stars of the county's own that a few hours reach."""
    levels = [
        {"star": star, "at": at, "recognised_by": who, "tenure_days": 0, "selection": False}
        for star, at, who in ((1, 3, "county"), (2, 5, "county"), (3, 600, "prefecture"))
    ]
    PolicyVersion.create(
        topic="stars", division="530102", since=clock.today() - timedelta(days=60), source="试行", values={"levels": levels}
    )  # fmt: skip


@pytest.fixture
def busy(cast):
    """Something waits at every stage, and beside it something like it that does not wait for the same person."""
    near_stars()
    a, b = cast.registered("李明"), cast.registered("王芳")
    cast.posted(a, minutes=3 * 60)
    cast.posted(b, minutes=5 * 60)
    for name, who in (("赵一", cast.recorder), ("钱二", cast.head), ("孙三", cast.recorder)):
        Volunteer.enter(who, **person(name))
    returned = Volunteer.enter(cast.recorder, **person("周四"))
    Volunteer.move(returned.id, "return", cast.head, reason="电话不对")
    for who in (cast.recorder, cast.head):
        project = Project.enter(
            who, name="清洁家园", category="01", recipients=["01"], starts_on=clock.today(),
            ends_on=clock.today() + timedelta(days=30), headcount=5, **STATED,
        )  # fmt: skip
        Post.enter(who, project=project.id, name="清扫", headcount=5)
        Project.move(project.id, "submit", who)
    activity = cast.activity()
    lines = [cast.draft(a, activity, f"{h:02}:00", f"{h:02}:40") for h in range(8, 14)]
    keys = [row.id for row in key_in(lines, cast.recorder)]
    move_all(keys[1:], "submit", cast.recorder)
    move_all(keys[2:], "approve", cast.head)
    move_all(keys[3:], "notice", cast.head)
    notice = Notice.get(Notice.state == "open")
    Objection.enter(cast.recorder, notice=notice.id, record=keys[5], said_by="居民", reason="当天没来")
    past_the_notice()  # two are ripe, the third is disputed
    other = cast.activity()
    (fresh,) = key_in([cast.draft(b, other)], cast.recorder)
    for name, who in (("submit", cast.recorder), ("approve", cast.head), ("notice", cast.head)):
        move_all([fresh.id], name, who)  # its notice is still open
    posted = ServiceRecord.get(ServiceRecord.state == "posted")
    Correction.enter(cast.recorder, record=posted.id, reason="重复登记")
    StarGrant.move(StarGrant.get(StarGrant.volunteer == b.id, StarGrant.star == 1).id, "propose", cast.head)
    item = RewardItem.enter(cast.head, name="理发", points=1)
    made = [Redemption.reserve(a.id, item.id, 1, cast.recorder, key=f"k{n}") for n in range(3)]
    Redemption.move(made[0].id, "hand", cast.head)
    Claim.ask(a.document_type, Volunteer.get_by_id(a.id).document_number, "搬到本社区", cast.head_b)
    return cast


def lines_of(page):
    """(address, count) of each line of the inbox."""
    rows = re.findall(r'<td class="number">(\d+) .</td>.*?<a class="button" href="([^"]+)"', page.html, re.S)
    return [(html.unescape(address), int(count)) for count, address in rows]


WHO = ["recorder", "head", "deputy", "head_b", "county", "prefecture", "province", "auditor", "admin"]


@pytest.mark.parametrize("who", WHO)
def test_every_line_leads_to_exactly_the_rows_that_it_counts(busy, desk, who):
    window = desk.signed_in_as(getattr(busy, who))
    lines = lines_of(window.get("/admin/"))
    assert len([a for a, _ in lines if "waiting=" in a]) == len(inbox(getattr(busy, who)))
    for address, count in lines:
        assert window.get(address).says(f"共 {count} 条"), address


def test_each_role_finds_its_own_stages(busy):
    def found(who):
        return {(one.model.resource, one.move.name): one.count for one in inbox(who)}

    assert found(busy.recorder) == {
        ("volunteers", "resubmit"): 1, ("activities", "hold"): 4, ("records", "submit"): 1, ("rewards", "hand"): 2,
        ("rewards", "confirm"): 1,
    }  # fmt: skip
    head = found(busy.head)
    assert head["volunteers", "approve"] == 2 and head["projects", "publish"] == 1
    assert head["records", "approve"] == 1 and head["records", "notice"] == 1 and head["records", "post"] == 2
    assert head["objections", "dismiss"] == 1 and head["corrections", "approve"] == 1
    assert head["claims", "agree"] == 1 and head["stars", "propose"] == 1
    assert ("claims", "agree") not in found(busy.head_b)
    assert found(busy.county) == {("stars", "accept"): 1}
    assert not found(busy.prefecture) and not found(busy.province) and not found(busy.auditor)


def test_everything_that_waits_can_be_moved_from_there_at_once(busy, desk):
    window = desk.signed_in_as(busy.head)
    for address, count in lines_of(window.get("/admin/")):
        page = window.get(address)
        keys = re.findall(r'name="id" value="(\d+)"', page.html)
        if "waiting=" not in address:
            continue  # a list to look at, not a move
        name = re.search(r"waiting=(\w+)", address)[1]
        if f'name="move" value="{name}"' not in page.html or "reason" in name:
            continue
        resource = address.split("/")[2]
        answer = page.post(f"/admin/{resource}/move/", move=name, id=keys, back=address, reason="核对无误")
        assert answer.says(f"{count} 条。" if count > 1 else "已"), (address, answer.html)
        assert answer.path == address.replace(" ", "+") or answer.says("只列等您办理")
    assert "records" not in {one.model.resource for one in inbox(busy.head) if one.move.name == "approve"}


def test_the_waiting_list_says_that_it_is_narrowed_and_how_to_see_all(busy, desk):
    page = desk.signed_in_as(busy.head).get("/admin/volunteers/", state="applied", waiting="approve")
    assert page.says("只列等您办理「审核通过」的") and page.says("看全部") and not page.says("钱二")
    assert page.get("/admin/volunteers/", state="applied").says("钱二")


def test_a_line_that_waits_shows_what_was_checked(cast, desk):
    person, activity = cast.registered("李明"), cast.activity()
    rows = key_in([cast.draft(person, activity)], cast.recorder)
    move_all([row.id for row in rows], "submit", cast.recorder)
    window = desk.signed_in_as(cast.head)
    page = window.get("/admin/records/", state="submitted", waiting="approve")
    assert page.says("核对") and page.says("格式、时间、重叠、上限、异常都已核对")
    past_the_notice()
    assert "个工作日" in page.get("/admin/records/", state="submitted", waiting="approve").html


@pytest.mark.parametrize("waiting", ["recognise", "nonsense", "lapse"])
def test_a_move_that_is_not_theirs_narrows_nothing(busy, desk, waiting):
    page = desk.signed_in_as(busy.recorder).get("/admin/stars/", waiting=waiting)
    assert page.status == 200 and not page.says("只列等您办理")


def test_an_empty_inbox_says_so(cast, desk):
    assert desk.signed_in_as(cast.auditor).get("/admin/").says("现在没有等您办理的事")


def test_a_supervisor_of_a_street_has_a_home_too(cast, desk):
    from models.people import Account
    from models.scope import SYSTEM

    street = Account.enter(
        SYSTEM, username="street", name="街道督导", role="supervisor", station=None, division="530102001", active=True
    )
    assert desk.signed_in_as(street.actor()).get("/admin/").status == 200


def test_badges_count_anew_after_a_post_at_the_desk_and_soon_after_one_from_outside(monkeypatch):
    now, counted = [1000.0], iter(range(1, 100))
    monkeypatch.setattr(waiting, "monotonic", lambda: now[0])
    badges = waiting.Badges()

    def badge() -> int:
        return badges.kept("head", lambda: next(counted))

    assert (badge(), badge()) == (1, 1)
    badges.forget()
    assert badge() == 2
    now[0] += 1
    badges.age()
    now[0] += waiting.OUTSIDE_SECONDS - 1
    assert badge() == 2
    now[0] += 1
    assert badge() == 3
    badges.age()  # however many post, it is counted once in that time
    assert badge() == 3
    now[0] += waiting.OUTSIDE_SECONDS + 1
    assert badge() == 4
    now[0] += waiting.KEPT_SECONDS
    assert badge() == 4
    now[0] += 1
    assert badge() == 5


def test_the_first_page_counts_at_once_what_a_volunteer_asked_online(cast, desk):
    her = open_for(cast.registered().id, cast.head).actor()
    post = cast.post()
    head, phone = desk.signed_in_as(cast.head), desk.signed_in_as(her)
    waits = "/admin/applications/?"
    assert waits not in head.get("/admin/").html.partition("<main")[2]
    phone.get(f"/me/projects/{post.project_id}")
    phone.post(f"/me/projects/{post.project_id}", post=post.id)
    assert Application.select().count() == 1
    assert waits in head.get("/admin/").html.partition("<main")[2]


def test_queries_do_not_grow_with_rows(busy, desk):
    window = desk.signed_in_as(busy.head)
    window.get("/admin/")
    with queries() as few:
        window.get("/admin/")
    for n in range(5):
        Volunteer.enter(busy.recorder, **person("吴" + "一二三四五"[n]))
    window.get("/admin/")  # the badges of the menu are counted anew every few seconds
    with queries() as many:
        window.get("/admin/")
    assert len(many) == len(few)


def test_the_checks_on_the_lines_ask_no_query_a_row(cast, desk):
    activity = cast.activity()
    first, *others = [cast.registered(name) for name in ("李明", "王芳", "赵强", "刘洋")]
    window = desk.signed_in_as(cast.head)
    counted = []
    for people in ([first], others):
        rows = key_in([cast.draft(one, activity) for one in people], cast.recorder)
        move_all([row.id for row in rows], "submit", cast.recorder)
        window.get("/admin/records/", state="submitted", waiting="approve")
        with queries() as sent:
            window.get("/admin/records/", state="submitted", waiting="approve")
        counted.append(len(sent))
    assert counted[0] == counted[1]


def test_how_long_something_waits_is_told_from_its_last_move(cast):
    row = Volunteer.enter(cast.recorder, **person())
    clock.move_demo_clock(10)
    (waits,) = [one for one in inbox(cast.head) if one.model is Volunteer]
    assert waits.days == 10
    Volunteer.move(row.id, "return", cast.head, "电话不通")
    clock.move_demo_clock(3)
    (waits,) = [one for one in inbox(cast.recorder) if one.model is Volunteer]
    assert waits.days == 3


def test_a_registration_and_a_project_that_wait_show_what_was_checked(cast, desk):
    row = Volunteer.enter(cast.recorder, **person("孙八"))
    window = desk.signed_in_as(cast.head)
    assert window.get("/admin/volunteers/", state="applied", waiting="approve").says("缺同意书")
    Volunteer.amend(row.id, cast.recorder, consent_on=clock.today())
    page = window.get("/admin/volunteers/", state="applied", waiting="approve")
    assert page.says("姓名、证件校验、年龄、监护人、重复登记都已核对")
    draft = Project.enter(
        cast.recorder, name="爱心陪伴", category="01", recipients=["01"], starts_on=clock.today(),
        ends_on=clock.today(), headcount=3,
    )  # fmt: skip
    own = desk.signed_in_as(cast.recorder).get("/admin/projects/", state="draft", waiting="submit")
    assert own.says(draft.name) and own.says("风险") and own.says("请至少登记一个开放报名的岗位")
    activity = cast.activity()
    Project.update(state="draft").where(Project.id == activity.project_id).execute()
    assert own.get("/admin/projects/", state="draft", waiting="submit").says("条件、风险、保障、岗位都已写明")
