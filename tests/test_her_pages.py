"""我的服务: every page of a volunteer's own, with much on it and with nothing, in a bounded number of statements."""


import re
from datetime import date, timedelta

import pytest
from her_hand import as_herself, noticed, turn_to_come

from desk import PASSWORD, Desk, queries
from models import clock, first_codes, her_account
from models.applications import Application
from models.assignments import Assignment
from models.catalogue import RewardItem
from models.certificates import Certificate
from models.corrections import Correction
from models.hours import Lot
from models.notices import Objection
from models.objecting import object_to
from models.rewards import Redemption
from views.me.first import WAYS

PAGES = ["", "hours", "hours/lots", "records", "notices", "stars", "roster", "projects", "applications", "training", "exchange",
         "certificates", "asked", "own", "account"]  # fmt: skip
MOST_STATEMENTS = 32


@pytest.fixture
def busy(cast):
    """Somebody with something on every page; the actor, and what she has."""
    person = cast.registered("李明")
    cast.posted(person, minutes=1200)
    me = as_herself(cast, person)
    item = RewardItem.enter(cast.head, name="理发", points=1, stock=30)
    has = {
        "record": noticed(cast, person), "turn": turn_to_come(cast, person), "item": item,
        "exchange": Redemption.ask(item.id, 2, me, "k-busy"),
        "application": Application.apply(cast.post().id, person.id, me),
        "certificate": Certificate.ask("study", me),
    }  # fmt: skip
    return me, has


def test_every_page_opens_with_nothing_on_it_and_leads_back(cast, desk):
    window = desk.signed_in_as(as_herself(cast, cast.registered("王芳")))
    for page in PAGES:
        window.get(f"/me/{page}")
        assert window.status == 200 and window.says("<h1>"), page
        assert page == "" or 'href="/me/"' in window.html, page
    assert len(WAYS) == len(PAGES) - 1


def test_every_page_opens_with_much_on_it_in_a_bounded_number_of_statements(cast, desk, busy):
    me, has = busy
    window = desk.signed_in_as(me)
    more = [f"records/{has['record'].id}", f"exchange/{has['item'].id}?quantity=2", f"projects/{has['application'].project_id}"]
    for page in [*PAGES, *more]:
        with queries() as sent:
            window.get(f"/me/{page}")
        assert window.status == 200, page
        assert len(sent) <= MOST_STATEMENTS, (page, len(sent), sent)
        print(page, len(sent))  # noqa: T201


def test_nobody_but_a_volunteer_opens_them_and_a_strangers_row_is_not_found(cast, desk, busy):
    _, has = busy
    her = desk.signed_in_as(as_herself(cast, cast.registered("王芳")))
    her.get("/me/")
    record, item = has["record"].id, has["item"].id
    for page in (f"records/{record}", f"exchange/{item + 99}", "projects/9999", "records/9999", "disagree/weather/1"):
        assert her.get(f"/me/{page}").status == 404, page
    application = has["application"].id
    for path, fields in {
        f"records/{record}": {"reason": "试试"}, "asked": {"id": 1, "reason": "试试"},
        f"disagree/application/{application}": {"reason": "试试"}, "roster/confirm": {"id": has["turn"].id},
        "roster/decline": {"id": has["turn"].id, "reason": "试试"}, "applications/confirm": {"id": application},
        "applications/withdraw": {"id": application, "reason": "试试"}, "exchange/cancel": {"id": has["exchange"].id},
        f"exchange/{item + 99}": {"quantity": 1, "key": "k-x"}, "projects/9999": {"post": 9999},
    }.items():  # fmt: skip
        assert her.post(f"/me/{path}", **fields).status == 404, path
    desk_of_b = desk.signed_in_as(cast.head_b)
    desk_of_b.get("/admin/")
    assert desk_of_b.get("/me/hours").status == 403 and desk_of_b.post("/me/certificates", purpose="study").status == 403


def test_each_line_of_the_account_says_who_decided_and_under_which_notice(cast, desk):
    person = cast.registered("李明")
    (record,) = cast.posted(person, minutes=120)
    page = desk.signed_in_as(as_herself(cast, person)).get("/me/hours")
    assert page.says("荣誉工时 <b>＋2.00") and page.says("可兑换工时 <b>＋2.00")
    assert page.says("张站长（站长） 审核通过") and page.says("张站长（站长） 公示") and page.says("系统 入账")
    assert page.says(record.notice.title) and page.says(f'href="/me/records/{record.id}"')


def test_the_account_is_paged_and_no_line_is_cut_in_two(cast):
    person = cast.registered("李明")
    keys = [row.id for row in cast.posted(person, minutes=480 * 25)]
    seen, before = [], 0
    while True:
        page = her_account.page(person.id, before)
        seen += [(line.record.id, line.minutes) for line in page.lines]
        if not (before := page.before):
            break
    assert sorted(key for key, _ in seen) == sorted(keys)
    assert all(minutes == {"honour": 480, "exchangeable": 480, "debt": 0} for _, minutes in seen)


def test_what_runs_out_within_ninety_days_is_said_on_the_first_page(cast, desk):
    person = cast.registered("李明")
    cast.posted(person, minutes=180)
    today = clock.today()
    page = desk.signed_in_as(as_herself(cast, person)).get("/me/")
    assert not page.says("到期，最早的一笔")
    Lot.update(expires_on=today + timedelta(days=91)).execute()
    assert her_account.runs_out(person.id, today) == (0, None)
    Lot.update(expires_on=today + timedelta(days=90)).execute()
    assert her_account.runs_out(person.id, today) == (180, today + timedelta(days=90))
    assert page.get("/me/").says("90 天内有 3.00 小时可兑换工时到期")
    Lot.update(expires_on=today).execute()
    assert her_account.runs_out(person.id, today) == (0, None)


def test_she_objects_while_it_hangs_out_and_asks_for_a_correction_once_it_is_posted(cast, desk):
    person = cast.registered("李明")
    hung, me = noticed(cast, person), as_herself(cast, person)
    page = desk.signed_in_as(me).get(f"/me/records/{hung.id}")
    assert page.says("提出异议") and not page.says("申请更正</button>")
    assert page.post(f"/me/records/{hung.id}", reason=" ").says("请填写「事由」")
    assert page.post(f"/me/records/{hung.id}", reason="少记了一小时").path == "/me/asked"
    assert page.says("少记了一小时") and page.says("正在核查") and not page.get(f"/me/records/{hung.id}").says("这条记录不对？")
    (posted,) = cast.posted(person, minutes=120, day=clock.today() - timedelta(days=9))
    page.get(f"/me/records/{posted.id}")
    assert page.says("申请更正") and page.post(f"/me/records/{posted.id}", reason="多记了").says("正在等待批准")
    assert Correction.get().entered_by == me.account_id


def test_she_appeals_on_the_page_and_what_she_typed_stays_where_it_is_refused(cast, desk):
    person = cast.registered("李明")
    (record,) = cast.posted(person)
    me = as_herself(cast, person)
    row = Correction.ask(record.id, "多记了", me)
    Correction.move(row.id, "refuse", cast.head, reason="签到表上有签名")
    page = desk.signed_in_as(me).get("/me/asked")
    assert page.says("签到表上有签名") and page.says(f"{row.appeal_until()} 以前可以申诉一次")
    assert page.post("/me/asked", id=row.id, reason=" ").says("请写明「申诉」的理由")
    assert page.post("/me/asked", id=row.id, reason="签名不是我的").says("申诉已提交")
    assert page.says("下一步：县级督导复核")


def test_she_sees_from_which_lots_an_exchange_is_taken_asks_once_and_takes_it_back(cast, desk, busy):
    me, has = busy
    item = has["item"].id
    page = desk.signed_in_as(me).get(f"/me/exchange/{item}", quantity=2)
    assert page.says("从这几笔工时里扣") and page.says("兑换后还剩")
    key, once = (re.search(f'name="{name}" value="([^"]+)"', page.html)[1] for name in ("key", "once"))
    for _ in range(2):  # a double press
        page.post(f"/me/exchange/{item}", quantity=2, key=key, once=once)
    assert page.path == "/me/exchange" and page.says("等站长审批")
    (made,) = Redemption.select().where(Redemption.key == key)
    page.post("/me/exchange/cancel", id=made.id)
    assert page.says("已取消，工时已退回") and Redemption.get_by_id(made.id).state == "cancelled"
    assert page.get(f"/me/exchange/{item}", quantity="很多").says("数量")
    assert page.post(f"/me/exchange/{item}", quantity="很多", key="k-2").says("数量应是 1 以上的整数")
    assert page.post(f"/me/exchange/{item}", quantity=999, key="k-3").says("可兑换工时不足")


def test_she_applies_is_offered_a_place_confirms_and_withdraws(cast, desk):
    person, other = cast.registered("李明"), cast.registered("王芳")
    post = cast.post(headcount=1, minimum_age=18)
    first = Application.apply(post.id, other.id, cast.recorder)
    Application.move(first.id, "accept", cast.head)
    page = desk.signed_in_as(as_herself(cast, person)).get(f"/me/projects/{post.project_id}")
    assert page.says("名额已满，可以候补") and page.says("身体健康") and page.says("无特别风险") and page.says("提供饮水和意外险")
    once = re.search('name="once" value="([^"]+)"', page.html)[1]
    for _ in range(2):
        page.post(f"/me/projects/{post.project_id}", post=post.id, note="周末有空", once=once)
    (row,) = Application.select().where(Application.volunteer == person.id)
    assert page.path == "/me/applications" and page.says("下一步：站长审核")
    Application.move(row.id, "queue", cast.head)
    Application.move(first.id, "withdraw", cast.recorder, reason="搬家")
    assert page.get("/me/").says("1 个岗位等您确认") and page.get("/me/applications").says("我参加")
    assert page.post("/me/applications/confirm", id=row.id).says("已确认参加")
    assert page.post("/me/applications/withdraw", id=row.id, reason="要照顾孙子").says("已退出")
    assert Application.get_by_id(row.id).by_herself


def test_what_does_not_fit_her_is_said_and_the_post_is_not_offered(cast, desk):
    young = cast.registered("李小明", birth=date(clock.today().year - 20, 1, 1))
    post = cast.post(minimum_age=60)
    page = desk.signed_in_as(as_herself(cast, young)).get(f"/me/projects/{post.project_id}")
    assert page.says("不符合：") and page.says("要求年满 60 周岁") and not page.says("报名</button>")
    assert page.post(f"/me/projects/{post.project_id}", post=post.id).says("要求年满 60 周岁")
    assert not Application.select().exists()
    closed = cast.post(project={"recruiting": "invited"})
    assert page.get(f"/me/projects/{closed.project_id}").status == 404


def test_she_answers_for_her_turns(cast, desk):
    person = cast.registered("李明")
    turn = turn_to_come(cast, person)
    page = desk.signed_in_as(as_herself(cast, person)).get("/me/roster")
    assert page.says("社区活动室") and page.says("赵敏") and page.says("我会去")
    assert page.post("/me/roster/confirm", id=turn.id).says("已确认，到时候见")
    assert page.post("/me/roster/decline", id=turn.id, reason=" ").says("请写明「取消排班」的理由")
    assert page.post("/me/roster/decline", id=turn.id, reason="感冒了").says("已请假") and page.says("没有要去的排班")


def test_she_applies_for_a_certificate_and_is_led_to_its_check_once_it_is_issued(cast, desk):
    person = cast.registered("李明")
    cast.posted(person, minutes=120)
    page = desk.signed_in_as(as_herself(cast, person)).get("/me/certificates")
    assert page.post("/me/certificates", purpose="other", first_day="明天").says("日期「明天」看不懂")
    assert page.post("/me/certificates", purpose="other").says("请写明用在哪里")
    assert page.post("/me/certificates", purpose="study").says("下一步：工作站核对证件后受理")
    row = Certificate.get()
    Certificate.move(row.id, "accept", cast.recorder)
    Certificate.move(row.id, "issue", cast.head)
    code = Certificate.get_by_id(row.id).code
    assert page.get("/me/certificates").says(f'href="/verify/{code}"')


def test_stars_say_in_plain_words_what_the_next_one_needs(cast, desk):
    person = cast.registered("李明")
    cast.posted(person, minutes=600)
    page = desk.signed_in_as(as_herself(cast, person)).get("/me/stars")
    assert page.says("下一颗星：一星级") and page.says("您现在 10.00 小时，还差 90.00 小时") and page.says("由县级认定")


def test_the_desk_sees_in_its_inbox_what_she_asked_herself(cast, desk, busy):
    me, has = busy
    Objection.ask("records", has["record"].id, "少记了", me)
    (posted,) = cast.posted(cast.registered("赵敏"), minutes=60)
    other = as_herself(cast, posted.volunteer)
    Correction.ask(posted.id, "多记了", other)
    Assignment.move(turn_to_come(cast, posted.volunteer).id, "cancel", other, reason="感冒了")
    row = Application.apply(cast.post().id, posted.volunteer_id, other)
    Application.move(row.id, "withdraw", other, reason="没空")
    mine = Application.apply(cast.post().id, posted.volunteer_id, other)
    Application.move(mine.id, "refuse", cast.head, reason="满员")
    object_to("application", mine.id, "我先报的名", other)
    for who in (cast.recorder, cast.head):
        page = desk.signed_in_as(who).get("/admin/")
        for said in ("本人网上申请，待办", "本人网上提出，待核查", "本人网上申请，待审批", "本人网上请假", "本人网上退出（7 天内）", "本人网上申请，待受理"):
            assert page.says(said), (who.role, said)
        for screen in ("corrections", "objections", "rewards", "complaints"):
            assert (page.get(f"/admin/{screen}/", list="online").status == 200 and page.says("1 条")) or page.says("李明") or page.says("赵敏")
    stranger = desk.signed_in_as(cast.head_b).get("/admin/")
    assert not stranger.says("本人网上")


def test_she_sets_her_first_password_with_the_slip_and_signs_out_everywhere(cast, desk):
    person = cast.registered("李明")
    head = desk.signed_in_as(cast.head)
    head.get(f"/admin/volunteers/details/?id={person.id}")
    slip = head.post("/admin/volunteers/first-code/", id=person.id)
    code = re.search(r'class="told">([^<]+)<', slip.html)[1]
    assert slip.says("志愿者首次登录码") and slip.says("/me/first") and slip.headers["Cache-Control"] == "no-store"
    phone = Desk(desk.app)
    phone.get("/me/first")
    fields = {"card": person.card_no, "code": code, "new": PASSWORD, "again": PASSWORD}
    assert phone.post("/me/first", **(fields | {"again": "不一样"})).says("两次输入的新密码不一样")
    assert phone.post("/me/first", **(fields | {"code": "x"})).says(first_codes.WRONG)
    assert phone.post("/me/first", **(fields | {"card": "no such card"})).says(first_codes.WRONG)
    assert phone.post("/me/first", **fields).path == "/me/" and phone.says("密码已设好")
    elsewhere = Desk(desk.app)
    elsewhere.get("/login")
    assert elsewhere.post("/login", username=person.card_no, password=PASSWORD).path == "/me/"
    assert phone.get("/me/account").says("在所有地方退出")
    assert phone.post("/me/account", old="x", new="y", again="y").says("原密码不对")
    assert phone.post("/me/account", old=PASSWORD, new="另外一个密码 2026", again="另外一个密码 2026").says("密码已修改")
    assert elsewhere.get("/me/").path.startswith("/login")
    phone.post("/me/account/out")
    assert phone.path == "/login" and phone.get("/me/").path.startswith("/login")
    assert Desk(desk.app).get("/me/first").says("第一次登录") and phone.get("/login").says("首次登录码设密码")
