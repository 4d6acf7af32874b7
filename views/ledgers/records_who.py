"""Whom and which activity a line of a sheet means, looked up for all lines together."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from models.activities import Activity
from models.keying import LOOKUP
from models.scope import find
from models.volunteers import Volunteer
from rules.findings import Finding
from rules.identity import normalise
from rules.reading import read_text
from views.ledgers.incoming import Line, Preview

_RUNNING = re.compile(r"\d{0,5}")  # 编号 1, 2, 3 beside a name counts the rows; a card number has 15 digits
NAMES = (Volunteer.id, Volunteer.name, Volunteer.card_no, Volunteer.station)
TAIL = 4  # characters of a document or telephone that tell two of a name apart


@dataclass
class People:
    """Those the sheet may mean: by card number at any station (a visitor shows her card), by name at this one."""

    by_card: dict[str, Volunteer] = field(default_factory=dict)
    by_name: dict[str, list[Volunteer]] = field(default_factory=dict)


def people_of(seen: Preview, *, names_alone: bool = False) -> People:
    """One query for every four hundred people. With ``names_alone`` the rows are for `resolve_person` and hold nothing
    else: no document is read where the sheet tells nobody apart by it."""
    people, columns = People(), list(NAMES if names_alone else ())
    if names_alone and any(line.values.get("tail") for line in seen.lines):
        columns += [Volunteer.document_number, Volunteer.phone]
    who = Volunteer.select(*columns)
    cards = sorted({card for line in seen.lines if (card := _card(line))})
    names = sorted({line.values["name"] for line in seen.lines if line.values.get("name") and not _card(line)})
    for at in range(0, len(cards), LOOKUP):
        for row in who.where(Volunteer.card_no.in_(cards[at : at + LOOKUP])):
            people.by_card[row.card_no] = row
    for at in range(0, len(names), LOOKUP):
        own = who.where(Volunteer.station == seen.station, Volunteer.name.in_(names[at : at + LOOKUP]))
        for row in own:
            people.by_name.setdefault(row.name, []).append(row)
    return people


def resolve_person(seen: Preview, line: Line, people: People) -> int | None:
    """The volunteer's id; None where the line says why not."""
    card, name, tail = _card(line), line.values.get("name", ""), line.values.get("tail", "")
    if card:
        found, says = _by_card(seen, card, name, people)
    elif name:
        found, says = _by_name(name, tail, people)
    else:
        found, says = None, "请填写志愿者编号或姓名。"
    if says:
        seen.add(line, [Finding("volunteer", says)])
        line.unread.update(("card", "name", "tail"))  # said once: the rules need not say that nobody was found
    return found.id if found else None


def _card(line: Line) -> str:
    """The card number of a line; blank where it only counts the rows."""
    card = line.values.get("card", "")
    return "" if line.values.get("name") and _RUNNING.fullmatch(card) else card


def _by_card(seen: Preview, card: str, name: str, people: People) -> tuple[Volunteer | None, str]:
    row = people.by_card.get(card)
    if row is None:
        return None, f"没有编号为 {card[:20]} 的志愿者，请核对编号。"
    if name and name != row.name:
        return None, f"编号 {card} 与姓名“{name[:20]}”不是同一个人，请核对。"
    if not name and row.station_id != seen.station.id:
        return None, f"编号 {card} 不在本站登记，请同时填写姓名。"  # a number alone must not tell who a stranger is
    return row, ""


def _by_name(name: str, tail: str, people: People) -> tuple[Volunteer | None, str]:
    rows = people.by_name.get(name, [])
    if not rows:
        return None, f"本站没有叫“{name[:20]}”的志愿者，请核对姓名；别站的志愿者请填志愿者编号。"
    fitting = [row for row in rows if not tail or _ends(row, tail)]
    if len(fitting) == 1:
        return fitting[0], ""
    if not fitting:
        return None, f"“{name}”的证件号码和电话都不是以“{tail[-TAIL:]}”结尾，请核对，或改填志愿者编号。"
    return None, f"本站有 {len(fitting)} 位“{name}”，请填志愿者编号，或证件、电话的后四位。"


def _ends(row: Volunteer, tail: str) -> bool:
    """Whether the person's document or telephone ends so; fewer than four characters tell nobody apart."""
    text = normalise(tail).replace("-", "")
    return len(text) >= TAIL and any(
        (number or "").replace("-", "").endswith(text) for number in (row.document_number, row.phone)
    )


def resolve_activity(seen: Preview) -> Callable[[Line], Activity | None]:
    """How to tell the activity of a line: the one chosen for the sheet, or the one of that name on that day."""
    chosen = seen.options.get("activity")
    if chosen:
        row = find(Activity, chosen, seen.by)
        return lambda line: row
    by_day, by_name = _activities(seen)
    return lambda line: _activity(seen, line, by_day, by_name)


def _activities(seen: Preview) -> tuple[dict[date, list[Activity]], dict[str, list[Activity]]]:
    days = [line.values["day"] for line in seen.lines if line.values.get("day")]
    names = sorted({line.values["activity"] for line in seen.lines if line.values.get("activity")})
    own = Activity.select(Activity.id, Activity.name, Activity.day, Activity.state).where(
        Activity.station == seen.station
    )
    by_day: dict[date, list[Activity]] = {}
    by_name: dict[str, list[Activity]] = {}
    if days:
        for row in own.where(Activity.day.between(min(days), max(days))):
            by_day.setdefault(row.day, []).append(row)
    for at in range(0, len(names), LOOKUP):
        for row in own.where(Activity.name.in_(names[at : at + LOOKUP])).order_by(Activity.day.desc()):
            by_name.setdefault(read_text(row.name), []).append(row)
    return by_day, by_name


def _activity(seen: Preview, line: Line, by_day, by_name) -> Activity | None:
    name, day = line.values.get("activity"), line.values.get("day")
    if not name or day is None:
        missing = [key for key, value in (("activity", name), ("day", day)) if not value and key not in line.unread]
        words = {"activity": "请填写活动名称。", "day": "请填写服务日期，例如 2026-03-05。"}
        seen.add(line, [Finding(key, words[key]) for key in missing])
        line.unread.update(missing)
        return None
    fitting = [row for row in by_day.get(day, []) if read_text(row.name) == name]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        says = f"{day} 有 {len(fitting)} 个叫“{name}”的活动，请在导入时选定活动，分开导入。"
    elif others := by_name.get(name):
        days = "、".join(str(row.day) for row in others[:5])
        says = f"活动“{name}”不在 {day}，而在 {days}，请核对日期。"
    elif there := by_day.get(day):
        says = f"{day} 没有叫“{name[:20]}”的活动，当天有{'、'.join(f'「{row.name}」' for row in there[:5])}。"
    else:
        says = f"{day} 没有叫“{name[:20]}”的活动，请先在「活动」里安排，或核对日期和名称。"
    seen.add(line, [Finding("activity", says)])
    line.unread.update(("activity",))
    return None
