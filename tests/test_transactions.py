"""One transaction a move; inside a longer one a move that was refused leaves nothing behind, not even its savepoint."""

import pytest

from models.base import database, transaction
from models.clock import Setting
from models.refusals import Refusal, refuse


def refused(key: str) -> None:
    with pytest.raises(Refusal), transaction():
        Setting.write(key, 1)
        raise refuse("不行。")


def test_what_was_refused_is_undone_and_what_stands_around_it_is_kept(either_db):
    with transaction():
        Setting.write("before", 1)
        refused("refused")
        with transaction():
            Setting.write("after", 1)
    assert [Setting.read(key) for key in ("before", "refused", "after")] == [1, None, 1]


def test_a_refusal_leaves_no_savepoint_standing(either_db):
    """Hundreds of them made the demo's one transaction twice as slow: each page written was kept for every one."""
    said: list[str] = []
    database.obj.query_hooks.append(lambda event: said.append(event.sql))
    with transaction():
        refused("one")
        with transaction():
            refused("two")
    begun = [sql.split()[1].strip(";") for sql in said if sql.startswith("SAVEPOINT")]
    ended = [sql.split()[2].strip(";") for sql in said if sql.startswith("RELEASE")]
    assert len(begun) == 3
    assert sorted(begun) == sorted(ended)


def test_an_outermost_refusal_undoes_all(either_db):
    refused("alone")
    assert Setting.read("alone") is None
    assert not database.in_transaction()
