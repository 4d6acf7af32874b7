"""期初工时 in, under the name of the hours ledger: rows without a mark are lines of the opening list, which wait for a head
who did not enter them; rows with a mark are entries of the account, which are never changed by a table."""

from datetime import date
from typing import Any

from models.hours import ENTRY_ORIGINS, KINDS, Entry
from models.openings import GONE, Ground, Opening
from models.volunteers import Volunteer
from rules.findings import Finding
from rules.reading import read_date, read_digits, read_minutes, read_text
from views.ledgers.incoming import CHANGED, NEW, SAME, Incoming, Kind, Line, Preview, Reading
from views.ledgers.marked import refuse_edited
from views.ledgers.records_who import LOOKUP, people_of, resolve_person

APPEND_ONLY = "工时账只增不改，不能由表格修改：服务记录有错请在「更正申请」里申请冲正，期初工时有错请在「期初工时」里申请更正。"
_FIELDS = {"opening_honour": "honour_minutes", "opening_exchangeable": "exchangeable_minutes", "earned_on": "earned_on",
           "until": "until", "source": "source", "evidence": "evidence"}  # fmt: skip


def _length(cell: Any, header: str, reading: Reading) -> int:
    """Whole minutes; a bare number is hours. A ledger's change may be negative."""
    plain = read_text(cell)
    if plain.startswith(("-", "−")):
        return -read_minutes(plain[1:])
    return read_minutes(cell)


def _day(cell: Any, header: str, reading: Reading) -> date:
    return read_date(cell, year=reading.year)


def _digits(cell: Any, header: str, reading: Reading) -> str:
    return read_digits(cell)


COLUMNS = (
    Incoming("card", "志愿者编号", "编号 志愿者号 卡号 证号 服务证号", width=18),
    Incoming("name", "姓名", "志愿者姓名 名字 志愿者", needed=True, example="李明", width=10),
    Incoming("tail", "证件或电话后四位", "后四位 证件号码 身份证号 身份证号码 身份证 证件号 联系电话 手机号", read=_digits, width=16),
    Incoming("opening_honour", "荣誉工时", "累计工时 累计服务时长 期初荣誉工时 总工时 服务总时长 累计时长", needed=True,
             read=_length, example="320", width=12),
    Incoming("opening_exchangeable", "可兑换工时", "期初可兑换工时 剩余工时 可用工时 未兑换工时 剩余可兑换工时", read=_length,
             example="120.5", width=12),
    Incoming("earned_on", "最早服务日期", "开始日期 起始日期 首次服务日期 服务起始日期", needed=True, read=_day,
             example="2015-03-05", width=14),
    Incoming("until", "截至日期", "截止日期 统计截止日期 终止日期", needed=True, read=_day, example="2025-12-31", width=14),
    Incoming("source", "资料来源", "期初来源 数据来源", needed=True, example="2015—2025 年纸质台账", width=24),
    Incoming("evidence", "证明材料", "证明 凭证 依据 存放位置", needed=True, example="档案柜 2 第 3 册第 7 页", width=26),
    # The ledger's own columns: read to tell whether a marked row was edited.
    Incoming("day", "发生日期", read=_day, fixed=True, width=11),
    Incoming("kind", "类型", fixed=True, width=10),
    Incoming("origin", "来源", fixed=True, width=10),
    Incoming("honour", "荣誉工时增减", read=_length, fixed=True, width=12),
    Incoming("exchangeable", "可兑换工时增减", read=_length, fixed=True, width=13),
    Incoming("debt", "欠账增减", read=_length, fixed=True, width=10),
    Incoming("reason", "理由", fixed=True, width=24),
)  # fmt: skip


def _judge(seen: Preview) -> None:
    _entries(seen)
    new = [line for line in seen.lines if line.mark is None and "row_mark" not in line.unread]
    people = people_of(seen)
    who = {line.number: resolve_person(seen, line, people) for line in new}
    stored = _stored(seen, [key for key in who.values() if key])
    ground = Ground.of([key for key in who.values() if key], seen.station)
    first: dict[tuple[int, str], int] = {}
    for line in new:
        person = who[line.number]
        if person is None:
            continue
        source = line.values.get("source", "")
        earlier = first.setdefault((person, source), line.number)
        if earlier != line.number:
            says = f"与第 {earlier} 行是同一位志愿者的同一来源，请合成一行。"
            seen.add(line, [Finding("source", says)])
        _meet(seen, line, person, stored.get((person, source)), ground)


def _meet(seen: Preview, line: Line, person: int, row: Opening | None, ground: Ground) -> None:
    """Hold a line against the opening that is there by this source: none, the same, a draft to change, or past that."""
    said = {field: line.values[key] for key, field in _FIELDS.items() if key in line.values}
    if row is None:
        row = Opening(station=seen.station.id)
        was: dict[str, Any] = {}
    else:
        was = dict(row.__data__)
        if all(was[field] == value for field, value in said.items()):
            return line.settle(SAME)
    # Looked up above for all lines together: nobody chose her in a form, so she is not looked up once more.
    row.was, row.volunteer, row.ground = was or {"volunteer": person}, ground.people[person], ground
    for field, value in said.items():
        setattr(row, field, value)
    findings = (row.may_amend(seen.by) if was else []) or row.faults(seen.by)
    seen.add(line, findings)
    line.result = row
    line.settle(CHANGED if was else NEW)
    return None


def _stored(seen: Preview, people: list[int]) -> dict[tuple[int, str], Opening]:
    found = {}
    keys = sorted(set(people))
    for at in range(0, len(keys), LOOKUP):
        rows = Opening.select().where(
            Opening.volunteer.in_(keys[at : at + LOOKUP]), Opening.station == seen.station.id, Opening.state.not_in(GONE)
        )
        found.update({(row.volunteer_id, row.source): row for row in rows})
    return found


def _entries(seen: Preview) -> None:
    refuse_edited(seen, Entry, Entry.select(Entry, Volunteer).join(Volunteer), _entered, APPEND_ONLY)


def _entered(row: Entry) -> dict[str, Any]:
    return {
        "card": row.volunteer.card_no, "name": row.volunteer.name, "day": row.day, "kind": dict(KINDS)[row.kind],
        "origin": dict(ENTRY_ORIGINS)[row.origin], "reason": read_text(row.reason or ""),
        **{name: _change(row, name) for name in ("honour", "exchangeable", "debt")},
    }  # fmt: skip


def _change(row: Entry, account: str) -> int | None:
    up, down = (row.debit, row.credit) if account == "debt" else (row.credit, row.debit)
    return row.minutes if up == account else -row.minutes if down == account else None


def _take(seen: Preview) -> None:
    for line in seen.lines:
        if line.status == NEW:
            line.result.store_new(seen.by)
        elif line.status == CHANGED:
            line.result.store_amended(seen.by)


HOURS = Kind(
    "hours", "期初工时", "openings", COLUMNS, (("card", "name"),), _judge, _take,
    concerns={
        "volunteer": ("card", "name", "tail"), "honour_minutes": ("opening_honour", "honour"),
        "exchangeable_minutes": ("opening_exchangeable", "exchangeable"),
    },
)  # fmt: skip
