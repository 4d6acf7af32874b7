"""物资出入库: every piece that comes to a shelf or leaves it stands in a book that only grows."""

from importlib import import_module

import pytest
from openpyxl import load_workbook
from served import recipient
from walks_stock import rice

from models import clock
from models.base import database
from models.catalogue import RewardItem
from models.gifts import Gift
from models.pool import Grant
from models.refusals import NotFound, Refusal
from models.rewards import Redemption
from models.stock import StockMove
from models.stocktaking import StockCount
from models.verifying import verify
from views.ledgers import out


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


@pytest.mark.parametrize("stock", [3, 6, None])
def test_a_head_changes_no_stock_alone(cast, desk, stock):
    item = rice(cast)
    with pytest.raises(Refusal, match=r"物品的库存不能由一个人改，账面是 5 份.*「盘点」由两个人清点"):
        RewardItem.amend(item.id, cast.head, stock=stock)
    with pytest.raises(Refusal, match="账面还有 5 份，不能改成服务"):
        RewardItem.amend(item.id, cast.head, kind="service")
    page = desk.signed_in_as(cast.head)
    page.get(f"/admin/reward_items/edit/?id={item.id}")
    assert page.post(f"/admin/reward_items/edit/?id={item.id}", name="大米", kind="goods", points="1", stock="9").says("不能由一个人改")
    assert RewardItem.amend(item.id, cast.head, points=2, stock=5).points == 2  # anything else is hers to change
    assert book(item) == [("opening", 5, 5)] and verify() == []


def test_goods_that_were_not_counted_are_from_the_figure_they_begin_with(cast):
    item = rice(cast, stock=None)
    RewardItem.amend(item.id, cast.head, stock=4)
    empty = rice(cast, name="面条", stock=0)
    RewardItem.amend(empty.id, cast.head, stock=None)
    assert book(item) == [("opening", 4, 4)] and book(empty) == [] and verify() == []


def test_the_places_of_a_service_are_no_goods_and_the_heads_to_set(cast):
    item = rice(cast, name="理发", kind="service")
    RewardItem.amend(item.id, cast.head, stock=3)
    assert book(item) == [("opening", 5, 5), ("count", -2, 3)] and verify() == []


# --- 盘点 ---


def counted(cast, thing, pieces, by=None, **more) -> StockCount:
    return StockCount.enter(by or cast.recorder, **({"item": thing.id, "counted": pieces, "reason": "月末盘点，两袋受潮"} | more))


@pytest.mark.parametrize(("pieces", "moves"), [(3, [("count", -2, 3)]), (8, [("count", 3, 8)]), (5, [])])
def test_what_one_counted_and_another_confirmed_is_booked_with_both_names(cast_on_either, pieces, moves):
    cast = cast_on_either
    item = rice(cast)
    row = counted(cast, item, pieces)
    assert (row.state, row.book, row.counter) == ("counted", 5, cast.recorder.name)
    assert RewardItem.get_by_id(item.id).stock == 5  # nothing yet
    for _ in range(2):
        row = StockCount.move(row.id, "confirm", cast.head)
    assert (row.state, row.confirmed_by, row.confirmed_on) == ("confirmed", cast.head.name, clock.today())
    assert book(item) == [("opening", 5, 5), *moves] and RewardItem.get_by_id(item.id).stock == pieces and verify() == []
    for move in StockMove.select().where(StockMove.kind == "count"):
        assert (move.handler, move.witness, move.stocktake) == (cast.recorder.name, cast.head.name, row.id)
        assert move.note == "月末盘点，两袋受潮"


@pytest.mark.parametrize(("counts", "confirms"), [("head", "recorder"), ("head", "deputy"), ("recorder", "head")])
def test_nobody_confirms_her_own_count_and_the_other_does(cast, counts, confirms):
    row = counted(cast, rice(cast), 4, getattr(cast, counts))
    with pytest.raises(Refusal, match="自己录入"):
        StockCount.move(row.id, "confirm", getattr(cast, counts))
    for stranger in (cast.head_b, cast.recorder_b):
        with pytest.raises(NotFound):
            StockCount.move(row.id, "confirm", stranger)
    for above in (cast.county, cast.auditor):
        with pytest.raises(Refusal):
            StockCount.move(row.id, "confirm", above)
    assert StockCount.move(row.id, "confirm", getattr(cast, confirms)).state == "confirmed"


def test_what_goes_out_between_counting_and_confirming_is_not_counted_twice(cast, saver):
    item = rice(cast)
    row = counted(cast, item, 4)
    Redemption.reserve(saver.id, item.id, 2, cast.recorder, "k1")
    StockCount.move(row.id, "confirm", cast.head)
    assert book(item) == [("opening", 5, 5), ("exchange", -2, 3), ("count", -1, 2)] and verify() == []
    row = counted(cast, item, 0)
    Redemption.reserve(saver.id, item.id, 1, cast.recorder, "k2")
    with pytest.raises(Refusal, match="账面已不够更正"):
        StockCount.move(row.id, "confirm", cast.head)
    StockCount.move(row.id, "reject", cast.recorder, "数的时候漏了一袋")
    assert StockCount.get_by_id(row.id).outcome == "数的时候漏了一袋" and book(item)[-1] == ("exchange", -1, 1)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"counted": -1}, "实有数量应在 0 到 100000 之间，现在是 -1。"),
        ({"counted": 100_001}, "实有数量应在 0 到 100000 之间"),
        ({"counted": None}, "请填写「实有数量」"),
        ({"reason": " "}, "请填写「盘点说明」"),
        ({"item": None}, "请选择「品名」"),
    ],
)
def test_a_count_without_a_figure_or_a_reason_is_refused(cast, more, says):
    item = rice(cast)
    with pytest.raises(Refusal, match=says):
        counted(cast, item, **{"pieces": 3, **more})
    assert StockCount.select().count() == 0


def test_one_count_of_a_thing_waits_at_a_time_and_only_of_what_is_counted_here(cast):
    item = rice(cast)
    counted(cast, item, 3)
    with pytest.raises(Refusal, match="有一次盘点还没有确认"):
        counted(cast, item, 4)
    with pytest.raises(Refusal, match="不计库存"):
        counted(cast, rice(cast, name="面条", stock=None), 4)
    with pytest.raises(Refusal, match="没有找到所选的「品名」"):
        counted(cast, rice(cast, name="食油"), 4, cast.recorder_b)
    with pytest.raises(Refusal, match="不能办理"):
        counted(cast, rice(cast, name="肥皂"), 4, cast.county)


def test_two_persons_take_stock_on_their_screens(cast, desk):
    item = rice(cast, spec="5 公斤装")
    page = desk.signed_in_as(cast.recorder)
    page.get("/admin/stock_counts/new/")
    assert page.post("/admin/stock_counts/new/", item=item.id, counted="3", reason="月末盘点").says("已保存")
    row = StockCount.get()
    assert "核对无误" not in page.get(f"/admin/stock_counts/details/?id={row.id}").html
    other = desk.signed_in_as(cast.head)
    assert other.get(f"/admin/stock_counts/details/?id={row.id}").says("账面 5 份，实有 3 份，少 2 份。") and other.says("确认后账面为 3 份")
    other.post("/admin/stock_counts/move/", id=row.id, move="confirm")
    page = other.get("/admin/goods/")
    assert page.says("盘点更正") and page.says("5 公斤装") and f'href="/admin/stock_counts/details/?id={row.id}"' in page.html


def test_the_numbers_of_exchanges_and_grants_in_the_list_lead_to_them(cast, desk, saver):
    item = rice(cast)
    made = Redemption.reserve(saver.id, item.id, 1, cast.recorder, "k1")
    Gift.donate(saver.id, 120, cast.recorder, "g1", reason="转给困难家庭")
    grant = Grant.give(recipient(cast.recorder).id, item.id, 1, cast.recorder, "h1")
    page = desk.signed_in_as(cast.head).get("/admin/goods/")
    assert f'href="/admin/rewards/details/?id={made.id}"' in page.html
    assert f'href="/admin/grants/details/?id={grant.id}"' in page.html


def test_a_specification_stands_in_the_ledger_beside_its_thing(cast, tmp_path):
    item = rice(cast, spec="5 公斤装", details="东北产")
    StockCount.move(counted(cast, item, 4).id, "confirm", cast.head)
    out.write("goods", tmp_path / "g.xlsx", cast.head)
    lines = [[cell.value for cell in line] for line in load_workbook(tmp_path / "g.xlsx").worksheets[0].iter_rows()]
    rows = [dict(zip(lines[2], line, strict=True)) for line in lines[3:-1]]
    assert [row["规格"] for row in rows] == ["5 公斤装"] * 2
    assert (rows[1]["经办人"], rows[1]["盘点确认人"]) == (cast.recorder.name, cast.head.name)


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
    first = StockMove.select(StockMove.station, StockMove.day).get()  # later columns come by later scripts
    assert verify() == [] and first.station_id == cast.a.id and first.day


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
