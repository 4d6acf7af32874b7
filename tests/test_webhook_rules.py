"""机器人通知, the rules: where a message may go, what it says, when it is news, and when it is tried again."""

from datetime import datetime, time, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import webhooks
from rules.webhooks import TRIES, Waits

NOW = datetime(2026, 3, 5, 9, 30)
WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=ab"
RECORDS = Waits("records.approve.submitted", "服务记录", "审核通过", 12, "条", 3)
NEEDS = Waits("needs.verify.reported", "需求", "核实", 2, "项", 0)


@pytest.mark.parametrize(
    ("kind", "url", "allowed"),
    [
        ("wecom", WECOM, ()),
        ("dingtalk", "https://oapi.dingtalk.com/robot/send?access_token=ab", ()),
        ("plain", "https://oa.example.gov.cn/hook", ("oa.example.gov.cn",)),
        ("plain", "http://127.0.0.1:8099/hook", ("127.0.0.1:8099",)),
        ("wecom", "https://proxy.example.gov.cn:8443/wecom", ("proxy.example.gov.cn:8443",)),
    ],
)
def test_a_robot_is_reached_at_its_own_host_or_one_that_was_allowed(kind, url, allowed):
    assert webhooks.check_address(kind, url, allowed) == []


@pytest.mark.parametrize(
    ("kind", "url", "allowed", "says"),
    [
        ("wecom", "", (), "https://"),
        ("wecom", "qyapi.weixin.qq.com/send", (), "https://"),
        ("wecom", "ftp://qyapi.weixin.qq.com/send", (), "https://"),
        ("wecom", "http://qyapi.weixin.qq.com/send", (), "http://"),
        ("wecom", "https://qyapi.weixin.qq.com.evil.cn/send", (), "qyapi.weixin.qq.com"),
        ("wecom", "https://qyapi.weixin.qq.com:8443/send", (), "qyapi.weixin.qq.com"),
        ("wecom", "https://qyapi.weixin.qq.com@10.0.0.1/send", (), "https://"),
        ("wecom", "https://oapi.dingtalk.com/robot/send", (), "qyapi.weixin.qq.com"),
        ("plain", "https://10.0.0.1/admin", (), "WEBHOOK_HOSTS"),
        ("plain", "http://oa.example.gov.cn/hook", ("oa.example.gov.cn",), "https://"),
        ("plain", "https://[::1/hook", (), "https://"),
        ("plain", "https://host:port/hook", (), "https://"),
    ],
)
def test_any_other_address_is_refused_with_what_would_be_right(kind, url, allowed, says):
    (found,) = webhooks.check_address(kind, url, allowed)
    assert found.where == "url"
    assert says in found.says


def test_the_message_says_how_much_waits_the_longest_first():
    assert webhooks.says("翠湖社区工作站", [NEEDS, RECORDS]) == (
        "【翠湖社区工作站】待办 14 项：\n· 服务记录：12 条待审核通过，最早 3 天前\n· 需求：2 项待核实\n请登录志愿服务工作站办理。"
    )


def test_a_long_message_says_how_many_kinds_more_there_are():
    said = webhooks.says("站", [Waits(f"k{n:02}", f"事{n}", "办理", 1) for n in range(20)])
    assert "另有 8 类" in said
    assert len(said.splitlines()) == 1 + 12 + 1 + 1
    assert len(said.encode()) < 2048  # what a robot takes


@pytest.mark.parametrize(
    ("waiting", "told", "hours_ago", "news"),
    [
        ([], {}, None, False),
        ([RECORDS], {}, None, True),
        ([RECORDS], {RECORDS.key: 12}, 5, False),
        ([RECORDS], {RECORDS.key: 11}, 5, True),
        ([RECORDS], {RECORDS.key: 20}, 5, False),
        ([RECORDS, NEEDS], {RECORDS.key: 12}, 5, True),
        ([RECORDS], {RECORDS.key: 12}, 24, True),
        ([], {RECORDS.key: 12}, 48, False),
    ],
)
def test_only_what_is_new_or_a_day_old_is_told(waiting, told, hours_ago, news):
    told_at = None if hours_ago is None else NOW - timedelta(hours=hours_ago)
    assert webhooks.is_news(waiting, told, told_at, NOW) is news


@pytest.mark.parametrize(("at", "inside"), [("08:29", False), ("08:30", True), ("18:00", True), ("18:01", False)])
def test_nothing_is_told_outside_the_hours(at, inside):
    now = datetime.combine(NOW.date(), time.fromisoformat(at), None).replace(second=59)
    assert webhooks.in_hours(now, time(8, 30), time(18, 0)) is inside


def test_it_is_tried_again_ever_later_and_then_given_up():
    waits = [webhooks.next_try(n, NOW) - NOW for n in range(1, len(TRIES) + 1)]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(minutes=1)
    assert webhooks.next_try(len(TRIES) + 1, NOW) is None


def test_a_dingtalk_address_is_signed_as_its_robot_asks():
    """The mark was worked out by hand with openssl: HMAC-SHA256 of «moment\\nsecret» by the secret, in base64."""
    at = datetime.fromisoformat("2026-03-05T01:30:00+00:00")
    signed = urlsplit(webhooks.signed("https://oapi.dingtalk.com/robot/send?access_token=ab", "SECabc", at))
    said = parse_qs(signed.query)
    assert said["timestamp"] == ["1772674200000"]
    assert said["access_token"] == ["ab"]
    assert said["sign"] == ["isLETl/UqOefm/y4kF/KzplChpldS9TPdoIj3pxf8b4="]
    assert webhooks.signed(WECOM, "", at) == WECOM


@given(st.text())
def test_no_address_makes_the_rule_fail(url):
    assert isinstance(webhooks.check_address("plain", url), list)
