"""`/verify/<code>`: what anyone who holds a certificate may read of it. Unknown codes are all answered alike."""

from flask import Blueprint, Response, make_response, render_template, request

from models import failures
from models.certificates import by_code
from models.refusals import Refusal
from rules.identity import mask_name
from views.gate import right

pages = Blueprint("verify", __name__)


@pages.get("/verify/<code>")
@right("read", "certificates")
def page(code: str) -> Response:
    """Masked name, hours, period and whether it stands; too many looks in vain make the address wait."""
    address = request.remote_addr or ""
    try:
        failures.must_wait_looking(address)
    except Refusal as no:
        return _said(429, says=str(no))
    row = by_code(code)
    if row is None:
        failures.looked_in_vain(address)
        return _said(404)
    name = "" if row.volunteer.state == "erased" else mask_name(row.volunteer.name)
    return _said(200, row=row, name=name, newer=row.replaced_by.where(type(row).number.is_null(False)).first())


def _said(status: int, **values: object) -> Response:
    answer = make_response(render_template("public/verify.html", **values), status)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
