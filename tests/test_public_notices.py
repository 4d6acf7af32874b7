"""Anyone may object to a line of a notice while it hangs out; what she says waits at the desk, and tells her nothing."""

import re
from datetime import timedelta

import pytest
from test_front import noticed

from desk import Desk
from models import clock
from models.audit import Trail
from models.base import database
from models.failures import FREE, Failure, _paced
from models.notices import UNNAMED, Notice, Objection
from models.records import ServiceRecord, post_due
from models.refusals import Refusal
from views.public_notices import POSTING

SAID = {"reason": "那天我没有看见这个人", "said_by": "孙晓", "contact": "13812345678"}


@pytest.fixture
def hung(cast) -> tuple[int, int]:
    """A notice that hangs out, and the number of a line of it."""
    key = noticed(cast, "李明辉", "王芳")
    return key, ServiceRecord.select().where(ServiceRecord.notice == key).first().id


def stranger(desk) -> Desk:
    return Desk(desk.app)


def test_an_objection_lands_at_the_desk_and_is_given_a_receipt(desk, cast, hung):
    key, line = hung
    page = stranger(desk).get(f"/notices/{key}")
    assert f"/notices/{key}/object?line={line}" in page.html
    page.get(f"/notices/{key}/object", line=line)
    assert f'value="{line}"' in page.html
    page.post(f"/notices/{key}/object", record=line, **SAID)
    made = Objection.get()
    assert page.status == 200 and page.says("异议已收到") and page.says(made.receipt)
    assert (made.notice_id, made.record, made.station_id, made.state, made.entered_by) == (key, line, cast.a.id, "open", None)
    head = desk.signed_in_as(cast.head)
    assert head.get("/admin/").says("异议") and head.get("/admin/objections/").says("那天我没有看见这个人")
    assert head.get(f"/admin/objections/details/?id={made.id}").says("138") and not head.says("13812345678")
    left = Trail.get(Trail.table == "objection", Trail.action == "enter")
    assert left.who == "网上来访" and left.station == cast.a.id and "13812345678" not in str(left.after)
    raw = database.execute_sql("SELECT contact FROM objection").fetchone()[0]
    assert "13812345678" not in str(raw)


def test_while_it_is_open_the_line_is_not_credited(desk, cast, hung):
    key, line = hung
    Objection.hear(key, record=line, reason="时间不对")
    Notice.update(closes_on=clock.today() - timedelta(days=1)).where(Notice.id == key).execute()
    post_due()
    states = dict(ServiceRecord.select(ServiceRecord.id, ServiceRecord.state).where(ServiceRecord.notice == key).tuples())
    assert states.pop(line) == "noticed" and set(states.values()) == {"posted"}


def test_neither_a_name_nor_a_telephone_is_asked(desk, cast, hung):
    key, line = hung
    page = stranger(desk).get(f"/notices/{key}/object")
    page.post(f"/notices/{key}/object", record=line, reason="时间不对")
    assert page.says("异议已收到") and Objection.get().said_by == UNNAMED


@pytest.mark.parametrize(
    ("sent", "says", "where"),
    [({"record": "99999", "reason": "不对"}, "请核对行号", "record"), ({"record": "", "reason": "不对"}, "行号", "record"),
     ({"record": "x" * 40, "reason": "不对"}, "行号", "record"), ({"reason": ""}, "事由", "reason"),
     ({"reason": "长" * 201}, "200", "reason"), ({"reason": "不对", "said_by": "孙" * 41}, "40", "said_by")],
)  # fmt: skip
def test_a_mistake_is_said_where_it_is_and_what_was_typed_stays(desk, cast, hung, sent, says, where):
    key, line = hung
    page = stranger(desk).get(f"/notices/{key}/object")
    sent = {"record": str(line)} | SAID | sent
    page.post(f"/notices/{key}/object", **sent)
    assert page.status == 200 and page.says(says) and f'id="{where}-error"' in page.html and 'href="#' + where in page.html
    assert page.says("13812345678") and not Objection.select().exists()


def test_a_line_of_another_notice_a_closed_one_and_none_are_answered_alike(desk, cast, hung):
    key, line = hung
    with pytest.raises(Refusal, match="请核对行号"):
        Objection.hear(key, record=line + 1000, reason="不对")
    Notice.update(closes_on=clock.today() - timedelta(days=1)).where(Notice.id == key).execute()
    page = stranger(desk)
    assert page.get(f"/notices/{key}/object").status == 404 and page.get("/notices/999/object").status == 404
    token = page.get("/login").token()
    for number in (key, 999):
        assert page.post(f"/notices/{number}/object", record="1", reason="x", csrf_token=token).status == 404
    with pytest.raises(Refusal, match="已期满"):
        Objection.hear(key, record=line, reason="不对")


def test_without_the_token_of_its_form_nothing_is_taken(desk, cast, hung):
    key, line = hung
    answer = stranger(desk).client.post(f"/notices/{key}/object", data={"record": line, "reason": "不对"})
    assert answer.status_code == 400 and not Objection.select().exists()


def test_nobody_may_raise_what_the_form_does_not_ask(desk, cast, hung):
    key, line = hung
    page = stranger(desk).get(f"/notices/{key}/object")
    page.post(f"/notices/{key}/object", record=line, reason="不对", state="upheld", outcome="x", station=cast.b.id, notice=99)
    made = Objection.get()
    assert (made.state, made.outcome, made.station_id, made.notice_id) == ("open", "", cast.a.id, key)


def test_whoever_sends_too_much_waits_and_is_told_how_long(desk, cast, hung):
    key, line = hung
    page = stranger(desk)
    for _ in range(FREE[POSTING] + 1):
        page.get(f"/notices/{key}/object").post(f"/notices/{key}/object", record=line, reason="不对")
        assert page.status == 200
    page.get(f"/notices/{key}/object").post(f"/notices/{key}/object", record=line, reason="不对")
    assert page.status == 429 and page.says("分钟后再试") and page.headers["Retry-After"] in ("60", "120")
    assert Objection.select().count() == FREE[POSTING] + 1
    assert page.get("/").status == 200 and page.get("/login").status == 200  # nothing else waits with it
    Failure.delete().execute()
    mine = desk.signed_in_as(cast.head)
    for _ in range(FREE[POSTING] + 1):
        mine.get(f"/notices/{key}/object").post(f"/notices/{key}/object", record=line, reason="不对")
    Failure.delete().where(Failure.key == _paced(POSTING, "127.0.0.1")).execute()  # elsewhere the account waits all the same
    mine.get(f"/notices/{key}/object").post(f"/notices/{key}/object", record=line, reason="不对")
    assert mine.status == 429
    kept = [row.key for row in Failure.select()]
    assert kept and not [one for one in kept if "127.0.0.1" in one]


def test_a_list_is_shown_a_page_at_a_time_and_counted_as_a_whole(desk, cast, monkeypatch):
    monkeypatch.setattr("views.public_notices.LINES", 2)
    key = noticed(cast, "李明", "王芳", "赵敏")
    page = stranger(desk).get(f"/notices/{key}")
    assert len(re.findall(r'data-label="行号"', page.html)) == 2 and page.says("合计 3 条") and page.says("6.00 小时") and "page=1" in page.html
    assert len(re.findall(r'data-label="行号"', page.get(f"/notices/{key}", page=1).html)) == 1
