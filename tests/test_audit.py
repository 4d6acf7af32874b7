"""操作日志: the auditor reads it in words, sees what changed, and opens the row."""

from models.audit import Trail
from models.volunteers import Volunteer


def test_the_list_says_role_action_and_table_in_words(desk, cast):
    cast.registered("李明")
    window = desk.signed_in_as(cast.auditor).get("/admin/audit/", table="volunteer")
    for word in ("站长", "审核通过", "志愿者", "记录员", "录入"):
        assert f">{word}</td>" in window.html, word
    assert "recorder</td>" not in window.html and "approve</td>" not in window.html


def test_a_change_reads_as_old_and_new(desk, cast):
    row = cast.registered("李明")
    Volunteer.amend(row.id, cast.head, name="李明辉", phone="13900001111")
    trace = Trail.select().where(Trail.action == "amend", Trail.table == "volunteer").order_by(Trail.id.desc()).get()
    window = desk.signed_in_as(cast.auditor).get("/admin/audit/details/", id=trace.id)
    # The log outlives the person's data: her name stands masked in it.
    assert "<td>姓名</td><td>李*</td><td>→</td><td>李*辉</td>" in window.html
    assert not window.says("13900001111")
    assert f"/admin/volunteers/details/?id={row.id}" in window.html


def test_a_move_reads_as_states(desk, cast):
    cast.registered("李明")
    trace = Trail.get(Trail.action == "approve", Trail.table == "volunteer")
    window = desk.signed_in_as(cast.auditor).get("/admin/audit/details/", id=trace.id)
    assert "<td>状态</td><td>待审核</td><td>→</td><td>已注册</td>" in window.html


def test_every_trace_of_the_cast_opens_without_a_code(desk, cast):
    cast.posted(cast.registered("李明"), minutes=120)
    window = desk.signed_in_as(cast.auditor)
    seen = 0
    for trace in Trail.select().where(Trail.station == cast.a.id):
        assert window.get("/admin/audit/details/", id=trace.id).status == 200, trace.action
        seen += 1
    assert seen > 5


def test_the_recorder_does_not_read_it(desk, cast):
    assert desk.signed_in_as(cast.recorder).get("/admin/audit/").status == 403
