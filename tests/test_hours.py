"""工时账: double entries in a chain that shows tampering; lots, debts, reversals; on both databases."""

from datetime import date, timedelta

import pytest
from peewee import DatabaseError, IntegrityError, fn

from cast import past_the_notice
from models import clock
from models.audit import Trail
from models.base import database, on_postgres
from models.corrections import Correction
from models.earning import post
from models.hours import Balance, Chain, Entry, Lot, Writer, reverse, spendable_on
from models.policy import PolicyVersion, book
from models.records import ServiceRecord
from models.refusals import Refusal
from models.rewards import Redemption, RewardItem
from models.scope import SYSTEM, find, within
from models.verifying import verify
from models.volunteers import Claim


def balance(volunteer) -> tuple[int, int, int]:
    row = Balance.get_by_id(volunteer.id)
    return row.honour, row.exchangeable, row.debt


def lots(volunteer) -> list[tuple[date, int, int]]:
    query = Lot.select(Lot.earned_on, Lot.minutes, Lot.left).where(Lot.volunteer == volunteer.id)
    return list(query.order_by(Lot.earned_on, Lot.id).tuples())


def correct(cast, record) -> None:
    asked = Correction.enter(cast.recorder, record=record.id, reason="重复登记")
    Correction.move(asked.id, "approve", cast.head)


def spend(cast, volunteer, points: int, key: str = "k1") -> Redemption:
    item = RewardItem.enter(cast.head, name="理发", points=points)
    return Redemption.reserve(volunteer.id, item.id, 1, cast.recorder, key)


def test_every_entry_moves_minutes_between_two_accounts(cast):
    volunteer = cast.registered()
    (record,) = cast.posted(volunteer, minutes=120)
    said = list(Entry.select(Entry.debit, Entry.credit, Entry.minutes, Entry.key).order_by(Entry.id).tuples())
    assert said == [
        ("service", "honour", 120, f"post:{record.id}:honour"),
        ("service", "exchangeable", 120, f"post:{record.id}:exchangeable"),
    ]
    first = Entry.get(Entry.credit == "honour")
    assert (first.asked_by, first.approved_by, first.origin) == (cast.recorder.account_id, None, "desk")
    assert first.policy == record.policy
    assert balance(volunteer) == (120, 120, 0)


def test_posting_or_reversing_again_writes_nothing(cast):
    volunteer = cast.registered()
    (record,) = cast.posted(volunteer, minutes=120)
    count = Entry.select().count()
    with database.atomic():
        post(record, SYSTEM, book(), Writer.open(record.station_id))
    assert Entry.select().count() == count
    correct(cast, record)
    count = Entry.select().count()
    with database.atomic():
        reverse(record, SYSTEM, None, "再来一次", Writer.open(record.station_id))
    assert Entry.select().count() == count
    assert balance(volunteer) == (0, 0, 0)


def test_reversing_the_first_entry_is_not_taken_for_reversing_the_twelfth(cast):
    records = []
    for n in range(7):
        records += cast.posted(cast.registered(f"李明{'一二三四五六七'[n]}"), minutes=60)
    numbers = {e.record: e.id for e in Entry.select().where(Entry.credit == "honour")}
    late = next(r for r in records if str(numbers[r.id]).startswith("1") and numbers[r.id] >= 10)
    early = next(r for r in records if numbers[r.id] == 1)
    correct(cast, late)
    correct(cast, early)
    assert [balance(r.volunteer) for r in (late, early)] == [(0, 0, 0)] * 2
    assert not verify()


def test_a_correction_names_what_it_reverses_who_asked_who_approved_and_why(cast):
    volunteer = cast.registered()
    (record,) = cast.posted(volunteer, minutes=120)
    correct(cast, record)
    opposite = Entry.get(Entry.kind == "reversal", Entry.debit == "honour")
    assert opposite.reverses.key == f"post:{record.id}:honour"
    assert (opposite.asked_by, opposite.approved_by, opposite.reason) == (
        cast.recorder.account_id, cast.head.account_id, "重复登记",
    )  # fmt: skip
    with pytest.raises(Refusal, match="只有已入账的才需要冲正"):
        Correction.enter(cast.recorder, record=record.id, reason="再来一次")


def test_a_reversal_takes_from_its_own_lot_first_and_then_from_the_oldest(cast):
    volunteer = cast.registered()
    today = clock.today()
    (old,) = cast.posted(volunteer, minutes=60, day=today - timedelta(days=5))
    (middle,) = cast.posted(volunteer, minutes=60, day=today - timedelta(days=4))
    (new,) = cast.posted(volunteer, minutes=60, day=today - timedelta(days=3))
    correct(cast, middle)
    assert [left for _, _, left in lots(volunteer)] == [60, 0, 60]
    spend(cast, volunteer, 1)  # the oldest goes first
    assert [left for _, _, left in lots(volunteer)] == [0, 0, 60]
    correct(cast, old)
    assert [left for _, _, left in lots(volunteer)] == [0, 0, 0]
    assert balance(volunteer) == (60, 0, 0)
    correct(cast, new)
    assert balance(volunteer) == (0, 0, 60)
    assert not verify()


def test_lots_are_spent_oldest_first_by_day_of_service_and_not_of_posting(cast):
    volunteer = cast.registered()
    today = clock.today()
    cast.posted(volunteer, minutes=60, day=today - timedelta(days=1))
    cast.posted(volunteer, minutes=120, day=today - timedelta(days=9))
    spend(cast, volunteer, 1)
    assert [left for _, _, left in lots(volunteer)] == [60, 60]


def test_a_debt_is_paid_by_later_hours_and_spending_waits_for_it(cast):
    volunteer = cast.registered()
    (record,) = cast.posted(volunteer, minutes=120)
    spend(cast, volunteer, 2)
    correct(cast, record)
    assert balance(volunteer) == (0, 0, 120)
    cast.posted(volunteer, minutes=60)
    assert balance(volunteer) == (60, 0, 60)
    with pytest.raises(Refusal, match=r"需要 1.00 小时，现有 0.00 小时"):
        spend(cast, volunteer, 1, "k2")
    (later,) = cast.posted(volunteer, minutes=180)
    assert balance(volunteer) == (240, 120, 0)
    correct(cast, later)  # its lot repaid sixty minutes, which are owed again
    assert balance(volunteer) == (60, 0, 60)
    assert not verify()


def test_a_cancelled_exchange_returns_to_the_very_lots(cast):
    volunteer = cast.registered()
    today = clock.today()
    cast.posted(volunteer, minutes=60, day=today - timedelta(days=5))
    cast.posted(volunteer, minutes=120, day=today - timedelta(days=4))
    made = spend(cast, volunteer, 2)
    assert [left for _, _, left in lots(volunteer)] == [0, 60]
    Redemption.move(made.id, "cancel", cast.head, "不需要了")
    assert [left for _, _, left in lots(volunteer)] == [60, 120]
    assert balance(volunteer) == (180, 180, 0)
    assert not verify()


def exchange_policy(**more) -> None:
    values = {
        "points_per_hour": 1, "origins": ["desk", "backfilled"], "floor_hours": 0, "yearly_cap_points": 0,
        "valid_months": 0,
    } | more  # fmt: skip
    PolicyVersion.create(topic="exchange", division="5301", since=date(2020, 1, 1), source="市文件", values=values)


def test_hours_past_their_term_are_not_spent_and_honour_is_untouched(cast):
    exchange_policy(valid_months=2)
    volunteer = cast.registered()
    cast.posted(volunteer, minutes=120)
    cast.posted(volunteer, minutes=60)  # the clock stands twenty days later
    clock.move_demo_clock(30)
    assert spendable_on(Balance.get_by_id(volunteer.id), clock.today()) == 60
    with pytest.raises(Refusal, match=r"需要 2.00 小时，现有 1.00 小时"):
        spend(cast, volunteer, 2)
    made = spend(cast, volunteer, 1, "k2")
    assert made.left_minutes == 0
    assert balance(volunteer) == (180, 120, 0)
    assert not verify()


def test_an_origin_that_policy_leaves_out_counts_for_honour_alone(cast):
    exchange_policy(origins=["checked_in"])
    volunteer = cast.registered()
    (record,) = cast.posted(volunteer, minutes=120)
    assert balance(volunteer) == (120, 0, 0)
    asked = Correction.enter(cast.recorder, record=record.id, reason="重复登记")
    assert asked.consequences()[1] == "可兑换工时变为 0.00 小时。"
    Correction.move(asked.id, "approve", cast.head)
    assert balance(volunteer) == (0, 0, 0)


@pytest.mark.parametrize("table", [Entry, Trail])
@pytest.mark.parametrize("verb", ["UPDATE {0} SET reason = 'x'", "DELETE FROM {0}", "TRUNCATE {0}"])
def test_the_database_itself_refuses_to_change_what_is_written(cast_on_either, table, verb):
    cast = cast_on_either
    cast.posted(cast.registered(), minutes=60)
    if verb.startswith("TRUNCATE") and not on_postgres():
        verb = "DELETE FROM {0} WHERE 1 = 1"
    count = table.select().count()
    with pytest.raises(DatabaseError, match="append-only"), database.atomic():
        database.execute_sql(verb.format(table._meta.table_name) + (" CASCADE" if "TRUNCATE" in verb else ""))
    assert table.select().count() == count
    assert not verify()


@pytest.mark.parametrize(
    "wrong", [{Balance.exchangeable: -1}, {Balance.debt: -1}, {Balance.honour: -1}], ids=["spent", "debt", "honour"]
)
def test_the_database_itself_refuses_a_balance_below_zero(cast_on_either, wrong):
    cast_on_either.registered()
    with pytest.raises(IntegrityError), database.atomic():
        Balance.update(wrong).execute()


def unguarded() -> None:
    """What somebody with the database's own password can do."""
    if on_postgres():
        database.execute_sql("DROP TRIGGER entry_append_only ON entry")
    else:
        database.execute_sql("DROP TRIGGER entry_no_update")
        database.execute_sql("DROP TRIGGER entry_no_delete")


@pytest.fixture
def ledger(cast_on_either):
    cast = cast_on_either
    for name in ("李明", "王芳", "赵六"):
        cast.posted(cast.registered(name), minutes=60)
    assert not verify()
    unguarded()
    return cast


@pytest.mark.parametrize(
    "change",
    [{"minutes": 61}, {"day": date(2020, 1, 1)}, {"reason": "改"}, {"origin": "group"}, {"approved_by": 7},
     {"credit": "honour", "debit": "debt"}, {"key": "post:999:honour"}, {"hash": "f" * 64}],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_an_altered_entry_is_the_first_that_verify_names(ledger, change):
    Entry.update(change).where(Entry.seq == 3).execute()
    first = verify()[0]
    assert first.where == f"工作站 {ledger.a.id} 第 3 笔"
    assert "改动过" in first.says
    assert verify(ledger.a.id)[0] == first


def test_a_deleted_entry_is_missed(ledger):
    Entry.delete().where(Entry.seq == 3).execute()
    first = verify()[0]
    assert (first.where, first.says) == (f"工作站 {ledger.a.id} 第 4 笔", "前面缺少第 3 笔分录。")


def test_the_last_entry_is_missed_too(ledger):
    Entry.delete().where(Entry.seq == 6).execute()
    assert verify()[0].says == "账尾记到第 6 笔，实际只有 5 笔。"


def test_two_entries_that_changed_places_show(ledger):
    Entry.update(seq=1000).where(Entry.seq == 3).execute()
    Entry.update(seq=3).where(Entry.seq == 5).execute()
    Entry.update(seq=5).where(Entry.seq == 1000).execute()
    assert verify()[0].where == f"工作站 {ledger.a.id} 第 3 笔"


def test_an_entry_altered_with_its_hash_made_anew_breaks_the_next(ledger):
    for seq, named in ((3, 4), (6, 6)):
        entry = Entry.get(Entry.seq == seq)
        old = entry.minutes, entry.hash
        entry.minutes = 999
        entry.hash = entry.digest()
        entry.save()
        assert verify()[0].where == f"工作站 {ledger.a.id} 第 {named} 笔"
        entry.minutes, entry.hash = old
        entry.save()
    assert not verify()


def test_a_chain_without_its_head_shows(ledger):
    Chain.delete().execute()
    assert verify()[0].says == "有 6 笔分录而没有账尾。"


def test_a_balance_or_a_lot_that_does_not_fit_its_entries_shows(ledger):
    volunteer = Balance.select(fn.MIN(Balance.volunteer)).scalar()
    Balance.update(honour=Balance.honour + 1).where(Balance.volunteer == volunteer).execute()
    assert [f.says for f in verify()] == ["余额与分录合计不符。"]
    Balance.update(honour=Balance.honour - 1).where(Balance.volunteer == volunteer).execute()
    first, second = Lot.select().order_by(Lot.id).limit(2)
    Lot.update(left=Lot.left - 1).where(Lot.id == first.id).execute()
    Lot.update(left=Lot.left + 1).where(Lot.id == second.id).execute()
    assert len(verify()) == 2


def test_each_station_has_a_chain_of_its_own(cast):
    visitor = cast.registered()
    cast.posted(visitor, minutes=60)
    activity = cast.activity(by=cast.recorder_b)
    from models.keying import key_in
    from models.records import move_all, post_due

    (row,) = key_in([cast.draft(visitor, activity)], cast.recorder_b)
    for move, by in (("submit", cast.recorder_b), ("approve", cast.head_b), ("notice", cast.head_b)):
        move_all([row.id], move, by)
    past_the_notice()
    assert post_due() == 1
    assert {(c.station_id, c.seq) for c in Chain.select()} == {(cast.a.id, 2), (cast.b.id, 2)}
    assert balance(visitor) == (180, 180, 0)
    assert not verify()


def test_after_a_transfer_both_stations_see_the_old_entries(cast):
    volunteer = cast.registered()
    cast.posted(volunteer, minutes=60)
    assert not Entry.select().where(within(Entry, cast.head_b)).exists()
    claim = Claim.ask("resident_id", volunteer.document_number, "搬家", cast.head_b)
    Claim.move(claim.id, "agree", cast.head)
    old, out, into = Entry.kind == "service", Entry.reason.startswith("转出"), Entry.reason.endswith("转入")
    for head, sees in ((cast.head, [2, 2, 0]), (cast.head_b, [2, 2, 2])):
        seen = Entry.select().where(within(Entry, head))
        assert [seen.where(part).count() for part in (old, out, into)] == sees
    assert find(Balance, volunteer.id, cast.head_b).honour == 60
    assert ServiceRecord.get().station_id == cast.a.id
