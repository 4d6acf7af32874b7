"""我的服务: every page of a volunteer's own, with much on it and with nothing, in a bounded number of statements."""


import pytest
from her_hand import as_herself, noticed, turn_to_come

from desk import queries
from models.applications import Application
from models.catalogue import RewardItem
from models.certificates import Certificate
from models.rewards import Redemption
from views.me.first import WAYS

PAGES = ["", "hours", "hours/lots", "records", "stars", "roster", "projects", "applications", "training", "exchange",
         "certificates", "asked", "own", "account"]  # fmt: skip
MOST_STATEMENTS = 40


@pytest.fixture
def busy(cast):
    """Somebody with something on every page; the actor, and what she has."""
    person = cast.registered("李明")
    cast.posted(person, minutes=1200)
    me = as_herself(cast, person)
    item = RewardItem.enter(cast.head, name="理发", points=1, stock=30)
    has = {
        "record": noticed(cast, person), "turn": turn_to_come(cast, person), "item": item,
        "exchange": Redemption.ask(item.id, 2, me, "k-busy"),
        "application": Application.apply(cast.post().id, person.id, me),
        "certificate": Certificate.ask("study", me),
    }  # fmt: skip
    return me, has


def test_every_page_opens_with_nothing_on_it_and_leads_back(cast, desk):
    window = desk.signed_in_as(as_herself(cast, cast.registered("王芳")))
    for page in PAGES:
        window.get(f"/me/{page}")
        assert window.status == 200 and window.says("<h1>"), page
        assert page == "" or 'href="/me/"' in window.html, page
    assert len(WAYS) == len(PAGES) - 1


def test_every_page_opens_with_much_on_it_in_a_bounded_number_of_statements(cast, desk, busy):
    me, has = busy
    window = desk.signed_in_as(me)
    more = [f"records/{has['record'].id}", f"exchange/{has['item'].id}?quantity=2", f"projects/{has['application'].project_id}"]
    for page in [*PAGES, *more]:
        with queries() as sent:
            window.get(f"/me/{page}")
        assert window.status == 200, page
        assert len(sent) <= MOST_STATEMENTS, (page, len(sent), sent)
        print(page, len(sent))  # noqa: T201
