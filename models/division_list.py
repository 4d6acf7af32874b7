"""区划 (方案 三(2)): a list of streets or communities taken in whole or not at all.

The list is what the statistics bureau publishes: a code and a name a row. Taken in a second time it changes nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from models import clock
from models.audit import trail
from models.base import transaction
from models.moves import permit
from models.scope import Actor
from models.stations import Division
from rules.divisions import check_code, contains, level, parent, without_padding
from rules.reading import half_width, read_text, unkept

CHUNK = 500  # rows in one statement; both databases limit the values of a statement


@dataclass(frozen=True)
class Line:
    """One row of the list as it was read. ``number`` is the row's number in the file, from 1."""

    number: int
    code: str
    name: str


@dataclass
class Taken:
    """What came of a list. With anything refused nothing was written."""

    new: int = 0
    same: int = 0
    renamed: list[str] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)


def take_in(lines: Sequence[Line], by: Actor, file_name: str = "") -> Taken:
    """Enter the divisions of a list; parents must be in it too or be there already.

    One transaction, one trail entry. Raises ``Refusal`` for whoever may not; bad rows are answered, not raised.
    """
    permit(by, "import", "divisions")
    clean = [Line(line.number, _code(line.code), read_text(line.name)) for line in lines]
    with transaction():
        kept = _names({c for line in clean for c in (line.code, _parent(line.code)) if c})
        known = kept.keys() | {line.code for line in clean}
        taken, entering, renaming = Taken(), [], []
        seen: dict[str, int] = {}
        for line in clean:
            wrong = _wrong(line, by, known, seen)
            seen.setdefault(line.code, line.number)
            if wrong:
                taken.refused.append((line.number, wrong))
            elif line.code not in kept:
                entering.append(line)
            elif kept[line.code] == line.name:
                taken.same += 1
            else:
                taken.renamed.append(f"{line.code} {kept[line.code]} → {line.name}")
                renaming.append(line)
        if taken.refused:
            return Taken(refused=taken.refused)
        taken.new = len(entering)
        _write(entering, renaming, by)
        if entering or renaming:
            after = {"new": taken.new, "renamed": taken.renamed, "file": file_name}
            trail(by, "import", Division._meta.table_name, "", after=after)
    return taken


def _code(text: str) -> str:
    """Digits only, without the zeros that published lists pad with."""
    return without_padding("".join(half_width(read_text(text)).split()))


def _parent(code: str) -> str | None:
    return None if check_code(code) else parent(code)


def _wrong(line: Line, by: Actor, known: set[str], seen: dict[str, int]) -> str:
    if not line.code:
        return "缺少区划代码。"
    findings = check_code(line.code, "code")
    if findings:
        return findings[0].says
    if line.code in seen:
        return f"代码 {line.code} 与第 {seen[line.code]} 行重复。"
    if not line.name:
        return f"代码 {line.code} 缺少名称。"
    if says := unkept(line.name):
        return f"名称{says}"
    if len(line.name) > Division.name.max_length:
        return f"名称最多 {Division.name.max_length} 个字，现在是 {len(line.name)} 个字。"
    if by.division and not contains(by.division, line.code):
        return f"代码 {line.code} 不在您负责的区划内。"
    above = parent(line.code)
    if above and above not in known:
        return f"上级区划 {above} 还没有登记，请先登记或导入上级。"
    return ""


def _names(codes: Iterable[str]) -> dict[str, str]:
    """code -> name of those that are registered."""
    wanted, found = sorted(codes), {}
    for at in range(0, len(wanted), CHUNK):
        some = Division.code.in_(wanted[at : at + CHUNK])
        found.update(Division.select(Division.code, Division.name).where(some).tuples())
    return found


def _write(entering: list[Line], renaming: list[Line], by: Actor) -> None:
    now = clock.now()
    rows = [
        {
            "code": line.code, "name": line.name, "level": level(line.code), "parent": parent(line.code),
            "active": True, "entered_by": by.account_id, "entered_at": now, "revision": 0,
        }
        for line in sorted(entering, key=lambda line: len(line.code))  # parents first
    ]  # fmt: skip
    for at in range(0, len(rows), CHUNK):
        Division.insert_many(rows[at : at + CHUNK]).execute()
    for line in renaming:
        Division.update(name=line.name, revision=Division.revision + 1).where(Division.code == line.code).execute()
