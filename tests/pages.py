"""The forms of a page as a browser would send them back: every box with what stands in it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def sent(self) -> dict[str, list[str]]:
        """The boxes, and the first button that bears a name."""
        found: dict[str, list[str]] = {}
        for name, value in [*self.fields, *self.buttons[:1]]:
            found.setdefault(name, []).append(value)
        return found


class Forms(HTMLParser):
    """``Forms.of(html)``: the forms in their order; boxes of other forms' (``form=``) are left out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.open: Form | None = None
        self.select = ""
        self.first: str | None = None
        self.area = ""
        self.text = ""

    @classmethod
    def of(cls, html: str) -> list[Form]:
        reader = cls()
        reader.feed(html)
        return reader.found

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        if tag == "form":
            self.open = Form(said.get("action") or "", (said.get("method") or "get").lower())
            self.found.append(self.open)
        elif self.open is None or "form" in said:
            return
        elif tag == "input" and said.get("name") and "disabled" not in said:
            kind = said.get("type", "text")
            if kind in ("checkbox", "radio") and "checked" not in said and said["name"] != "id":
                return
            if kind != "file":
                self.open.fields.append((said["name"], said.get("value") or ("on" if kind == "checkbox" else "")))
        elif tag == "button" and said.get("name"):
            self.open.buttons.append((said["name"], said.get("value") or ""))
        elif tag == "select" and said.get("name"):
            self.select, self.first, self.chosen = said["name"], None, None
        elif tag == "option" and self.select:
            value = said.get("value", "")
            self.first = value if self.first is None else self.first
            if "selected" in said:
                self.chosen = value
        elif tag == "textarea" and said.get("name"):
            self.area, self.text = said["name"], ""

    def handle_data(self, data):
        if self.area:
            self.text += data

    def handle_endtag(self, tag):
        if tag == "form":
            self.open = None
        elif tag == "select" and self.select and self.open is not None:
            self.open.fields.append((self.select, self.chosen if self.chosen is not None else self.first or ""))
            self.select = ""
        elif tag == "textarea" and self.area and self.open is not None:
            self.open.fields.append((self.area, self.text.removeprefix("\n").removeprefix("\r\n")))
            self.area = ""
