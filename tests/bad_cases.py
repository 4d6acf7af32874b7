"""The corpus of bad input as data: `tests/bad_input/*.toml` read into cases. ``python -m tests.bad_cases`` counts them by kind."""

import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from rules.identity import make_resident_id

CORPUS = Path(__file__).parent / "bad_input"


@dataclass
class Case:
    file: str
    about: str
    id: str
    where: str
    value: Any = ""
    says: str = ""
    kept: Any = None
    more: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.file}-{self.id}"


_PUT = {
    "wide": lambda text: text.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)}),
    "spaced": lambda text: f" {text[:6]} {text[6:14]} {text[14:]} ",
    "dashed": lambda text: f"{text[:6]}-{text[6:14]}-{text[14:]}",
    "lower": str.lower,
    "letters": lambda text: text.replace("0", "O", 1),
    "hidden": lambda text: "\u202d" + "\u200b".join(text) + "\ufeff",
}


def _made(value: Any) -> Any:
    """``<<id 530102 19910203 11>>`` is a synthetic number with its check digit; ``<<id … bad>>`` has a wrong one."""

    def number(found: re.Match[str]) -> str:
        area, day, turn, *rest = found[1].split()
        right = make_resident_id(area, datetime.strptime(day, "%Y%m%d").date(), int(turn))
        return right[:17] + str((int(right[17].replace("X", "5")) + 1) % 10) if rest else right

    return re.sub(r"<<id ([^>]*)>>", number, value) if isinstance(value, str) else value


def cases() -> Iterator[Case]:
    for path in sorted(CORPUS.glob("*.toml")):
        said = tomllib.loads(path.read_text("utf-8"))
        for one in said["case"]:
            more = {k: v for k, v in one.items() if k not in ("id", "where", "value", "says", "kept")}
            value = _made(one.get("value", ""))
            if "put" in more:
                value = _PUT[more["put"]](value)
            value = value * more["times"] + more.get("tail", "") if "times" in more else value
            yield Case(path.stem, said["about"], one["id"], one.get("where", said.get("where", "")), value,
                       one.get("says", ""), _made(one.get("kept")), more)  # fmt: skip


CASES = list(cases())


def main() -> None:
    """The cases of each kind, counted."""
    for about, times in Counter(case.about for case in CASES).items():
        sys.stdout.write(f"{times:4d}  {about}\n")
    sys.stdout.write(f"{len(CASES):4d}  in all\n")


if __name__ == "__main__":
    main()
