"""Rows of 转赠与捐赠 and of 受助 of station A."""

from models.gifts import Gift
from models.households import Recipient
from models.pool import Grant
from models.rewards import RewardItem
from models.volunteers import Volunteer


def add(cast, keys) -> None:
    keys[Gift] = Gift.donate(keys[Volunteer], 60, cast.recorder, "d1").id
    item = RewardItem.enter(cast.head, name="陪诊", points=1)
    keys[Grant] = Grant.give(keys[Recipient], item.id, 1, cast.recorder, "h1").id
