"""核对: every account of the ledger is held against its entries, and the first entry that does not fit is named."""

from datetime import date

import pytest

from desk import queries
from models import clock, verifying
from models.account_checks import AccountCheck, check_due
from models.base import database
from models.gifts import Gift
from models.hours import Balance, Chain, Entry, Lot, Writer
from models.verifying import reports, verify
from models.volunteers import Claim, Volunteer


def lot_of(volunteer) -> Lot:
    return Lot.get(Lot.volunteer == volunteer.id)


def named(volunteer) -> str:
    """What a fault calls somebody."""
    return f"志愿者 {volunteer.card_no}（第 {volunteer.id} 号）"


def write(station, *movements: dict) -> None:
    """What another stage writes: each movement of that day, with a key of its own."""
    with database.atomic():
        writer = Writer.open(station.id)
        day = clock.today()
        writer.write([{"key": f"test:{writer.chain.seq + n}", "day": day, **one} for n, one in enumerate(movements, 1)])


def out_of(lot: Lot, minutes: int, account: str, **more) -> dict:
    return {"debit": "exchangeable", "credit": account, "lot": lot.id, "volunteer": lot.volunteer_id, "minutes": minutes} | more


@pytest.fixture
def two(cast_on_either):
    cast = cast_on_either
    giver, receiver = cast.registered("李明"), cast.registered("王芳")
    for person in (giver, receiver):
        cast.posted(person, minutes=120)
    assert not verify()
    return cast, giver, receiver


def test_a_gift_that_arrives_whole_fits_and_one_that_does_not_names_its_first_entry(two):
    cast, giver, receiver = two
    kept = Lot(volunteer=receiver.id, origin="desk", earned_on=clock.today(), minutes=60, left=0, gift=1)
    given = out_of(lot_of(giver), 60, "gift", kind="gift", gift=1)
    taken = {"debit": "gift", "credit": "exchangeable", "lot": kept, "volunteer": receiver.id, "kind": "gift", "gift": 1}
    write(cast.a, given, taken | {"minutes": 60})
    assert Lot.get(Lot.gift == 1).left == 60
    assert Balance.get_by_id(receiver.id).exchangeable == 180
    assert not verify()
    write(cast.a, out_of(lot_of(giver), 30, "gift", kind="gift", gift=2))
    (fault,) = verify()
    assert fault.where == f"工作站 {cast.a.id} 第 7 笔"
    assert fault.says == "赠送单 2 送出与收到的工时相差 30 分钟。"


def test_a_gift_over_two_chains_fits_on_both(two):
    cast, giver, receiver = two
    write(cast.a, out_of(lot_of(giver), 30, "gift", kind="gift", gift=1))
    assert [bool(report.faults) for report in reports()] == [True, False]
    kept = Lot(volunteer=receiver.id, origin="desk", earned_on=clock.today(), minutes=30, left=0, gift=1)
    write(cast.b, {"debit": "gift", "credit": "exchangeable", "lot": kept, "volunteer": receiver.id, "minutes": 30, "gift": 1,
                   "kind": "gift"})  # fmt: skip
    assert not verify()


def test_a_station_grants_no_more_than_was_donated_to_it(two):
    cast, giver, _ = two
    donated = Gift.donate(giver.id, 60, cast.recorder, "d1")
    grant = {
        "debit": "station", "credit": "exchange", "kind": "grant", "volunteer": giver.id, "gift": donated.id,
    }  # fmt: skip
    write(cast.a, grant | {"minutes": 50})
    Gift.update(left_minutes=10).where(Gift.id == donated.id).execute()
    assert not verify()
    write(cast.a, grant | {"minutes": 20})
    fault = verify()[0]
    assert (fault.where, fault.says) == (f"工作站 {cast.a.id} 第 7 笔", "捐赠池支出多于收到的捐赠。")


def test_the_pool_pays_for_nothing_but_donations_of_its_own_station(two):
    cast, giver, _ = two
    write(cast.a, out_of(lot_of(giver), 60, "station", kind="donation", gift=999))
    assert [fault.says for fault in verify()] == ["捐赠池的分录写明的赠送单 999 不是本站收到的捐赠。"]


def test_what_leaves_a_chain_with_a_person_must_arrive(two):
    cast, giver, _ = two
    write(cast.a, {"debit": "honour", "credit": "transfer", "kind": "transfer", "volunteer": giver.id, "minutes": 60})
    assert [fault.says for fault in verify()] == ["转出与转入的工时相差 60 分钟。"]


def test_a_gift_in_an_entry_is_sealed_with_it_and_entries_without_one_keep_their_hash(cast):
    entry = Entry(
        station=1, seq=1, key="k", at=clock.now(), day=date(2026, 1, 1), kind="gift", debit="gift", credit="exchangeable",
        volunteer=1, minutes=60, previous="0" * 64,
    )  # fmt: skip
    plain = entry.digest()
    entry.gift = 7
    assert entry.digest() != plain
    entry.gift, entry.attendance = None, 7
    assert entry.digest() != plain


def test_a_lot_of_somebody_else_shows(two):
    _, giver, receiver = two
    Lot.update(volunteer=receiver.id).where(Lot.volunteer == giver.id).execute()
    assert {fault.where for fault in verify()} == {named(giver), named(receiver)}


def test_people_are_looked_up_by_one_statement_only_where_something_is_wrong(two):
    _, giver, receiver = two
    with queries() as well:
        assert not verify()
    Balance.update(honour=1).execute()
    Lot.update(left=1).execute()
    with queries() as ill:
        found = verify()
    assert [fault.where for fault in found] == [named(giver)] * 2 + [named(receiver)] * 2
    assert len(ill) == len(well) + 1
    Volunteer.update(card_no=None).where(Volunteer.id == giver.id).execute()
    assert verify()[0].where == f"志愿者第 {giver.id} 号"


def test_a_page_of_entries_ends_and_the_next_goes_on(two, monkeypatch):
    cast, *_ = two
    for size in (1, 2, 3, 4, 5):
        monkeypatch.setattr(verifying, "READ_AT_ONCE", size)
        assert [(report.station, report.entries, report.faults) for report in reports()] == [
            (cast.a.id, 4, []), (cast.b.id, 0, []),
        ]  # fmt: skip


def test_each_person_is_held_against_her_entries_at_the_station_where_she_stands(two):
    cast, giver, _ = two
    claim = Claim.ask("resident_id", giver.document_number, "搬家", cast.head_b)
    Claim.move(claim.id, "agree", cast.head)
    Balance.update(honour=1).where(Balance.volunteer == giver.id).execute()
    assert not verify(cast.a.id)
    assert [fault.where for fault in verify(cast.b.id)] == [named(giver)]
    assert verify() == verify(cast.b.id)


# --- what a night keeps ---


def kept() -> list[tuple]:
    rows = AccountCheck.select(AccountCheck.station, AccountCheck.ok, AccountCheck.entries, AccountCheck.faults)
    return list(rows.order_by(AccountCheck.station).tuples())


def test_the_night_keeps_what_it_found_once_a_day(two):
    cast, giver, _ = two
    assert check_due() == []
    assert kept() == [(cast.a.id, True, 4, ""), (cast.b.id, True, 0, "")]
    before = AccountCheck.get(AccountCheck.station == cast.a.id)
    Balance.update(honour=1).where(Balance.volunteer == giver.id).execute()
    assert check_due() == []  # read this night already
    clock.move_demo_clock(1)
    (found,) = check_due()
    assert (found.station_id, found.ok, found.first_fault) == (cast.a.id, False, f"{named(giver)}：余额与分录合计不符。")
    assert found.id == before.id and found.wrong_since == found.checked_at
    clock.move_demo_clock(1)
    (again,) = check_due()
    assert (again.wrong_since, again.checked_at > found.checked_at) == (found.wrong_since, True)
    Balance.update(honour=120).where(Balance.volunteer == giver.id).execute()
    clock.move_demo_clock(1)
    assert check_due() == []
    assert AccountCheck.get(AccountCheck.station == cast.a.id).wrong_since is None
    assert AccountCheck.select().count() == 2


def test_the_first_fault_is_the_chains_and_not_all_are_written_down(cast, monkeypatch):
    monkeypatch.setattr("models.account_checks.KEPT", 2)
    people = [cast.registered(name) for name in ("李明", "王芳", "赵六")]
    for person in people:
        cast.posted(person, minutes=60)
    Balance.update(honour=1).execute()
    Chain.update(seq=9).where(Chain.station == cast.a.id).execute()
    (found,) = check_due()
    assert found.faults.splitlines() == [
        f"工作站 {cast.a.id}：账尾记到第 9 笔，实际只有 6 笔。", f"{named(people[0])}：余额与分录合计不符。",
    ]  # fmt: skip
