"""Public pages in front of the program: what is shown again, to whom, for how long, and what never is."""

from dataclasses import dataclass, field

import pytest
from werkzeug.test import Client, create_environ

from admin_app.keeping import LONGEST, MOST, Keeping
from desk import PASSWORD, give_password
from models.stations import Station


@dataclass
class Front:
    """The program behind a `Keeping` whose clock a test moves; how often the program itself was asked."""

    app: object
    asked: list[str] = field(default_factory=list)
    now: float = 1000.0

    def __post_init__(self) -> None:
        self.keeping = Keeping(self._inner, lambda: self.now)

    def _inner(self, environ, start):
        self.asked.append(environ["PATH_INFO"])
        return self.app.wsgi_app(environ, start)

    def get(self, path: str, client: Client | None = None, **headers: str):
        return (client or Client(self.keeping, use_cookies=False)).get(path, headers=headers)


@pytest.fixture
def front(desk, cast) -> Front:
    return Front(desk.app)


def test_a_page_for_anyone_is_made_once_a_minute_and_says_how_old_it_is(front, cast):
    first = front.get("/stations/1")
    Station.update(opening="每天 9:00—17:00").where(Station.id == cast.a.id).execute()
    front.now += LONGEST - 1
    again = front.get("/stations/1")
    assert (first.status_code, again.data, len(front.asked)) == (200, first.data, 1)
    assert "Age" not in first.headers and again.headers["Age"] == str(LONGEST - 1)
    front.now += 1
    assert front.get("/stations/1").data != first.data and len(front.asked) == 2


def test_who_has_it_already_is_told_so_whether_it_is_kept_or_made(front):
    tag = front.get("/").headers["ETag"]
    for _ in range(2):
        same = front.get("/", If_None_Match=f'"other", W/{tag}')
        assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", tag)
        assert "Content-Length" not in same.headers and same.headers["Vary"]
        front.now += LONGEST
    assert front.get("/", If_None_Match='"other"').status_code == 200


def test_whoever_sends_a_cookie_is_given_a_page_of_her_own(front):
    front.get("/")
    front.get("/", Cookie="station=x")
    front.get("/", Authorization="Bearer x")
    assert front.asked == ["/"] * 3
    front.get("/projects/", Cookie="station=x")
    front.get("/projects/")
    assert front.asked.count("/projects/") == 2


def test_nothing_of_who_is_signed_in_is_shown_to_anybody_else(front, cast):
    hers = Client(front.keeping)
    page = hers.get("/login").text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    hers.post("/login", data={"csrf_token": token, "username": give_password(cast.head), "password": PASSWORD})
    assert "/logout" in hers.get("/admin/").text
    assert hers.get("/").status_code == 200
    assert 'href="/login"' in front.get("/").text
    assert front.get("/admin/").status_code == 302


@pytest.mark.parametrize("path", ["/stories/", "/verify/no-such-code", "/login", "/apply/", "/healthz", "/no-such-page"])
def test_what_must_be_asked_for_each_time_is_asked_for_each_time(front, path):
    answers = [front.get(path) for _ in range(2)]
    assert front.asked == [path] * 2 and len({answer.status_code for answer in answers}) == 1


def test_a_story_that_stands_still_need_not_travel_again(front):
    tag = front.get("/stories/").headers["ETag"]
    assert front.get("/stories/", If_None_Match=tag).status_code == 304
    assert front.asked == ["/stories/"] * 2


def test_how_it_travels_the_language_and_another_host_are_pages_of_their_own(front):
    assert front.get("/").headers.get("Content-Encoding") is None
    assert front.get("/", Accept_Encoding="br").headers["Content-Encoding"] == "br"
    assert front.get("/", Accept_Encoding="gzip").headers["Content-Encoding"] == "gzip"
    assert front.get("/", Host="elsewhere.example").status_code == 421
    assert front.get("/").status_code == 200


def test_a_post_is_never_answered_from_what_was_kept(front):
    front.get("/projects/")
    assert Client(front.keeping).post("/projects/").status_code == 405


def test_it_keeps_no_more_than_so_many_pages_and_the_oldest_goes_first(front):
    _, page = front.keeping._made(create_environ("/robots.txt"))
    for n in range(MOST + 2):
        front.keeping._keep((str(n),), page)
    assert list(front.keeping._kept) == [(str(n),) for n in range(2, MOST + 2)]
