"""Two desks at once, on both databases: they queue, exactly as many succeed as there is room for, and none hangs."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from served import recipient

from cast import past_the_notice, person
from models import clock
from models.base import database
from models.corrections import Correction
from models.failures import Failure
from models.gifts import Gift
from models.hours import Balance, Entry, Lot
from models.keying import key_in
from models.notices import Notice
from models.people import Account, set_password, sign_in
from models.policy import PolicyVersion
from models.pool import Grant, balance
from models.records import ServiceRecord, move_all, post_due
from models.refusals import Refusal
from models.rewards import Redemption, RewardItem
from models.scope import SYSTEM
from models.verifying import verify
from models.volunteers import Claim, Volunteer

PATIENCE = 30  # seconds until a test says that somebody hangs


def at_once(*work: Callable[[], object]) -> list[object]:
    """Run each piece in a thread with its own connection, all from one line; what each gave or was refused with."""
    line = threading.Barrier(len(work))

    def one(piece: Callable[[], object]) -> object:
        with database.connection_context():
            line.wait(PATIENCE)
            try:
                return piece()
            except Refusal as no:
                return no

    database.close()  # the pool has a place for each thread, not one more for whoever waits for them
    with ThreadPoolExecutor(len(work)) as pool:
        running = [pool.submit(one, piece) for piece in work]
        results = [each.result(timeout=PATIENCE) for each in running]
    database.connect()
    return results


def refused(results: list[object]) -> list[Refusal]:
    found = [r for r in results if isinstance(r, Refusal)]
    for no in found:
        assert all(f.says.endswith("。") and any("一" <= char <= "鿿" for char in f.says) for f in no.findings)
    return found


def test_sixteen_reserve_against_a_balance_that_allows_five(cast_on_either):
    cast = cast_on_either
    volunteer = cast.registered()
    cast.posted(volunteer, minutes=5 * 60 + 30)
    item = RewardItem.enter(cast.head, name="理发", points=1)
    results = at_once(
        *(lambda n=n: Redemption.reserve(volunteer.id, item.id, 1, cast.recorder, f"k{n}") for n in range(16))
    )
    assert len(refused(results)) == 11
    assert all("可兑换工时不足" in str(no) for no in refused(results))
    assert len({made.id for made in results if isinstance(made, Redemption)}) == Redemption.select().count() == 5
    assert Entry.select().where(Entry.kind == "exchange").count() == 5
    kept = Balance.get_by_id(volunteer.id)
    assert (kept.honour, kept.exchangeable, kept.debt) == (330, 30, 0)
    assert [lot.left for lot in Lot.select()] == [30]
    assert not verify()


def test_sixteen_reserve_from_a_stock_of_five(cast_on_either):
    cast = cast_on_either
    people = [cast.registered(f"李{'甲乙丙丁'[n % 4]}") for n in range(4)]
    for volunteer in people:
        cast.posted(volunteer, minutes=5 * 60)
    item = RewardItem.enter(cast.head, name="大米", kind="goods", points=1, stock=5)
    results = at_once(
        *(lambda n=n: Redemption.reserve(people[n % 4].id, item.id, 1, cast.recorder, f"k{n}") for n in range(16))
    )
    assert len(refused(results)) == 11
    assert all("库存不足" in str(no) for no in refused(results))
    assert RewardItem.get_by_id(item.id).stock == 0
    assert Redemption.select().count() == 5
    assert sum(balance.exchangeable for balance in Balance.select()) == 4 * 300 - 5 * 60  # who got none paid nothing
    assert not verify()


def test_one_request_sent_eight_times_takes_once(cast_on_either):
    cast = cast_on_either
    volunteer = cast.registered()
    cast.posted(volunteer, minutes=5 * 60)
    item = RewardItem.enter(cast.head, name="理发", points=1)
    results = at_once(*[lambda: Redemption.reserve(volunteer.id, item.id, 1, cast.recorder, "k").id] * 8)
    assert len(set(results)) == 1
    assert Balance.get_by_id(volunteer.id).exchangeable == 240


def test_sixteen_grants_from_a_pool_that_pays_for_five(cast_on_either):
    cast = cast_on_either
    for n, minutes in enumerate((150, 90, 90)):
        donor = cast.registered(f"王{'甲乙丙'[n]}")
        cast.posted(donor, minutes=minutes)
        Gift.donate(donor.id, minutes, cast.recorder, f"d{n}")
    item = RewardItem.enter(cast.head, name="上门理发", points=1, stock=16)
    people = [recipient(cast.recorder, name=f"赵{'甲乙丙丁'[n]}") for n in range(4)]
    results = at_once(
        *(lambda n=n: Grant.give(people[n % 4].id, item.id, 1, cast.recorder, f"h{n}") for n in range(16))
    )
    assert len(refused(results)) == 11
    assert all("捐赠池的工时不足" in str(no) for no in refused(results))
    assert (Grant.select().count(), balance(cast.a.id), RewardItem.get_by_id(item.id).stock) == (5, 30, 11)
    assert [gift.left_minutes for gift in Gift.select().order_by(Gift.id)] == [0, 0, 30]
    assert not verify()


def test_sixteen_gifts_out_of_a_balance_that_allows_five_between_two_who_give_each_other(cast_on_either):
    cast = cast_on_either
    PolicyVersion.create(
        topic="giving", division="53", since=date(2020, 1, 1), source="省文件",
        values={"gift": "anyone", "relations": [], "gift_yearly_hours": 0, "donation": True, "served": []},
    )  # fmt: skip
    one, other, third = (cast.registered(f"王{n}") for n in "甲乙丙")
    for who in (one, other):
        cast.posted(who, minutes=5 * 60 + 30)
    pairs = [(one, third) if n % 2 else (other, third) for n in range(12)] + [(one, other), (other, one)] * 2
    results = at_once(
        *(
            lambda n=n, a=a, b=b: Gift.give(a.id, b.card_no, 60, cast.recorder, f"g{n}")
            for n, (a, b) in enumerate(pairs)
        )
    )
    assert all("可转赠的工时不足" in str(no) for no in refused(results))
    assert sum(row.exchangeable for row in Balance.select()) == 2 * (5 * 60 + 30)
    assert not verify()


def test_one_donation_sent_eight_times_is_given_once(cast_on_either):
    cast = cast_on_either
    donor = cast.registered()
    cast.posted(donor, minutes=120)
    results = at_once(*[lambda: Gift.donate(donor.id, 60, cast.recorder, "d1").id] * 8)
    assert len(set(results)) == 1 and balance(cast.a.id) == 60


def test_a_donation_is_either_used_or_taken_back(cast_on_either):
    cast = cast_on_either
    donor = cast.registered()
    cast.posted(donor, minutes=60)
    gift = Gift.donate(donor.id, 60, cast.recorder, "d1")
    item = RewardItem.enter(cast.head, name="上门理发", points=1)
    who = recipient(cast.recorder)
    results = at_once(
        *(lambda n=n: Grant.give(who.id, item.id, 1, cast.recorder, f"h{n}") for n in range(4)),
        *[lambda: Gift.move(gift.id, "cancel", cast.head, "给错了")] * 4,
    )
    taken_back = Gift.get_by_id(gift.id).state == "cancelled"
    assert Grant.select().count() == (0 if taken_back else 1)
    assert len(refused(results)) == (4 if taken_back else 7)
    assert Balance.get_by_id(donor.id).exchangeable == (60 if taken_back else 0)
    assert not verify()


def test_sixteen_clients_give_exchange_cancel_and_correct_for_one_person_at_once(cast_on_either):
    cast = cast_on_either
    PolicyVersion.create(
        topic="giving", division="53", since=date(2020, 1, 1), source="省文件",
        values={"gift": "anyone", "relations": [], "gift_yearly_hours": 0, "donation": True, "served": []},
    )  # fmt: skip
    one, other = cast.registered("王甲"), cast.registered("王乙")
    records = cast.posted(one, minutes=480 + 120)
    item = RewardItem.enter(cast.head, name="理发", points=1, stock=10)
    earlier = [Redemption.reserve(one.id, item.id, 1, cast.recorder, f"before{n}").id for n in range(3)]
    gift = Gift.give(one.id, other.card_no, 60, cast.recorder, "before")
    wrong = Correction.enter(cast.recorder, record=records[1].id, reason="重复登记")
    work = [
        *(lambda n=n: Redemption.reserve(one.id, item.id, 1, cast.recorder, f"k{n}") for n in range(4)),
        *(lambda n=n: Gift.give(one.id, other.card_no, 90, cast.recorder, f"g{n}") for n in range(4)),
        *(lambda key=key: Redemption.move(key, "cancel", cast.recorder, "不需要了") for key in earlier),
        *[lambda: Correction.move(wrong.id, "approve", cast.head)] * 2,
        lambda: Gift.move(gift.id, "cancel", cast.head, "给错了"),
        *(lambda n=n: Gift.donate(one.id, 60, cast.recorder, f"d{n}") for n in range(2)),
    ]
    assert len(work) == 16
    results = at_once(*work)
    assert all("工时不足" in str(no) for no in refused(results))
    assert not refused(results[8:14])  # what returns and what corrects is never refused
    balances = {row.volunteer_id: row for row in Balance.select()}
    assert balances[one.id].honour == 480
    spent = sum(row.minutes for row in Redemption.select().where(Redemption.state == "reserved"))
    given = sum(row.minutes for row in Gift.select().where(Gift.receiver == other, Gift.state == "given"))
    assert balances[other.id].exchangeable == given
    mine = balances[one.id].exchangeable - balances[one.id].debt
    assert mine + given + spent + balance(cast.a.id) == 480
    assert RewardItem.get_by_id(item.id).stock == 10 - Redemption.select().where(Redemption.state == "reserved").count()
    assert not verify()
    before = Entry.select().count()
    done = [piece for piece, gave in zip(work, results, strict=True) if not isinstance(gave, Refusal)]
    assert not refused(at_once(*done))  # each said again gives its first result
    assert Entry.select().count() == before
    assert not verify()


def test_two_heads_who_publish_the_same_records_hang_out_one_notice(cast_on_either):
    cast = cast_on_either
    activity = cast.activity()
    keys = [row.id for row in key_in([cast.draft(cast.registered(f"李{n}"), activity) for n in "甲乙"], cast.recorder)]
    for move, who in (("submit", cast.recorder), ("approve", cast.head)):
        move_all(keys, move, who)
    results = at_once(*(lambda by=by: move_all(keys, "notice", by) for by in (cast.head, cast.deputy) * 2))
    assert sorted(results) == [0, 0, 0, 2]
    assert Notice.select().count() == 1


def test_the_same_records_posted_by_sixteen_at_once_stand_in_the_account_once(cast_on_either):
    cast = cast_on_either
    activity = cast.activity()
    people = [cast.registered(f"李{n}") for n in "甲乙丙丁"]
    keys = [row.id for row in key_in([cast.draft(v, activity) for v in people], cast.recorder)]
    for move, who in (("submit", cast.recorder), ("approve", cast.head), ("notice", cast.head)):
        move_all(keys, move, who)
    past_the_notice()
    results = at_once(*[post_due] * 8, *[lambda: move_all(keys, "post", cast.head)] * 8)
    assert not refused(results)
    assert sum(results) == 4
    assert {(row.honour, row.exchangeable) for row in Balance.select()} == {(120, 120)}
    written = Entry.select(Entry.key).order_by(Entry.key)
    said = sorted(f"post:{key}:{account}" for key in keys for account in ("honour", "exchangeable"))
    assert sorted(key for (key,) in written.tuples()) == said
    assert not verify()


def test_of_overlapping_lines_keyed_at_once_one_is_taken(cast_on_either):
    cast = cast_on_either
    volunteer = cast.registered()
    here, there = cast.activity(), cast.activity(by=cast.recorder_b)
    results = at_once(
        *[lambda: key_in([cast.draft(volunteer, here)], cast.recorder)] * 4,
        *[lambda: key_in([cast.draft(volunteer, there, "10:00", "12:00")], cast.recorder_b)] * 4,
    )
    assert len(refused(results)) == 7
    assert all("时间重叠" in str(no) for no in refused(results))
    assert ServiceRecord.select().count() == 1


def test_clerks_who_key_the_same_people_in_another_order_queue(cast_on_either):
    cast = cast_on_either
    people = [cast.registered(f"李{n}") for n in "甲乙丙丁"]
    activities = [cast.activity(), cast.activity()]

    def sheet(order, activity, start, end):
        return lambda: key_in([cast.draft(v, activity, start, end) for v in order], cast.recorder)

    for start, end in (("09:00", "10:00"), ("10:00", "11:00"), ("11:00", "12:00")):
        results = at_once(sheet(people, activities[0], start, end), sheet(people[::-1], activities[1], start, end))
        assert len(refused(results)) == 1
    assert ServiceRecord.select().count() == 12


def test_amending_and_submitting_the_same_records_at_once_never_locks_up(cast_on_either):
    cast = cast_on_either
    activity = cast.activity()
    people = [cast.registered(f"李{n}") for n in "甲乙丙丁"]
    for hour in (9, 10, 11):
        lines = [cast.draft(v, activity, f"{hour:02}:00", f"{hour:02}:30") for v in people]
        rows = key_in(lines, cast.recorder)
        changed = [
            cast.draft(r.volunteer, activity, f"{hour:02}:00", f"{hour:02}:45", id=r.id) for r in reversed(rows)
        ]
        at_once(
            lambda rows=rows: move_all([r.id for r in rows], "submit", cast.recorder),
            lambda changed=changed: key_in(changed, cast.recorder),
        )
        states = {ServiceRecord.get_by_id(r.id).state for r in rows}
        assert states == {"submitted"}


def test_two_heads_approve_one_volunteer_and_one_number_is_issued(cast_on_either):
    cast = cast_on_either
    rows = [Volunteer.enter(cast.recorder, **person("李明")) for _ in range(6)]
    work = [
        lambda row=row, head=head: Volunteer.move(row.id, "approve", head).card_no
        for row in rows
        for head in (cast.head, cast.deputy)
    ]
    results = at_once(*work)
    assert not refused(results)
    assert results[::2] == results[1::2]
    assert sorted({no[-5:] for no in results}) == [f"{n:05d}" for n in range(1, 7)]
    assert {v.card_no for v in Volunteer.select()} == set(results)


def test_one_document_registered_at_two_desks_at_once_is_one_person(cast_on_either):
    cast = cast_on_either
    values = person("李明")
    results = at_once(
        *[lambda: Volunteer.enter(cast.recorder, **values)] * 3,
        *[lambda: Volunteer.enter(cast.recorder_b, **values)] * 3,
    )
    assert len(refused(results)) == 5
    assert Volunteer.select().count() == 1


def test_two_stations_post_for_the_same_volunteers_at_once(cast_on_either):
    cast = cast_on_either
    people = [cast.registered(f"李{n}") for n in "甲乙丙丁戊己"]
    for by, head, order, start, end in (
        (cast.recorder, cast.head, people, "09:00", "10:00"),
        (cast.recorder_b, cast.head_b, people[::-1], "13:00", "14:00"),
    ):
        activity = cast.activity(by=by)
        keys = [row.id for row in key_in([cast.draft(v, activity, start, end) for v in order], by)]
        for move, who in (("submit", by), ("approve", head), ("notice", head)):
            move_all(keys, move, who)
    past_the_notice()
    results = at_once(lambda: post_due(cast.head), lambda: post_due(cast.head_b), post_due, post_due)
    assert not refused(results)
    assert sum(results) == 12
    assert {b.honour for b in Balance.select()} == {120}
    assert {n.state for n in Notice.select()} == {"closed"}
    assert not verify()


def test_a_head_posting_one_record_meets_the_nightly_posting(cast_on_either):
    cast = cast_on_either
    day = clock.today() - timedelta(days=1)
    activity = cast.activity(day)
    keys = [
        row.id for row in key_in([cast.draft(cast.registered(f"李{n}"), activity) for n in "甲乙丙丁"], cast.recorder)
    ]
    for move, who in (("submit", cast.recorder), ("approve", cast.head), ("notice", cast.head)):
        move_all(keys, move, who)
    past_the_notice()
    results = at_once(
        post_due, *(lambda key=key: ServiceRecord.move(key, "post", cast.head) for key in reversed(keys))
    )
    assert not refused(results)
    assert {b.honour for b in Balance.select()} == {120}
    assert not verify()


def test_guesses_at_a_password_are_all_counted(cast_on_either):
    cast = cast_on_either
    account = Account.get_by_id(cast.recorder.account_id)
    set_password(account, "correct horse 7", SYSTEM)
    results = at_once(*[lambda: sign_in("recorder", "wrong guess 1")] * 4)
    assert len(refused(results)) == 4
    assert Failure.get().failures == 4


@pytest.mark.parametrize("n", [3])
def test_verify_reads_one_state_while_others_post(cast_on_either, n):
    cast = cast_on_either
    volunteer = cast.registered()
    cast.posted(volunteer, minutes=n * 60)
    item = RewardItem.enter(cast.head, name="理发", points=1)
    results = at_once(
        verify,
        verify,
        *(lambda k=k: Redemption.reserve(volunteer.id, item.id, 1, cast.recorder, f"k{k}") for k in range(n)),
    )
    assert results[0] == results[1] == []


def test_people_move_both_ways_while_others_exchange_and_all_accounts_fit(cast_on_either):
    cast = cast_on_either
    sides = ((cast.recorder, cast.head, cast.head_b), (cast.recorder_b, cast.head_b, cast.head))
    claims, people = [], []
    for recorder, own, other in sides:
        for name in ("李明", "王芳", "赵六"):
            person = cast.registered(name, by=recorder)
            people.append(person)
            (row,) = key_in([cast.draft(person, cast.activity(by=recorder))], recorder)
            for move, by in (("submit", recorder), ("approve", own), ("notice", own)):
                move_all([row.id], move, by)
            claims.append((Claim.ask("resident_id", person.document_number, "搬家", other).id, own))
    past_the_notice()
    assert post_due() == len(people)
    items = {head.station_id: RewardItem.enter(head, name="理发", points=1).id for head in (cast.head, cast.head_b)}

    def exchange(person: Volunteer, n: int) -> object:
        at = Volunteer.get_by_id(person.id).station_id
        by = cast.recorder if at == cast.a.id else cast.recorder_b
        return Redemption.reserve(person.id, items[at], 1, by, f"k{n}")

    results = at_once(
        *(lambda claim=claim, head=head: Claim.move(claim, "agree", head) for claim, head in claims),
        *(lambda person=person, n=n: exchange(person, n) for n, person in enumerate(people)),
    )
    agreed = [one for one in results[: len(claims)] if not isinstance(one, Exception)]
    assert len(agreed) == len(claims)
    assert not verify()
    assert {Balance.get_by_id(person.id).honour for person in people} == {120}
