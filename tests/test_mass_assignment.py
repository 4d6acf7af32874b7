"""A form sets what it shows and nothing else: every form of every screen, sent back with every other column added."""

from datetime import date, datetime
from urllib.parse import urlsplit

import pytest
from pages import Forms
from peewee import BooleanField, CharField, DateField, DateTimeField, IntegerField, TextField

from desk import Desk
from models.audit import Trail
from models.fields import SealedField
from models.people import Account
from models.schema import TABLES
from world import populate

NUMBER, WORD, DAY = 987_654_321, "forged", date(1999, 9, 9)
MOMENT = datetime(1999, 9, 9, 9, 9)
LEFT_ALONE = ("/logout", "/language/", "/password", "/login", "/admin/clock/")  # end the session, or belong to no row


def forged() -> dict[str, str]:
    """A value that nobody has for every column of every table, as a form would say it."""
    found = {"password": "forged by hand", "session_stamp": str(NUMBER), "is_admin": "1", "revision": "0"}
    for table in TABLES:
        for name, column in table._meta.fields.items():
            if isinstance(column, DateTimeField):
                found[name] = MOMENT.strftime("%Y-%m-%dT%H:%M")
            elif isinstance(column, DateField):
                found[name] = str(DAY)
            elif isinstance(column, IntegerField):
                found[name] = str(NUMBER)
            else:
                found.setdefault(name, WORD)
            found.setdefault(f"{name}_id", str(NUMBER))
    return found


def hits() -> list[str]:
    """Where a forged value stands in the database. The trail names who was refused, so it is read by its columns' words."""
    found = []
    for table in TABLES:
        for name, column in table._meta.fields.items():
            if isinstance(column, BooleanField | SealedField):
                continue
            if isinstance(column, DateTimeField):
                where = column == MOMENT
            elif isinstance(column, DateField):
                where = column == DAY
            elif isinstance(column, IntegerField):
                where = column == NUMBER
            elif isinstance(column, CharField | TextField):
                where = column == WORD
            else:
                continue
            if table.select().where(where).exists():
                found.append(f"{table.__name__}.{name}")
    return found


def test_the_ear_hears(cast):
    row = cast.activity(name=WORD)
    assert "Activity.name" in hits() and row.id


@pytest.mark.parametrize("who", ["recorder", "head", "county", "admin"])
def test_no_form_sets_a_column_that_it_does_not_show(desk, cast, who):
    world = populate(cast)
    keys = {model.resource: key for model, key in world.keys.items()}
    window = desk.signed_in_as(getattr(cast, who))
    flags = flags_of_accounts()
    extra = forged()
    seen, saved = set(), 0
    screens = [view for view in desk.app.extensions["admin"][0]._views if getattr(view, "resource", "") in keys]
    for view in screens:
        base, key = f"{view.url.rstrip('/')}/", keys[view.resource]
        for path in (base, f"{base}new/", f"{base}edit/?id={key}", f"{base}details/?id={key}"):
            for form in Forms.of(window.get(path).html) if window.get(path).status == 200 else []:
                saved += send(window, form, path, extra, seen)
        assert hits() == [], view.title
    # A head opens a volunteer's own page: an account, and no more than that.
    new = flags_of_accounts() - flags
    assert flags <= flags_of_accounts() and {row[2:] for row in new} <= {("volunteer", None, None)}
    assert Trail.select().where(Trail.who == WORD).count() == 0
    sent, taken = {"recorder": (100, 35), "head": (130, 60), "county": (60, 12), "admin": (8, 2)}[who]
    assert len(seen) > sent and saved > taken
    print(f"{who}: {len(seen)} forms, {saved} of them taken, {len(extra)} columns added to each")  # noqa: T201


def flags_of_accounts() -> set[tuple]:
    return set(Account.select(Account.id, Account.active, Account.role, Account.station, Account.division).tuples())


def send(window: Desk, form, page: str, extra: dict[str, str], seen: set) -> int:
    """Send the form once with all the rest added; 1 when it was taken."""
    path = form.action or page
    if form.method != "post" or path.startswith(LEFT_ALONE):
        return 0
    own = form.sent()
    same = (urlsplit(path).path, *own.get("move", ()), frozenset(own))
    if same in seen:
        return 0
    seen.add(same)
    own.update({name: ["写明的理由"] for name in ("reason",) if name in own})
    answer = window.client.post(path, data={**{n: v for n, v in extra.items() if n not in own}, **own})
    assert answer.status_code < 500, path
    return int(answer.status_code in (301, 302, 303))
