"""The data keys: the wrong one is told at the start, and one is changed for another while people work."""

import subprocess
import sys
import threading
import time
from importlib import import_module
from pathlib import Path

import pytest
from peewee import CharField
from served import household, recipient, visit

from admin_app import create_app
from admin_app.config import Config, KeyFile, data_keys
from cast import KEY, person
from models import keys
from models.base import database
from models.clock import Setting
from models.fields import DataKey, IndexField, SealedField, keyring
from models.households import Hardship, Household, Recipient, Visit, count_by_category
from models.refusals import Refusal
from models.schema import TABLES
from models.volunteers import Volunteer, earlier_registration

NEW = b"another data key, just 32 bytes."
TURNER = Path(__file__).with_name("key_turner.py")


def name_of(key: bytes) -> str:
    return DataKey.of(key).id


def under(key: bytes) -> int:
    return keys.count_under(name_of(key))


def settled(cast, people: int = 3) -> list[Volunteer]:
    """Volunteers and a household with everything that is sealed."""
    home = household(cast.recorder, phone="13900001111", note="低保户")
    recipient(cast.recorder, home, hardship=("01", "05"), document_number=person()["document_number"])
    visit(cast.recorder, home)
    return [cast.registered(f"李{'明强红丽'[n % 4]}", address=f"翠竹巷 {n} 号") for n in range(people)]


# --- which columns ---


def test_every_sealed_column_of_every_model_is_known():
    found = {(one.model, column.name) for one in keys.sealed_tables() for column in one.columns}
    declared = {(m, f.name) for m in TABLES for f in m._meta.sorted_fields if isinstance(f, SealedField)}
    assert found == declared and len(found) >= 18


def test_every_keyed_index_is_made_of_a_sealed_column_that_a_rotation_comes_to():
    looked = 0
    for model in TABLES:
        for field in model._meta.sorted_fields:
            if isinstance(field, CharField) and field.name.endswith("_index"):
                assert isinstance(field, IndexField), f"{model.__name__}.{field.name} would be left behind"
            if isinstance(field, IndexField):
                looked += 1
                step, _, last = field.of.rpartition(".")
                owner = model._meta.fields[step].rel_model if step else model
                assert isinstance(owner._meta.fields[last], SealedField)
                assert not step or hasattr(owner, "reindex")
    assert looked == 5


# --- the wrong key ---


@pytest.fixture
def start(sqlite_url, tmp_path):
    """Starts the program on the test's database with these keys, newest first."""

    def made(*given: bytes):
        database.close()
        try:
            app = create_app(Config(tmp_path, sqlite_url, "s", given[0], None, False, tuple(given[1:])))
            if app.config["NOT_READY"]:
                sys.exit(app.config["NOT_READY"])  # as the server does
            return app
        finally:
            database.connect(reuse_if_open=True)

    return made


@pytest.mark.parametrize("started_before", [True, False])
def test_with_the_wrong_key_it_says_so_and_does_not_start(cast, start, started_before):
    settled(cast)
    if started_before:
        start(KEY)
    with pytest.raises(SystemExit, match="数据密钥不对") as no:
        start(NEW)
    assert name_of(NEW) in str(no.value) and "data.key" in str(no.value)
    assert under(NEW) == 0
    start(KEY)
    assert Volunteer.get().phone.startswith("138")


def test_a_database_that_holds_nothing_sealed_takes_any_key(db, start):
    start(KEY)
    start(NEW)
    assert list(Setting.read(keys.KNOWN)) == [name_of(NEW)]


def test_a_check_value_that_was_altered_is_told(cast, start):
    start(KEY)
    Setting.write(keys.KNOWN, {name_of(KEY): {"since": "2026-01-05", "check": keyring.seal("x", keys.PLACE)}})
    with pytest.raises(SystemExit, match="检验值被改动"):
        start(KEY)


def test_a_key_that_still_seals_something_may_not_be_left_out(cast, start):
    settled(cast)
    start(KEY)
    start(NEW, KEY)
    with pytest.raises(SystemExit, match=name_of(KEY)):
        start(NEW)


# --- changing it ---


def test_a_rotation_leaves_nothing_under_the_old_key_and_everything_can_be_read_and_found(cast_on_either):
    cast = cast_on_either
    people = settled(cast)
    was = under(KEY)
    assert was >= 15
    keyring.open(NEW, KEY)
    told = []
    said = keys.rotate(lambda name, done, rows: told.append((name, done, rows)))
    assert (said.left, said.unread, said.clashes, said.retired) == (0, [], [], [name_of(KEY)])
    assert (under(KEY), under(NEW)) == (0, was) and said.values == was
    assert ("volunteer", 3, 3) in told
    keyring.open(NEW)
    for one in people:
        assert Volunteer.get_by_id(one.id).address == one.address
        assert earlier_registration("resident_id", one.document_number) == one
    assert Visit.get().found == "腿脚不便" and Household.get().note == "低保户" and Recipient.get().hardship == ["01", "05"]
    assert count_by_category(cast.head) == {"01": 1, "05": 1}
    assert Hardship.select().count() == 2
    assert keys.rotate().values == 0  # the same again changes nothing


def test_while_there_are_two_keys_people_are_found_and_twins_refused_by_either(cast_on_either):
    cast = cast_on_either
    (old,) = settled(cast, 1)
    keyring.open(NEW, KEY)
    new = cast.registered("赵新")
    for known in (old, new):
        assert earlier_registration("resident_id", known.document_number) == known
        with pytest.raises(Refusal, match="已在本站登记"):
            Volunteer.enter(cast.recorder, **person("王五", document_number=known.document_number))
    home = Household.get()
    with pytest.raises(Refusal, match="这个住址已登记过一户"):
        household(cast.recorder, address=home.address)
    with pytest.raises(Refusal, match="已登记为服务对象"):
        recipient(cast.recorder, home, document_number=Recipient.get().document_number)
    assert count_by_category(cast.head) == {"01": 1, "05": 1}
    served = Recipient.amend(Recipient.get().id, cast.recorder, hardship=["05"])  # its index is the newest key's now
    recipient(cast.recorder, home, "孙小", hardship=("05",))
    assert count_by_category(cast.head) == {"05": 2}
    assert Recipient.select().where(Hardship.has("05")).order_by(Recipient.id).first() == served


def test_a_name_keyed_again_while_there_are_two_keys_makes_nobody_somebody_else(cast):
    (old,) = settled(cast, 1)
    keyring.open(NEW, KEY)
    again = Volunteer.amend(old.id, cast.recorder, document_number=old.document_number, phone="13911112222")
    assert again.phone == "13911112222"


def test_what_the_first_release_sealed_is_sealed_anew_even_without_a_new_key(cast, start):
    from test_fields import sealed_as_before

    (one,) = settled(cast, 1)
    database.execute_sql("UPDATE volunteer SET phone = ?", [sealed_as_before(one.phone, KEY)])
    assert [(k.id, k.values) for k in keys.show()][-1] == ("1", 1)
    keys.rotate()
    assert [k.id for k in keys.show()] == [name_of(KEY)]
    assert Volunteer.get().phone == one.phone


def test_what_no_key_opens_is_named_and_the_old_key_stays(cast):
    settled(cast)
    database.execute_sql("UPDATE volunteer SET phone = address WHERE id = (SELECT MIN(id) FROM volunteer)")
    keyring.open(NEW, KEY)
    said = keys.rotate()
    assert said.left == 1 and said.retired == [] and said.unread == ["volunteer.phone 1"]


def test_twins_that_two_keys_kept_apart_are_named_and_not_lost(cast):
    one, other = settled(cast, 2)
    number = keyring.seal(one.document_number, "volunteer.document_number")
    database.execute_sql("UPDATE volunteer SET document_number = ? WHERE id = ?", [number, other.id])
    keyring.open(NEW, KEY)
    said = keys.rotate()
    assert said.clashes == [f"volunteer {other.id}"] and said.retired == []
    assert Volunteer.get_by_id(other.id).phone == other.phone


def test_people_who_save_meanwhile_lose_nothing(cast_on_either, monkeypatch):
    cast = cast_on_either
    people = settled(cast, 12)
    monkeypatch.setattr(keys, "BATCH", 3)
    keyring.open(NEW, KEY)
    over, kept, errors = threading.Event(), {}, []

    def clerk(n: int) -> None:
        try:
            with database.connection_context():
                turn = 0
                while not over.is_set() or turn < 3:
                    turn += 1
                    for one in people[n::2]:
                        phone = f"139{one.id:04d}{turn % 10000:04d}"
                        Volunteer.amend(one.id, cast.recorder, phone=phone)
                        kept[one.id] = phone
                        time.sleep(0.01)  # quicker than anybody types, and yet not the whole of the database's time
        except BaseException as no:
            errors.append(no)

    def turn() -> None:
        with database.connection_context():
            said.append(keys.rotate())

    said: list[keys.Rotated] = []
    database.close()
    clerks = [threading.Thread(target=clerk, args=(n,)) for n in range(2)]
    rotator = threading.Thread(target=turn)
    for thread in (*clerks, rotator):
        thread.start()
    rotator.join(60)
    over.set()
    for thread in clerks:
        thread.join(60)
    database.connect()
    assert not errors and not rotator.is_alive()
    assert said[0].left == 0 and under(KEY) == 0
    keyring.open(NEW)
    for one in people:
        row = Volunteer.get_by_id(one.id)
        assert (row.phone, row.address, row.document_number) == (kept[one.id], one.address, one.document_number)


def test_killed_in_the_middle_it_goes_on_where_it_was(cast_on_either, either_db):
    cast = cast_on_either
    people = settled(cast, 20)
    was = under(KEY)
    database.close()
    command = [sys.executable, TURNER, either_db, NEW.hex(), KEY.hex()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as turner:
        seen = [line for line in iter(turner.stdout.readline, "") if line.startswith("volunteer") and turner.kill() is None]
    database.connect(reuse_if_open=True)
    assert seen
    keyring.open(NEW, KEY)
    left = under(KEY)
    assert 0 < left < was and left + under(NEW) == was
    for one in people:
        assert Volunteer.get_by_id(one.id).phone == one.phone
        assert earlier_registration("resident_id", one.document_number) == one
    said = keys.rotate()
    assert said.values <= left and said.retired == [name_of(KEY)] and under(NEW) == was


def test_what_visits_found_before_is_sealed_by_the_upgrade(cast_on_either):
    cast = cast_on_either
    home = household(cast.recorder)
    seen = [visit(cast.recorder, home, found=f"腿脚不便 {n}") for n in range(3)]
    for one in seen:
        database.execute_sql(f"UPDATE visit SET found = '{one.found}' WHERE id = {one.id}")
    import_module("models.migrations.0022_sealed").up(None, database.obj)
    raw = [found for (found,) in database.execute_sql("SELECT found FROM visit").fetchall()]
    assert len(raw) == 3 and all(found.startswith("2:") for found in raw)
    assert [Visit.get_by_id(one.id).found for one in seen] == [one.found for one in seen]


def test_what_was_in_clear_is_not_left_in_the_files_free_space(cast, sqlite_url):
    seen = visit(cast.recorder, household(cast.recorder))
    clear = "每周透析三次没有人陪同" * 40
    database.execute_sql("UPDATE visit SET found = ? WHERE id = ?", [clear, seen.id])
    path = Path(sqlite_url.removeprefix("sqlite:///"))

    def lies_in_the_file() -> bool:
        database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return "每周透析三次".encode() in path.read_bytes()

    assert lies_in_the_file()
    Visit.update(found="说得很短").where(Visit.id == seen.id).execute()
    assert not lies_in_the_file() and Visit.get().found == "说得很短"


# --- the commands ---


@pytest.fixture
def kept(tmp_path) -> KeyFile:
    made = KeyFile(tmp_path / "data.key")
    made.write([KEY])
    made.read()
    return made


@pytest.fixture
def run(cast, kept, sqlite_url, tmp_path):
    """Runs `flask keys …` of a program whose keys lie in a file."""
    settled(cast)
    database.close()
    app = create_app(Config(tmp_path, sqlite_url, "s", KEY, None, False, (), kept))

    def command(*words: str):
        done = app.test_cli_runner().invoke(args=["keys", *words])
        database.connect(reuse_if_open=True)
        return done

    yield command
    database.connect(reuse_if_open=True)


def test_a_key_is_changed_by_three_commands_while_the_program_runs(run, kept, tmp_path):
    assert f"{name_of(KEY)}\t" in run("show").output
    said = run("new").output
    new, old = kept.read()
    assert old == KEY and name_of(new) in said and (kept.path.stat().st_mode & 0o777) == 0o600
    assert Volunteer.get().phone  # the program that runs has heard of it
    assert keyring.newest.id == name_of(new)
    refused = run("drop", name_of(KEY), "--to", str(tmp_path / "old.key"))
    assert refused.exit_code == 1 and "不能拿走" in refused.output
    said = run("rotate")
    assert said.exit_code == 0 and "volunteer 3 / 3" in said.output and f"旧密钥 {name_of(KEY)} 已不再加密任何内容" in said.output
    assert "备份仍要靠它" in said.output
    assert run("drop", name_of(KEY), "--to", str(tmp_path / "old.key")).exit_code == 0
    assert kept.read() == [new] and (tmp_path / "old.key").read_text().strip() == KEY.hex()
    assert run("drop", name_of(new), "--to", str(tmp_path / "x.key")).exit_code == 1


def test_keys_of_the_environment_are_left_alone_and_servers_must_know_the_new_one_first(start):
    start(KEY)
    app = start(NEW, KEY)
    run = app.test_cli_runner().invoke
    for words, says in ((["new"], "DATA_KEY"), (["rotate"], "--restarted")):
        done = run(args=["keys", *words])
        assert done.exit_code == 1 and says in done.output
    assert run(args=["keys", "rotate", "--restarted"]).exit_code == 0
    database.connect(reuse_if_open=True)


@pytest.fixture(autouse=True)
def _the_key_of_the_tests():
    """Other tests go on with theirs."""
    yield
    keyring.open(KEY)


def test_several_keys_are_read_newest_first_and_a_wrong_one_is_refused():
    assert data_keys(f"{NEW.hex()},{KEY.hex()}") == data_keys(f"{NEW.hex()}\n{KEY.hex()}\n") == [NEW, KEY]
    for wrong in ("", "abc", f"{KEY.hex()}, {KEY.hex()[:-1]}"):
        with pytest.raises(ValueError, match="64 hexadecimal"):
            data_keys(wrong)


def test_a_file_that_is_being_written_leaves_the_keys_as_they_were(kept):
    assert kept.news() == []
    kept.path.write_text("half a k")
    assert kept.news() == []
    kept.write([NEW, KEY])
    assert kept.news() == [NEW, KEY] and kept.news() == []
