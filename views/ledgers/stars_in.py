"""星级认定 in: stars that were recognised before there was this program; each waits for the head, then for the level that
policy names. Rows of our own ledger are what became of cases, and are not changed by a table."""

from datetime import date
from typing import Any

from models import clock, policy
from models.stars import CLAIMABLE, STARS, Earlier, StarGrant, claim
from models.volunteers import Volunteer
from rules.findings import Finding
from rules.reading import read_date, read_digits, read_minutes, read_text
from rules.stars import level_of
from views.ledgers.incoming import NEW, SAME, Incoming, Kind, Line, Preview, Reading
from views.ledgers.marked import refuse_edited
from views.ledgers.records_who import LOOKUP, People, people_of, resolve_person

DECIDED = "这一项由星级认定的办理得出，不能由表格修改；有异议请在「星级认定」里办理。"
_STAR_WORDS = {form: n for n, label in STARS for form in (label, label.replace("级", ""), f"{n}星级", f"{n}星", str(n))}


def _star(cell: Any, header: str, reading: Reading) -> int:
    text = read_text(int(cell) if isinstance(cell, float) and cell.is_integer() else cell).replace(" ", "")
    if text not in _STAR_WORDS:
        raise ValueError(f"没有“{text[:20]}”这个星级，可填{'、'.join(label for _, label in STARS)}。")
    return _STAR_WORDS[text]


def _day(cell: Any, header: str, reading: Reading) -> date:
    return read_date(cell, year=reading.year)


COLUMNS = (
    Incoming("card", "志愿者编号", "编号 志愿者号 卡号 证号 服务证号", width=18),
    Incoming("name", "姓名", "志愿者姓名 名字 志愿者", needed=True, example="李明", width=10),
    Incoming("tail", "证件或电话后四位", "后四位 证件号码 身份证号 身份证号码 身份证 证件号 联系电话 手机号", width=16,
             read=lambda cell, header, reading: read_digits(cell)),
    Incoming("star", "星级", "认定星级 星级等级 等级", needed=True, read=_star, example="一星级", width=9,
             choices=lambda: [label for _, label in STARS]),
    Incoming("honour_minutes", "累计工时", "认定时工时 累计服务时长 荣誉工时 认定时累计工时", needed=True, example="120", width=11,
             read=lambda cell, header, reading: read_minutes(cell)),
    Incoming("recognised_on", "认定日期", "发证日期 授予日期", needed=True, read=_day, example="2022-12-05", width=12),
    Incoming("recogniser", "认定人", "认定单位 授予单位 发证单位", needed=True, example="五华区文明办", width=16),
    Incoming("certificate_no", "证书编号", "证书号 编号证书", width=22,
             read=lambda cell, header, reading: read_digits(cell)),
    Incoming("proof", "证明材料", "证明 依据 凭证 存放位置", needed=True, example="证书复印件，存星级卷第 3 页", width=28),
)  # fmt: skip
_NEEDED = {"star": "请填写星级。", "honour_minutes": "请填写认定时的累计工时。", "recognised_on": "请填写认定日期，照证书。",
           "recogniser": "请填写认定人，照证书写单位全称。", "proof": "请写明证明材料存放在哪里。"}  # fmt: skip
_LIMITS = {"recogniser": 60, "certificate_no": 30}


def _judge(seen: Preview) -> None:
    _marked(seen)
    fresh = [line for line in seen.lines if line.mark is None and "row_mark" not in line.unread]
    people = people_of(seen)
    who = {line.number: resolve_person(seen, line, people) for line in fresh}
    born = {row.id: row for row in _everybody(people)}
    grants = _grants([key for key in who.values() if key])
    numbers = _numbers([line.values["certificate_no"] for line in fresh if line.values.get("certificate_no")])
    first: dict[tuple[int, int], int] = {}
    for line in fresh:
        person = who[line.number]
        if person is None or not _complete(seen, line):
            continue
        values = line.values
        said = Earlier(
            person, values["star"], values["honour_minutes"], values["recognised_on"], values["recogniser"],
            values.get("certificate_no", ""), values["proof"],
        )  # fmt: skip
        earlier = first.setdefault((person, said.star), line.number)
        if earlier != line.number:
            seen.add(line, [Finding("star", f"与第 {earlier} 行是同一位志愿者的同一星级，请只留一行。")])
        _meet(seen, line, said, born[person], grants.get((person, said.star)), numbers)


def _everybody(people: People) -> list[Volunteer]:
    return [*people.by_card.values(), *(row for rows in people.by_name.values() for row in rows)]


def _complete(seen: Preview, line: Line) -> bool:
    lacking = [key for key in _NEEDED if key not in line.values]
    seen.add(line, [Finding(key, _NEEDED[key]) for key in lacking])
    long = [key for key, most in _LIMITS.items() if len(line.values.get(key, "")) > most]
    seen.add(line, [Finding(key, f"最多 {_LIMITS[key]} 个字，现在是 {len(line.values[key])} 个字。") for key in long])
    return not lacking and not long


def _meet(
    seen: Preview, line: Line, said: Earlier, person: Volunteer, grant: StarGrant | None, numbers: dict[str, int]
) -> None:
    if grant is not None and grant.origin == "earlier" and grant.state not in CLAIMABLE and _as_said(grant, said):
        return line.settle(SAME)
    today, found = clock.today(), []
    if person.station_id != seen.station.id:
        found.append(Finding("volunteer", f"{person.name}不在本站登记，由现在的工作站登记以前的星级。"))
    elif person.state != "registered":
        found.append(Finding("volunteer", f"{person.name}是「{person.state_label}」，审核注册后才能登记以前的星级。"))
    if grant is not None and grant.state not in CLAIMABLE:
        found.append(Finding("star", f"本人这一星级现在是「{grant.state_label}」，内容不同，不能由表格修改。"))
    if said.on > today:
        found.append(Finding("recognised_on", f"认定日期 {said.on} 还没有到。"))
    elif said.on < person.birth_date:
        found.append(Finding("recognised_on", f"认定日期 {said.on} 早于出生日期，请核对。"))
    if not 0 < said.honour_minutes < 2**31:
        found.append(Finding("honour_minutes", "认定时的累计工时应大于 0，请照证书或台账填写。"))
    if numbers.get(said.certificate_no, line.number) not in (line.number, -(grant.id if grant else 0)):
        found.append(Finding("certificate_no", f"证书编号 {said.certificate_no} 已经用过，请核对。"))
    elif said.certificate_no:
        numbers.setdefault(said.certificate_no, line.number)
    try:
        level_of(said.star, policy.in_force("stars", seen.station, today))
    except KeyError:
        found.append(Finding("star", "现行政策没有这一星级，请核对。"))
    seen.add(line, found)
    line.result = said
    line.settle(NEW)
    return None


def _as_said(grant: StarGrant, said: Earlier) -> bool:
    stands = (grant.honour_minutes, grant.recognised_on, grant.recogniser, grant.certificate_no or "", grant.proof)
    return stands == (said.honour_minutes, said.on, said.recogniser, said.certificate_no, said.proof)


def _grants(people: list[int]) -> dict[tuple[int, int], StarGrant]:
    keys, found = sorted(set(people)), {}
    for at in range(0, len(keys), LOOKUP):
        rows = StarGrant.select().where(StarGrant.volunteer.in_(keys[at : at + LOOKUP]))
        found.update({(row.volunteer_id, row.star): row for row in rows})
    return found


def _numbers(said: list[str]) -> dict[str, int]:
    """Certificate numbers that are taken: the negative of the case that bears each."""
    wanted, found = sorted(set(said)), {}
    for at in range(0, len(wanted), LOOKUP):
        rows = StarGrant.select(StarGrant.certificate_no, StarGrant.id)
        found.update({no: -key for no, key in rows.where(StarGrant.certificate_no.in_(wanted[at : at + LOOKUP])).tuples()})
    return found


def _marked(seen: Preview) -> None:
    refuse_edited(seen, StarGrant, StarGrant.select(StarGrant, Volunteer).join(Volunteer), _saved, DECIDED)


def _saved(row: StarGrant) -> dict[str, Any]:
    return {
        "card": row.volunteer.card_no, "name": row.volunteer.name, "star": row.star,
        "honour_minutes": row.honour_minutes, "recognised_on": row.recognised_on, "recogniser": row.recogniser,
        "certificate_no": row.certificate_no,
    }  # fmt: skip


def _take(seen: Preview) -> None:
    claim([line.result for line in seen.lines if line.status == NEW], seen.by)


STARS_IN = Kind(
    "stars", "以前认定的星级", "stars", COLUMNS, (("card", "name"), ("star",)), _judge, _take,
    concerns={"volunteer": ("card", "name", "tail")},
)  # fmt: skip
