"""The document number in full on a certificate of service: the own desk's, with a reason, on one print, and kept nowhere."""

from datetime import timedelta

import pytest
from test_resuming import MARK
from test_reveal import cookie
from walks_certificates import asked

from cast import past_the_notice
from models import clock, printing
from models.audit import Trail
from models.base import database
from models.certificates import Certificate
from models.refusals import NotFound, Refusal
from models.volunteers import Claim, Volunteer

WHY = "学校要求核对身份"
ADDRESS = "/admin/certificates/certificate/"


def valid(cast, person: Volunteer | None = None) -> Certificate:
    row = asked(cast, person)
    Certificate.move(row.id, "accept", cast.recorder)
    Certificate.move(row.id, "issue", cast.head)
    past_the_notice()
    return Certificate.move(row.id, "confirm", cast.head)


def number_of(row: Certificate) -> str:
    return Volunteer.get_by_id(row.volunteer_id).document_number


def traces(*actions: str) -> list[tuple[str, str, str]]:
    rows = Trail.select(Trail.action, Trail.table, Trail.reason).where(Trail.action.in_(actions))
    return list(rows.order_by(Trail.id).tuples())


@pytest.mark.parametrize("who", ["recorder", "head", "deputy"])
def test_the_own_desk_prints_it_masked_and_with_a_reason_in_full(cast, who):
    row, by = valid(cast), getattr(cast, who)
    masked = printing.certificate(row.id, by)[1]
    assert masked == f"{number_of(row)[:6]}{'*' * 9}{number_of(row)[-3:]}" and not traces("reveal")
    assert printing.certificate(row.id, by, WHY)[1] == number_of(row)
    assert traces("reveal", "print") == [
        ("print", "certificate", ""), ("reveal", "volunteer", WHY), ("print", "certificate", WHY)
    ]
    last = Trail.select().order_by(Trail.id.desc()).first()
    assert last.after == {"paper": "志愿服务证明", "masked": False} and last.who == by.name


@pytest.mark.parametrize(
    ("who", "what"),
    [("county", Refusal), ("province", Refusal), ("auditor", Refusal), ("admin", Refusal), ("volunteer", Refusal),
     ("head_b", NotFound), ("recorder_b", NotFound)],
)  # fmt: skip
def test_nobody_else_does(cast, who, what):
    row = valid(cast)
    with pytest.raises(what):
        printing.certificate(row.id, getattr(cast, who), WHY)
    assert not traces("reveal", "print")


@pytest.mark.parametrize("reason", ["111", "看看", "工作需要", "啊啊啊啊"])
def test_a_reason_that_says_nothing_prints_nothing(cast, reason):
    with pytest.raises(Refusal, match="理由"):
        printing.certificate(valid(cast).id, cast.recorder, reason)
    assert not traces("reveal", "print")


def test_a_childs_is_the_heads_alone(cast):
    child = cast.registered(
        "小明", birth=clock.today() - timedelta(days=12 * 365), guardian_name="李父", guardian_phone="13900000001",
        consent_on=clock.today(),
    )  # fmt: skip
    cast.posted(child, minutes=120)
    row = valid(cast, child)
    with pytest.raises(Refusal):
        printing.certificate(row.id, cast.recorder, WHY)
    assert printing.certificate(row.id, cast.recorder)[1] != number_of(row)
    assert printing.certificate(row.id, cast.head, WHY)[1] == number_of(row)


def test_of_whoever_has_moved_away_it_is_masked(cast):
    row = valid(cast)
    claim = Claim.ask("resident_id", number_of(row), "搬到本社区居住", cast.head_b)
    Claim.move(claim.id, "agree", cast.head)
    assert "*" in printing.certificate(row.id, cast.head)[1]
    with pytest.raises(Refusal, match="不在本站登记"):
        printing.certificate(row.id, cast.head, WHY)
    assert not traces("reveal")


def test_where_none_stands_no_number_is_revealed(cast):
    row = asked(cast)
    with pytest.raises(Refusal, match="公示期满生效"):
        printing.certificate(row.id, cast.head, WHY)
    assert not traces("reveal", "print")


def test_it_stands_in_one_answer_and_is_kept_nowhere(cast, desk):
    row = valid(cast)
    number = number_of(row)
    window = desk.signed_in_as(cast.recorder).get(ADDRESS, id=row.id)
    assert number not in window.html and "打印完整证件号码" in window.html
    form = {"id": row.id, "reason": WHY, "once": MARK.search(window.html)[1]}
    page = window.post(f"{ADDRESS}?id={row.id}", form)
    assert page.html.count(number) == 1 and page.headers["Cache-Control"] == "no-store"
    assert "打印完整证件号码" not in page.html and number not in page.path and number not in cookie(window)
    again = window.post(f"{ADDRESS}?id={row.id}", form)
    assert number not in again.html and number not in window.get(ADDRESS, id=row.id).html
    assert len(traces("reveal")) == 1
    kept = "\n".join(database.connection().iterdump())
    assert row.number in kept and number not in kept


def test_without_a_reason_nothing_is_posted_and_a_supervisor_has_no_button(cast, desk):
    row = valid(cast)
    window = desk.signed_in_as(cast.head).get(ADDRESS, id=row.id)
    page = window.post(f"{ADDRESS}?id={row.id}", id=row.id, reason="  ")
    assert page.says("请写明打印完整证件号码的理由") and number_of(row) not in page.html
    page = page.get(ADDRESS, id=row.id).post(f"{ADDRESS}?id={row.id}", id=row.id, reason="111")
    assert page.says("太短") and number_of(row) not in page.html and not traces("reveal")
    for who in (cast.county, cast.auditor):
        above = desk.signed_in_as(who)
        assert above.get(ADDRESS, id=row.id).status == 403
        assert above.get("/admin/certificates/").post(f"{ADDRESS}?id={row.id}", id=row.id, reason=WHY).status == 403
    stranger = desk.signed_in_as(cast.head_b).get("/admin/certificates/")
    assert stranger.post(f"{ADDRESS}?id={row.id}", id=row.id, reason=WHY).status == 404
