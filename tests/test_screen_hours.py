"""工时账: the entries, and a person's two figures opened to what they are the sum of."""

import re
from datetime import date

import pytest

from desk import queries
from models.clock import move_demo_clock, today
from models.corrections import Correction
from models.expiring import expire_due
from models.hours import Balance, Entry
from models.policy import PolicyVersion
from models.rewards import Redemption, RewardItem
from models.statements import lots, statement
from models.verifying import verify
from models.volunteers import Claim
from views.ledgers.out import write


@pytest.fixture
def spent(cast):
    """Li Ming served ten hours and spent three."""
    person = cast.registered("李明")
    (*_, record) = cast.posted(person, minutes=600)
    item = RewardItem.enter(cast.head, name="理发", points=3, stock=5)
    redemption = Redemption.reserve(person.id, item.id, 1, cast.recorder, key="k1")
    return person, record, redemption


def test_both_figures_open_to_the_entries_that_they_are_the_sum_of(cast, desk, spent):
    person, _, _ = spent
    page = desk.signed_in_as(cast.recorder).get("/admin/balances/details/", id=person.id)
    assert page.says("荣誉工时") and page.says("10.00")
    assert page.says("可兑换工时") and page.says("7.00")
    newest = statement(person.id).lines[0]
    balance = Balance.get_by_id(person.id)
    assert newest.sums == {"honour": balance.honour, "exchangeable": balance.exchangeable, "debt": 0}
    assert page.says("-2.00") and page.says("-1.00")  # from two lots, oldest first


def test_a_figure_keeps_only_the_entries_that_change_it(cast, desk, spent):
    person, _, _ = spent
    assert {line.changes["honour"] > 0 for line in statement(person.id, "honour").lines} == {True}
    page = desk.signed_in_as(cast.head).get("/admin/balances/details/", id=person.id, figure="honour")
    assert page.says("只列影响「荣誉工时」的分录")
    assert not page.says("-2.00")


def test_a_figure_that_does_not_exist_shows_everything(cast, desk, spent):
    page = desk.signed_in_as(cast.head).get("/admin/balances/details/", id=spent[0].id, figure="x'; drop")
    assert page.status == 200 and page.says("最近的在上面")


def test_lots_are_listed_in_the_order_in_which_they_are_spent_and_come_to_the_balance(spent):
    person, _, _ = spent
    held = lots(person.id, today())
    assert [lot.earned_on for lot in held.held] == sorted(lot.earned_on for lot in held.held)
    assert sum(lot.left for lot in held.held) == held.left == 420
    assert held.used_up == 1  # the two hours of the older day went first


def test_minutes_past_their_term_are_named_apart(cast, desk, spent):
    person, _, _ = spent
    lot = lots(person.id, today()).held[0]
    type(lot).update(expires_on=today()).where(type(lot).id == lot.id).execute()
    assert lots(person.id, today()).expired == lot.left
    page = desk.signed_in_as(cast.head).get("/admin/balances/details/", id=person.id)
    assert page.says("已到期")


def test_a_debt_is_shown_with_the_figures(cast, desk, spent):
    person, *_ = spent
    for one in Entry.select(Entry.record).where(Entry.kind == "service").distinct().tuples():
        asked = Correction.enter(cast.recorder, record=one[0], reason="重复登记")
        Correction.move(asked.id, "approve", cast.head)
    page = desk.signed_in_as(cast.head).get("/admin/balances/details/", id=person.id)
    assert page.says("欠账") and page.says("3.00")
    assert statement(person.id).lines[0].sums == {"honour": 0, "exchangeable": 0, "debt": 180}
    assert list(verify()) == []


def test_an_entry_leads_to_person_record_redemption_and_what_it_reverses(cast, desk, spent):
    person, record, redemption = spent
    asked = Correction.enter(cast.recorder, record=record.id, reason="重复登记")
    Correction.move(asked.id, "approve", cast.head)
    page = desk.signed_in_as(cast.head).get("/admin/hours/")
    reversal = Entry.get(Entry.kind == "reversal", Entry.debit == "honour")
    for address in (
        f"/admin/balances/details/?id={person.id}",
        f"/admin/records/details/?id={record.id}",
        f"/admin/rewards/details/?id={redemption.id}",
        f"/admin/hours/details/?id={reversal.reverses_id}",
    ):
        assert f'href="{address}"' in page.html
        assert page.get(address).status == 200
        page.get("/admin/hours/")


def test_nobody_sees_another_stations_account(cast, desk, spent):
    stranger = desk.signed_in_as(cast.head_b)
    assert stranger.get("/admin/balances/details/", id=spent[0].id).status == 404
    assert stranger.get("/admin/hours/details/", id=Entry.select().first().id).status == 404
    assert not stranger.get("/admin/hours/").says("李明")


def test_the_sums_above_the_list_are_the_ledgers_totals_row(cast, desk, spent, tmp_path):
    page = desk.signed_in_as(cast.head).get("/admin/hours/")
    totals = write("hours", tmp_path / "hours.xlsx", cast.head).totals
    assert totals == {"honour": 600, "exchangeable": 420, "debt": 0}
    assert page.says("荣誉工时增减 ") and "<b>10.00</b>" in page.html and "<b>7.00</b>" in page.html
    page.get("/admin/hours/", kind="exchange")
    assert "<b>-3.00</b>" in page.html and "<b>10.00</b>" not in page.html


def test_a_list_too_long_to_count_shows_no_sums(cast, desk, spent, monkeypatch):
    monkeypatch.setattr("views.lists.COUNT_CAP", 2)
    page = desk.signed_in_as(cast.head).get("/admin/hours/")
    assert page.says("共 2+ 条") and not page.says("荣誉工时增减")


@pytest.mark.parametrize("address", ["/admin/hours/", "/admin/balances/", "/admin/balances/details/?id={id}"])
def test_queries_do_not_grow_with_rows(cast, desk, address):
    person = cast.registered("李明")
    cast.posted(person, minutes=120)
    window = desk.signed_in_as(cast.head)
    address = address.format(id=person.id)
    window.get(address)
    with queries() as few:
        window.get(address)
    for name in ("王芳", "赵强"):
        cast.posted(cast.registered(name), minutes=480)
    cast.posted(person, minutes=960)
    window.get(address)  # the badges of the menu are counted anew every few seconds
    with queries() as many:
        window.get(address)
    assert len(many) == len(few)


def exchange_rules(**more) -> None:
    values = {"points_per_hour": 1, "origins": ["desk", "backfilled"], "floor_hours": 0, "yearly_cap_points": 0} | more
    PolicyVersion.create(
        topic="exchange", division="5301", since=date(2020, 1, 1), source="市文件", values={"valid_months": 0} | values
    )  # fmt: skip


def test_hours_that_may_only_be_donated_are_marked_and_named_apart(cast, desk):
    exchange_rules(balance_cap_hours=1, over_cap="donation")
    person = cast.registered()
    cast.posted(person, minutes=150)
    page = desk.signed_in_as(cast.head).get("/admin/balances/details/", id=person.id)
    assert page.says("另有只能捐赠 1.50") and page.says("其中 90 分钟只能捐赠。")
    assert '<span class="state over">只能捐赠</span>' in page.html
    assert lots(person.id, today()).donation == 90
    row = page.get("/admin/balances/").html.partition(person.card_no)[2]
    figures = [cell.strip() for cell in re.findall(r'<td class="number">([^<]*)<', row)]
    assert figures[-4:] == ["2.50", "2.50", "0.00", "1.00"]


def test_a_list_of_balances_asks_once_for_what_can_be_exchanged(cast, desk):
    for name in ("李明", "王芳", "赵六"):
        cast.posted(cast.registered(name), minutes=60)
    window = desk.signed_in_as(cast.head)
    with queries() as asked:
        window.get("/admin/balances/")
    assert sum('FROM "lot"' in sql and "SUM" in sql for sql in asked) == 1


def test_what_expired_and_what_moved_is_said_in_words_on_the_statement(cast, desk):
    exchange_rules(valid_months=2)
    person = cast.registered()
    cast.posted(person, minutes=60)
    claim = Claim.ask("resident_id", person.document_number, "搬家", cast.head_b)
    Claim.move(claim.id, "agree", cast.head)
    move_demo_clock(60)
    assert expire_due() == 1
    page = desk.signed_in_as(cast.head_b).get("/admin/balances/details/", id=person.id)
    assert page.says("到期作废") and page.says(" 到期") and page.says("异地转移")
    assert page.says(f"转出到{cast.b.name}") and page.says(f"从{cast.a.name}转入")


def test_the_list_of_what_runs_out_soon_stands_in_the_inbox(cast, desk):
    exchange_rules(valid_months=2)
    person = cast.registered()
    cast.posted(person, minutes=60)
    move_demo_clock(20)
    window = desk.signed_in_as(cast.recorder)
    assert window.get("/admin/").says("30 天内到期")
    assert window.get("/admin/balances/", list="soon").says(person.card_no)
