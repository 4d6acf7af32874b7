"""A list narrowed to what a figure of the statistics counts: ``?count=active&since=2026-01&until=2026-11&beneath=5301``."""

from dataclasses import replace

from peewee import Expression
from werkzeug.datastructures import MultiDict

from models import clock
from models.base import BaseModel
from models.certificate_counts import CERTIFIED
from models.scope import Actor, within
from models.stations import Division
from models.statistics import CROSSES, MEASURES, Period
from rules.divisions import check_code, contains
from views.wording import worded

COUNTS = MEASURES | {CERTIFIED.name: CERTIFIED}
ASKS = ("count", "since", "until", "beneath")  # of the address; a page's filter form hands them on


def narrowed(model: type[BaseModel], asked: MultiDict, by: Actor) -> tuple[list[Expression], str]:
    """The conditions and the sentence that says them; none where nothing is asked for or it is not this person's."""
    conditions, said = [], []
    name = asked.get("count", "")
    if (measure := COUNTS.get(name)) is not None and measure.model is model:
        period = Period.of(asked.get("since", ""), asked.get("until", ""), clock.today())
        conditions.append(measure.where(period))
        said.append(f"{worded(measure.label)} {period.first:%Y-%m} — {period.last:%Y-%m}")
    if (cross := CROSSES.get(name)) is not None and cross.model is model:
        conditions.append(cross.where())
        said.append(worded(cross.title))
    code = asked.get("beneath", "")
    if code and by.division and not check_code(code) and contains(by.division, code):
        conditions.append(within(model, replace(by, division=code)))
        said.append(Division.in_full(Division.select().where(Division.code == code)).get(code, code))
    return conditions, " · ".join(said)
