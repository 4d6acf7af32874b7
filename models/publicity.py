"""宣传 (方案 三(4)): what may not be read in public, wherever text goes out: stories, projects, posts, notices, honours.

Terms marked 不公开 say which group somebody belongs to (残疾人、服刑人员子女……); a recipient's name says who. Both are
refused before anything is published, with their place in the text; what was published before this was asked is
blanked where it is shown (`views.public`).
"""

from collections.abc import Mapping

from peewee import fn

from models.base import BaseModel, on_postgres
from models.households import Household, Recipient
from models.together import asked_once, is_together
from models.vocabulary import Term
from models.volunteers import Volunteer
from rules.findings import Finding
from rules.publicity import exposed


@asked_once
def hidden_words() -> list[str]:
    """The names of the terms that are marked 不公开, the longest first."""
    words = [name for (name,) in Term.select(Term.name).where(Term.sensitive).tuples()]
    return sorted(set(words), key=lambda word: (-len(word), word))


def people_in(text: str, station_id: int | None) -> list[str]:
    """Names of people whom the station serves that stand in the text; one that a volunteer of it bears too is no sign."""
    if station_id is None or not text:
        return []
    if is_together():
        found = {name for name in _served(station_id) if name in text}
    else:
        find = fn.STRPOS if on_postgres() else fn.INSTR
        found = set()
        for model in (Recipient, Household):
            rows = model.select(model.name).where(model.station == station_id, find(text, model.name) > 0)
            found |= {name for (name,) in rows.tuples() if len(name) > 1}
    if not found:
        return []
    mine = Volunteer.select(Volunteer.name).where(Volunteer.station == station_id, Volunteer.name.in_(found))
    return sorted(found - {name for (name,) in mine.tuples()})


@asked_once
def _served(station_id: int) -> set[str]:
    """Names of everybody whom the station serves, for many texts at once."""
    names: set[str] = set()
    for model in (Recipient, Household):
        rows = model.select(model.name).where(model.station == station_id).tuples()
        names |= {name for (name,) in rows if len(name) > 1}
    return names


def check_public(row: BaseModel, texts: Mapping[str, str], station_id: int | None = None) -> list[Finding]:
    """A finding for whatever in these columns (name -> label) of a row nobody may read in public, with its place."""
    said = {name: getattr(row, name) or "" for name in texts}
    if not any(said.values()):
        return []
    words, people = hidden_words(), people_in("\n".join(said.values()), station_id)
    return [finding for name, label in texts.items() for finding in exposed(said[name], name, label, words, people)]
