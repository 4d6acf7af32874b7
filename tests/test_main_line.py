"""The main job on the data layer alone: register, key, approve, publish, post, star, exchange."""

from models.corrections import Correction
from models.hours import Balance
from models.rewards import Redemption, RewardItem
from models.stars import StarGrant
from models.verifying import verify


def test_a_sheet_becomes_hours_a_star_and_an_exchange(cast_on_either):
    cast = cast_on_either
    volunteer = cast.registered("李明")
    cast.posted(volunteer, minutes=100 * 60)
    balance = Balance.get_by_id(volunteer.id)
    assert (balance.honour, balance.exchangeable, balance.debt) == (6000, 6000, 0)
    star = StarGrant.get(StarGrant.volunteer == volunteer.id)
    assert (star.star, star.state) == (1, "candidate")
    assert cast.recognised(star).certificate_no
    item = RewardItem.enter(cast.head, name="理发", points=2, stock=3)
    made = Redemption.reserve(volunteer.id, item.id, 2, cast.recorder, key="k1")
    assert Redemption.reserve(volunteer.id, item.id, 2, cast.recorder, key="k1").id == made.id
    assert Balance.get_by_id(volunteer.id).exchangeable == 6000 - 240
    assert Balance.get_by_id(volunteer.id).honour == 6000
    Redemption.move(made.id, "cancel", cast.head, reason="不需要了")
    assert Balance.get_by_id(volunteer.id).exchangeable == 6000
    assert RewardItem.get_by_id(item.id).stock == 3
    assert list(verify()) == []


def test_a_correction_beyond_what_is_left_becomes_a_debt(cast_on_either):
    cast = cast_on_either
    volunteer = cast.registered("李明")
    (record,) = cast.posted(volunteer, minutes=240)
    item = RewardItem.enter(cast.head, name="理发", points=3)
    Redemption.reserve(volunteer.id, item.id, 1, cast.recorder, key="k1")
    asked = Correction.enter(cast.recorder, record=record.id, reason="重复登记")
    assert any("将欠 3.00 小时" in said for said in asked.consequences())
    Correction.move(asked.id, "approve", cast.head)
    balance = Balance.get_by_id(volunteer.id)
    assert (balance.honour, balance.exchangeable, balance.debt) == (0, 0, 180)
    cast.posted(volunteer, minutes=200)
    balance = Balance.get_by_id(volunteer.id)
    assert (balance.honour, balance.exchangeable, balance.debt, balance.spendable) == (200, 20, 0, 20)
    assert list(verify()) == []
