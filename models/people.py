"""Accounts: who may sign in, as what, and for which station or division."""

import re
import secrets
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from peewee import SQL, BooleanField, CharField, DateTimeField, ForeignKeyField, IntegerField

from models import clock, failures
from models.audit import trail
from models.base import transaction
from models.moves import Entered, permit
from models.policy import for_actor
from models.refusals import Refusal, refuse, refuse_if
from models.scope import EVERYTHING, NOTHING, SYSTEM, Actor, find, stations_of
from models.stations import Division, Station
from models.volunteers import Volunteer
from rules import passwords
from rules.access import DIVISION_ROLES, NO_ACCOUNT, STATION_ROLES, Role
from rules.divisions import contains, subtree
from rules.findings import Finding
from rules.reading import read_text

USERNAME = re.compile(r"[A-Za-z0-9\u3400-\u9fff][\w.-]{1,39}")
# Argon2id, above the least that OWASP asks for and light enough for eight sign-ins at once on an old PC. A change here
# reaches each password when its owner next signs in.
_hasher = PasswordHasher(time_cost=2, memory_cost=46 * 1024, parallelism=1)  # passes, KiB, lanes
# Compared against when there is no such account, so that the answer takes as long.
_NOBODY = _hasher.hash(secrets.token_hex())
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that a person could take for another
ROLES = [(r.value, r.label) for r in Role if r not in NO_ACCOUNT]


class Account(Entered):
    """One person's way in. Station roles name a station, division roles a division, a volunteer her own row."""

    resource = "people"
    editable = "username name role station division active"

    username = CharField(max_length=40, unique=True, verbose_name="用户名")
    name = CharField(max_length=40, verbose_name="姓名")
    role = CharField(max_length=12, choices=ROLES, verbose_name="角色")
    station = ForeignKeyField(Station, null=True, backref="accounts", verbose_name="工作站")
    division = ForeignKeyField(Division, null=True, verbose_name="负责区划")
    volunteer = IntegerField(null=True, unique=True)  # id; a key would make a circle with volunteers
    active = BooleanField(default=True, verbose_name="启用")
    password = CharField(max_length=200, default="")
    one_time_until = DateTimeField(null=True, verbose_name="临时密码有效至")  # set by somebody else, to be changed at once
    coded = BooleanField(  # signs in with a one-time code after the password
        default=False, constraints=[SQL("DEFAULT FALSE")], verbose_name="动态口令"
    )
    signed_in_at = DateTimeField(null=True, verbose_name="上次登录")

    def __str__(self) -> str:
        return f"{self.name}（{Role(self.role).label}）"

    @classmethod
    def scope(cls, actor: Actor):
        if actor.role == Role.HEAD:
            return (cls.station == actor.station_id) & (cls.role == Role.RECORDER.value)
        if actor.role in DIVISION_ROLES:
            stations = stations_of(actor)
            if stations is None:
                return EVERYTHING
            low, high = subtree(str(actor.division))
            return cls.station.in_(stations) | ((cls.division >= low) & (cls.division < high))
        return NOTHING

    def actor(self) -> Actor:
        """Who this account is when it acts."""
        return Actor(self.id, self.name, Role(self.role), self.station_id, self.division_id, self.volunteer)

    def check(self, by: Actor) -> list[Finding]:
        findings = []
        role = Role(self.role) if self.role in set(Role) else None
        if role in STATION_ROLES and not self.station_id:
            findings.append(Finding("station", "记录员和站长要选一个工作站。"))
        if role in DIVISION_ROLES and not self.division_id:
            findings.append(Finding("division", "督导、审计员和管理员要选负责的区划。"))
        if by.role == Role.HEAD and (role != Role.RECORDER or self.station_id != by.station_id):
            findings.append(Finding("role", "站长只能管理本站的记录员账号。"))
        if by.division and self.division_id and not contains(by.division, str(self.division_id)):
            findings.append(Finding("division", "所选区划不在您负责的范围内。"))
        if by.division and self.station_id and not contains(by.division, str(self.station.division_id)):
            findings.append(Finding("station", "所选工作站不在您负责的范围内。"))
        if self.id is not None and self.id == by.account_id and not (self.active and role == by.role):
            findings.append(Finding("active", "不能停用自己的账号，也不能改自己的角色，请由另一位管理员办理。"))
        if not USERNAME.fullmatch(self.username or ""):
            findings.append(
                Finding("username", "用户名应为 2 至 40 个字母、数字或汉字，中间可用 . _ -，不能有空格。")
            )
        if role == Role.VOLUNTEER and self.volunteer is None and by.role != Role.SYSTEM:
            findings.append(Finding("role", "志愿者的账号在志愿者页面开通，不在这里新增。"))
        twin = Account.get_or_none(Account.username == self.username)
        if twin is not None and twin.id != self.id:
            findings.append(Finding("username", f"用户名「{self.username}」已有人使用。"))
        return findings

    def store_amended(self, by: Actor) -> None:
        """Switched off, or given another office, the person is out everywhere at once."""
        from models import sessions  # which look at accounts

        moved = set(self.changed()) & {"active", "role", "station", "division", "username"}
        super().store_amended(by)
        if moved:
            sessions.end_all(self, "switched_off" if not self.active else "office", by)

    def prepare(self, by: Actor) -> None:
        self.username = read_text(self.username or "")
        self.name = read_text(self.name or "")
        if by.role == Role.HEAD and self.role == Role.RECORDER.value:
            self.station_id = by.station_id
        if self.role not in {r.value for r in STATION_ROLES}:
            self.station_id = None
        if self.role not in {r.value for r in DIVISION_ROLES}:
            self.division_id = None


def open_for(volunteer: int, by: Actor) -> Account:
    """A registered volunteer's own way in, under the card number; opened already, it is the same account.

    Raises ``Refusal`` before registration, ``NotFound`` outside the actor's scope.
    """
    permit(by, "enter", Account.resource)
    with transaction():
        person = find(Volunteer, volunteer, by)
        if person.card_no is None:
            raise refuse(f"{person.name} 还没有审核注册，编发志愿者编号后才能开通账号。", "volunteer")
        account = Account.get_or_none(Account.volunteer == person.id)
        if account is None:
            account = Account(
                username=person.card_no, name=person.name, role=Role.VOLUNTEER.value, volunteer=person.id,
                entered_by=by.account_id,
            )  # fmt: skip
            account.save(force_insert=True)
            account.trace(by, "enter", after=account.shown(["username", "name", "role", "volunteer"]))
    return account


def check_password(password: str, account: Account | None = None) -> list[Finding]:
    """Findings about a new password, by whose it will be (see `rules.passwords`)."""
    if account is None:
        return passwords.faults(password)
    known = [account.username, account.name, account.station.name if account.station_id else ""]
    return passwords.faults(password, Role(account.role) if account.role else None, known)


def made_password() -> str:
    """A random password that can be read out and typed: three groups of four."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


def set_password(account: Account, password: str, by: Actor) -> None:
    """Set one's own password and end the account's sessions. Raises ``Refusal`` when it is too weak, the old one over
    again, or the account somebody else's: that is `reset_password`."""
    if by.role != Role.SYSTEM and by.account_id != account.id:
        raise refuse("只能设置自己的密码；别人的由站长或管理员重置。")
    refuse_if(check_password(password, account))
    if by.role != Role.SYSTEM and matches(account, password):
        raise refuse("新密码不能和原来的一样。")
    _store_password(account, password, by, "password")


def set_first_password(account: Account, password: str) -> None:
    """The password of somebody who proved with a printed code who she is (`models.first_codes`). Raises ``Refusal`` when
    it is too weak."""
    refuse_if(check_password(password, account))
    _store_password(account, password, account.actor(), "first_sign_in")


def set_demo_password(account: Account, password: str) -> None:
    """The one password of a demo station, which whoever looks at it chose and is told. Raises ``Refusal`` on a real
    database, and for one that is short or names the account."""
    if not clock.is_demo():
        raise refuse("只有演示数据可以给所有账号设同一个密码。")
    refuse_if(check_demo_password(password, account.username))
    _store_password(account, password, SYSTEM, "password")


def check_demo_password(password: str, username: str = "") -> list[Finding]:
    """Findings about the password of a demo station: invented people, so only its length counts."""
    least = passwords.shortest(None)
    if not least <= len(password) <= passwords.LONGEST:
        return [Finding("password", f"密码至少 {least} 位、最多 {passwords.LONGEST} 位，现在是 {len(password)} 位。")]
    if username and username.lower() in password.lower():
        return [Finding("password", f"密码不要包含用户名（「{username}」）。")]
    return []


def _store_password(account: Account, password: str, by: Actor, action: str, one_time: bool = False) -> None:
    from models import sessions  # which look at accounts

    with transaction():
        account.password = _hasher.hash(password)
        account.one_time_until = None
        if one_time:
            days = for_actor("sign_in", account.actor()).rule.one_time_days
            account.one_time_until = clock.wall() + timedelta(days=days)
        account.save(only=[Account.password, Account.one_time_until])
        failures.forget(account.username)
        account.trace(by, action)
        sessions.end_all(account, "password", by)


def reset_password(key: int, by: Actor) -> tuple[Account, str]:
    """The head (own recorders) or an administrator lets the program make a one-time password for someone.

    Returns it to be said in person: it is kept nowhere, lets in for some days (policy `sign_in`), and must be changed
    at once. The second factor stays. ``NotFound`` outside scope.
    """
    if by.role not in (Role.HEAD, Role.ADMIN, Role.SYSTEM):
        raise refuse("只有站长和管理员可以重置密码。")
    account = find(Account, key, by)
    if account.id == by.account_id:
        raise refuse("自己的密码请在「我的账号」里修改。")
    return account, _one_time(account, by)


def _one_time(account: Account, by: Actor) -> str:
    password = made_password()
    _store_password(account, password, by, "reset", one_time=True)
    return password


def let_in(volunteer: int, by: Actor) -> tuple[Account, str]:
    """The head gives a registered volunteer her way in, or a new one-time password, said in person."""
    with transaction():
        account = open_for(volunteer, by)
        password = _one_time(account, by)
    return account, password


def sign_in(username: str, password: str, address: str = "") -> Account:
    """The account whose name and password these are. Where it is `coded` it is not in yet: its code comes next.

    Raises ``Refusal`` with the same sentence for an unknown name, a wrong password and a switched-off account; after
    some wrong tries the name waits, longer each time, and in the end the address (see `models.failures`).
    """
    username = username.strip()
    failures.must_wait(username, address)
    account = Account.get_or_none(Account.username == username)
    if not matches(account, password) or account is None or not account.active:
        refused(account, username, address, "sign_in_refused")
        raise _wrong()
    if account.one_time_until and account.one_time_until < clock.wall():
        refused(account, username, address, "sign_in_refused", "临时密码已过期")
        raise refuse("临时密码已过期，请找本站站长或管理员重新设置。")
    if _hasher.check_needs_rehash(account.password):
        account.password = _hasher.hash(password)
        account.save(only=[Account.password])
    if not account.coded:
        admit(account, address)
    return account


def admit(account: Account, address: str) -> None:
    """Every step is passed: the name's failures are over, and the trail says who came in from where."""
    with transaction():
        failures.forget(account.username)
        account.signed_in_at = clock.now()
        account.save(only=[Account.signed_in_at])
        account.trace(account.actor(), "sign_in", after={"address": address} if address else None)


def refused(account: Account | None, username: str, address: str, action: str, reason: str = "") -> None:
    """Count a wrong try and leave a trace of it; of a name that is no account only its beginning, since people type
    their password into the wrong box."""
    with transaction():
        until = failures.count(username, address)
        after = {"address": address} if address else {}
        after |= {"waits_until": f"{until:%Y-%m-%d %H:%M}"} if until else {}
        if account is not None:
            account.trace(account.actor(), action, reason, after=after or None)
        else:
            trail(SYSTEM, action, "account", "0", reason=reason, after={"username": f"{username[:1]}***"} | after)


def _wrong() -> Refusal:
    return refuse("用户名或密码不对，请核对后再试。")


def matches(account: Account | None, password: str) -> bool:
    """Whether it is the account's password. An account that has none yet takes as long, and nobody gets in."""
    has_one = account is not None and bool(account.password)
    try:
        return _hasher.verify(account.password if has_one else _NOBODY, password[: passwords.LONGEST + 1]) and has_one
    except (VerifyMismatchError, InvalidHashError):
        return False
