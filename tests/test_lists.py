"""Every list: no query a row, a page beyond the end, a count with a cap, searches that mean what they say, and nobody
else's rows."""

import html
import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import world_upwards
from peewee import CharField, Field, ForeignKeyField
from walks_policy import a_draft

from cast import Cast
from desk import Desk, queries
from models import clock
from models.backups import Backup
from models.base import BaseModel
from models.peers import Peer
from models.projects import Project
from models.scope import within
from models.stations import Division
from models.vocabulary import Term
from models.volunteers import Volunteer
from rules.access import may
from rules.identity import make_resident_id
from views import all_screens, base, lists, waiting
from views.base import StageView
from world import World, populate

MANY = 25  # rows: more than a page
SHARED = (Division, Term, Peer)  # everybody's


@pytest.fixture
def world(cast) -> World:
    return populate(cast)


def screens() -> list[StageView]:
    """Every screen over a table; totals, imports and the like have no list."""
    found = [screen for screen in all_screens() if isinstance(screen, StageView)]
    assert len(found) > 15
    return found


def multiply(model: type[BaseModel], times: int) -> None:
    """Copies of the newest row, each different where the table wants them different."""
    row = dict(model.select().order_by(model._meta.primary_key.desc()).get().__data__)
    key = model._meta.primary_key
    if key.name == "id":
        row.pop("id")
    own = set(_unique(model))
    keys = [field for field in own if isinstance(field, ForeignKeyField)]
    copies = [row | {f.name: _other(row[f.name], n) for f in own if f not in keys} for n in range(500, 500 + times)]
    for field in keys:
        for copy, other in zip(copies, _free(model, field, times), strict=True):
            copy[field.name] = other
    model.insert_many(copies).execute()


def _free(model: type[BaseModel], field: ForeignKeyField, times: int) -> list[int]:
    """So many rows of the other table that no row of this one names yet, made where there are too few."""
    target = field.rel_model
    free = target.select(target.id).where(target.id.not_in(model.select(field))).limit(times)
    if free.count() < times:
        multiply(target, times)
    return [key for (key,) in free.tuples()]


def _unique(model: type[BaseModel]) -> Iterator[Field]:
    for field in model._meta.sorted_fields:
        if field.unique or (field.primary_key and field.name != "id"):
            yield field
    for names, unique in model._meta.indexes:
        if unique:
            fields = [model._meta.fields[name] for name in names]
            yield next((f for f in fields if isinstance(f, CharField)), fields[-1])


def _other(value: object, n: int) -> object:
    if value is None:
        return None
    if isinstance(value, date):
        return value + timedelta(days=n)
    return f"{value[:-3]}{n}" if isinstance(value, str) else value + n


def shown(desk: Desk) -> list[str]:
    """Keys of the rows that the page shows; links to other screens' rows are none."""
    bodies = re.findall(r"<tbody>(.*?)</tbody>", desk.html, re.S)  # some lists have a small table above them
    assert bodies, desk.html[:500]
    own = re.escape(desk.path.partition("?")[0])
    return re.findall(rf'href="{own}details/\?id=([^"&]+)"', "".join(bodies))


def names(desk: Desk) -> str:
    """What the page's table says, as text."""
    body = re.search(r"<tbody>(.*?)</tbody>", desk.html, re.S)
    return html.unescape(re.sub(r"<[^>]+>", " ", body[1]))


def reader(desks: list[Desk], path: str) -> Desk | None:
    """Whoever sees a full page of this list."""
    for desk in desks:
        if desk.get(path).status == 200 and len(shown(desk)) == base.PAGE_SIZE:
            return desk
    return None


def test_no_list_asks_more_of_the_database_for_more_rows(desk, world, monkeypatch):
    monkeypatch.setattr(waiting, "KEPT_SECONDS", 3600)
    cast = world.cast
    a_draft(cast)  # the supervisors' alone, and so in nobody's world; the backups are the installation's
    world_upwards.above(cast, world.keys)
    Backup.create(made_at=clock.now(), folder="backups", file="one.backup", why="asked", who=cast.admin.name)
    for model in dict.fromkeys(screen.model for screen in screens()):
        multiply(model, MANY)
    desks = [desk.signed_in_as(who) for who in (cast.province, cast.head, cast.admin, cast.auditor)]
    asked = {}
    for screen in screens():
        path = f"{screen.url}/"
        who = reader(desks, path)
        assert who, f"nobody sees a full page of {path}"
        for size in (5, 20):
            monkeypatch.setattr(base, "PAGE_SIZE", size)
            who.get(path)
            with queries() as sent:
                assert len(shown(who.get(path))) == size
            asked.setdefault(path, []).append(len(sent))
    assert len(asked) == len(screens())
    assert {path: counts for path, counts in asked.items() if counts[0] != counts[1]} == {}


@pytest.mark.parametrize("page", ["999", "999999999999", "-3", "next", ""])
def test_a_page_that_is_not_there_is_an_empty_list_or_the_first_page(desk, cast, page):
    cast.registered("李明")
    head = desk.signed_in_as(cast.head)
    assert head.get("/admin/volunteers/", page=page).status == 200
    assert bool(shown(head)) is not page.isdigit()


def test_the_pages_together_show_every_row_once(desk, cast):
    cast.registered("李明")
    multiply(Volunteer, MANY)
    head = desk.signed_in_as(cast.head)
    keys = shown(head.get("/admin/volunteers/")) + shown(head.get("/admin/volunteers/", page=1))
    assert len(keys) == len(set(keys)) == MANY + 1


def test_a_count_is_exact_up_to_a_cap_and_says_when_there_is_more(desk, cast, monkeypatch):
    cast.registered("李明")
    multiply(Volunteer, MANY)
    head = desk.signed_in_as(cast.head)
    assert head.get("/admin/volunteers/").says(f"共 {MANY + 1} 条")
    assert lists.COUNT_CAP == 10_000
    monkeypatch.setattr(lists, "COUNT_CAP", 10)
    assert head.get("/admin/volunteers/").says("共 10+ 条")
    assert head.get("/admin/volunteers/", q="没有这个人").says("共 0 条")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("100%", "满100%爱心"),
        ("a_b", "a_b小组"),
        ("%", "满100%爱心"),
        ("_", "a_b小组"),
        ("\\", "斜\\杠"),
        ("小组 a_", "a_b小组"),
    ],
)
def test_what_is_typed_is_searched_for_as_it_is(desk, cast, words, found):
    day = clock.today()
    for name in ("满100%爱心", "满1000爱心", "a_b小组", "axb小组", "斜\\杠", "斜杠"):
        Project.enter(
            cast.recorder, name=name, category="01", recipients=["01"], starts_on=day, ends_on=day, headcount=2
        )
    recorder = desk.signed_in_as(cast.recorder).get("/admin/projects/", q=words)
    assert len(shown(recorder)) == 1
    assert found in names(recorder)


def test_every_word_must_be_found(desk, cast):
    one, other = cast.registered("李明"), cast.registered("李明")
    recorder = desk.signed_in_as(cast.recorder)
    assert len(shown(recorder.get("/admin/volunteers/", q="李明"))) == 2
    assert shown(recorder.get("/admin/volunteers/", q=f"李明 {one.card_no}")) == [str(one.id)]
    assert shown(recorder.get("/admin/volunteers/", q=f"王 {other.card_no}")) == []


def test_an_identity_number_finds_exactly_that_person_and_her_records(desk, cast):
    number = make_resident_id("530102", date(1971, 2, 3), 5)
    asked, other = cast.registered("李明", document_number=number), cast.registered("李明")
    records = [cast.posted(who, minutes=60)[0] for who in (asked, other)]
    recorder = desk.signed_in_as(cast.recorder)
    wide = number.translate({ord(d): ord(d) + 0xFEE0 for d in "0123456789"})
    for typed in (number, number.lower(), f" {number} ", wide):
        assert shown(recorder.get("/admin/volunteers/", q=typed)) == [str(asked.id)]
        assert shown(recorder.get("/admin/records/", q=typed)) == [str(records[0].id)]
    nobody = make_resident_id("530102", date(1971, 2, 3), 6)
    assert shown(recorder.get("/admin/volunteers/", q=nobody)) == []
    assert shown(recorder.get("/admin/volunteers/", q=number[:17])) == []


def test_a_search_by_identity_number_is_one_look_up_by_an_index(cast):
    from models.base import database

    number = cast.registered("李明").document_number
    (condition,) = lists.matching(Volunteer, ["name", "card_no"], number)
    sql, params = Volunteer.select(Volunteer.id).where(condition).sql()
    plan = " ".join(str(row[3]) for row in database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", params))
    assert "SEARCH" in plan and "SCAN" not in plan


def test_filters_narrow_and_add_up(desk, cast):
    old = cast.activity(clock.today() - timedelta(days=9))
    new = cast.activity(clock.today() - timedelta(days=2))
    elsewhere = cast.activity(clock.today() - timedelta(days=2), by=cast.recorder_b)
    above = desk.signed_in_as(cast.prefecture)

    def listed(**chosen) -> set[str]:
        return set(shown(above.get("/admin/activities/", **chosen)))

    everything = {str(row.id) for row in (old, new, elsewhere)}
    assert listed() == everything
    assert listed(station=cast.a.id) == {str(old.id), str(new.id)}
    assert listed(day_from=new.day) == {str(new.id), str(elsewhere.id)}
    assert listed(day_from=old.day, day_until=old.day) == {str(old.id)}
    assert listed(station=cast.b.id, day_from=new.day, state=elsewhere.state) == {str(elsewhere.id)}
    assert listed(state="held") == set()
    assert above.says("没有符合条件的内容")
    assert listed(state="no such state") == everything


def test_a_date_that_is_none_is_refused_in_words(desk, cast):
    assert desk.signed_in_as(cast.head).get("/admin/activities/", day_from="昨天").says("应写作 2026-03-05")


def test_a_filter_cannot_name_a_station_outside_the_division(desk, cast):
    cast.registered("李明")
    theirs = cast.registered("王五", by=cast.recorder_b)
    county = desk.signed_in_as(cast.county).get("/admin/volunteers/", station=cast.b.id)
    assert str(theirs.id) not in shown(county)
    assert not county.says(cast.b.name)


def test_a_heading_sorts_both_ways_and_an_unknown_one_not_at_all(desk, cast):
    early = cast.activity(clock.today() - timedelta(days=9))
    late = cast.activity(clock.today() - timedelta(days=2))
    head = desk.signed_in_as(cast.head)
    assert shown(head.get("/admin/activities/", sort="day")) == [str(early.id), str(late.id)]
    assert shown(head.get("/admin/activities/", sort="-day")) == [str(late.id), str(early.id)]
    assert head.get("/admin/activities/", sort="place").status == 200
    assert head.get("/admin/activities/", sort="id; DROP TABLE activity").status == 200


def strangers_keys(world: World, model: type[BaseModel]) -> set[str]:
    """Keys of station A's rows."""
    return {str(k) for (k,) in model.select(model._meta.primary_key).where(within(model, world.cast.head)).tuples()}


@pytest.mark.parametrize("who", ["head_b", "recorder_b"])
def test_no_list_and_no_search_shows_another_stations_rows(desk, world, who):
    cast: Cast = world.cast
    own = cast.registered("王五", by=cast.recorder_b)
    person = Volunteer.get_by_id(world.keys[Volunteer])
    words = [
        "",
        "李",
        "李明",
        person.card_no,
        person.document_number,
        "爱心",
        "上门",
        "理发",
        "文林",
        "重复",
        "head",
        "5301",
    ]
    stranger = desk.signed_in_as(getattr(cast, who))
    looked = 0
    for screen in screens():
        if screen.model in SHARED or not may(getattr(cast, who).role, "see", screen.resource):
            continue
        strange = strangers_keys(world, screen.model)
        for word in words:
            assert stranger.get(f"{screen.url}/", q=word).status == 200
            assert not strange & set(shown(stranger)), f"{screen.url} q={word}"
            looked += 1
    assert looked > 100
    assert shown(stranger.get("/admin/volunteers/")) == [str(own.id)]


@pytest.mark.parametrize("who", ["head_b", "recorder_b"])
def test_no_picker_offers_another_stations_rows(desk, world, who):
    cast: Cast = world.cast
    own = cast.registered("王五", by=cast.recorder_b)
    person = Volunteer.get_by_id(world.keys[Volunteer])
    stranger = desk.signed_in_as(getattr(cast, who))
    answered, offered = 0, set()
    for screen in screens():
        if not may(getattr(cast, who).role, "see", screen.resource):
            continue
        for field in screen.model._meta.refs:
            for word in ("", "李", person.card_no, person.document_number, "爱心", "理发"):
                stranger.get(f"{screen.url}/ajax/lookup/", name=field.name, q=word)
                if stranger.status in (403, 404):  # nothing to be picked there
                    continue
                assert stranger.status == 200
                answered += 1
                found = {str(one["id"]) for one in stranger.json()}
                offered |= {(field.rel_model, key) for key in found}
                if field.rel_model not in SHARED:
                    assert not found & strangers_keys(world, field.rel_model), f"{screen.url} {field.name}"
    assert answered > 50
    assert (Volunteer, str(own.id)) in offered


def test_a_picker_is_for_who_may_see_the_screen(desk, cast):
    assert desk.get("/admin/records/ajax/lookup/", name="volunteer", q="李").says("登录")
    assert desk.signed_in_as(cast.recorder).get("/admin/people/ajax/lookup/", name="station", q="").status == 403
