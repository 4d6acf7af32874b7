"""异地转移: the account goes along with the person, and counts nowhere as service or as taken back."""

from datetime import timedelta

import pytest

from cast import past_the_notice
from models import clock, closes, moving, statements, statistics
from models.base import database
from models.corrections import Correction
from models.hours import Balance, Chain, Entry, Lot, Writer
from models.keying import key_in
from models.records import ServiceRecord, move_all, post_due
from models.rewards import Redemption, RewardItem
from models.scope import SYSTEM
from models.stars import honour_lines
from models.verifying import verify
from models.volunteers import Claim, Volunteer
from rules.stars import evidence


def balance(volunteer) -> tuple[int, int, int]:
    row = Balance.get_by_id(volunteer.id)
    return row.honour, row.exchangeable, row.debt


def on_chain(station, account) -> int:
    rows = Entry.select(Entry.debit, Entry.credit, Entry.minutes).where(Entry.station == station.id)
    return sum(m * ((c == account) - (d == account)) for d, c, m in rows.tuples())


def moved(cast, volunteer, to_b: bool = True) -> Claim:
    asks, agrees = (cast.head_b, cast.head) if to_b else (cast.head, cast.head_b)
    claim = Claim.ask("resident_id", volunteer.document_number, "搬家", asks)
    return Claim.move(claim.id, "agree", agrees)


def test_honour_and_every_lot_leave_one_chain_and_come_into_the_other(cast_on_either):
    cast = cast_on_either
    volunteer, today = cast.registered(), clock.today()
    cast.posted(volunteer, minutes=120, day=today - timedelta(days=9))
    cast.posted(volunteer, minutes=60, day=today - timedelta(days=5))
    item = RewardItem.enter(cast.head, name="理发", points=1)
    Redemption.reserve(volunteer.id, item.id, 1, cast.recorder, "k1")
    lots = list(Lot.select(Lot.id, Lot.minutes, Lot.left, Lot.expires_on).order_by(Lot.id).tuples())
    claim = moved(cast, volunteer)
    out = [
        ("honour", "transfer", 180, f"转出到{cast.b.name}"), ("exchangeable", "transfer", 60, f"转出到{cast.b.name}"),
        ("exchangeable", "transfer", 60, f"转出到{cast.b.name}"),
    ]  # fmt: skip
    into = [(c, d, m, f"从{cast.a.name}转入") for d, c, m, _ in out]
    said = Entry.select(Entry.debit, Entry.credit, Entry.minutes, Entry.reason).order_by(Entry.seq)
    for station, expected in ((cast.a, out), (cast.b, into)):
        assert list(said.where(Entry.station == station.id, Entry.kind == "transfer").tuples()) == expected
    assert balance(volunteer) == (180, 120, 0)
    assert list(Lot.select(Lot.id, Lot.minutes, Lot.left, Lot.expires_on).order_by(Lot.id).tuples()) == lots
    assert [on_chain(cast.a, name) for name in ("honour", "exchangeable")] == [0, 0]
    assert [on_chain(cast.b, name) for name in ("honour", "exchangeable")] == [180, 120]
    assert not verify()
    count = Entry.select().count()
    Claim.move(claim.id, "agree", cast.head)
    with database.atomic():
        moving.move_account(Claim.get_by_id(claim.id), SYSTEM)
    assert Entry.select().count() == count


def test_there_and_back_again(cast):
    volunteer = cast.registered()
    cast.posted(volunteer, minutes=120)
    moved(cast, volunteer)
    moved(cast, volunteer, to_b=False)
    assert [on_chain(cast.a, name) for name in ("honour", "exchangeable", "transfer")] == [120, 120, 0]
    assert balance(volunteer) == (120, 120, 0)
    assert not verify()


def test_a_debt_stays_the_persons_and_is_paid_by_hours_at_the_new_station(cast):
    volunteer = cast.registered()
    (record,) = cast.posted(volunteer, minutes=60)
    item = RewardItem.enter(cast.head, name="理发", points=1)
    Redemption.reserve(volunteer.id, item.id, 1, cast.recorder, "k1")
    asked = Correction.enter(cast.recorder, record=record.id, reason="重复登记")
    Correction.move(asked.id, "approve", cast.head)
    moved(cast, volunteer)
    assert not Entry.select().where(Entry.kind == "transfer").exists()
    (row,) = key_in([cast.draft(volunteer, cast.activity(by=cast.recorder_b))], cast.recorder_b)
    for name, by in (("submit", cast.recorder_b), ("approve", cast.head_b), ("notice", cast.head_b)):
        move_all([row.id], name, by)
    past_the_notice()
    post_due()
    assert balance(volunteer) == (120, 60, 0)
    assert not verify()


def test_hours_brought_along_are_spent_and_corrected_as_before(cast):
    volunteer = cast.registered()
    (record,) = cast.posted(volunteer, minutes=120)
    moved(cast, volunteer)
    item = RewardItem.enter(cast.head_b, name="理发", points=1)
    made = Redemption.reserve(volunteer.id, item.id, 1, cast.recorder_b, "k1")
    asked = Correction.enter(cast.recorder, record=record.id, reason="重复登记")
    Correction.move(asked.id, "approve", cast.head)
    assert balance(volunteer) == (0, 0, 60)
    Redemption.move(made.id, "cancel", cast.head_b, "不需要了")
    assert balance(volunteer) == (0, 0, 0)
    assert not verify()


def test_somebody_not_yet_approved_takes_nothing_along(cast):
    from cast import person

    row = Volunteer.enter(cast.recorder, **person())
    moved(cast, row)
    assert Volunteer.get_by_id(row.id).station_id == cast.b.id
    assert not Entry.select().exists()


@pytest.fixture
def after_a_move(cast):
    """What every reader of honour minutes says before a person moves, and who she is."""
    volunteer = cast.registered()
    cast.posted(volunteer, minutes=180)
    before = readings(cast, volunteer)
    moved(cast, volunteer)
    return cast, volunteer, before


def readings(cast, volunteer) -> dict:
    month = closes.next_to_close(cast.a.id)
    frozen = evidence(honour_lines(volunteer.id))
    year = statistics.Period(date_of(volunteer).replace(month=1, day=1), clock.today())
    hours = statistics.MEASURES["hours"]
    counted = Entry.select(hours.amount).where(hours.where(year)).tuples()
    return {
        "closes": [closes.months_of(station.id) for station in (cast.a, cast.b)],
        "turn": (month, closes.next_to_close(cast.b.id)),
        "stars": {name: frozen[name] for name in ("honour_minutes", "records", "first_day", "last_day", "years")},
        "hours": sorted(int(minutes) for (minutes,) in counted),
    }


def date_of(volunteer):
    return ServiceRecord.select(ServiceRecord.started_at).where(ServiceRecord.volunteer == volunteer.id).scalar().date()


def test_no_reader_of_honour_minutes_takes_a_move_for_service_or_for_a_correction(after_a_move):
    cast, volunteer, before = after_a_move
    assert readings(cast, volunteer) == before
    assert before["stars"]["records"] == 1 and before["hours"] == [180]


def test_a_month_closed_before_the_move_still_fits_and_one_closed_after_says_the_same(after_a_move):
    cast, _, _ = after_a_move
    month = closes.next_to_close(cast.a.id)
    while not closes.has_ended(month, clock.today()):
        clock.move_demo_clock(20)
    row = closes.MonthClose.close(cast.a.id, month, cast.head)
    assert (row.minutes, row.taken_back, row.other_minutes, row.net_minutes) == (180, 0, 0, 180)
    assert not verify()


def test_the_statement_says_out_and_in_and_comes_to_the_balance(after_a_move):
    _, volunteer, _ = after_a_move
    said = statements.statement(volunteer.id)
    assert [line.changes["honour"] for line in said.lines] == [0, 180, 0, -180, 0, 180]
    assert said.lines[0].sums == {"honour": 180, "exchangeable": 180, "debt": 0}
    first, last = (Entry.get_by_id(said.lines[n].id).reason for n in (0, 3))
    assert "转入" in first and "转出" in last


def test_out_and_in_can_be_used_apart_by_whoever_brings_an_account_from_elsewhere(cast):
    """Half of a transfer is what `verify` must not pass over as long as nothing says where the other half is."""
    volunteer = cast.registered()
    with database.atomic():
        lot = Lot(volunteer=volunteer.id, origin="transferred", earned_on=clock.today(), minutes=90, left=0)
        moving.transfer_in(Writer.open(cast.a.id), volunteer.id, 120, [(lot, 90)], "package:1", "从外省转入", SYSTEM)
    assert balance(volunteer) == (120, 90, 0)
    assert Lot.get().left == 90
    assert [fault.says for fault in verify()] == ["转出与转入的工时相差 210 分钟。"]
    with database.atomic():
        moving.transfer_out(
            Writer.open(cast.a.id), volunteer.id, 120, [(Lot.get(), 90)], "package:2", "转出到外省", SYSTEM
        )  # fmt: skip
    assert balance(volunteer) == (0, 0, 0)
    assert not verify()


def test_both_chains_are_taken_in_the_order_of_their_numbers(cast, monkeypatch):
    volunteer = cast.registered(by=cast.recorder_b)
    locked, lock = [], Chain.lock.__func__
    monkeypatch.setattr(Chain, "lock", classmethod(lambda cls, key: locked.append(key) or lock(cls, key)))
    moved(cast, volunteer, to_b=False)
    assert locked[-2:] == [cast.a.id, cast.b.id]
