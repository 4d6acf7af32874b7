"""Connections are kept and lent again; nobody sees less for it than by a new one."""

import sqlite3
import subprocess
import sys
from pathlib import Path

from models.base import database
from models.clock import Setting

ROOT = Path(__file__).parents[1]


def written_elsewhere(url: str, value: int) -> None:
    """By another program, as a command at the desk is."""
    with sqlite3.connect(url.removeprefix("sqlite:///")) as other:
        other.execute("INSERT OR REPLACE INTO setting (key, value) VALUES ('n', ?)", (str(value),))


def lent() -> sqlite3.Connection:
    database.close()
    database.connect()
    return database.connection()


def test_the_connection_given_back_is_the_next_one_lent_and_sees_what_others_wrote(db):
    first = lent()
    written_elsewhere(db, 1)
    assert lent() is first
    assert Setting.read("n") == 1


def test_an_answer_nobody_read_to_its_end_holds_no_borrower_at_its_moment(db):
    Setting.insert_many([{"key": f"k{n}", "value": n} for n in range(200)]).execute()
    left = iter(Setting.select().order_by(Setting.key).iterator())
    next(left)
    kept = database.connection()
    written_elsewhere(db, 1)
    assert lent() is kept and Setting.read("n") == 1
    written_elsewhere(db, 2)
    assert Setting.read("n") == 2


def test_what_nobody_committed_is_not_the_next_borrowers(db):
    database.execute_sql("BEGIN IMMEDIATE")
    Setting.write("n", 1)
    lent()
    assert Setting.read("n") is None
    with database.atomic():
        Setting.write("n", 2)
    assert Setting.read("n") == 2


def test_another_file_under_the_name_is_opened(db, tmp_path):
    Setting.write("n", 1)
    database.close_all()
    with sqlite3.connect(db.removeprefix("sqlite:///")) as one, sqlite3.connect(tmp_path / "new.db") as new:
        one.backup(new)
    new.execute("INSERT OR REPLACE INTO setting (key, value) VALUES ('n', '2')")
    new.commit()
    new.close()
    database.connect()
    before = database.connection()
    assert Setting.read("n") == 1
    for end in ("-wal", "-shm"):
        (tmp_path / f"station.db{end}").unlink(missing_ok=True)
    (tmp_path / "new.db").replace(tmp_path / "station.db")
    assert lent() is not before and Setting.read("n") == 2


def test_when_a_program_ends_the_file_alone_holds_everything(db, tmp_path):
    code = f"from models.base import connect, database; connect({db!r}); database.connect()\n" \
        "from models.clock import Setting; Setting.write('n', 1)"  # fmt: skip
    database.close_all()
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    assert not (tmp_path / "station.db-wal").exists()
    with sqlite3.connect(tmp_path / "station.db") as alone:
        assert alone.execute("SELECT value FROM setting WHERE key = 'n'").fetchone() == ("1",)
