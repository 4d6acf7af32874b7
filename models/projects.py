"""设计项目、发布信息 (方案 二(1)(2)): projects, how they recruit, and the posts that volunteers fill."""

from collections.abc import Collection, Iterable, Sequence
from typing import Self

from peewee import SQL, BooleanField, CharField, DateField, Expression, ForeignKeyField, IntegerField, TextField, fn

from models import clock
from models.fields import CodeField, CodesField
from models.moves import Entered, Staged
from models.publicity import check_public
from models.scope import Actor, along_or_hers, held
from models.stations import station_field
from models.teams import Team
from models.vocabulary import unknown_codes
from rules.access import Role
from rules.findings import Finding
from rules.projects import HOLDING, PROJECT

MUST_STATE = {
    "conditions": "发布前请写明「条件要求」；没有特别条件也要写明，例如「不限」。",
    "risks": "发布前请写明「风险说明」；没有风险也要写明，例如「无特别风险」。",
    "guarantees": "发布前请写明「服务保障」；没有另外的保障也要写明，例如「社区提供饮水」。",
}
# What the public site shows of a project and of a post; checked before it is published, and after that at every change.
PUBLIC = {
    "name": "项目名称", "place": "服务地点", "conditions": "条件要求", "risks": "风险说明", "guarantees": "服务保障",
}  # fmt: skip
PUBLIC_OF_POST = {"name": "岗位名称", "conditions": "岗位要求"}
WAYS = [("open", "公开招募"), ("invited", "邀请"), ("team", "指定队伍")]
OPENLY = ("open", "team")  # ways in which one may ask to be taken
OLDEST = 100  # years; a minimum age beyond it is a slip


class Project(Staged):
    """A project: what, for whom, from when to when, and how it recruits."""

    resource = "projects"
    station_path = "station"
    life = PROJECT
    editable = (
        "name category recipients starts_on ends_on place headcount posts conditions risks guarantees details "
        "recruiting team apply_by"
    )

    station = station_field(backref="projects")
    name = CharField(max_length=80, index=True, verbose_name="项目名称")
    category = CodeField(kind="category", verbose_name="服务类别")
    recipients = CodesField(kind="recipient", verbose_name="服务对象")
    starts_on = DateField(verbose_name="开始日期")
    ends_on = DateField(verbose_name="结束日期")
    place = CharField(max_length=120, default="", verbose_name="服务地点")
    headcount = IntegerField(verbose_name="计划招募", help_text="人")
    posts = TextField(default="", verbose_name="岗位说明")  # from before there were posts; shown where there is any
    conditions = TextField(default="", verbose_name="条件要求", help_text="没有特别条件写「不限」")
    risks = TextField(
        default="", verbose_name="风险说明", help_text="志愿服务条例第十二条要求如实告知；没有风险也要写明"
    )
    guarantees = TextField(default="", verbose_name="服务保障", help_text="保险、防护用品、餐饮交通等")
    details = TextField(default="", verbose_name="项目详情")
    recruiting = CharField(
        max_length=8, choices=WAYS, default="open", constraints=[SQL("DEFAULT 'open'")], verbose_name="招募方式"
    )
    team = ForeignKeyField(
        Team, null=True, backref="projects", verbose_name="指定队伍", help_text="只招募这支队伍的队员"
    )
    apply_by = DateField(null=True, verbose_name="报名截止", help_text="空白表示到项目结束")
    published_on = DateField(null=True, verbose_name="发布日期")  # none in older rows whose publishing left no trace

    class Meta:
        indexes = ((("station", "state", "id"), False),)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def scope(cls, actor: Actor) -> Expression:
        """The station's own; and to a volunteer what recruits openly or in a team, anywhere."""
        recruits = (cls.state == "published") & cls.recruiting.in_(OPENLY)
        return along_or_hers(cls, "station", actor, lambda _: recruits)

    @classmethod
    def lock(cls, key: int) -> Self:
        """The project, held to the end of the transaction: its places are counted and given by one hand at a time."""
        return held(cls.select().where(cls.id == key)).get()

    @classmethod
    def recruits(cls) -> Expression:
        """Projects that one may still join today."""
        today = clock.today()
        return (
            (cls.state == "published") & (cls.ends_on >= today) & (cls.apply_by.is_null() | (cls.apply_by >= today))
        )

    def check(self, by: Actor) -> list[Finding]:
        findings = []
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            findings.append(Finding("ends_on", f"结束日期应不早于开始日期 {self.starts_on}。"))
        if self.headcount is not None and not 1 <= self.headcount <= 100_000:
            findings.append(Finding("headcount", "计划招募人数应在 1 到 100000 之间。"))
        if self.apply_by and self.ends_on and self.apply_by > self.ends_on:
            findings.append(Finding("apply_by", f"报名截止应不晚于结束日期 {self.ends_on}。"))
        shown = self._check_public() if self.state == "published" else []
        return findings + self._check_team() + unknown_codes(self) + self._check_activities() + shown

    def _check_public(self) -> list[Finding]:
        return check_public(self, PUBLIC, self.station_id)

    def _check_team(self) -> list[Finding]:
        if self.recruiting == "team" and not self.team_id:
            return [Finding("team", "指定队伍招募的项目要选一支队伍。")]
        if self.team_id and self.team.state != "listed":
            return [Finding("team", f"服务队「{self.team}」{self.team.state_label}，请另选一支在册的队伍。")]
        if self.recruiting != "team" and self.team_id:
            return [Finding("team", "只有「指定队伍」招募才选队伍，请改招募方式或清空队伍。")]
        return []

    def _check_activities(self) -> list[Finding]:
        """The project's days must go on holding the activities it already has."""
        if not self.was or not (self.starts_on and self.ends_on):
            return []
        activity = self.activities.model
        first, last = (
            activity.select(fn.MIN(activity.day), fn.MAX(activity.day))
            .where(activity.project == self.id, activity.state != "cancelled")
            .scalar(as_tuple=True)
        )
        if first and first < self.starts_on:
            return [Finding("starts_on", f"项目里已有 {first} 的活动，开始日期不能更晚。")]
        if last and last > self.ends_on:
            return [Finding("ends_on", f"项目里已有 {last} 的活动，结束日期不能更早。")]
        return []

    def unsaid(self, posted: Collection[int] | None = None) -> list[Finding]:
        """What recruiting must state and this project does not yet: conditions, risks, guarantees (条例 art. 12), and
        posts, each with a head count (方案 二(2)). ``posted`` are the projects with an open post, where many are asked."""
        findings = [
            Finding(name, says) for name, says in MUST_STATE.items() if not (getattr(self, name) or "").strip()
        ]
        if self.id not in posted if posted is not None else not self.openings.where(Post.open).exists():
            findings.append(Finding("state", "发布前请至少登记一个开放报名的岗位，写明招募人数。"))
        return findings + self._check_team()

    def may_submit(self, by: Actor) -> list[Finding]:
        return self.unsaid() + self._check_public()  # said to whoever can still put it right

    def may_publish(self, by: Actor) -> list[Finding]:
        return self.unsaid() + self._check_public()

    def do_publish(self, by: Actor) -> None:
        self.published_on = clock.today()

    def may_cancel(self, by: Actor) -> list[Finding]:
        activity = self.activities.model
        if self.activities.where(activity.state != "cancelled").exists():
            return [Finding("state", "项目里还有没有取消的活动，不能取消项目；已经开展过的请「结项」。")]
        return []

    def do_close(self, by: Actor) -> None:
        from models import applications
        from rules.projects import OPEN

        applications.end_all(self.id, OPEN, "项目已结项。")

    def do_cancel(self, by: Actor) -> None:
        from models import applications
        from rules.projects import LIVE

        applications.end_all(self.id, LIVE, f"项目已取消：{self.reason_given}")

    def may_amend(self, by: Actor) -> list[Finding]:
        if self.state in ("closed", "cancelled"):
            return [Finding("state", f"项目{self.state_label}，不能再修改。")]
        if self.state == "published" and by.role == Role.RECORDER:
            return [Finding("state", "项目已经发布，由站长修改。")]
        return []


class Post(Entered):
    """岗位: what volunteers are wanted for in one project, how many, and what they must bring."""

    resource = "posts"
    station_path = "station"
    editable = "project name headcount minimum_age qualification skills conditions open"

    station = station_field(backref="posts")
    project = ForeignKeyField(Project, backref="openings", verbose_name="所属项目")
    name = CharField(max_length=40, verbose_name="岗位名称")
    headcount = IntegerField(verbose_name="招募人数", help_text="人")
    minimum_age = IntegerField(null=True, verbose_name="最低年龄", help_text="周岁；空白表示不限")
    qualification = CodeField(kind="qualification", default="", verbose_name="资质要求", help_text="没有的不能报名")
    skills = CodesField(kind="skill", verbose_name="技能要求", help_text="没有的只作提醒")
    conditions = TextField(default="", verbose_name="岗位要求")
    open = BooleanField(default=True, verbose_name="开放报名")

    class Meta:
        indexes = ((("project", "name"), True), (("station", "id"), False))

    accepted = offered = waiting = vacant = 0  # people at it; set on a page's rows by `applications.count_places`

    def __str__(self) -> str:
        return self.name

    @classmethod
    def in_full(cls, rows: Sequence["Post"]) -> dict[int, str]:
        """Each post with its project's name, as a picker shows it; one statement for all of them."""
        keys = {row.project_id for row in rows}
        names = dict(Project.select(Project.id, Project.name).where(Project.id.in_(keys)).tuples()) if keys else {}
        return {row.id: f"{names.get(row.project_id, '')}：{row.name}" for row in rows}

    def full_name(self) -> str:
        return Post.in_full([self])[self.id]

    @classmethod
    def has_places(cls) -> Expression:
        """Open posts with a place neither given nor offered."""
        taken = cls.applications.rel_model
        given = taken.select(fn.COUNT(1)).where(taken.post == cls.id, taken.state.in_(HOLDING))
        return cls.open & (cls.headcount > given)

    @classmethod
    def unfilled(cls, by: Actor) -> Expression:
        """Posts of recruiting projects with places left."""
        return cls.has_places() & cls.project.in_(Project.select(Project.id).where(Project.recruits()))

    def prepare(self, by: Actor) -> None:
        if self.project_id:
            self.station_id = self.project.station_id

    def check(self, by: Actor) -> list[Finding]:
        project = Project.lock(self.project_id)
        findings = list(self._check_project(project, by))
        if self.headcount is not None and not 1 <= self.headcount <= 10_000:
            findings.append(Finding("headcount", "招募人数应在 1 到 10000 之间。"))
        if self.minimum_age is not None and not 1 <= self.minimum_age <= OLDEST:
            findings.append(Finding("minimum_age", f"最低年龄应在 1 到 {OLDEST} 周岁之间；不限请留空。"))
        twin = Post.select().where(Post.project == self.project_id, Post.name == self.name, Post.id != self.id)
        if twin.exists():
            findings.append(Finding("name", f"这个项目已有「{self.name}」岗位。"))
        if self.was and self.headcount is not None and self.headcount < self.was["headcount"]:
            taken = self.applications.model
            given = self.applications.where(taken.state.in_(HOLDING)).count()
            if self.headcount < given:
                findings.append(Finding("headcount", f"已录用和待确认 {given} 人，招募人数不能更少。"))
        return findings + unknown_codes(self) + check_public(self, PUBLIC_OF_POST, self.station_id)

    def _check_project(self, project: Project, by: Actor) -> Iterable[Finding]:
        if self.was and self.was["project"] != self.project_id:
            yield Finding("project", "岗位不能改到别的项目，请另行登记。")
        if project.state in ("closed", "cancelled"):
            yield Finding("project", f"项目{project.state_label}，不能再登记岗位。")
        elif project.state == "published" and by.role == Role.RECORDER and not self.was:
            yield Finding("project", "项目已经发布，由站长增加岗位。")

    def may_amend(self, by: Actor) -> list[Finding]:
        return self.project.may_amend(by)

    def store_amended(self, by: Actor) -> None:
        """More places, or a post opened again, go to whoever waits."""
        from models.applications import move_up

        super().store_amended(by)
        move_up(self.project_id)
