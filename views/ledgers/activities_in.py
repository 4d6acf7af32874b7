"""活动 in: activities of the own station's published projects, planned; holding them and their records stay where they are.

A line means the activity of its mark, else the one of its project, name and day. «志愿者名单与时长» and what else is summed up
is the records' own: who served comes in as 服务记录, row by row, with times that the rules can check.
"""

from datetime import date
from typing import Any

from models.activities import Activity
from models.projects import Project
from models.teams import Team
from models.together import together
from rules.findings import Finding
from rules.reading import read_text
from views.ledgers import drafts_in
from views.ledgers.activities import ACTIVITIES
from views.ledgers.drafts_in import Desk, looked_up, the_one
from views.ledgers.incoming import Incoming, Kind, Line, Preview
from views.ledgers.reads import column, day, long_text, moment, number, shown, yes

COLUMNS = (
    shown("number", "编号"),
    shown("station", "工作站", "站点 组织单位"),
    shown("division", "服务区域"),
    Incoming("project", "项目", "所属项目 项目名称 志愿服务项目", needed=True, example="周末上门陪伴", width=20),
    column(Activity, "name", "活动 名称 活动主题 主题", needed=True, example="陪张大爷聊天", width=20),
    column(Activity, "team", "队伍 组织队伍 承办队伍", width=16),
    column(Activity, "day", "日期 活动时间 服务日期", needed=True, read=day, example="2026-03-05", width=12),
    column(Activity, "starts_at", "开始 活动开始时间 起始时间", read=moment, example="9:00", width=10),
    column(Activity, "ends_at", "结束 活动结束时间 终止时间", read=moment, example="11:00", width=10),
    column(Activity, "place", "活动地点 服务地点", needed=True, example="社区活动室", width=18),
    column(Activity, "lead", "负责人 活动组织者", needed=True, example="李明", width=12),
    column(Activity, "social_worker", "社工 带队人", width=12),
    column(Activity, "content", "活动内容 内容", read=long_text, width=30),
    column(Activity, "home_visit", "入户 是否入户", read=yes, width=10, choices=lambda: ["是", "否"]),
    column(Activity, "risky", "有风险 是否有人身危险", read=yes, width=10, choices=lambda: ["是", "否"]),
    column(Activity, "headcount", "人数 计划参加人数", read=number, width=10, example="4"),
    shown("contact", "联系人"),
    shown("contact_phone", "联系人电话"),
    shown("recipients", "服务对象"),
    shown("category", "服务类别"),
    shown("rostered", "排班人数"),
    shown("missed", "未到岗"),
    shown("people", "服务人数"),
    shown("minutes", "总时长（小时）"),
    shown("good", "优良人次"),
    shown("roll", "志愿者名单与时长", "志愿者名单 参加人员"),
    shown("qualities", "质量评价"),
    shown("keepers", "记录人"),
    shown("photos", "照片（张）", "照片"),
    shown("state", "状态"),
)  # fmt: skip


def _judge(seen: Preview) -> None:
    with together():
        joined = Activity.select(Activity, Project).join(Project)
        desk = Desk(seen, Activity, ACTIVITIES, joined)
        own = joined.where(Activity.station == seen.station, Activity.state != "cancelled")
        same = looked_up(seen, "name", own, Activity.name)
        desk.known(
            [row for rows in same.values() for row in rows],
            lambda row: (row.project_id, read_text(row.name), row.day),
        )
        for row in [*(found.row for found in desk.found.values()), *(row for rows in same.values() for row in rows)]:
            row.station = seen.station
            row._dirty.discard("station")
        teams = looked_up(seen, "team", Team.select().where(Team.station == seen.station), Team.name)
        projects = looked_up(seen, "project", Project.select().where(Project.station == seen.station), Project.name)
        for line in seen.lines:
            _weigh(desk, line, teams, projects)


def _weigh(desk: Desk, line: Line, teams: dict[str, list[Team]], projects: dict[str, list[Project]]) -> None:
    seen, values, row = desk.seen, desk.said(line), desk.row(line)
    for name in ("team", "project"):
        values.pop(name, None)
    if team := the_one(seen, line, "team", teams, "服务队"):
        values["team"] = team
    project = _project(seen, line, projects, row)
    if project is not None and not (row is not None and row.project_id == project.id):
        values["project"] = project
    if row is not None:  # ticked and not said are both «否» in the ledger
        for name in ("home_visit", "risky"):
            if values.get(name) is False and not getattr(row, name):
                del values[name]
    key = (project.id, line.values.get("name"), line.values.get("day")) if project else None
    there = desk.meant(line, key) if row is None and key else row
    if there is not None:
        values = {n: v for n, v in values.items() if not (v is False and not getattr(there, n))}
        if project is not None and there.project_id == project.id:
            values.pop("project", None)
    desk.weigh(line, values, key=key, vouched=("team", "project"))


def _project(seen: Preview, line: Line, projects: dict[str, list[Project]], row: Activity | None) -> Any:
    """The project of that name; of several, the row's own, or the one that is going on that day."""
    text, on = line.values.get("project"), line.values.get("day")
    if not text:
        return None
    if row is not None and read_text(row.project.name) == text:
        return row.project
    found = projects.get(text, [])
    if len(found) > 1 and isinstance(on, date):
        found = [p for p in found if p.starts_on <= on <= p.ends_on and p.state != "cancelled"] or found
    if len(found) > 1:
        found = [p for p in found if p.state == "published"] or found
    if len(found) != 1:
        says = (
            f"没有叫“{text[:30]}”的项目，请先登记并发布项目。"
            if not found
            else f"这一天叫“{text[:30]}”的项目有 {len(found)} 个，请在页面上登记这次活动。"
        )
        seen.add(line, [Finding("project", says)])
        line.unread.add("project")
        return None
    return found[0]


ACTIVITIES_IN = Kind(
    "activities", "活动", "activities", COLUMNS,
    (("project",), ("name",), ("day",), ("place",), ("lead",)), _judge, drafts_in.take,
)  # fmt: skip
