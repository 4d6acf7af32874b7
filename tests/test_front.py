"""What anyone sees, what a volunteer sees of her own, and what a new installation is told to do next."""

import re

from desk import Desk
from models import clock, keying, people, records
from models.honours import Honour
from models.records import ServiceRecord
from models.scope import SYSTEM
from models.stars import StarGrant


def noticed(cast, *names):
    activity = cast.activity()
    lines = [cast.draft(cast.registered(name), activity) for name in names]
    _, kept = keying.key_sheet(activity.id, lines, cast.recorder)
    for move, by in (("submit", cast.recorder), ("approve", cast.head), ("notice", cast.head)):
        records.move_all([r.id for r in kept], move, by)
    return ServiceRecord.get_by_id(kept[0].id).notice_id


def test_anyone_reads_an_open_notice_with_names_masked(desk, cast):
    key = noticed(cast, "李明辉", "王芳")
    front = Desk(desk.app).get("/")
    assert f"/notices/{key}" in front.html
    page = front.get(f"/notices/{key}")
    assert page.says("李*辉") and page.says("王*") and not page.says("李明辉") and page.says("4.00")


def test_a_notice_that_is_over_is_nobodys_to_read(desk, cast):
    cast.posted(cast.registered("李明"))
    page = Desk(desk.app).get("/")
    assert page.says("现在没有公示") and page.get("/notices/1").status == 404


def test_a_volunteer_sees_only_her_own_hours_lots_and_records(desk, cast):
    mine, other = cast.registered("李明"), cast.registered("王芳")
    cast.posted(mine, minutes=120)
    cast.posted(other, minutes=300)
    account = people.open_for(mine.id, cast.head)
    people.set_password(account, "a good password for tests", SYSTEM)
    page = desk.get("/login")
    page.post("/login", username=account.username, password="a good password for tests")
    assert page.path == "/me/"
    assert page.says("现在可以兑换") and page.says("2.00")
    for path in ("", "hours", "hours/lots", "records"):
        assert page.get(f"/me/{path}").says("2.00") and not page.says("5.00") and not page.says("王芳"), path


def test_a_volunteer_sees_her_stars_and_honours_and_nobody_elses(desk, cast):
    mine, other = cast.registered("李明"), cast.registered("王芳")
    cast.posted(mine, minutes=6000)
    star = cast.recognised(StarGrant.get(StarGrant.volunteer == mine.id))
    for person, title in ((mine, "优秀志愿者"), (other, "别人的荣誉")):
        row = Honour.enter(
            cast.recorder, volunteer=person.id, title=title, level="county", body="区文明办", given_on=clock.today(),
            proof="证书",
        )  # fmt: skip
        Honour.move(row.id, "submit", cast.recorder)
        Honour.move(row.id, "check", cast.head)
    account = people.open_for(mine.id, cast.head)
    people.set_password(account, "a good password for tests", SYSTEM)
    page = desk.get("/login")
    page.post("/login", username=account.username, password="a good password for tests")
    assert page.says("一星级") and page.get("/me/stars").says(star.certificate_no) and page.says("优秀志愿者")
    assert not page.says("别人的荣誉")


def test_the_administrator_is_told_what_comes_next(desk, cast):
    page = desk.signed_in_as(cast.admin).get("/admin/")
    for said in ("登记街道和社区", "新增工作站", "为站长开账号", "设置密码", "站长第一次登录"):
        assert page.says(said), said
    assert "/admin/stations/new/" in page.html


def test_a_station_without_a_sheet_is_told_how_to_begin(desk, cast):
    page = desk.signed_in_as(cast.recorder)
    assert page.get("/admin/").says("录入签到表") and page.says("登记志愿者")
    noticed(cast, "李明")
    assert not page.get("/admin/").says("登记志愿者")


def test_the_head_lets_a_volunteer_in_and_the_recorder_does_not(desk, cast):
    mine = cast.registered("李明")
    head = desk.signed_in_as(cast.head)
    assert head.get("/admin/volunteers/details/", id=mine.id).says("开通个人查询")
    head.post("/admin/volunteers/let-in/", id=mine.id)
    assert head.says(mine.card_no) and head.says("只在这里显示一次")
    one_time = re.search(r'<code class="told">([^<]+)</code>', head.html)[1]
    own = Desk(desk.app).get("/login")
    own.post("/login", username=mine.card_no, password=one_time)
    assert own.says("新密码（至少 10 位）") and own.client.get("/me/").status_code == 302
    own.post("/login/step", new="plum blossom 26", again="plum blossom 26")
    assert own.path == "/me/" and own.says("李明")
    recorder = desk.signed_in_as(cast.recorder)
    assert not recorder.get("/admin/volunteers/details/", id=mine.id).says("开通个人查询")
    assert recorder.post("/admin/volunteers/let-in/", id=mine.id).status == 403
    stranger = desk.signed_in_as(cast.head_b)
    assert stranger.post("/admin/volunteers/let-in/", id=mine.id).status == 404
