"""What is sealed is revealed one value at a time, with a reason, to the one who asked, and nowhere kept."""

import re

import pytest
from flask.sessions import SecureCookieSessionInterface

from models import clock, moves
from models.audit import Trail
from models.refusals import Refusal
from rules.reasons import check_reason

WHY = "通知活动改期"


def cookie(window) -> str:
    """What the session's cookie holds, decoded: signed is not sealed."""
    kept = window.client.get_cookie("station")
    return str(SecureCookieSessionInterface().get_signing_serializer(window.app).loads(kept.value)) if kept else ""


def opened(page) -> list[str]:
    return re.findall(r'<b class="opened">([^<]*)</b>', page.html)


@pytest.mark.parametrize(
    "reason", ["", "  ", "111", "1111111", "啊啊啊啊啊", "看看", "测试测试", "，。！？，。", "理赔", "asdf", "随便看看", "abababab", "工作需要"]
)
def test_a_reason_that_says_nothing_is_refused_with_what_would_do(reason):
    (found,) = check_reason(reason)
    assert found.where == "reason" and "通知" in found.says and found.says.endswith("。")


@pytest.mark.parametrize("reason", [WHY, "约定走访", "保险理赔要用", "核对11月保险名单", "call about Friday"])
def test_a_reason_that_says_what_for_is_taken(reason):
    assert check_reason(reason) == []


def test_the_value_is_in_the_answer_alone_and_never_in_the_cookie_or_an_address(desk, cast):
    row = cast.registered()
    window = desk.signed_in_as(cast.recorder).get("/admin/volunteers/details/", id=row.id)
    page = window.post(f"/admin/volunteers/reveal/?id={row.id}", id=row.id, field="phone", reason=WHY)
    assert opened(page) == [row.phone] and page.html.count(row.phone) == 1
    assert page.headers["Cache-Control"] == "no-store" and page.status == 200
    assert row.phone not in cookie(window) and row.phone not in page.path
    again = window.get(page.path)
    assert again.path == f"/admin/volunteers/details/?id={row.id}" and row.phone not in again.html


def test_a_reason_refused_stands_beside_the_field_and_nothing_is_shown_or_counted(desk, cast):
    row = cast.registered()
    window = desk.signed_in_as(cast.recorder).get("/admin/volunteers/details/", id=row.id)
    page = window.post("/admin/volunteers/reveal/", id=row.id, field="phone", reason="111")
    assert page.says("理由「111」太短") and 'value="111"' in page.html and not opened(page)
    assert not Trail.select().where(Trail.action == "reveal").exists()
    assert page.post("/admin/volunteers/reveal/", id=row.id, field="name", reason=WHY).status == 404
    assert page.post("/admin/volunteers/reveal/", id=row.id, field="document_index", reason=WHY).status == 404


def test_who_opens_too_many_is_stopped_and_her_head_and_the_auditor_see_it(desk, cast, monkeypatch):
    monkeypatch.setattr(moves, "REVEALS_AN_HOUR", 2)
    row = cast.registered()
    window = desk.signed_in_as(cast.recorder).get("/admin/volunteers/details/", id=row.id)
    for _ in range(2):
        assert opened(window.post("/admin/volunteers/reveal/", id=row.id, field="phone", reason=WHY))
    page = window.post("/admin/volunteers/reveal/", id=row.id, field="phone", reason=WHY)
    assert page.says("一小时内已查看 2 次敏感信息") and row.phone not in page.html
    with pytest.raises(Refusal, match="一小时内"):
        row.reveal("document_number", cast.recorder, WHY)
    assert row.reveal("phone", cast.head, WHY) == row.phone  # the limit is each person's own
    assert Trail.select().where(Trail.action == "reveal_refused").count() == 2
    head = desk.signed_in_as(cast.head)
    assert head.get("/admin/people/", list="curious").says("刘记录") and head.get("/admin/").says("查看敏感信息过多被拦下")
    auditor = desk.signed_in_as(cast.auditor).get("/admin/audit/", list="reveals")
    assert auditor.says("刘记录") and auditor.says("查看敏感信息被拦下")
    assert not desk.signed_in_as(cast.head_b).get("/admin/people/", list="curious").says("刘记录")


def test_an_hour_later_she_may_again(cast, monkeypatch):
    monkeypatch.setattr(moves, "REVEALS_AN_HOUR", 1)
    row = cast.registered()
    assert row.reveal("phone", cast.recorder, WHY)
    with pytest.raises(Refusal):
        row.reveal("phone", cast.recorder, WHY)
    clock.move_demo_clock(1)
    assert row.reveal("phone", cast.recorder, WHY) == row.phone


def test_a_search_by_number_finds_her_and_puts_the_number_into_no_address(desk, cast):
    row, _ = cast.registered("李明"), cast.registered("王红")
    window = desk.signed_in_as(cast.recorder).get("/admin/volunteers/")
    for page in (
        window.post("/admin/volunteers/search/", q=row.document_number),
        window.get("/admin/volunteers/", q=row.document_number),
    ):
        assert page.says("李明") and not page.says("王红") and "whose=2:" in page.path
        assert row.document_number not in page.path and row.document_number not in page.html
        assert page.says(row.document_number[:6] + "*********")
    narrowed = window.post("/admin/volunteers/search/", q=f"{row.document_number} 王红")
    assert not narrowed.says("李明") and "q=" in narrowed.path
    assert not window.get("/admin/volunteers/", whose="2:forged:AAAA").says("李明")
    assert desk.signed_in_as(cast.head_b).get(page.path).says("李明") is False


def test_a_picker_asks_for_a_number_by_post(desk, cast):
    row = cast.registered("李明")
    window = desk.signed_in_as(cast.recorder).get("/admin/qualifications/new/")
    found = window.post("/admin/qualifications/ajax/lookup/?name=volunteer", q=row.document_number).json()
    assert [one["id"] for one in found] == [row.id]


def test_a_list_is_narrowed_as_before_by_what_the_bar_says(desk, cast):
    cast.registered("李明")
    cast.registered("王红")
    window = desk.signed_in_as(cast.recorder).get("/admin/volunteers/")
    page = window.post("/admin/volunteers/search/", q="王红", state="registered")
    assert page.says("王红") and not page.says("李明") and "csrf" not in page.path
