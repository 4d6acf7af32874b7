"""Packing and taking many people costs statements by the hundred; by the person only where her own account changes."""

import pytest
from playhouse.test_utils import count_queries
from walks_transfer import Other, a_person, agreed, departure

from models.consents import Consent
from models.honours import Honour
from models.hours import Balance
from models.stars import StarGrant
from models.training import Backbone, Qualification
from models.transfer import Arrival, Brought, Departure, answer_of, receive, take_receipt
from models.verifying import verify
from models.volunteers import Volunteer

FEW, MANY = 10, 50  # people; both in one round of `transfer_packing.AT_ONCE`
MORE = MANY - FEW
SPARE = 6  # statements that carry only so many rows


def rich(package: str, n: int) -> dict:
    """One who brings something of everything."""
    station, day = "麒麟社区工作站", "2026-03-05"

    def row(of: str, **said) -> list[dict]:
        return [{"uid": f"other:{of}:{package}{n}", "station": station, **said}]

    return a_person(
        package, n, 60 + n,
        trainings=row("trainings", title="急救", day=day, minutes=90, result="passed", topic="01", form="01"),
        qualifications=row("qualifications", kind="01", number=f"Q{n}", issuer="红十字会", granted_on=day, expires_on=None,
                           proof="原件已看", state="valid", revoked_on=None, revoked_for=""),
        honours=row("honours", title="优秀志愿者", level="county", body="麒麟区文明办", given_on=day, document_no="", deeds="",
                    proof="证书", checked_by="", checked_on=None, certificate_no=f"H{package[:4]}{n:04d}"),
        backbones=row("backbones", duty="带队入户", since=day, until=None, reason="", state="confirmed", decided_for=""),
        complaints=row("complaints", title="迟到", day=day, reason="迟到", outcome="upheld", measure="", replied_on=day),
        stars=[{"star": 1, "state": "recognised", "honour_minutes": 60, "why": "达到", "recognised_by": "county",
                "selection": False, "recognised_on": day, "recogniser": "王督导", "certificate_no": f"C{package[:4]}{n:04d}",
                "void_nos": "", "kept_minutes": 60}],
        consents=[{"kind": kind, "age": 45, "given_by": "self", "giver": "", "relation": "", "way": "paper",
                   "given_on": "2024-01-02", "witness": "", "note": "", "state": "given", "ended_on": None, "ended_for": ""}
                  for kind in ("registration", "sharing")],
    )  # fmt: skip


def taking(cast, other: Other, people: int) -> tuple[Arrival, int, int]:
    """The statements of reading and of taking a package of so many rich people."""
    number = f"{people:04d}" + "e" * 20
    text = other.package(persons=[rich(number, n) for n in range(1, people + 1)], id=number)
    with count_queries() as reading:
        row = receive(text, cast.recorder)
    with count_queries() as taken:
        Arrival.move(row.id, "take", cast.head)
    return row, reading.count, taken.count


def test_a_person_more_costs_reading_nothing_and_taking_her_balance_alone(cast_on_either):
    cast, other = cast_on_either, Other(cast_on_either)
    _, read_few, few = taking(cast, other, FEW)
    row, read_many, many = taking(cast, other, MANY)
    print(f"statements of reading {read_few} → {read_many}, of taking {few} → {many}, for {FEW} → {MANY} people")  # noqa: T201
    assert read_many - read_few <= SPARE
    assert many - few <= MORE + SPARE
    people = [key for (key,) in Volunteer.select(Volunteer.id).tuples()]
    assert len(people) == FEW + MANY and not verify()
    for model in (Balance, Qualification, Honour, Backbone, StarGrant):
        assert {key for (key,) in model.select(model.volunteer).tuples()} == set(people), model
    assert Consent.select().count() == 2 * len(people) and Brought.select().count() == 6 * len(people)
    assert {v.consent_on.isoformat() for v in Volunteer.select()} == {"2024-01-02"}
    linked = Brought.select().where(Brought.kind == "qualifications", Brought.row.is_null(False))
    assert {Qualification.get_by_id(one.row).number for one in linked} == {f"Q{n}" for n in range(1, MANY + 1)}
    assert all(Qualification.get_by_id(one.row).volunteer_id == one.volunteer_id for one in linked)
    assert len({v.card_no for v in Volunteer.select()}) == len(people)
    with pytest.raises(Exception, match="接收过"):
        receive(other.package(persons=[rich(row.package_no, 1)], id=row.package_no, digest=row.digest), cast.recorder)


def test_a_person_more_costs_packing_her_line_alone_and_closing_nothing(cast):
    other, counted = Other(cast), []
    for people in (FEW, MANY):
        asked = departure(cast, other, [agreed(cast, cast.registered()) for _ in range(people)])
        with count_queries() as packing:
            row = Departure.move(asked.id, "pack", cast.head)
        token = other.answer(row, range(1, people // 2 + 1))
        with count_queries() as closing:
            take_receipt(token, cast.recorder)
        counted.append((packing.count, closing.count))
    (pack_few, close_few), (pack_many, close_many) = counted
    print(f"statements of packing {pack_few} → {pack_many}, of closing {close_few} → {close_many}, for {FEW} → {MANY}")  # noqa: T201
    assert pack_many - pack_few <= SPARE and close_many - close_few <= SPARE


def test_who_comes_back_costs_her_row_and_her_balance(cast):
    other = Other(cast)
    counted = []
    for people in (FEW, MANY):
        there = [agreed(cast, cast.registered()) for _ in range(people)]
        row = Departure.move(departure(cast, other, there).id, "pack", cast.head)
        take_receipt(other.answer(row), cast.recorder)
        number = f"{people:04d}" + "b" * 20
        back = [rich(number, n) for n in range(1, people + 1)]
        for one, person in zip(back, there, strict=True):
            one["person"]["document_number"] = person.document_number
        text = other.package(persons=back, id=number)
        came = receive(text, cast.recorder)
        with count_queries() as taken:
            assert Arrival.move(came.id, "take", cast.head).outcome == f"接收 {people} 人。"
        assert answer_of(came.id, cast.recorder)
        counted.append(taken.count)
    print(f"statements of taking back {counted[0]} → {counted[1]}, for {FEW} → {MANY} people")  # noqa: T201
    assert counted[1] - counted[0] <= 2 * MORE + SPARE
    assert not verify()
