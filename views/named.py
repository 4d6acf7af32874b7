"""Named lists: rows of a stage that somebody should look at (超过 N 天未答复……), as tabs of its list and in the inbox."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import current_app
from peewee import Expression, fn

from models.base import BaseModel
from models.scope import Actor, within
from rules.access import may
from views.waiting import CAP


@dataclass(frozen=True)
class Named:
    """One such list: its heading, the condition for whoever asks, and the roles whose inbox it stands in."""

    label: str
    where: Callable[[Actor], Expression]
    waits_for: str = ""


@dataclass(frozen=True)
class Tab:
    """A named list as a page shows it, with how many rows it has, counted to `waiting.CAP` + 1."""

    name: str
    label: str
    count: int
    current: bool = False


def tabs(model: type[BaseModel], lists: Mapping[str, Named], current: str, by: Actor) -> list[Tab]:
    """The lists of one screen, one small count each: of the one on the page now, of the others not long ago."""
    badges = current_app.extensions["badges"]

    def count(name: str, one: Named) -> int:
        return (
            _count(model, one, by)
            if name == current
            else badges.kept((by, model, name), lambda: _count(model, one, by))
        )

    return [Tab(name, one.label, count(name, one), name == current) for name, one in lists.items()]


def _count(model: type[BaseModel], one: Named, by: Actor) -> int:
    some = model.select(model._meta.primary_key).where(within(model, by), one.where(by)).limit(CAP + 1)
    return model.select(fn.COUNT(1)).from_(some).scalar()


@dataclass(frozen=True)
class Attention:
    """A named list with something in it, as the inbox shows it."""

    endpoint: str
    noun: str
    tab: Tab


def attention(screens, by: Actor) -> list[Attention]:
    """The lists that wait for this person's role and are not empty, over all screens that she may see."""
    found = []
    for screen in screens:
        mine = {name: one for name, one in getattr(screen, "named", {}).items() if by.role in one.waits_for.split()}
        if mine and may(by.role, "see", screen.resource):
            for name, one in mine.items():
                if count := _count(screen.model, one, by):
                    found.append(Attention(screen.endpoint, screen.title, Tab(name, one.label, count)))
    return found
