"""公示中的本人事项 (民函〔2012〕340号; Order 67 art. 13): what of a volunteer's own hangs out, until when, and what she said of it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from peewee import Expression, ModelSelect, fn

from models import clock
from models.activities import Activity
from models.herself import herself
from models.moves import Staged
from models.notices import Notice, Objection, tables
from models.refusals import NotFound
from models.scope import Actor, within
from rules.notices import KINDS

MOST = 20  # of one kind: those that end first


@dataclass(frozen=True)
class Hanging:
    """One thing of hers on a notice; ``said`` is the last that she said of it there, None where she said nothing."""

    kind: str
    row: Staged
    said: Objection | None

    @property
    def notice(self) -> Notice:
        """The list on which it stands."""
        return self.row.notice  # type: ignore[attr-defined, no-any-return]


def _hung(volunteer: int, kind: str) -> Expression:
    listed = tables()[kind]
    out = Notice.select(Notice.id).where(Notice.state == "open", Notice.closes_on >= clock.today())
    return (listed.volunteer == volunteer) & (listed.state == "noticed") & listed.notice.in_(out)  # type: ignore[attr-defined, no-any-return]


def _rows(kind: str) -> ModelSelect:
    listed = tables()[kind]
    if kind != "records":
        return listed.select(listed, Notice).join(Notice)
    return listed.select(listed, Notice, Activity).join(Notice).join_from(listed, Activity)


def count(volunteer: int) -> int:
    """How many things of hers hang out today."""
    return sum(
        listed.select(fn.COUNT(1)).where(_hung(volunteer, kind)).scalar() for kind, listed in tables().items()
    )


def hanging(by: Actor) -> list[Hanging]:
    """What of hers hangs out today, of each kind those that end first; two statements a kind. Raises ``NotFound`` for
    whoever is no volunteer."""
    person, found = herself(by), []
    for kind, listed in tables().items():
        rows = list(_rows(kind).where(_hung(person.id, kind)).order_by(Notice.closes_on, listed.id).limit(MOST))  # type: ignore[attr-defined]
        said = _said(rows, by)
        found += [Hanging(kind, row, said.get((row.notice_id, row.id))) for row in rows]
    return found


def hung(kind: str, key: int, by: Actor) -> Hanging:
    """One thing of hers that hangs out or once did. Raises ``NotFound`` for what is not hers and what never did."""
    if kind not in KINDS:
        raise NotFound()
    person, listed = herself(by), tables()[kind]
    mine = (listed.id == key) & (listed.volunteer == person.id)  # type: ignore[attr-defined]
    row = _rows(kind).where(mine).first()  # without a notice there is nothing to join
    if row is None:
        raise NotFound()
    return Hanging(kind, row, _said([row], by).get((row.notice_id, row.id)))


def _said(rows: Iterable[Staged], by: Actor) -> dict[tuple[int, int], Objection]:
    """The last that she said of each of these, by notice and line."""
    notices, keys = {row.notice_id for row in rows}, {row.id for row in rows}  # type: ignore[attr-defined]
    if not keys:
        return {}
    mine = Objection.select().where(Objection.notice.in_(notices), Objection.record.in_(keys), within(Objection, by))
    return {(one.notice_id, one.record): one for one in mine.order_by(Objection.id)}


def lines_of(objections: Iterable[Objection], by: Actor) -> dict[int, Staged]:
    """What each of her objections is about, by the objection's key; a statement a kind. The notices are joined already."""
    person, asked = herself(by), defaultdict(list)
    for one in objections:
        asked[one.notice.kind].append(one)
    found = {}
    for kind, some in asked.items():
        listed = tables()[kind]
        rows = listed.select(listed, Activity).join(Activity) if kind == "records" else listed.select()
        mine = rows.where(listed.id.in_({one.record for one in some}), listed.volunteer == person.id)  # type: ignore[attr-defined]
        known = {row.id: row for row in mine}
        found |= {one.id: known[one.record] for one in some if one.record in known}
    return found
