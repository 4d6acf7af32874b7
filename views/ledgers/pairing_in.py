"""结对帮扶 in: agreements as drafts, and the units that they name; submitting and approving stay as on screen.

A line means the agreement of its mark, else the one of its unit, form and first day. A unit that the county does not have
yet is registered from the line, which then says its level, contact and telephone; one that it has is not changed this way.
Households are paired on the agreement's page.
"""

from typing import Any

from models.fields import SealedField
from models.moves import permit
from models.pairing import Pairing
from models.scope import within
from models.stations import COUNTY_DIGITS, Division
from models.together import judge_new, together
from models.units import Unit
from rules.findings import Finding
from rules.pairing import FORMS, LEVELS
from rules.reading import read_text
from rules.teams import normalise_code
from views.ledgers import drafts_in
from views.ledgers.drafts_in import LOOKUP, Desk, looked_up
from views.ledgers.incoming import CHANGED, NEW, Incoming, Kind, Line, Preview
from views.ledgers.pairing import PAIRING
from views.ledgers.reads import chosen, column, day, digits, length, long_text, number, shown, terms

_OF_UNIT = {"level": "level", "uscc": "uscc", "contact_name": "contact_name", "contact": "contact"}
COLUMNS = (
    shown("station", "工作站", "站点"),
    Incoming("unit", "文明单位", "单位 单位名称 结对单位 文明单位名称", needed=True, example="云南某某单位", width=24),
    Incoming("level", "级别", "单位级别", width=14, example="州市级文明单位",
             **chosen(LEVELS, "省级=province 省=province 州市级=prefecture 市级=prefecture 市=prefecture 县级=county 县=county")),
    Incoming("uscc", Unit.label("uscc"), "信用代码", read=digits, width=20),
    Incoming("contact_name", "单位联系人", "联系人", width=12, example="王强"),
    Incoming("contact", "单位联系电话", "联系方式 联系电话 电话", read=digits, width=14, example="13812345678"),
    Incoming("form", "帮扶形式", "形式 结对形式", needed=True, width=10, example="多助一", **chosen(FORMS)),
    shown("households", "结对户数"),
    column(Pairing, "categories", "帮扶类型 服务类别 类别", needed=True, width=20, example="家政服务", **terms("category")),
    column(Pairing, "content", "内容", read=long_text, width=30),
    column(Pairing, "starts_on", "开始日期 起始时间 结对日期 起", needed=True, read=day, example="2026-01-01", width=12),
    column(Pairing, "ends_on", "结束日期 截止日期 到期时间 止", needed=True, read=day, example="2026-12-31", width=12),
    column(Pairing, "unit_person", "责任人 单位负责人", needed=True, width=12, example="王强"),
    column(Pairing, "station_person", "社区负责人", needed=True, width=12, example="李明"),
    column(Pairing, "promised_visits", "每季次数 承诺次数", needed=True, read=number, width=12, example="3"),
    column(Pairing, "promised_minutes", "承诺工时 每季工时", needed=True, read=length, width=12, example="10"),
    shown("visits", "活动次数"),
    shown("minutes", "服务时长（小时）"),
    shown("paired", "帮扶对象"),
    shown("hardships", "困难类别"),
    shown("effects", "帮扶成效"),
    shown("state", "状态"),
    shown("ended_on", "终止日期", read=day),
    shown("ended_for", "终止理由"),
)  # fmt: skip


def _judge(seen: Preview) -> None:
    with together():
        joined = Pairing.select(Pairing, Unit).join(Unit)
        desk = Desk(seen, Pairing, PAIRING, joined)
        units = looked_up(seen, "unit", Unit.select().where(within(Unit, seen.by)), Unit.name)
        keys = sorted({unit.id for rows in units.values() for unit in rows})
        same: list[Pairing] = []
        for at in range(0, len(keys), LOOKUP):
            same.extend(joined.where(Pairing.station == seen.station, Pairing.unit.in_(keys[at : at + LOOKUP])))
        desk.known(same, lambda row: (read_text(row.unit.name), row.form, row.starts_on))
        codes = _codes(seen)
        made: dict[str, tuple[Unit, list[Finding]]] = {}
        for line in seen.lines:
            _weigh(desk, line, units, codes, made)


def _codes(seen: Preview) -> dict[str, str]:
    """Credit codes of the sheet that are registered already, wherever: code -> name."""
    said = sorted({normalise_code(line.values["uscc"]) for line in seen.lines if line.values.get("uscc")})
    found: dict[str, str] = {}
    for at in range(0, len(said), LOOKUP):
        found.update(Unit.select(Unit.uscc, Unit.name).where(Unit.uscc.in_(said[at : at + LOOKUP])).tuples())
    return found


def _weigh(
    desk: Desk,
    line: Line,
    units: dict[str, list[Unit]],
    codes: dict[str, str],
    made: dict[str, tuple[Unit, list[Finding]]],
) -> None:
    seen, row, text = desk.seen, desk.row(line), line.values.get("unit", "")
    values = desk.said(line)
    values.pop("unit", None)
    found = units.get(text, [])
    if row is not None and text in ("", read_text(row.unit.name)):
        unit = row.unit
    elif len(found) > 1:
        seen.add(line, [Finding("unit", f"本县叫“{text[:30]}”的单位有 {len(found)} 个，请在页面上登记。")])
        line.unread.add("unit")
        unit = None
    else:
        unit = found[0] if found else _new_unit(desk, line, text, codes, made)
    key = (text, line.values.get("form"), line.values.get("starts_on"))
    meant = row if row is not None else desk.meant(line, key) if all(key) else None
    if unit is not None and not (meant is not None and meant.unit_id == unit.id):
        values["unit"] = unit
    if unit is not None and unit.id > 0:
        _warn_unit(seen, line, unit)
    desk.weigh(line, values, key=key if all(key) else None, vouched=("unit",))


def _warn_unit(seen: Preview, line: Line, unit: Unit) -> None:
    for key, name in _OF_UNIT.items():
        said = line.values.get(key)
        if said and read_text(said) != read_text(getattr(unit, name) or ""):
            stands = (
                ""
                if isinstance(Unit._meta.fields[name], SealedField)
                else f"，仍为「{dict(LEVELS).get(unit.level, '') if name == 'level' else getattr(unit, name)}」"
            )
            seen.add(
                line,
                [Finding(key, f"单位已登记，这一列不能由表格修改{stands}；请在「文明单位」里改。", warning=True)],
            )


def _new_unit(
    desk: Desk, line: Line, text: str, codes: dict[str, str], made: dict[str, tuple[Unit, list[Finding]]]
) -> Unit | None:
    """A unit that is registered with the line; a finding for whatever it lacks."""
    seen = desk.seen
    if not text:
        return None
    if text in made:
        seen.add(line, made[text][1])
        return made[text][0]
    said = {name: line.values[key] for key, name in _OF_UNIT.items() if line.values.get(key)}
    missing = [
        key for key in ("level", "contact_name", "contact") if key not in line.values and key not in line.unread
    ]
    if missing:
        labels = {column.key: column.label for column in COLUMNS}
        needs = "、".join(f"「{labels[key]}」" for key in missing)
        seen.add(
            line, [Finding("unit", f"本县没有登记叫“{text[:30]}”的文明单位：请核对名称；要新登记，请填写{needs}。")]
        )
        line.unread.add("unit")
        return None
    unit = Unit(name=text, division=Division(code=str(seen.station.division_id)[:COUNTY_DIGITS]), **said)
    judged = judge_new(unit, seen.by, ("division", "name"))
    found = [
        Finding("unit" if f.where in ("name", "division", "categories") else f.where, f.says) for f in judged.findings
    ]
    if unit.uscc in codes and unit.uscc:
        found.append(Finding("uscc", f"这个代码已登记：{codes[unit.uscc]}。"))
    seen.add(line, found)
    unit.id = -1 - len(made)  # stands for it until it is stored; no stored row has it
    made[text] = unit, found
    return unit


def _take(seen: Preview) -> None:
    drafts_in.hold(seen)
    for line in seen.lines:
        if line.status not in (NEW, CHANGED):
            continue
        row: Any = line.result.row
        unit = row.__rel__.get("unit")
        if unit is not None and unit.entered_by is None and (unit.id is None or unit.id < 0):
            permit(seen.by, "enter", Unit.resource)
            unit.id = None
            unit.store_new(seen.by)
        if unit is not None:
            row.unit = unit
        line.result.store(seen.by)


PAIRING_IN = Kind(
    "pairing", "结对帮扶", "pairings", COLUMNS,
    (("unit",), ("form",), ("categories",), ("starts_on",), ("ends_on",), ("unit_person",), ("station_person",),
     ("promised_visits",), ("promised_minutes",)), _judge, _take,
)  # fmt: skip
