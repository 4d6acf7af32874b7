"""Public pages are fast and safe: what lies in caches, what travels small, what robots are told, and what no address holds."""

import re
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import brotli
import pytest
from ground import lay
from public_pages import PAGES, of

from admin_app.serving import hash_of
from desk import Desk, queries
from views.openly import SEARCHES
from views.pacing import Pace

INDEXED = re.compile(r"^/(?:$|projects/|stations/|stories/|spot-checks/|policy/|figures/|robots)")
MOST_STATEMENTS = 14  # of any public page, however many rows it shows


@pytest.fixture
def ground(cast):
    return lay(cast)


def test_whoever_is_not_signed_in_is_given_what_a_cache_may_keep_and_nobody_else_is(desk, cast, ground):
    head, kept = desk.signed_in_as(cast.head), 0
    for path in of(ground, "nobody"):
        nobody = Desk(desk.app)
        answer = nobody.client.get(path)
        said = answer.headers["Cache-Control"]
        if answer.status_code != 200 or "csrf_token" in answer.text or (path.startswith("/verify/") and path != "/verify/"):
            assert said == "no-store", path
        else:
            kept += 1
            assert said.startswith("public, ") and "Cookie" in answer.headers["Vary"] and "Set-Cookie" not in answer.headers, path
            again = nobody.client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
            assert again.status_code == 304 and not again.data, path
        assert head.client.get(path).headers["Cache-Control"] == "no-store", path
    assert kept >= 14
    assert Desk(desk.app).client.get("/login").headers["Cache-Control"] == "no-store"


def test_only_what_holds_no_token_is_compressed(desk, cast, ground):
    """BREACH: where a token and what somebody typed are compressed together, the length tells the token."""
    head = desk.signed_in_as(cast.head)
    wants = {"Accept-Encoding": "br, gzip"}
    small = 0
    for path in [*of(ground, "nobody"), "/login", "/admin/", "/admin/volunteers/"]:
        for window in (Desk(desk.app), head):
            answer = window.client.get(path, headers=wants)
            if "Content-Encoding" in answer.headers:
                small += 1
                text = brotli.decompress(answer.data).decode()
                assert window is not head and "csrf" not in text and "Accept-Encoding" in answer.headers["Vary"], path
    assert small >= 14
    for name in ("public.css", "desk.css", "desk.js"):
        answer = desk.client.get(f"/static/{name}", headers=wants)
        assert answer.headers["Content-Encoding"] == "br" and brotli.decompress(answer.data) == desk.client.get(f"/static/{name}").data


def test_a_file_is_kept_for_a_year_at_the_address_that_says_what_it_holds(desk, cast):
    page = desk.get("/").html
    address = re.search(r'href="(/static/public\.css\?v=[0-9a-f]+)"', page)[1]
    answer = desk.client.get(address)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable" and "Cookie" not in answer.headers.get("Vary", "")
    for other in ("/static/public.css", "/static/public.css?v=", "/static/public.css?v=0123456789ab"):
        assert "31536000" not in desk.client.get(other).headers["Cache-Control"], other
    with desk.app.test_request_context():
        assert hash_of("public.css") in address
        assert hash_of("no-such-file") == ""


def test_a_language_or_a_size_that_was_chosen_is_another_page(desk, cast):
    window = Desk(desk.app)
    plain = window.client.get("/").headers["ETag"]
    window.client.post("/reading", data={"size": "large", "back": "/policy/"})
    answer = window.client.get("/")
    assert answer.headers["ETag"] != plain and 'class="large"' in answer.text and answer.headers["Cache-Control"].startswith("public")
    window.client.post("/reading", data={"language": "en"})
    assert "Volunteering close to home" in window.client.get("/").text


def test_robots_may_find_projects_and_nothing_that_names_anybody(desk, cast, ground):
    said = desk.client.get("/robots.txt").text
    for path in ("/admin/", "/me/", "/login", "/apply/", "/verify/", "/notices/"):
        assert f"Disallow: {path}\n" in said, path
    for path in [*of(ground, "nobody"), "/login", "/healthz", "/me/"]:
        answer = Desk(desk.app).client.get(path)
        indexed = "X-Robots-Tag" not in answer.headers
        assert indexed == (answer.status_code == 200 and bool(INDEXED.match(path))), path


def test_no_public_page_asks_more_than_a_few_statements_however_much_it_shows(desk, cast, ground):
    window = Desk(desk.app)
    asked = {}
    for path in of(ground, "nobody"):
        with queries() as sent:
            window.client.get(path)
        asked[path] = len(sent)
    for n in range(12):
        cast.project(name=f"项目{n}")
    for path, before in asked.items():
        with queries() as sent:
            window.client.get(path)
        assert len(sent) <= min(MOST_STATEMENTS, before + 1), (path, before, sent)


def test_nothing_of_anybody_stands_in_an_address(desk, cast, ground):
    """Every link and every form that asks by address, on every public page: only what narrows a list, and numbers of rows."""
    window = Desk(desk.app)
    names, links = set(), 0
    for path in of(ground, "nobody"):
        page = window.get(path).html
        for form in re.findall(r"<form\b.*?</form>", page, re.S):
            if 'method="get"' in form:
                names |= set(re.findall(r'\bname="([^"]+)"', form))
            else:
                assert 'method="post"' in form
        for href in re.findall(r'(?:href|action)="([^"]*)"', page):
            links += 1
            asked = urlsplit(unescape(href))
            names |= {name for name, _ in parse_qsl(asked.query)}
            assert not re.search(r"\d{11}", asked.path + asked.query) or href.startswith("tel:"), href
    assert links > 200
    assert {"county", "age", "q", "code", "project"} <= names <= {
        "county", "street", "station", "category", "skill", "qualification", "age", "day", "weekday", "part", "q", "page", "code",
        "division", "v", "project", "line",
    }  # fmt: skip


def test_no_page_lists_people(desk, cast, ground):
    """Of whom there is anything at all: only masked names on a notice and a certificate, and whoever agreed to be told of."""
    window = Desk(desk.app)
    read = "".join(window.get(path).html for path in of(ground, "nobody"))
    assert "李明" in read  # who agreed
    for hidden in (*ground.marks, "王芳", "赵敏", cast.head.name, "13812345679"):
        assert hidden not in read, hidden
    for path in ("/volunteers/", "/people/", "/teams/", "/search", "/api/volunteers"):
        assert window.get(path).status == 404, path


def test_whoever_searches_without_end_waits_a_minute(desk, cast):
    at = [0.0]
    desk.app.extensions["pace"] = Pace(lambda: at[0])
    for _ in range(SEARCHES):
        assert desk.client.get("/projects/?weekday=5").status_code == 200
    answer = desk.client.get("/projects/?weekday=5")
    assert answer.status_code == 429 and answer.headers["Retry-After"] == "60" and "1 分钟后再试" in answer.text
    assert answer.headers["Cache-Control"] == "no-store" and desk.client.get("/projects/").status_code == 200
    at[0] += 60
    assert desk.client.get("/projects/?weekday=5").status_code == 200


def test_the_list_of_pages_names_every_public_address(desk, cast):
    rules = {rule.endpoint: rule.rule for rule in desk.app.url_map.iter_rules() if rule.endpoint.startswith(("public.", "verify.")) and "GET" in rule.methods}
    walked = {re.sub(r"\{\w+\}|no-such-code", "<>", urlsplit(path).path) for path, _ in PAGES}
    for endpoint, rule in rules.items():
        if endpoint not in ("public.healthz", "public.robots", "public.static"):
            assert re.sub(r"<[^>]+>", "<>", rule) in walked, endpoint
