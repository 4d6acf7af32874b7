"""服务记录 in: sign-in sheets typed elsewhere, judged by the same rules as those keyed at the desk."""

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from models.activities import Activity
from models.keying import LOOKUP, Draft, Terms, judge, key_in
from models.projects import Project
from models.records import DEAD, ServiceRecord
from models.vocabulary import choices, names
from rules.findings import Finding
from rules.reading import read_minutes, read_span, read_text, read_time
from rules.records import count_minutes, end_of
from rules.topics import PolicyError
from views.ledgers import marked, reads
from views.ledgers.incoming import CHANGED, NEW, SAME, Incoming, Kind, Line, Preview, Reading
from views.ledgers.records_who import people_of, resolve_activity, resolve_person

ORIGIN = "imported"  # of `models.hours.ORIGINS`
STILL_OPEN = ("draft", "returned")  # states in which a record may be put right by its sheet
_MIDNIGHT = re.compile(r"24(:00(:00)?|点|时)?整?")


def _end(cell: Any, header: str, reading: Reading) -> time:
    """24:00 is the midnight after, which is written 0:00 from here on."""
    if isinstance(cell, str) and _MIDNIGHT.fullmatch(re.sub(r"\s", "", read_text(cell).replace("：", ":"))):
        return time(0)
    return read_time(cell)


def _span(cell: Any, header: str, reading: Reading) -> tuple[time, time]:
    return read_span(cell, overnight=True)


def _travel(cell: Any, header: str, reading: Reading) -> int:
    """Whole minutes; a bare number is minutes unless the header says hours."""
    plain = read_text(cell)
    if "时" not in header and re.fullmatch(r"\d{1,5}", plain):
        return int(plain)
    return read_minutes(cell)


def _quality(cell: Any, header: str, reading: Reading) -> str:
    return reading.words("quality").read_one(cell)


COLUMNS = (
    Incoming("card", "志愿者编号", "编号 志愿者号 卡号 证号 服务证号 志愿者卡号", width=18),
    Incoming("name", "姓名", "志愿者姓名 名字 志愿者 服务人员 参加人员 参与人员", needed=True, example="李明", width=10),
    Incoming("tail", "证件或电话后四位", "后四位 身份证后四位 证件后四位 证件号后四位 手机后四位 手机尾号 电话后四位 电话尾号 "
             "证件号码 身份证号 身份证号码 身份证 证件号 联系电话 联系方式 手机 手机号 手机号码 电话", read=reads.digits, width=16),
    Incoming("activity", "活动名称", "活动 活动项目 服务活动 活动主题 项目活动", needed=True, example="上门陪伴", width=20),
    Incoming("day", "服务日期", "日期 活动日期 服务时间日期 活动时间日期 年月日", needed=True, read=reads.day, example="2026-03-05",
             width=12),
    Incoming("start", "开始时间", "起 开始 签到时间 签到 起始时间 到岗时间 上岗时间 自", needed=True, read=reads.moment,
             example="8:30", width=10),
    Incoming("end", "结束时间", "止 结束 签退时间 签退 终止时间 离岗时间 至", needed=True, read=_end, example="11:00",
             width=10),
    Incoming("span", "起止时间", "服务时间段 服务时段 时间段 时段 服务时间 服务起止时间 活动时间 时间", read=_span, width=16),
    Incoming("hours", "服务时长", "时长 小时数 工时 服务小时 服务小时数 服务工时 小时 总时长 服务时间小时 服务时间分钟 "
             "服务时间时长 时间小时", read=reads.length, width=10),
    Incoming("travel_minutes", "往返交通", "交通时间 往返时间 往返交通时间 路途时间 在途时间", read=_travel, width=12),
    Incoming("content", "服务内容", "内容 活动内容 工作内容 服务事项", needed=True, example="陪伴老人聊天", width=28),
    Incoming("quality", "服务质量", "质量 评价 服务评价 质量评价 服务质量评价 评定", needed=True, read=_quality, example="优",
             width=10, choices=lambda: [name for _, name in choices("quality")]),
    Incoming("remark", "备注", "说明 备注说明", width=16),
    Incoming("project", Project.label("name"), fixed=True),
    Incoming("category", Project.label("category"), fixed=True),
    Incoming("place", Activity.label("place"), fixed=True),
    Incoming("lead", Activity.label("lead"), fixed=True),
    Incoming("social_worker", Activity.label("social_worker"), fixed=True),
    Incoming("origin", ServiceRecord.label("origin"), fixed=True),
    Incoming("backfilled", ServiceRecord.label("backfilled"), fixed=True),
    Incoming("state", ServiceRecord.label("state"), fixed=True),
)  # fmt: skip


def _judge(seen: Preview) -> None:
    people = people_of(seen, names_alone=True)
    activities = resolve_activity(seen)
    terms = Terms.of(seen.station)
    drafts = {line.number: _draft(seen, line, people, activities, terms) for line in seen.lines}
    joined = ServiceRecord.select(ServiceRecord, Activity, Project).join(Activity).join(Project)
    found = marked.rows_of(seen, ServiceRecord, joined)
    mine, told = seen.memory.setdefault("spans", {}), seen.memory.setdefault("told", set())
    stored = _stored(seen, [draft for draft in drafts.values() if draft], told | _moved(drafts, found))
    words = _words()
    judged: list[Line] = []
    for line in seen.lines:
        line.result = drafts[line.number]
        if line.result is not None:
            there = found.get(line.number)
            _meet(seen, line, there.row if there else stored.get((line.result.volunteer, line.result.started_at)))
            if there:
                _told(seen, line, there, words)
            if line.status != SAME:
                judged.append(line)
    results = judge([line.result for line in judged], seen.by, seen.station, mine, told)
    for line, findings in zip(judged, results, strict=True):
        status = line.status
        seen.add(line, findings)
        line.settle(status)
    told.update(line.result.id for line in judged if line.status == CHANGED)


def _draft(seen: Preview, line: Line, people, activities, terms: Terms) -> Draft | None:
    """The line as the rules judge it; None where a policy is wanting for its day, which the line then says."""
    values = line.values
    volunteer = resolve_person(seen, line, people)
    activity = activities(line)
    day = values.get("day") or (activity.day if activity and "day" not in line.unread else None)
    try:
        rule = terms.on("counting", day).rule if day else None
        form = terms.on("record_format", day).rule if day else None
    except PolicyError:
        seen.add(line, [Finding("day", f"{day} 太早了，没有可以依据的政策，请核对年份。")])
        return None
    start, end, travel = _moments(line, day, travel_counts=bool(rule and rule.travel_counts))
    if form and start and end:
        end = end_of(start, end, form)
    if rule and start and end and end > start and "hours" in values and ("end" in values or "span" in values):
        counted = count_minutes(start, end, travel, rule)
        if counted != values["hours"]:
            says = f"表中是 {values['hours'] / 60:.2f} 小时，按起止时间应为 {counted / 60:.2f} 小时，按起止时间计。"
            seen.add(line, [Finding("hours", says, warning=True)])
    return Draft(
        volunteer, activity.id if activity else None, start, end, travel,
        values.get("content") or seen.options.get("content") or "",
        values.get("quality") or seen.options.get("quality") or "",
        values.get("remark", ""), origin=ORIGIN,
    )  # fmt: skip


def _moments(line: Line, day: date | None, *, travel_counts: bool) -> tuple[datetime | None, datetime | None, int]:
    """Start, end and travel in minutes. Hours in place of an end are hours of service, so travel comes on top."""
    values, travel = line.values, line.values.get("travel_minutes", 0)
    first, last = values.get("span", (None, None))
    first, last = values.get("start", first), values.get("end", last)
    if day is None or first is None:
        return None, None, travel
    start = datetime.combine(day, first)
    if last is not None:
        end = datetime.combine(day, last)
        return start, end + timedelta(days=1) if last == time(0) and first > last else end, travel
    if "hours" not in values:
        return start, None, travel
    return start, start + timedelta(minutes=values["hours"] + (0 if travel_counts else travel)), travel


def _moved(drafts: dict[int, Draft | None], found: dict[int, marked.Found]) -> set[int]:
    """Records whose marked lines let them begin at another time: what begins then now is another record."""
    starts = {there.row.id: (there.row.started_at, drafts[number]) for number, there in found.items()}
    return {id for id, (was, draft) in starts.items() if draft and draft.started_at and draft.started_at != was}


def _stored(seen: Preview, drafts: list[Draft], but: set[int]) -> dict[tuple[int, datetime], ServiceRecord]:
    """Records that these people have at the station in the days of the sheet, by person and start; without those of
    which lines with a mark, or earlier parts of the sheet, tell that they are elsewhere."""
    whole = [draft for draft in drafts if draft.volunteer and draft.started_at]
    if not whole:
        return {}
    low, high = min(d.started_at for d in whole), max(d.started_at for d in whole)
    people, found = sorted({d.volunteer for d in whole}), {}
    for at in range(0, len(people), LOOKUP):
        rows = ServiceRecord.select().where(
            ServiceRecord.volunteer.in_(people[at : at + LOOKUP]), ServiceRecord.started_at.between(low, high),
            ServiceRecord.station == seen.station.id, ServiceRecord.state.not_in(DEAD),
        )  # fmt: skip
        found.update({(row.volunteer_id, row.started_at): row for row in rows if row.id not in but})
    return found


def _meet(seen: Preview, line: Line, row: ServiceRecord | None) -> None:
    """Hold a line against the record that is already there: the same, one to change, or one past changing."""
    draft = line.result
    if row is None:
        return line.settle(NEW)
    was = Draft.of(row)
    if draft.volunteer and draft.volunteer != was.volunteer:
        says = "行标识是另一个人的记录；换人请清空行标识按新行导入，原来那条请作废。"
        seen.add(line, [Finding("volunteer", says)])
    # A column that the sheet does not have, or leaves blank, says nothing about what is stored.
    said = {
        name: line.values[name] for name in ("travel_minutes", "content", "quality", "remark") if name in line.values
    }
    line.result = replace(was, activity=draft.activity, started_at=draft.started_at, ended_at=draft.ended_at, **said)
    if line.result == was:
        return line.settle(SAME)
    if row.state not in STILL_OPEN:
        label = row.state_label
        seen.add(
            line, [Finding("started_at", f"本人这一时间已有一条「{label}」的记录，内容不同，不能再由表格修改。")]
        )
    line.settle(CHANGED)
    return None


def _told(seen: Preview, line: Line, there: marked.Found, words: dict[str, dict[str, str]]) -> None:
    """What a marked line must hear: that its row changed since the export, and which of its cells cannot change it."""
    row, activity = there.row, there.row.activity
    if there.stale and line.status != SAME:
        seen.add(line, [there.stale])
        line.settle(CHANGED)
    marked.warn_fixed(
        seen, line,
        {"project": activity.project.name, "category": words["category"].get(activity.project.category, ""),
         "place": activity.place, "lead": activity.lead, "social_worker": activity.social_worker,
         "origin": words["origin"].get(row.origin, row.origin), "backfilled": "是" if row.backfilled else "否",
         "state": row.state_label},
    )  # fmt: skip


def _words() -> dict[str, dict[str, str]]:
    return {"category": names("category"), "origin": dict(ServiceRecord.origin.choices)}


def _take(seen: Preview) -> None:
    if drafts := [line.result for line in seen.lines if line.status in (NEW, CHANGED)]:
        seen.memory["told"].update(row.id for row in key_in(drafts, seen.by))


def _supplied(options) -> frozenset[str]:
    """Columns that the options stand in for."""
    supplied = {name for name in ("content", "quality") if options.get(name)}
    return frozenset(supplied | ({"activity", "day"} if options.get("activity") else set()))


RECORDS = Kind(
    "records", "服务记录", "records", COLUMNS,
    (("card", "name"), ("activity",), ("day",), ("start", "span"), ("end", "span", "hours"), ("content",), ("quality",)),
    _judge, _take, supplied=_supplied,
    concerns={
        "volunteer": ("card", "name", "tail"), "started_at": ("start", "span", "day"),
        "ended_at": ("end", "span", "hours", "day", "start"), "sheet": ("hours", "end", "span"), "activity": ("activity", "day"),
    },
)  # fmt: skip
