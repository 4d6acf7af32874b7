"""The power of the database's own machine goes: PostgreSQL is killed under a working clerk and started again.

Like `test_power_cut`, with ``pg_ctl stop -m immediate`` (every process of the server ends at once, nothing is written
down any more) in the place of the clerk's own death: what the clerk was told is done is there, nothing is half-done.
``PROVE`` set it is killed twenty times, else three.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from conftest import _fresh
from test_power_cut import CLERK, lay_out, nothing_is_half_done

from cast import KEY, settle
from models.base import database
from models.verifying import verify

CUTS = 20 if os.environ.get("PROVE") else 3


def work_until_cut(cluster, things: int, last_words: Path) -> list[list]:
    """What the clerk said before the server was killed, some way into whatever came after so many things done."""
    with last_words.open("w") as err, subprocess.Popen(
        [sys.executable, CLERK, cluster.url, KEY.hex()], stdout=subprocess.PIPE, stderr=err, text=True
    ) as clerk:
        lines = [clerk.stdout.readline() for _ in range(things)]
        time.sleep(random.uniform(0, 0.05))
        assert clerk.poll() is None, f"the clerk ended by itself: {last_words.read_text()}"
        cluster.stop("immediate")
        lines += clerk.stdout
        assert clerk.wait(60) != 0  # its next statement found nobody
    return [json.loads(line) for line in lines if line.endswith("\n")]


@pytest.mark.postgres
def test_killed_at_any_moment_postgresql_has_all_that_was_said_and_nothing_half_done(cluster, tmp_path):
    life = _fresh(cluster.url)
    next(life)
    lay_out(settle())
    database.close()
    said, seen = [], Counter()
    for cut in range(CUTS):
        database.close_all()
        new = work_until_cut(cluster, random.randint(1, 30) if cut < CUTS - 1 else 40, tmp_path / "clerk")
        said += new
        seen.update(what for what, *_ in new)
        cluster.start()
        database.connect()
        assert verify() == []
        nothing_is_half_done(said)
        database.close()
    assert {"draft", "submitted", "approved", "noticed"} <= set(seen)
    database.connect()
    list(life)
