"""首次登录码: a printed code with which a volunteer sets her first password herself, at home (plan 二(2): 便民).

The head prints it at the desk for somebody who showed her document. It opens once, within the days of the policy
`sign_in`; the database holds a keyed digest, the slip alone the code. Nobody is told whether a card number exists.
"""

import hmac
import re
import secrets
import unicodedata
from datetime import datetime, timedelta

from peewee import BigIntegerField, CharField, DateTimeField, ForeignKeyField

from models import clock, failures, people
from models.audit import trail
from models.base import BaseModel, transaction
from models.fields import keyring
from models.moves import permit
from models.people import LETTERS, Account
from models.policy import for_actor
from models.refusals import refuse
from models.scope import Actor, find
from models.volunteers import Volunteer

GROUPS, LETTERS_A_GROUP = 2, 4  # 31 to the eighth: 8 × 10¹¹ codes, guessed at only as `models.failures` lets
DIGEST = 40  # characters
WRONG = "编号或首次登录码不对，或者这个码已经用过、已经过期。请照纸条核对后再试；还不行请到工作站重新打印。"


class FirstCode(BaseModel):
    """The one code of a volunteer that is valid, or was last: a new one takes its place."""

    resource = "volunteers"
    station_path = "volunteer.station"

    volunteer = ForeignKeyField(Volunteer, primary_key=True, backref="first_codes", verbose_name="志愿者")
    digest = CharField(max_length=DIGEST)
    made_by = BigIntegerField(null=True, verbose_name="打印账号")
    made_at = DateTimeField(verbose_name="打印时间")
    until = DateTimeField(verbose_name="有效至")
    used_at = DateTimeField(null=True, verbose_name="使用时间")


def make(volunteer: int, by: Actor) -> tuple[Account, str, datetime]:
    """A new code for a registered volunteer, to be printed and handed to her, and until when it opens.

    The code is kept nowhere. The one before it opens nothing any more; a password that she has stays until the code is
    used. Raises ``Refusal`` before registration or without the right, ``NotFound`` outside the actor's scope.
    """
    permit(by, "let_in", Volunteer.resource)
    with transaction():
        person = find(Volunteer, volunteer, by)
        account = people.open_for(person.id, by)
        code = "".join(secrets.choice(LETTERS) for _ in range(GROUPS * LETTERS_A_GROUP))
        now = clock.wall()
        until = now + timedelta(days=for_actor("sign_in", account.actor()).rule.one_time_days)
        FirstCode.delete().where(FirstCode.volunteer == person.id).execute()
        FirstCode.create(
            volunteer=person.id, digest=_digests(person.id, code)[0], made_by=by.account_id, made_at=now, until=until
        )  # fmt: skip
        trail(by, "first_code", "volunteer", person.id, station=person.station_id, after={"waits_until": f"{until:%Y-%m-%d %H:%M}"})
    return account, "-".join(re.findall("." * LETTERS_A_GROUP, code)), until


def use(card_no: str, code: str, password: str, address: str = "") -> Account:
    """Set a volunteer's first password with her code, and say whose account it is; the code is spent with it.

    Raises ``Refusal`` with one sentence for an unknown card, a wrong, spent or outdated code and a switched-off account;
    wrong tries count as at the door (`models.failures`). A password that will not do spends nothing.
    """
    card_no = card_no.strip()
    failures.must_wait(card_no, address)
    row = FirstCode.select(FirstCode, Volunteer).join(Volunteer).where(Volunteer.card_no == card_no).first()
    digests = _digests(row.volunteer_id if row else 0, read(code))
    account = Account.get_or_none(Account.volunteer == (row.volunteer_id if row else 0))
    right = row is not None and any(hmac.compare_digest(row.digest, one) for one in digests)
    if account is None or not right or not account.active or row.used_at or row.until < clock.wall():
        people.refused(account, card_no, address, "first_refused")
        raise refuse(WRONG)
    with transaction():
        unused = (FirstCode.volunteer == row.volunteer_id) & (FirstCode.digest == row.digest) & FirstCode.used_at.is_null()
        if not FirstCode.update(used_at=clock.wall()).where(unused).execute():
            raise refuse(WRONG)  # two browsers at the same moment: the other one has it
        people.set_first_password(account, password)
        if not account.coded:
            people.admit(account, address)
    return account


def read(code: str) -> str:
    """A code as typed: full-width letters, capitals, gaps and dashes are all one."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", code)).lower()


def spend_all() -> int:
    """Codes of a database that was put back may have been used since it was copied: none of them opens any more."""
    return int(FirstCode.update(used_at=clock.wall()).where(FirstCode.used_at.is_null()).execute())


def _digests(volunteer: int, code: str) -> list[str]:
    """By each data key, newest first; bound to the person, so that one slip opens no other card."""
    return keyring.indexes(f"first code {volunteer} {code}")


