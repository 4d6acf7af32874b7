"""What a preview found, as its page shows it: figures in cards, the rows of one of them, stars from and to."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import current_app, url_for

from models.policy_drafts import PolicyDraft
from models.previews.ground import Ground
from models.previews.kept import PolicyPreview
from models.previews.outcome import LOOKED, Outcome
from rules.stars import stars_label
from views.asking import allowed
from views.wording import worded


@dataclass(frozen=True)
class Card:
    """One figure, large."""

    name: str
    label: str
    count: int
    unit: str
    says: str
    more: str  # what is summed beside it
    bad: bool
    listed: bool  # whether its rows may be seen


@dataclass(frozen=True)
class Rows:
    """The first rows behind one figure: headings with whether they are numbers, and (address, cells) of each row."""

    card: Card
    headings: list[tuple[str, bool]]
    rows: list[tuple[str, list[str]]]


@dataclass(frozen=True)
class Shown:
    """A preview in words."""

    cards: list[Card]
    rows: Rows | None
    crossed: list[tuple[str, str, int]]
    looked: list[tuple[str, str]]
    notes: list[str]
    day: date
    since: date
    stations: int

    @classmethod
    def of_kept(cls, kept: PolicyPreview, name: str) -> "Shown":
        """What was found when it was worked out. ``name`` is the figure whose rows are wanted."""
        return _shown(kept.outcome, name, kept.day, kept.since, kept.stations)


@dataclass(frozen=True)
class Foreseen:
    """What the last preview of a draft found, in short: for the draft's own page and for whoever is about to release it."""

    said: list[str]
    kept: PolicyPreview | None = None
    stale: bool = False


def foreseen(draft: PolicyDraft) -> Foreseen:
    """The figures of the last preview that are not nothing, a sentence each; or that there was none."""
    kept = PolicyPreview.latest(draft)
    if kept is None:
        return Foreseen([worded("还没有预演过它对真实数据的影响。")])
    cards = [card for card in Shown.of_kept(kept, "").cards if card.count]
    said = [worded("%(label)s：%(count)s %(unit)s", label=one.label, count=f"{one.count:,}", unit=one.unit) for one in cards]
    stale = kept.stale(draft)
    late = [worded("这是修改前的结果，请重新预演。")] if stale else []
    return Foreseen([*late, *(said or [worded("预演没有发现会因它改变的人、兑换或记录。")])], kept, stale)


def shown_of(ground: Ground, out: Outcome, name: str) -> Shown:
    """What was found just now."""
    return _shown(out.plain(), name, ground.day, ground.since, len(ground.stations))


def _shown(said: dict[str, Any], name: str, day: date, since: date, stations: int) -> Shown:
    figures = said["figures"]
    if name not in figures or not figures[name]["rows"]:
        name = next((one for one, counted in figures.items() if counted["rows"]), "")
    crossed = [(_star(was), _star(now), count) for was, now, count in said["crossed"]]
    return Shown(
        [_card(counted) for counted in figures.values()], _rows(figures[name]) if name else None, crossed,
        [(worded(LOOKED[what]), f"{count:,}") for what, count in said["looked"].items()],
        [worded(note) for note in said["notes"]], day, since, stations,
    )  # fmt: skip


def _card(counted: dict[str, Any]) -> Card:
    figure = counted["figure"]
    more = f"{worded(figure['sums'])} {counted['minutes'] / 60:,.2f} {worded('小时')}" if figure["sums"] else ""
    return Card(
        figure["name"], worded(figure["label"]), counted["count"], worded(figure["unit"]), worded(figure["says"]),
        more if counted["minutes"] else "", figure["bad"], bool(counted["rows"]),
    )  # fmt: skip


def _rows(counted: dict[str, Any]) -> Rows:
    figure = counted["figure"]
    kinds = [kind for _, kind in figure["columns"]]
    headings = [(worded(label), kind != "text") for label, kind in figure["columns"]]
    return Rows(
        _card(counted), headings,
        [(_address(figure["opens"], key), [_said(v, k) for v, k in zip(cells, kinds, strict=True)])
         for key, cells in counted["rows"]],
    )  # fmt: skip


def _said(value: Any, kind: str) -> str:
    if kind == "minutes":
        return f"{value / 60:,.2f}"
    return f"{value:,}" if kind == "count" else str(value)


def _address(screen: str, key: int) -> str:
    """The row's own page; blank for whoever sees no such screen."""
    route = f"{screen}.details_view"
    if route not in current_app.view_functions or not allowed("see", screen):
        return ""
    return url_for(route, id=key)


def _star(star: int) -> str:
    return worded(stars_label(star)) if star else worded("未达星级")
