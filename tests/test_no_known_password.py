"""No password is shipped: nothing in the program, its fixtures, its settings or its manual is a way in."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from fixtures.seed import seed
from models.people import Account
from rules.passwords import faults

HOUSE = Path(__file__).parent.parent
SECRET = re.compile(r"passw|passphrase|secret|pwd|totp|recovery", re.I)
TEXTS = ("Makefile", "pyproject.toml", "requirements.txt", "README.md", "wsgi.py")
SPELT = re.compile(r"(?:PASSWORD|SECRET_KEY|DATA_KEY|--password)[ =:]+[\"']?([^\s\"'`,)|]+)")


def literals(path: Path) -> Iterator[tuple[str, str]]:
    """(name, text) of every text that the file gives to something called a password or a secret."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        given: list[tuple[str, ast.expr | None]] = []
        if isinstance(node, ast.Assign):
            given = [(ast.unparse(target), node.value) for target in node.targets]
        elif isinstance(node, ast.AnnAssign):
            given = [(ast.unparse(node.target), node.value)]
        elif isinstance(node, ast.Call):
            given = [(word.arg or "", word.value) for word in node.keywords]
        elif isinstance(node, ast.arguments):
            own = [*node.posonlyargs, *node.args]
            given = [(a.arg, d) for a, d in zip(own[len(own) - len(node.defaults) :], node.defaults, strict=True)]
            given += [(a.arg, d) for a, d in zip(node.kwonlyargs, node.kw_defaults, strict=True)]
        elif isinstance(node, ast.Dict):
            given = [(ast.unparse(key), value) for key, value in zip(node.keys, node.values, strict=True) if key]
        for name, value in given:
            if SECRET.search(name) and isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
                yield name, value.value


def is_one(text: str) -> bool:
    """Whether the text could be a password; a sentence that is said to somebody is none."""
    return not text.endswith("。") and not faults(text)


def leaves(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, name)
    else:
        yield name, value


def test_no_text_of_the_program_is_given_to_a_password():
    looked, found = 0, []
    for room in ("rules", "models", "views", "admin_app", "fixtures"):
        for path in (HOUSE / room).rglob("*.py"):
            looked += 1
            found += [(path.name, name, text) for name, text in literals(path) if is_one(text)]
    assert looked > 150 and found == []


def test_no_fixture_and_no_policy_holds_a_password():
    looked = 0
    for path in [*(HOUSE / "fixtures").rglob("*.toml"), *(HOUSE / "rules").rglob("*.toml")]:
        for name, value in leaves(tomllib.loads(path.read_text("utf-8"))):
            looked += 1
            assert not SECRET.search(name), (path.name, name)
            assert not (isinstance(value, str) and value.startswith("$argon2")), path.name
    assert looked > 500


def test_the_manual_and_the_settings_name_no_password():
    for name in TEXTS:
        spelt = [word for word in SPELT.findall((HOUSE / name).read_text("utf-8")) if not faults(word)]
        assert spelt == [], name


def test_the_search_finds_one_that_is_there(tmp_path):
    planted = tmp_path / "planted.py"
    planted.write_text('set_password(account, password="correct horse 7")\ndef f(admin_pwd="k7mp-w3xr-9dht"): ...\n')
    assert [text for _, text in literals(planted) if is_one(text)] == ["correct horse 7", "k7mp-w3xr-9dht"]
    assert SPELT.findall("DEMO_PASSWORD=correct-horse-7 make run") == ["correct-horse-7"]


def test_an_installation_begins_without_any_account(db):
    seed()
    assert not Account.select().exists()
