"""The form of a policy draft, made from the typed schema: one box a parameter, tables as rows that work without script."""

import re
from dataclasses import MISSING, dataclass, field, fields
from datetime import date
from typing import Any

from models.policy_words import VOCABULARIES, Words, unit_of
from models.vocabulary import choices as terms_of
from rules.divisions import level
from rules.findings import Finding
from rules.policy import Bound, Release, Version, parameters
from rules.policy_office import BOUNDS, LAYS_DOWN, VALUES, plain, plain_bound, refusal, row_kind
from rules.reading import half_width
from rules.topics import TOPICS
from views.policy_lines import Table, table_of, word
from views.wording import worded

BLANK_ROWS = 3  # after the rows that a table has
MOST_ROWS = 60  # of a table that a form takes; the longest published has ten


@dataclass
class Box:
    """One parameter: what those above say, and what this division says or means to say."""

    name: str
    spec: Any
    parent: str = ""  # in words; blank for the province
    parent_unit: str = ""
    parent_table: Table | None = None
    owner: str = ""  # whose value that is
    own: bool = True  # whether the division sets it itself
    value: Any = None  # plain, or as it was typed
    rows: list[dict[str, Any]] = field(default_factory=list)
    limits: dict[str, int] = field(default_factory=dict)  # min and max of a number, those above included
    ceiling: list[str] = field(default_factory=list)  # the bounds of those above, in words
    bound: dict[str, Any] = field(default_factory=dict)  # for those below
    errors: list[str] = field(default_factory=list)
    bound_errors: list[str] = field(default_factory=list)
    saved: str = ""  # what somebody else saved in between

    @property
    def kind(self) -> str:
        """Which control it takes."""
        return kind_of(self.spec)

    @property
    def choices(self) -> list[tuple[str, str]]:
        return choices_of(self.spec, self.value)

    @property
    def columns(self) -> list[Any]:
        """Of a table."""
        inner = row_kind(self.spec)
        return list(fields(inner)) if inner else []


def kind_of(spec: Any) -> str:
    """number, yesno, choice, ticks, rows or text."""
    if row_kind(spec):
        return "rows"
    if spec.type is bool:
        return "yesno"
    if spec.type is int:
        return "number"
    if spec.type is not str:
        return "ticks"
    return "choice" if spec.metadata["choices"] or spec.metadata["codes"] else "text"


def choices_of(spec: Any, value: Any = None) -> list[tuple[str, str]]:
    """What may be chosen, in words; a retired term stays where it was chosen."""
    if spec.metadata["codes"]:
        offered = terms_of(VOCABULARIES[spec.name])
        kept = [v for v in ([value] if isinstance(value, str) else value or ()) if v and v not in dict(offered)]
        return [*offered, *((code, word(spec.name, code)) for code in kept)]
    return [(code, word(spec.name, code)) for code in spec.metadata["choices"]]


class DraftForm:
    """All boxes of a topic for one division, with the day, the source and the note."""

    def __init__(self, topic: str, division: str, above: Version | None, names: dict[str, str]) -> None:
        self.topic, self.division, self.above = topic, division, above
        self.inherits = above is not None
        self.bounds_below = level(division) in ("province", "prefecture")
        self.since: Any = None
        self.source = self.note = ""
        self.errors: dict[str, list[str]] = {}
        say = Words()
        self.boxes = {
            name: self._box(name, spec, above, names, say) for name, spec in parameters(TOPICS[topic]).items()
        }

    def _box(self, name: str, spec: Any, above: Version | None, names: dict[str, str], say: Words) -> Box:
        box = Box(name, spec)
        box.limits = {key: spec.metadata[at] for key, at in (("min", "low"), ("max", "high")) if spec.metadata[at] is not None}
        if above is None:
            return box
        value = getattr(above.rule, name)
        inner = row_kind(spec)
        box.parent_table = table_of("", inner, value) if inner and value else None
        box.parent = word(name, value) if not box.parent_table else ""
        box.parent_unit = unit_of(spec.metadata, value)
        box.owner = names[above.origins[name].division]
        box.own, box.value = False, plain(value)
        for part in above.parts:
            if bound := part.bounds.get(name):
                box.ceiling.append(refusal(bound, LAYS_DOWN[level(part.division)], spec.metadata, name, say))
                box.limits = _narrowed(box.limits, bound)
        return box

    @property
    def groups(self) -> list[tuple[str, list[Box]]]:
        """The boxes under their headings, in the order of the schema."""
        found: dict[str, list[Box]] = {}
        for box in self.boxes.values():
            found.setdefault(box.spec.metadata["group"], []).append(box)
        return list(found.items())

    # --- filling it in ---

    def take_release(self, one: Release | None) -> None:
        """What the division laid down, or drafted, earlier."""
        for name, value in (one.values if one else {}).items():
            self.boxes[name].own, self.boxes[name].value = True, plain(value)
        for name, bound in (one.bounds if one else {}).items():
            self.boxes[name].bound = plain_bound(bound)
        if one is not None and self.above is None:
            for box in self.boxes.values():
                if box.value is None and box.spec.default is not MISSING:
                    box.value = plain(box.spec.default)
        self._lay_out()

    def take_draft(self, row: Any) -> None:
        """What a draft says, whether or not it follows the schema."""
        for name, box in self.boxes.items():
            box.own = not self.inherits or name in row.values
            box.value = row.values.get(name, box.value)
            box.bound = row.bounds.get(name, {})
            if box.value is None and box.spec.default is not MISSING:
                box.value = plain(box.spec.default)
        self.since, self.source, self.note = row.since, row.source, row.note
        self._lay_out()

    def take_typed(self, form: Any) -> None:
        """What was sent, kept as it was typed where it is no value."""
        text = form.get("since", "").strip()
        try:
            self.since = date.fromisoformat(text) if text else None
        except ValueError:
            self.since = text
        self.source, self.note = form.get("source", "").strip(), form.get("note", "").strip()
        for name, box in self.boxes.items():
            box.own = not self.inherits or form.get(f"how.{name}") == "own"
            box.value = self._typed(box, form)
            box.bound = _typed_bound(name, form) if self.bounds_below else {}
        self._lay_out(more=form.get("_more", ""))

    def _typed(self, box: Box, form: Any) -> Any:
        name = f"v.{box.name}"
        if box.kind != "rows":
            return _typed(box.spec, name, form)
        pattern = re.compile(re.escape(name) + r"\.(\d{1,3})\.\w+")
        numbers = sorted({int(found[1]) for key in form if (found := pattern.fullmatch(key))})[:MOST_ROWS]
        rows = []
        for number in numbers:
            row = {c.name: _typed(c, f"{name}.{number}.{c.name}", form) for c in box.columns}
            if not form.get(f"{name}.{number}.gone") and any(v not in ("", [], False) for v in row.values()):
                rows.append({c.name: row[c.name] for c in box.columns if row[c.name] != "" or c.default is MISSING})
        return rows

    def _lay_out(self, more: str = "") -> None:
        """A table's rows, and blank ones after them."""
        for box in self.boxes.values():
            if box.kind == "rows":
                blank = [{} for _ in range(BLANK_ROWS * (2 if more == box.name else 1))]
                box.rows = [*(box.value or []), *blank][:MOST_ROWS]

    # --- what it says ---

    def said(self) -> dict[str, Any]:
        """As the data layer takes it."""
        return {
            "since": self.since, "source": self.source, "note": self.note,
            "values": {name: box.value for name, box in self.boxes.items() if box.own},
            "bounds": {name: box.bound for name, box in self.boxes.items() if box.bound},
        }  # fmt: skip

    def take(self, findings: list[Finding]) -> None:
        """Put each finding beside its box; what belongs to none is said at the top."""
        for one in findings:
            prefix = next((p for p in (VALUES, BOUNDS) if one.where.startswith(p)), "")
            box = self.boxes.get(one.where.removeprefix(prefix)) if prefix else None
            if box is None:
                self.errors.setdefault(one.where, []).append(one.says)
            elif prefix == VALUES:
                box.errors.append(one.says)
            else:
                box.bound_errors.append(one.says)

    def compare(self, row: Any) -> None:
        """Beside each box that differs, what somebody else saved in between."""
        for name, box in self.boxes.items():
            saved = row.values.get(name)
            if (name in row.values) != box.own or (box.own and saved != box.value):
                followed = worded("沿用上级") if name not in row.values else ""
                box.saved = followed or (worded("（空）") if saved in (None, "", []) else _in_words(box, saved))

    @property
    def wrong(self) -> list[Box]:
        return [box for box in self.boxes.values() if box.errors or box.bound_errors]

    @property
    def bound_boxes(self) -> list[Box]:
        return [box for _, some in self.groups for box in some] if self.bounds_below else []

    @property
    def bounds_said(self) -> bool:
        """Whether the folded part has something in it."""
        return any(box.bound or box.bound_errors for box in self.boxes.values())


def _in_words(box: Box, saved: Any) -> str:
    if box.kind != "rows":
        return word(box.name, saved)
    said = (worded("、").join(word(name, value) for name, value in row.items()) for row in saved)
    return worded("；").join(said)


def _typed(spec: Any, name: str, form: Any) -> Any:
    kind, text = kind_of(spec), form.get(name, "").strip()
    if kind == "ticks":
        return form.getlist(name)
    if kind == "yesno":
        return text == "true" if text in ("true", "false", "") else text
    return _whole(text) if kind == "number" else text.replace("\r\n", "\n")  # what a textarea sends


def _whole(text: str) -> int | str:
    try:
        return int(half_width(text))
    except ValueError:
        return text


def _typed_bound(name: str, form: Any) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for end in ("low", "high"):
        if text := form.get(f"b.{name}.{end}", "").strip():
            said[end] = _whole(text)
    if only := form.getlist(f"b.{name}.only"):
        said["only"] = only
    if form.get(f"b.{name}.locked"):
        said["locked"] = True
    return said


def _narrowed(limits: dict[str, int], bound: Bound) -> dict[str, int]:
    done = dict(limits)
    if bound.low is not None:
        done["min"] = max(bound.low, done.get("min", bound.low))
    if bound.high is not None:
        done["max"] = min(bound.high, done.get("max", bound.high))
    return done
