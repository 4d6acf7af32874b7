"""项目 in: projects of the own station as drafts, and the posts that a line names. Publishing stays the head's.

A line means the project of its mark, else the one of its name and first day. «岗位» (导览员2人、领队1人) adds the posts that
the project does not have and changes how many a post wants where that differs; none is taken away.
"""

import re
from typing import Any

from models.projects import PUBLIC_OF_POST, WAYS, Post, Project
from models.publicity import check_public
from models.teams import Team
from models.together import together
from rules.findings import Finding
from rules.reading import read_text
from views.ledgers import drafts_in
from views.ledgers.drafts_in import Desk, looked_up, the_one
from views.ledgers.incoming import CHANGED, SAME, Incoming, Kind, Line, Preview, Reading
from views.ledgers.projects import PROJECTS
from views.ledgers.reads import chosen, column, day, long_text, number, shown, term, terms

_POST = re.compile(r"(.+?)[\s:：(（×xX*]*([0-9]{1,6})\s*[人名位个]?[)）]?")


def _posts(cell: Any, header: str, reading: Reading) -> dict[str, int]:
    """name -> how many, in the order written."""
    found: dict[str, int] = {}
    for part in re.split(r"[、,，;；\n]+", read_text(cell)):
        if not part.strip():
            continue
        said = _POST.fullmatch(part.strip())
        if not said:
            raise ValueError(f"“{part.strip()[:20]}”不能认作岗位，应写作 导览员2人、领队1人。")
        if said[1] in found:
            raise ValueError(f"岗位「{said[1][:20]}」写了两次，请合成一个。")
        found[said[1]] = int(said[2])
    return found


COLUMNS = (
    shown("station", "工作站", "站点 组织单位"),
    column(Project, "name", "项目 名称 志愿服务项目 项目名", needed=True, example="周末上门陪伴", width=24),
    column(Project, "category", "类别 项目类别 服务类型", needed=True, example="家政服务", width=12, **term("category")),
    column(Project, "recipients", "受益对象 服务人群 服务对象类别", width=20, example="空巢老人", **terms("recipient")),
    column(Project, "starts_on", "开始时间 起始日期 项目开始日期 启动日期", needed=True, read=day, example="2026-03-01", width=12),
    column(Project, "ends_on", "结束时间 截止日期 项目结束日期 终止日期", needed=True, read=day, example="2026-12-31", width=12),
    column(Project, "place", "地点 项目地点 服务地址", width=20, example="社区活动室"),
    column(Project, "recruiting", "招募 招募形式", width=10, example="公开招募", **chosen(WAYS, "公开=open 队伍=team")),
    column(Project, "team", "服务队 队伍 承接队伍", width=16),
    column(Project, "apply_by", "报名截止日期 截止报名", read=day, width=12),
    column(Project, "headcount", "招募人数 计划人数 计划招募人数 需要人数 人数", needed=True, read=number, example="6", width=10),
    Incoming("openings", "岗位", "岗位设置 招募岗位 岗位与人数", read=_posts, example="陪伴员5人、领队1人", width=24),
    column(Project, "conditions", "招募条件 条件 报名条件", read=long_text, width=30, example="不限"),
    column(Project, "risks", "风险 风险告知 安全风险", read=long_text, width=30, example="无特别风险"),
    column(Project, "guarantees", "保障 保障措施 志愿者保障", read=long_text, width=30, example="社区提供饮水"),
    column(Project, "details", "详情 项目简介 项目内容 简介", read=long_text, width=40),
    shown("state", "状态"),
    shown("wanted", "岗位人数"),
    shown("applied", "报名人次"),
    shown("accepted", "已录用"),
    shown("waiting", "候补和待确认"),
)  # fmt: skip


def _key(row: Project) -> tuple[str, Any]:
    return read_text(row.name), row.starts_on


def _judge(seen: Preview) -> None:
    with together():
        desk = Desk(seen, Project, PROJECTS)
        names = [line.values["name"] for line in seen.lines if line.values.get("name")]
        own = Project.select().where(Project.station == seen.station)
        same = looked_up(seen, "name", own.where(Project.state != "cancelled"), Project.name) if names else {}
        desk.known([row for rows in same.values() for row in rows], _key)
        teams = looked_up(seen, "team", Team.select().where(Team.station == seen.station), Team.name)
        _join_teams(desk, teams)
        posts = _posts_of(
            [*(found.row for found in desk.found.values()), *(row for rows in same.values() for row in rows)]
        )
        for line in seen.lines:
            values = desk.said(line)
            if "team" in values:
                values["team"] = the_one(seen, line, "team", teams, "服务队")
            if "team" in values and values["team"] is None:
                del values["team"]
            named, first = line.values.get("name"), line.values.get("starts_on")
            desk.weigh(line, values, key=(named, first) if named and first else None, vouched=("team",))
            _weigh_posts(desk, line, posts)


def _join_teams(desk: Desk, teams: dict[str, list[Team]]) -> None:
    """Give the stored projects the teams that they name already, so that no check asks for them one by one."""
    rows = [*(found.row for found in desk.found.values()), *(row for rows in desk.rows.values() for row in rows)]
    keys = {row.team_id for row in rows if row.team_id}
    known = {team.id: team for team in Team.select().where(Team.id.in_(keys))} if keys else {}
    for row in rows:
        if row.team_id in known:
            row.team = known[row.team_id]
            row._dirty.discard("team")


def _posts_of(projects: list[Project]) -> dict[tuple[int, str], Post]:
    keys, found = sorted({row.id for row in projects}), {}
    for at in range(0, len(keys), drafts_in.LOOKUP):
        for post in Post.select().where(Post.project.in_(keys[at : at + drafts_in.LOOKUP])):
            found[post.project_id, read_text(post.name)] = post
    return found


def _weigh_posts(desk: Desk, line: Line, posts: dict[tuple[int, str], Post]) -> None:
    """What becomes of the posts that a line names: ``line.values['openings']`` keeps those to enter or to amend."""
    seen, judged = desk.seen, line.result
    todo: list[tuple[Post | None, str, int]] = []
    for name, count in (line.values.get("openings") or {}).items():
        post = posts.get((judged.row.id, name)) if not judged.new else None
        if post is not None and post.headcount == count:
            continue
        found = _check_post(judged.row, post, name, count, seen)
        seen.add(line, [Finding("openings", f"岗位「{name[:20]}」：{f.says}") for f in found])
        todo.append((post, name, count))
    line.values["_posts"] = todo
    if todo:
        there = desk.found.get(line.number)
        line.settle(CHANGED if line.status == SAME else line.status)
        if not judged.new and not judged.changed:
            seen.add(line, judged.row.may_amend(seen.by))
            seen.add(line, [there.stale] if there and there.stale else [])
        line.settle(line.status)


def _check_post(project: Project, post: Post | None, name: str, count: int, seen: Preview) -> list[Finding]:
    found = []
    if not 1 <= count <= 10_000:
        found.append(Finding("headcount", "招募人数应在 1 到 10000 之间。"))
    if len(name) > Post.name.max_length:
        found.append(Finding("name", f"岗位名称最多 {Post.name.max_length} 个字。"))
    if post is None and not found:
        found += check_public(Post(name=name), PUBLIC_OF_POST, seen.station.id)
    return found


def _take(seen: Preview) -> None:
    drafts_in.take(seen)
    for line in seen.lines:
        for post, name, count in line.values.get("_posts", []):
            if post is None:
                Post.enter(seen.by, project=line.result.row.id, name=name, headcount=count)
            else:
                Post.amend(post.id, seen.by, revision=post.revision, headcount=count)


PROJECTS_IN = Kind(
    "projects", "项目", "projects", COLUMNS,
    (("name",), ("category",), ("starts_on",), ("ends_on",), ("headcount",)), _judge, _take,
)  # fmt: skip
