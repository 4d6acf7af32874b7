"""What guards every request: tokens on every post, headers on every answer, hosts, sizes, addresses, redirects."""

import re
import string
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import HTTPException

from admin_app import create_app
from admin_app.config import HERE, Config
from admin_app.errors import STALE
from admin_app.security import ADDRESS_LIMIT, FORM_LIMIT, HEADERS, name_of
from cast import KEY
from desk import PASSWORD, Desk, give_password, queries
from models.people import Account
from models.stars import StarGrant
from models.volunteers import Volunteer
from views.asking import own_path
from views.gate import right
from world import populate

ROOM = Path(__file__).parent.parent / "admin_app"
WRITES = re.compile(r"^(?:WITH .*? )?(?:INSERT|UPDATE|DELETE|REPLACE)\b", re.I | re.S)
# Posted by other programs, which have no session and no cookie: what they send is believed for its signature, or for a token of its own.
BETWEEN_PROGRAMS = {"wire.packages", "wire.receipts", "upward_api.take"}
COSMETIC = {"reading"}  # the size of the letters and the language: a page that anyone may cache holds no token
CHANGING = {"POST", "PUT", "PATCH", "DELETE"}


def address(app: Flask, rule) -> str:
    """An address of this rule, with some value in each place."""
    values = {name: 1 if type(rule._converters[name]).__name__ == "IntegerConverter" else "x" for name in rule.arguments}
    return app.url_map.bind("localhost").build(rule.endpoint, values, method=next(iter(rule.methods)))


def changing(app: Flask) -> list[tuple[str, str]]:
    """(method, address) of every rule that a page may change something by."""
    return [
        (method, address(app, rule))
        for rule in app.url_map.iter_rules() for method in sorted(rule.methods & CHANGING)
        if rule.endpoint not in BETWEEN_PROGRAMS | COSMETIC
    ]  # fmt: skip


def written(sent: list[str]) -> list[str]:
    """Statements that change a row; that somebody was refused may be kept."""
    return [s for s in sent if WRITES.match(s.strip()) and not re.search(r'"(?:trail|\w*session\w*)"', s[:60])]


def test_no_post_is_taken_without_the_token_of_this_session(desk, cast):
    before = Desk(desk.app).get("/login").token()
    theirs = desk.signed_in_as(cast.deputy).get("/admin/").token()
    rules = changing(desk.app)
    assert len(rules) > 100
    looked = 0
    for who in (cast.head, cast.admin):
        mine = desk.signed_in_as(who)
        own = mine.get("/admin/").token()
        assert len({before, theirs, own}) == 3
        for method, path in rules:
            for token in ("", "forged", before, theirs):
                with queries() as sent:
                    answer = mine.client.open(path, method=method, data={"csrf_token": token, "id": 1, "days": 1})
                assert answer.status_code == 400 and STALE in answer.text, (method, path, token)
                assert not written(sent), (method, path)
                looked += 1
        answer = mine.client.post("/admin/volunteers/check/", headers={"X-CSRFToken": theirs, "Accept": "application/json"})
        assert answer.status_code == 400 and answer.json["says"] == STALE and len(answer.json["number"]) == 8
        assert mine.get("/admin/").path == "/admin/"  # nobody was signed out
    assert looked == len(rules) * 2 * 4
    print(f"{looked} posts without this session's token")  # noqa: T201


def test_with_the_token_the_same_posts_come_through(desk, cast):
    """So that the test above cannot pass because nothing is ever taken."""
    mine = desk.signed_in_as(cast.head)
    token = mine.get("/admin/").token()
    refused = [
        path for method, path in changing(desk.app)
        if path not in ("/logout", "/login") and STALE in mine.client.open(path, method=method, data={"csrf_token": token}).text
    ]  # fmt: skip
    assert refused == []


def test_every_form_that_posts_and_every_fetch_carries_the_token():
    forms = 0
    for page in (ROOM / "templates").rglob("*.html"):
        for form in re.findall(r"<form\b[^>]*method=\"post\".*?</form>", page.read_text("utf-8"), re.S | re.I):
            forms += 1
            if "url_for('reading')" in form:
                continue
            assert "parts.token()" in form or "token()" in form or 'name="csrf_token"' in form, (page.name, form[:120])
    assert forms > 40
    fetches = 0
    for script in (ROOM / "static").glob("*.js"):
        for call in re.findall(r"fetch\([^;]*;", script.read_text("utf-8")):
            fetches += 1
            assert "X-CSRFToken" in call or "method:" not in call, (script.name, call)
    assert fetches >= 4
    exempt = [line for room in ("admin_app", "views") for p in (ROOM.parent / room).rglob("*.py")
              for line in p.read_text("utf-8").splitlines() if "csrf.exempt(" in line]  # fmt: skip
    named = sorted(line.split("(")[1].split(")")[0] for line in exempt)
    assert named == ["read_so", "transfer_wire.pages", "upwards_api.pages"]


def test_whoever_forges_the_readers_switches_changes_her_letters_and_nothing_else(desk, cast):
    window = desk.signed_in_as(cast.head)
    for trick in TRICKS:
        with queries() as sent:
            answer = window.client.post("/reading", data={"size": "large", "language": "en", "back": trick, "id": 1})
        assert answer.status_code == 302 and not written(sent)
        assert answer.location.startswith("/") and not answer.location.startswith("//") and "evil" not in answer.location
        assert {one.partition("=")[0] for one in answer.headers.getlist("Set-Cookie")} <= {"size", "language", "station"}
    assert '<html lang="en" class="large">' in window.get("/").html
    window.client.post("/reading", data={"size": "<script>", "language": "../en"})
    assert '<html lang="en" class="large">' in window.get("/").html


def test_what_other_programs_post_reads_no_cookie_and_is_taken_for_nobodys_session(desk, cast):
    window = desk.signed_in_as(cast.head)
    assert window.client.post("/api/v1/batches", json={}).status_code == 400  # a cookie is not taken at all
    for path in ("/wire/packages", "/wire/receipts"):
        with_cookie, without = window.client.post(path, data="x"), desk.app.test_client().post(path, data="x")
        assert (with_cookie.status_code, with_cookie.json) == (without.status_code, without.json)


def test_the_token_is_a_new_one_after_signing_in_and_the_old_one_is_dead(desk, cast):
    give_password(cast.head)
    page = Desk(desk.app).get("/login")
    before = page.token()
    page.post("/login", username="head", password=PASSWORD)
    assert page.get("/admin/").token() != before
    assert page.post("/logout", csrf_token=before).status == 400


# --- headers ---


def every_get(app: Flask) -> list[str]:
    return [
        address(app, rule) for rule in app.url_map.iter_rules()
        if "GET" in rule.methods and "filename" not in rule.arguments
    ]  # fmt: skip


def check_headers(answer, path: str, *, openly: bool = False) -> None:
    for name, value in HEADERS.items():
        assert answer.headers.get(name) == value, (path, name)
    assert "Server" not in answer.headers and "X-Powered-By" not in answer.headers
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    if path.startswith("/static") or "/static/" in path:
        return
    if answer.headers["Cache-Control"].startswith("public"):
        assert openly, path
        return
    assert answer.headers["Cache-Control"] == "no-store", path


def test_every_answer_of_every_route_carries_the_headers_and_stays_in_no_cache(desk, cast):
    populate(cast)
    StarGrant.delete().execute()  # the world's is no real case: no version judged it
    seen: dict[int, int] = {}
    windows = [desk.signed_in_as(who) for who in (cast.head, cast.admin)]
    for window in (*windows, Desk(desk.app)):
        for path in every_get(desk.app):
            answer = window.client.get(path, query_string={"id": 1})
            check_headers(answer, path, openly=window not in windows)  # nobody is signed in: `test_public_kept`
            seen[answer.status_code] = seen.get(answer.status_code, 0) + 1
            assert answer.status_code < 500, path
            assert not answer.headers.get("Location", "/").startswith("http"), path  # never built from the host's name
            if answer.mimetype == "text/html":
                assert not re.search(r"<style|\sstyle=|\son\w+=\"|<script(?![^>]*\ssrc=)|javascript:", answer.text), path
    assert {200, 302, 403, 404} <= set(seen) and sum(seen.values()) > 300
    print(f"headers of {sum(seen.values())} answers: {seen}")  # noqa: T201


@right("see", "site")
def broken(*_args):
    raise ZeroDivisionError("1234567 of 530102198005060015")


def test_errors_carry_the_headers_too(desk, cast, monkeypatch):
    window = desk.signed_in_as(cast.head)
    monkeypatch.setitem(desk.app.view_functions, "jobs.index_view", broken)
    token = window.get("/admin/").token()
    big = "x" * (FORM_LIMIT + 1)
    answers = {
        400: window.client.post("/admin/volunteers/new/"),
        403: window.client.get("/admin/audit/"),
        404: window.client.get("/no/such/page"),
        405: window.client.get("/logout"),
        413: window.client.post("/admin/volunteers/new/", data={"csrf_token": token, "name": big}),
        414: window.client.get("/admin/?q=" + "x" * (ADDRESS_LIMIT + 1)),
        500: window.client.get("/admin/jobs/"),
    }
    for code, answer in answers.items():
        assert answer.status_code == code
        check_headers(answer, str(code))
        assert re.search(r"<code>[0-9a-f]{8}</code>", answer.text), code
    for path in ("/static/desk.css", "/static/no-such.css"):
        check_headers(window.client.get(path), path)


def test_behind_tls_the_cookie_is_the_hosts_alone_and_https_is_asked_for(cast, sqlite_url, tmp_path):
    app = create_app(Config(tmp_path, sqlite_url, "s", KEY, None, True))
    answer = app.test_client().get("/login", base_url="https://localhost")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-station=") and "Domain" not in cookie
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_without_tls_https_is_not_asked_for(desk):
    answer = desk.client.get("/login")
    assert "Strict-Transport-Security" not in answer.headers
    assert answer.headers["Set-Cookie"].startswith("station=") and "HttpOnly" in answer.headers["Set-Cookie"]


# --- the host's name, and whom it believes ---


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "evil.example:80", "", "localhost@evil.example", "127.0.0.1.evil", "[::2]", "a b"]
)
def test_a_strange_host_is_told_so_in_chinese_and_what_to_set(desk, cast, host):
    with queries() as sent:
        answer = desk.client.get("/login", headers={"Host": host}, environ_overrides={"SERVER_NAME": "x"})
    assert answer.status_code == 421 and "HOSTS" in answer.text and "不能用这个网址打开" in answer.text
    assert "evil" not in answer.text and not sent
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_hosts_come_from_the_setting_or_from_where_it_is_served(monkeypatch, tmp_path):
    monkeypatch.setenv("INSTANCE", str(tmp_path))
    for told, served, expected in [
        ("", "", set(HERE)), ("", "192.168.1.20", {*HERE, "192.168.1.20"}),
        (" ZhiYuan.example.gov.cn , 10.1.1.1", "0.0.0.0", {*HERE, "zhiyuan.example.gov.cn", "10.1.1.1"}),
    ]:  # fmt: skip
        monkeypatch.setenv("HOSTS", told)
        monkeypatch.setenv("HOST", served)
        assert set(Config.from_environment().hosts) == expected
    monkeypatch.setenv("HOSTS", "")
    assert set(HERE) < set(Config.from_environment().hosts)  # served to the whole office: this PC's own name too


def test_a_host_is_read_without_its_port():
    assert [name_of(h) for h in ("LOCALHOST:8000", "[::1]:8000", "192.168.1.20", "a/b", "a:x")] == ["localhost", "::1", "192.168.1.20", "", ""]


def test_what_a_browser_claims_of_a_proxy_is_not_believed_unless_there_is_one(desk, cast):
    answer = desk.client.get("/login", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"})
    assert answer.status_code == 200 and "evil" not in answer.text
    answer = desk.client.get("/admin/volunteers?x=1", headers={"X-Forwarded-Host": "evil.example"})
    assert answer.location.startswith("/")


# --- where a redirect may lead ---

TRICKS = [
    "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "\t//evil.example",
    "/\n/evil.example", "/\r\nSet-Cookie: a=b", "https:evil.example", "https://evil.example/", "http:/evil.example",
    "javascript:alert(1)", "data:text/html,x", " //evil.example", "/ /evil", "/\u2028/evil", "/\u202eevil", "/\x00",
    "/a\\b", "evil.example", "@evil.example", "/" + "x" * 3000, "//[", "/\u00a0/evil", "/\x7f",
]  # fmt: skip


@pytest.mark.parametrize("target", TRICKS, ids=ascii)
def test_a_trick_is_no_path_of_ours(target):
    assert own_path(target) is None


@given(st.text(alphabet=string.ascii_letters + "/\\:@.?#%\t\n\r \u202e\u2028\uff0f;&=[]-_", max_size=40).map(lambda t: "/" + t))
def test_whatever_counts_as_a_path_of_ours_stays_here_as_a_browser_reads_it(target):
    if (kept := own_path(target)) is not None:
        as_read = re.sub(r"[\t\n\r]", "", kept).replace("\\", "/").strip()
        assert urlsplit(urljoin("http://here.example/admin/", as_read)).netloc == "here.example"
        assert not re.search(r"[\x00-\x20\x7f]", kept)


@given(st.text(max_size=60))
def test_any_text_at_all_is_a_path_or_none(target):
    kept = own_path(target)
    assert kept is None or (kept.startswith("/") and not kept.startswith("//"))


def test_no_route_that_takes_a_way_back_leads_elsewhere(desk, cast):
    """Each post that takes ``back``, and the door that takes ``next``: enumerated from the code, tried with each trick."""
    takers = [p for p in (ROOM.parent / "views").glob("*.py") if re.search(r'form\.get\("back"\)', p.read_text("utf-8"))]
    takers += [p for p in (ROOM).glob("*.py") if re.search(r'(?:form|args)\.get\("(?:back|next)"\)', p.read_text("utf-8"))]
    assert len(takers) >= 4
    for source in takers:
        for use in re.findall(r'.*(?:form|args)\.get\("(?:back|next)"\).*', source.read_text("utf-8")):
            assert "own_path(" in use, (source.name, use)
    window = desk.signed_in_as(cast.head)
    row = cast.registered()
    for trick in TRICKS:
        for path, fields in [
            ("/language/en", {}), ("/admin/volunteers/move/", {"move": "suspend", "reason": "x"}),
            ("/admin/volunteers/move/", {"move": "approve", "id": row.id}), ("/admin/volunteers/card/", {"id": ""}),
        ]:  # fmt: skip
            token = window.get("/admin/").token()
            answer = window.client.post(path, data={"csrf_token": token, "back": trick, **fields})
            assert "evil" not in answer.headers.get("Location", "") and answer.status_code < 500
            assert answer.headers.get("Location", "/").startswith("/")
            assert not answer.headers.get("Location", "/").startswith("//")
    give_password(cast.head)
    for trick in TRICKS:
        page = Desk(desk.app).get("/login")
        sent = {"username": "head", "password": PASSWORD, "csrf_token": page.token()}
        answer = page.client.post("/login", query_string={"next": trick}, data=sent)
        assert answer.location == "/admin/" or ("\x00" in trick and answer.status_code == 400)


# --- what no page of ours sends ---

ODD = [
    ("HEAD", "/", {200}), ("HEAD", "/admin/volunteers/", {200}), ("HEAD", "/logout", {405}), ("OPTIONS", "/", {405}),
    ("OPTIONS", "/admin/volunteers/new/", {405}), ("TRACE", "/", {405}), ("TRACK", "/", {405}), ("CONNECT", "/", {405}),
    ("DELETE", "/admin/volunteers/", {405}), ("PUT", "/admin/volunteers/new/", {405}), ("PATCH", "/login", {405}),
    ("GET", "/admin/volunteers/%00", {400, 404}), ("GET", "/admin/volunteers/?q=%00", {400}),
    ("GET", "/admin/volunteers/?%00=1", {400}), ("GET", "/admin/volunteers/details/?id=%00", {400}),
    ("GET", "/admin/volunteers/?q=%ff%fe", {200}), ("GET", "/admin/volunteers/?q=%ED%A0%80", {200}),
    ("GET", "/%ff%fe", {404}), ("GET", "/admin/volunteers/details/?id=%F0%9F%98%80", {404}),
    ("GET", "/admin/volunteers/../../etc/passwd", {404}), ("GET", "/static/../config.py", {404}),
    ("GET", "/static/%2e%2e/config.py", {404}), ("GET", "/static/..%2fconfig.py", {404}),
    ("GET", "/admin/volunteers/details/?id=99999999999999999999999", {404}),
    ("GET", "/admin/volunteers/details/?id=-1", {404}), ("GET", "/admin/volunteers/details/?id=1e9", {404}),
    ("GET", "/admin/volunteers/details/?id=0x1", {404}), ("GET", "/admin/volunteers/details/?id=1%27--", {404}),
    ("GET", "/admin/volunteers/details/?id=" + "9" * 5000, {404}), ("GET", "/admin/volunteers/details/", {404}),
    ("GET", "/admin/volunteers/?page=99999999999999999999", {200}), ("GET", "/admin/volunteers/?page=-5", {200}),
    ("GET", "/admin/volunteers/?station=99999999999999999999", {200, 404}), ("GET", "/admin/volunteers/?sort=password", {200}),
    ("GET", "/admin/volunteers/?waiting=__class__", {200}), ("GET", "/admin/volunteers/?list=__class__", {200}),
    ("GET", "/admin/records/?started_at_from=2026-13-45", {400}), ("GET", "/admin/records/?started_at_from=%00", {400}),
    ("GET", "/admin/jobs/file/99999999999999999999", {404}), ("GET", "/admin/export/xlsx", {404}),
    ("GET", "/notices/99999999999999999999", {404}), ("GET", "/stories/?page=9999999999999999999999", {200}),
    ("GET", "/admin/volunteers/ajax/lookup/?name=__class__&q=x", {404}),
    ("GET", "/admin/policy_drafts/details/?id=99999999999999999999", {403, 404}),
    ("GET", "/admin/balances/details/?id=99999999999999999999", {404}), ("GET", "//evil.example/", {404, 421}),
    ("GET", "/admin/" + "a/" * 3000, {404}), ("GET", "/?" + "a=1&" * 3000, {414}), ("GET", "/?q=" + "x" * 9000, {414}),
    ("GET", "/admin/volunteers/;jsessionid=1", {404}), ("GET", "/admin/volunteers/.git/config", {404}),
    ("GET", "/admin/volunteers/details/?id=1&id=2", {404}), ("GET", "/verify/%00", {400, 404}),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "codes"), ODD, ids=lambda v: ascii(v)[:60] if isinstance(v, str) else None)
def test_what_no_page_sends_is_answered_with_a_sentence_and_never_a_fault(desk, cast, method, path, codes):
    window = desk.signed_in_as(cast.head)
    answer = window.client.open(path, method=method)
    assert answer.status_code in codes, answer.status_code
    if answer.status_code >= 400 and method not in ("HEAD",):
        assert re.search(r"[一-鿿].*。", answer.text) and "Traceback" not in answer.text
    check_headers(answer, path)


@pytest.mark.parametrize("body", [
    b"csrf_token=%ff&name=%ff%fe", b"\xff\xfe\x00", b"csrf_token=" + b"x" * 100_000, b"=&=&=", b"a" * 3_000_000,
    "name=李".encode("gbk"),
])  # fmt: skip
@pytest.mark.parametrize("kind", [
    "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=x", "application/json", "text/plain", "\xff",
])  # fmt: skip
def test_a_body_that_is_no_form_of_ours_is_answered_with_a_sentence(desk, cast, body, kind):
    window = desk.signed_in_as(cast.head)
    answer = window.client.post("/admin/volunteers/new/", data=body, content_type=kind)
    assert 400 <= answer.status_code < 500 and re.search(r"[一-鿿].*。", answer.text)
    assert not Volunteer.select().exists()


@pytest.mark.parametrize("cookie", ["station=\xff\xfe", "station=x.y.z", "station=" + "x" * 20_000, "station", "\x01=1", "station=;" * 500])
def test_a_cookie_that_is_none_of_ours_is_nobodys(desk, cast, cookie):
    answer = desk.client.get("/admin/", headers={"Cookie": cookie})
    assert answer.status_code == 302 and answer.location.startswith("/login")


def test_a_form_of_very_many_boxes_or_too_much_text_is_refused_with_a_sentence(desk, cast):
    window = desk.signed_in_as(cast.recorder)
    token = window.get("/admin/").token()
    many = {f"x{n}": "1" for n in range(5000)}
    answer = window.client.post("/admin/volunteers/new/", data={**many, "csrf_token": token}, content_type="multipart/form-data")
    assert answer.status_code == 413 and "太大" in answer.text


# --- errors and their numbers ---


def test_a_fault_shows_no_stack_and_its_number_stands_in_the_log_without_what_was_typed(desk, cast, monkeypatch, caplog):
    window = desk.signed_in_as(cast.head)
    monkeypatch.setitem(desk.app.view_functions, "volunteers.create_view", broken)
    secret = "530102198005060015"
    token = window.get("/admin/").token()
    answer = window.client.post("/admin/volunteers/new/?phone=13800000001", data={"document_number": secret, "csrf_token": token})
    assert answer.status_code == 500 and "ZeroDivisionError" not in answer.text and "Traceback" not in answer.text
    number = re.search(r"<code>([0-9a-f]{8})</code>", answer.text)[1]
    line = next(r.getMessage() for r in caplog.records if number in r.getMessage())
    assert "POST /admin/volunteers/new/" in line and f"account {cast.head.account_id}" in line
    assert "ZeroDivisionError" in line and "test_guards.py" in line
    assert secret not in caplog.text and "13800000001" not in caplog.text and "1234567" not in caplog.text


def test_a_script_that_asks_is_answered_in_json(desk, cast, monkeypatch):
    window = desk.signed_in_as(cast.head)
    monkeypatch.setitem(desk.app.view_functions, "jobs.index_view", broken)
    answer = window.client.get("/admin/jobs/", headers={"Accept": "application/json"})
    assert answer.status_code == 500 and "编号" in answer.json["says"] and re.fullmatch(r"[0-9a-f]{8}", answer.json["number"])


@pytest.mark.parametrize(("path", "code"), [("/no/such", 404), ("/admin/audit/", 403), ("/admin/volunteers/details/?id=7&q=13800000001", 404)])
def test_a_refused_request_has_a_number_in_the_log_too(desk, cast, caplog, path, code):
    window = desk.signed_in_as(cast.head)
    page = window.get(path)
    number = re.search(r"<code>([0-9a-f]{8})</code>", page.html)[1]
    line = next(r.getMessage() for r in caplog.records if number in r.getMessage())
    assert page.status == code and str(code) in line and f"account {cast.head.account_id}" in line and "1380" not in line


def test_no_debugger_and_no_exception_reaches_the_server(desk):
    assert not desk.app.debug and desk.app.config["PROPAGATE_EXCEPTIONS"] is False
    assert issubclass(HTTPException, Exception) and desk.app.error_handler_spec[None][None][Exception]


@pytest.mark.browser
def test_a_real_browser_finds_no_breach_of_the_policy_on_any_page(browser, cast):
    """Each list, form and detail that the head and the supervisor may open; styles count as scripts do."""
    world = populate(cast)
    keys = {model.resource: key for model, key in world.keys.items()}
    looked = 0
    for who in (cast.head, cast.county):
        page = browser.signed_in_as(who)
        said: list[str] = []
        page.on("console", lambda message, said=said: said.append(message.text) if "Content Security Policy" in message.text else None)
        page.add_init_script("document.addEventListener('securitypolicyviolation', (e) => console.error('Content Security Policy ' + e.violatedDirective))")
        for path in sorted(set(page.eval_on_selector_all(".side a", "links => links.map((a) => a.getAttribute('href'))"))):
            name = path.strip("/").split("/")[-1]
            for wanted in (path, f"{path}new/" if looked % 2 else "", f"{path}details/?id={keys[name]}" if name in keys else ""):
                if wanted:
                    page.goto(wanted)
                    looked += 1
        assert said == []
        # The ear hears: an inline script and an inline style are breaches, and do nothing.
        page.evaluate("const s = document.createElement('script'); s.textContent = 'window.hit = 1'; document.body.append(s)")
        page.evaluate("document.body.setAttribute('style', 'color: rgb(1, 2, 3)')")
        page.wait_for_timeout(200)
        assert page.evaluate("[window.hit, getComputedStyle(document.body).color === 'rgb(1, 2, 3)']") == [None, False]
        assert any("script-src" in text for text in said) and any("style-src" in text for text in said)
    assert looked > 40
    print(f"{looked} pages in a browser")  # noqa: T201


def test_accounts_are_untouched_by_strangers(desk, cast):
    before = Account.select().count()
    Desk(desk.app).client.post("/admin/people/new/", data={"username": "x"})
    assert Account.select().count() == before
