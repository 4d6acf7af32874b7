"""English beside Chinese: a catalogue that is whole, and a switch that leads nowhere else."""

import re
from html import unescape

import pytest
from babel.messages.pofile import read_po
from flask import url_for
from flask_babel import get_domain

from admin_app.language import WRITTEN, compiled
from models.stations import Division
from models.vocabulary import Term
from views.wording import worded
from wordings import CHINESE, of_code, of_declarations, of_templates

PLACES = re.compile(r"%\((\w+)\)s")
FRAME = re.compile(
    r"<(?P<tag>nav|thead|button|summary|legend|dt|h2|option)\b[^>]*>.*?</(?P=tag)>"
    r'|<a class="(?:button|clear)[^>]*>.*?</a>|<div class="where">.*?</div>|<td colspan="99".*?</td>'
    r'|<(?:input|select)\b[^>]*>|<span class="state[^>]*>.*?</span>|<title>.*?</title>',
    re.S,
)


@pytest.fixture(scope="module")
def catalogue():
    said = {}
    for path in sorted(WRITTEN.glob("*.po")):
        with path.open("rb") as source:
            for message in read_po(source):
                if message.id:
                    assert message.id not in said, f"{path.name} says «{message.id}» a second time"
                    said[message.id] = message.string
    return said


@pytest.mark.parametrize(
    ("source", "at_least"), [(of_templates, 250), (of_code, 40), (of_declarations, 350)], ids=lambda s: str(s)[:20]
)
def test_whatever_a_screen_says_has_english(catalogue, source, at_least):
    said = source()
    assert len(said) >= at_least
    assert not [text for text in sorted(said) if not catalogue.get(text, "").strip()]


def test_the_catalogue_holds_nothing_stale_and_no_chinese(catalogue):
    assert not set(catalogue) - of_templates() - of_code() - of_declarations()
    assert not [english for english in catalogue.values() if CHINESE.search(english)]


def test_values_keep_their_places(catalogue):
    placed = {text: english for text, english in catalogue.items() if PLACES.search(text)}
    assert len(placed) > 20
    for text, english in placed.items():
        assert sorted(PLACES.findall(text)) == sorted(PLACES.findall(english)), text


def test_the_catalogue_is_compiled_once_an_edition(tmp_path):
    made = compiled(tmp_path)
    file = made / "en" / "LC_MESSAGES" / "messages.mo"
    stamp = file.stat().st_mtime_ns
    assert compiled(tmp_path) == made
    assert file.stat().st_mtime_ns == stamp
    assert [path.name for path in file.parent.iterdir()] == ["messages.mo"]  # nothing half-written beside it


def test_chinese_asks_no_catalogue(desk):
    with desk.app.test_request_context("/"):
        assert worded("保存") == "保存"
        assert worded("第 %(number)s 页", number=3) == "第 3 页"
        assert not get_domain().cache
    assert worded("保存") == "保存"  # in a job there is no request


def in_english(desk, actor):
    window = desk.signed_in_as(actor)
    window.get("/admin/")
    return window.post("/language/en", back="/admin/")


def lists_of(window):
    """Addresses of every screen in this person's menu."""
    menu = re.search(r"<nav.*?</nav>", window.html, re.S)[0]
    return [unescape(href) for href in re.findall(r'href="([^"]+)"', menu)]


@pytest.mark.parametrize(("who", "at_least"), [("head", 17), ("admin", 5), ("auditor", 10)])
def test_no_chinese_in_the_frame_of_any_list(desk, cast, who, at_least):
    window = in_english(desk, getattr(cast, who))
    pages = lists_of(window)
    assert len(pages) >= at_least
    kept = {row.name for table in (Term, Division) for row in table.select()} | {cast.a.name, cast.b.name, "中文"}
    left = []
    for page in pages:
        assert window.get(page).status == 200
        pieces = [unescape(found[0]) for found in FRAME.finditer(window.html)]
        assert len(pieces) > 8
        left += [(page, piece) for piece in pieces if _chinese(piece, kept)]
    assert left == []


def _chinese(piece, kept):
    """Whether it holds Chinese that is neither data nor the way back."""
    return bool(CHINESE.search(re.sub(r"(?<=>)[^<>]+(?=<)", lambda m: "" if m[0].strip() in kept else m[0], piece)))


@pytest.mark.parametrize("path", ["volunteers", "projects", "activities", "people", "objections", "reward_items"])
def test_no_chinese_in_the_frame_of_a_form(desk, cast, path):
    window = in_english(desk, cast.head)
    window.get(f"/admin/{path}/new/")
    kept = {term.name for term in Term.select()} | {cast.a.name}
    pieces = [
        unescape(found[0]) for found in re.finditer(r"<(label|legend|small|option|th)\b.*?</\1>", window.html, re.S)
    ]
    assert len(pieces) > 3
    assert [piece for piece in pieces if _chinese(piece, kept)] == []


def test_the_page_says_its_language_and_the_switch_goes_back(desk, cast):
    window = in_english(desk, cast.head)
    assert '<html lang="en">' in window.html
    assert window.says("To do")
    window.get("/admin/volunteers/")
    assert 'data-none="Nothing found"' in window.html
    window.post("/language/zh_Hans", back="/admin/volunteers/?state=registered")
    assert window.path == "/admin/volunteers/?state=registered"
    assert '<html lang="zh-CN">' in window.html
    assert window.says("待办") and not window.says("To do")


def test_signing_in_and_out_keeps_the_language(desk, cast):
    window = in_english(desk, cast.head)
    window.post("/logout")
    assert window.path == "/login"
    assert window.says("Sign in") and '<html lang="en">' in window.html
    window.post("/login", username="nobody", password="wrong")
    assert window.says("Wrong user name or password.")


def test_a_flash_an_error_and_a_move_speak_english(desk, cast):
    person = cast.registered("王芳")
    window = in_english(desk, cast.head)
    window.get(f"/admin/volunteers/details/?id={person.id}")
    window.post("/admin/volunteers/move/", id=str(person.id), move="suspend", reason="搬走")
    assert window.says("Suspend: done.")
    window.post("/admin/volunteers/move/", move="suspend")
    assert window.says("Select rows first.")
    assert window.get("/admin/nowhere/").says("No such page")


def test_only_a_post_with_its_token_switches(desk, cast):
    window = desk.signed_in_as(cast.head)
    assert window.get("/language/en").status == 405
    assert window.post("/language/en", csrf_token="forged").status == 400
    assert '<html lang="zh-CN">' in window.get("/admin/").html


@pytest.mark.parametrize(
    "back", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "", "no"]
)
def test_the_switch_leads_nowhere_else(desk, cast, back):
    window = desk.signed_in_as(cast.head)
    window.get("/admin/")
    answer = window.client.post("/language/en", data={"csrf_token": window.token(), "back": back})
    assert answer.status_code == 302
    assert answer.location == "/"


def test_a_language_that_we_do_not_speak_changes_nothing(desk, cast):
    window = desk.signed_in_as(cast.head)
    window.get("/admin/")
    window.post("/language/fr", back="/admin/")
    assert '<html lang="zh-CN">' in window.html


def test_words_of_people_are_escaped_and_may_hold_a_percent_sign(desk, cast):
    Term.update(name="<b>50% 补贴</b>").where(Term.kind == "category", Term.code == "01").execute()
    window = in_english(desk, cast.head)
    with desk.app.test_request_context():
        page = url_for("volunteers.index_view")
    for path in (page, "/admin/projects/new/"):
        assert window.get(path).status == 200
        assert "<b>50%" not in window.html


def test_nothing_compiled_is_kept_with_the_source():
    assert not [*WRITTEN.glob("*.mo")]
