"""The served program is killed with SIGKILL while many people move: a station dissolved, a package read, a receipt taken.

A dissolution goes on by itself after the restart and everybody is moved exactly once; the others are one transaction
each: nothing of them is left, and asked for again they are done.
"""

import time
from collections.abc import Callable
from contextlib import nullcontext
from io import BytesIO
from types import SimpleNamespace

import pytest
from test_dissolving import figures, lots, over
from test_jobs_killed import GIVE_UP, desk_of, done, kill_at_work  # noqa: F401
from test_server_killed import PASSWORD
from test_transfer_there_and_back import populated
from walks_transfer import Other, a_dissolution

from admin_app import create_app
from admin_app.config import Config
from cast import KEY
from desk import PASSWORD as OURS
from desk import Desk
from models.base import database
from models.dissolving import Dissolution
from models.hours import Entry
from models.jobs import Job
from models.people import Account, set_password
from models.scope import SYSTEM
from models.transfer import Arrival, Departure
from models.transfer_in import Arriver
from models.verifying import verify
from models.volunteers import Claim, Volunteer

MANY = 1200
KILLS = 3


def until(holds: Callable[[], bool]) -> None:
    """Wait for it, looking as often as another program lets us."""
    ends = time.monotonic() + GIVE_UP
    while True:
        with database.connection_context():
            if holds():
                return
        assert time.monotonic() < ends, "it never came to that"
        time.sleep(0.005)


@pytest.mark.slow
def test_killed_again_and_again_a_dissolution_goes_on_and_everybody_is_moved_exactly_once(cast, safe, sqlite_url, desk_of):  # noqa: F811
    populated(SimpleNamespace(open=nullcontext, cast=cast), MANY)
    over(cast)
    key = Dissolution.move(a_dissolution(cast)[1], "start", cast.province).id
    before, kept = figures(), lots()
    set_password(Account.get(Account.username == "province"), PASSWORD, SYSTEM)
    desk = desk_of(sqlite_url)
    desk.post("/login", desk.token("/login"), username="province", password=PASSWORD)
    desk.post("/admin/dissolutions/carry/", desk.token("/admin/"), id=key)
    seen = []
    for _ in range(KILLS):
        last = seen[-1] if seen else 0
        until(lambda last=last: Dissolution.get_by_id(key).moved > last)
        desk.kill()
        with database.connection_context():
            half = Dissolution.get_by_id(key)
            seen.append(half.moved)
            went = Volunteer.select().where(Volunteer.station == cast.b.id).count()
            assert (half.state, half.moved) == ("moving", went) and went % 100 == 0 and verify() == []
            assert Claim.select().where(Claim.state == "agreed").count() == went
            assert figures() == before and lots() == kept
        desk.start()
    assert 0 < seen[0] < seen[-1] < MANY
    job = done("dissolve")
    assert (job.state, job.message) == ("done", "")
    with database.connection_context():
        row = Dissolution.get_by_id(key)
        assert (row.state, row.moved, Job.select().count()) == ("done", MANY, 1)
        claims = [one for (one,) in Claim.select(Claim.volunteer).where(Claim.state == "agreed").tuples()]
        assert len(claims) == len(set(claims)) == MANY
        assert not Volunteer.select().where(Volunteer.station == cast.a.id).exists()
        moves = [one for (one,) in Entry.select(Entry.key).where(Entry.kind == "transfer").tuples()]
        assert len(moves) == len(set(moves)) and figures() == before and lots() == kept and verify() == []
    database.connect()


def asked(cast, sqlite_url, tmp_path, path: str, text: str, name: str) -> None:
    """The recorder sends a file; the served program takes the job up when it starts."""
    app = create_app(Config(tmp_path / "instance", sqlite_url, "a secret for tests", KEY, None, False))
    database.connect(reuse_if_open=True)
    set_password(Account.get(Account.username == "recorder"), OURS, SYSTEM)  # as it was before it was served
    app.extensions["run_job"] = lambda key: None
    window = Desk(app).signed_in_as(cast.recorder)
    window.get(path)
    window.post(path, file=(BytesIO(text.encode()), name))
    assert Job.select().where(Job.state == "waiting").exists()


@pytest.mark.slow
def test_killed_while_it_reads_a_package_nothing_of_it_is_there_and_read_again_it_is(cast, safe, sqlite_url, desk_of, tmp_path):  # noqa: F811
    (tmp_path / "instance").mkdir()
    package = Other(cast).package(MANY)
    asked(cast, sqlite_url, tmp_path, "/admin/arrivals/read/", package, "package.svst")
    desk = desk_of(sqlite_url)
    key = kill_at_work(desk, "transfer_read")
    with database.connection_context():
        assert not Arrival.select().exists() and not Arriver.select().exists()
    assert not (tmp_path / "instance" / "jobs" / str(key)).exists()
    desk.kill()
    database.connect()
    asked(cast, sqlite_url, tmp_path, "/admin/arrivals/read/", package, "package.svst")
    database.close()
    desk.start()
    assert done("transfer_read").state == "done"
    database.connect(reuse_if_open=True)
    assert Arriver.select().count() == MANY == Arrival.get().people


@pytest.mark.slow
def test_killed_while_it_takes_a_receipt_everybody_is_still_on_the_way_and_asked_again_all_are_gone(
    cast, safe, sqlite_url, desk_of, tmp_path  # noqa: F811
):
    (tmp_path / "instance").mkdir()
    populated(SimpleNamespace(open=nullcontext, cast=cast), MANY)
    other = Other(cast)
    row = Departure.enter(cast.recorder, whole_station=True, peer=other.peer.id, reason="工作站撤销")
    row = Departure.move(row.id, "pack", cast.head)
    answer = other.answer(row)
    asked(cast, sqlite_url, tmp_path, "/admin/departures/receipt/", answer, "receipt.svsr")
    desk = desk_of(sqlite_url)
    kill_at_work(desk, "transfer_receipt")
    with database.connection_context():
        left = Departure.get_by_id(row.id)
        assert (left.state, left.answer) == ("flying", "") and verify() == []
        assert Volunteer.select().where(Volunteer.state == "leaving").count() == MANY
    desk.kill()
    database.connect()
    asked(cast, sqlite_url, tmp_path, "/admin/departures/receipt/", answer, "receipt.svsr")
    database.close()
    desk.start()
    assert done("transfer_receipt").state == "done"
    database.connect(reuse_if_open=True)
    assert Departure.get_by_id(row.id).state == "closed" and verify() == []
    assert Volunteer.select().where(Volunteer.state == "moved").count() == MANY
