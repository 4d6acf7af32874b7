"""动态口令: the one-time code of a phone after the password (RFC 6238; GB/T 22239 8.1.4.1 d), and codes for a lost phone.

The secret is sealed. A code is taken once: the step it belongs to is kept, and neither it nor an earlier one is taken
again. Recovery codes are random enough (74 bits) to be kept as plain digests; each works once.
"""

import hashlib
import secrets

import pyotp
from peewee import BigIntegerField, DateTimeField, ForeignKeyField

from models import clock, failures
from models.base import BaseModel, transaction
from models.fields import JSONText, SealedField
from models.people import LETTERS, Account, admit, refused
from models.policy import for_actor
from models.refusals import refuse
from models.scope import Actor, find, held
from models.sessions import STEP_WITHIN, Session, end_all
from rules.access import Role

STEP = 30  # seconds
DRIFT = 1  # steps that a phone's clock may be off, either way
DIGITS = 6
CODES = 10  # recovery codes
ISSUER = "志愿服务工作站"
WRONG = "动态口令不对或已经用过，请等手机上出现下一组六位数字再填。"


class SecondFactor(BaseModel):
    """The secret that an account and a phone share; unconfirmed until a first code came from the phone."""

    resource = "people"

    account = ForeignKeyField(Account, primary_key=True, verbose_name="账号")
    secret = SealedField()
    begun_at = DateTimeField()
    confirmed_at = DateTimeField(null=True, verbose_name="启用时间")
    last_step = BigIntegerField(default=0)
    recovery = JSONText(default=list)  # digests of the codes that are left

    @classmethod
    def scope(cls, actor: Actor):
        return cls.account.in_(Account.select(Account.id).where(Account.scope(actor)))

    def take(self, code: str) -> bool:
        """Whether this is a code of now that was not used before; used, it is used up. Held by the caller."""
        if not (code.isascii() and code.isdigit() and len(code) == DIGITS):
            return False
        totp, now = pyotp.TOTP(self.secret, digits=DIGITS, interval=STEP), int(clock.wall().timestamp()) // STEP
        for step in range(now - DRIFT, now + DRIFT + 1):
            if step > self.last_step and pyotp.utils.strings_equal(totp.generate_otp(step), code):
                self.last_step = step
                self.save()
                return True
        return False

    def take_recovery(self, code: str) -> bool:
        """Whether it is one of the codes for a lost phone; it works once. Held by the caller."""
        digest = _digest(self.account_id, code)
        if digest not in self.recovery:
            return False
        self.recovery = [one for one in self.recovery if one != digest]
        self.save()
        return True


def demanded(account: Account) -> bool:
    """Whether policy of the account's division demands a one-time code of its role."""
    return account.role in for_actor("sign_in", account.actor()).rule.second_step


def begin(account: Account) -> str:
    """The secret to be scanned: the one begun already, so that a page opened twice shows one code, else a new one."""
    if account.coded:
        raise refuse("动态口令已经启用；要换手机，请先停用再启用。")
    with transaction():
        row = _held(account)
        if row is not None and clock.wall() - row.begun_at > STEP_WITHIN:  # somebody may have seen it since
            row.delete_instance()
            row = None
        if row is None:
            row = SecondFactor.create(account=account.id, secret=pyotp.random_base32(), begun_at=clock.wall())
    secret: str = row.secret
    return secret


def address_of(account: Account, secret: str) -> str:
    """What the square picture says to a phone's authenticator."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP).provisioning_uri(name=account.username, issuer_name=ISSUER)


def confirm(account: Account, code: str, by: Actor, here: Session) -> list[str]:
    """Switch it on by a first code from the phone. The recovery codes, shown once; other sessions end."""
    if by.account_id != account.id:
        raise refuse("只能为自己启用动态口令。")
    with transaction():
        row = _held(account)
        if row is None or row.confirmed_at is not None:
            raise refuse("动态口令已经启用或还没有开始，请重新打开这一页。")
        if not row.take(_plain(code)):
            raise refuse("动态口令不对：请核对手机的时间是否准确，再填现在显示的六位数字。", "code")
        row.confirmed_at = clock.wall()
        codes = _new_codes(row)
        account.coded = True
        account.save(only=[Account.coded])
        account.trace(by, "code_on")
        end_all(account, "factor", by, but=here)
    return codes


def answer(account: Account, code: str, address: str) -> None:
    """The second step of signing in: the phone's code, or one for a lost phone.

    Raises ``Refusal`` for a wrong or used one, which counts as a wrong try of the account (see `models.failures`).
    """
    failures.must_wait(account.username, address)
    plain = _plain(code)
    with transaction():
        row = _held(account)
        known = row is not None and row.take(plain)
        recovered = row is not None and not known and row.take_recovery(plain)
        if recovered:
            account.trace(account.actor(), "code_recovered", after={"left": len(row.recovery)})
        if known or recovered:
            admit(account, address)
    if not (known or recovered):
        refused(account, account.username, address, "code_refused")
        raise refuse(WRONG, "code")


def renew_codes(account: Account, by: Actor) -> list[str]:
    """New recovery codes in place of the old ones; shown once."""
    with transaction():
        row = _held(account)
        if row is None or row.confirmed_at is None or by.account_id != account.id:
            raise refuse("还没有启用动态口令。")
        codes = _new_codes(row)
        account.trace(by, "codes_renewed")
    return codes


def left(account: Account) -> int:
    """How many recovery codes the account has left."""
    row = SecondFactor.get_or_none(SecondFactor.account == account.id)
    return len(row.recovery) if row else 0


def turn_off(account: Account, by: Actor, here: Session) -> None:
    """One's own, where policy does not demand it; other sessions end."""
    if by.account_id != account.id:
        raise refuse("只能停用自己的动态口令；别人的由站长或管理员解除。")
    if demanded(account):
        raise refuse("按登录安全政策，您的角色必须用动态口令登录，不能停用；换手机请找站长或管理员解除后重新启用。")
    _off(account, by, "", but=here)


def reset(key: int, by: Actor, reason: str) -> Account:
    """The head (own recorders) or an administrator takes a lost phone's second factor off; all sessions end.

    Raises ``Refusal`` without a reason or where there is none, ``NotFound`` outside scope.
    """
    if by.role not in (Role.HEAD, Role.ADMIN, Role.SYSTEM):
        raise refuse("只有站长和管理员可以解除别人的动态口令。")
    account: Account = find(Account, key, by)
    if account.id == by.account_id:
        raise refuse("自己的动态口令请在「我的账号」里停用。")
    if not reason.strip():
        raise refuse("请写明解除动态口令的理由。", "reason")
    if not account.coded:
        raise refuse("这个账号没有启用动态口令。")
    _off(account, by, reason.strip())
    return account


def _off(account: Account, by: Actor, reason: str, but: Session | None = None) -> None:
    with transaction():
        SecondFactor.delete().where(SecondFactor.account == account.id).execute()
        account.coded = False
        account.save(only=[Account.coded])
        account.trace(by, "code_off", reason)
        end_all(account, "factor", by, but=but)


def _held(account: Account) -> SecondFactor | None:
    row: SecondFactor | None = held(SecondFactor.select().where(SecondFactor.account == account.id)).first()
    return row


def _new_codes(row: SecondFactor) -> list[str]:
    codes = ["-".join("".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(3)) for _ in range(CODES)]
    row.recovery = [_digest(row.account_id, _plain(code)) for code in codes]
    row.save()
    return codes


def _plain(code: str) -> str:
    return "".join(code.split()).replace("-", "").lower()[:40]


def _digest(account: int, code: str) -> str:
    return hashlib.sha256(f"{account} {code}".encode()).hexdigest()
