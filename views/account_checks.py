"""工时账核对 (方案 二(5)): what the nightly re-reading of the accounts found, on a list and on the first page."""

from dataclasses import dataclass, field

from models import clock
from models.account_checks import AccountCheck
from models.scope import Actor, within
from models.stations import Station
from rules.access import STATION_ROLES, may
from views.base import StageView
from views.named import Named
from views.wording import worded

NAMED = 5  # stations that the first page names; the list has them all


class AccountCheckScreen(StageView):
    model = AccountCheck
    title = "工时账核对"
    step = "记录台账"
    columns = "station checked_at entries ok wrong_since first_fault"
    filter_by = "station ok checked_at"
    named = {"wrong": Named("核对不符", AccountCheck.found_wrong, "head supervisor auditor")}
    detail_groups = [("核对", "station checked_at entries ok wrong_since"), ("不符之处", "faults")]
    empty = "还没有核对过。每天夜里自动核对一次，结果在这里。"


@dataclass(frozen=True)
class Standing:
    """What the first page says of the accounts: a quiet line where all fit, red ones where one does not."""

    fine: str = ""
    wrong: list[tuple[AccountCheck, str]] = field(default_factory=list)
    more: int = 0  # that do not fit and are not named


def standing(by: Actor) -> Standing:
    """The last check of the own station's account, or of those of the division."""
    if not may(by.role, "see", AccountCheck.resource):
        return Standing()
    mine = AccountCheck.select(AccountCheck, Station).join(Station).where(within(AccountCheck, by))
    wrong = list(mine.where(~AccountCheck.ok).order_by(AccountCheck.wrong_since, AccountCheck.station))
    said = [(check, _wrong(check, by)) for check in wrong[:NAMED]]
    if by.role not in STATION_ROLES:
        fine = mine.where(AccountCheck.ok).count()
        return Standing(worded("%(count)s 个工作站的工时账核对相符。", count=fine) if fine else "", said, len(wrong) - len(said))
    check = mine.where(AccountCheck.ok).first()
    if check is None:
        return Standing("", said)
    return Standing(worded("工时账 %(when)s 核对相符，共 %(count)s 笔。", when=_when(check), count=check.entries), said)


def _wrong(check: AccountCheck, by: Actor) -> str:
    whose = "" if by.role in STATION_ROLES else check.station.short_name + worded("：")
    return whose + worded("工时账 %(when)s 核对不符：%(fault)s", when=_when(check), fault=check.first_fault)


def _when(check: AccountCheck) -> str:
    if check.checked_at.date() == clock.today():
        return worded("今天 %(time)s", time=f"{check.checked_at:%H:%M}")
    return f"{check.checked_at:%m-%d %H:%M}"
