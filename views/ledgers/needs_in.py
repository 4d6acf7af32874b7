"""需求 in: needs as they were told, under review, with the household and the person of whom the line speaks.

A line means the need of its mark, else the one of its household, person, day and kind. The household is found by its
address, else by householder and building; one that is not registered is registered from the line, and so is the person
where the line says her hardship. What is registered already is not changed this way: households have their own page.
Verifying, dispatching and everything after stay as on screen; so do visits, which a line only shows.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from peewee import JOIN

from models.fields import keyring
from models.households import Household, Recipient
from models.moves import permit
from models.needs import Need
from models.projects import Project
from models.together import judge_new, together
from rules import needs
from rules.findings import Finding
from rules.identity import mask_address, mask_phone
from rules.reading import read_text
from views.ledgers import drafts_in
from views.ledgers.drafts_in import LOOKUP, Desk
from views.ledgers.incoming import CHANGED, NEW, Incoming, Kind, Line, Preview
from views.ledgers.needs import NEEDS, hidden
from views.ledgers.reads import chosen, column, day, digits, long_text, shown, term, terms

COLUMNS = (
    shown("station", "工作站", "站点"),
    shown("id", "编号", "需求编号"),
    column(Need, "collected_on", "日期 登记日期 采集时间", needed=True, read=day, example="2026-03-05", width=12),
    column(Need, "collector", "登记人 走访人员", needed=True, width=10, example="李明"),
    column(Need, "source", "需求来源", width=11, example="入户走访", **chosen(needs.SOURCES)),
    shown("visit", "走访日期"),
    shown("visitor", "走访人"),
    Incoming("householder", Household.label("name"), "户主姓名 家庭", needed=True, width=10, example="张大爷"),
    Incoming("recipient", "服务对象", "受助人 服务对象姓名 对象", width=10, example="张大爷"),
    Incoming("hardship", Recipient.label("hardship"), "对象类别 困难类型 人群类别", width=18, example="空巢老人", mask=hidden,
             **terms("recipient")),
    Incoming("building", Household.label("building"), "楼栋号 小区楼栋", needed=True, width=16, example="翠竹巷 3 栋"),
    Incoming("address", Household.label("address"), "住址 地址 家庭住址 家庭地址 现住址", width=28, example="翠竹巷 3 栋 501",
             mask=mask_address),
    Incoming("phone", Household.label("phone"), "电话 联系方式 手机 手机号", read=digits, width=14, mask=mask_phone),
    column(Need, "category", "类别 需求类型 服务类别", needed=True, width=12, **term("category")),
    column(Need, "content", "内容 需求描述 具体需求", needed=True, read=long_text, width=36, example="每周陪伴聊天一次", mask=hidden),
    column(Need, "urgency", "紧急度", width=9, **chosen(needs.URGENCIES)),
    column(Need, "risk", "风险等级 风险情况", width=11, **chosen(needs.RISKS)),
    column(Need, "risk_note", "风险提示", read=long_text, width=20, mask=hidden),
    column(Need, "due_on", "完成期限 希望完成日期 时限", read=day, width=12),
    shown("verified_how", "核实方式"),
    shown("verified_by", "核实人"),
    shown("verified_on", "核实日期"),
    shown("project", "承接项目"),
    shown("handler", "承接人"),
    shown("dispatched_on", "派单日期"),
    shown("said_role", "谁说已办好"),
    shown("said_by", "确认人姓名"),
    shown("met_on", "完成日期"),
    shown("satisfaction", "回访满意度", "满意度"),
    shown("rated_by", "评价人"),
    shown("rating_note", "评价意见"),
    shown("rated_on", "评价日期"),
    shown("state", "状态"),
    shown("refused_for", "拒绝理由"),
)  # fmt: skip
_OF_HOUSEHOLD = {"householder": "name", "building": "building", "address": "address", "phone": "phone"}


@dataclass
class _Homes:
    """Households of the station that the lines may mean, those made from lines, and the people in them."""

    by_address: dict[str, list[Household]] = field(default_factory=dict)
    by_name: dict[tuple[str, str], list[Household]] = field(default_factory=dict)
    made: dict[Any, tuple[Household, list[Finding]]] = field(default_factory=dict)
    people: dict[tuple[int, str], list[Recipient]] = field(default_factory=dict)
    new_people: dict[tuple[int, str], tuple[Recipient, list[Finding]]] = field(default_factory=dict)

    @classmethod
    def of(cls, seen: Preview, stored: Iterable[Household]) -> "_Homes":
        homes = cls()
        own = Household.select().where(Household.station == seen.station)
        here = own.where(Household.left_on.is_null(), Household.erased_on.is_null())
        indexes = sorted(
            {index for line in seen.lines if line.values.get("address") for index in _indexes(line.values["address"])}
        )
        found = {home.id: home for home in stored}
        for at in range(0, len(indexes), LOOKUP):
            for home in here.where(Household.address_index.in_(indexes[at : at + LOOKUP])):
                home = found.setdefault(home.id, home)
                homes.by_address.setdefault(_spaceless(home.address), []).append(home)
        names = sorted({line.values["householder"] for line in seen.lines if line.values.get("householder")})
        for at in range(0, len(names), LOOKUP):
            for home in here.where(Household.name.in_(names[at : at + LOOKUP])):
                home = found.setdefault(home.id, home)
                homes.by_name.setdefault((read_text(home.name), _spaceless(home.building)), []).append(home)
        for home in found.values():
            home.station = seen.station
            home._dirty.clear()
        keys = sorted(found)
        for at in range(0, len(keys), LOOKUP):
            rows = Recipient.select().where(
                Recipient.household.in_(keys[at : at + LOOKUP]),
                Recipient.left_on.is_null(),
                Recipient.erased_on.is_null(),
            )
            for person in rows:
                person.household = found[person.household_id]
                person._dirty.clear()
                homes.people.setdefault((person.household_id, read_text(person.name)), []).append(person)
        return homes


def _judge(seen: Preview) -> None:
    with together():
        joined = (
            Need.select(Need, Household, Project).join_from(Need, Household).join_from(Need, Project, JOIN.LEFT_OUTER)
        )
        persons = _persons(seen)
        desk = Desk(seen, Need, NEEDS, joined, lambda row: _saved(row, persons))
        homes = _Homes.of(seen, [there.row.household for there in desk.found.values()])
        _known(desk, homes)
        for line in seen.lines:
            _weigh(desk, line, homes, persons)


def _persons(seen: Preview) -> dict[int, Recipient]:
    """The people of the marked needs, by need; of the own station alone, as the needs themselves."""
    keys = sorted({line.mark.id for line in seen.lines if line.mark and line.mark.table == Need._meta.table_name})
    found: dict[int, Recipient] = {}
    for at in range(0, len(keys), LOOKUP):
        rows = (
            Need.select(Need.id, Recipient).join(Recipient, on=(Need.recipient == Recipient.id))
            .where(Need.id.in_(keys[at : at + LOOKUP]), Need.station == seen.station)
        )  # fmt: skip
        found.update({row.id: row.recipient for row in rows})
    return found


def _saved(row: Need, persons: dict[int, Recipient]) -> dict[str, Any]:
    person = persons.get(row.id)
    return {
        "address": row.household.address or "", "phone": row.household.phone or "",
        "hardship": " ".join(person.hardship) if person else "", "content": row.content, "risk_note": row.risk_note,
    }  # fmt: skip


def _known(desk: Desk, homes: _Homes) -> None:
    """The needs of the households that lines name."""
    found = {home.id: home for rows in [*homes.by_address.values(), *homes.by_name.values()] for home in rows}
    keys = sorted(found)
    for at in range(0, len(keys), LOOKUP):
        rows = list(
            Need.select().where(Need.household.in_(keys[at : at + LOOKUP]), Need.station == desk.seen.station)
        )
        for row in rows:
            row.household = found[row.household_id]
            row._dirty.clear()
        desk.known(rows, lambda row: (row.household_id, row.recipient_id, row.collected_on, row.category))


def _weigh(desk: Desk, line: Line, homes: _Homes, persons: dict[int, Recipient]) -> None:
    seen, row, said = desk.seen, desk.row(line), line.values
    values = {
        name: value for name, value in desk.said(line).items() if name not in ("household", "recipient", "visit")
    }
    home = row.household if row is not None else _home(seen, line, homes)
    if home is None:  # why not has been said
        line.unread.update(("householder", "address"))
    if row is not None:
        _warn_home(seen, line, row.household)
    person, whose = None, said.get("recipient")
    if whose and home is not None:
        own = persons.get(row.id) if row is not None else None
        person = own if own is not None and read_text(own.name) == whose else _person(seen, line, home, whose, homes)
        if own is not None and person is own:
            _warn_hardship(seen, line, own)
    if home is not None and row is None:
        values["household"] = home
    if person is not None and not (row is not None and row.recipient_id == person.id):
        values["recipient"] = person
    key = None
    if home is not None and said.get("collected_on") and said.get("category"):
        key = (home.id, person.id if person is not None else None, said["collected_on"], said["category"])
    meant = row if row is not None else desk.meant(line, key) if key else None
    if meant is not None:
        values = {n: v for n, v in values.items() if n not in ("household", "recipient") or meant.__data__[n] != v.id}
        if meant.recipient_id and person is not None and meant.recipient_id == person.id:
            meant.recipient = person
            meant._dirty.discard("recipient")
        elif meant.recipient_id and meant.id in persons:
            meant.recipient = persons[meant.id]
            meant._dirty.discard("recipient")
    desk.weigh(line, values, key=key, vouched=("household", "recipient"))


def _home(seen: Preview, line: Line, homes: _Homes) -> Household | None:
    """The household of a line without a mark: by address, else by householder and building, else a new one."""
    said = line.values
    name, building, address = said.get("householder"), said.get("building", ""), said.get("address", "")
    found = homes.by_address.get(_spaceless(address), []) if address else []
    if found and name and read_text(found[0].name) != name:
        seen.add(line, [Finding("address", f"这个住址登记的户主是{found[0].name}，请核对户主和住址。")])
        return None
    if not found and name:
        found = homes.by_name.get((name, _spaceless(building)), [])
        if address:
            if found:
                seen.add(
                    line,
                    [
                        Finding(
                            "address",
                            f"{building}的{name[:20]}登记的是另一个住址，请核对；同名的另一户请在「户」里登记。",
                        )
                    ],
                )
                return None
        elif len(found) > 1:
            seen.add(
                line, [Finding("householder", f"{building}有 {len(found)} 户叫“{name[:20]}”的，请填写「详细住址」。")]
            )
            return None
    if found:
        _warn_home(seen, line, found[0])
        return found[0]
    return _new_home(seen, line, homes)


def _new_home(seen: Preview, line: Line, homes: _Homes) -> Household | None:
    values = {name: line.values[key] for key, name in _OF_HOUSEHOLD.items() if line.values.get(key)}
    if "name" not in values:
        if "householder" not in line.unread:
            seen.add(line, [Finding("householder", "请填写「户主」。")])
        line.unread.add("householder")
        return None
    if not values.get("address") and "address" not in line.unread:
        says = f"没有登记过{values.get('building', '')}的“{values['name'][:20]}”这一户：请核对户主和楼栋；新的户请填写「详细住址」。"
        seen.add(line, [Finding("householder", says)])
        return None
    key = _spaceless(values.get("address", ""))
    if key in homes.made:
        home, found = homes.made[key]
        if read_text(home.name) != values["name"]:
            found = [Finding("address", f"本表另一行这个住址的户主是{home.name}，请核对。")]
        seen.add(line, found)
        return home
    home = Household(station=seen.station, **values)
    judged = judge_new(home, seen.by, ("address",))
    found = [Finding({"name": "householder"}.get(f.where, f.where), f.says, f.warning) for f in judged.findings]
    home.id = _stand_in(seen)  # stands for it until it is stored
    homes.made[key] = home, found
    seen.add(line, found)
    return home


def _person(seen: Preview, line: Line, home: Household, name: str, homes: _Homes) -> Recipient | None:
    """The person of that name in the household, or a new one with the hardship that the line says."""
    found = homes.people.get((home.id, name), [])
    if len(found) > 1:
        seen.add(line, [Finding("recipient", f"这一户有 {len(found)} 位“{name[:20]}”，请在页面上登记。")])
        return None
    if found:
        _warn_hardship(seen, line, found[0])
        return found[0]
    if (home.id, name) in homes.new_people:
        person, faults = homes.new_people[home.id, name]
        seen.add(line, faults)
        return person
    hardship = line.values.get("hardship")
    if not hardship:
        if "hardship" not in line.unread:
            says = f"这一户没有登记“{name[:20]}”：请核对姓名；新的服务对象请填写「困难类别」。"
            seen.add(line, [Finding("recipient", says)])
        return None
    person = Recipient(station=seen.station, household=home, name=name, hardship=hardship)
    judged = judge_new(person, seen.by, ("household",))
    faults = [Finding({"name": "recipient"}.get(f.where, f.where), f.says, f.warning) for f in judged.findings]
    person.id = _stand_in(seen)
    homes.new_people[home.id, name] = person, faults
    seen.add(line, faults)
    return person


def _warn_home(seen: Preview, line: Line, home: Household) -> None:
    for key, name in _OF_HOUSEHOLD.items():
        said = line.values.get(key)
        if said and _spaceless(said) != _spaceless(getattr(home, name) or ""):
            seen.add(line, [Finding(key, "户已登记，这一列不能由表格修改；请在「户」里改。", warning=True)])


def _warn_hardship(seen: Preview, line: Line, person: Recipient) -> None:
    if line.values.get("hardship") and set(line.values["hardship"]) != set(person.hardship):
        seen.add(line, [Finding("hardship", "服务对象已登记，困难类别请在「服务对象」里改。", warning=True)])


def _take(seen: Preview) -> None:
    drafts_in.hold(seen)
    for line in seen.lines:
        if line.status not in (NEW, CHANGED):
            continue
        row = line.result.row
        home, person = row.__rel__.get("household"), row.__rel__.get("recipient")
        for name, other in (("household", home), ("recipient", person)):
            if other is None:
                continue
            if other.id is None or other.id < 0:
                permit(seen.by, "enter", other.resource)
                other.id = None
                if name == "recipient":
                    other.household = home
                other.store_new(seen.by)
            if row.__data__.get(name) != other.id:
                setattr(row, name, other)
        line.result.store(seen.by)


def _stand_in(seen: Preview) -> int:
    """A key for a row that is not stored yet, another for each in all the parts of a table."""
    seen.memory["stand_in"] = seen.memory.get("stand_in", 0) - 1
    return int(seen.memory["stand_in"])


def _spaceless(text: str) -> str:
    return "".join(read_text(text).split())


def _indexes(address: str) -> list[str]:
    """As the column's own index is made, by every key that is kept."""
    return keyring.indexes(Household.address_index.plain(address))


NEEDS_IN = Kind(
    "needs", "需求", "needs", COLUMNS,
    (("householder",), ("collected_on",), ("collector",), ("category",), ("content",)), _judge, _take,
    concerns={"household": ("householder", "address"), "visit": ("visit",)},
)  # fmt: skip
