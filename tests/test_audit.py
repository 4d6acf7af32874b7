"""操作日志: the auditor finds it by who, what, when, where and why, reads it in words, and takes it along as a workbook."""

import re
from io import BytesIO
from itertools import chain
from pathlib import Path

import openpyxl
import pytest

from models import audit, audit_checks
from models.audit import HOUSE, Trail, trail
from models.audit_checks import Broken
from models.base import database, on_postgres
from models.jobs import Job
from models.scope import SYSTEM, within
from models.volunteers import Volunteer
from rules.access import Role, may
from views import audit_book, audit_search, audit_words, cells
from world import populate

ROWS = 100_000


def test_the_list_says_role_action_and_table_in_words(desk, cast):
    cast.registered("李明")
    window = desk.signed_in_as(cast.auditor).get("/admin/audit/", table="volunteer")
    for word in ("站长", "审核通过", "志愿者", "记录员", "录入"):
        assert f">{word}</td>" in window.html, word
    assert "recorder</td>" not in window.html and "approve</td>" not in window.html


def test_every_trace_that_the_program_writes_has_a_word_on_the_list(db):
    house = Path(__file__).parents[1]
    programs = chain.from_iterable((house / room).rglob("*.py") for room in ("models", "views", "admin_app"))
    traced = r'\b_?(?:trail|trails|trace)\(\s*(?:[\w.]+,\s*)?"([a-z_]+)"'
    written = {name for path in programs for name in re.findall(traced, path.read_text())}
    assert {"by_hand", "retime", "transfer"} <= written
    assert written - audit_words.actions().keys() == set()


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


@pytest.mark.parametrize("times", [["09", "10"], "09 10", "99", ["99"]], ids=str)
def test_a_trace_opens_whatever_shape_its_codes_have(desk, cast, times):
    trail(cast.head, "amend", "volunteer", 1, after={"service_times": times, "categories": "01 02"})
    trace = Trail.select().order_by(Trail.id.desc()).get()
    window = desk.signed_in_as(cast.auditor).get("/admin/audit/details/", id=trace.id)
    assert window.status == 200 and window.says("服务时间")


def test_the_recorder_does_not_read_it(desk, cast):
    assert desk.signed_in_as(cast.recorder).get("/admin/audit/").status == 403


# --- searching ---


@pytest.fixture
def some(cast, desk):
    """Traces that differ in everything that the log is searched by."""
    token = audit.origin.set(audit.Origin("10.0.0.7", "abcd1234", "ef567890"))
    trail(cast.head, "print", "notice", 41, reason="张贴公示 第一次")
    audit.origin.set(audit.Origin("10.0.0.8"))
    trail(cast.head_b, "print", "notice", 42, reason="张贴公示")
    trail(cast.head, "reveal", "volunteer", 41, reason="核对保险名单")
    audit.origin.reset(token)
    return cast


def found(said: dict, by) -> set[tuple[str, str]]:
    _, where = audit_search.bar(said, by)
    rows = Trail.select().where(within(Trail, by), *where, Trail.reason != "")
    return {(row.action, row.row) for row in rows}


A, B, C = ("print", "41"), ("print", "42"), ("reveal", "41")


@pytest.mark.parametrize(
    ("said", "finds"),
    [
        ({}, {A, B, C}),
        ({"who": "张站长"}, {A, C}),
        ({"who": "张"}, set()),
        ({"account": "head_b"}, {B}),
        ({"role": "head", "action": "print"}, {A, B}),
        ({"role": "recorder"}, set()),
        ({"table": "notice", "row": "41"}, {A}),
        ({"row": "41"}, {A, C}),
        ({"station": "环城"}, {B}),
        ({"address": "10.0.0.7"}, {A}),
        ({"reason": "公示"}, {A, B}),
        ({"reason": "公示 一次"}, {A}),
        ({"at_until": "2020-01-01"}, set()),
        ({"at_from": "2020-01-01"}, {A, B, C}),
        ({"unheard": "of"}, {A, B, C}),
    ],
    ids=lambda said: str(sorted(said.items()) if isinstance(said, dict) else sorted(said)),
)
def test_it_is_found_by_whom_what_where_when_and_why(some, said, finds):
    assert found(said, some.auditor) == finds


def test_the_screen_finds_the_same_and_offers_only_its_own_division(some, desk):
    window = desk.signed_in_as(some.auditor).get("/admin/audit/", address="10.0.0.7")
    assert window.says("张贴公示 第一次") and not window.says("核对保险名单")
    window.get("/admin/audit/", station="环城")
    assert window.says("张贴公示") and not window.says("张贴公示 第一次")
    assert window.get("/admin/audit/", at_from="soon").status == 400
    far = some.auditor.__class__(99, "曲靖审计员", Role.AUDITOR, division="5303")
    assert found({}, far) == set() and found({"station": "文林"}, far) == set()


def test_the_list_says_since_when_it_is_kept(some, desk):
    first = Trail.select().where(within(Trail, some.auditor)).order_by(Trail.at).get()
    window = desk.signed_in_as(some.auditor).get("/admin/audit/")
    assert window.says("留存不少于 6 个月") and window.says(f"现有自 {first.at:%Y-%m-%d} 起")


def test_a_rows_page_leads_to_all_that_was_done_to_it(desk, cast):
    row, other = cast.registered("李明"), cast.registered("王芳")
    window = desk.signed_in_as(cast.auditor).get("/admin/volunteers/details/", id=row.id)
    assert f'href="/admin/audit/?table=volunteer&amp;row={row.id}"' in window.html
    window.get("/admin/audit/", table="volunteer", row=row.id)
    assert window.says("共 2 条")
    assert not desk.signed_in_as(cast.head).get("/admin/volunteers/details/", id=other.id).says("全部经过")


def _many() -> None:
    """So many traces of four years, by 400 accounts of 200 stations; they are searched, not verified."""
    columns = (
        "at, account, who, role, station, division, table_name, row_key, action, reason, address, session, request, "
        "chain, seq, hash"
    )
    day = "timestamp '2022-01-01' + n * interval '20 minutes'" if on_postgres() else "datetime('2022-01-01', (n * 20) || ' minutes')"
    some = "generate_series(1, {0}) AS n" if on_postgres() else "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {0}) SELECT n FROM s)"
    text = (
        f"INSERT INTO trail ({columns}) SELECT {day}, n % 400 + 100, '某' || (n % 400), 'recorder', n % 200 + 100, NULL, "
        "CASE WHEN n % 3 = 0 THEN 'volunteer' ELSE 'service_record' END, CAST(n % 5000 AS VARCHAR(40)), "
        "CASE WHEN n % 500 = 0 THEN 'reveal' ELSE 'amend' END, '', '10.0.' || (n % 250) || '.1', '', '', 999, n, '' "
        f"FROM {some.format(ROWS)}"
    )
    database.execute_sql(text.replace("%", "%%") if on_postgres() else text)
    database.execute_sql("ANALYZE")


SEARCHES = {
    "who": ({"who": "某7"}, "trail_who_id"),
    "account": ({"account": "head"}, "trail_account_id"),
    "row": ({"table": "volunteer", "row": "77"}, "trail_table_name_row_key_id"),
    "action": ({"action": "reveal"}, "trail_action_id"),
    "station": ({"station": "文林"}, "trail_station_id"),
    "address": ({"address": "10.0.7.1"}, "trail_address_id"),
    "period": ({"at_from": "2023-03-05", "at_until": "2023-03-06"}, "trail_at"),
}


def test_every_common_search_uses_an_index_over_a_hundred_thousand_rows(cast_on_either):
    cast = cast_on_either
    _many()
    assert Trail.select().count() > ROWS
    for by in (cast.auditor, cast.admin):
        for name, (said, index) in SEARCHES.items():
            where = audit_search.bar(said, by)[1]
            query = Trail.select(Trail.id).where(within(Trail, by), *where).order_by(Trail.id.desc()).limit(21)
            sql, values = query.sql()
            explain = "EXPLAIN " if on_postgres() else "EXPLAIN QUERY PLAN "
            plan = "\n".join(str(line) for line in database.execute_sql(explain + sql, values).fetchall())
            assert index in plan, (name, by.name, plan)
            assert "Seq Scan on trail" not in plan and "SCAN t1\n" not in plan + "\n", (name, plan)


# --- the workbook ---


def sheet(desk, window, **said) -> list[tuple]:
    window.get("/admin/audit/", **said)
    window.post("/admin/audit/export/", **said)
    desk.work()
    job = Job.select().order_by(Job.id.desc()).get()
    assert job.state == "done", job.message
    answer = window.client.get(f"/admin/jobs/file/{job.id}")
    return list(openpyxl.load_workbook(BytesIO(answer.data)).active.iter_rows(values_only=True))


def test_what_is_found_is_taken_along_in_words_and_that_is_logged(some, desk):
    window = desk.signed_in_as(some.auditor)
    heading, *rows = sheet(desk, window, reason="公示")
    assert heading[:9] == ("时间", "经手人", "用户名", "角色", "工作站", "区划", "动作", "对象", "编号")
    assert [row[1:5] + row[6:10] for row in rows] == [
        ("王站长", "head_b", "站长", some.b.name, "打印", "公示", "42", "张贴公示"),
        ("张站长", "head", "站长", some.a.name, "打印", "公示", "41", "张贴公示 第一次"),
    ]
    assert rows[1][12:15] == ("10.0.0.7", "abcd1234", "ef567890")
    made = Trail.get(Trail.action == "export", Trail.table == "trail")
    assert (made.account, made.after) == (some.auditor.account_id, {"rows": 2, "filters": {"reason": "公示"}})


def test_the_whole_log_of_the_world_can_be_taken_along_and_holds_no_formula(cast, desk, monkeypatch):
    monkeypatch.setattr(audit_book, "READ_AT_ONCE", 7)
    populate(cast)
    Job.delete().execute()
    trail(cast.head, "print", "notice", 1, reason="=1+1")
    rows = sheet(desk, desk.signed_in_as(cast.auditor))
    assert len(rows) - 1 == Trail.select().where(within(Trail, cast.auditor)).count() - 2  # the export, the download
    assert "=1+1" in [row[9] for row in rows]
    numbers = [int(row[16]) for row in rows[1:] if int(row[15]) == cast.a.id]
    assert numbers == sorted(numbers, reverse=True)


def test_of_another_division_nothing_is_taken_along_and_a_head_takes_nothing(some, desk, tmp_path):
    far = some.auditor.__class__(99, "曲靖审计员", Role.AUDITOR, division="5303")
    with cells.keeping_terms():
        assert audit_book.write(tmp_path, {}, far, lambda done, total: None)[1] == 0
    assert desk.signed_in_as(some.head).post("/admin/audit/export/").status == 403
    assert not may(Role.HEAD, "export", "audit")


# --- whether it fits ---


def break_(row: Trail) -> None:
    database.execute_sql("DROP TRIGGER trail_no_update")
    Trail.update(who="无此人").where(Trail.id == row.id).execute()


def test_a_trace_says_whether_it_fits(cast, desk):
    cast.registered("李明")
    rows = list(Trail.select().where(Trail.chain == cast.a.id).order_by(Trail.seq))
    window = desk.signed_in_as(cast.auditor)
    for row in rows:
        assert window.get("/admin/audit/details/", id=row.id).says("与前一行相接，内容与校验码相符。")
    break_(rows[1])
    assert window.get("/admin/audit/details/", id=rows[1].id).says("日志被改动、插入或调换过")
    assert window.get("/admin/audit/details/", id=rows[2].id).says("与前一行相接")
    Trail.update(who=rows[1].who).where(Trail.id == rows[1].id).execute()
    assert window.get("/admin/audit/details/", id=rows[1].id).says("与前一行相接")


def test_the_first_page_of_those_concerned_says_that_it_does_not_fit(cast, desk):
    broken = [Broken("工作站 1 的操作日志第 7 行", "甲。", cast.a.id), Broken("总操作日志第 3 行", "乙。", HOUSE)]
    audit_checks.keep(9, broken)
    for who, sees in (("head", "甲"), ("auditor", "甲"), ("admin", "甲乙"), ("head_b", ""), ("recorder", ""), ("county", "")):
        page = desk.signed_in_as(getattr(cast, who)).get("/admin/")
        assert [page.says(f"行：{word}。") for word in "甲乙"] == [word in sees for word in "甲乙"], who
        assert page.says("请保留现在的数据库和服务器日志") is bool(sees)
    audit_checks.keep(9, [])
    assert not desk.signed_in_as(cast.admin).get("/admin/").says("核对不符")


def test_what_the_system_does_reads_as_its_own(cast, desk):
    trail(SYSTEM, "expire", "lot", 1)
    window = desk.signed_in_as(cast.admin).get("/admin/audit/", who="系统", table="lot")
    assert window.says("工时批次") and window.says(">系统<")
