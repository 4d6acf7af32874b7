"""结对帮扶台帐 (domain §3.5 no. 7; 方案 三(3)): unit, level, form, whom, what, from when to when, who answers, how often."""

from peewee import Case, ModelSelect, fn

from models.activities import Activity
from models.deliveries import held, served
from models.pairing import PairedHousehold, Pairing
from models.stations import Station
from models.team_hours import MINUTES
from models.units import Unit
from rules.identity import mask_name
from rules.pairing import FORMS, LEVELS
from views.ledgers.columns import STATION, Column, Ledger
from views.ledgers.looked_up import effects, hardships, paired
from views.ledgers.needs import hidden


def _joins(query: ModelSelect) -> ModelSelect:
    return query.join_from(Pairing, Unit).join_from(Pairing, Station, on=(Pairing.station == Station.id))


_households = PairedHousehold.select(fn.COUNT(PairedHousehold.household.distinct())).where(
    PairedHousehold.pairing == Pairing.id
)
_visits = held(fn.COUNT(Activity.id)).where(Activity.pairing == Pairing.id)
_minutes = served(MINUTES).where(Activity.pairing == Pairing.id)


def _names_masked(names: str) -> str:
    return "、".join(mask_name(name) for name in names.split("、"))


PAIRING = Ledger(
    "pairing", "结对帮扶", "pairings", Pairing,
    (
        STATION,
        Column(Unit.name, width=24, header="文明单位", name="unit"),
        Column(Case(Unit.level, LEVELS, Unit.level), width=14, header="级别", name="level"),
        Column(Case(Pairing.form, FORMS, Pairing.form), width=9, header="帮扶形式", name="form"),
        Column(_households, "int", 9, header="结对户数", name="households", total=True),
        Column(Pairing.id, "private", 24, header="帮扶对象", name="paired", look=paired, mask=_names_masked),
        Column(Pairing.id, "private", 20, header="困难类别", name="hardships", look=hardships, mask=hidden),
        Column(Pairing.categories, "codes", 20, words="category"),
        Column(Pairing.content, "long_text", 30),
        Column(Pairing.starts_on, "date", 11),
        Column(Pairing.ends_on, "date", 11),
        Column(Pairing.unit_person, width=12),
        Column(Pairing.station_person, width=12),
        Column(Pairing.promised_visits, "int", 11),
        Column(Pairing.promised_minutes, "hours", 12, header="每季承诺工时（小时）"),
        Column(_visits, "int", 10, header="活动次数", name="visits", total=True),
        Column(_minutes, "hours", 12, header="服务时长（小时）", name="minutes", total=True),
        Column(Pairing.id, width=26, header="帮扶成效", name="effects", look=effects),
        Column(Pairing.state, "state", 9),
        Column(Pairing.ended_on, "date", 11),
        Column(Pairing.ended_for, "long_text", 20),
    ),
    _joins, order=Pairing.starts_on, day=Pairing.starts_on, filters=("state", "unit", "form"),
    leaves_out=("draft", "submitted"),
)  # fmt: skip
