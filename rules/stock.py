"""物资出入库 (domain §3.5 no. 6): why goods come and go, where they come from, what may be received, and 盘点."""

from collections.abc import Mapping
from typing import Any

from rules.findings import Finding
from rules.life import Life, State, Tone, move

KINDS = {
    "opening": "期初",
    "receipt": "入库",
    "count": "盘点更正",
    "exchange": "兑换出库",
    "grant": "受助出库",
    "back": "取消退回",
    "uncounted": "不再计数",
}
SOURCES = {"finance": "财政", "party_fee": "党费", "donation": "捐赠", "purchase": "采购"}
MOST = 100_000  # pieces in one receipt or on one shelf: more is a slip of the pen

# Two persons at one shelf: whoever counted does not confirm; the desk may be one recorder and one head, so either may.
COUNT = Life(
    "stock_counts",
    (
        State("counted", "待确认", Tone.WAITING),
        State("confirmed", "已确认", Tone.GOOD),
        State("rejected", "未采用", Tone.OVER),
    ),
    (
        move("confirm", "核对无误", "counted -> confirmed", "recorder head", own_entry=False, expected=True,
             warns="请到货架前再清点一遍。确认后，与账面的差数按盘点更正入账，写明两个人的姓名。"),
        move("reject", "不采用", "counted -> rejected", "recorder head", reason=True),
    ),
    noun="盘点", counter="次",
)  # fmt: skip


def check_receipt(pieces: int, source: str) -> list[Finding]:
    """Findings about goods that somebody enters as received."""
    found = []
    if not 1 <= pieces <= MOST:
        found.append(Finding("change", f"入库数量应在 1 到 {MOST} 之间，现在是 {pieces}。"))
    if source not in SOURCES:
        found.append(Finding("source", "请选择「物资来源」：财政、党费、捐赠或采购。"))
    return found


def of_amending(was: int | None, now: int | None) -> tuple[str, int]:
    """The kind of move, and how many pieces, that a new figure of the catalogue comes to; None is not counted."""
    kind = "opening" if was is None else "uncounted" if now is None else "count"
    return kind, (now or 0) - (was or 0)


def check_amended(was: Mapping[str, Any], kind: str, pieces: int | None) -> list[Finding]:
    """Findings about goods whose catalogue row is amended: what lies on a shelf is no one person's to change.

    ``was`` has the row's «kind» and «stock» before; ``pieces`` None is not counted. Places of a service are no goods.
    """
    before = was.get("stock")
    if was.get("kind") != "goods" or before is None:
        return []
    if pieces != before and (before or pieces is not None):
        says = (
            f"物品的库存不能由一个人改，账面是 {before} 份：收到的请在「物资出入库」入库，"
            "与实物不符的请在「盘点」由两个人清点。"
        )
        return [Finding("stock", says)]
    if kind != "goods" and before:
        return [Finding("kind", f"账面还有 {before} 份，不能改成服务；请先盘点清零，或另列一项。")]
    return []


def check_count(pieces: int | None, book: int | None, name: str) -> list[Finding]:
    """Findings about what somebody counted of a thing of which ``book`` pieces should be there; None is not counted."""
    if book is None:
        return [Finding("item", f"「{name}」不计库存，不用盘点。")]
    if pieces is not None and not 0 <= pieces <= MOST:
        return [Finding("counted", f"实有数量应在 0 到 {MOST} 之间，现在是 {pieces}。")]
    return []


def difference(pieces: int, book: int) -> str:
    """What a count comes to, in Chinese."""
    if pieces == book:
        return f"账面 {book} 份，实有 {pieces} 份，相符。"
    return f"账面 {book} 份，实有 {pieces} 份，{'多' if pieces > book else '少'} {abs(pieces - book)} 份。"
