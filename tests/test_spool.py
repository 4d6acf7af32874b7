"""A spool is the list that it stands for, however long it is and wherever it is cut."""

import random

import pytest

from models.spool import HEAD, PART, Spool


@pytest.mark.parametrize("long", [0, 1, HEAD, PART - 1, PART, PART + 1, 3 * PART + 7])
def test_what_was_put_in_comes_out_in_order_as_often_as_asked(long):
    spool, rows = Spool(), [(n, [f"第{n}行"]) for n in range(long)]
    for row in rows:
        spool.append(row)
    assert (len(spool), list(spool), list(spool)) == (long, rows, rows)
    assert spool[:5] == rows[:5]
    spool.close()


def test_a_spool_cut_anywhere_and_grown_again_is_the_list_cut_and_grown_there():
    chance = random.Random(6)
    spool, rows = Spool(range(3 * PART)), list(range(3 * PART))
    for long in [3 * PART, 2 * PART, 2 * PART - 1, PART, 1, 0, *(chance.randrange(4 * PART) for _ in range(20))]:
        spool.cut(long)
        del rows[long:]
        assert (len(spool), list(spool)) == (len(rows), rows)
        for n in range(chance.randrange(2 * PART)):
            spool.append(n)
            rows.append(n)
        assert (len(spool), list(spool), spool[:HEAD]) == (len(rows), rows, rows[:HEAD])
