"""招募 (方案 二(2)): applications for the posts of a project, the head's review, and a waiting list that moves up by itself."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any, Self

from peewee import (
    JOIN,
    SQL,
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    Expression,
    ForeignKeyField,
    TextField,
    fn,
)

from models import clock, policy
from models.audit import trails
from models.eligibility import judge
from models.moves import Staged, whole
from models.projects import Post, Project
from models.refusals import NotFound, refuse_if
from models.scope import SYSTEM, Actor, along_or_hers
from models.stations import station_field
from models.volunteers import Volunteer
from rules.access import Role
from rules.findings import Finding, errors
from rules.life import Move
from rules.projects import APPLICATION, LIVE, Places

WAYS = [("applied", "本人报名"), ("invited", "站长邀请")]
SOON = timedelta(hours=24)  # an offer that lapses within this is worth a call
LATELY = timedelta(days=7)  # how long the desk is shown who withdrew by herself


class Application(Staged):
    """One volunteer and one post: applied for, or invited; taken, waiting, offered, and what came of it."""

    resource = "applications"
    hers = True
    life = APPLICATION
    editable = "post volunteer way note"

    station = station_field(backref="applications")
    project = ForeignKeyField(Project, backref="applications", verbose_name="项目")
    post = ForeignKeyField(Post, backref="applications", verbose_name="岗位")
    volunteer = ForeignKeyField(Volunteer, backref="applications", verbose_name="志愿者")
    way = CharField(max_length=8, choices=WAYS, default="applied", verbose_name="报名方式")
    note = CharField(max_length=200, default="", verbose_name="说明", help_text="方便的时间、经验等")
    applied_on = DateField(verbose_name="报名日期")
    queued_at = DateTimeField(null=True, verbose_name="列入候补")
    offered_at = DateTimeField(null=True, verbose_name="通知确认")
    offer_until = DateTimeField(null=True, verbose_name="确认截止")
    decided_on = DateField(null=True, verbose_name="办结日期")
    outcome = TextField(default="", verbose_name="理由")
    policy = CharField(max_length=60, default="", verbose_name="政策版本")
    by_herself = BooleanField(default=False, constraints=[SQL("DEFAULT FALSE")], verbose_name="本人网上退出")

    class Meta:
        indexes = (
            (("station", "state", "id"), False),
            (("post", "state"), False),
            (("project", "state"), False),
            (("volunteer", "state"), False),
            (("state", "offer_until"), False),
        )

    def __str__(self) -> str:
        return f"{self.volunteer.name} · {self.post.name}"

    @classmethod
    def scope(cls, actor: Actor) -> Expression:
        """The station's own; and to a volunteer her own."""
        return along_or_hers(cls, "station", actor, lambda key: cls.volunteer == key)

    @classmethod
    def apply(cls, post: int, volunteer: int, by: Actor, note: str = "") -> Self:
        """Apply for a post: the desk for a volunteer of its station, or a volunteer for herself.

        Raises ``Refusal`` when the post takes no applications, or not this person's.
        """
        if by.role != Role.VOLUNTEER:
            return cls.enter(by, post=post, volunteer=volunteer, note=note)
        if (
            by.volunteer_id is None
            or by.volunteer_id != volunteer
            or not Post.select().where(Post.id == post).exists()
        ):
            raise NotFound()
        row = cls(post=post, volunteer=volunteer, note=note)
        with whole():
            refuse_if(row.faults(by))
            row.store_new(by)
        return row

    def prepare(self, by: Actor) -> None:
        if self.post_id:
            self.project_id, self.station_id = self.post.project_id, self.post.station_id
        self.applied_on = clock.today()
        if self.way == "invited":
            self.state = "offered"
            self._offer()

    def check(self, by: Actor) -> list[Finding]:
        project = Project.lock(self.project_id)
        if findings := self._closed_to(project, by) or self._twin():
            return findings
        found = judge([self])[self.id]
        if self.way == "invited" and not errors(found) and not self._left():
            found.append(Finding("post", f"「{self.post.name}」的名额已满，不能再邀请。"))
        return found

    def _closed_to(self, project: Project, by: Actor) -> list[Finding]:
        if project.state != "published":
            return [Finding("post", f"项目现在是「{project.state_label}」，不接受报名。")]
        if not self.post.open:
            return [Finding("post", f"「{self.post.name}」已停止报名。")]
        last = min(project.apply_by or project.ends_on, project.ends_on)
        if clock.today() > last:
            return [Finding("post", f"报名已于 {last} 截止。")]
        if self.way == "invited" and by.role != Role.HEAD:
            return [Finding("way", "邀请由站长发出。")]
        if self.way != "invited" and project.recruiting == "invited":
            return [Finding("way", "这个项目只邀请志愿者，不接受报名；请由站长邀请。")]
        return []

    def _twin(self) -> list[Finding]:
        twin = (
            Application.select(Application, Post)
            .join(Post)
            .where(
                Application.project == self.project_id, Application.volunteer == self.volunteer_id,
                Application.state.in_(LIVE),
            )
            .first()
        )  # fmt: skip
        if twin is None:
            return []
        return [
            Finding(
                "volunteer", f"{self.volunteer.name} 已报名这个项目的「{twin.post.name}」（{twin.state_label}）。"
            )
        ]

    def _left(self) -> int:
        return places([self.post_id])[self.post_id].left

    def legal_moves(self, by: Actor) -> list[Move]:
        """Not offered: a place that is not there, a waiting list where places are left, an offer run out."""
        return [m for m in super().legal_moves(by) if not self._hook(f"may_{m.name}", by, {})]

    def hold(self, name: str) -> None:
        Project.lock(self.project_id)

    @classmethod
    def move(cls, key: object, name: str, by: Actor, reason: str = "", **details: Any) -> Self:
        """One move; a place that comes free by it goes to whoever waits, in the same transaction."""
        with whole():
            row = super().move(key, name, by, reason, **details)
            if name == "withdraw":
                move_up(row.project_id)
        return row

    @classmethod
    def ripe(cls, move: Move, by: Actor) -> Expression:
        if move.name == "confirm":
            return cls.offer_until >= clock.now()
        return super().ripe(move, by)

    @classmethod
    def expiring(cls, by: Actor) -> Expression:
        """Offers that lapse within a day."""
        now = clock.now()
        return (cls.state == "offered") & cls.offer_until.between(now, now + SOON)

    @classmethod
    def pending(cls, by: Actor) -> Expression:
        """Applications that wait for the head's review."""
        return cls.state == "applied"

    @classmethod
    def queued(cls, by: Actor) -> Expression:
        """Who waits for a place."""
        return cls.state == "waiting"

    @classmethod
    def withdrew(cls, by: Actor) -> Expression:
        """Who withdrew by herself, of late: nobody at the desk has heard it otherwise."""
        return (cls.state == "withdrawn") & cls.by_herself & (cls.decided_on >= clock.today() - LATELY)

    def may_accept(self, by: Actor) -> list[Finding]:
        if not self._left():
            return [Finding("state", f"「{self.post.name}」的名额已满，可列入候补。")]
        return errors(judge([self])[self.id])

    def may_queue(self, by: Actor) -> list[Finding]:
        if left := self._left():
            return [Finding("state", f"「{self.post.name}」还有 {left} 个名额，不必候补。")]
        return errors(judge([self])[self.id])

    def may_offer(self, by: Actor) -> list[Finding]:
        if not self._left():
            return [Finding("state", f"「{self.post.name}」的名额已满，不能递补。")]
        return errors(judge([self])[self.id])

    def may_confirm(self, by: Actor) -> list[Finding]:
        if self.offer_until and clock.now() > self.offer_until:
            return [Finding("offer_until", f"确认时限 {self.offer_until:%Y-%m-%d %H:%M} 已过，名额将给下一位。")]
        if self.way == "invited" and self.is_own(by):
            return [Finding("state", "不能替被邀请的人确认自己发出的邀请，请由本人或另一位工作人员办理。")]
        return errors(judge([self])[self.id])

    def may_lapse(self, by: Actor) -> list[Finding]:
        if self.offer_until and clock.now() <= self.offer_until:
            return [Finding("offer_until", f"确认时限到 {self.offer_until:%Y-%m-%d %H:%M}，还没有过。")]
        return []

    def do_accept(self, by: Actor) -> None:
        self.decided_on = clock.today()

    def do_confirm(self, by: Actor) -> None:
        self.decided_on = clock.today()

    def do_queue(self, by: Actor) -> None:
        self.queued_at = clock.now()

    def do_offer(self, by: Actor) -> None:
        self._offer()

    def _offer(self) -> None:
        """The place is kept until then, by the policy of this day."""
        version = policy.in_force("recruiting", self.station, clock.today())
        self.offered_at, self.policy = clock.now(), version.key
        self.offer_until = self.offered_at + timedelta(hours=version.rule.offer_hours)

    def do_refuse(self, by: Actor) -> None:
        self._end()

    def do_withdraw(self, by: Actor) -> None:
        self._end()
        self.by_herself = by.role == Role.VOLUNTEER

    def do_lapse(self, by: Actor) -> None:
        self._end()

    def do_end(self, by: Actor) -> None:
        self._end()

    def _end(self) -> None:
        self.decided_on, self.outcome = clock.today(), self.reason_given


def places(posts: Collection[int]) -> dict[int, Places]:
    """How many places each of these posts has and where people stand at it, in one statement."""
    counted = (
        Post.select(Post.id, Post.headcount, Application.state, fn.COUNT(Application.id))
        .join(Application, JOIN.LEFT_OUTER, on=(Application.post == Post.id) & Application.state.in_(LIVE))
        .where(Post.id.in_(posts))
        .group_by(Post.id, Post.headcount, Application.state)
    )
    states: dict[int, dict[str, int]] = {}
    headcounts = {}
    for post, headcount, state, count in counted.tuples():
        headcounts[post] = headcount
        if state:
            states.setdefault(post, {})[state] = count
    return {key: Places(headcount, states.get(key, {})) for key, headcount in headcounts.items()}


def count_places(posts: Sequence[Post]) -> None:
    """Set on each post where people stand at it."""
    found = places([post.id for post in posts])
    for post in posts:
        where = found[post.id]
        post.accepted, post.offered, post.waiting, post.vacant = (
            where.accepted,
            where.offered,
            where.waiting,
            where.left,
        )


def move_up(project: int) -> int:
    """Let run-out offers of a project lapse, and offer its free places to whoever waits first; how many changed.

    Whoever may not serve just now (suspended, a qualification run out) is passed over and keeps her turn.
    """
    changed = 0
    with whole():
        row = Project.lock(project)
        overdue = Application.select(Application.id).where(
            Application.project == project, Application.state == "offered", Application.offer_until < clock.now()
        )
        for (key,) in list(overdue.tuples()):
            Application.move(key, "lapse", SYSTEM, "逾期未确认，名额给下一位。")
            changed += 1
        if row.state != "published":
            return changed
        waiting = Application.select().where(Application.project == project, Application.state == "waiting")
        queue = list(waiting.order_by(Application.queued_at, Application.id))
        if not queue:
            return changed
        posts = Post.select(Post.id).where(Post.id.in_({one.post_id for one in queue}), Post.open)
        left = {key: where.left for key, where in places([key for (key,) in posts.tuples()]).items()}
        found = judge(queue)
        for one in queue:
            if left.get(one.post_id, 0) > 0 and not errors(found[one.id]):
                Application.move(one.id, "offer", SYSTEM)
                left[one.post_id] -= 1
                changed += 1
    return changed


def move_up_all() -> int:
    """`move_up` for every project where an offer has run out or somebody waits for a free place: the periodic job."""
    overdue = (Application.state == "offered") & (Application.offer_until < clock.now())
    wanted = (Application.state == "waiting") & Application.post.in_(Post.select(Post.id).where(Post.has_places()))
    stirring = Application.select(Application.project).where(overdue | wanted).distinct()
    return sum(move_up(project) for (project,) in list(stirring.tuples()))


def end_of(volunteers: Collection[int], reason: str) -> None:
    """Whoever is gone for good takes part in nothing here any more: her open applications end, each with the reason."""
    keys = Application.select(Application.id).where(Application.volunteer.in_(volunteers), Application.state.in_(LIVE))
    for (key,) in list(keys.tuples()):
        Application.move(key, "end", SYSTEM, reason)


def follow(volunteers: Collection[int], station: int, by: Actor, reason: str) -> None:
    """Whoever moves to another station of ours may serve where she applied: her open applications stand and stay with the
    station whose post it is, and say where she is now."""
    rows = Application.select(Application.id, Application.station).where(
        Application.volunteer.in_(volunteers), Application.state.in_(LIVE)
    )
    found: dict[int, list[int]] = {}
    for key, at in rows.order_by(Application.id).tuples():
        found.setdefault(at, []).append(key)
    for at, keys in sorted(found.items()):
        said = [(key, None, {"volunteer_station": station}) for key in keys]
        trails(by, "follow", Application._meta.table_name, said, station=at, reason=reason)


def end_all(project: int, states: Collection[str], reason: str) -> None:
    """End what is open of a project that ends, each with the reason and a trace."""
    keys = Application.select(Application.id).where(Application.project == project, Application.state.in_(states))
    for (key,) in list(keys.tuples()):
        Application.move(key, "end", SYSTEM, reason)
