"""判定依据: the section of a detail page that shows by which version a row was judged, on what, and that it comes out again."""

from dataclasses import dataclass
from typing import Any

from flask import url_for

from models import decisions
from models.base import BaseModel
from models.decisions import Judgement
from rules.policy import title_of
from rules.stars import stars_label
from views import cells
from views.asking import allowed
from views.wording import worded

# What a decision rests on beyond the row's own columns.
LABELS = {
    "registered_on": "注册日期",
    "judged_on": "判定日期",
    "balance_minutes": "当时可兑换工时",
    "honour_minutes": "当时荣誉工时",
    "points_this_year": "当时本年已兑换积分",
    "age": "当时年龄",
    "standing_star": "当时星级",
    "appeal_until": "申诉期限",
}
MINUTES = ("balance_minutes", "honour_minutes")


@dataclass(frozen=True)
class Shown:
    """One decision as the page shows it: labels beside values in words, and the way to the version's text."""

    title: str
    version: str
    url: str
    source: str
    owner: str
    derived: bool
    inputs: list[tuple[str, str]]
    outcome: list[tuple[str, str]]
    says: tuple[str, ...]
    differs: tuple[str, ...]


def shown(row: BaseModel) -> list[Shown]:
    """The decisions that a row rests on, for whoever sees the row."""
    return [_shown(row, one) for one in decisions.of(row)]


def _shown(row: BaseModel, one: Judgement) -> Shown:
    topic = one.key.partition("@")[0]
    table = one.row  # whose columns the inputs are: an entry's decision is that of its record
    link = (
        url_for("policy.version_view", key=one.key, of=named(row)) if one.version and allowed("see", "policy") else ""
    )
    return Shown(
        title_of(topic) if one.version else one.title,
        cells.policy_words(one.key) if one.version else one.key, link,
        one.version.source if one.version else "", worded("、").join(one.lays), one.derived,
        [_pair(table, name, value) for name, value in one.inputs if value not in (None, "")],
        [_pair(table, name, value) for name, value in one.outcome if value not in (None, "")],
        one.again.says, one.again.differs,
    )  # fmt: skip


def named(row: BaseModel) -> str:
    """A row as an address of a version names it, so that its readers may read the version too."""
    return f"{row.resource}:{row._pk}"


def _pair(row: BaseModel, name: str, value: Any) -> tuple[str, str]:
    own = row._meta.fields.get(name)
    if own is None:
        text = f"{value / 60:.2f} {worded('小时')}" if name in MINUTES else cells.text(None, name, value)
        return worded(LABELS[name]), worded(stars_label(value)) if name == "standing_star" else text
    unit = f" {worded('分钟')}" if name == "travel_minutes" else f" {worded('小时')}" if name in cells.HOURS else ""
    return worded(own.verbose_name), f"{cells.text(own, name, value)}{unit}"
