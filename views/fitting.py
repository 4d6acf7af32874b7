"""What fits a cell of paper whose size is fixed: no text is cut without the print saying where the rest of it stands."""

from unicodedata import east_asian_width

REST = "…（全文见附页）"


def width(text: str) -> int:
    """How wide a text is set, in ideographs; two letters or figures take the room of one."""
    return -(-sum(2 if east_asian_width(one) in "WFA" else 1 for one in text) // 2)


def fitted(text: str, room: int) -> str:
    """The text as it stands in a cell with room for so many ideographs: whole, or its beginning and where the rest is."""
    if width(text) <= room:
        return text
    kept = text
    while kept and width(kept) > room - width(REST):
        kept = kept[:-1]
    return kept + REST


class Leaf:
    """The leaf behind the pages (附页): whatever did not fit its cell, in full, in the order in which it was set."""

    def __init__(self) -> None:
        self.rest: list[tuple[str, str]] = []  # where it belongs, and the whole text

    def tell(self, where: str, text: str, room: int) -> str:
        """The text as it stands in its cell; where it does not fit, the whole of it goes on the leaf."""
        shown = fitted(text, room)
        if shown != text:
            self.rest.append((where, text))
        return shown

    def by_text(self) -> list[tuple[str, str]]:
        """The same, where one text that several cells name stands once below all of them."""
        told: dict[str, list[str]] = {}
        for where, text in self.rest:
            places = told.setdefault(text, [])
            places += [where] if where not in places else []
        return [("、".join(places), text) for text, places in told.items()]
