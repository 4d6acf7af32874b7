"""服务队与社会组织 (方案 二(4)): teams that come into the community, and who is a member of them from when to when."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from peewee import CharField, DateField, ForeignKeyField

from models import clock
from models.fields import CodesField, SealedField
from models.moves import Staged, permit, whole
from models.refusals import refuse, refuse_if
from models.scope import SYSTEM, Actor, find
from models.stations import station_field
from models.together import asked_once
from models.vocabulary import unknown_codes
from models.volunteers import Volunteer, named
from rules import teams as rules
from rules.access import Role
from rules.findings import Finding
from rules.identity import check_phone, normalise_phone

MOST_AT_ONCE = 500  # members admitted with one press


class Team(Staged):
    """A volunteer team (志愿服务队) or social organisation that serves in the community (方案 二(4))."""

    resource = "teams"
    station_path = "station"
    life = rules.TEAM
    editable = "name kind organisation uscc leader phone categories since note"

    station = station_field(backref="teams")
    name = CharField(max_length=80, index=True, verbose_name="服务队名称")
    kind = CharField(max_length=12, choices=rules.KINDS, verbose_name="服务队类型")
    organisation = CharField(max_length=80, default="", verbose_name="所属单位", help_text="社区自组的留空")
    uscc = CharField(max_length=18, default="", index=True, verbose_name="统一社会信用代码",
                     help_text="企业和社会组织必填，18 位，照证书填写")  # fmt: skip
    leader = CharField(max_length=40, verbose_name="队长")
    phone = SealedField(verbose_name="联系电话")
    categories = CodesField(kind="category", verbose_name="服务类别")
    since = DateField(verbose_name="成立日期")
    note = CharField(max_length=200, default="", verbose_name="备注")
    returned_for = CharField(max_length=200, default="", verbose_name="退回理由")
    stopped_for = CharField(max_length=200, default="", verbose_name="停止理由")

    class Meta:
        indexes = ((("station", "state", "id"), False),)

    def __str__(self) -> str:
        return self.name

    def prepare(self, by: Actor) -> None:
        self.uscc = rules.normalise_code(self.uscc or "")
        if self.phone:
            self.phone = normalise_phone(self.phone)

    def check(self, by: Actor) -> list[Finding]:
        findings = unknown_codes(self)
        if self.uscc:
            findings += rules.check_code(self.uscc, self.kind)
        elif rules.needs_code(self.kind):
            findings.append(Finding("uscc", "企业和社会组织的服务队要填统一社会信用代码，证书上有。"))
        if self.kind != "own" and not self.organisation.strip():
            findings.append(Finding("organisation", "请填写「所属单位」；居民自己组织的请选「社区自组」。"))
        if self.phone:
            findings += check_phone(self.phone, where="phone")
        if self.since and self.since > clock.today():
            findings.append(Finding("since", "成立日期不能晚于今天。"))
        return findings + self._check_twin()

    def _check_twin(self) -> list[Finding]:
        twin = Team.select().where(
            Team.station == self.station_id,
            Team.name == (self.name or "").strip(),
            Team.id != self.id,
            Team.state != "stopped",
        )
        return [Finding("name", f"本站已有服务队「{self.name}」。")] if self.name and twin.exists() else []

    def may_amend(self, by: Actor) -> list[Finding]:
        if self.state == "stopped":
            return [Finding("state", "服务队已停止活动，不能再修改。")]
        if self.state == "listed" and by.role == Role.RECORDER:
            return [Finding("state", "服务队已在册，由站长修改。")]
        return []

    def may_approve(self, by: Actor) -> list[Finding]:
        return self.check(by)

    def do_return(self, by: Actor) -> None:
        self.returned_for = self.reason_given[:200]

    def do_stop(self, by: Actor) -> None:
        self.stopped_for = self.reason_given[:200]

    def do_resume(self, by: Actor) -> None:
        self.stopped_for = ""


class TeamMember(Staged):
    """One person's time in one team; who comes back later has a second row. A volunteer may be in several teams."""

    resource = "team_members"
    station_path = "station"
    life = rules.MEMBER
    editable = "team volunteer joined_on duty"

    station = station_field(backref="team_members")
    team = ForeignKeyField(Team, backref="members", verbose_name="服务队")
    volunteer = ForeignKeyField(Volunteer, backref="memberships", verbose_name="志愿者")
    joined_on = DateField(verbose_name="入队日期")
    left_on = DateField(null=True, verbose_name="离队日期", help_text="含当日；留空为今天")
    duty = CharField(max_length=40, default="", verbose_name="队内分工")
    left_for = CharField(max_length=200, default="", verbose_name="离队理由")

    class Meta:
        indexes = (
            (("team", "state", "id"), False),
            (("team", "volunteer", "joined_on"), True),
            (("station", "joined_on", "id"), False),
        )

    def __str__(self) -> str:
        return f"{self.volunteer.name}（{self.team.name}）"

    by_card = False  # she showed her card at the desk, so her own station need not be this one

    @classmethod
    def admit(cls, team_key: object, texts: Iterable[str], joined_on: date, by: Actor) -> list["TeamMember"]:
        """Let several people in, all or none: a card number of any station, or a name of the team's own station.

        Raises ``Refusal`` naming each line that does not fit, ``NotFound`` for a stranger's team.
        """
        permit(by, "enter", cls.resource)
        with whole():
            team = find(Team, team_key, by, lock=True)
            wanted = list(dict.fromkeys(text.strip() for text in texts if text.strip()))
            if not wanted or len(wanted) > MOST_AT_ONCE:
                raise refuse(f"请写 1 到 {MOST_AT_ONCE} 行，一行一个志愿者编号或姓名。", "members")
            found = named(wanted, team.station_id)
            rows, findings, seen = [], [], set()
            for n, text in enumerate(wanted, 1):
                row, wrong = cls._line(team, found[text], joined_on, by)
                if row.volunteer_id and row.volunteer_id in seen:
                    wrong = ["和前面一行是同一个人，留一行就可以。"]
                seen.add(row.volunteer_id)
                findings += [Finding("members", f"第 {n} 行「{text}」：{says}") for says in wrong]
                rows.append(row)
            refuse_if(findings)
            for row in rows:
                row.store_new(by)
        return rows

    @classmethod
    def _line(cls, team: Team, people: Sequence[Volunteer], day: date, by: Actor) -> tuple["TeamMember", list[str]]:
        """The new member that one line means, and what is wrong with it."""
        row = cls(team=team, joined_on=day)
        if not people:
            return row, ["没有查到，请写完整的志愿者编号；本站的人也可以写姓名。"]
        if len(people) > 1:
            return row, [f"有 {len(people)} 位同名，请写志愿者编号。"]
        row.volunteer, row.by_card = people[0], True
        return row, [finding.says for finding in row.faults(by)]

    def _strangers(self, by: Actor, names: Iterable[str]) -> list[Finding]:
        return [f for f in super()._strangers(by, names) if not (self.by_card and f.where == "volunteer")]

    def prepare(self, by: Actor) -> None:
        if self.team_id:
            self.station_id = self.team.station_id

    def check(self, by: Actor) -> list[Finding]:
        if self.was and (self.was["team"], self.was["volunteer"]) != (self.team_id, self.volunteer_id):
            return [Finding("volunteer", "不能改成别的人或别的队；请办理离队，再重新加入。")]
        findings = []
        if self.joined_on and self.joined_on > clock.today():
            findings.append(Finding("joined_on", "入队日期不能晚于今天。"))
        if self.team.state != "listed":
            findings.append(Finding("team", f"服务队「{self.team.name}」{self.team.state_label}，不能加入队员。"))
        if self.volunteer.state != "registered":
            findings.append(
                Finding("volunteer", f"{self.volunteer.name}{self.volunteer.state_label}，已注册的志愿者才能入队。")
            )
        if not findings and self.joined_on:
            findings += self._check_times()
        return findings

    def _check_times(self) -> list[Finding]:
        """Nobody is a member twice on one day: her hours would count twice."""
        if self.joined_on < self.team.since:
            return [Finding("joined_on", f"入队日期早于服务队成立日期 {self.team.since}。")]
        others = TeamMember.select().where(
            TeamMember.team == self.team_id, TeamMember.volunteer == self.volunteer_id, TeamMember.id != self.id
        )
        for other in others:
            if other.left_on is None:
                return [Finding("volunteer", f"{self.volunteer.name}已在队（{other.joined_on} 起）。")]
            if self.left_on is None and self.joined_on <= other.left_on:
                return [Finding("joined_on", f"{self.volunteer.name}上次在队到 {other.left_on}，再入队应在其后。")]
        return []

    def may_amend(self, by: Actor) -> list[Finding]:
        return [Finding("state", "已离队，不能再修改；再入队请重新加入。")] if self.state == "left" else []

    def may_leave(self, by: Actor) -> list[Finding]:
        if self.left_on and not self.joined_on <= self.left_on <= clock.today():
            return [Finding("left_on", f"离队日期应在入队日期 {self.joined_on} 与今天之间；今天离队的留空。")]
        return []

    def do_leave(self, by: Actor) -> None:
        self.left_on = self.left_on or clock.today()
        self.left_for = self.reason_given[:200]


def leave_all(volunteer_id: int, reason: str) -> None:
    """Who is suspended leaves every team, at whichever station it is."""
    all_leave([volunteer_id], reason)


def all_leave(volunteers: Collection[int], reason: str) -> None:
    """`leave_all` of several."""
    open_ones = TeamMember.select(TeamMember.id).where(TeamMember.volunteer.in_(volunteers), TeamMember.state == "in")
    for (key,) in list(open_ones.tuples()):
        TeamMember.move(key, "leave", SYSTEM, reason)


@asked_once
def _team(team_id: int) -> Team:
    return Team.get_by_id(team_id)


def check_team(team_id: int | None, before: int | None) -> list[Finding]:
    """A finding where an activity is newly given to a team that is not on the list."""
    if team_id is None or team_id == before:
        return []
    team = _team(team_id)
    if team.state == "listed":
        return []
    return [Finding("team", f"服务队「{team.name}」{team.state_label}，不能安排活动。")]
