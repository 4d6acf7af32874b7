"""What every screen inherits: the stock view's traps, each closed. `ROWS` holds a row of station A for each screen."""

import re
from datetime import timedelta

import pytest

from cast import Cast, person
from desk import Desk, queries
from fixtures.seed import seed
from models import clock, moves
from models.activities import Activity
from models.audit import Trail
from models.base import database
from models.hours import Balance, Entry
from models.projects import Project
from models.records import ServiceRecord
from models.rewards import RewardItem
from models.stars import StarGrant
from models.volunteers import Claim, Volunteer
from rules.access import Role, may
from views import all_screens
from views.base import StageView

MOST_QUERIES = 12  # of a list page, the frame and the menu's counts aside
# Screens that show the shared trees and word lists to everyone, and those of a person's own.
SHARED = {"divisions", "vocabulary", "policy", "holidays"}


@pytest.fixture(scope="module")
def screens():
    return [screen for screen in all_screens() if isinstance(screen, StageView)]


def rows_of_a(cast: Cast) -> dict[str, int]:
    """A row of station A for the screens that the main line fills."""
    volunteer = cast.registered("李明", skills=[])
    records = cast.posted(volunteer, minutes=6000)
    other = cast.registered("赵敏", by=cast.recorder_b)
    claim = Claim.ask("resident_id", other.document_number, "搬到本社区居住", cast.recorder)
    return {
        "volunteers": volunteer.id,
        "projects": Project.get().id,
        "activities": records[0].activity_id,
        "records": records[0].id,
        "notices": records[0].notice_id,
        "hours": Entry.get().id,
        "balances": Balance.get(Balance.volunteer == volunteer.id)._pk,
        "stars": StarGrant.get().id,
        "reward_items": RewardItem.enter(cast.head, name="理发", points=2, stock=3).id,
        "people": cast.recorder.account_id,
        "stations": cast.a.id,
        "claims": claim.id,
    }


def url(screen, name: str) -> str:
    return f"/admin/{screen.endpoint}/{name}"


def text_of(page) -> str:
    return re.sub(r"<[^>]+>", " ", page.html)


# --- nobody ---


def test_nobody_signed_out_sees_anything_of_any_screen(desk, cast, screens):
    rows_of_a(cast)
    looked = 0
    for rule in desk.app.url_map.iter_rules():
        if not rule.rule.startswith("/admin/") or "static" in rule.endpoint or rule.arguments:
            continue
        page = Desk(desk.app)
        if "GET" in rule.methods:
            page.get(rule.rule, id=1)
            assert page.path.startswith("/login") or page.status in (401, 403), rule.rule
        else:
            page.get("/login")
            page.post(rule.rule, id=1)
            assert page.path.startswith("/login") or page.status in (401, 403), rule.rule
        assert "李明" not in page.html
        looked += 1
    assert looked > 5 * len(screens)


def test_every_screen_opens_for_whoever_may_see_it_and_for_nobody_else(desk, cast, screens):
    rows_of_a(cast)
    for who in (cast.recorder, cast.head, cast.county, cast.auditor, cast.admin):
        page = desk.signed_in_as(who)
        for screen in screens:
            page.get(url(screen, ""))
            expected = 200 if may(who.role, "see", screen.resource) else 403
            assert page.status == expected, (who.role, screen.endpoint, page.status)


# --- the stock view's own ways in ---


def test_nothing_can_be_deleted_acted_on_updated_or_exported_past_the_desk(desk, cast, screens):
    rows = rows_of_a(cast)
    page = desk.signed_in_as(cast.head)
    before = Volunteer.select().count(), ServiceRecord.select().count(), Entry.select().count()
    for screen in screens:
        key = rows.get(screen.resource, 1)
        for way in ("delete/", "action/", "ajax/update/"):
            page.post(url(screen, way), id=key, rowid=key, action="delete", list_form_pk=key)
            assert page.status in (403, 404), (screen.endpoint, way, page.status)
        assert page.get(url(screen, "export/csv/")).status in (403, 404), screen.endpoint
    assert before == (Volunteer.select().count(), ServiceRecord.select().count(), Entry.select().count())


def test_a_strangers_row_is_not_found_in_detail_edit_move_reveal_and_look_up(desk, cast, screens):
    rows = rows_of_a(cast)
    stranger, missing = desk.signed_in_as(cast.head_b), 987654321
    looked = 0
    for screen in screens:
        if screen.resource not in rows or screen.resource == "claims":  # both ends of a claim see it
            continue
        for key in (rows[screen.resource], missing):
            assert stranger.get(url(screen, "details/"), id=key).status == 404, screen.endpoint
            assert stranger.get(url(screen, "edit/"), id=key).status in (403, 404), screen.endpoint
            for name in screen.moves_by_name:
                stranger.post(url(screen, "move/"), move=name, id=key, reason="不该成功")
                mine = may(Role.HEAD, name, screen.resource)
                assert stranger.status == (404 if mine else 403), (screen.endpoint, name)
            if screen.may.__self__.resource == "volunteers":
                assert stranger.post(url(screen, "reveal/"), id=key, field="phone", reason="想看").status == 404
        looked += 1
    assert looked >= 9
    for asked in (
        {"name": "volunteer", "q": "李明"},
        {"name": "activity", "q": "陪伴"},
        {"name": "project", "q": "陪伴"},
    ):
        for screen in screens:
            if screen.resource in ("records", "activities"):
                stranger.get(url(screen, "ajax/lookup/"), **asked)
                assert stranger.status == 404 or stranger.json() == [], (screen.endpoint, asked)


def test_no_list_of_a_stranger_shows_a_row_of_the_station(desk, cast, screens):
    rows_of_a(cast)
    page = desk.signed_in_as(cast.head_b)
    for screen in screens:
        if screen.resource in SHARED | {"claims"}:
            continue
        page.get(url(screen, ""))
        if page.status == 200:
            assert "李明" not in text_of(page) and "文林社区" not in text_of(page), screen.endpoint


def test_a_look_up_finds_only_what_is_listed_and_only_keys(desk, cast):
    page = desk.signed_in_as(cast.recorder)
    assert page.get("/admin/volunteers/ajax/lookup/", name="document_number", q="5301").status == 404
    assert page.get("/admin/volunteers/ajax/lookup/", name="no_such_column", q="x").status == 404
    assert page.get("/admin/volunteers/ajax/lookup/", name="residence", q="%").status == 200


def test_a_forged_key_of_another_station_is_refused_and_nothing_is_written(desk, cast):
    project = cast.activity(by=cast.recorder_b).project
    day = clock.today().isoformat()
    said = {
        "project": project.id,
        "name": "越界活动",
        "day": day,
        "place": "某处",
        "lead": "某人",
        "social_worker": "某人",
    }
    page = desk.signed_in_as(cast.recorder)
    page.post("/admin/activities/new/", said)
    assert page.says("没有找到所选的") and page.says('value="越界活动"')
    assert not Activity.select().where(Activity.name == "越界活动").exists()


def test_a_move_that_the_life_does_not_know_is_not_found(desk, cast):
    row = cast.registered()
    page = desk.signed_in_as(cast.head)
    assert page.post("/admin/volunteers/move/", move="promote", id=row.id).status == 404
    assert page.get("/admin/volunteers/move/").status == 405


# --- saving ---


def editing(desk, who, row) -> tuple[Desk, str, dict]:
    page = desk.signed_in_as(who)
    path = f"/admin/projects/edit/?id={row.id}"
    page.get(path)
    said = {
        "name": row.name, "category": row.category, "recipients": row.recipients, "starts_on": row.starts_on,
        "ends_on": row.ends_on, "headcount": row.headcount, "revision": row.revision,
    }  # fmt: skip
    return page, path, said


@pytest.fixture
def project(desk, cast):
    today = clock.today()
    return Project.enter(
        cast.recorder, name="爱心陪伴", category="01", recipients=["01"], starts_on=today,
        ends_on=today + timedelta(days=30), headcount=20,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def words(request):
    """The vocabularies that a project's form offers."""
    if "cast" in request.fixturenames:
        request.getfixturevalue("cast")
        seed()


def test_the_second_of_two_browsers_is_told_keeps_what_was_typed_and_may_then_save(desk, cast, project):
    first, path, said = editing(desk, cast.recorder, project)
    second, _, _ = editing(desk, cast.head, project)
    first.post(path, said | {"name": "改成甲"})
    assert first.says("已保存")
    second.post(path, said | {"name": "改成乙"})
    assert second.says("刚刚被别人改过") and second.says('value="改成乙"') and second.says("别人已保存为：改成甲")
    assert Project.get_by_id(project.id).name == "改成甲"
    shown = re.search(r'name="revision" value="(\d+)"', second.html)[1]
    second.post(path, said | {"name": "改成乙", "revision": shown})
    assert Project.get_by_id(project.id).name == "改成乙"


def test_a_form_sent_twice_makes_one_person(desk, cast):
    page = desk.signed_in_as(cast.recorder).get("/admin/volunteers/new/")
    said = person("李明")
    page.post("/admin/volunteers/new/", said)
    page.post("/admin/volunteers/new/", said)
    assert page.says("已在本站登记") and Volunteer.select().count() == 1


def test_a_move_made_twice_is_made_once(desk, cast):
    row = Volunteer.enter(cast.recorder, **person())
    page = desk.signed_in_as(cast.head)
    for _ in range(2):
        page.post("/admin/volunteers/move/", move="approve", id=row.id)
    assert Trail.select().where(Trail.action == "approve", Trail.row == str(row.id)).count() == 1


def test_a_save_that_fails_half_way_writes_nothing_and_says_a_number(desk, cast, monkeypatch):
    def broken(*_args, **_kwargs):
        raise RuntimeError("the disk is full")

    page = desk.signed_in_as(cast.recorder)
    monkeypatch.setattr(moves, "trail", broken)
    page.post("/admin/volunteers/new/", person("李明"))
    assert page.status == 500 and page.says("刚才的操作没有保存") and page.says("编号")
    assert "disk is full" not in page.html and Volunteer.select().count() == 0


def test_a_batch_with_one_that_may_not_moves_none_and_names_it(desk, cast):
    rows = [Volunteer.enter(cast.recorder, **person("李明")), Volunteer.enter(cast.head, **person("王芳"))]
    page = desk.signed_in_as(cast.head)
    page.post("/admin/volunteers/move/", move="approve", id=[r.id for r in rows])
    assert page.says("王芳：") and {v.state for v in Volunteer.select()} == {"applied"}


def test_text_that_looks_like_markup_is_shown_as_text(desk, cast, project):
    page, path, said = editing(desk, cast.recorder, project)
    page.post(path, said | {"name": "<script>alert(1)</script>"})
    assert "<script>alert(1)</script>" not in page.html and page.says("<script>alert(1)</script>")


# --- lists ---


def test_no_list_asks_a_query_per_row(desk, cast, screens):
    rows_of_a(cast)
    page = desk.signed_in_as(cast.head)
    few = {}
    for screen in screens:
        with queries() as sent:
            page.get(url(screen, ""))
        few[screen.endpoint] = len(sent)
    for n in range(12):
        row = cast.registered(f"张{'甲乙丙丁戊己庚辛壬癸子丑'[n]}")
        if n < 6:
            cast.posted(row, minutes=60)
    frame = _frame(page)
    for screen in screens:
        with queries() as sent:
            page.get(url(screen, ""))
        if page.status == 200:
            assert len(sent) <= few[screen.endpoint] + 1, (screen.endpoint, few[screen.endpoint], sent)
            assert len(sent) - frame <= MOST_QUERIES, (screen.endpoint, len(sent), frame)


def _frame(page: Desk) -> int:
    """Statements that any page costs: who asks, the menu's counts, where she works."""
    with queries() as sent:
        page.get("/admin/")
    return len(sent)


def test_a_list_reads_pages_filters_and_orders_without_falling_over(desk, cast, project):
    page = desk.signed_in_as(cast.recorder)
    for asked in (
        {"page": "99999999999"}, {"page": "-3"}, {"page": "x"}, {"sort": "password"}, {"sort": "-name"},
        {"state": "no such"}, {"q": "'; DROP TABLE volunteer; --"}, {"q": "%"}, {"registered_on_from": "2026-01-01"},
    ):  # fmt: skip
        assert page.get("/admin/volunteers/", **asked).status == 200, asked
    assert page.get("/admin/volunteers/", registered_on_from="昨天").says("应写作 2026-03-05")
    assert database.table_exists("volunteer")


def test_a_detail_page_asked_for_without_a_key_or_with_words_is_not_found(desk, cast, screens):
    page = desk.signed_in_as(cast.head)
    for screen in screens:
        for key in (None, "", "abc", "1 OR 1=1"):
            page.get(url(screen, "details/"), **({} if key is None else {"id": key}))
            assert page.status in (403, 404), (screen.endpoint, key, page.status)
