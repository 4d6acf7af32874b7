"""物资出入库: every piece that comes to a shelf or leaves it stands in a book that only grows."""

from importlib import import_module

import pytest

from models.base import database
from models.catalogue import RewardItem
from models.refusals import Refusal
from models.rewards import Redemption
from models.stock import StockMove
from models.verifying import verify
from views.ledgers import out


def rice(cast, **more) -> RewardItem:
    return RewardItem.enter(cast.head, **({"name": "大米 5kg", "kind": "goods", "points": 1, "stock": 5} | more))


def receive(cast, item, **more) -> StockMove:
    return StockMove.enter(cast.recorder, **({"item": item.id, "source": "donation", "change": 10} | more))


def book(item) -> list[tuple]:
    rows = StockMove.select(StockMove.kind, StockMove.change, StockMove.remains).where(StockMove.item == item.id)
    return list(rows.order_by(StockMove.id).tuples())


@pytest.fixture
def saver(cast):
    volunteer = cast.registered()
    cast.posted(volunteer, minutes=480)
    return volunteer


def test_goods_received_exchanged_and_brought_back_add_up_to_the_stock(cast, saver):
    item = rice(cast)
    receive(cast, item)
    made = Redemption.reserve(saver.id, item.id, 2, cast.recorder, "k1")
    Redemption.reserve(saver.id, item.id, 2, cast.recorder, "k1")
    Redemption.move(made.id, "cancel", cast.recorder, "本人改主意")
    assert book(item) == [("opening", 5, 5), ("receipt", 10, 15), ("exchange", -2, 13), ("back", 2, 15)]
    assert RewardItem.get_by_id(item.id).stock == 15 and verify() == []
    assert [m.redemption for m in StockMove.select().where(StockMove.kind.in_(["exchange", "back"]))] == [made.id] * 2


def test_a_figure_put_right_in_the_catalogue_is_a_move_of_its_own(cast):
    item = rice(cast)
    for stock in (3, 3, None, 4):
        RewardItem.amend(item.id, cast.head, stock=stock)
    assert book(item) == [("opening", 5, 5), ("count", -2, 3), ("uncounted", -3, 0), ("opening", 4, 4)]
    assert verify() == []


def test_what_is_not_counted_has_no_moves(cast, saver):
    item = rice(cast, stock=None)
    Redemption.reserve(saver.id, item.id, 1, cast.recorder, "k1")
    assert book(item) == [] and verify() == []


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"change": 0}, "入库数量应在 1 到 100000 之间，现在是 0。"),
        ({"change": -3}, "入库数量应在 1 到 100000 之间，现在是 -3。"),
        ({"source": ""}, "请选择「物资来源」"),
        ({"change": None}, "请填写「出入数量」"),
    ],
)
def test_a_receipt_without_a_number_or_a_source_is_refused(cast, more, says):
    item = rice(cast)
    with pytest.raises(Refusal, match=says):
        receive(cast, item, **more)
    assert book(item) == [("opening", 5, 5)]


def test_goods_are_not_received_where_nothing_is_counted_nor_for_another_station(cast):
    item = rice(cast, stock=None)
    with pytest.raises(Refusal, match="不计库存"):
        receive(cast, item)
    counted = rice(cast, name="面条")
    with pytest.raises(Refusal, match="没有找到所选的「品名」"):
        StockMove.enter(cast.recorder_b, item=counted.id, source="donation", change=1)
    with pytest.raises(Refusal, match="不能办理"):
        StockMove.enter(cast.county, item=counted.id, source="donation", change=1)


def test_an_exchange_that_is_refused_leaves_no_move(cast, saver):
    item = rice(cast, stock=1)
    with pytest.raises(Refusal, match="库存不足"):
        Redemption.reserve(saver.id, item.id, 2, cast.recorder, "k1")
    assert book(item) == [("opening", 1, 1)] and verify() == []


def test_the_book_is_never_changed_and_verify_names_a_stock_that_was(cast):
    item = rice(cast)
    for statement in (StockMove.update(change=9), StockMove.delete()):
        with pytest.raises(Exception, match="append-only"), database.atomic():
            statement.execute()
    RewardItem.update(stock=7).where(RewardItem.id == item.id).execute()
    (fault,) = verify(cast.a.id)
    assert fault.says == "库存 7 份，与出入库合计 5 份不符。" and "大米 5kg" in fault.where
    StockMove.create(station=cast.a.id, item=item.id, kind="count", change=2, remains=8, handler="谁")
    (fault,) = verify(cast.a.id)
    assert fault.says == "写明结存 8 份，按此前各笔应是 7 份。"
    assert not [f for f in verify() if f"工作站 {cast.b.id}" in f.where]


def test_the_ledger_says_what_came_what_went_and_adds_both_up(cast, saver, tmp_path):
    item = rice(cast)
    receive(cast, item)
    Redemption.reserve(saver.id, item.id, 2, cast.recorder, "k1")
    made = out.write("goods", tmp_path / "物资.xlsx", cast.head)
    assert (made.rows, made.totals) == (3, {"in": 15, "out": 2})
    assert out.write("goods", tmp_path / "b.xlsx", cast.head_b).rows == 0


def test_the_desk_receives_goods_on_its_screen_and_a_supervisor_only_looks(cast, desk):
    item = rice(cast)
    page = desk.signed_in_as(cast.recorder)
    page.get("/admin/goods/new/")
    assert page.post("/admin/goods/new/", item=item.id, source="party_fee", change="20", note="发票 12").says(
        "已保存"
    )
    assert page.get("/admin/goods/").says("党费") and page.says("25")
    assert RewardItem.get_by_id(item.id).stock == 25
    county = desk.signed_in_as(cast.county)
    assert county.get("/admin/goods/").says("大米 5kg") and county.get("/admin/goods/new/").status == 403
    assert not desk.signed_in_as(cast.recorder_b).get("/admin/goods/").says("大米 5kg")


def test_what_lies_on_a_shelf_when_the_book_begins_is_its_first_move(cast_on_either):
    cast = cast_on_either
    item, empty, uncounted = rice(cast), rice(cast, name="面条", stock=0), rice(cast, name="理发", stock=None)
    database.execute_sql('DROP TABLE "stock_move"')
    import_module("models.migrations.0033_stock").up(None, database.obj)
    assert [book(one) for one in (item, empty, uncounted)] == [[("opening", 5, 5)], [], []]
    assert verify() == [] and StockMove.get().station_id == cast.a.id and StockMove.get().day


def test_the_book_adds_up_on_both_databases(cast_on_either):
    cast = cast_on_either
    volunteer = cast.registered()
    cast.posted(volunteer, minutes=480)
    item = rice(cast)
    receive(cast, item)
    made = Redemption.reserve(volunteer.id, item.id, 2, cast.recorder, "k1")
    Redemption.move(made.id, "cancel", cast.recorder, "本人改主意")
    assert book(item)[-1] == ("back", 2, 15) and verify() == []
    with pytest.raises(Exception, match="append-only"), database.atomic():
        StockMove.update(change=9).execute()
    RewardItem.update(stock=7).where(RewardItem.id == item.id).execute()
    assert [fault.says for fault in verify()] == ["库存 7 份，与出入库合计 15 份不符。"]
