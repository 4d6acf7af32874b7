"""物资出入库 (domain §3.5 no. 6): why goods come and go, where they come from, and what may be received."""

from rules.findings import Finding

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
MOST = 100_000  # pieces in one receipt: more is a slip of the pen


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
