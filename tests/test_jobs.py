"""任务: the real runner takes jobs up, shows how far they are, stops when asked, and keeps results for their owner."""

import threading
import time
from datetime import timedelta
from io import BytesIO

import pytest

from admin_app.jobs import start_worker
from models import clock
from models.base import database
from models.jobs import Job
from models.people import Account
from models.refusals import refuse
from models.volunteers import Volunteer
from rules.access import TABLE
from views import work


@pytest.fixture
def kinds(monkeypatch):
    """Kinds of work for one test alone."""
    made = dict(work.KINDS)
    monkeypatch.setattr(work, "KINDS", made)
    return made


@pytest.fixture
def runner(desk):
    """The runner of a served program: huey's own consumer on the queue file."""
    database.close()
    worker = start_worker(desk.app)
    database.connect(reuse_if_open=True)
    yield worker
    worker.stop()


def asked(desk, who, kind, **params):
    """Ask for a job as this person would."""
    job = Job.create(kind=kind, title="演示任务", params=params, asked_by=who.account_id)
    desk.app.extensions["run_job"](job.id)
    return job.id


def until(job_id, *states, seconds=10):
    """The job, once it is in one of these states."""
    for _ in range(seconds * 20):
        job = Job.get_by_id(job_id)
        if job.state in states:
            return job
        time.sleep(0.05)
    raise AssertionError(f"job {job_id} is still {job.state}")


def test_a_job_runs_and_its_result_waits(cast, desk, kinds, runner):
    def greet(job, by, folder):
        (folder / "你好.txt").write_text(by.name)
        return "你好.txt", {"行数": "1"}

    kinds["greet"] = greet
    job = until(asked(desk, cast.head, "greet"), "done")
    window = desk.signed_in_as(cast.head)
    page = window.get("/admin/jobs/details/", id=job.id)
    assert page.says("已完成") and page.says("下载 你好.txt") and page.says("行数")
    assert window.client.get(f"/admin/jobs/file/{job.id}").text == "张站长"


def test_progress_shows_and_a_job_stops_when_asked_to(cast, desk, kinds, runner):
    go_on, half = threading.Event(), threading.Event()

    def count(job, by, folder):
        for n in range(1, 100):
            job.progress(n * 10, 1000)
            if n == 50:
                half.set()
                go_on.wait(10)
        return "", {}

    kinds["count"] = count
    job_id = asked(desk, cast.head, "count")
    assert half.wait(10)
    window = desk.signed_in_as(cast.head)
    page = window.get("/admin/jobs/details/", id=job_id)
    assert page.says("500 / 1,000") and 'value="50"' in page.html and 'data-again="1"' in page.html
    assert window.post(f"/admin/jobs/cancel/{job_id}").says("正在取消")
    go_on.set()
    job = until(job_id, "cancelled")
    assert job.done < 1000 and job.ended_at
    assert window.get("/admin/jobs/details/", id=job_id).says("已取消")


def test_a_job_that_still_waits_is_cancelled_at_once_and_never_runs(cast, desk, kinds):
    ran = []
    kinds["never"] = lambda job, by, folder: ran.append(job.id) or ("", {})
    job = Job.create(kind="never", title="演示任务", params={}, asked_by=cast.head.account_id)
    window = desk.signed_in_as(cast.head)
    window.get("/admin/jobs/details/", id=job.id)
    assert window.post(f"/admin/jobs/cancel/{job.id}").says("已取消")
    window.work()
    work.run(job.id, desk.app.config["STATION"].instance / "jobs" / str(job.id))
    assert not ran and Job.get_by_id(job.id).state == "cancelled"


def test_a_finished_job_cannot_be_cancelled(cast, desk):
    job = Job.create(kind="x", title="演示任务", params={}, asked_by=cast.head.account_id, state="done")
    window = desk.signed_in_as(cast.head)
    window.get("/admin/jobs/details/", id=job.id)
    assert window.post(f"/admin/jobs/cancel/{job.id}").says("已经结束")
    assert Job.get_by_id(job.id).state == "done"


def test_a_refusal_is_the_jobs_answer(cast, desk, kinds, runner):
    def no(job, by, folder):
        raise refuse("第 3 行：姓名没有填写。")

    kinds["no"] = no
    job = until(asked(desk, cast.head, "no"), "failed")
    assert job.message == "第 3 行：姓名没有填写。"
    assert desk.signed_in_as(cast.head).get("/admin/jobs/details/", id=job.id).says("第 3 行")


def test_a_fault_is_said_so_and_the_runner_goes_on(cast, desk, kinds, runner):
    kinds["fault"] = lambda job, by, folder: 1 / 0
    kinds["fine"] = lambda job, by, folder: ("", {})
    first, second = asked(desk, cast.head, "fault"), asked(desk, cast.head, "fine")
    assert "程序出错" in until(first, "failed").message
    until(second, "done")


def test_a_kind_that_nobody_knows_fails(cast, desk, kinds, runner):
    assert until(asked(desk, cast.head, "unheard-of"), "failed").ended_at


def test_what_a_killed_server_left_half_done_is_said_so(cast, desk, kinds):
    half = Job.create(kind="x", title="演示任务", params={}, asked_by=cast.head.account_id, state="running")
    database.close()
    worker = start_worker(desk.app)
    database.connect(reuse_if_open=True)
    worker.stop()
    job = Job.get_by_id(half.id)
    assert (job.state, job.message) == ("failed", "程序重启时中断，没有完成；请重新提交。")


def test_what_was_asked_for_and_never_queued_is_taken_up_at_the_next_start(cast, desk, kinds):
    kinds["fine"] = lambda job, by, folder: ("", {})
    lost = Job.create(kind="fine", title="演示任务", params={}, asked_by=cast.head.account_id)
    database.close()
    worker = start_worker(desk.app)
    database.connect(reuse_if_open=True)
    until(lost.id, "done")
    worker.stop()


def test_queued_twice_it_runs_once(cast, desk, kinds, runner):
    ran = []
    kinds["once"] = lambda job, by, folder: ran.append(job.id) or ("", {})
    job_id = asked(desk, cast.head, "once")
    desk.app.extensions["run_job"](job_id)
    until(job_id, "done")
    time.sleep(0.5)
    assert ran == [job_id]


def test_another_persons_job_and_its_file_do_not_exist(cast, desk, kinds):
    def greet(job, by, folder):
        (folder / "a.txt").write_text("秘密")
        return "a.txt", {}

    kinds["greet"] = greet
    job_id = asked(desk, cast.head, "greet")
    desk.work()
    assert Job.get_by_id(job_id).state == "done"
    for who in (cast.recorder, cast.head_b, cast.county, cast.admin):
        window = desk.signed_in_as(who)
        assert window.get("/admin/jobs/details/", id=job_id).status == 404
        assert window.get(f"/admin/jobs/file/{job_id}").status == 404
        window.get("/admin/jobs/")
        assert not window.says("演示任务")
        assert window.post(f"/admin/jobs/cancel/{job_id}").status == 404
    assert desk.get(f"/admin/jobs/file/{job_id}").path.startswith("/login")


def test_old_results_are_removed_and_their_jobs_stay_listed(cast, desk, kinds, tmp_path):
    old, fresh = (Job.create(kind="x", title="旧任务", params={}, asked_by=cast.head.account_id) for _ in range(2))
    for job, days in ((old, work.KEPT_DAYS + 1), (fresh, 0)):
        Job.update(state="done", ended_at=clock.now() - timedelta(days=days)).where(Job.id == job.id).execute()
        (tmp_path / "kept" / str(job.id)).mkdir(parents=True)
        (tmp_path / "kept" / str(job.id) / "台账.xlsx").write_text("1")
    assert work.clear_old(tmp_path / "kept") == 1
    assert not (tmp_path / "kept" / str(old.id)).exists()
    assert (tmp_path / "kept" / str(fresh.id) / "台账.xlsx").exists()
    assert Job.select().count() == 2


def test_a_job_runs_with_the_rights_of_the_moment_it_runs(cast, desk):
    """Switched off, given another role or another station between asking and running: it is judged as things stand."""

    def ask_for_records():
        window = desk.signed_in_as(cast.head)
        window.post("/admin/exports/", ledger="records")
        return Job.select().order_by(Job.id.desc()).get()

    def after(**changed):
        job = ask_for_records()
        Account.update(**changed).where(Account.id == cast.head.account_id).execute()
        desk.work()
        Account.update(active=True, role="head", station=cast.a.id, division=None).where(
            Account.id == cast.head.account_id
        ).execute()
        return Job.get_by_id(job.id)

    gone = after(active=False)
    assert (gone.state, gone.message, gone.file_name) == ("failed", "提出任务的账号已停用，任务没有办理。", "")
    other = after(role="admin", station=None, division="53")
    assert other.state == "failed" and "不在管理员的职责内" in other.message and not other.file_name
    moved = after(station=cast.b.id)
    assert moved.state == "done" and "环城社区" in moved.file_name and "文林社区" not in moved.file_name
    kept = after(name="张站长")
    assert kept.state == "done" and "文林社区" in kept.file_name


def test_an_import_is_not_taken_by_whoever_may_no_longer_import(cast, desk):
    before = Volunteer.select().count()
    window = desk.signed_in_as(cast.head)
    window.post("/admin/imports/?kind=volunteers", kind="volunteers", file=(BytesIO("姓名\n李明\n".encode()), "名单.csv"))
    Account.update(role="auditor", station=None, division="5301").where(Account.id == cast.head.account_id).execute()
    desk.work()
    job = Job.get()
    assert job.state == "failed" and "不在审计员的职责内" in job.message and Volunteer.select().count() == before


def test_every_kind_of_job_says_which_right_it_takes():
    assert set(work.RIGHTS) == set(work.KINDS) >= {"export", "import_preview", "import_take", "policy_preview"}
    said = {"ledger": "hours", "kind": "records", "move": "pack"}
    for name, takes in work.RIGHTS.items():
        action, resource = takes(said)
        assert action in TABLE[resource], name
