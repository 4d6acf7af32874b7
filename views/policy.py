"""政策: what is in force here today, in plain words: whose each parameter is, since when, within which bounds."""

from typing import Any

from flask import Response, abort, request
from flask_admin import expose

from models import clock, policy
from models.decisions import readable
from models.people import Account
from models.policy import PolicyVersion
from models.policy_drafts import names_of
from models.policy_words import Words
from models.scope import Actor
from models.stations import Division, Station
from rules import policy_files
from rules.access import DIVISION_ROLES, TABLE, Role
from rules.divisions import contains, level, lineage
from rules.policy import PolicyBook, Release, Version, title_of
from rules.policy_office import LAYS_DOWN
from rules.topics import TOPICS, PolicyError
from views import policy_lines
from views.asking import actor, allowed
from views.gate import right
from views.pages import DeskPage
from views.policy_lines import Shown, compared, names_in

LONGEST_KEY = 200  # characters; five divisions' parts are a hundred


def shown(version: Version, division: str) -> Shown:
    """A version in plain words, as it binds ``division``."""
    return policy_lines.shown(version, title_of(version.topic), division, names_in([version]), Words())


class PolicyPage(DeskPage):
    """Which parameters bind this station or division today, how it came to them, and what two versions differ in."""

    title = "政策参数"
    step = "政策与设置"
    resource = "policy"

    @expose("/")
    @right("see")
    def index(self) -> str:
        place, code = _place(actor())
        book, today, missing, found = policy.book(division=code), clock.today(), [], []
        for topic in TOPICS:
            try:
                found.append(book.on(topic, code, today))
            except PolicyError:
                missing.append(title_of(topic))
        names, say = names_in(found), Words()
        return self.render(
            "desk/policy.html", missing=missing, place=place, code=code, today=today,
            topics=[policy_lines.shown(one, title_of(one.topic), code, names, say) for one in found],
            drafts=_may_draft(actor(), code), **_places(actor(), code),
        )  # fmt: skip

    @expose("/version/")
    @right("see")
    def version_view(self) -> str:
        """The text of one version, by the key that a judged row keeps.

        Another county's is read by whoever may see a row that it judged, such as a visitor's record: ``of`` names it.
        """
        key = request.args.get("key", "")
        try:
            version = policy.book(topic=key.partition("@")[0]).find(key) if _judged_by(key) else _version(key)
        except KeyError:  # a row that was changed past the program may name anything
            abort(404)
        return self.render("desk/policy_version.html", one=shown(version, _place(actor())[1]))

    @expose("/history/")
    @right("see")
    def history_view(self) -> str:
        """Every release of the lineage for one topic, the newest first, to look at and to compare two of them."""
        place, code = _place(actor())
        topic = _topic(request.args.get("topic", ""))
        book = policy.book(topic=topic, division=code)
        return self.render(
            "desk/policy_history.html", topic=topic, title=title_of(topic), place=place, code=code, today=clock.today(),
            rows=_history(book, topic, code), **_places(actor(), code),
        )  # fmt: skip

    @expose("/compare/")
    @right("see")
    def compare_view(self) -> str:
        """Two versions of one topic side by side, by their keys."""
        a, b = (_version(request.args.get(name, "")) for name in ("a", "b"))
        if a.topic != b.topic:
            abort(404)
        pairs = compared(a, b, names_in([a, b]))
        everything = "all" in request.args
        return self.render(
            "desk/policy_compare.html", a=a, b=b, title=title_of(a.topic), names=names_in([a, b]), everything=everything,
            pairs=[p for p in pairs if everything or p.differs], same=sum(not p.differs for p in pairs), code=_place(actor())[1],
        )  # fmt: skip

    @expose("/toml/")
    @right("see")
    def toml_view(self) -> Response:
        """One release by its key, or what is in force of a topic, as a file."""
        if key := request.args.get("key", ""):
            one = _release(key)
            return as_file(policy_files.written(one), f"{one.topic}-{one.division}-{one.since}.toml")
        _, code = _place(actor())
        topic = _topic(request.args.get("topic", ""))
        try:
            version = policy.book(topic=topic, division=code).on(topic, code, clock.today())
        except PolicyError:
            abort(404)
        return as_file(policy_files.in_force(version), f"{topic}-{code}.toml")


def as_file(text: str, name: str) -> Response:
    """A policy to be kept as a file."""
    return Response(
        text, mimetype="application/toml", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _topic(name: str) -> str:
    if name not in TOPICS:
        abort(404)
    return name


def _place(by: Actor) -> tuple[str, str]:
    """Name and division code of where this person works; or of a division within hers that the address names."""
    if by.station_id:
        station = Station.get_by_id(by.station_id)
        return station.name, str(station.division_id)
    code = request.args.get("division", "") or str(by.division)
    found = Division.get_or_none(Division.code == code)
    if found is None or by.role not in DIVISION_ROLES or not contains(str(by.division), code):
        abort(404)
    return found.name, code


def _places(by: Actor, code: str) -> dict[str, Any]:
    """The way from the person's own division to the one looked at, and the divisions right below that set policy."""
    if by.station_id:
        return {"way": [], "below": []}
    way = [c for c in lineage(code) if contains(str(by.division), c)]
    below = Division.select(Division.code, Division.name).where(Division.parent == code, Division.active)
    names = names_of(way)
    return {
        "way": [(c, names[c]) for c in way],
        "below": list(below.order_by(Division.code).tuples()) if level(code) in ("province", "prefecture") else [],
    }


def _may_draft(by: Actor, code: str) -> bool:
    return by.role == Role.SUPERVISOR and by.division == code and level(code) in LAYS_DOWN


def _known(topic: str, divisions: list[str]) -> PolicyBook:
    """The releases of a topic, where all these divisions lie on one line with the person's own. Aborts with 404."""
    by = actor()
    own = str(Station.get_by_id(by.station_id).division_id) if by.station_id else str(by.division)
    for division in divisions:
        try:
            if not (contains(division, own) or contains(own, division)):
                abort(404)
        except ValueError:
            abort(404)
    return policy.book(topic=_topic(topic), division=max([own, *divisions], key=len))


def _judged_by(key: str) -> bool:
    """Whether the address names a row that this version judged and that the person may see."""
    resource, _, number = request.args.get("of", "").partition(":")
    return resource in TABLE and allowed("see", resource) and readable(key, resource, number, actor())


def _version(key: str) -> Version:
    """The version of a key: what a judged row keeps, or one release's, which stands for what it brought about."""
    topic, _, rest = key[:LONGEST_KEY].partition("@")
    book = _known(topic, [short.partition(":")[0] for short in rest.split("+")])
    try:
        return book.find(key)
    except KeyError:
        abort(404)
    except PolicyError:  # a release that says only what its division sets: read with those above it
        one = _release(key)
        return book.on(topic, one.division, one.since)


def _release(key: str) -> Release:
    topic, _, rest = key[:LONGEST_KEY].partition("@")
    division = rest.partition(":")[0]
    for one in _known(topic, [division]).releases(topic, division):
        if one.key == key:
            return one
    abort(404)


def _history(book: PolicyBook, topic: str, code: str) -> list[dict[str, Any]]:
    """The releases of the lineage with who released them, and the key of what each brought about for ``code``."""
    some = sorted(
        (one for division in lineage(code) for one in book.releases(topic, division)),
        key=lambda one: (one.since, len(one.division), one.edition), reverse=True,
    )  # fmt: skip
    by_key = {
        row.release().key: row
        for row in PolicyVersion.select().where(PolicyVersion.topic == topic, PolicyVersion.division.in_(lineage(code)))
    }
    people = dict(
        Account.select(Account.id, Account.name).where(Account.id.in_([r.released_by for r in by_key.values() if r.released_by])).tuples()
    )
    names = names_of({one.division for one in some})
    rows = []
    for one in some:
        try:
            version = book.on(topic, code, one.since)
        except PolicyError:
            version = None
        row = by_key.get(one.key)
        rows.append({
            "release": one, "division": names[one.division], "own": one.division == code,
            "version": version.key if version and one in version.parts else "",
            "who": people.get(row.released_by, "") if row else "", "at": row.released_at if row else None,
            "sets": len(one.values),
        })  # fmt: skip
    return rows
