"""转赠与捐赠试算: gifts, donations and grants of the quarter judged again under a draft, on both databases."""

from datetime import date, timedelta

import pytest
from drafts import asked, draft, found, rows
from served import household, recipient
from walks_giving import release as lay_down

from models import clock
from models.gifts import Gift
from models.households import Recipient
from models.pool import Grant
from models.previews import ground as grounds
from models.previews.run import preview
from models.rewards import RewardItem

ANYONE = {"gift": "anyone", "gift_yearly_hours": 9}


def otherwise(**values):
    """What the prefecture has, with these changed."""
    return draft("giving", **(ANYONE | values))



@pytest.fixture
def saved(cast_on_either):
    """Li, who may give to anybody up to nine hours a year, gives her brother one and then two, and the station two."""
    people = cast_on_either
    people.li, people.zhang = people.registered("李明"), people.registered("张琴")
    lay_down("giving", **ANYONE)
    people.posted(people.li, minutes=300)
    people.gifts = [
        Gift.give(people.li.id, people.zhang.card_no, minutes, people.recorder, f"g{minutes}", relation="sibling")
        for minutes in (60, 120)
    ]
    people.gifts.append(Gift.donate(people.li.id, 120, people.recorder, "d"))
    return people


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"gift": "nobody"}, {"refused": (2, 180)}),
        ({"gift": "relatives", "relations": ["parent"]}, {"refused": (2, 180)}),
        ({"gift": "relatives", "relations": ["parent", "sibling"]}, {}),
        ({"gift_yearly_hours": 3}, {}),
        ({"gift_yearly_hours": 2}, {"refused": (1, 120)}),
        ({"gift_yearly_hours": 0}, {}),
        ({"donation": False}, {"refused": (1, 120)}),
        ({"gift": "nobody", "donation": False}, {"refused": (3, 300)}),
    ],
)
def test_which_gifts_and_donations_of_the_quarter_would_have_been_refused(saved, values, says):
    assert found(otherwise(**values), saved.prefecture) == says


def test_a_refused_gift_is_said_with_its_sentence_and_leads_to_its_row(saved):
    _, out = preview(otherwise(gift_yearly_hours=2), saved.prefecture)
    today = clock.today().isoformat()
    assert out.figures["refused"].rows == [(saved.gifts[1].id, (
        "李明", saved.li.card_no, saved.a.name, today, "转赠", "兄弟姐妹", 120,
        "每人每年最多转赠 2 小时，今年已转赠 1.00 小时，还可转赠 1.00 小时。",
    ))]  # fmt: skip
    assert out.looked["gifts"] == 3
    assert any("可用工时是够的" in note for note in out.notes)
    said = rows(otherwise(donation=False), saved.prefecture, "refused")
    assert said[0][4:] == ("捐赠", "", 120, "现行政策不接受把工时捐给工作站。")


def test_what_was_taken_back_or_is_older_or_another_countys_is_left_alone(saved):
    cap, shut = otherwise(gift_yearly_hours=2), otherwise(gift="nobody")
    assert found(draft("giving", "530103", gift="nobody"), saved.prefecture) == {}
    Gift.move(saved.gifts[0].id, "cancel", saved.head, "本人改主意")
    assert found(cap, saved.prefecture) == {}  # neither is it judged, nor does it count towards the year
    assert found(shut, saved.prefecture) == {"refused": (1, 120)}
    Gift.update(given_on=clock.today() - timedelta(days=93)).execute()
    assert found(shut, saved.prefecture) == {}


def test_what_the_rule_in_force_would_refuse_too_is_no_change(saved):
    lay_down("giving", gift="anyone", gift_yearly_hours=1, edition=2)
    assert found(otherwise(gift_yearly_hours=2), saved.prefecture) == {}
    assert found(otherwise(gift="nobody"), saved.prefecture) == {"refused": (1, 60)}


# --- grants ---


@pytest.fixture
def granted(saved):
    """Out of Li's donation: an old man who lives alone, an old woman without that, and somebody of unknown age."""
    item = RewardItem.enter(saved.head, name="上门理发", points=1)
    home = household(saved.recorder)
    helped = [("赵德旺", ("01",), 1940), ("孙老三", ("02",), 1940)]
    for n, (name, hardship, year) in enumerate(helped):
        who = recipient(saved.recorder, home, name, hardship, birth_date=date(year, 1, 1))
        Grant.give(who.id, item.id, 1, saved.recorder, f"h{n}")
    return saved


@pytest.mark.parametrize(
    ("served", "gone"),
    [
        ([{"minimum_age": 80, "hardships": ["01"]}], 1),
        ([{"minimum_age": 0, "hardships": ["02"]}], 1),
        ([{"minimum_age": 90, "hardships": []}], 2),
        ([{"minimum_age": 80, "hardships": []}], 0),
        ([{"minimum_age": 80, "hardships": ["01"]}, {"minimum_age": 80, "hardships": ["02"]}], 0),
    ],
)
def test_how_many_of_the_quarters_grants_would_not_be_made_and_never_whose(granted, monkeypatch, served, gone):
    monkeypatch.setattr("models.fields.Keyring.unseal", lambda *sealed: pytest.fail("a seal was opened"))
    assert rows(otherwise(served=served), granted.prefecture, "unserved") == []
    expected = {"unserved": (gone, 60 * gone)} if gone else {}
    assert found(otherwise(served=served), granted.prefecture) == expected


def test_a_grant_is_judged_by_the_age_of_its_day_and_left_alone_once_cancelled(granted):
    (first, second) = Grant.select().order_by(Grant.id)
    release = otherwise(served=[{"minimum_age": 80, "hardships": []}])
    Grant.update(judged=first.judged | {"age": 79}).where(Grant.id == first.id).execute()
    Grant.update(judged=second.judged | {"age": ""}).where(Grant.id == second.id).execute()
    assert found(release, granted.prefecture) == {"unserved": (2, 120)}
    Grant.move(first.id, "cancel", granted.recorder, "老人住院")
    Grant.update(granted_on=clock.today() - timedelta(days=93)).where(Grant.id == second.id).execute()
    assert found(release, granted.prefecture) == {}


def test_no_statement_a_gift_or_a_grant(granted, monkeypatch):
    release = otherwise(gift_yearly_hours=1, served=[{"minimum_age": 90, "hardships": ["01"]}])
    few = asked(release, granted)
    granted.posted(granted.zhang, minutes=180, day=clock.today() - timedelta(days=2))
    for n in range(3):
        Gift.give(granted.zhang.id, granted.li.card_no, 60, granted.recorder, f"more{n}")
    for n, key in enumerate(row.id for row in Recipient.select()):
        Gift.donate(granted.zhang.id, 60, granted.recorder, f"d{n}")
        Grant.give(key, RewardItem.get().id, 1, granted.recorder, f"more{n}")
    assert asked(release, granted) == few
    whole = found(release, granted.prefecture)
    assert whole["refused"][0] == 3 and whole["unserved"][0] == 4
    monkeypatch.setattr(grounds, "CHUNK", 1)
    assert found(release, granted.prefecture) == whole
