"""`/verify/<code>`: what anyone who holds a certificate may read of it. Unknown codes are all answered alike."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models import failures
from models.certificates import by_code
from rules.identity import mask_name
from views.gate import right
from views.openly import HOUR, openly

pages = Blueprint("verify", __name__)
LONGEST = 40  # characters of a code


@pages.get("/verify/")
@right("read", "certificates")
@openly(indexed=False, seconds=HOUR)
def ask() -> Response | str:
    """Where the code is typed that stands under the square on a certificate."""
    code = "".join(request.args.get("code", "").split())[:LONGEST]
    return redirect(url_for("verify.page", code=code)) if code else render_template("public/verify_ask.html")


@pages.get("/verify/<code>")
@right("read", "certificates")
def page(code: str) -> Response:
    """Masked name, hours, period and whether it stands; too many looks in vain make the address wait."""
    address = request.remote_addr or ""
    try:
        failures.must_wait_looking(address)
    except failures.Wait as no:
        waits = _said(429, says=str(no))
        waits.headers["Retry-After"] = str(no.minutes * 60)
        return waits
    row = by_code(code)
    if row is None:
        failures.looked_in_vain(address)
        return _said(404)
    name = "" if row.volunteer.state == "erased" else mask_name(row.volunteer.name)
    return _said(200, row=row, name=name, newer=row.replaced_by.where(type(row).number.is_null(False)).first())


def _said(status: int, **values: object) -> Response:
    answer = make_response(render_template("public/verify.html", **values), status)
    answer.headers["Cache-Control"] = "no-store"
    return answer
