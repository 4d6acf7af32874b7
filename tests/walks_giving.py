"""Walks through 转赠、捐赠 and 受助, and through an exchange that waits for the head's approval."""

from datetime import date

from served import recipient

from models.gifts import Gift
from models.policy import PolicyVersion
from models.pool import Grant
from models.rewards import Redemption, RewardItem
from walks import Walk


def release(topic: str, since: date = date(2020, 1, 1), division: str = "5301", edition: int = 1, **values) -> None:
    """A release of a division's own, of the county above A and B's prefecture where none is named."""
    PolicyVersion.create(
        topic=topic, division=division, since=since, source="市文件", values=values, edition=edition
    )


def a_gift(cast):
    release("giving", gift="anyone")
    giver, receiver = cast.registered("王芳"), cast.registered("李明")
    cast.posted(giver, minutes=240)
    return Gift, Gift.give(giver.id, receiver.card_no, 60, cast.recorder, "g1").id


def a_donation(cast):
    giver = cast.registered("王芳")
    cast.posted(giver, minutes=240)
    return Gift, Gift.donate(giver.id, 120, cast.recorder, "d1").id


def a_grant(cast):
    a_donation(cast)
    item = RewardItem.enter(cast.head, name="理发", points=1, stock=3)
    return Grant, Grant.give(recipient(cast.recorder).id, item.id, 1, cast.recorder, "h1").id


def an_exchange_to_approve(cast):
    release("exchange", approval=True)
    volunteer = cast.registered()
    cast.posted(volunteer, minutes=240)
    item = RewardItem.enter(cast.head, name="理发", points=2, stock=3)
    return Redemption, Redemption.reserve(volunteer.id, item.id, 1, cast.recorder, "k1").id


WALKS = [
    Walk("gifts", a_gift, "cancel:deputy"),
    Walk("gifts", a_donation, "cancel:head"),
    Walk("grants", a_grant, "hand:recorder"),
    Walk("grants", a_grant, "cancel:head"),
    Walk("rewards", an_exchange_to_approve, "approve:head hand:recorder confirm:recorder"),
    Walk("rewards", an_exchange_to_approve, "refuse:deputy"),
    Walk("rewards", an_exchange_to_approve, "approve:head cancel:recorder"),
]
