"""志愿服务证明 (Order 67 art. 14–17): applied for, accepted, issued, shown, printed; and anybody else's checked offline."""

from dataclasses import dataclass
from math import ceil
from typing import Any, ClassVar

from flask import Response, flash, redirect, request, url_for
from flask_admin import expose

from models import printing
from models.certificates import Certificate, by_activity, of_number
from models.refusals import NotFound, Refusal
from models.signing import Signed, check, installation_address
from models.volunteers import Volunteer
from rules.certificates import TYPE, token_of
from views import cells
from views.asking import actor, allowed
from views.base import StageView
from views.drawn import qr
from views.fitting import Leaf, width
from views.gate import right
from views.named import Named
from views.wording import worded

MOST_ON_THE_SHEET = 7  # projects on the one sheet that bears seal and signatures; the leaf behind it has them all
ROWS_A_LINE = 0.41  # of such a row is what one more line of another text takes
# Groups of a certificate's page that stand there once something of them is known: what must be, for each.
BEGINS = {"证明": ("any_number",), "公示和效力": ("notice_id", "revoked_on", "outcome")}


class CertificateScreen(StageView):
    model = Certificate
    title = "志愿服务证明"
    step = "激励回馈"
    columns = "volunteer.name any_number purpose first_day last_day minutes issued_on way station state"
    search = "volunteer.name volunteer.card_no number paper_no"
    filter_by = "state purpose way station issued_on"
    ledger = "certificates"
    takes_in = "certificates"
    opens = {"volunteer.card_no": (Volunteer, "volunteer")}
    named: ClassVar[dict[str, Named]] = {
        "online": Named("本人网上申请，待受理", Certificate.asked_online, "recorder head"),
        "overtaken": Named("时长已更正待处理", Certificate.overtaken, "head"),
    }
    form_groups = [
        ("申请", "volunteer purpose purpose_note"),
        ("哪些服务", "first_day last_day project"),
        ("重新出具", "replaces"),
    ]
    detail_groups = [
        ("申请", "volunteer volunteer.card_no way purpose purpose_note first_day last_day project replaces state station"),
        ("证明", "number paper_no origin minutes records issuer contact handler in_charge issued_on"),
        ("公示和效力", "notice valid_on revoked_on outcome"),
    ]
    list_template = "desk/certificates.html"
    details_template = "desk/certificate.html"
    empty = "还没有申请。志愿者申请证明时在这里登记，受理、开具、在本单位公示后生效。"

    def pickable(self, name: str) -> list[Any]:
        wanted = {
            "volunteer": [Volunteer.state.in_(("registered", "suspended"))],
            "replaces": [Certificate.number.is_null(False)],
        }
        return wanted.get(name, [])

    def more(self, row: Certificate) -> dict[str, Any]:
        if row.number:
            lines = by_activity(row)
            open_page = url_for("verify.page", code=row.code)
        else:
            lines, open_page = [], ""
        return {
            "may_print": self.may("print") and row.state == "valid", "lines": lines, "open_page": open_page,
            "overtaken": row.is_overtaken(), "waiting": row.state in ("asked", "accepted"),
            "untouched": [title for title, names in BEGINS.items() if not any(getattr(row, name) for name in names)],
            "would": sum(one.minutes for one in row.counted()) if row.state in ("asked", "accepted") else 0,
        }  # fmt: skip

    @expose("/certificate/", methods=("GET", "POST"))
    @right("print")
    def certificate_view(self) -> str | Response:
        """The certificate on A4, four blocks and the QR; with the whole document number where it is posted why, in that
        answer alone. Printing it leaves a trace."""
        key, reason = request.values.get("id"), request.form.get("reason", "")
        back = self.get_url(".details_view", id=key)
        if request.method == "POST" and not reason.strip():
            flash(worded("请写明打印完整证件号码的理由。"), "bad")
            return redirect(back)
        try:
            row, document = printing.certificate(key, actor(), reason)
        except NotFound:
            raise
        except Refusal as no:
            flash(str(no), "bad")
            return redirect(back)
        address = installation_address()
        link = f"{address}{url_for('verify.page', code=row.code)}" if address else ""
        return self.render(
            "paper/certificate.html", row=row, lines=by_activity(row), back=back, link=link, document=document,
            leaf=Leaf(), most=_most(row),
            clear=bool(reason.strip()), may_clear=allowed("reveal", "volunteers") and row.volunteer.station_id == actor().station_id,
            qr=qr(f"{link}#{row.token()}" if link else row.token(), "l"),
            document_type=dict(Volunteer.document_type.choices)[row.volunteer.document_type],
            purpose=dict(Certificate.purpose.choices)[row.purpose],
        )  # fmt: skip

    @expose("/check/", methods=("GET", "POST"))
    @right("see")
    def check_view(self) -> str:
        """Whether a certificate that somebody brought is what its issuer signed; needs no network."""
        said = request.form.get("said", "")[:8000]
        return self.render("desk/certificate_check.html", said=said, found=found_in(said) if said.strip() else None, show=cells.show)


def _most(row: Certificate) -> int:
    """How many projects the sheet has room for: fewer where other texts take more lines than one."""
    texts = [(row.volunteer.name, 16), (row.purpose_note, 12), (row.issuer, 28), (row.issuer, 28), (row.in_charge, 16)]
    more = sum(max(0, ceil(width(text) / room) - 1) for text, room in texts) + bool(row.replaces_id)
    return max(1, MOST_ON_THE_SHEET - ceil(more * ROWS_A_LINE))


@dataclass(frozen=True)
class Found:
    """What became of a check: whether the signature is good, what it says, and how it stands where we know."""

    wrong: str = ""
    signed: Signed | None = None
    own: Certificate | None = None


def found_in(said: str) -> Found:
    """Checks what was scanned or pasted against our own keys and those of confirmed peers."""
    try:
        signed = check(token_of(said), TYPE)
    except Refusal as no:
        return Found(wrong=str(no))
    return Found(signed=signed, own=of_number(str(signed.payload.get("no"))) if signed.ours else None)
