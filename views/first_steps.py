"""起步: what a new installation and a new station still have to do, each step said with the way there."""

from dataclasses import dataclass

from flask import url_for

from models.activities import Activity, SignInSheet
from models.people import Account
from models.projects import Project
from models.scope import Actor, within
from models.stations import Division, Station
from models.volunteers import Volunteer
from rules.access import STATION_ROLES, Role
from views.wording import worded


@dataclass(frozen=True)
class Step:
    """One thing to do before the work can begin; ``done`` counts what is there already."""

    title: str
    says: str
    url: str
    done: bool


def steps(by: Actor) -> list[Step]:
    """The steps of this role; of a station only until it has keyed its first sheet."""
    if by.role == Role.ADMIN:
        return _installation(by)
    if by.role in STATION_ROLES and not _any(SignInSheet, by):
        return _station(by)
    return []


def _any(model, by: Actor, *where) -> bool:
    return model.select().where(within(model, by), *where).exists()


def _installation(by: Actor) -> list[Step]:
    head = Account.role == Role.HEAD.value
    return [
        Step(worded("登记街道和社区"), worded("省、州市、县已经有了；街道、社区从表格导入，或逐个新增。"), url_for("divisions.index_view"),
             _any(Division, by, Division.level == "community")),
        Step(worded("新增工作站"), worded("选到所在社区，填写站长、地址、电话和开放时间。"), url_for("stations.create_view"), _any(Station, by)),
        Step(worded("为站长开账号"), worded("角色选「站长」，再选工作站。"), url_for("people.create_view"), _any(Account, by, head)),
        Step(worded("设置密码"), worded("打开账号，点「设置密码」，当面告知本人。"), url_for("people.index_view", role=Role.HEAD.value),
             _any(Account, by, head, Account.password != "")),
        Step(worded("站长第一次登录"), worded("登录后先修改密码，再为本站的记录员开账号。"), url_for("people.index_view", role=Role.HEAD.value),
             _any(Account, by, head, Account.signed_in_at.is_null(False))),
    ]  # fmt: skip


def _station(by: Actor) -> list[Step]:
    return [
        Step(worded("登记志愿者"), worded("逐个新增，或把现有的花名册从表格导入；由站长审核。"), url_for("volunteers.index_view"),
             _any(Volunteer, by, Volunteer.state == "registered")),
        Step(worded("新增项目"), worded("填好后提交，由站长审核发布。"), url_for("projects.index_view"),
             _any(Project, by, Project.state == "published")),
        Step(worded("安排活动"), worded("项目发布后，按日期安排活动。"), url_for("activities.index_view"), _any(Activity, by)),
        Step(worded("录入签到表"), worded("打开活动，点「录入签到表」，把纸质签到表照着录进去。"), url_for("activities.index_view"), False),
    ]  # fmt: skip
