"""公示中的: what of hers hangs out, until when, and an objection to it: a record, a star, an honour, a certificate."""

from flask import request
from werkzeug.wrappers import Response

from models.hanging import Hanging, hanging, hung
from models.moves import Staged
from models.notices import Objection
from rules.notices import KINDS
from rules.reading import clean
from views import cells
from views.asking import actor
from views.gate import right
from views.me.frame import asked, me, pages, shown
from views.notice_lines import LINES

# What a thing on each kind of list is called where it is one person's, and what an upheld objection means for it.
CALLED = {"records": "服务记录", "stars": "星级", "honours": "嘉许", "certificates": "服务证明"}
UPHELD = {
    "records": "异议成立的，这条记录退回，不入账，改对后重新登记。",
    "stars": "异议成立的，这次星级不予认定，更正以后可以重新申报。",
    "honours": "异议成立的，这项嘉许退回更正，更正以后重新公示。",
    "certificates": "异议成立的，这份证明撤销，更正以后可以重新申请。",
}


def headline(kind: str, row: Staged) -> str:
    """One thing on a notice in a few words: which record, star, honour or certificate it is."""
    said = cells.show(row, {"stars": "star", "honours": "title", "certificates": "number"}.get(kind, "activity.name"))
    return f"{row.started_at.date()} {said}" if kind == "records" else said  # type: ignore[attr-defined]


def facts(one: Hanging) -> list[tuple[str, str]]:
    """What stands on the notice beside her name: heading and value."""
    return [
        (name, one.row.started_at.date() if path == "started_on" else cells.show(one.row, path))  # type: ignore[attr-defined]
        for name, path, _ in LINES[one.kind].columns
    ]


@pages.get("/notices")
@right("see", "me")
def notices() -> str:
    """What of hers hangs out now, by kind."""
    found = hanging(actor())
    return shown("notices", me(), found=found, called=CALLED, headline=headline, kinds=KINDS)


@pages.get("/notices/<kind>/<int:key>")
@right("see", "me")
def on_notice(kind: str, key: int) -> str:
    """One of them as it hangs out, with the form of an objection, or what became of hers."""
    return _on_notice(kind, key)


@pages.post("/notices/<kind>/<int:key>")
@right("object", "me")
def object_to_mine(kind: str, key: int) -> Response | str:
    """She says that what hangs out of her is wrong: until that is decided it does not take effect."""
    me()
    reason = clean(request.form.get("reason", ""))
    return asked(
        lambda by: Objection.ask(kind, key, reason, by), "异议已提交。核查以前这一项不生效，结果显示在这里。", "me.asked",
        lambda no: _on_notice(kind, key, no, reason), _anchor="objections",
    )  # fmt: skip


def _on_notice(kind: str, key: int, wrong: str = "", typed: str = "") -> str:
    one = hung(kind, key, actor())
    hangs = one.row.state == "noticed" and one.notice.state == "open" and not one.notice.is_over
    return shown(
        "on_notice", me(), one=one, hangs=hangs, facts=facts(one), called=CALLED[kind], headline=headline(kind, one.row),
        judge=KINDS[kind].judge, effect=KINDS[kind].effect, upheld=UPHELD[kind], open_page=not KINDS[kind].inside,
        wrong=wrong, typed=typed,
    )  # fmt: skip
