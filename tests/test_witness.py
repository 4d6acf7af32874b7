"""The ends of the audit log's chains are kept outside the database, and what was cut off shows by them."""

import json
import logging

import pytest

from admin_app import witness
from cast import KEY
from models import audit_checks, clock
from models.audit import Trail, TrailHead, trail
from models.base import database
from models.fields import keyring


@pytest.fixture
def run(desk):
    """`flask --app wsgi …` on the test's database."""

    def invoke(*words):
        database.close()
        done = desk.app.test_cli_runner().invoke(args=[str(word) for word in words])
        database.connect(reuse_if_open=True)
        return done

    return invoke


def cut_off(chain: int) -> None:
    """The last trace taken out and the head set back: what somebody does who knows how it is made."""
    database.execute_sql("DROP TRIGGER IF EXISTS trail_no_delete")
    last, before = Trail.select().where(Trail.chain == chain).order_by(Trail.seq.desc()).limit(2)
    Trail.delete().where(Trail.id == last.id).execute()
    TrailHead.update(seq=before.seq, hash=before.hash).where(TrailHead.chain == chain).execute()


def test_verify_says_how_many_traces_and_one_digest_of_all_ends(cast, run):
    done = run("verify")
    assert done.exit_code == 0, done.output
    assert f"操作日志相符，共 {Trail.select().count()} 行，3 条链，链尾摘要 {witness.summary(audit_checks.heads())}。" in done.output
    trail(cast.head, "print", "notice", 1)
    assert run("verify").output != done.output


def test_verify_names_the_trace_that_was_changed(cast, run):
    database.execute_sql("DROP TRIGGER trail_no_update")
    row = Trail.get(Trail.chain == cast.a.id)
    Trail.update(who="无此人").where(Trail.id == row.id).execute()
    done = run("verify")
    assert done.exit_code == 1
    assert f"工作站 {cast.a.id} 的操作日志第 {row.seq} 行（编号 {row.id}）：内容与校验码不符" in done.output


def test_heads_kept_elsewhere_show_what_was_cut_off(cast, run, tmp_path):
    file = tmp_path / "usb" / "heads.json"
    file.parent.mkdir()
    assert f"链尾已写入 {file}" in run("verify", "--heads", file).output
    trail(cast.head, "print", "notice", 1)
    assert run("verify", "--heads", file).exit_code == 0
    cut_off(cast.a.id)
    assert run("verify").exit_code == 0  # the database alone cannot tell
    before = file.read_text()
    done = run("verify", "--heads", file)
    assert done.exit_code == 1 and "末尾被删去过" in done.output
    assert file.read_text() == before  # what tells is not written over


def test_a_file_of_another_kind_is_refused_and_left_alone(run, cast, tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("买菜")
    done = run("verify", "--heads", file)
    assert done.exit_code == 1 and "不是链尾文件" in done.output and file.read_text() == "买菜"


def test_the_night_keeps_the_ends_in_the_instance_and_in_the_servers_log(cast, desk, tmp_path, caplog):
    caplog.set_level(logging.INFO, "station")
    assert audit_checks.is_due()
    assert witness.watch(tmp_path) == []
    assert not audit_checks.is_due()
    kept = tmp_path / witness.NAME
    assert json.loads(kept.read_text()) == {str(key): list(end) for key, end in audit_checks.heads().items()}
    assert kept.stat().st_mode & 0o777 == 0o600
    assert witness.summary(audit_checks.heads()) in caplog.text
    assert audit_checks.last()["rows"] == Trail.select().count() and audit_checks.last()["wrong_since"] is None
    clock.move_demo_clock(1)
    assert audit_checks.is_due()


def test_the_night_finds_what_was_cut_off_since_the_last_and_says_so_until_it_fits(cast, desk, run, tmp_path, caplog):
    witness.watch(tmp_path)
    before = (tmp_path / witness.NAME).read_text()
    cut_off(cast.a.id)
    (fault,) = witness.watch(tmp_path)
    assert fault.chain == cast.a.id and "末尾被删去过" in fault.says and "does not fit" in caplog.text
    since = audit_checks.last()["wrong_since"]
    clock.move_demo_clock(1)
    assert witness.watch(tmp_path) and audit_checks.last()["wrong_since"] == since
    assert (tmp_path / witness.NAME).read_text() == before
    assert desk.signed_in_as(cast.admin).get("/admin/").says("末尾被删去过")
    assert run("verify").exit_code == 1  # it reads what the night kept


def test_with_another_data_key_it_says_so_and_does_not_fall_over(cast, run, tmp_path):
    keyring.open(b"the data key of another station.")
    count, (fault,) = audit_checks.verify()
    keyring.open(KEY)
    assert count == 0 and "密钥打不开" in fault.says
