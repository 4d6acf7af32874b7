"""到期作废: what lies in lots past their term leaves the account; what comes back to them goes again; honour stays."""

from datetime import date, timedelta

import pytest

from models import clock, expiring
from models.base import database
from models.consequences import consequences
from models.corrections import Correction
from models.expiring import expire_due
from models.hours import Balance, Entry, Lot, Writer, reverse, spendable_on
from models.policy import PolicyVersion
from models.records import ServiceRecord
from models.rewards import Redemption, RewardItem
from models.scope import SYSTEM, within
from models.verifying import verify
from models.volunteers import Claim
from rules.policy import Version
from rules.rewards import expires_on
from rules.topics import Exchange


def policy(**more) -> None:
    values = {
        "points_per_hour": 1, "origins": ["desk", "backfilled"], "floor_hours": 0, "yearly_cap_points": 0,
        "valid_months": 2,
    } | more  # fmt: skip
    PolicyVersion.create(topic="exchange", division="5301", since=date(2020, 1, 1), source="市文件", values=values)


def balance(volunteer) -> tuple[int, int, int]:
    row = Balance.get_by_id(volunteer.id)
    return row.honour, row.exchangeable, row.debt


def written() -> list[tuple]:
    rows = Entry.select(Entry.debit, Entry.credit, Entry.minutes, Entry.reason).where(Entry.kind == "expiry")
    return list(rows.order_by(Entry.id).tuples())


@pytest.mark.parametrize(
    ("earned", "months", "day"),
    [
        (date(2025, 3, 5), 12, date(2027, 1, 1)), (date(2025, 1, 1), 12, date(2027, 1, 1)),
        (date(2025, 12, 31), 12, date(2027, 1, 1)), (date(2025, 3, 5), 24, date(2028, 1, 1)),
        (date(2025, 3, 5), 1, date(2026, 1, 1)),
    ],
)  # fmt: skip
def test_with_a_years_end_the_term_runs_on_to_the_end_of_its_year(earned, months, day):
    rule = Exchange(
        points_per_hour=1, origins=("desk",), floor_hours=0, yearly_cap_points=0, valid_months=months, year_end=True
    )  # fmt: skip
    assert expires_on(earned, Version("exchange", "53", date(2020, 1, 1), "", rule)) == day


def test_what_is_left_past_its_term_is_written_off_once_and_honour_stays(cast_on_either):
    cast = cast_on_either
    policy()
    volunteer, other = cast.registered(), cast.registered("王芳")
    yesterday = clock.today() - timedelta(days=1)
    cast.posted(volunteer, minutes=120, day=yesterday)
    cast.posted(other, minutes=60, day=yesterday)
    last = min(lot.expires_on for lot in Lot.select()) - timedelta(days=1)
    clock.move_demo_clock((last - clock.today()).days)
    assert expire_due() == 0  # the last day is a good one
    clock.move_demo_clock(1)
    assert expire_due() == 2
    assert [balance(who) for who in (volunteer, other)] == [(120, 0, 0), (60, 0, 0)]
    said = f"{yesterday} 的工时 {last + timedelta(days=1)} 到期"
    assert written() == [("exchangeable", "expiry", 120, said), ("exchangeable", "expiry", 60, said)]
    assert expire_due() == 0
    assert len(written()) == 2
    assert not verify()


def test_more_lots_than_one_transaction_takes_all_go(cast, monkeypatch):
    monkeypatch.setattr(expiring, "AT_ONCE", 2)
    policy()
    volunteer = cast.registered()
    for back in (1, 2, 3, 4, 5):
        cast.posted(volunteer, minutes=60, day=clock.today() - timedelta(days=back))
    clock.move_demo_clock(90)
    assert expire_due() == 5
    assert balance(volunteer) == (300, 0, 0)
    assert not verify()


def test_what_a_cancelled_exchange_returns_to_a_lot_past_its_term_goes_at_the_next_run(cast):
    policy()
    volunteer = cast.registered()
    cast.posted(volunteer, minutes=120)
    item = RewardItem.enter(cast.head, name="理发", points=1)
    made = Redemption.reserve(volunteer.id, item.id, 1, cast.recorder, "k1")
    clock.move_demo_clock(60)
    assert expire_due() == 1
    Redemption.move(made.id, "cancel", cast.head, "不需要了")
    assert balance(volunteer) == (120, 60, 0)
    assert spendable_on(Balance.get_by_id(volunteer.id), clock.today()) == 0
    assert expire_due() == 1
    assert [minutes for _, _, minutes, _ in written()] == [60, 60]
    assert {entry.key.rsplit(":", 1)[1] for entry in Entry.select().where(Entry.kind == "expiry")} == {"0", "1"}
    assert balance(volunteer) == (120, 0, 0)
    assert not verify()


def test_a_correction_after_the_term_takes_back_what_ran_out_and_only_what_was_used_is_owed(cast_on_either):
    cast = cast_on_either
    policy()
    volunteer = cast.registered()
    (record,) = cast.posted(volunteer, minutes=120)
    item = RewardItem.enter(cast.head, name="理发", points=1)
    made = Redemption.reserve(volunteer.id, item.id, 1, cast.recorder, "k1")
    Redemption.move(made.id, "hand", cast.recorder)
    clock.move_demo_clock(60)
    expire_due()
    said = consequences(ServiceRecord.get_by_id(record.id))
    assert "可兑换工时不足，将欠 1.00 小时，由以后的工时抵扣。" in said
    assert "其中 1.00 小时已到期作废，不再另外扣回。" in said
    asked = Correction.enter(cast.recorder, record=record.id, reason="重复登记")
    Correction.move(asked.id, "approve", cast.head)
    assert balance(volunteer) == (0, 0, 60)
    back = Entry.select(Entry.debit, Entry.minutes).where(Entry.kind == "reversal").order_by(Entry.id).tuples()
    assert list(back) == [("honour", 120), ("expiry", 60), ("debt", 60)]
    assert not verify()


def test_what_ran_out_is_taken_back_once_and_nobodys_other_hours_pay_for_it(cast):
    policy()
    volunteer = cast.registered()
    (old,) = cast.posted(volunteer, minutes=120)
    clock.move_demo_clock(60)
    expire_due()
    cast.posted(volunteer, minutes=180)
    for _ in range(2):
        with database.atomic():
            reverse(ServiceRecord.get_by_id(old.id), SYSTEM, None, "重复登记", Writer.open(old.station_id))
    assert balance(volunteer) == (180, 180, 0)
    assert not verify()


def test_after_a_transfer_it_expires_where_the_person_is(cast):
    policy()
    volunteer = cast.registered()
    cast.posted(volunteer, minutes=120)
    claim = Claim.ask("resident_id", volunteer.document_number, "搬家", cast.head_b)
    Claim.move(claim.id, "agree", cast.head)
    clock.move_demo_clock(60)
    assert expire_due() == 1
    assert Entry.get(Entry.kind == "expiry").station_id == cast.b.id
    assert not verify()


def test_hours_that_may_only_be_donated_expire_too(cast):
    policy(donation_origins=["desk"])
    volunteer = cast.registered()
    cast.posted(volunteer, minutes=120)
    clock.move_demo_clock(60)
    assert expire_due() == 1
    assert balance(volunteer) == (120, 0, 0)


def test_the_desk_is_told_thirty_days_ahead(cast):
    policy()
    volunteer = cast.registered()
    cast.posted(volunteer, minutes=120)
    (ends,) = [lot.expires_on for lot in Lot.select()]

    def soon(by):
        return [row._pk for row in Balance.select().where(within(Balance, by), expiring.runs_out_soon(by))]

    clock.move_demo_clock((ends - clock.today()).days - 31)
    assert soon(cast.head) == []
    clock.move_demo_clock(1)
    assert soon(cast.head) == [volunteer.id]
    assert soon(cast.head_b) == []
    clock.move_demo_clock(31)
    assert soon(cast.head) == []  # over, not soon
