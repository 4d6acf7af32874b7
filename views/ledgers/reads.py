"""How the cells of a table of drafts are read: each reader is handed the cell, its header and the reading."""

import re
from collections.abc import Callable, Sequence
from datetime import date, time
from typing import Any

from models.base import BaseModel
from models.vocabulary import choices
from rules.reading import clean, read_date, read_digits, read_minutes, read_text, read_time, read_yes_no
from views.ledgers.incoming import Incoming, Reading

Read = Callable[[Any, str, Reading], Any]
_COUNTED = re.compile(r"([0-9]{1,9})\s*(?:人|次|户|名|位|个|人次|个月)?")


def column(model: type[BaseModel], name: str, words: str = "", **more: Any) -> Incoming:
    """A column of a model's, by the name that the model gives it."""
    return Incoming(name, model.label(name), words, **more)


def shown(key: str, label: str, words: str = "", **more: Any) -> Incoming:
    """A column that the ledger shows and a table cannot change."""
    return Incoming(key, label, words, fixed=True, **more)


def long_text(cell: Any, header: str, reading: Reading) -> str:
    """Several lines, as they were typed."""
    return clean(cell) if isinstance(cell, str) else read_text(cell)


def day(cell: Any, header: str, reading: Reading) -> date:
    return read_date(cell, year=reading.year)


def moment(cell: Any, header: str, reading: Reading) -> time:
    return read_time(cell)


def digits(cell: Any, header: str, reading: Reading) -> str:
    return read_digits(cell)


def yes(cell: Any, header: str, reading: Reading) -> bool:
    return read_yes_no(cell)


def number(cell: Any, header: str, reading: Reading) -> int:
    """A whole number, with its measure word or without."""
    text = read_text(cell)
    if not (found := _COUNTED.fullmatch(text)):
        raise ValueError(f"“{text[:20]}”不能认作整数，例如 12。")
    return int(found[1])


def length(cell: Any, header: str, reading: Reading) -> int:
    """Whole minutes; a bare number is hours unless the header says minutes."""
    if "分" in header and (found := re.fullmatch(r"(\d{1,6})(?:分钟?)?", read_text(cell))):
        return int(found[1])
    return read_minutes(cell)


def chosen(options: Sequence[tuple[str, str]], others: str = "") -> dict[str, Any]:
    """Reader and drop-down of a fixed list of (code, label); ``others`` are further words, as 紧急=2 很急=2."""
    by_word = {label: code for code, label in options}
    by_word |= dict(pair.split("=") for pair in others.split())

    def read(cell: Any, header: str, reading: Reading) -> str:
        text = re.sub(r"\s", "", read_text(cell))
        if text not in by_word:
            raise ValueError(f"没有“{text[:20]}”这一项，可填{'、'.join(label for _, label in options)}。")
        return by_word[text]

    return {"read": read, "choices": lambda: [label for _, label in options if label]}


def term(kind: str) -> dict[str, Any]:
    """Reader and drop-down of one word of a vocabulary; a word no longer used is read, for an old row may keep it."""
    return {"read": lambda cell, header, reading: _code(kind, cell, reading), "choices": _words(kind)}


def terms(kind: str) -> dict[str, Any]:
    """Reader of several words of a vocabulary."""

    def read(cell: Any, header: str, reading: Reading) -> list[str]:
        words = [word for word in re.split(r"[、,，;；/\s]+", read_text(cell)) if word]
        return sorted({_code(kind, word, reading) for word in words})

    return {"read": read}


def _words(kind: str) -> Callable[[], Sequence[str]]:
    return lambda: [name for _, name in choices(kind)]


def _code(kind: str, cell: Any, reading: Reading) -> str:
    try:
        return reading.words(kind).read_one(cell)
    except ValueError:
        if (text := read_text(cell)) not in reading.words(kind).retired:
            raise
        return reading.words(kind).retired[text]
