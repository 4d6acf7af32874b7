"""工时账核对 (方案 二(5)): what the nightly re-reading of each station's account found, for whoever must act on it."""

from datetime import datetime, time, timedelta

from peewee import JOIN, BooleanField, DateTimeField, Expression, IntegerField, TextField

from models import clock
from models.base import BaseModel, transaction
from models.scope import Actor
from models.stations import Station, station_field
from models.verifying import Report, reports

NIGHT = time(3)  # a day's check is one made since then
KEPT = 20  # faults written down; the first is what matters, the command says all


class AccountCheck(BaseModel):
    """The last re-reading of one station's account; the next one takes its place."""

    resource = "account_checks"
    station_path = "station"

    station = station_field(backref="account_checks", unique=True)
    checked_at = DateTimeField(verbose_name="核对时间")
    entries = IntegerField(verbose_name="分录", help_text="笔")
    ok = BooleanField(verbose_name="相符")
    wrong_since = DateTimeField(null=True, verbose_name="不符自", help_text="第一次核对出不符的时间")
    faults = TextField(default="", verbose_name="不符之处", help_text="一行一处，最先不符的在前")

    def __str__(self) -> str:
        return f"{self.checked_at:%Y-%m-%d %H:%M} 核对"

    @classmethod
    def keep(cls, report: Report) -> None:
        """Put what a re-reading found in the place of the last one."""
        now, ok = clock.now(), not report.faults
        said = "\n".join(f"{fault.where}：{fault.says}" for fault in report.faults[:KEPT])
        with transaction():
            before = cls.get_or_none(cls.station == report.station)
            since = None if ok else (before and before.wrong_since) or now
            values = {"checked_at": now, "entries": report.entries, "ok": ok, "faults": said, "wrong_since": since}
            cls.insert(station=report.station, **values).on_conflict(
                conflict_target=[cls.station], update=values
            ).execute()

    @classmethod
    def found_wrong(cls, by: Actor) -> Expression:
        """核对不符: stations whose account did not fit when it was last read."""
        return ~cls.ok

    @property
    def first_fault(self) -> str:
        """The first entry that does not fit, and what is wrong with it; blank where all is well."""
        return self.faults.partition("\n")[0]


def check_due() -> list[AccountCheck]:
    """Re-read the account of every station that was not since the last night; the checks that found something wrong.

    Asked for every hour: a computer that is off at night catches up when it is on.
    """
    now = clock.now()
    since = datetime.combine(now.date() - timedelta(days=now.time() < NIGHT), NIGHT)
    fresh = (AccountCheck.station == Station.id) & (AccountCheck.checked_at >= since)
    due = Station.select(Station.id).join(AccountCheck, JOIN.LEFT_OUTER, on=fresh).where(AccountCheck.id.is_null())
    keys = [key for (key,) in due.order_by(Station.id).tuples()]
    for key in keys:
        for report in reports(key):
            AccountCheck.keep(report)
    wrong = AccountCheck.select().where(AccountCheck.station.in_(keys), ~AccountCheck.ok)
    return list(wrong.order_by(AccountCheck.station))
