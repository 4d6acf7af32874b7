"""兑换目录 in: things to be had come as not yet on offer; slips and exchanges of earlier days are no rows of it."""

import books
import pytest

from models.refusals import Refusal
from models.rewards import Redemption, RewardItem
from views.ledgers.marks import mark_of
from views.ledgers.take_in import preview, take_file

HEADER = ["品名", "规格", "类别", "积分", "库存", "来源"]
SOAP = ["洗衣液", "2 公斤装", "物品", 20, 30, "文林超市捐赠"]


def wrong(seen) -> list[tuple[int, str, str]]:
    return [(found.row, found.column, found.says) for found in seen.findings if not found.warning]


def test_a_catalogue_comes_in_once_and_is_not_on_offer_before_the_head_puts_it_there(cast_on_either):
    cast = cast_on_either
    table = books.xlsx([HEADER, SOAP, ["陪诊", "", "社区服务", 10, "", ""]])
    assert take_file("rewards", table, cast.head).new == 2
    assert take_file("rewards", table, cast.head).same == 2
    row = RewardItem.get(RewardItem.name == "洗衣液")
    assert (row.points, row.stock, row.kind, row.active) == (20, 30, "goods", False)
    assert (row.spec, row.details) == ("2 公斤装", "来源：文林超市捐赠")
    assert RewardItem.get(RewardItem.name == "陪诊").stock is None


def test_a_changed_price_changes_that_thing_alone(cast):
    take_file("rewards", books.xlsx([HEADER, SOAP]), cast.head)
    taken = take_file("rewards", books.xlsx([HEADER, [*SOAP[:3], 25, *SOAP[4:]]]), cast.head)
    row = RewardItem.get()
    assert (taken.changed, row.points, row.revision, row.active) == (1, 25, 1, False)


def test_a_stock_is_not_changed_by_a_table(cast):
    take_file("rewards", books.xlsx([HEADER, SOAP]), cast.head)
    seen = preview("rewards", books.xlsx([HEADER, [*SOAP[:4], 12, SOAP[5]]]), cast.head)
    assert wrong(seen)[0][:2] == (2, "库存") and "「盘点」由两个人清点" in wrong(seen)[0][2]
    assert take_file("rewards", books.xlsx([HEADER, [*SOAP[:4], "", SOAP[5]]]), cast.head).same == 1


def test_another_stations_catalogue_is_its_own(cast):
    take_file("rewards", books.xlsx([HEADER, SOAP]), cast.head)
    assert take_file("rewards", books.xlsx([HEADER, SOAP]), cast.head_b).new == 1


@pytest.mark.parametrize(
    ("row", "column", "says"),
    [
        (["洗衣液", "", "物品", 0, 30, ""], "积分", "1 到 100000"),
        (["洗衣液", "", "武器", 20, 30, ""], "类别", "没有“武器”这一类"),
        (["洗衣液", "", "物品", "二十多", 30, ""], "积分", "不是整数"),
        (["洗衣液", "", "物品", 20, -3, ""], "库存", "不是整数"),
        (["洗衣液", "", "物品", "", 30, ""], "积分", "请填写"),
        (["牙膏", "", "物品", 20, 30, ""], "品名", "与第 2 行同名"),
    ],
)
def test_a_thing_that_cannot_be_is_refused_at_its_cell(cast, row, column, says):
    seen = preview("rewards", books.xlsx([HEADER, ["牙膏", "", "物品", 5, 9, ""], row]), cast.head)
    assert [found[:2] for found in wrong(seen)] == [(3, column)] and says in wrong(seen)[0][2]


def test_an_exchange_of_earlier_days_is_refused_with_where_it_belongs(cast):
    rows = [["姓名", *HEADER], ["李明", *SOAP]]
    (found,) = wrong(preview("rewards", books.xlsx(rows), cast.head))
    assert found[:2] == (2, "姓名") and "期初工时" in found[2]


def test_a_slip_of_our_own_ledger_is_the_same_and_edited_it_is_refused(cast):
    person = cast.registered()
    cast.posted(person, minutes=240)
    item = RewardItem.enter(cast.head, name="理发", points=2, stock=3)
    slip = Redemption.reserve(person.id, item.id, 1, cast.recorder, "k1")
    rows = [
        ["志愿者编号", "姓名", "兑换项", "类别", "数量", "积分", "扣减工时", "行标识（请勿改动）"],
        [person.card_no, person.name, "理发", "社区服务", 1, 2, slip.minutes / 60, mark_of(slip)],
    ]
    assert take_file("rewards", books.xlsx(rows), cast.head).same == 1
    rows[1][4] = 2
    (found,) = wrong(preview("rewards", books.xlsx(rows), cast.head))
    assert found[1] == "数量" and "不能由表格修改" in found[2]
    assert "没有找到" in wrong(preview("rewards", books.xlsx(rows), cast.head_b))[0][2]


@pytest.mark.parametrize("who", ["recorder", "county", "auditor", "admin", "volunteer"])
def test_only_a_head_takes_a_catalogue_in(cast, who):
    with pytest.raises(Refusal):
        preview("rewards", books.xlsx([HEADER, SOAP]), getattr(cast, who))
