"""What is sealed stands in clear on no page, in no file, cookie, address or log line, but where `IN_CLEAR` says why.

Every sealed column of every row of the world gets a value that nobody could mistake; then every role, and nobody,
opens everything the program answers to.
"""

import io
import logging
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from urllib.parse import unquote

import pytest
from flask.sessions import SecureCookieSessionInterface
from peewee import ForeignKeyField

from cast import person
from desk import Desk
from models import clock, people
from models.fields import SealedCodesField
from models.jobs import Job
from models.keys import sealed_tables
from models.moves import Staged
from models.people import Account
from models.scope import SYSTEM, Actor
from models.vocabulary import Term
from models.volunteers import Volunteer
from rules.access import STATION_ROLES, may
from views import work
from views.base import PICKS, StageView
from views.ledgers.catalogue import LEDGERS
from views.ledgers.out import write
from world import World, populate

EXAMPLE = "13812345678"  # stands in every empty table that is handed out, too
CATEGORY = "秘密困难类别"  # a hardship that only this test knows
TOLD = {("recipient", "hardship"), ("recipient", "note"), ("household", "note"), ("visit", "found")}
# (what, who, address) -> why it stands there in clear. What: a column, «name» of somebody served, or «category».
IN_CLEAR: list[tuple[str, str, str, str]] = [
    ("told", "station", r"/admin/(households|recipients|visits)/", "设计·角色表：服务对象在本站全部可见"),
    ("name", "station", r"/admin/", "设计·角色表：服务对象在本站全部可见"),
    ("category", "station", r"/admin/households/", "设计·角色表：服务对象在本站全部可见"),
    ("category", "anyone", r"/admin/(vocabulary|statistics|projects|recipients|audit|policy|grants)", "词表本身，不是某个人的"),
]


@dataclass(frozen=True)
class Secret:
    """One value: the table and column that it lies in, and its text as it must not be read."""

    table: str
    column: str
    text: str

    @property
    def what(self) -> str:
        return "told" if (self.table, self.column) in TOLD else self.column


_numbers = count(1)


def value_for(column: str) -> str:
    n = next(_numbers)
    if column == "document_number":
        return person()["document_number"]
    if column in ("phone", "guardian_phone", "contact"):
        return f"177{n:04d}{n:04d}"
    return {"address": f"昆明市五华区华山街道秘巷 {n} 号", "policy_number": f"PDZZ{n:012d}"}.get(column, f"秘密情况{n:05d}")


@pytest.fixture
def secrets(cast) -> tuple[World, list[Secret]]:
    """The world, every sealed column of it filled, and what nobody may read."""
    world = populate(cast)
    Term.create(kind="recipient", code="77", name=CATEGORY, position=77, sensitive=True)
    found = []
    for table in sealed_tables():
        for key in [k for (k,) in table.model.select(table.model._meta.primary_key).tuples()]:
            row = table.model._meta.primary_key == key
            for column in table.columns:
                if isinstance(column, SealedCodesField):
                    table.model.update({column: ["77"]}).where(row).execute()
                    continue
                was = table.model.select(column).where(row).scalar()
                if was and len(was) > 10 and was != EXAMPLE:  # as it was entered: in the trail, say
                    found.append(Secret(table.name, column.name, was))
                text = value_for(column.name)
                table.model.update({column: text}).where(row).execute()
                found.append(Secret(table.name, column.name, text))
    for model in (m for m in world.keys if m.__name__ in ("Household", "Recipient")):
        for key in [k for (k,) in model.select(model.id).tuples()]:
            name = f"密名{chr(0x4E00 + next(_numbers))}氏"
            model.update(name=name).where(model.id == key).execute()
            found.append(Secret(model._meta.table_name, "name", name))
    found.append(Secret("recipient", "category", CATEGORY))
    found = list({secret.text: secret for secret in found}.values())  # some were entered with the same number
    assert len(found) > 25
    assert {(s.table, s.column) for s in found} >= {
        ("volunteer", "document_number"), ("volunteer", "guardian_phone"), ("household", "address"), ("visit", "found"),
        ("cover", "policy_number"), ("complaint", "contact"), ("unit", "contact"), ("team", "phone"), ("duty", "phone"),
    }  # fmt: skip
    return world, found


def excused(secret: Secret, who: str, path: str) -> bool:
    return any(
        what == secret.what and by in (who, "anyone") and re.match(where, path) for what, by, where, _ in IN_CLEAR
    )


def leaks(secrets: list[Secret], who: str, path: str, *texts: str) -> list[str]:
    return [
        f"{who} {path}: {secret.table}.{secret.column}"
        for secret in secrets
        for text in texts
        if secret.text in text and not excused(secret, who, path)
    ]


def answered(window: Desk, path: str) -> Iterator[str]:
    """Everything that an answer carries: its body, its headers, and the session's cookie, decoded."""
    answer = window.client.get(path)
    if answer.mimetype.startswith(("text/", "application/json", "image/svg")):
        yield answer.text
    elif answer.data[:2] == b"PK":
        yield from inside(answer.data)
    yield unquote(str(answer.headers))
    kept = window.client.get_cookie("station")
    if kept is not None:
        yield str(SecureCookieSessionInterface().get_signing_serializer(window.app).loads(kept.value))
    window.status = answer.status_code


def inside(book: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(book)) as packed:
        for name in packed.namelist():
            yield packed.read(name).decode("utf-8", "replace")


def addresses(app, world: World) -> list[str]:
    """Everything that can be opened, each with the rows of the world that it may ask for."""
    views = {v.endpoint: v for v in app.extensions["admin"][0]._views}
    keys = {model._meta.table_name: key for model, key in world.keys.items()}
    asked = "&".join(f"{name}={key}" for name, key in keys.items())
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods or rule.endpoint in ("static", "admin.static", "logout"):
            continue
        view = views.get(rule.endpoint.partition(".")[0])
        model = getattr(view, "model", None)
        key = world.keys.get(model)
        path = re.sub(r"<int:\w+>", str(key or keys.get(rule.endpoint.partition(".")[2], keys["job"])), rule.rule)
        path = re.sub(r"<table>", "volunteers", path)
        if "<" in path:
            continue
        if isinstance(view, StageView) and rule.endpoint.endswith(".ajax_lookup"):
            for field in model._meta.sorted_fields:
                if isinstance(field, ForeignKeyField) and field.rel_model.resource in PICKS:
                    found += [f"{path}?name={field.name}", f"{path}?name={field.name}&q=密"]
        elif rule.endpoint.endswith(".index_view"):
            found += [path, *(f"{path}?list={name}" for name in getattr(view, "named", {}))]
        else:
            found.append(f"{path}?id={key or ''}&{asked}")
    return found


def windows(desk: Desk, world: World) -> dict[str, tuple[str, Desk]]:
    """name -> (as `IN_CLEAR` calls who it is, her browser)."""
    cast = world.cast
    volunteer = Volunteer.get_by_id(world.keys[Volunteer])
    account = people.open_for(volunteer.id, SYSTEM)
    seen: dict[str, Actor] = {
        "recorder": cast.recorder, "head": cast.head, "head_b": cast.head_b, "county": cast.county, "auditor": cast.auditor,
        "admin": cast.admin, "volunteer": Account.get_by_id(account.id).actor(),
    }  # fmt: skip
    found = {}
    for name, who in seen.items():
        ours = who.role in STATION_ROLES and who.station_id == cast.a.id
        found[name] = ("station" if ours else "other", desk.signed_in_as(who))
    return found | {"nobody": ("other", Desk(desk.app))}


WHO = ["recorder", "head", "head_b", "county", "auditor", "admin", "volunteer", "nobody"]


def test_no_page_look_up_header_cookie_or_log_line_holds_what_is_sealed(desk, secrets, caplog):
    world, hidden = secrets
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.INFO, "peewee")  # its statements carry values as they are stored: sealed
    Job.update(asked_by=world.cast.head.account_id).execute()
    open_to = windows(desk, world)
    assert list(open_to) == WHO
    paths, found, seen = addresses(desk.app, world), [], dict.fromkeys(WHO, 0)
    for name, (who, window) in open_to.items():
        for path in paths:
            caplog.clear()
            texts = list(answered(window, path))
            seen[name] += window.status == 200
            found += leaks(hidden, who, path, *texts)
            said = "\n".join(record.getMessage() for record in caplog.records)
            found += [f"log {leak}" for leak in leaks(hidden, "log", path, said)]
    assert found == []
    shown = {"id": world.keys[Volunteer], "field": "phone", "reason": "通知活动改期"}
    opened = open_to["recorder"][1].get("/admin/").post("/admin/volunteers/reveal/", shown)
    assert leaks(hidden, "station", opened.path, opened.html)  # the sweep sees what stands there in clear
    assert len(paths) > 250 and seen["recorder"] > 150 and seen["county"] > 120 and seen["nobody"] >= 4


def test_no_ledger_holds_what_is_sealed_but_the_own_stations_with_a_reason(secrets, tmp_path):
    world, hidden = secrets
    cast = world.cast
    numbers = [s for s in hidden if s.what not in ("told", "name", "category")]
    written, found = 0, []
    for name, ledger in LEDGERS.items():
        for who in (cast.recorder, cast.head, cast.county, cast.auditor):
            if not may(who.role, "export", ledger.resource):
                continue
            written += 1
            write(name, tmp_path / "out.xlsx", who)
            station = who.role in STATION_ROLES
            texts = list(inside((tmp_path / "out.xlsx").read_bytes()))
            mine = numbers if station and name == "needs" else [s for s in hidden if s.what != "name" or not station]
            found += leaks([s for s in mine if s.what != "category" or name == "needs"], "ledger", name, *texts)
    assert found == [] and written > 40
    write("volunteers", tmp_path / "full.xlsx", cast.head, full=True, reason="民政局核对保险名单")
    full = "".join(inside((tmp_path / "full.xlsx").read_bytes()))
    row = Volunteer.get_by_id(world.keys[Volunteer])
    assert row.document_number in full and row.phone in full  # the sweep would see it


def test_refused_forms_and_moves_put_nothing_sealed_into_cookies_addresses_or_errors(desk, secrets):
    world, hidden = secrets
    window = desk.signed_in_as(world.cast.recorder).get("/admin/")
    tried, found = 0, []
    for view in desk.app.extensions["admin"][0]._views:
        model = getattr(view, "model", None)
        if not isinstance(view, StageView) or model not in world.keys:
            continue
        sent = {"id": world.keys[model], "revision": 999, "reason": "试一下看看"}
        posts = [f"/admin/{view.endpoint}/edit/?id={world.keys[model]}", f"/admin/{view.endpoint}/reveal/"]
        moves = [move.name for move in model.life.moves] if issubclass(model, Staged) else []
        for path, more in [(p, {}) for p in posts] + [(f"/admin/{view.endpoint}/move/", {"move": m}) for m in moves]:
            window.post(path, sent | more)
            tried += 1
            kept = window.client.get_cookie("station")
            cookie = str(SecureCookieSessionInterface().get_signing_serializer(window.app).loads(kept.value))
            texts = (window.html, unquote(window.path), cookie)
            found += leaks([s for s in hidden if s.what not in ("name", "told", "category")], "station", path, *texts)
            found += leaks(hidden, "cookie", path, cookie)
    assert found == [] and tried > 150


@pytest.fixture
def uploaded(desk, cast) -> tuple[Desk, int, list[str]]:
    """A table that the recorder chose, with a slip in each row; the job that looked at it, and what it says in clear."""
    one, two = person("李明"), person("王红")
    wrong = one["document_number"][:-1] + ("1" if one["document_number"][-1] != "1" else "2")
    rows = ["姓名,证件类型,证件号码,手机号", f"李明,居民身份证,{wrong},17755550001", f"王红,居民身份证,{two['document_number']},1775555"]
    window = desk.signed_in_as(cast.recorder).get("/admin/imports/", kind="volunteers")
    window.post("/admin/imports/", kind="volunteers", file=(io.BytesIO("\n".join(rows).encode()), "名单.csv"))
    window.work()
    return window, Job.get(Job.kind == "import_preview").id, [wrong, two["document_number"], "17755550001"]


def test_a_table_that_was_refused_is_shown_masked_and_given_back_to_whoever_chose_it_alone(uploaded, cast):
    window, job, clear = uploaded
    for path in (f"/admin/imports/seen/{job}", f"/admin/jobs/details/?id={job}", "/admin/jobs/", "/admin/"):
        for text in answered(window, path):
            assert [one for one in clear if one in text] == [], path
    kept = Job.get_by_id(job)
    assert [one for one in clear if one in f"{kept.message}{kept.params}{kept.result}{kept.title}"] == []
    back = "".join(answered(window, f"/admin/imports/returned/{job}"))
    assert window.status == 200 and clear[0] in back  # her own rows, to be put right
    other = Desk(window.app).signed_in_as(cast.head)
    assert list(answered(other, f"/admin/imports/returned/{job}")) and other.status == 404


def test_what_lies_on_disk_is_its_owners_alone_and_gone_soon(uploaded, cast):
    window, job, _ = uploaded
    window.get("/admin/exports/").post("/admin/exports/", ledger="volunteers")
    window.work()
    instance = window.app.config["STATION"].instance
    files = [path for path in instance.rglob("*") if "translations" not in path.parts]
    assert len([path for path in files if path.is_file()]) >= 5
    assert [str(path) for path in [instance, *files] if path.stat().st_mode & 0o077] == []
    clock.move_demo_clock(2)
    work.clear_old(instance / "jobs")
    assert not (instance / "jobs" / str(job)).exists()
    made = Job.get(Job.kind == "export")
    assert (instance / "jobs" / str(made.id) / made.file_name).exists()
    clock.move_demo_clock(6)
    work.clear_old(instance / "jobs")
    assert not (instance / "jobs" / str(made.id)).exists()
