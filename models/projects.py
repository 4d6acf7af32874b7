"""设计项目、发布信息 (方案 二(1)(2)): projects with their recipients and posts."""

from peewee import CharField, DateField, IntegerField, TextField, fn

from models.fields import CodeField, CodesField
from models.moves import Staged
from models.scope import Actor
from models.stations import station_field
from models.vocabulary import unknown_codes
from rules import states
from rules.access import Role
from rules.findings import Finding

MUST_STATE = {
    "conditions": "发布前请写明「条件要求」；没有特别条件也要写明，例如「不限」。",
    "risks": "发布前请写明「风险说明」；没有风险也要写明，例如「无特别风险」。",
    "guarantees": "发布前请写明「服务保障」；没有另外的保障也要写明，例如「社区提供饮水」。",
}


class Project(Staged):
    """A project: what, for whom, from when to when, and the posts that volunteers fill."""

    resource = "projects"
    station_path = "station"
    life = states.PROJECT
    editable = "name category recipients starts_on ends_on place headcount posts conditions risks guarantees details"

    station = station_field(backref="projects")
    name = CharField(max_length=80, index=True, verbose_name="项目名称")
    category = CodeField(kind="category", verbose_name="服务类别")
    recipients = CodesField(kind="recipient", verbose_name="服务对象")
    starts_on = DateField(verbose_name="开始日期")
    ends_on = DateField(verbose_name="结束日期")
    place = CharField(max_length=120, default="", verbose_name="服务地点")
    headcount = IntegerField(verbose_name="计划招募", help_text="人")
    posts = TextField(default="", verbose_name="岗位", help_text="一行一个，例如：陪护 4 人")
    conditions = TextField(default="", verbose_name="条件要求")
    risks = TextField(default="", verbose_name="风险说明", help_text="志愿服务条例第十二条要求如实告知")
    guarantees = TextField(default="", verbose_name="服务保障")
    details = TextField(default="", verbose_name="项目详情")

    class Meta:
        indexes = ((("station", "state", "id"), False),)

    def __str__(self) -> str:
        return self.name

    def check(self, by: Actor) -> list[Finding]:
        findings = []
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            findings.append(Finding("ends_on", f"结束日期应不早于开始日期 {self.starts_on}。"))
        if self.headcount is not None and not 1 <= self.headcount <= 100_000:
            findings.append(Finding("headcount", "计划招募人数应在 1 到 100000 之间。"))
        return findings + unknown_codes(self) + self._check_activities()

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

    def unsaid(self) -> list[Finding]:
        """What recruiting must state and this project does not yet: conditions, risks, guarantees (条例 art. 12)."""
        return [Finding(name, says) for name, says in MUST_STATE.items() if not (getattr(self, name) or "").strip()]

    def may_publish(self, by: Actor) -> list[Finding]:
        return self.unsaid()

    def may_amend(self, by: Actor) -> list[Finding]:
        if self.state == "closed":
            return [Finding("state", "项目已结项，不能再修改。")]
        if self.state == "published" and by.role == Role.RECORDER:
            return [Finding("state", "项目已经发布，由站长修改。")]
        return []
