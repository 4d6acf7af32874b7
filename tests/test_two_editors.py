"""Two people at one row: on every form, list and sheet the second is told, sees both, and overwrites nothing unseen."""

import html

import pytest
from pages import Forms
from peewee import CharField, TextField

from desk import Desk
from models.activities import Activity
from models.fields import SealedField
from models.keying import key_in
from models.moves import Staged
from models.records import ServiceRecord
from models.set_up import SetUpItem, fill
from views.base import StageView
from world import populate

ROLES = ("recorder", "head", "county", "admin")


def screens(desk, keys):
    views = desk.app.extensions["admin"][0]._views
    return [view for view in views if isinstance(view, StageView) and view.resource in keys]


def form_at(page: Desk, path: str, wanted) -> dict | None:
    """The first form of the page that is wanted, as it would be sent."""
    return next((f.sent() for f in Forms.of(page.get(path).html) if f.method == "post" and wanted(f.sent())), None)


def in_words(view) -> str | None:
    """A column of words that the screen's form shows."""
    fields = view.model._meta.fields
    names = [n for _, group in view.form_groups for n in group.split()]
    return next(
        (n for n in names if isinstance(fields.get(n), CharField | TextField) and not isinstance(fields[n], SealedField)
         and not fields[n].choices and fields[n].name not in ("username", "code") and type(fields[n]) in (CharField, TextField)), None,
    )  # fmt: skip


def test_every_edit_form_tells_the_second_and_shows_both(desk, cast):
    world = populate(cast)
    keys = {model.resource: key for model, key in world.keys.items()}
    windows = {who: desk.signed_in_as(getattr(cast, who)) for who in ROLES}
    looked, without = [], []
    for view in (v for v in screens(desk, keys) if v.form_groups):
        path, name = f"{view.url.rstrip('/')}/edit/?id={keys[view.resource]}", in_words(view)
        page = next((w for w in windows.values() if w.get(path).status == 200), None)
        if page is None:
            without.append(view.title)
            continue
        form = form_at(page, path, lambda sent: "revision" in sent)
        assert form is not None, f"{view.title}: a form without a revision"
        key = view.model._meta.primary_key
        row = view.model.get(key == keys[view.resource])
        saved = {view.model.revision: row.revision + 1} | ({view.model._meta.fields[name]: "别人写"} if name else {})
        view.model.update(saved).where(key == row._pk).execute()
        answer = page.client.post(path, data=form | ({name: "她写的"} if name else {}))
        text = html.unescape(answer.text)
        assert answer.status_code == 200 and "刚刚被别人改过" in text, view.title
        if name:
            assert "她写的" in text and "别人已保存为：别人写" in text, view.title
            assert getattr(view.model.get(key == row._pk), name) == "别人写"
        looked.append(view.title)
    assert len(looked) > 22, (looked, without)
    print(f"edit forms tried by two: {len(looked)}; nobody may amend: {without}")  # noqa: T201


def test_every_move_is_made_on_what_was_seen(desk, cast):
    world = populate(cast)
    keys = {model.resource: key for model, key in world.keys.items()}
    windows = {who: desk.signed_in_as(getattr(cast, who)) for who in ROLES}
    looked = 0
    for view in (v for v in screens(desk, keys) if issubclass(v.model, Staged)):
        base, key = view.url.rstrip("/"), view.model._meta.primary_key
        for page in windows.values():
            path = f"{base}/details/?id={keys[view.resource]}"
            form = form_at(page, path, lambda sent: "move" in sent and "at" in sent) if page.get(path).status == 200 else None
            if form is None:
                continue
            row = view.model.get(key == keys[view.resource])
            view.model.update(revision=row.revision + 1).where(key == row._pk).execute()
            form.update({name: ["理由充分"] for name in ("reason",) if name in form})
            answer = page.client.post(f"{base}/move/", data=form, follow_redirects=True)
            assert "您打开这一页以后" in html.unescape(answer.text) or "请对照最新内容" in html.unescape(answer.text) or asks(answer), (view.title, form)
            assert view.model.get(key == row._pk).state == row.state, view.title
            looked += 1
            break
    assert looked > 18
    print(f"moves tried on a row that changed: {looked}")  # noqa: T201


def asks(answer) -> bool:
    """A move whose own form found something else to ask for first: nothing was done either."""
    return "没有办理" in html.unescape(answer.text)


def test_a_batch_with_one_row_that_changed_is_refused_whole_and_names_who(desk, cast):
    rows = [cast.activity(), cast.activity()]
    page = desk.signed_in_as(cast.head)
    form = form_at(page, "/admin/activities/", lambda sent: "at" in sent)
    assert {f"{row.id}:0" for row in rows} <= set(form["at"])
    Activity.amend(rows[0].id, cast.recorder, place="东院")
    sent = {"csrf_token": form["csrf_token"], "at": form["at"], "id": [row.id for row in rows], "move": "cancel", "reason": "下雨"}
    answer = page.client.post("/admin/activities/move/", data=sent, follow_redirects=True)
    assert "刘记录改过「地点」" in html.unescape(answer.text)
    assert {row.state for row in Activity.select()} == {"planned"}
    sent["at"] = form_at(page, "/admin/activities/", lambda one: "at" in one)["at"]  # she has looked now
    page.client.post("/admin/activities/move/", data=sent)
    assert {row.state for row in Activity.select()} == {"cancelled"}


def test_a_line_of_a_sheet_that_changed_meanwhile_is_said_in_its_row(desk, cast):
    people = [cast.registered("王一一"), cast.registered("王二二")]
    activity = cast.activity()
    page = desk.signed_in_as(cast.recorder)
    path = f"/admin/sheets/key/?activity={activity.id}"
    blank = form_at(page, path, lambda sent: "who" in sent)
    first = {**blank, "volunteer": [p.id for p in people], "who": [str(p) for p in people], "start": ["09:00"] * 2,
             "end": ["11:00"] * 2, "content": ["陪伴"] * 2, "quality": ["1"] * 2, "travel": ["", ""], "remark": ["", ""],
             "id": ["", ""], "revision": ["", ""], "save": "1"}  # fmt: skip
    assert page.client.post(path, data=first).status_code == 302
    sheet = ServiceRecord.get().sheet_id
    path = f"/admin/sheets/key/?sheet={sheet}"
    mine = form_at(page, path, lambda sent: "who" in sent) | {"save": "1"}
    theirs = desk.signed_in_as(cast.head)
    other = form_at(theirs, path, lambda sent: "who" in sent) | {"save": "1"}
    other["end"][0] = "12:00"
    assert theirs.client.post(path, data=other).status_code == 302
    mine["end"][0], mine["end"][1] = "10:00", "10:30"
    answer = page.client.post(path, data=mine)
    text = html.unescape(answer.text)
    assert "张站长改过「结束时间」" in text and "12:00" in text and 'value="10:00"' in text
    assert [f"{r.ended_at:%H:%M}" for r in ServiceRecord.select().order_by(ServiceRecord.id)] == ["12:00", "11:00"]
    again = next(f.sent() for f in Forms.of(answer.text) if "who" in f.sent())  # she has seen it: what she typed is saved
    assert page.client.post(path, data=again | {"save": "1"}).status_code == 302
    assert [f"{r.ended_at:%H:%M}" for r in ServiceRecord.select().order_by(ServiceRecord.id)] == ["10:00", "10:30"]


def test_a_line_that_she_did_not_touch_is_left_as_the_other_saved_it(desk, cast):
    (record,) = key_in([cast.draft(cast.registered(), activity := cast.activity())], cast.recorder)
    page = desk.signed_in_as(cast.recorder)
    path = f"/admin/sheets/key/?activity={activity.id}&loose=1"
    form = form_at(page, path, lambda sent: "who" in sent) | {"save": "1"}
    assert form["id"][0] == str(record.id)
    assert page.client.post(path, data=form).status_code == 302


def test_an_item_of_the_checklist_that_changed_meanwhile_is_said_beside_it(desk, cast):
    page = desk.signed_in_as(cast.recorder)
    path = "/admin/set_up_items/fill/"
    code = next(name.removeprefix("standing.") for name in form_at(page, path, lambda s: "_x" in s or len(s) > 9) if name.startswith("standing."))
    fill({code: {"standing": "met", "evidence": "照片", "since": Activity.entered_at.default().date()}}, cast.recorder)
    form = form_at(page, path, lambda s: "at" in s)
    row = SetUpItem.get()
    SetUpItem.amend(row.id, cast.head, evidence="另一张照片")
    answer = page.client.post(path, data=form | {f"evidence.{code}": "牌匾"})
    text = html.unescape(answer.text)
    assert "张站长改过「依据」" in text and "依据 另一张照片" in text and 'value="牌匾"' in text
    assert SetUpItem.get().evidence == "另一张照片"
    again = next(f.sent() for f in Forms.of(answer.text) if "at" in f.sent())
    assert page.client.post(path, data=again).status_code == 302 and SetUpItem.get().evidence == "牌匾"


@pytest.mark.parametrize("at", ["", "x", ":", "1:", ":1", "1:x", "9" * 30 + ":1", "1:" + "9" * 30, "\x00:1", "1:-1"])
def test_what_is_no_revision_was_not_shown(desk, cast, at):
    row = cast.activity()
    page = desk.signed_in_as(cast.head).get("/admin/activities/")
    page.post("/admin/activities/move/", move="cancel", id=row.id, reason="下雨", at=at)
    assert page.status == 200 and Activity.get_by_id(row.id).state == "cancelled"
