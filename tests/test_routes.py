"""Every address, called as every role and as nobody, from inside and from outside, and compared with the access table.

How each is called stands in `calls.py`. A call is undone once it is answered, so their order means nothing.
"""

import html
import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from calls import BY_TOKEN, KEY, Call, of_all, of_strangers
from conftest import _application, _fresh
from flask import Flask
from ground import Ground, Model, lay
from werkzeug.routing import Rule

from desk import Desk
from models.base import database
from models.scope import Actor, within
from rules.access import TABLE, Role, may
from views import gate
from views.gate import right, right_of

MISSING = 987_654_321  # a key that no row has
INSIDE = ["recorder", "head", "county", "prefecture", "province", "auditor", "admin", "volunteer", "nobody"]
OUTSIDE = ["recorder_b", "head_b", "next_county", "next_auditor", "next_admin", "next_volunteer"]
LINKS = re.compile(r'href="(/[^"#]*)')
# What looking may write: that somebody looked, and that her session is in use; the secret of a code that is being set up.
KEPT_BOOKS = {"trail", "trail_head", "trail_key", "session"}
BEGUN = {"account_code": {"second_factor"}, "messages.details_view": {"message"}}
WRITES = re.compile(r'\s*(?:INSERT(?: OR \w+)? INTO|UPDATE(?: OR \w+)?|DELETE FROM|REPLACE INTO)\s+"?(\w+)', re.I)
# What differs between two answers that say the same: tokens, keys of requests, the number of a fault.
PASSING = re.compile(r'(csrf[-_]token" (?:content|value)="|nonce="|name="key" value="|name="once" value=")[^"]+|\b[0-9a-f]{8}\b')


@pytest.fixture(scope="session")
def laid(tmp_path_factory) -> tuple[Path, Ground]:
    """The database with everything in it, made once a worker; each test gets a copy."""
    from cast import settle

    path = tmp_path_factory.mktemp("ground") / "station.db"
    opened = _fresh(f"sqlite:///{path}")
    next(opened)
    ground = lay(settle())
    next(opened, None)
    return path, ground


@pytest.fixture
def ground(laid) -> Ground:
    return laid[1]


@pytest.fixture
def app(laid, tmp_path, quick_passwords) -> Iterator[Flask]:
    path, ground = laid
    url = f"sqlite:///{tmp_path / 'station.db'}"
    shutil.copy(path, tmp_path / "station.db")
    opened = _fresh(url)
    next(opened)
    ground.put_files(tmp_path / "jobs")
    yield _application(url, tmp_path, KEEP_CONNECTION=True, TESTING=False)
    next(opened, None)


@dataclass
class Answer:
    status: int
    goes: str
    body: str
    said: list[Any]
    wrote: set[str]

    @property
    def sends_to_sign_in(self) -> bool:
        return self.goes.startswith("/login")


class Window:
    """A browser of somebody's in which every request is the first: what it did is undone."""

    def __init__(self, app: Flask, who: Actor | None) -> None:
        self.app = app
        desk = Desk(app)
        desk = desk.get("/login") if who is None else desk.signed_in_as(who)
        self.token = desk.token()
        self.cookie = desk.client.get_cookie("station").value
        self.links: dict[tuple[str, tuple[str, ...]], str] = {}  # one of each address and the names that it is given
        self.shown: set[str] = set()  # of these words, those that some page showed
        self.marks: tuple[str, ...] = ()

    def ask(self, call: Call, key: Any = None) -> Answer:
        path, form = call.about(call.key if key is None else key)
        client = self.app.test_client()
        client.set_cookie("station", self.cookie)
        sent: list[str] = []
        with database.atomic() as undone:
            database.connection().set_trace_callback(sent.append)
            given = client.open(path, method=call.method, data=form | {"csrf_token": self.token} if call.method == "POST" else None)
            database.connection().set_trace_callback(None)
            body = given.get_data()
            said = []
            if given.status_code in (302, 303):
                with client.session_transaction() as session:
                    said = session.get("_flashes", [])
            undone.rollback()
        text = PASSING.sub(r"\1", body.decode()) if given.mimetype.startswith(("text/", "application/json")) else ""
        self.shown |= {mark for mark in self.marks if mark in text}
        if given.status_code == 200 and call.method == "GET":
            self._keep(LINKS.findall(text))
        wrote = {found[1] for one in sent if (found := WRITES.match(one))}
        return Answer(given.status_code, given.headers.get("Location", ""), text, said, wrote)

    def _keep(self, links: list[str]) -> None:
        matcher = self.app.url_map.bind("localhost")
        for link in map(html.unescape, links):
            parts = urlsplit(link)
            endpoint, _ = matcher.match(parts.path)
            self.links.setdefault((endpoint, tuple(sorted(dict(parse_qsl(parts.query))))), link)


def knows(model: Model, key: Any, who: Actor) -> bool:
    """Whether the row lies inside this person's division."""
    return bool(model.select().where(model._meta.primary_key == key, within(model, who)).exists())


def allowed(call: Call, who: Actor | None) -> bool:
    role = Role.ANYONE if who is None else who.role
    return all(may(role, action, resource) for action, resource in call.rights)


def judged(window: Window, call: Call, who: Actor | None) -> tuple[str, list[str]]:
    """What came of a call (for the figures), and what is wrong with it."""
    wrong = []
    answer = window.ask(call)
    if call.method == "GET" and (written := answer.wrote - KEPT_BOOKS - BEGUN.get(call.endpoint, set())):
        wrong.append(f"a GET wrote {written}")
    if answer.status >= 500:
        wrong.append(f"{answer.status}")
    if not allowed(call, who):
        if who is None or _at_home(call, who):
            kept_out = answer.sends_to_sign_in if who is None else answer.goes == "/me/"
        else:
            kept_out = answer.status == 403
        if not kept_out:
            wrong.append(f"refused by the table, answered {answer.status} {answer.goes}")
        return "refused", wrong
    if call.endpoint in BY_TOKEN:  # whatever session is shown, it opens nothing there
        return "allowed", wrong if answer.status in (400, 401, 422) else [*wrong, f"answered {answer.status} without a token"]
    if call.model is None or (who is not None and knows(call.model, call.key, who)):
        if answer.status not in (200, 302, 303, 307) or (answer.sends_to_sign_in and call.endpoint not in ("logout", "login_step", "me_out")):
            wrong.append(f"allowed by the table, answered {answer.status} {answer.goes}")
        return "allowed", wrong
    wrong += differs(window, call, answer)
    return "strangers", wrong


def _at_home(call: Call, who: Actor) -> bool:
    """A volunteer at the first page of the back office, which pages for everybody lead back to: she is sent to her own."""
    return call.endpoint == "admin.index" and who.role == Role.VOLUNTEER


def differs(window: Window, call: Call, strange: Answer) -> list[str]:
    """How the answer about a stranger's row differs from that about no row at all."""
    missing = window.ask(call, MISSING)
    swap = lambda text: str(text).replace(str(MISSING), str(call.key))  # noqa: E731
    pairs = {
        "status": (strange.status, missing.status), "address": (strange.goes, swap(missing.goes)),
        "page": (strange.body, swap(missing.body)), "message": (str(strange.said), swap(missing.said)),
        "writing": (strange.wrote - KEPT_BOOKS, missing.wrote - KEPT_BOOKS),
    }  # fmt: skip
    return [f"a stranger's {what} differs: {a!r:.300} / {b!r:.300}" for what, (a, b) in pairs.items() if a != b]


@pytest.mark.parametrize("name", INSIDE + OUTSIDE)
def test_every_address_answers_everybody_as_the_access_table_says(app, ground, name):
    who = ground.people[name]
    window, tally, wrong = Window(app, who), Counter(), []
    window.marks = ground.marks
    for call in of_all(app, ground, who):
        came_of, faults = judged(window, call, who)
        tally[came_of] += 1
        wrong += [f"{call}: {fault}" for fault in faults]
    assert not wrong, f"{len(wrong)} of {sum(tally.values())}\n" + "\n".join(wrong)
    assert sum(tally.values()) > 500 and tally["refused"] > 80, tally
    assert bool(window.shown) == (name in INSIDE and name != "nobody"), window.shown
    dead = [link for link in list(window.links.values()) if window.ask(Call("", "GET", link, ())).status >= 400]
    assert not dead, f"offered to {name} and refused: {dead}"


@pytest.mark.parametrize("name", ["head", "recorder_b", "head_b", "next_county", "next_auditor", "next_admin"])
def test_a_strangers_row_named_beside_ones_own_is_answered_as_one_that_does_not_exist(app, ground, name):
    """In a filter, in the address of a new form, in a posted form, and wherever a page takes a second row."""
    who = ground.people[name]
    window, tally, wrong = Window(app, who), Counter(), []
    window.marks = ground.marks
    for call in of_strangers(app, ground):
        if allowed(call, who):
            answer = window.ask(call)
            known = knows(call.model, call.key, who)
            tally["known" if known else "strangers"] += 1
            faults = [f"{answer.status}"] if answer.status >= 500 else []
            if not known:
                faults += differs(window, call, answer)
            wrong += [f"{call}: {fault}" for fault in faults]
    assert not wrong, f"{len(wrong)} of {sum(tally.values())}\n" + "\n".join(wrong)
    assert bool(window.shown) == (name == "head"), window.shown
    assert tally["known" if name == "head" else "strangers"] > (40 if who.station_id else 1), tally


def test_a_picker_answers_with_rows_of_the_persons_own_division_alone(app, ground):
    found = 0
    for name in ("recorder", "county", "auditor", "admin", "head_b", "next_county"):
        who = ground.people[name]
        window = Window(app, who)
        for call in of_all(app, ground, who):
            if call.picks is not None and allowed(call, who):
                rows = json.loads(window.ask(call).body)
                found += len(rows)
                for row in rows:
                    assert knows(call.picks, row["id"], who), (name, str(call), row)
    assert found > 300


def test_what_nobody_published_is_answered_as_what_does_not_exist(app, ground):
    window = Window(app, None)
    for path, what in (("/notices/", "notice"), ("/stories/", "story"), ("/spot-checks/", "spot_check")):
        site = (("see", "site"),)
        assert window.ask(Call("", "GET", path + str(ground.shown[what]), site)).status == 200
        hidden = Call("", "GET", path + KEY, site, key=ground.hidden[what])
        answer = window.ask(hidden)
        assert answer.status == 404 and not differs(window, hidden, answer), what


def test_every_address_is_called_in_every_way_that_it_takes(app, ground):
    called = {(call.endpoint, call.method) for call in of_all(app, ground, ground.people["head"])}
    known = {(rule.endpoint, m) for rule in app.url_map.iter_rules() for m in rule.methods & {"GET", "POST"}}
    assert called == known and len(known) >= len({e for e, _ in known}) == len(list(app.url_map.iter_rules())) > 350


def test_every_right_of_the_table_is_taken_by_some_address_or_asked_for_by_name(app, ground):
    """A right that nothing takes is a promise that nothing keeps, or a wall without a door in it."""
    taken = {right for call in of_all(app, ground, ground.people["head"]) for right in call.rights}
    untaken = {(resource, action) for resource, actions in TABLE.items() for action in actions} - {
        (resource, action) for action, resource in taken
    }
    assert untaken == NO_ADDRESS


# Rights that the data layer alone asks for: records are changed on their sheet's page, a sheet and a press by a script, a
# kiosk is shown on its activity's page, and a child's numbers are revealed at the address of everybody's.
NO_ADDRESS = {
    ("records", "amend"), ("sheets", "amend"), ("punches", "amend"), ("kiosks", "see"), ("volunteers", "reveal_child"),
}  # fmt: skip


def test_whoever_may_do_something_on_a_screen_may_open_the_screen(app):
    """Flask-Admin asks for the sight of a screen before any of its pages."""
    looked = 0
    for endpoint, view in app.view_functions.items():
        screen = getattr(view, "__self__", None)
        wanted = right_of(app, endpoint)
        if getattr(screen, "resource", "") not in TABLE or not isinstance(wanted.action, str):
            continue
        looked += 1
        for role in Role:
            if may(role, wanted.action, wanted.resource):
                assert may(role, "see", screen.resource), (endpoint, role)
    assert looked > 250


def test_an_address_that_says_nothing_or_something_unknown_keeps_the_program_from_starting(app):
    def silent():
        return "open"

    @right("look", "volunteers")
    def mistyped():
        return "open"

    for view, said in ((silent, "does not say which right"), (mistyped, "does not know «look»")):
        app.view_functions["late"] = view
        with pytest.raises(TypeError, match=said):
            gate.init(app)
    # One that was added past the gate does not open either.
    app.view_functions["late"] = silent
    app.url_map.add(Rule("/late", endpoint="late"))
    assert app.test_client().get("/late").status_code == 500
    app.view_functions["late"] = right("see", "site")(silent)
    assert app.test_client().get("/late").data == b"open"


def test_figures(app, ground):
    """``pytest tests/test_routes.py -k figures -s`` prints what is tried."""
    tally: Counter[str] = Counter()
    for who in ground.people.values():
        for call in of_all(app, ground, who):
            mine = allowed(call, who)
            known = call.model is None or (who is not None and mine and knows(call.model, call.key, who))
            tally["refused" if not mine else "allowed" if known else "strangers' rows"] += 1
    beside = len(list(of_strangers(app, ground)))
    rights = sum(len(actions) for actions in TABLE.values())
    print(  # noqa: T201
        f"\n{len(list(app.url_map.iter_rules()))} addresses, {len(list(of_all(app, ground, ground.people['head'])))} calls "
        f"(each move, sealed column, picker, ledger and list of each screen), {rights} rights of {len(TABLE)} resources"
        f"\n{len(INSIDE)} people inside and {len(OUTSIDE)} outside: {sum(tally.values())} answers compared with the table: "
        + ", ".join(f"{count} {what}" for what, count in sorted(tally.items()))
        + f"\n{beside} ways to name a row beside one's own, tried by 6 people"
    )
    assert set(ground.people) == set(INSIDE) | set(OUTSIDE) and sum(tally.values()) > 10_000


def test_a_key_that_no_row_can_have_is_answered_without_a_fault(app, ground):
    who, wrong, looked = ground.people["head"], [], 0
    window = Window(app, who)
    for call in [*of_all(app, ground, who), *of_strangers(app, ground)]:
        if call.model is None or call.method != "GET" or not allowed(call, who):
            continue
        looked += 1
        for key in ("abc", "9" * 30):
            if (status := window.ask(call, key).status) not in (200, 302, 404):
                wrong.append(f"{call} {key}: {status}")
    assert not wrong, "\n".join(wrong)
    assert looked > 150
