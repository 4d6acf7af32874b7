"""`flask transfer`: every subcommand does what its screen does, by file, and refuses with a sentence and a status of 1."""

import pytest
from walks_transfer import Other, agreed, departure

from models.transfer import Arrival, Departure
from models.verifying import verify
from models.volunteers import Volunteer

SUBCOMMANDS = {"pack", "show", "take", "refuse", "answer", "receipt"}


@pytest.fixture
def run(desk):
    """Runs a subcommand; what it printed, once its status is the expected one."""

    def call(*words, status: int = 0) -> str:
        done = desk.app.test_cli_runner().invoke(args=["transfer", *map(str, words)])
        assert done.exit_code == status, done.output
        return done.output

    return call


def test_there_is_a_test_for_every_subcommand(desk):
    assert set(desk.app.cli.commands["transfer"].commands) == SUBCOMMANDS


def test_pack_approves_and_writes_the_package_and_again_the_same_file(cast, run, tmp_path):
    row, file = departure(cast), tmp_path / "a.svst"
    assert "已写入" in run("pack", row.id, file, "--as", "head")
    assert Departure.get_by_id(row.id).state == "flying"
    first = file.read_text("ascii")
    assert run("pack", row.id, file, "--as", "recorder") and file.read_text("ascii") == first


def test_pack_is_refused_to_whoever_may_not_and_for_what_is_not_there(cast, run, tmp_path):
    row, file = departure(cast), tmp_path / "a.svst"
    assert "不在记录员的职责内" in run("pack", row.id, file, "--as", "recorder", status=1)
    assert "没有账号" in run("pack", row.id, file, "--as", "nobody", status=1)
    run("pack", row.id, file, "--as", "head_b", status=1)
    run("pack", row.id + 99, file, "--as", "head", status=1)
    assert not file.exists() and Departure.get_by_id(row.id).state == "asked"


def test_show_take_and_answer_bring_people_in_and_the_receipt_out(cast, run, tmp_path):
    file, answer = tmp_path / "a.svst", tmp_path / "a.svsr"
    file.write_text(Other(cast).package(2), "ascii")
    said = run("show", file, "--as", "recorder")
    row = Arrival.get()
    assert f"转入单 {row.id}（待接收）" in said and "2 人" in said and "honour\t240" in said and not Volunteer.select().exists()
    assert "没有回执" in run("answer", row.id, answer, "--as", "recorder", status=1) and not answer.exists()
    assert "不在记录员的职责内" in run("take", row.id, "--as", "recorder", status=1)
    assert "接收 2 人" in run("take", row.id, "--as", "head")
    assert "接收 2 人" in run("take", row.id, "--as", "deputy") and Volunteer.select().count() == 2
    assert "回执已写入" in run("answer", row.id, answer, "--as", "recorder") and answer.read_text("ascii").count(".") == 2
    assert "不能重复接收" in run("show", file, "--as", "recorder", status=1)
    assert not verify()


def test_show_refuses_what_is_no_package_and_what_was_altered(cast, run, tmp_path):
    file = tmp_path / "a.svst"
    for text in ("你好", "", Other(cast).package()[:-30]):
        file.write_text(text, "utf-8")
        assert run("show", file, "--as", "recorder", status=1).strip()
    run("show", tmp_path / "missing", "--as", "recorder", status=2)
    assert not Arrival.select().exists()


def test_refuse_answers_no_and_wants_a_reason(cast, run, tmp_path):
    file, answer = tmp_path / "a.svst", tmp_path / "a.svsr"
    file.write_text(Other(cast).package(), "ascii")
    run("show", file, "--as", "recorder")
    row = Arrival.get()
    run("refuse", row.id, "--as", "head", status=2)
    run("refuse", row.id, "--reason", "没有这个人", "--as", "head_b", status=1)
    assert "已拒收" in run("refuse", row.id, "--reason", "没有这个人", "--as", "head")
    assert "不能「接收」" in run("take", row.id, "--as", "head", status=1)
    run("answer", row.id, answer, "--as", "recorder")
    assert answer.exists() and not Volunteer.select().exists()


def test_receipt_closes_and_a_forged_one_changes_nothing(cast, run, tmp_path):
    other, person = Other(cast), agreed(cast, cast.registered())
    row = Departure.move(departure(cast, other, [person]).id, "pack", cast.head)
    file = tmp_path / "a.svsr"
    file.write_text(Other(cast, "丙县平台").answer(row), "ascii")
    assert "不是接收单位签发" in run("receipt", file, "--as", "recorder", status=1)
    assert Departure.get_by_id(row.id).state == "flying"
    file.write_text(other.answer(row), "ascii")
    assert "已转出" in run("receipt", file, "--as", "recorder") and "已转出" in run("receipt", file, "--as", "recorder")
    assert Volunteer.get_by_id(person.id).state == "moved" and not verify()
