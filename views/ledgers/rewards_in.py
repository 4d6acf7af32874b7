"""回馈兑换 in: the catalogue of what may be had. New things are not on offer before the head puts them there.

Exchanges of earlier days are refused, with where they belong: the exchangeable hours of an opening list (期初工时) are what
was left after them, so taken in as well they would count twice; and nobody can sign for them any more. Rows of our own
ledger are slips, which no table changes.
"""

from datetime import date
from typing import Any

from models import clock, policy
from models.catalogue import KINDS, RewardItem
from models.rewards import Redemption
from models.volunteers import Volunteer
from rules.findings import Finding
from rules.reading import read_date, read_minutes, read_text, whole_number
from views.ledgers.incoming import CHANGED, NEW, SAME, Incoming, Kind, Line, Preview, Reading
from views.ledgers.marked import refuse_edited

PAST = "以前的兑换不在这里补录：「期初工时」里的可兑换工时填扣除已兑换后的余额，兑换单据留存备查；这里只导入兑换目录。"
SLIP = "兑换单由「兑换」办理得出，不能由表格修改；办错的请取消兑换单。"
_KIND_WORDS = {label: code for code, label in KINDS} | {"服务": "service", "实物": "goods", "商品": "goods"}
_FIELDS = ("spec", "kind", "points", "stock", "yearly_limit", "starts_on", "ends_on", "details")


def _kind(cell: Any, header: str, reading: Reading) -> str:
    text = read_text(cell)
    if text not in _KIND_WORDS:
        raise ValueError(f"没有“{text[:20]}”这一类，可填{'、'.join(label for _, label in KINDS)}。")
    return _KIND_WORDS[text]


def _count(cell: Any, header: str, reading: Reading) -> int:
    plain = read_text(int(cell) if isinstance(cell, float) and cell.is_integer() else cell)
    found = whole_number(plain, 9)
    if found is None:
        raise ValueError(f"“{plain[:20]}”不是整数，例如 20。")
    return found


def _day(cell: Any, header: str, reading: Reading) -> date:
    return read_date(cell, year=reading.year)


COLUMNS = (
    Incoming("name", "名称", "品名 物品名称 商品名称 服务名称 兑换项 礼品名称", needed=True, example="洗衣液", width=18),
    Incoming("spec", "规格", "型号 规格型号 单位", example="2 公斤装", width=12),
    Incoming("kind", "类别", "种类", read=_kind, example="物品", width=10, choices=lambda: [label for _, label in KINDS]),
    Incoming("points", "积分", "每份积分 所需积分 兑换积分", read=_count, example="20", width=8),
    Incoming("price", "工时价", "所需工时 兑换工时 扣减工时", width=10, read=lambda cell, header, reading: read_minutes(cell)),
    Incoming("stock", "库存", "数量 库存数量 现有数量", read=_count, example="30", width=8),
    Incoming("yearly_limit", "每人每年限量", "限量 每人限量", read=_count, width=12),
    Incoming("starts_on", "开始兑换", "开始日期", read=_day, width=12),
    Incoming("ends_on", "截止兑换", "截止日期", read=_day, width=12),
    Incoming("source", "来源", "物品来源 捐赠单位", example="文林超市捐赠", width=18),
    Incoming("details", "说明", "备注", width=24),
    # The ledger's own columns, and what tells that a row is an exchange and no thing to be had.
    Incoming("card", "志愿者编号", "编号", fixed=True, width=18),
    Incoming("person", "姓名", "志愿者姓名 兑换人", fixed=True, width=10),
)  # fmt: skip


def _judge(seen: Preview) -> None:
    _marked(seen)
    per_hour = policy.in_force("exchange", seen.station, clock.today()).rule.points_per_hour
    stored = {row.name: row for row in RewardItem.select().where(RewardItem.station == seen.station.id)}
    first: dict[str, int] = {}
    for line in seen.lines:
        if line.mark is not None or "row_mark" in line.unread:
            continue
        if line.values.get("card") or line.values.get("person"):
            seen.add(line, [Finding("past", PAST)])
            continue
        name = line.values.get("name", "")
        earlier = first.setdefault(name, line.number) if name else line.number
        if earlier != line.number:
            seen.add(line, [Finding("name", f"与第 {earlier} 行同名，请只留一行；规格不同的请写进名称。")])
        _meet(seen, line, stored.get(name), per_hour)


def _meet(seen: Preview, line: Line, row: RewardItem | None, per_hour: int) -> None:
    said = {key: line.values[key] for key in _FIELDS if key in line.values}
    said |= _points(seen, line, per_hour) | _details(line)
    if row is None:
        row, was = RewardItem(station=seen.station.id, name=line.values.get("name", ""), active=False), {}
    else:
        was = dict(row.__data__)
        if all(was[key] == value for key, value in said.items()):
            return line.settle(SAME)
    row.was = was
    for key, value in said.items():
        setattr(row, key, value)
    seen.add(line, row.faults(seen.by))
    line.result = row
    line.settle(CHANGED if was else NEW)
    return None


def _points(seen: Preview, line: Line, per_hour: int) -> dict[str, int]:
    """Points where hours alone are said: by what an hour comes to today, if that is a whole number."""
    minutes = line.values.get("price")
    if minutes is None:
        return {}
    points, rest = divmod(minutes * per_hour, 60)
    if rest:
        says = f"按每小时 {per_hour} 分，{minutes / 60:.2f} 小时折合不成整数积分，请改填「积分」。"
        seen.add(line, [Finding("price", says)])
        line.unread.add("points")
    elif line.values.get("points", points) != points:
        says = f"按每小时 {per_hour} 分应为 {points} 分，与「积分」{line.values['points']} 不一致，请只填一列。"
        seen.add(line, [Finding("price", says)])
    return {} if rest else {"points": points}


def _details(line: Line) -> dict[str, str]:
    """The details, with what the catalogue has no column for in front."""
    said = [(label, line.values.get(key, "")) for key, label in (("source", "来源"), ("details", ""))]
    text = "；".join(f"{label}：{value}" if label else value for label, value in said if value)
    return {"details": text} if text else {}


def _marked(seen: Preview) -> None:
    chosen = Redemption.select(Redemption, Volunteer, RewardItem).join(Volunteer).switch(Redemption).join(RewardItem)
    refuse_edited(seen, Redemption, chosen, _saved, SLIP)


def _saved(row: Redemption) -> dict[str, Any]:
    return {
        "card": row.volunteer.card_no, "person": row.volunteer.name, "name": row.item.name, "kind": row.item.kind,
        "points": row.points, "price": row.minutes, "stock": row.quantity,
    }  # fmt: skip


def _take(seen: Preview) -> None:
    for line in seen.lines:
        if line.status == NEW:
            line.result.store_new(seen.by)
        elif line.status == CHANGED:
            line.result.store_amended(seen.by)


REWARDS = Kind(
    "rewards", "兑换目录", "reward_items", COLUMNS, (("name",),), _judge, _take,
    concerns={"points": ("points", "price"), "past": ("card", "person")},
)  # fmt: skip
