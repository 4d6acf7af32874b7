"""预演影响: a supervisor looks at what her draft would change, for a station at once, for all as a job."""

import io
from datetime import timedelta

import openpyxl
import pytest
from drafts import level

from models import clock
from models.audit import Trail
from models.hours import Balance
from models.jobs import Cancelled, Job
from models.policy import PolicyVersion, book
from models.policy_drafts import PolicyDraft
from models.previews import ground as grounds
from models.previews import run
from models.previews.kept import PolicyPreview, basis_of
from models.stars import review
from views import previews, work

PAGE = "/admin/policy_previews/"


@pytest.fixture
def lowered(cast):
    """Zhang of A and Wang of B have 90 hours; the prefecture means to ask 80 for the first star."""
    for person in (cast.registered("张琴"), cast.registered("王芳", by=cast.recorder_b)):
        Balance.update(honour=90 * 60).where(Balance.volunteer == person.id).execute()
        review([person.id], book())
    return drafted(cast.prefecture, [level(1, 80)])


def drafted(by, levels):
    since = clock.today() + timedelta(days=30)
    return PolicyDraft.enter(by, topic="stars", since=since, source="昆文明办〔2026〕1 号", values={"levels": levels})


@pytest.fixture
def large(monkeypatch):
    """As if there were too much to wait for."""
    monkeypatch.setattr(run, "SMALL", 1)


def sheet(answer, name):
    return list(openpyxl.load_workbook(io.BytesIO(answer.data))[name].iter_rows(values_only=True))


def test_the_page_says_what_the_draft_changes_before_anything_is_worked_out(cast, desk, lowered):
    page = desk.signed_in_as(cast.prefecture).get(PAGE, draft=lowered.id)
    assert page.says("草案改了什么") and page.says("一星级 累计服务 80 小时 县级") and page.says("预演全部")
    assert not page.says("会达到更高星级") and not PolicyPreview.select().exists()


def test_one_station_is_answered_at_once_and_its_rows_open(cast, desk, lowered):
    page = desk.signed_in_as(cast.prefecture).get(PAGE, draft=lowered.id, station=cast.a.id)
    assert page.says("会达到更高星级") and page.says("张琴") and not page.says("王芳")
    assert "/admin/volunteers/details/?id=" in page.html
    assert not PolicyPreview.select().exists() and not Job.select().exists()


def test_a_small_division_is_answered_at_once_and_kept_for_whoever_releases(cast, desk, lowered):
    window = desk.signed_in_as(cast.prefecture)
    window.get(PAGE, draft=lowered.id)
    page = window.post(PAGE + "all/", draft=lowered.id)
    assert page.says("张琴") and page.says("王芳") and page.says("昆明督导") and not Job.select().exists()
    province = desk.signed_in_as(cast.province).get(PAGE, draft=lowered.id)
    assert province.says("王芳") and province.says("重新预演全部")


def test_a_large_one_is_a_job_with_a_result_page_and_a_workbook(cast, desk, lowered, large):
    window = desk.signed_in_as(cast.prefecture)
    assert window.get(PAGE, draft=lowered.id).says("数据较多，预演全部在后台进行")
    page = window.post(PAGE + "all/", draft=lowered.id)
    assert page.path.startswith("/admin/jobs/details/")
    assert window.get(PAGE, draft=lowered.id).says("正在预演全部工作站")
    desk.work()
    page = window.get("/admin/jobs/details/", id=Job.get().id)
    assert page.path.startswith(PAGE) and page.says("王芳") and page.says("下载全部明细")
    answer = window.client.get(f"/admin/jobs/file/{Job.get().id}")
    rows = sheet(answer, "会达到更高星级")
    assert rows[0][:4] == ("志愿者", "编号", "工作站", "累计服务（小时）")
    assert [(row[0], row[3], row[5]) for row in rows[1:]] == [("张琴", 90, "一星级"), ("王芳", 90, "一星级")]
    assert sheet(answer, "结果")[3][:3] == ("会达到更高星级", 2, "人")
    assert Trail.select().where(Trail.action == "export", Trail.table == "policy_draft").count() == 1


def test_the_workbook_of_a_station_is_made_at_once_and_writes_no_formula(cast, desk, lowered):
    cast.a.__class__.update(name="=1+1站学雷锋志愿服务工作站").where(cast.a.__class__.id == cast.a.id).execute()
    window = desk.signed_in_as(cast.prefecture)
    rows = sheet(window.client.get(PAGE + "rows/", query_string={"draft": lowered.id, "station": cast.a.id}), "会达到更高星级")
    assert [row[0] for row in rows[1:]] == ["张琴"] and rows[1][2] == "=1+1站学雷锋志愿服务工作站"


def test_the_workbook_of_a_large_division_is_the_jobs_alone(cast, desk, lowered, large):
    assert desk.signed_in_as(cast.prefecture).get(PAGE + "rows/", draft=lowered.id).status == 404


def test_rows_beyond_what_excel_holds_are_counted_and_said(cast, desk, lowered, monkeypatch):
    monkeypatch.setattr("views.preview_book.SHEET_ROWS", 2)
    window = desk.signed_in_as(cast.prefecture)
    answer = window.client.get(PAGE + "rows/", query_string={"draft": lowered.id})
    assert len(sheet(answer, "会达到更高星级")) == 2
    assert "后面的 1 行没有写入" in sheet(answer, "结果")[3][4]


def test_a_job_that_is_no_longer_wanted_leaves_nothing(cast, desk, lowered, large, monkeypatch):
    window = desk.signed_in_as(cast.prefecture)
    window.get(PAGE, draft=lowered.id)
    window.post(PAGE + "all/", draft=lowered.id)
    job = Job.get()
    monkeypatch.setattr(grounds, "CHUNK", 1)
    seen = []

    def progress(self, done, total):
        seen.append(done)
        if done:
            raise Cancelled

    monkeypatch.setattr(Job, "progress", progress)
    desk.work()
    assert Job.get().state == "cancelled" and seen == [0, 1]
    assert not PolicyPreview.select().exists()
    folder = desk.app.config["STATION"].instance / "jobs" / str(job.id)
    assert list(folder.iterdir()) == []


def test_what_was_found_is_marked_when_the_draft_says_something_else(cast, desk, lowered):
    window = desk.signed_in_as(cast.prefecture)
    window.get(PAGE, draft=lowered.id)
    assert not window.post(PAGE + "all/", draft=lowered.id).says("这是修改前的结果")
    PolicyDraft.move(lowered.id, "submit", cast.prefecture)
    assert not window.get(PAGE, draft=lowered.id).says("这是修改前的结果")
    PolicyDraft.move(lowered.id, "return", cast.province, reason="再改改")
    PolicyDraft.amend(lowered.id, cast.prefecture, values={"levels": [level(1, 85)]})
    assert window.get(PAGE, draft=lowered.id).says("这是修改前的结果")
    assert not window.post(PAGE + "all/", draft=lowered.id).says("这是修改前的结果")
    PolicyVersion.create(
        topic="stars", division="53", since=clock.today(), source="省文件", values={"levels": [level(1, 70)]}
    )
    assert window.get(PAGE, draft=lowered.id).says("这是修改前的结果")


def test_whoever_is_about_to_release_reads_what_the_preview_found_under_the_button(cast, desk, lowered):
    PolicyDraft.move(lowered.id, "submit", cast.prefecture)
    window = desk.signed_in_as(cast.province)
    details = "/admin/policy_drafts/details/"
    assert window.get(details, id=lowered.id).says("还没有预演过它对真实数据的影响")
    window.post(PAGE + "all/", draft=lowered.id)
    page = window.get(details, id=lowered.id)
    assert page.html.count("会达到更高星级：2 人") == 2 and page.says("省督导")  # on the page, and under the button
    PolicyVersion.create(topic="stars", division="53", since=clock.today(), source="省文件", values={"levels": [level(1, 70)]})
    assert window.get(details, id=lowered.id).says("这是修改前的结果，请重新预演")


def test_a_released_draft_shows_what_was_found_before(cast, desk, lowered):
    other = drafted(cast.prefecture, [level(1, 70)])
    window = desk.signed_in_as(cast.prefecture)
    window.get(PAGE, draft=lowered.id)
    window.post(PAGE + "all/", draft=lowered.id)
    for row in (lowered, other):
        PolicyDraft.move(row.id, "submit", cast.prefecture)
    PolicyDraft.move(lowered.id, "release", cast.province)
    page = window.get(PAGE, draft=lowered.id)
    assert page.says("下面是发布前的预演") and page.says("张琴") and not page.says("重新预演") and not page.says("修改前的结果")
    assert window.post(PAGE + "all/", draft=lowered.id).says("草案已经发布，不能再预演")
    PolicyDraft.move(other.id, "release", cast.province)
    assert window.get(PAGE, draft=other.id).says("发布前没有做过预演")
    assert basis_of(PolicyDraft.get_by_id(lowered.id)) == PolicyPreview.get().basis


def test_only_the_drafting_division_and_those_above_may_look(cast, desk, lowered):
    for who in (cast.county, cast.admin, cast.head, cast.recorder):
        page = desk.signed_in_as(who).get(PAGE, draft=lowered.id)
        assert page.status in (403, 404), who.name
        assert not page.says("张琴")
    for who in (cast.prefecture, cast.province, cast.auditor):
        assert desk.signed_in_as(who).get(PAGE, draft=lowered.id, station=cast.a.id).says("张琴")


def test_an_auditor_reads_and_does_not_ask_for_all(cast, desk, lowered):
    window = desk.signed_in_as(cast.auditor)
    assert not window.get(PAGE, draft=lowered.id).says("预演全部</button>")
    assert window.post(PAGE + "all/", draft=lowered.id).status == 403


def test_a_station_of_another_division_is_neither_picked_nor_looked_at(cast, desk, lowered):
    mine = drafted(cast.county, [level(1, 80)])
    window = desk.signed_in_as(cast.county)
    assert [one["id"] for one in window.get(PAGE + "stations/", draft=mine.id, q="").json()] == [cast.a.id]
    page = window.get(PAGE, draft=mine.id, station=cast.b.id)
    assert page.status == 404 or not page.says("王芳")
    province = desk.signed_in_as(cast.province).get(PAGE, draft=mine.id, station=cast.b.id)
    assert province.says("不在草案的区划内") and not province.says("王芳")


def test_a_job_works_with_the_rights_of_whoever_asked(cast, desk, lowered):
    job = Job.create(kind="policy_preview", title="预演", params={"draft": lowered.id}, asked_by=cast.county.account_id)
    desk.work()
    assert Job.get_by_id(job.id).state == "failed" and not PolicyPreview.select().exists()


def test_a_draft_that_no_longer_follows_the_schema_says_so(cast, desk, lowered):
    PolicyDraft.update(values={"levels": 3}).where(PolicyDraft.id == lowered.id).execute()
    page = desk.signed_in_as(cast.prefecture).get(PAGE, draft=lowered.id)
    assert page.status == 200 and page.says("草案还不能预演")
    assert work.KINDS["policy_preview"] is previews.work_out


def test_a_topic_without_figures_shows_its_difference_in_words(cast, desk):
    row = PolicyDraft.enter(
        cast.prefecture, topic="publicity", since=clock.today(), source="昆文明办〔2026〕2 号", values={"record_days": 7}
    )
    window = desk.signed_in_as(cast.prefecture)
    page = window.get(PAGE, draft=row.id)
    assert page.says("服务记录公示") and page.says("草案改了什么")
    assert window.post(PAGE + "all/", draft=row.id).says("没有可以试算的数字")
