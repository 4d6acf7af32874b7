"""Sessions, kept by the server (GB/T 22239 8.1.4.1; OWASP ASVS 3): who is signed in where, since when, and why it ended.

The browser holds a random token, the database its digest alone, so that a copy of the database opens no session. A
session begins at sign-in and every time what it may do changes; what came before it is ended. Limits are policy
(`sign_in`) of the day it began. Times are the computer's own: a demo clock that is moved ends nobody's session.
"""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from peewee import BigAutoField, CharField, DateTimeField, ForeignKeyField, IntegerField, OperationalError

from models import clock
from models.audit import trail
from models.base import SQLITE_PRAGMAS, BaseModel, database, on_postgres, transaction
from models.people import Account
from models.policy import for_actor
from models.refusals import NotFound, refuse
from models.scope import SYSTEM, Actor, find, held
from rules.access import STATION_ROLES, Role

SEEN_EVERY = timedelta(minutes=1)  # how often a session that is used is written
IMPATIENT = 50  # ms
CODE_WITHIN = timedelta(minutes=5)  # for the one-time code, after the password
STEP_WITHIN = timedelta(minutes=15)  # for a new password, or for setting the one-time code up
AT_ONCE = 5  # open sessions of one account: a sixth ends the oldest
KEPT = timedelta(days=180)  # ended ones are listed nowhere, and kept as long as the law wants logs (网络安全法 21)
OPEN = "open"
# What is still to be done before the account may do anything at all; OPEN is none of these.
STEPS = {"code": CODE_WITHIN, "password": STEP_WITHIN, "enrol": STEP_WITHIN}
ENDED = {
    "signed_out": "退出",
    "next": "进入下一步",
    "idle": "太久没有操作",
    "absolute": "到了最长时限",
    "elsewhere": "本人在别处结束",
    "manager": "由站长或管理员结束",
    "password": "密码已修改或重置",
    "factor": "动态口令有变动",
    "switched_off": "账号已停用",
    "office": "职责有变动",
    "replaced": "同时登录太多",
    "restored": "数据库从备份恢复",
}


class Session(BaseModel):
    """One browser signed in as one account, or on its way to be."""

    resource = "people"

    id = BigAutoField()
    account = ForeignKeyField(Account, backref="sessions", verbose_name="账号")
    token = CharField(max_length=64, unique=True)  # sha256 of what the browser holds
    stage = CharField(max_length=10)
    started_at = DateTimeField(verbose_name="登录时间")
    seen_at = DateTimeField(verbose_name="最近使用")
    until = DateTimeField(verbose_name="最迟退出")
    idle_minutes = IntegerField()
    address = CharField(max_length=45, default="", verbose_name="网络地址")
    browser = CharField(max_length=60, default="", verbose_name="浏览器")
    ended_at = DateTimeField(null=True, index=True, verbose_name="结束时间")
    how = CharField(max_length=12, default="", choices=list(ENDED.items()), verbose_name="结束原因")

    @classmethod
    def scope(cls, actor: Actor):
        return cls.account.in_(Account.select(Account.id).where(Account.scope(actor)))

    def outlived(self) -> str:
        """Which limit the session has passed, if any."""
        now = clock.wall()
        if now >= self.until:
            return "absolute"
        return "idle" if now - self.seen_at > timedelta(minutes=self.idle_minutes) else ""

    def end(self, how: str, by: Actor) -> bool:
        """End it, once; whether it was open until now."""
        with transaction():
            mine = (Session.id == self.id) & Session.ended_at.is_null()
            if not Session.update(ended_at=clock.wall(), how=how).where(mine).execute():
                return False
            self.how = how
            if self.stage == OPEN and how != "next":
                self._trace(how, by)
        return True

    def _trace(self, how: str, by: Actor) -> None:
        action = "sign_out" if how == "signed_out" else "session_ended"
        trail(
            by, action, "account", self.account_id, reason="" if how == "signed_out" else ENDED[how],
            station=self.account.station_id, after={"address": self.address, "browser": self.browser},
        )  # fmt: skip

    def touch(self) -> None:
        """It is in use; written at most once a minute, and by a later request where another writer keeps the file."""
        now = clock.wall()
        if now - self.seen_at >= SEEN_EVERY:
            self.seen_at = now
            with _impatient():
                Session.update(seen_at=now).where(Session.id == self.id).execute()


def begin(account: Account, address: str, browser: str, *, code_given: bool = False) -> tuple[Session, str]:
    """A new session of somebody whose password was right, and the token for her browser.

    Its stage says what comes before anything else: the one-time code, a password of her own, the code's setting up.
    """
    rule = for_actor("sign_in", account.actor()).rule
    desk = Role(account.role) in STATION_ROLES
    stage = _stage(account, account.role in rule.second_step, code_given)
    lasts = STEPS.get(stage) or timedelta(hours=rule.desk_hours if desk else rule.above_hours)
    token, now = secrets.token_urlsafe(32), clock.wall()
    with transaction():
        row = Session.create(
            account=account, token=_digest(token), stage=stage, started_at=now, seen_at=now, until=now + lasts,
            idle_minutes=rule.desk_idle_minutes if desk else rule.above_idle_minutes, address=address[:45],
            browser=browser[:60],
        )  # fmt: skip
        if stage == OPEN:
            for old in held(_open(account)).order_by(Session.started_at.desc(), Session.id.desc()).offset(AT_ONCE):
                old.end("replaced", SYSTEM)
    return row, token


def _stage(account: Account, demanded: bool, code_given: bool) -> str:
    if account.coded and not code_given:
        return "code"
    if account.one_time_until is not None:
        return "password"
    return "enrol" if demanded and not account.coded else OPEN


def look_up(token: str) -> tuple[Session | None, str]:
    """The session that this token opens, with its account; none when it is over, and the reason by its code."""
    row = Session.select(Session, Account).join(Account).where(Session.token == _digest(token)).first()
    if row is None:
        return None, ""
    if row.ended_at is not None:
        return None, row.how
    how = row.outlived() or ("" if row.account.active else "switched_off")
    if how:
        with _impatient():
            row.end(how, SYSTEM)
        return None, how
    return row, ""


def of_account(key: int) -> list[Session]:
    """The account's open sessions, the one used last first."""
    rows = _open(Account(id=key)).where(Session.until > clock.wall()).order_by(Session.seen_at.desc(), Session.id.desc())
    return [row for row in rows if not row.outlived()]


def end_own(key: int, by: Actor) -> None:
    """End one of one's own sessions. ``NotFound`` for anybody else's, as for one that is over."""
    row = Session.get_or_none(Session.id == key, Session.account == by.account_id, Session.ended_at.is_null())
    if row is None:
        raise NotFound()
    row.end("elsewhere", by)


def end_all(account: Account, how: str, by: Actor, but: Session | None = None) -> int:
    """End the account's sessions, half-made ones too, all or all but one; how many there were."""
    rows = [row for row in _open(account, half=True) if but is None or row.id != but.id]
    return sum(row.end(how, by) for row in rows)


def end_everybodys(how: str) -> int:
    """End every session there is, without a trace of each; how many."""
    count: int = Session.update(ended_at=clock.wall(), how=how).where(Session.ended_at.is_null()).execute()
    return count


def end_for(key: int, by: Actor) -> int:
    """The head (own recorders) or an administrator ends every session of an account. ``NotFound`` outside scope."""
    if by.role not in (Role.HEAD, Role.ADMIN, Role.SYSTEM):
        raise refuse("只有站长和管理员可以结束别人的登录。")
    return end_all(find(Account, key, by), "manager", by)


def clear_old() -> int:
    """End what outlived its limits, so that lists and the trail say so, and drop what ended long ago; how many went."""
    now = clock.wall()
    for row in Session.select().where(Session.ended_at.is_null()):
        if how := row.outlived():
            row.end(how, SYSTEM)
    gone: int = Session.delete().where(Session.ended_at < now - KEPT).execute()
    return gone


def _open(account: Account, *, half: bool = False):
    mine = (Session.account == account.id) & Session.ended_at.is_null()
    return Session.select().where(mine if half else mine & (Session.stage == OPEN))


@contextmanager
def _impatient() -> Iterator[None]:
    """A small write that a page which only reads must neither wait nor fail for: SQLite has one writer at a time, and
    an import may be it for minutes."""
    if on_postgres():
        yield
        return
    database.execute_sql(f"PRAGMA busy_timeout = {IMPATIENT}")
    try:
        yield
    except OperationalError as busy:
        if "locked" not in str(busy):
            raise
    finally:
        database.execute_sql(f"PRAGMA busy_timeout = {SQLITE_PRAGMAS['busy_timeout']}")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


