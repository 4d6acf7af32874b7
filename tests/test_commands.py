"""The command line: what each command prints, and that a failure exits non-zero and changes nothing."""

from datetime import date
from pathlib import Path

import openpyxl
import pyotp
import pytest

from desk import give_password
from models import clock, second_factor, sessions
from models.hours import Balance
from models.people import Account, sign_in
from models.refusals import Refusal
from models.stations import Division
from models.volunteers import Volunteer
from rules.identity import make_resident_id

ROOT = Path(__file__).parents[1]
STREETS = ROOT.parent / "shared" / "data" / "yunnan_streets.csv"


@pytest.fixture
def run(desk):
    """`flask --app wsgi …` on the test's database."""
    from models.base import database

    def invoke(*words, **more):
        database.close()
        done = desk.app.test_cli_runner().invoke(args=[str(word) for word in words], **more)
        database.connect(reuse_if_open=True)
        return done

    return invoke


def volunteers(folder, number) -> Path:
    book = openpyxl.Workbook()
    book.active.append(["姓名", "身份证号", "联系电话"])
    book.active.append(["陶思源", number, "13987654321"])
    book.save(folder / "花名册.xlsx")
    return folder / "花名册.xlsx"


def test_import_takes_a_workbook_once_and_says_how_much(cast, run, tmp_path):
    file = volunteers(tmp_path, make_resident_id("530102", date(1978, 3, 5), 701))
    done = run("import", "volunteers", file, "--as", "recorder")
    assert (done.exit_code, Volunteer.select().count()) == (0, 1), done.output
    assert "新增 1 行" in done.output
    assert "相同 1 行" in run("import", "volunteers", file, "--as", "recorder").output


def test_import_of_a_wrong_number_fails_with_row_and_column_and_takes_nothing(cast, run, tmp_path):
    done = run("import", "volunteers", volunteers(tmp_path, "530102197803057019"), "--as", "recorder")
    assert done.exit_code == 1
    assert "第 2 行「身份证号」" in done.output
    assert not Volunteer.select().exists()


@pytest.mark.parametrize("username", ["county", "nobody", None])
def test_import_needs_an_account_that_may(cast, run, tmp_path, username):
    file = volunteers(tmp_path, make_resident_id("530102", date(1978, 3, 5), 701))
    done = run("import", "volunteers", file, *(["--as", username] if username else []))
    assert done.exit_code == 1 and done.output.strip()
    assert not Volunteer.select().exists()


def test_import_of_the_real_list_of_streets_finds_their_counties(cast, run):
    assert STREETS.exists(), "shared/data/yunnan_streets.csv must lie beside the project"
    from fixtures.seed import seed

    seed()
    before = Division.select().where(Division.level == "street").count()
    done = run("import", "divisions", STREETS)
    assert done.exit_code == 0, done.output
    assert Division.select().where(Division.level == "street").count() >= 1461
    assert before < 10


def test_verify_is_quiet_when_all_is_well_and_names_the_fault_when_not(cast, run):
    person = cast.registered("李明")
    cast.posted(person, 120)
    assert run("verify").exit_code == 0
    Balance.update(honour=1).where(Balance.volunteer == person.id).execute()
    done = run("verify")
    assert done.exit_code == 1
    assert f"志愿者 {person.card_no}（第 {person.id} 号）" in done.output


def test_init_makes_one_administrator_and_no_second(db, sqlite_url, tmp_path, quick_passwords):
    from admin_app import create_app
    from admin_app.config import Config
    from cast import KEY
    from models.base import database
    from models.stations import Division

    database.close()
    runner = create_app(Config(tmp_path, sqlite_url, "s", KEY, None, False)).test_cli_runner()
    weak = runner.invoke(args=["init", "--password", "short"])
    assert weak.exit_code == 1 and "密码至少" in weak.output
    with database.connection_context():
        assert not Division.select().exists()  # nothing half-written: what follows must find it empty
    done = runner.invoke(args=["init", "--password", "a long enough one 1"])
    assert done.exit_code == 0, done.output
    assert runner.invoke(args=["init", "--username", "second", "--password", "a long enough one 1"]).exit_code == 1
    database.connect(reuse_if_open=True)
    assert Account.select().count() == 1
    assert sign_in("admin", "a long enough one 1").role == "admin"


def test_user_password_sets_it_and_refuses_a_weak_one(cast, run):
    give_password(cast.recorder)
    assert run("user", "password", "recorder", "--password", "short").exit_code == 1
    assert run("user", "password", "recorder", "--password", "another good one 2").exit_code == 0
    assert sign_in("recorder", "another good one 2").username == "recorder"
    assert run("user", "password", "nobody", "--password", "another good one 2").exit_code == 1


def test_demo_refuses_a_database_that_is_in_use(cast, run):
    done = run("demo", "--password", "a long enough one 1")
    assert done.exit_code == 1 and done.output.strip()
    with pytest.raises(Refusal):
        sign_in("recorder", "a long enough one 1")


def test_every_command_has_help_and_stands_in_the_readme(desk):
    readme = (ROOT / "README.md").read_text("utf-8")
    ours = {"init", "demo", "import", "export", "verify", "user"}
    assert ours <= set(desk.app.cli.commands)
    for name in sorted(ours):
        assert desk.app.test_cli_runner().invoke(args=[name, "--help"]).exit_code == 0
        assert f"flask --app wsgi {name}" in readme, name


def test_user_totp_off_and_sessions_end_do_what_they_print(cast, run):
    give_password(cast.county)
    account = Account.get_by_id(cast.county.account_id)
    here, token = sessions.begin(account, "", "")
    code = pyotp.TOTP(second_factor.begin(account)).at(clock.wall())
    second_factor.confirm(account, code, cast.county, here)
    assert run("user", "totp-off", "county").exit_code == 2
    assert run("user", "sessions-end", "county").output.strip() == "已结束 county 的 1 处登录。"
    assert sessions.look_up(token) == (None, "manager")
    assert run("user", "totp-off", "county", "--reason", "手机丢失").exit_code == 0
    assert not Account.get_by_id(account.id).coded
    assert run("user", "totp-off", "county", "--reason", "手机丢失").exit_code == 1
    for words in (("totp-off", "nobody", "--reason", "x"), ("sessions-end", "nobody")):
        assert run("user", *words).exit_code == 1
