"""What a station calls its columns: headers that the program does not know, said once and remembered."""

from collections.abc import Mapping

from peewee import CharField, DateTimeField

from models import clock
from models.audit import trail
from models.base import BaseModel
from models.moves import permit, whole
from models.refusals import refuse
from models.scope import Actor, find, within
from models.stations import station_field

LONGEST = 60  # characters of a header
MOST = 200  # headers that one station has remembered for one ledger


class HeaderMapping(BaseModel):
    """One header of one station's tables of one ledger, and the column that it stands for."""

    resource = "imports"
    station_path = "station"

    station = station_field(backref="header_mappings")
    ledger = CharField(max_length=30, verbose_name="台账")
    header = CharField(max_length=LONGEST, verbose_name="表中的列名")
    column = CharField(max_length=40, column_name="column_key", verbose_name="对应的列")
    said_by = CharField(max_length=60, default="", verbose_name="经手人")
    said_at = DateTimeField(default=clock.now, verbose_name="记住时间")

    class Meta:
        indexes = ((("station", "ledger", "header"), True),)

    def __str__(self) -> str:
        return str(self.header)


def remembered(ledger: str, by: Actor) -> dict[str, str]:
    """header -> column, as the actor's station said before."""
    rows = HeaderMapping.select(HeaderMapping.header, HeaderMapping.column)
    return dict(rows.where(HeaderMapping.ledger == ledger, HeaderMapping.station == by.station_id,
                           within(HeaderMapping, by)).tuples())  # fmt: skip


def remember(ledger: str, resource: str, said: Mapping[str, str], by: Actor) -> None:
    """Remember what these headers stand for; blank forgets one. ``resource`` is what the ledger imports into."""
    permit(by, "import", resource)
    with whole():
        there = {
            row.header: row
            for row in HeaderMapping.select().where(
                HeaderMapping.ledger == ledger, HeaderMapping.station == by.station_id, within(HeaderMapping, by)
            )
        }
        wanted = {header[:LONGEST]: column for header, column in said.items()}
        if len(there.keys() | wanted.keys()) > MOST:
            raise refuse(f"记住的列名已有 {MOST} 个，请先删去不用的。")
        for header, column in wanted.items():
            row = there.get(header)
            if row is not None and row.column == column:
                continue
            if row is not None:
                row.delete_instance()
            if column:
                HeaderMapping.create(
                    station=by.station_id, ledger=ledger, header=header, column=column, said_by=by.name
                )
            _trace(by, header, ledger, row.column if row else "", column)


def forget(key: int, by: Actor) -> HeaderMapping:
    """Forget one header; a stranger's is not found."""
    with whole():
        row: HeaderMapping = find(HeaderMapping, key, by)
        row.delete_instance()
        _trace(by, row.header, row.ledger, row.column, "")
    return row


def _trace(by: Actor, header: str, ledger: str, before: str, after: str) -> None:
    action = "strike" if not after else "amend" if before else "enter"
    trail(by, action, HeaderMapping._meta.table_name, header[:40], station=by.station_id,
          before={"column": before} if before else None, after={"ledger": ledger, "column": after})  # fmt: skip
