"""导出台账: asked for on a page or a command, written by a job, waiting for whoever asked."""

import re
from datetime import date
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from models.audit import Trail
from models.jobs import Job
from models.scope import SYSTEM
from models.stations import Division
from models.volunteers import Volunteer
from views.exports import file_name
from views.ledgers.catalogue import LEDGERS


@pytest.fixture
def person(cast):
    one = cast.registered("李明")
    cast.posted(one, minutes=120)
    return one


def ask(window, ledger, **said):
    window.get("/admin/exports/")
    return window.post("/admin/exports/", said, ledger=ledger)


def fetched(window):
    """The workbook that waits on the job's page, as rows of text."""
    window.work()
    window.get(window.path)
    address = re.search(r'href="([^"]+)" id="download"', window.html)[1]
    answer = window.client.get(address)
    assert answer.status_code == 200
    sheet = CalamineWorkbook.from_filelike(BytesIO(answer.data)).get_sheet_by_index(0)
    return answer, [[str(cell) for cell in row] for row in sheet.to_python()]


def test_a_ledger_is_asked_for_watched_and_fetched(cast, desk, person):
    window = desk.signed_in_as(cast.recorder)
    page = ask(window, "records", **{"from": "2026-01-01", "until": "2026-12-31"})
    assert page.path.startswith("/admin/jobs/details/") and page.says("导出服务记录台账") and page.says("取消")
    answer, rows = fetched(window)
    assert window.says("已完成") and window.says("2.00 小时")
    name = "服务记录台账_文林社区_20260101-20261231.xlsx"
    assert Job.get().file_name == name and window.says(name)
    assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]
    assert any("李明" in row for row in rows)


def test_every_ledger_that_the_role_may_take_out_is_offered_and_comes(cast, desk, person):
    window = desk.signed_in_as(cast.head)
    for name, ledger in LEDGERS.items():
        assert window.get("/admin/exports/").says(f"{ledger.title}台账")
        ask(window, name)
        _, rows = fetched(window)
        assert rows and ledger.title in "".join(rows[0])


def test_the_list_hands_its_ledger_and_period_on(cast, desk, person):
    window = desk.signed_in_as(cast.head)
    page = window.get("/admin/records/", started_at_from="2026-03-01")
    address = re.search(r'href="(/admin/exports/[^"]+)"', page.html)[1].replace("&amp;", "&")
    page.get(address)
    assert 'value="2026-03-01"' in page.html and 'value="records" checked' in page.html


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"from": "2026-13-01"}, "开始日期「2026-13-01」不对，应写作 2026-03-05。"),
        ({"from": "2026-05-02", "until": "2026-05-01"}, "早于开始日期"),
        ({"full": "1"}, "导出完整号码要写明理由"),
        ({"full": "1", "reason": "111"}, "理由「111」太短"),
    ],
)
def test_what_cannot_be_read_is_said_and_kept(cast, desk, said, says):
    window = desk.signed_in_as(cast.head)
    page = ask(window, "volunteers", **said)
    assert page.says(says) and Job.select().count() == 0
    for value in said.values():
        assert f'value="{value}"' in page.html


def test_full_numbers_leave_only_with_a_reason_and_a_trace(cast, desk, person):
    window = desk.signed_in_as(cast.head)
    number = Volunteer.get_by_id(person.id).document_number
    ask(window, "volunteers")
    assert number not in str(fetched(window)[1])
    ask(window, "volunteers", full="1", reason="核对保险名单")
    assert number in str(fetched(window)[1])
    assert Trail.get(Trail.action == "export", Trail.reason == "核对保险名单").account == cast.head.account_id


def test_a_supervisor_gets_masked_numbers_and_picks_a_station_of_her_division(cast, desk, person):
    window = desk.signed_in_as(cast.county)
    assert ask(window, "volunteers", full="1", reason="检查").says("只有本站的记录员和站长可以导出完整号码")
    assert ask(window, "volunteers", station=str(cast.b.id)).says("没有找到这个工作站")
    found = window.get("/admin/exports/stations/", q="社区").json()
    assert [row["id"] for row in found] == [cast.a.id]
    ask(window, "volunteers", station=str(cast.a.id))
    assert Volunteer.get_by_id(person.id).document_number not in str(fetched(window)[1])


def test_one_station_takes_out_nothing_of_another(cast, desk, person):
    window = desk.signed_in_as(cast.head_b)
    ask(window, "records")
    assert "李明" not in str(fetched(window)[1])


def test_the_administrator_and_strangers_take_nothing_out(cast, desk):
    assert desk.signed_in_as(cast.admin).get("/admin/exports/").status == 403
    assert desk.get("/admin/exports/").path.startswith("/login")
    window = desk.signed_in_as(cast.head)
    assert ask(window, "secrets").status == 403


def test_rights_are_those_of_the_moment_it_is_written(cast, desk, person):
    from models.people import Account

    window = desk.signed_in_as(cast.head)
    ask(window, "records")
    Account.update(active=False).where(Account.id == cast.head.account_id).execute()
    window.work()
    job = Job.get()
    assert (job.state, job.message, job.file_name) == ("failed", "提出任务的账号已停用，任务没有办理。", "")


def test_a_file_is_named_by_ledger_place_and_days(cast):
    names = [
        file_name("hours", cast.head, None, (None, date(2026, 6, 30))),
        file_name("stars", cast.county, None, (date(2026, 1, 1), date(2026, 6, 30))),
        file_name("stars", cast.county, cast.a.id, (date(2026, 1, 1), date(2026, 6, 30))),
    ]
    assert names == [
        "工时账台账_文林社区_截至20260630.xlsx", "星级认定台账_五华区_20260101-20260630.xlsx",
        "星级认定台账_文林社区_20260101-20260630.xlsx",
    ]  # fmt: skip


@pytest.fixture
def run(desk):
    """`flask --app wsgi export …`: its exit code and what it printed."""

    def _run(*words):
        done = desk.app.test_cli_runner().invoke(args=["export", *map(str, words)])
        return done.exit_code, done.output

    return _run


def test_the_command_writes_a_ledger_and_prints_rows_and_totals(cast, run, person, tmp_path):
    code, said = run("records", tmp_path / "a.xlsx", "--from", "2020-01-01", "--until", "2030-01-01")
    assert code == 0 and "行数 1" in said and "2.00 小时" in said
    assert (tmp_path / "a.xlsx").exists()


def test_the_command_acts_with_the_rights_of_an_account(cast, run, person, tmp_path):
    assert "行数 0" in run("records", tmp_path / "b.xlsx", "--as", "head_b")[1]
    assert "行数 1" in run("records", tmp_path / "b.xlsx", "--as", "county", "--station", cast.a.id)[1]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["records", "{}/a.xlsx", "--as", "nobody"], "没有启用的账号「nobody」"),
        (["records", "{}/a.xlsx", "--as", "admin"], "管理员不能办理"),
        (["records", "{}/a.xlsx", "--as", "head_b", "--station", "1"], "没有找到"),
        (["records", "{}/a.xlsx", "--from", "2026-02-01", "--until", "2026-01-01"], "早于开始日期"),
        (["records", "{}/no/such/a.xlsx"], "写不了"),
        (["salaries", "{}/a.xlsx"], "salaries"),
    ],
)
def test_the_command_fails_with_a_sentence_and_leaves_no_file(cast, run, tmp_path, words, says):
    code, said = run(*(word.format(tmp_path) for word in words))
    assert code != 0 and says in said
    assert not list(tmp_path.glob("*.xlsx"))


def test_an_export_is_narrowed_by_listed_values_and_by_what_a_list_was_narrowed_by(cast, desk, person):
    window = desk.signed_in_as(cast.head)
    other = cast.registered("王芳")
    cast.posted(other, minutes=60)
    ask(window, "records", **{"records-state": "posted", "volunteer": str(person.id)})
    _, rows = fetched(window)
    assert Job.get().params["filters"] == {"state": "posted", "volunteer": person.id}
    assert "李明" in str(rows) and "王芳" not in str(rows)
    page = window.get("/admin/exports/", ledger="records", state="posted", volunteer=str(other.id))
    assert page.says("志愿者：王芳") and '<option value="posted" selected' in page.html


def test_a_list_narrowed_to_a_strangers_row_hands_nothing_on(cast, desk, person):
    page = desk.signed_in_as(cast.head_b).get("/admin/exports/", ledger="records", volunteer=str(person.id))
    assert not page.says("李明")


def test_a_supervisor_picks_a_division_of_her_own(cast, desk, person):
    window = desk.signed_in_as(cast.prefecture)
    assert ask(window, "records", division="5303").says("没有找到这个区划")
    ask(window, "records", division="530102")
    fetched(window)
    assert Job.get().file_name.startswith("服务记录台账_五华区_")
    assert ask(window, "records", division="530102", station=str(cast.b.id)).says("不在所选的区划里")


def test_a_county_of_many_communities_finds_the_one_that_she_types(cast, desk, person):
    for n in range(2, 202):
        Division.enter(SYSTEM, code=f"530102001{n:03d}", name=f"第{n}社区")
    window = desk.signed_in_as(cast.county)
    page = window.get("/admin/exports/")
    assert 'data-url="/admin/exports/divisions/"' in page.html and "第150社区" not in page.html
    (found,) = window.get("/admin/exports/divisions/", q="第150社区").json()
    assert found == {"id": "530102001150", "text": "云南省昆明市五华区华山街道第150社区"}
    assert [one["id"] for one in window.get("/admin/exports/divisions/", q="华山街道").json()] == ["530102001"]
    assert window.get("/admin/exports/divisions/", q="环城").json() == []  # of another county
    ask(window, "records", division="530102001001")
    _, rows = fetched(window)
    assert Job.get().file_name.startswith("服务记录台账_文林社区_") and "李明" in str(rows)
    ask(window, "records", division="530102001150")
    assert "李明" not in str(fetched(window)[1])
    assert ask(window, "records", division="530103001001").says("没有找到这个区划")
    page = ask(window, "records", division="530102001001", **{"from": "2026-13-01"})
    assert 'value="云南省昆明市五华区华山街道文林社区"' in page.html  # what was picked is still there


def test_a_stations_own_people_pick_no_division(cast, desk):
    window = desk.signed_in_as(cast.head)
    assert window.get("/admin/exports/divisions/", q="文林").json() == []
    assert "/admin/exports/divisions/" not in window.get("/admin/exports/").html


@pytest.mark.parametrize(
    ("division", "rows"), [("53", 1), ("5301", 1), ("530102001", 1), ("530102001001", 1), ("530103001001", 0)]
)
def test_the_command_takes_a_division_of_any_level(cast, run, person, tmp_path, division, rows):
    code, said = run("records", tmp_path / "a.xlsx", "--division", division)
    assert code == 0 and f"行数 {rows}" in said


def test_the_command_takes_a_division_and_writes_plain_text(cast, run, person, tmp_path):
    code, said = run("records", tmp_path / "a.csv", "--division", "530102", "--to", "2099-01-01", "--format", "csv")
    assert code == 0 and "行数 1" in said and (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert run("records", tmp_path / "b.xlsx", "--as", "county", "--division", "5303")[0] != 0
    assert not (tmp_path / "b.xlsx").exists()


def test_objections_have_a_ledger_of_their_own_from_their_own_list(cast, desk, person):
    window = desk.signed_in_as(cast.head)
    assert window.get("/admin/objections/").says("/admin/exports/?ledger=objections")
    assert window.get("/admin/exports/?ledger=objections&state=open").says('value="open" selected')
    ask(window, "objections")
    _, rows = fetched(window)
    assert "异议台账" in "".join(rows[0]) and any("核查结论" in row for row in rows)
