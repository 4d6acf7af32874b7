"""志愿服务证明 in: certificates issued on paper before there was this program, as history that a head confirms. What this
program issued is never changed by a table."""

from datetime import date
from typing import Any

from peewee import JOIN

from models import clock
from models.certificates import Certificate, claim
from models.projects import Project
from models.volunteers import Volunteer
from rules.certificates import PURPOSES
from rules.findings import Finding
from rules.reading import read_date, read_digits, read_minutes, read_text
from views.ledgers.incoming import NEW, SAME, Incoming, Kind, Line, Preview, Reading
from views.ledgers.marked import refuse_edited
from views.ledgers.records_who import LOOKUP, people_of, resolve_person

DECIDED = "证明开具后不能由表格修改；有错请在「志愿服务证明」里撤销作废，再重新开具。"
_PURPOSES = {label: key for key, label in PURPOSES.items()}


def _purpose(cell: Any, header: str, reading: Reading) -> str:
    text = read_text(cell)
    if text not in _PURPOSES:
        raise ValueError(f"没有“{text[:20]}”这种用途，可填{'、'.join(_PURPOSES)}；其他的请填「其他」并写用途说明。")
    return _PURPOSES[text]


def _day(cell: Any, header: str, reading: Reading) -> date:
    return read_date(cell, year=reading.year)


def _digits(cell: Any, header: str, reading: Reading) -> str:
    return read_digits(cell)


COLUMNS = (
    Incoming("number", "证明编号", "编号 证书编号 原证明编号", needed=True, read=_digits, example="2022-015", width=18),
    Incoming("card", "志愿者编号", "志愿者号 卡号 服务证号", width=18),
    Incoming("name", "姓名", "志愿者姓名 名字 志愿者", needed=True, example="李明", width=10),
    Incoming("tail", "证件或电话后四位", "后四位 证件号码 身份证号 身份证号码 身份证 证件号 联系电话 手机号", width=16,
             read=_digits),
    Incoming("purpose", "用途", "证明用途", needed=True, read=_purpose, example="升学", width=12,
             choices=lambda: list(_PURPOSES)),
    Incoming("purpose_note", "用途说明", "用途备注", width=16),
    Incoming("first_day", "时段起", "服务开始日期 起始日期 开始日期", needed=True, read=_day, example="2021-03-05", width=12),
    Incoming("last_day", "时段止", "服务结束日期 截止日期 结束日期", needed=True, read=_day, example="2022-06-30", width=12),
    Incoming("minutes", "证明时长（小时）", "证明时长 服务时长 时长 小时 工时", needed=True, example="60", width=12,
             read=lambda cell, header, reading: read_minutes(cell)),
    Incoming("issued_on", "出具日期", "开具日期 发证日期", needed=True, read=_day, example="2022-07-01", width=12),
    Incoming("issuer", "出具单位", "开具单位 发证单位", width=18),
    Incoming("handler", "经办人", needed=True, example="张芳", width=12),
    Incoming("in_charge", "负责人", needed=True, example="王强", width=12),
)  # fmt: skip
_LIMITS = {"number": 30, "purpose_note": 100, "issuer": 80, "handler": 60, "in_charge": 60}
_SAID = ("purpose", "purpose_note", "first_day", "last_day", "minutes", "issued_on", "handler", "in_charge")


def _judge(seen: Preview) -> None:
    _marked(seen)
    fresh = [line for line in seen.lines if line.mark is None and "row_mark" not in line.unread]
    people = people_of(seen)
    known = {row.id: row for row in people.by_card.values()}
    known |= {row.id: row for rows in people.by_name.values() for row in rows}
    numbers = _numbers(seen, {line.values["number"] for line in fresh if line.values.get("number")})
    first: dict[str, int] = seen.memory.setdefault("numbers", {})
    for line in fresh:
        person = resolve_person(seen, line, people)
        if person is not None and _complete(seen, line):
            earlier = first.setdefault(line.values["number"], line.number)
            if earlier != line.number:
                seen.add(line, [Finding("number", f"与第 {earlier} 行是同一个编号，请只留一行。")])
            _meet(seen, line, known[person], numbers.get(line.values["number"]))


def _complete(seen: Preview, line: Line) -> bool:
    lacking = [c for c in COLUMNS if c.needed and c.key != "name" and c.key not in line.values]
    seen.add(line, [Finding(c.key, f"请照原证明填写{c.label}。") for c in lacking])
    long = [key for key, most in _LIMITS.items() if len(line.values.get(key, "")) > most]
    seen.add(line, [Finding(key, f"最多 {_LIMITS[key]} 个字，现在是 {len(line.values[key])} 个字。") for key in long])
    return not lacking and not long


def _meet(seen: Preview, line: Line, person: Volunteer, there: Certificate | None) -> None:
    said = {key: line.values.get(key, "") for key in _SAID} | {
        "volunteer": person.id, "paper_no": line.values["number"],
        "issuer": line.values.get("issuer") or seen.station.name,
    }  # fmt: skip
    if there is not None:
        stands = {name: getattr(there, "volunteer_id" if name == "volunteer" else name) for name in said}
        if stands == said and there.origin == "earlier":
            return line.settle(SAME)
        seen.add(line, [Finding("number", f"编号 {said['paper_no']} 已经登记，内容不同。{DECIDED}")])
    found, today = [], clock.today()
    if person.station_id != seen.station.id:
        found.append(Finding("volunteer", f"{person.name}不在本站登记，由现在的工作站登记以前的证明。"))
    elif person.state not in ("registered", "suspended"):
        found.append(Finding("volunteer", f"{person.name}是「{person.state_label}」，审核注册后才能登记以前的证明。"))
    if said["last_day"] < said["first_day"]:
        found.append(Finding("last_day", f"时段止应不早于时段起（{said['first_day']}）。"))
    if said["issued_on"] > today:
        found.append(Finding("issued_on", f"出具日期 {said['issued_on']} 还没有到。"))
    elif said["issued_on"] < said["last_day"]:
        found.append(Finding("issued_on", f"出具日期应不早于时段止（{said['last_day']}）。"))
    if not 0 < said["minutes"] < 2**31:
        found.append(Finding("minutes", "证明时长应大于 0，请照原证明填写。"))
    if said["purpose"] == "other" and not said["purpose_note"]:
        found.append(Finding("purpose_note", "用途是「其他」的，请写明用在哪里。"))
    seen.add(line, found)
    line.result = said
    line.settle(NEW)
    return None


def _numbers(seen: Preview, said: set[str]) -> dict[str, Certificate]:
    """The station's certificates that bear these numbers; one that was turned down may be entered anew."""
    wanted, found = sorted(said), {}
    for at in range(0, len(wanted), LOOKUP):
        part = wanted[at : at + LOOKUP]
        rows = Certificate.select().where(
            Certificate.station == seen.station.id, Certificate.number.in_(part) | Certificate.paper_no.in_(part),
            (Certificate.origin != "earlier") | (Certificate.state != "refused"),
        )  # fmt: skip
        found.update({row.number or row.paper_no: row for row in rows})
    return found


def _marked(seen: Preview) -> None:
    query = Certificate.select(Certificate, Volunteer, Project).join(Volunteer)
    query = query.join_from(Certificate, Project, JOIN.LEFT_OUTER)
    refuse_edited(seen, Certificate, query, _saved, DECIDED)


def _saved(row: Certificate) -> dict[str, Any]:
    return {key: getattr(row, key) for key in _SAID} | {
        "number": row.number or row.paper_no, "card": row.volunteer.card_no, "name": row.volunteer.name,
        "issuer": row.issuer,
    }  # fmt: skip


def _take(seen: Preview) -> None:
    claim([line.result for line in seen.lines if line.status == NEW], seen.by)


CERTIFICATES_IN = Kind(
    "certificates", "以前开具的志愿服务证明", "certificates", COLUMNS, (("card", "name"), ("number",)), _judge, _take,
    concerns={"volunteer": ("card", "name", "tail")},
)  # fmt: skip
