"""典型与事迹 (方案 三(4)): what a volunteer or a team did, told in public only with their consent."""

from peewee import BooleanField, CharField, DateField, Expression, ForeignKeyField, IntegerField, TextField

from models import clock, policy
from models.moves import Staged
from models.publicity import check_public
from models.scope import EVERYTHING, NOTHING, Actor
from models.stations import station_field
from models.volunteers import Volunteer
from rules.access import Role
from rules.consents import CHILD
from rules.divisions import level
from rules.findings import Finding
from rules.life import Move
from rules.publicity import SHOWN, STORY, consent_gap

CATEGORIES = [("person", "志愿者事迹"), ("team", "服务队事迹"), ("project", "项目典型"), ("practice", "经验做法")]
RELATIONS = [("self", "本人"), ("guardian", "监护人"), ("lead", "团队负责人")]
WAYS = [("written", "书面签字"), ("online", "网上确认"), ("spoken", "当面口头并有见证人")]
TEXTS = {"title": "标题", "whose": "主人公", "lead": "导语", "body": "正文"}  # what the public reads
CONSENT = ("consent_by", "consent_relation", "consent_on", "consent_way")
BODY_MOST = 20_000  # characters


class Story(Staged):
    """One story. Each change of its words is a new version; a consent is to one version (Order 67 art. 16)."""

    resource = "stories"
    station_path = "station"
    life = STORY
    editable = "category volunteer whose minor title lead body consent_by consent_relation consent_on consent_way"

    station = station_field(backref="stories")
    category = CharField(max_length=8, choices=CATEGORIES, verbose_name="类别")
    volunteer = ForeignKeyField(
        Volunteer, null=True, backref="stories", verbose_name="志愿者", help_text="写一位志愿者的填写"
    )
    whose = CharField(
        max_length=40, default="", verbose_name="主人公", help_text="公开的称呼：姓名或服务队名；填了志愿者可留空"
    )
    minor = BooleanField(default=False, verbose_name="写到未成年人", help_text="要由监护人同意公开")
    title = CharField(max_length=60, verbose_name="标题")
    lead = CharField(max_length=200, default="", verbose_name="导语")
    body = TextField(verbose_name="正文", help_text="换行分段；不写电话、证件号码和服务对象的身份类别")
    text_version = IntegerField(default=1, verbose_name="文字版次")
    consent_by = CharField(max_length=40, default="", verbose_name="同意人")
    consent_relation = CharField(max_length=8, choices=RELATIONS, null=True, verbose_name="与主人公关系")
    consent_on = DateField(null=True, verbose_name="同意日期")
    consent_way = CharField(max_length=8, choices=WAYS, null=True, verbose_name="同意方式")
    consent_version = IntegerField(null=True, verbose_name="同意的版次")
    consent_withdrawn_on = DateField(null=True, verbose_name="撤回同意日期")
    published_on = DateField(null=True, index=True, verbose_name="公开日期")
    honoured_by = CharField(max_length=40, default="", verbose_name="认定示范")
    returned_for = TextField(default="", verbose_name="退回理由")

    class Meta:
        indexes = ((("station", "state", "id"), False),)

    def __str__(self) -> str:
        return self.title

    def prepare(self, by: Actor) -> None:
        if self.volunteer_id:
            self.whose = self.whose or self.volunteer.name
            self.minor = self.minor or self._is_minor()
        if self.was and any(self.was[name] != getattr(self, name) for name in TEXTS):
            self.text_version = self.was["text_version"] + 1
        said = tuple(self.__data__.get(name) or None for name in CONSENT)
        if not any(said):
            self.consent_version = None
        elif not self.was or said != tuple(self.was[name] or None for name in CONSENT):
            self.consent_version, self.consent_withdrawn_on = self.text_version, None

    def _is_minor(self) -> bool:
        rule = policy.in_force("eligibility", self.station, clock.today()).rule
        return self.volunteer.age() < rule.guardian_below

    def check(self, by: Actor) -> list[Finding]:
        findings = self._check_exposed() + self._check_consent()
        if not self.whose.strip():
            findings.append(Finding("whose", "请填写主人公：志愿者，或者公开的称呼。"))
        if self.body and len(self.body) > BODY_MOST:
            findings.append(Finding("body", f"正文最多 {BODY_MOST} 个字，现在是 {len(self.body)} 个字。"))
        if self.state == "approved" and self._reworded():
            findings.append(Finding("state", "审核通过后不能再改文字，只能登记同意；要改请站长先退回。"))
        return findings

    def _reworded(self) -> bool:
        """Whether anything but the consent differs from what was approved."""
        return any(self.was[name] != self.__data__[name] for name in self.editable.split() if name not in CONSENT)

    def _check_exposed(self) -> list[Finding]:
        return check_public(self, TEXTS, self.station_id)

    def _check_consent(self) -> list[Finding]:
        given = {name: self.__data__.get(name) for name in CONSENT}
        if not any(given.values()):
            return []
        findings = [Finding(name, f"同意要写全：请填写「{self.label(name)}」。") for name in given if not given[name]]
        if self.consent_on and self.consent_on > clock.today():
            findings.append(Finding("consent_on", "同意日期还没有到。"))
        if self.minor and self.consent_relation not in (None, "guardian"):
            findings.append(Finding("consent_relation", "写到未成年人，要由监护人同意公开。"))
        return findings

    def may_amend(self, by: Actor) -> list[Finding]:
        if self.state in ("draft", "approved"):
            return []
        if self.state == "submitted":
            return [Finding("state", "正在审核，不能修改；要改请站长退回。")]
        return [Finding("state", "已经公开或撤下的文字不能直接改。")]

    def gap(self) -> str:
        """Why the consent on record does not cover the text as it stands; blank where it does."""
        return consent_gap(
            given=self.consent_on is not None and self.consent_withdrawn_on is None, version=self.consent_version,
            text_version=self.text_version, minor=self.minor, by_guardian=self.consent_relation == "guardian",
        )  # fmt: skip

    @classmethod
    def without_consent(cls, by: Actor | None = None) -> Expression:
        """同意书缺失的事迹: on the way to the public, and the consent does not cover the text: `gap` in the database."""
        return cls.state.in_(("submitted", "approved")) & ~cls._covered()

    @classmethod
    def _covered(cls) -> Expression:
        return (
            cls.consent_on.is_null(False) & cls.consent_withdrawn_on.is_null() & cls.consent_version.is_null(False)
            & (cls.consent_version == cls.text_version) & (~cls.minor | (cls.consent_relation == "guardian"))
        )  # fmt: skip

    @classmethod
    def ripe(cls, move: Move, by: Actor) -> Expression:
        if move.name == "publish":
            return cls._covered()
        if move.name == "honour":
            return EVERYTHING if by.division and level(by.division) == "county" else NOTHING
        return EVERYTHING

    def legal_moves(self, by: Actor) -> list[Move]:
        """Marking is the county's alone."""
        return [m for m in super().legal_moves(by) if m.name not in ("honour", "decline") or not self.may_honour(by)]

    def may_publish(self, by: Actor) -> list[Finding]:
        """Consent before anything else; and the words once more, as the list of hidden ones may have grown."""
        gap = self.gap() or self._child_gap()
        return [*([Finding("consent_on", gap)] if gap else []), *self._check_exposed()]

    def _child_gap(self) -> str:
        """Of a child nothing is told before her guardian agreed to publicity as such (个人信息保护法第三十一条)."""
        from models.consents import standing  # which rests on volunteers, and takes stories down

        if self.volunteer_id is None or self.volunteer.age() >= CHILD or standing(self.volunteer_id, "publicity"):
            return ""
        return f"主人公未满 {CHILD} 周岁，还要监护人签「肖像和事迹公开」同意书，请先登记。"

    def do_publish(self, by: Actor) -> None:
        self.published_on = clock.today()

    def may_honour(self, by: Actor) -> list[Finding]:
        if by.role == Role.SUPERVISOR and level(str(by.division)) != "county":
            return [Finding("", "县级示范由县（市、区）督导认定。")]
        return []

    may_decline = may_honour

    def do_honour(self, by: Actor) -> None:
        self.honoured_by = by.name

    def do_return(self, by: Actor) -> None:
        self.returned_for = self.reason_given

    def do_take_down(self, by: Actor) -> None:
        self.published_on, self.honoured_by = None, ""

    def do_withdraw(self, by: Actor) -> None:
        """The consent stays on record with the day on which it ended; nothing of the text stays public."""
        self.consent_withdrawn_on = clock.today()
        self.published_on, self.honoured_by = None, ""

    def do_revise(self, by: Actor) -> None:
        self.consent_by, self.consent_relation, self.consent_on, self.consent_way = "", None, None, None
        self.consent_version = None


def on_show() -> Expression:
    """What anyone may read."""
    return Story.state.in_(SHOWN)
