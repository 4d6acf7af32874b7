"""The house keeps its rooms: what may import what, how long a file may be, and that nothing is left open."""

import ast
import sys
from pathlib import Path

import pytest

from models.base import BaseModel
from models.moves import Entered, Staged
from models.schema import TABLES
from models.scope import Actor, within
from rules.access import DIVISION_ROLES, STATION_ROLES, TABLE, Role

HOUSE = Path(__file__).parent.parent
ROOMS = {
    "rules": set(),
    "models": {"rules"},
    "views": {"models", "rules"},
    "fixtures": {"models", "rules"},
    "admin_app": {"models", "rules", "views", "fixtures"},
}
AT_LEAST = {"rules": 10, "models": 15, "views": 1, "fixtures": 2, "admin_app": 1, "tests": 10}
LONGEST = 600  # lines
NO_NAMES = {"utils", "helpers", "misc", "common"}
# The installation's own values, the heads of the chains, the numbers of forms: no screen shows them.
INTERNAL = {"Setting", "Chain", "TrailHead", "TrailKey", "SentForm", "InstallationKey"}
HOOKS_OF_ENTERED = {"may_amend"}


def files(room: str) -> list[Path]:
    return sorted((HOUSE / room).rglob("*.py"))


def imports(path: Path) -> set[str]:
    """Top-level packages that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: say in full where it comes from"
            found.add((node.module or "").split(".")[0])
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_imports_run_downhill(room):
    if not (HOUSE / room).exists():
        return
    found = files(room)
    assert len(found) >= AT_LEAST[room]
    for path in found:
        ours = imports(path) & {*ROOMS, "tests"}
        assert ours <= ROOMS[room] | {room}, f"{path.relative_to(HOUSE)} imports {ours - ROOMS[room]}"


def test_rules_know_no_database_no_flask_and_no_clock():
    looked = 0
    for path in files("rules"):
        assert not imports(path) & {"peewee", "playhouse", "flask", "flask_admin", "sqlite3", "psycopg", "time"}
        looked += 1
    assert looked >= AT_LEAST["rules"]


def test_only_the_clock_asks_what_time_it_is():
    asks = {"now", "today", "utcnow", "monotonic"}
    looked, found = 0, []
    for path in [*files("rules"), *files("models")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in asks and isinstance(node.value, ast.Name):
                looked += 1
                if node.value.id in ("datetime", "date", "time"):
                    found.append(path.name)
    assert looked > 10
    assert found == ["clock.py"]


def test_only_the_wiring_and_the_tests_import_the_application():
    looked = 0
    for path in HOUSE.rglob("*.py"):
        where = path.relative_to(HOUSE)
        if where.parts[0] in {"admin_app", "tests"} or where.parts[0].startswith(".") or where.name == "wsgi.py":
            continue
        looked += 1
        assert "admin_app" not in imports(path), where
    assert looked > 30


def test_no_file_is_too_long_or_a_drawer_for_anything():
    looked = 0
    for room in [*ROOMS, "tests"]:
        for path in files(room):
            looked += 1
            lines = len(path.read_text("utf-8").splitlines())
            assert lines <= LONGEST, f"{path.relative_to(HOUSE)} has {lines} lines: look for the second room"
            assert path.stem not in NO_NAMES, path
    assert looked > 40


def every(kind: type) -> list[type]:
    return [
        one for sub in kind.__subclasses__() if sub.__module__.startswith("models.") for one in (sub, *every(sub))
    ]


def test_every_table_is_created():
    made = {model for model in every(BaseModel) if not model.__subclasses__()}  # what others build on has no table
    assert len(made) > 20
    assert made == set(TABLES)


def test_every_hook_names_a_move_of_its_life():
    looked = 0
    for model in (leaf for leaf in every(Staged) if not leaf.__subclasses__()):
        names = {move.name for move in model.life.moves}
        for name in dir(model):
            if name.startswith(("may_", "do_")) and name not in HOOKS_OF_ENTERED:
                looked += 1
                assert name.partition("_")[2] in names, f"{model.__name__}.{name} names no move"
    assert looked > 20


def test_every_model_is_named_in_the_table_of_rights():
    for model in TABLES:
        if model.__name__ in INTERNAL:
            assert not model.resource
        else:
            assert model.resource in TABLE, model.__name__
        if issubclass(model, Staged):
            assert model.life.resource == model.resource


def test_every_editable_column_exists_and_has_a_chinese_name():
    looked = 0
    for model in every(Entered):
        for name in model.editable.split():
            looked += 1
            said = model.label(name)
            assert any("一" <= char <= "鿿" for char in said), f"{model.__name__}.{name} is called {said}"
    assert looked > 60


@pytest.mark.parametrize("role", Role)
def test_every_model_says_who_may_know_of_its_rows(db, role):
    who = Actor(
        1, "某人", role, 1 if role in STATION_ROLES else None, "5301" if role in DIVISION_ROLES else None
    )  # fmt: skip
    for model in TABLES:
        if model.__name__ == "Setting" and role != Role.SYSTEM:
            with pytest.raises(TypeError, match="Setting does not say"):
                within(model, who)
        else:
            list(model.select().where(within(model, who)).limit(1))


def test_a_model_that_does_not_say_is_closed():
    class Stray(BaseModel):
        pass

    Stray.__module__ = __name__
    with pytest.raises(TypeError, match="Stray does not say how it leads to a station"):
        within(Stray, Actor(1, "某人", Role.HEAD, 1))


def test_a_division_role_without_a_division_sees_nothing_and_says_so():
    with pytest.raises(ValueError, match="without a division"):
        within(next(m for m in TABLES if m.__name__ == "Project"), Actor(1, "某人", Role.AUDITOR))


def test_the_tests_are_flat():
    assert not [path for path in (HOUSE / "tests").glob("*/*.py") if path.parent.name not in ("browser", "bench")]
    assert str(HOUSE / "tests") in sys.path
