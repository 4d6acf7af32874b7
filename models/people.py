"""Accounts: who may sign in, as what, and for which station or division."""

import re
import secrets
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from peewee import BooleanField, CharField, DateTimeField, ForeignKeyField, IntegerField

from models import clock
from models.base import transaction
from models.moves import Entered, permit
from models.refusals import Refusal, refuse, refuse_if
from models.scope import EVERYTHING, NOTHING, Actor, find, held, stations_of
from models.stations import Division, Station
from models.volunteers import Volunteer
from rules.access import DIVISION_ROLES, NO_ACCOUNT, STATION_ROLES, Role
from rules.divisions import contains, subtree
from rules.findings import Finding
from rules.reading import read_text

PASSWORD_MIN = 10  # characters
PASSWORD_MAX = 200  # characters; hashing a megabyte would keep the desk waiting
FREE_FAILURES = 4  # wrong tries in a row before the account waits
LONGEST_LOCK = 60  # minutes
USERNAME = re.compile(r"[A-Za-z0-9\u3400-\u9fff][\w.-]{1,39}")
_hasher = PasswordHasher()  # argon2id
# Compared against when there is no such account, so that the answer takes as long.
_NOBODY = _hasher.hash(secrets.token_hex())
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
    session_stamp = IntegerField(default=0)  # raised to end every session of the account
    failures = IntegerField(default=0)
    locked_until = DateTimeField(null=True)
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
    """Findings about a new password: length, and not the account's own name over again."""
    if len(password) < PASSWORD_MIN:
        return [Finding("password", f"密码至少 {PASSWORD_MIN} 位，现在是 {len(password)} 位。")]
    if len(password) > PASSWORD_MAX:
        return [Finding("password", f"密码最多 {PASSWORD_MAX} 位，现在是 {len(password)} 位。")]
    if len(set(password)) < 4:
        return [Finding("password", "密码里不同的字符太少，请换一个不容易猜到的。")]
    if account is not None and account.username.lower() in password.lower():
        return [Finding("password", "密码不要包含用户名。")]
    return []


def set_password(account: Account, password: str, by: Actor) -> None:
    """Set one's own password and end the account's other sessions. Raises ``Refusal`` when it is too weak, or the
    account somebody else's: that is `reset_password`."""
    if by.role != Role.SYSTEM and by.account_id != account.id:
        raise refuse("只能设置自己的密码；别人的由站长或管理员重置。")
    _store_password(account, password, by)


def _store_password(account: Account, password: str, by: Actor) -> None:
    refuse_if(check_password(password, account))
    with transaction():
        account.password = _hasher.hash(password)
        account.session_stamp += 1
        account.failures, account.locked_until = 0, None
        account.save(only=[
            Account.password, Account.session_stamp, Account.failures, Account.locked_until,
        ])  # fmt: skip
        account.trace(by, "password")


def reset_password(key: int, password: str, by: Actor) -> Account:
    """The head (own recorders) or an administrator sets a password for someone. ``NotFound`` outside scope."""
    if by.role not in (Role.HEAD, Role.ADMIN, Role.SYSTEM):
        raise refuse("只有站长和管理员可以重置密码。")
    account = find(Account, key, by)
    _store_password(account, password, by)
    return account


def let_in(volunteer: int, password: str, by: Actor) -> Account:
    """The head gives a registered volunteer her way in, or a new password: one password, said in person."""
    with transaction():
        account = open_for(volunteer, by)
        _store_password(account, password, by)
    return account


def sign_in(username: str, password: str) -> Account:
    """The account whose name and password these are.

    Raises ``Refusal`` with the same sentence for an unknown name, a wrong password and a switched-off account;
    after `FREE_FAILURES` wrong tries in a row the account waits, longer each time.
    """
    account = Account.get_or_none(Account.username == username.strip())
    if account is not None and account.locked_until and account.locked_until > clock.now():
        minutes = int((account.locked_until - clock.now()).total_seconds() // 60) + 1
        raise refuse(f"输错次数过多，请 {minutes} 分钟后再试。")
    if not matches(account, password) or account is None or not account.active:
        if account is not None:
            _count_failure(account.id)
        raise _wrong()
    with transaction():
        account.failures, account.locked_until, account.signed_in_at = 0, None, clock.now()
        account.save(only=[Account.failures, Account.locked_until, Account.signed_in_at])
        account.trace(account.actor(), "sign_in")
    return account


def _wrong() -> Refusal:
    return refuse("用户名或密码不对，请核对后再试。")


def matches(account: Account | None, password: str) -> bool:
    """Whether it is the account's password. An account that has none yet takes as long, and nobody gets in."""
    has_one = account is not None and bool(account.password)
    try:
        return _hasher.verify(account.password if has_one else _NOBODY, password[: PASSWORD_MAX + 1]) and has_one
    except (VerifyMismatchError, InvalidHashError):
        return False


def _count_failure(key: int) -> None:
    with transaction():
        account = held(Account.select().where(Account.id == key)).get()  # counted under the lock: guesses may race
        account.failures += 1
        if account.failures > FREE_FAILURES:
            wait = 2 ** min(account.failures - FREE_FAILURES - 1, 6)  # minutes: 1, 2, 4 … 64
            account.locked_until = clock.now() + timedelta(minutes=min(LONGEST_LOCK, wait))
        account.save(only=[Account.failures, Account.locked_until])
        account.trace(account.actor(), "sign_in_refused")
