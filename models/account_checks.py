"""工时账核对 (方案 二(5)): what the nightly re-reading of each station's account found, for whoever must act on it."""

from peewee import BooleanField, DateTimeField, IntegerField, TextField

from models.base import BaseModel
from models.stations import station_field


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
