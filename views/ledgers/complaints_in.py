"""投诉 in: complaints that were received on paper, open; looking into them, deciding and answering stay the handler's.

A line means the complaint of its mark, else the one of its day, complainant and matter. Objections to a notice, which the
ledger lists as well, are made and decided on their own pages: their lines come back the same, or are refused.
"""

from typing import Any

from models.activities import Activity
from models.complaints import Complaint
from models.notices import Objection
from models.records import ServiceRecord
from models.together import together
from models.volunteers import Volunteer
from rules.findings import Finding
from rules.identity import mask_phone
from rules.reading import read_text
from views.ledgers import drafts_in
from views.ledgers.complaints import COMPLAINTS
from views.ledgers.drafts_in import LOOKUP, Desk, looked_up
from views.ledgers.incoming import SAME, Incoming, Kind, Line, Preview
from views.ledgers.marked import rows_of, settle_masked
from views.ledgers.reads import column, day, digits, long_text, number, shown
from views.ledgers.records_who import People, people_of, resolve_person

OBJECTED = "对公示的异议只在「异议」里登记和核查，不能由表格新增或修改。"
COLUMNS = (
    shown("station", "工作站", "站点"),
    shown("kind", "类别", "种类"),
    shown("id", "编号", "投诉编号"),
    column(Complaint, "received_on", "日期 投诉日期 受理日期 提出日期", needed=True, read=day, example="2026-03-05", width=12),
    column(Complaint, "said_by", "提出人 反映人 投诉者", needed=True, example="张某", width=14),
    column(Complaint, "contact", "联系电话 投诉人电话 电话", read=digits, width=14, mask=mask_phone),
    Incoming("card", Volunteer.label("card_no"), "编号或卡号 卡号 证号 被投诉人编号 志愿者卡号", width=18),
    Incoming("name", Volunteer.label("name"), "志愿者 被投诉志愿者 志愿者姓名 对象", width=10, example="李明"),
    column(Complaint, "accused", "", width=10),
    Incoming("activity", Activity.label("name"), "活动 所涉活动", width=20),
    Incoming("activity_day", "活动日期", "所涉活动日期", read=day, width=12),
    Incoming("record", Complaint.label("record"), "服务记录号 记录编号 对象记录", read=number, width=10),
    shown("notice", "公示", "公示名单"),
    column(Complaint, "reason", "投诉事由 投诉内容 内容 反映内容", needed=True, read=long_text, example="约定时间未到", width=36),
    shown("due_on", "答复期限"),
    shown("state", "状态"),
    shown("findings", "核查情况", "核查"),
    shown("outcome", "核查结论", "结论"),
    shown("measure", "处理措施"),
    shown("reply", "答复内容"),
    shown("replied_on", "答复日期", "处理日"),
    shown("handler", "办理人"),
    shown("policy", "政策版本"),
)  # fmt: skip


def _judge(seen: Preview) -> None:
    lines = seen.lines
    theirs = [line for line in lines if line.mark is not None and line.mark.table == Objection._meta.table_name]
    try:
        if theirs:
            seen.lines = theirs
            _objections(seen)
        numbers = {line.number for line in theirs}
        seen.lines = [line for line in lines if line.number not in numbers]
        _complaints(seen)
    finally:
        seen.lines = lines


def _objections(seen: Preview) -> None:
    found = rows_of(seen, Objection)
    for line in seen.lines:
        if there := found.get(line.number):
            row = there.row
            settle_masked(seen, line, row)
            stands = {"received_on": row.entered_at.date(), "said_by": row.said_by, "reason": row.reason,
                      "contact": row.contact, "findings": row.outcome}  # fmt: skip
            edited = [
                key for key, value in stands.items()
                if key in line.values and _bare(line.values[key]) != _bare(value)
            ]  # fmt: skip
            seen.add(line, [Finding(key, OBJECTED) for key in edited])
        line.settle(SAME)


def _bare(value: Any) -> Any:
    return read_text(value) if isinstance(value, str) else value


def _complaints(seen: Preview) -> None:
    with together():
        desk = Desk(seen, Complaint, COMPLAINTS)
        people = people_of(seen)
        own = Complaint.select().where(Complaint.station == seen.station)
        same = looked_up(seen, "said_by", own, Complaint.said_by)
        desk.known(
            [row for rows in same.values() for row in rows],
            lambda row: (row.received_on, read_text(row.said_by), read_text(row.reason)),
        )
        stored = [*(found.row for found in desk.found.values()), *(row for rows in same.values() for row in rows)]
        links = _Links.of(seen, stored)
        for row in stored:
            links.join(row, seen)
        for line in seen.lines:
            _weigh(desk, line, people, links)


class _Links:
    """The volunteers, activities and records that stored complaints and lines speak of, read together."""

    def __init__(self) -> None:
        self.volunteers: dict[int, Volunteer] = {}
        self.activities: dict[int, Activity] = {}
        self.records: dict[int, ServiceRecord] = {}
        self.by_name: dict[str, list[Activity]] = {}

    @classmethod
    def of(cls, seen: Preview, stored: list[Complaint]) -> "_Links":
        links = cls()
        records = {row.record_id for row in stored if row.record_id}
        records |= {line.values["record"] for line in seen.lines if line.values.get("record")}
        links.records = _rows(ServiceRecord, records, ServiceRecord.station == seen.station)
        links.volunteers = _rows(Volunteer, {row.volunteer_id for row in stored if row.volunteer_id})
        activities = {row.activity_id for row in stored if row.activity_id}
        activities |= {row.activity_id for row in links.records.values()}
        links.activities = _rows(Activity, activities)
        links.by_name = looked_up(
            seen, "activity", Activity.select().where(Activity.station == seen.station), Activity.name
        )
        return links

    def join(self, row: Complaint, seen: Preview) -> None:
        dirty = set(row._dirty)
        row.station = seen.station
        for name, known in (("record", self.records), ("volunteer", self.volunteers), ("activity", self.activities)):
            key = row.__data__.get(name)
            if key in known:
                setattr(row, name, known[key])
        row._dirty.clear()
        row._dirty.update(dirty)


def _rows(model: Any, keys: set[int], *where: Any) -> dict[int, Any]:
    found, asked = {}, sorted(key for key in keys if key < 2**63)
    for at in range(0, len(asked), LOOKUP):
        found.update({row.id: row for row in model.select().where(model.id.in_(asked[at : at + LOOKUP]), *where)})
    return found


def _weigh(desk: Desk, line: Line, people: People, links: _Links) -> None:
    seen, said = desk.seen, line.values
    values = {
        name: value for name, value in desk.said(line).items() if name not in ("record", "volunteer", "activity")
    }
    row = desk.row(line)
    if row is None and "异议" in said.get("kind", ""):
        seen.add(line, [Finding("kind", OBJECTED)])
    if row is None and {"received_on", "said_by", "reason"} <= set(said):
        row = desk.meant(line, (said["received_on"], said["said_by"], read_text(said["reason"])))
    if row is None and "received_on" not in said:  # today by default on screen; a sheet may be taken in on any day
        seen.add(line, [Finding("received_on", "请填写「收到日期」。")])
    values |= _links(seen, line, row, people, links)
    key = (said.get("received_on"), said.get("said_by"), read_text(said.get("reason")))
    desk.weigh(line, values, key=key if all(key) else None, vouched=("record", "volunteer", "activity"))


def _links(seen: Preview, line: Line, row: Complaint | None, people: People, links: _Links) -> dict[str, Any]:
    """Which volunteer, activity and record a line speaks of; nothing where the stored row says the same."""
    said, found = line.values, {}
    was = row.volunteer if row is not None and row.volunteer_id in links.volunteers else None
    asked = {key: said[key] for key in ("card", "name") if said.get(key)}
    stands = {"card": was.card_no or "", "name": was.name} if was else {}
    if asked and any(value != stands.get(key) for key, value in asked.items()):
        key = resolve_person(seen, line, people)
        known = [*people.by_card.values(), *(one for rows in people.by_name.values() for one in rows)]
        person = next((one for one in known if one.id == key), None)
        if person is not None and person.station_id != seen.station.id:
            seen.add(line, [Finding("volunteer", "没有找到这位志愿者：只能登记对本站志愿者的投诉。")])
        elif person is not None and (was is None or was.id != person.id):
            found["volunteer"] = person
    if number := said.get("record"):
        record = links.records.get(number)
        if record is None:
            seen.add(line, [Finding("record", f"本站没有 {number} 号服务记录，请核对。")])
        elif row is None or row.record_id != record.id:
            record.station = seen.station
            found["record"] = record
            if record.activity_id in links.activities:
                record.activity = links.activities[record.activity_id]
    if text := said.get("activity"):
        activity = _activity(seen, line, text, row, links)
        if activity is not None and (row is None or row.activity_id != activity.id):
            activity.station = seen.station
            found["activity"] = activity
    return found


def _activity(seen: Preview, line: Line, text: str, row: Complaint | None, links: _Links) -> Activity | None:
    on = line.values.get("activity_day")
    if row is not None and row.activity_id in links.activities:
        stands = links.activities[row.activity_id]
        if read_text(stands.name) == text and on in (None, stands.day):
            return stands
    fitting = [one for one in links.by_name.get(text, []) if on is None or one.day == on]
    record = links.records.get(line.values.get("record"))
    if len(fitting) > 1 and record is not None:
        fitting = [one for one in fitting if one.id == record.activity_id] or fitting
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        says = f"叫“{text[:20]}”的活动有 {len(fitting)} 次，请在「活动日期」列写明是哪一天的。"
    else:
        says = f"本站{f' {on} ' if on else ''}没有叫“{text[:20]}”的活动，请核对名称和日期。"
    seen.add(line, [Finding("activity", says)])
    return None


COMPLAINTS_IN = Kind(
    "complaints", "投诉", "complaints", COLUMNS,
    (("received_on",), ("said_by",), ("reason",)), _judge, drafts_in.take,
    concerns={"volunteer": ("name", "card", "accused"), "activity": ("activity",), "record": ("record",)},
)  # fmt: skip
