"""服务证明 (Order 67 arts. 14–17): she applies, reads where it stands, and finds the address at which anybody checks it."""

from datetime import date

from flask import request
from werkzeug.wrappers import Response

from models.certificates import Certificate
from models.refusals import refuse
from models.scope import Actor
from rules.certificates import PURPOSES
from rules.reading import clean
from views.gate import right
from views.me.frame import asked, me, page_number, pages, part, shown


@pages.get("/certificates")
@right("see", "me")
def certificates() -> str:
    """What she applied for and what was issued to her."""
    return _certificates()


@pages.post("/certificates")
@right("certify", "me")
def certify() -> Response | str:
    """Apply for one."""
    me()
    typed = {name: clean(request.form.get(name, "")) for name in ("purpose", "purpose_note", "first_day", "last_day")}

    def ask(by: Actor) -> Certificate:
        first, last = (_day(typed[name], name) for name in ("first_day", "last_day"))
        return Certificate.ask(typed["purpose"], by, purpose_note=typed["purpose_note"], first_day=first, last_day=last)

    return asked(ask, "申请已交给工作站。", "me.certificates", lambda no: _certificates(no, typed))


def _day(said: str, where: str) -> date | None:
    try:
        return date.fromisoformat(said) if said else None
    except ValueError:
        raise refuse(f"日期「{said}」看不懂，请写成 2026-03-05 的样子。", where) from None


def _certificates(wrong: str = "", typed: dict[str, str] | None = None) -> str:
    person, page = me(), page_number()
    mine = Certificate.select().where(Certificate.volunteer == person.id).order_by(Certificate.id.desc())
    rows, more = part(mine, page)
    return shown("certificates", person, rows=rows, page=page, more=more, purposes=list(PURPOSES.items()), wrong=wrong, typed=typed or {})
