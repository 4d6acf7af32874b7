"""培训 in: a line is one person at one training, as in the ledger; a line without a person is the training alone.

A training is found by its number (培训编号), else by name and day; one that is not there becomes a draft. Who attended can be
registered only where the training lets it (`models.attending`): enrolment once it is published, attendance and results once
it was held and until its results are confirmed. So a sheet of a new training makes the draft, and the same sheet taken in
again after it was published and held fills in its list; the preview says so at each line.
"""

from dataclasses import dataclass, field
from typing import Any

from peewee import JOIN, fn

from models.attending import MOST_AT_ONCE, Mark, enrol, mark
from models.courses import Attendance, Training, check_open
from models.scope import within
from models.stations import Division, Station
from models.together import Judged, judge_change, judge_new, together
from models.volunteers import Volunteer
from rules.findings import Finding
from rules.reading import read_text
from rules.training import ATTENDANCE, FORMS, RESULTS
from views.ledgers.drafts_in import LOOKUP, Desk, differing, looked_up
from views.ledgers.incoming import CHANGED, NEW, REFUSED, SAME, Incoming, Kind, Line, Preview
from views.ledgers.reads import chosen, column, day, digits, length, long_text, number, shown, term
from views.ledgers.records_who import People, people_of, resolve_person
from views.ledgers.training import TRAINING

_STATES = [(state.name, state.label) for state in ATTENDANCE.states]
COLUMNS = (
    shown("station", "工作站", "站点"),
    Incoming("training_id", "培训编号", "", read=number, width=9),
    column(Training, "day", "日期 培训时间", needed=True, read=day, example="2026-03-05", width=12),
    Incoming("training", Training.label("name"), "培训主题名称 课程 课程名称 名称", needed=True, example="入户服务常识", width=22),
    column(Training, "topic", "培训主题 培训类别", needed=True, width=16, **term("training_topic")),
    column(Training, "content", "内容", read=long_text, width=30),
    column(Training, "form", "培训方式 形式", width=10, example="集中辅导", **chosen(FORMS)),
    shown("level", "级别"),
    column(Training, "place", "培训地点", needed=True, width=18, example="社区会议室"),
    column(Training, "speaker", "主讲人 讲师 授课人", needed=True, width=12, example="王强"),
    column(Training, "organiser", "主办单位", width=26),
    Incoming("course_minutes", "学时（小时）", "培训学时 课时 时长", needed=True, read=length, example="2", width=10),
    Incoming("card", Volunteer.label("card_no"), "编号 志愿者号 卡号 证号", width=18),
    Incoming("name", Volunteer.label("name"), "志愿者 志愿者姓名 参训人员 学员", width=10, example="李明"),
    Incoming("tail", "证件或电话后四位", "后四位 身份证后四位 证件后四位 手机尾号 手机后四位 电话后四位", read=digits, width=16),
    Incoming("attended", "参训情况", "到场情况 出勤 签到", width=10,
             **chosen(_STATES, "到场=attended 出勤=attended 已到=attended 到=attended 未到=absent 缺勤=absent 报名=enrolled")),
    Incoming("minutes", "实到学时（小时）", "实到学时 个人学时", read=length, width=12),
    Incoming("result", Attendance.label("result"), "考核结果 成绩", width=8, **chosen(RESULTS, "及格=passed 通过=passed 不及格=failed")),
    column(Training, "qualification", "获得资质", width=12, **term("qualification")),
    shown("training_state", "培训状态", "状态"),
)  # fmt: skip
_OF_TRAINING = {
    "day": "day", "training": "name", "topic": "topic", "content": "content", "form": "form", "place": "place",
    "speaker": "speaker", "organiser": "organiser", "course_minutes": "minutes", "qualification": "qualification",
}  # fmt: skip


@dataclass
class _Course:
    """One training of the table: its row, judged once for all its lines, and who stands on its list."""

    row: Training
    first: Line
    said: dict[str, tuple[Any, int]] = field(
        default_factory=dict
    )  # column -> what is to change, and which line says so
    judged: Judged | None = None
    there: dict[int, Attendance] = field(default_factory=dict)
    taken: int = 0
    wrong: Line | None = None  # where it says what is wrong with the training
    enrolled: list[tuple[Line, int]] = field(default_factory=list)
    marks: list[tuple[Line, int, Mark]] = field(default_factory=list)  # line, volunteer, and what is keyed of her


def _judge(seen: Preview) -> None:
    with together():
        joined = (
            Attendance.select(Attendance, Training, Volunteer)
            .join_from(Attendance, Training)
            .join_from(Attendance, Volunteer)
        )
        desk = Desk(seen, Attendance, TRAINING, joined)
        courses: dict[Any, _Course] = {}
        for line, course in _courses(desk, courses):
            _compare(seen, line, course)
        for course in courses.values():
            _judge_course(seen, course)
        _lists(courses)
        people = people_of(seen)
        for line in seen.lines:
            if line.result is not None:
                _judge_person(desk, line, people)
        for line in seen.lines:
            if line.result is not None and line.result.wrong not in (None, line):
                says = f"这次培训在第 {line.result.wrong.number} 行有误，改好后再导入。"
                seen.add(line, [Finding("training", says)])
            line.settle(line.status if line.result is not None else SAME)


def _courses(desk: Desk, courses: dict[Any, _Course]) -> list[tuple[Line, _Course]]:
    """The training of each line: of its mark, of its number, of its name and day, or a new one."""
    seen = desk.seen
    own = (
        Training.select(Training, Station, Division).join_from(Training, Station, JOIN.LEFT_OUTER)
        .join_from(Training, Division, on=(Training.division == Division.code)).where(within(Training, seen.by))
    )  # fmt: skip
    numbers = {line.values["training_id"] for line in seen.lines if line.values.get("training_id")}
    numbers |= {there.row.training_id for there in desk.found.values()}
    by_id: dict[int, Training] = {}
    keys = sorted(numbers)
    for at in range(0, len(keys), LOOKUP):
        by_id.update({row.id: row for row in own.where(Training.id.in_(keys[at : at + LOOKUP]))})
    by_name = looked_up(seen, "training", own.where(Training.state != "cancelled"), Training.name)
    found = []
    for line in seen.lines:
        key, row = _key(desk, line, by_id, by_name)
        if key is None:
            continue
        if key not in courses:
            courses[key] = _Course(row or Training(station=seen.station), line)
        line.result = courses[key]
        found.append((line, courses[key]))
    return found


def _key(
    desk: Desk, line: Line, by_id: dict[int, Training], by_name: dict[str, list[Training]]
) -> tuple[Any, Training | None]:
    seen, said = desk.seen, line.values
    there = desk.row(line)
    number_said = said.get("training_id")
    if there is not None:
        if number_said and number_said != there.training_id:
            seen.add(line, [Finding("training_id", f"行标识是 {there.training_id} 号培训的，编号不能改。")])
        return there.training_id, by_id.get(there.training_id) or there.training
    if number_said:
        if number_said not in by_id:
            seen.add(line, [Finding("training_id", f"没有找到 {number_said} 号培训；新的培训请把编号留空。")])
            return None, None
        return number_said, by_id[number_said]
    name, on = said.get("training"), said.get("day")
    if not name or not on:
        missing = [("training", "请填写「培训名称」。")] * (not name) + [("day", "请填写「培训日期」。")] * (not on)
        seen.add(line, [Finding(key, says) for key, says in missing])
        return None, None
    fitting = [row for row in by_name.get(name, []) if row.day == on]
    if len(fitting) > 1:
        seen.add(line, [Finding("training", f"{on} 叫“{name[:30]}”的培训有 {len(fitting)} 次，请填「培训编号」。")])
        return None, None
    return (fitting[0].id, fitting[0]) if fitting else ((name, on), None)


def _compare(seen: Preview, line: Line, course: _Course) -> None:
    """What the line says of its training that is not so yet; lines of one training must agree."""
    values = {name: line.values[key] for key, name in _OF_TRAINING.items() if key in line.values}
    for name, value in (values if course.row.id is None else differing(course.row, values)).items():
        if name in course.row.__data__ and course.row.__data__[name] == value and course.row.id is not None:
            continue
        earlier, number = course.said.setdefault(name, (value, line.number))
        if earlier != value:
            key = next(key for key, of in _OF_TRAINING.items() if of == name)
            says = f"与第 {number} 行是同一次培训，「{Training.label(name)}」却不同，请改成一样的。"
            seen.add(line, [Finding(key, says)])


def _judge_course(seen: Preview, course: _Course) -> None:
    line, values = course.first, {name: value for name, (value, _) in course.said.items()}
    if course.row.id is None:
        course.row = Training(station=seen.station, **values)
        course.judged = judge_new(course.row, seen.by)
        line.status = NEW
    else:
        course.judged = judge_change(course.row, values, seen.by)
        line = _saying(seen, course)
        if course.judged.changed:
            line.status = CHANGED
    for one in seen.lines:
        if one.result is course and one.status not in (NEW, CHANGED):
            one.status = SAME
    found = [Finding(_at(f.where), f.says, f.warning) for f in course.judged.findings]
    seen.add(line, found)
    if any(not f.warning for f in found):
        course.wrong = line


def _saying(seen: Preview, course: _Course) -> Line:
    """The first line that says something new of the training."""
    numbers = [number for _, number in course.said.values()]
    return next((one for one in seen.lines if one.number in numbers[:1]), course.first)


def _at(where: str) -> str:
    return {"minutes": "course_minutes", "state": "training_state", "capacity": "training", "name": "training"}.get(
        where, where
    )


def _lists(courses: dict[Any, _Course]) -> None:
    """Who is on the lists of all these trainings, and how many places are taken."""
    by_id = {course.row.id: course for course in courses.values() if course.row.id}
    keys = sorted(by_id)
    for at in range(0, len(keys), LOOKUP):
        part = keys[at : at + LOOKUP]
        for row in Attendance.select().where(Attendance.training.in_(part)):
            by_id[row.training_id].there[row.volunteer_id] = row
        counted = Attendance.select(Attendance.training, fn.COUNT(1)).where(
            Attendance.training.in_(part), Attendance.state != "withdrawn"
        )
        for key, count in counted.group_by(Attendance.training).tuples():
            by_id[key].taken = count


def _judge_person(desk: Desk, line: Line, people: People) -> None:
    """What the line does on the training's list."""
    seen, course, said = desk.seen, line.result, line.values
    there = desk.row(line)
    if there is not None and said.get("name", read_text(there.volunteer.name)) == read_text(there.volunteer.name) and (
        said.get("card", there.volunteer.card_no or "") == (there.volunteer.card_no or "")
    ):  # fmt: skip
        person = there.volunteer
    elif said.get("card") or said.get("name"):
        key = resolve_person(seen, line, people)
        person = _volunteer(people, key)
        if person is None:
            return
        if there is not None and there.volunteer_id != person.id:
            seen.add(
                line, [Finding("name", "行标识是另一个人的参训；换人请清空行标识按新行导入，原来的请退出报名。")]
            )
            return
    else:
        if said.get("attended") or said.get("result") or said.get("minutes"):
            seen.add(line, [Finding("name", "写了参训情况，请填写志愿者编号或姓名。")])
        return
    desk._once(line, ("attendance", course.row.id or (course.row.name, course.row.day), person.id))
    _enter_person(desk, line, course, person)


def _volunteer(people: People, key: int | None) -> Volunteer | None:
    known = [*people.by_card.values(), *(one for rows in people.by_name.values() for one in rows)]
    return next((one for one in known if one.id == key), None)


def _enter_person(desk: Desk, line: Line, course: _Course, person: Volunteer) -> None:
    seen, training, row = desk.seen, course.row, course.there.get(person.id)
    if row is not None and row.station_id != seen.station.id:
        seen.add(line, [Finding("name", "由为其报名的工作站登记。")])
        return
    wanted = _wanted(line, training, row)
    if row is not None and (row.state, row.minutes, row.result) == wanted:
        return
    if row is None or (row.state == "withdrawn" and wanted[0] != "withdrawn"):
        if training.id is None or training.state == "draft":
            says = "培训发布以后才能登记人员：现在只登记培训，发布、举办以后把这张表再导入一次。"
            seen.add(line, [Finding("name", says, warning=True)])
            return
        found = _may_enrol(course, person, seen)
        if wanted[0] == "withdrawn":
            found = [Finding("attended", "没有报名的人不能登记退出。")]
        seen.add(line, found)
        if found:
            return
        course.enrolled.append((line, person.id))
    elif wanted[0] in ("withdrawn", "enrolled"):
        label = dict(_STATES)[row.state]
        seen.add(line, [Finding("attended", f"现在是「{label}」，退出报名等请在培训页面办理。")])
        return
    if wanted[0] in ("attended", "absent"):
        if found := check_open(training, "attend"):
            warning = row is None and training.state == "published"
            seen.add(line, [Finding("attended", f.says, warning=warning) for f in found])
            if row is not None:
                return
        elif wanted[0] == "attended" and not 0 < wanted[1] <= training.minutes:
            seen.add(
                line,
                [Finding("minutes", f"实到学时应在 1 到 {training.minutes} 分钟之间，现在是 {wanted[1]} 分钟。")],
            )
        else:
            course.marks.append((line, person.id, Mark(row.id if row else 0, *wanted)))
    there = desk.found.get(line.number)
    if there and there.stale:
        seen.add(line, [there.stale])
    line.status = CHANGED if row is not None or line.status == CHANGED else NEW


def _wanted(line: Line, training: Training, row: Attendance | None) -> tuple[str, int, str]:
    """State, minutes and result as they would stand; what the line leaves blank stays as it is stored."""
    said = line.values
    state = said.get("attended") or (
        "attended" if said.get("result") in ("passed", "failed") or said.get("minutes") else ""
    )
    state = state or (row.state if row is not None else "enrolled")
    if state != "attended":
        return state, 0, "none"
    was = row if row is not None and row.state == "attended" else None
    minutes = said.get("minutes", was.minutes if was else training.minutes)
    return state, minutes, said.get("result", was.result if was else "none")


def _may_enrol(course: _Course, person: Volunteer, seen: Preview) -> list[Finding]:
    training = course.row
    if found := check_open(training, "enrol"):
        return [Finding("training_state", f.says) for f in found]
    if person.station_id != seen.station.id:
        return [Finding("name", "不是本站的志愿者，由其所在的工作站报名。")]
    if person.state != "registered":
        return [Finding("name", f"{person.name}现在是「{person.state_label}」，不能报名。")]
    if training.capacity is not None and course.taken + len(course.enrolled) >= training.capacity:
        return [Finding("name", f"名额 {training.capacity} 人已满。")]
    return []


def _take(seen: Preview) -> None:
    done: set[int] = set()
    for line in seen.lines:
        course = line.result
        if course is None or id(course) in done:
            continue
        done.add(id(course))
        if course.judged is not None:
            course.judged.store(seen.by)
        _fill(course, seen)


def _fill(course: _Course, seen: Preview) -> None:
    enrolled = [key for line, key in course.enrolled if line.status != REFUSED]
    for at in range(0, len(enrolled), MOST_AT_ONCE):
        enrol(course.row.id, enrolled[at : at + MOST_AT_ONCE], seen.by)
    said_of = [(key, said) for line, key, said in course.marks if line.status != REFUSED]
    if not said_of:
        return
    keys = {key: 0 for key, _ in said_of}
    rows = Attendance.select(Attendance.volunteer, Attendance.id).where(Attendance.training == course.row.id)
    keys |= dict(rows.tuples())
    marks = [Mark(keys[key], said.state, said.minutes, said.result) for key, said in said_of]
    for at in range(0, len(marks), MOST_AT_ONCE):
        mark(course.row.id, marks[at : at + MOST_AT_ONCE], seen.by)


TRAINING_IN = Kind(
    "training", "培训", "trainings", COLUMNS, (("training", "training_id"), ("day", "training_id")), _judge, _take,
    concerns={"volunteer": ("name", "card"), "minutes": ("minutes",), "state": ("training_state",)},
)  # fmt: skip
