"""Readers and writers on the public site of the embedded default (SQLite, `admin_app.server`), and the back office meanwhile.

    python tests/bench/bench_public.py [--seconds 120] [--readers 200] [--writers 20]

A server of its own on a fresh demo; rate limits stay on as shipped, so everybody has an address of her own. A reader opens
a page, takes what it loads, keeps what she may keep, thinks 3 to 8 seconds and goes on by a link or a filter of the page
that she sees; a writer thinks 2 to 6 seconds a step. What is asserted does not depend on the machine: no exception, no
answer but the expected one, nothing in the server's log, every kind of page looked at. Times are ratios to the same page
asked for when nobody else asks, by somebody who keeps nothing.
"""

import argparse
import html
import json
import os
import random
import re
import secrets
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench_start import GIVE_UP, _answers, _free_port
from browsing import Book, Browser, Wrong, _words, form, links, must, send

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT)]
PASSWORD = "demo-pass-2026x"
READS, WRITES = (3.0, 8.0), (2.0, 6.0)  # seconds that a reader, and a writer, thinks
DESK_PAUSE = 1.0  # seconds between two pages of the back office
IDLE_RUNS = 5
KIOSKS = 5
GOAL = 2.0  # times its idle time that the back office may take under load
BACK_OFFICE = ("/admin/", "/admin/records/", "/admin/volunteers/")
UNKNOWN = "no-such-code-0"
FILTERS = ("county", "category", "weekday", "part", "skill")
# Every kind of page that somebody must have seen by the end; `kind` says how an address becomes one.
PAGES = (
    "/", "/projects/", "/projects/?", "/projects/N", "/stations/", "/stations/?", "/stations/N", "/notices/", "/notices/N",
    "/stories/", "/stories/N", "/policy/", "/figures/", "/verify/", "/verify/CODE",
)  # fmt: skip
STEPS = (
    "POST /apply/check", "POST /notices/N/object", "POST /me/projects/N", "POST /me/applications/withdraw", "POST /kiosk/presses",
)  # fmt: skip

_residents = count(1)
_stop = threading.Event()


class Stopped(Exception):
    """The time is over."""


# --- the station ---


def prepare() -> None:
    """In a process of its own: the demo, volunteers who can sign in, an activity that goes on now with its kiosks' codes."""
    from admin_app import create_app
    from fixtures import demo
    from models import clock, kiosks, people
    from models.activities import Activity
    from models.assignments import Assignment, midnight
    from models.base import database
    from models.certificates import Certificate
    from models.people import Account
    from models.projects import Project
    from models.refusals import Refusal
    from models.rosters import assign
    from models.scope import SYSTEM
    from models.volunteers import Volunteer

    create_app()
    with database.connection_context():
        demo.load(PASSWORD)
        recorder, head = (Account.get(Account.username == name).actor() for name in ("recorder", "head"))
        known = Volunteer.select().where(Volunteer.station == head.station_id, Volunteer.state == "registered")
        grown = [row for row in known.order_by(Volunteer.id) if row.age() >= 18]
        cards = []
        for row in grown[:10]:
            account = people.open_for(row.id, head)
            people.set_password(account, PASSWORD, SYSTEM)
            cards.append(account.username)
        today = clock.today()
        runs = (Project.station == head.station_id) & (Project.state == "published") & (Project.ends_on >= today)
        project = Project.select().where(runs, Project.starts_on <= today, Project.recruiting == "open").first()
        with clock.past(midnight(today)):
            activity = Activity.enter(
                recorder, project=project.id, name="全天值守", day=today, place="社区活动室", lead="值守人", social_worker="社工",
                starts_at=datetime.min.time(), ends_at=datetime.max.time().replace(second=0, microsecond=0),
            )  # fmt: skip
            # Those who apply are not those who serve: neither keeps the other from anything.
            turns = []
            for row in grown[10:]:
                with suppress(Refusal):  # she serves enough this week, or elsewhere then
                    turns += assign(activity.id, [row.id], recorder, ends_at=midnight(today) + timedelta(minutes=30))
        whole_day = {"starts_at": midnight(today), "ends_at": midnight(today + timedelta(days=1))}
        Assignment.update(**whole_day).where(Assignment.id.in_([turn.id for turn in turns])).execute()
        print(json.dumps({
            "cards": cards, "present": [turn.volunteer.card_no for turn in turns],
            "codes": [kiosks.offer(activity.id, recorder)[1] for _ in range(KIOSKS)],
            "certificates": [row.code for row in Certificate.select().where(Certificate.code.is_null(False))],
        }))  # fmt: skip


@contextmanager
def served() -> Iterator[tuple[int, dict[str, Any], Path]]:
    """The port of a server on such a station, what was prepared, and the server's log."""
    with tempfile.TemporaryDirectory() as folder:
        port, log = _free_port(), Path(folder) / "server.log"
        said = os.environ | {
            "INSTANCE": folder, "PORT": str(port), "DATABASE_URL": f"sqlite:///{folder}/station.db",
            "DEMO_PASSWORD": PASSWORD, "TRUSTED_PROXY": "127.0.0.1",
        }  # fmt: skip
        made = subprocess.run(
            [sys.executable, __file__, "--prepare"], cwd=ROOT, env=said, check=True, stdout=subprocess.PIPE, text=True
        )
        with log.open("wb") as out:
            server = subprocess.Popen([sys.executable, "-m", "admin_app.server"], cwd=ROOT, env=said, stdout=out, stderr=out)
            try:
                begun = time.monotonic()
                while not _answers(port, "/healthz"):
                    assert server.poll() is None and time.monotonic() - begun < GIVE_UP, log.read_text()
                    time.sleep(0.1)
                yield port, json.loads(made.stdout.splitlines()[-1]), log
            finally:
                server.terminate()
                server.wait(30)


Think = Callable[[], None]


def pause(between: tuple[float, float]) -> Think:
    """Wait as somebody who thinks does. Raises `Stopped` when the time is over."""

    def _think() -> None:
        if _stop.wait(random.uniform(*between)):
            raise Stopped

    return _think


def at_once() -> None:
    """Does not think."""


# --- readers ---


def read(browser: Browser, think: Think, codes: list[str], first: int = 0) -> None:
    """Go about the public site once, beginning with a page of its navigation; ``first`` turns the order."""
    front = browser.get("/")
    ways = [path for path in links(front, r"/[a-z]*/") if path in PAGES]
    ways = ways[first % len(ways) :] + ways[: first % len(ways)]
    for way in ways:
        think()
        page = browser.get(way)
        if way == "/verify/":
            for code, expected in ((random.choice(codes), 200), (UNKNOWN, 404)):
                think()
                browser.get(f"{way}?{urlencode({'code': code})}", (expected,))
        for step in _on(way, page):
            think()
            page = browser.get(step)
            if further := links(page, rf"{way}\d+"):  # of a list that was narrowed
                think()
                browser.get(random.choice(further))


def _on(way: str, page: str) -> list[str]:
    """Where the page of a list leads: to one of its rows, and to a part of itself."""
    found = []
    if rows := links(page, rf"{way}\d+"):
        found.append(random.choice(rows))
    if narrower := links(page, rf"{re.escape(way)}\?.+"):
        found.append(random.choice(narrower))
    name = random.choice(FILTERS)
    box = re.search(rf'<select[^>]*name="{name}"[^>]*>(.*?)</select>', page, re.S)
    if way == "/projects/" and box and (values := re.findall(r'value="([^"]+)"', box[1])):
        found.append(f"{way}?{urlencode({name: random.choice(values)})}")
    return found


# --- writers ---


def applies(new: Callable[[], Browser], think: Think) -> None:
    """A resident who applies, to the number."""
    browser, n = new(), next(_residents)
    try:
        page = browser.get("/apply/")
        while not (stations := re.findall(r'name="station" value="(\d+)"', page)):
            think()
            page = browser.get(random.choice(links(page, r"/apply/\?division=.+")))
        think()
        page = send(browser, page, "/apply/", station=random.choice(stations))
        born = date(1960, 1, 1) + timedelta(days=n)
        for step, typed in (
            ("who", {"name": "试报名", "document_type": "resident_id", "document_number": _number("530102", born)}),
            ("contact", {"phone": f"139{n:08d}"}),
            ("service", {"service_times": ["01", "05"]}),
        ):
            think()
            page = must(send(browser, page, f"/apply/{step}", **typed, go="next"), 'class="apply"')
        think()
        agreed = re.search(r'name="agreed" value="([^"]+)"', page)
        page = send(browser, page, "/apply/consent", agreed=html.unescape(agreed[1]) if agreed else "", go="next")
        think()
        page = must(send(browser, page, "/apply/check", go="next"), 'class="card receipt"')
        think()
        send(browser, page, "/apply/done")
    finally:
        browser.close()


def _number(area: str, born: date) -> str:
    from rules.identity import make_resident_id

    return make_resident_id(area, born, 900)


def objects(new: Callable[[], Browser], think: Think) -> None:
    """A resident who objects to a line of a notice."""
    browser = new()
    try:
        notices = links(browser.get("/notices/"), r"/notices/\d+")
        think()
        lines = links(browser.get(random.choice(notices)), r"/notices/\d+/object\?line=\d+")
        think()
        line = random.choice(lines)
        page = browser.get(line)
        think()
        at, number = line.split("?line=")
        must(send(browser, page, at, record=number, reason="那天下午活动室没有开门。", said_by="", contact=""), 'class="receipt"')
        think()
    finally:
        browser.close()


def sign_in(browser: Browser, username: str) -> str:
    """In at the door; the page that she comes to."""
    page = browser.get("/login")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    page = browser.post("/login", {"csrf_token": token[1] if token else "", "username": username, "password": PASSWORD})
    if 'name="password"' in page:
        raise Wrong(f"{username} cannot sign in: {_words(page)[:200]}")
    return page


def volunteers(browser: Browser, think: Think) -> None:
    """A volunteer, signed in, who applies for a post that is open to her, and withdraws."""
    offered = links(browser.get("/me/projects"), r"/me/projects/\d+")
    random.shuffle(offered)
    for project in offered:
        think()
        page = browser.get(project)
        try:
            form(page, project)
        except Wrong:  # nothing there for her, or her own already
            continue
        think()
        page = must(send(browser, page, project, note="周末有空"), "/me/applications/withdraw")
        mine = [one for one in page.split("<article")[1:] if f'href="{project}"' in one and "applications/withdraw" in one]
        think()
        send(browser, must(mine[0] if mine else "", "withdraw"), "/me/applications/withdraw", reason="临时有事")
        return
    raise Wrong(f"no post is open to her among {len(offered)} projects")


def presses(browser: Browser, think: Think, cards: list[str]) -> None:
    """A kiosk, opened, that sends the presses of whoever comes and goes; each is answered as taken."""
    for card in cards:
        for into in (True, False):
            now = int(time.time() * 1000)
            said = {"now": now, "presses": [{"key": secrets.token_hex(16), "card": card, "into": into, "at": now, "off": 0}]}
            headers = {"Content-Type": "application/json", "X-Kiosk": "1"}
            status, _, text = browser.ask("POST", "/kiosk/presses", json.dumps(said).encode(), headers)
            if status != 200 or json.loads(text)["answers"][0]["answer"] not in ("taken", "already"):
                raise Wrong(f"a press: {status} {text[:300]}")
            think()


def open_kiosk(browser: Browser, code: str) -> None:
    """Type its code on the device."""
    must(send(browser, browser.get("/kiosk/"), "/kiosk/open", code=code), "kiosk")


# --- the back office ---


def desk(browser: Browser, think: Think, pages: list[str]) -> None:
    """The head looks at each of her pages."""
    for page in pages:
        browser.get(page)
        think()


def office(port: int) -> None:
    """In a process of its own, as the head has a computer of her own: what it waits for is the server, not two hundred
    others who read their answers. Until nobody holds its input any more; then how long each page took."""
    book = Book()
    browser = Browser(port, book, "desk")
    pages = of_the_desk(browser)
    threading.Thread(target=lambda: (sys.stdin.read(), _stop.set()), daemon=True).start()
    with suppress(Stopped):
        while True:
            desk(browser, pause((DESK_PAUSE, DESK_PAUSE)), pages)
    print(json.dumps(book.of("desk")))


@contextmanager
def at_work(port: int, book: Book) -> Iterator[None]:
    """The head works meanwhile; what she waited for goes into the book."""
    asked = [sys.executable, __file__, "--office", str(port)]
    head = subprocess.Popen(asked, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield
    finally:
        said, _ = head.communicate(timeout=GIVE_UP)
    if head.returncode:
        book.errors.append("the head could not go on")
        return
    for what, some in json.loads(said).items():
        for took in some:
            book.note("desk", what, 200, took, 0)


def of_the_desk(browser: Browser) -> list[str]:
    """Her pages, and one volunteer's own."""
    sign_in(browser, "head")
    page = browser.get("/admin/volunteers/")
    return [*BACK_OFFICE, links(page, r"/admin/volunteers/details/\?.*id=\d+.*")[0]]


# --- the run ---


def keep_on(book: Book, work: Callable[[], None]) -> threading.Thread:
    """Do this again and again until the time is over; whatever goes wrong is an error, and she begins anew."""

    def _run() -> None:
        try:
            pause((0.0, READS[1] if not _stop.is_set() else 0.0))()  # nobody comes at the same moment
            while True:
                try:
                    work()
                except Stopped:
                    return
                except Exception:
                    with book.lock:
                        book.errors.append(traceback.format_exc(limit=-3))
                    pause(WRITES)()
        except Stopped:
            return

    thread = threading.Thread(target=_run, daemon=True)
    thread.start()
    return thread


def load(port: int, made: dict[str, Any], book: Book, seconds: float, people: tuple[int, int]) -> None:
    """All of them at once, for so many seconds."""
    readers, writers = people

    def new(who: str) -> Browser:
        return Browser(port, book, who)

    think, types = pause(READS), pause(WRITES)
    work: list[Callable[[], None]] = []
    for n in range(readers):
        browser, turn = new("reader"), count(n)
        work.append(lambda browser=browser, turn=turn: read(browser, think, made["certificates"], next(turn)))
    for n in range(writers):
        match n % 10:
            case 0 | 4 | 5 | 8:
                work.append(lambda: applies(lambda: new("writer"), types))
            case 1 | 6:
                work.append(lambda: objects(lambda: new("writer"), types))
            case 2 | 7 | 9:
                browser = new("writer")
                sign_in(browser, made["cards"][(1 + n // 10 * 3 + (2, 7, 9).index(n % 10)) % len(made["cards"])])
                work.append(lambda browser=browser: volunteers(browser, types))
            case _:
                browser = new("writer")
                open_kiosk(browser, made["codes"].pop())
                work.append(lambda browser=browser: presses(browser, types, made["present"]))
    threads = [keep_on(book, one) for one in work]
    with at_work(port, book):
        time.sleep(seconds)
    _stop.set()
    for thread in threads:
        thread.join(GIVE_UP)
        if thread.is_alive():
            book.errors.append("somebody still waits for an answer")


def look_idle(port: int, made: dict[str, Any], book: Book) -> None:
    """Everything once and more, by one person alone."""
    with at_work(port, book):
        time.sleep(IDLE_RUNS * (len(BACK_OFFICE) + 1) * DESK_PAUSE)  # as far apart as under load
    for _ in range(IDLE_RUNS):
        reader = Browser(port, book, "reader", keeps=False)
        read(reader, at_once, made["certificates"])
        reader.close()
    volunteer, kiosk = Browser(port, book, "writer"), Browser(port, book, "writer")
    sign_in(volunteer, made["cards"][0])
    open_kiosk(kiosk, made["codes"].pop())
    for _ in range(IDLE_RUNS):
        applies(lambda: Browser(port, book, "writer", keeps=False), at_once)
        objects(lambda: Browser(port, book, "writer", keeps=False), at_once)
        volunteers(volunteer, at_once)
    presses(kiosk, at_once, made["present"][:3])
    for browser in (volunteer, kiosk):
        browser.close()


def ratios(under: dict[str, list[float]], idle: dict[str, list[float]]) -> list[float]:
    """Each answer's time by the idle median of its kind of page; what nobody asked for idle has none."""
    usual = {what: statistics.median(some) for what, some in idle.items()}
    return sorted(took / usual[what] for what, some in under.items() if what in usual for took in some)


def report(book: Book, idle: Book, seconds: float) -> None:
    """The figures, a line each."""
    asked = sum(book.statuses.values())
    print(f"{asked} requests in {seconds:.0f} s, {len(book.errors)} errors; {book.statuses[304]} answered 304, "
          f"{book.cached} pages out of the reader's own cache; by status {dict(sorted(book.statuses.items()))}")  # fmt: skip
    whole = [size for what in PAGES for size in book.bytes.get(what, [])]
    if whole:
        print(f"bytes of a public page as it travels: median {statistics.median(whole):.0f}, largest {max(whole)}; "
              f"style, icon and scripts once {sum(set(book.bytes['static']))}")  # fmt: skip
    for who, name in (("reader", "readers"), ("writer", "writers")):
        found = ratios(book.of(who), idle.of(who))
        if found:
            print(f"{name}, as a ratio to the same page idle: median {statistics.median(found):.2f}, "
                  f"95th percentile {found[int(len(found) * 0.95)]:.2f} ({len(found)} answers)")  # fmt: skip
            usual = {what: statistics.median(some) for what, some in idle.of(who).items()}
            slow = sorted(usual.items(), key=lambda one: -one[1])[:6]
            light = statistics.median(usual.values())
            print("  dearest idle, by the median page: " + ", ".join(f"{what} {took / light:.1f}" for what, took in slow))
    at_rest, loaded = idle.of("desk"), book.of("desk")
    each = {what: statistics.median(loaded[what]) / statistics.median(some) for what, some in at_rest.items() if what in loaded and what.startswith("/admin")}
    if each:
        print("back office under load by idle, medians: " + ", ".join(f"{what} {ratio:.2f}" for what, ratio in each.items()))
        whole_office = statistics.median(ratios({what: loaded[what] for what in each}, at_rest))
        print(f"back office over all: {whole_office:.2f}; within {GOAL:.0f} times its idle time: "
              f"{'yes' if max(each.values()) <= GOAL else 'NO'}")  # fmt: skip


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--prepare", action="store_true")
    asked.add_argument("--office", type=int)
    asked.add_argument("--seconds", type=float, default=120)
    asked.add_argument("--readers", type=int, default=200)
    asked.add_argument("--writers", type=int, default=20)
    said, _ = asked.parse_known_args()  # `make bench` hands the same words to every bench
    if said.prepare:
        prepare()
        return
    if said.office:
        office(said.office)
        return
    print(f"load average before {os.getloadavg()[0]:.2f}; {os.cpu_count()} cores, shared by server and readers", flush=True)
    with served() as (port, made, log):
        idle, book = Book(), Book()
        look_idle(port, made, idle)
        load(port, made, book, said.seconds, (said.readers, said.writers))
        told = log.read_text(errors="replace")
    report(book, idle, said.seconds)
    print(f"load average after {os.getloadavg()[0]:.2f}")
    missing = [what for what in (*PAGES, *STEPS) if what not in idle.seen | book.seen]
    faults = [line for line in told.splitlines() if re.search(r"Traceback|Error|ERROR|locked", line)]
    queue = told.count("Task queue depth")
    print(f"looked at {len(PAGES) + len(STEPS) - len(missing)} of {len(PAGES) + len(STEPS)} kinds; "
          f"requests that waited for a thread: {queue}; errors: {len(book.errors)}")  # fmt: skip
    for error in [*book.errors[:5], *faults[:5], *(f"never looked at: {what}" for what in missing)]:
        print(error, file=sys.stderr)
    if book.errors or faults or missing:
        sys.exit(1)


if __name__ == "__main__":
    main()
