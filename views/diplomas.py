"""证书 on A4: what a star's and an honour's certificate say; the page is one, the words differ."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import render_template, request

from models.honours import Honour
from models.stars import StarGrant
from models.volunteers import Volunteer
from rules.identity import mask
from rules.stars import stars_label
from views.drawn import qr

FARTHEST = 5  # mm by which what is printed may be moved on stock that lies askew


@dataclass(frozen=True)
class Diploma:
    """One certificate, ready for the page. ``says`` are its sentences before and after the honour itself."""

    title: str
    whose: str
    facts: list[tuple[str, str]]  # beside the QR code: the number, and what tells the person from others
    says: str
    honour: str
    number: str
    day: date
    body: str
    sealed: str = "盖章"


def _facts(row: StarGrant | Honour) -> list[tuple[str, str]]:
    """The person's document is never shown in full."""
    said = [("证书编号", row.certificate_no)]
    if row.volunteer_id:
        person = Volunteer.get_by_id(row.volunteer_id)  # with the document, which no list reads
        said += [("志愿者编号", person.card_no), ("证件号码", mask(person.document_number))]
    return [*said, ("所在工作站", row.station.name)]


def of_star(row: StarGrant) -> Diploma:
    """A recognised star's."""
    served = f"{row.honour_minutes / 60:.2f}"
    return Diploma(
        title="星级志愿者证书", whose=f"{row.volunteer.name} 同志：", facts=_facts(row), honour=f"{stars_label(row.star)}志愿者",
        says=f"积极参加社区志愿服务，截至 {row.recognised_on.year} 年 {row.recognised_on.month} 月累计服务 {served} 小时，"
             "经审核、公示，认定为",
        number=row.certificate_no, day=row.recognised_on, body=row.recognising_division().name,
        sealed="认定机构盖章",
    )  # fmt: skip


def of_honour(row: Honour) -> Diploma:
    """An own award's."""
    return Diploma(
        title="荣誉证书", whose=f"{row.whose.name}{' 同志' if row.volunteer_id else ''}：", facts=_facts(row), honour=row.title,
        says="积极参加社区志愿服务，表现优秀，经审核、公示，授予荣誉称号",
        number=row.certificate_no, day=row.given_on, body=row.body,
    )  # fmt: skip


def page(one: Diploma, back: str) -> str:
    """The certificate ready to be printed, moved by the millimetres that the address says."""
    return render_template("desk/diploma.html", one=one, back=back, qr=qr, plain="plain" in request.args, **_moved())


def _moved() -> dict[str, Any]:
    """How far right and down; nothing beyond what the sheet allows."""
    asked = {name: request.args.get(name, 0, type=int) for name in ("right", "down")}
    return {name: by if abs(by) <= FARTHEST else 0 for name, by in asked.items()}
