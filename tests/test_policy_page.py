"""政策参数: what is in force here today, in plain words, with source and owner."""

from datetime import timedelta

from models.clock import today
from models.policy import PolicyVersion
from rules.policy import PolicyBook, title_of
from rules.topics import TOPICS


def test_every_topic_and_parameter_is_said_in_words(cast, desk):
    page = desk.signed_in_as(cast.recorder).get("/admin/policy/")
    book = PolicyBook.of()
    for topic in TOPICS:
        version = book.on(topic, "530102001001", today())
        assert page.says(title_of(topic)) and page.says(version.source)
    for words in ("每人每天上限", "720", "分钟", "五星级", "省级", "1,500", "服务内容", "签到", "舍去不足的部分"):
        assert page.says(words), words
    for code in ("recognised_by", "checked_in", "True", "False", ">down<", ">county<"):
        assert not page.says(code), code


def test_what_comes_from_above_is_said_to(cast, desk):
    page = desk.signed_in_as(cast.head).get("/admin/policy/")
    assert page.says("沿用云南省的规定") and page.says("自 2012-10-23 起")


def own(division, since, **values):
    return PolicyVersion.create(
        topic="exchange", division=division, since=since, source="五华区文明办〔2026〕1号",
        values={"points_per_hour": 10, "origins": ["desk"], "floor_hours": 5, "yearly_cap_points": 200,
                "valid_months": 24} | values,
    )  # fmt: skip


def test_a_countys_own_version_shows_to_its_stations_alone(cast, desk):
    own("530102", today())
    mine = desk.signed_in_as(cast.head).get("/admin/policy/")
    assert mine.says("五华区文明办〔2026〕1号") and mine.says("沿用五华区的规定") and mine.says("24")
    assert desk.signed_in_as(cast.county).get("/admin/policy/").says("五华区自行规定")
    assert not desk.signed_in_as(cast.head_b).get("/admin/policy/").says("五华区文明办")


def test_a_version_of_tomorrow_is_not_in_force_today(cast, desk):
    own("530102", today() + timedelta(days=1))
    assert not desk.signed_in_as(cast.head).get("/admin/policy/").says("五华区文明办")


def test_a_version_is_found_by_the_key_that_a_row_keeps(cast, desk):
    window = desk.signed_in_as(cast.head)
    assert window.get("/admin/policy/version/", key="stars@53:2012-10-23").says("志愿者星级认定标准")
    assert window.get("/admin/policy/version/", key="stars@53:1999-01-01").status == 404


def test_another_countys_version_is_not_found(cast, desk):
    key = own("530102", today()).release().key
    assert desk.signed_in_as(cast.head_b).get("/admin/policy/version/", key=key).status == 404
    assert desk.signed_in_as(cast.prefecture).get("/admin/policy/version/", key=key).status == 200


def test_nobody_writes_here_and_strangers_are_sent_to_the_door(cast, desk):
    window = desk.signed_in_as(cast.county)
    window.get("/admin/policy/")
    assert window.post("/admin/policy/", points_per_hour="99").status == 405
    assert desk.get("/admin/policy/").path.startswith("/login")
