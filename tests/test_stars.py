"""星级认定: from verified minutes, by whom the policy names, judged on the day of recognition."""

from datetime import date, timedelta

import pytest

from cast import past_the_notice
from models import clock
from models.corrections import Correction
from models.hours import Balance
from models.policy import PolicyVersion, book
from models.refusals import Refusal
from models.scope import SYSTEM, Actor
from models.stars import StarGrant, review
from models.volunteers import Claim
from rules.access import Role
from rules.policy import PolicyBook
from rules.stars import level_of, star_for, stars_label
from views.waiting import condition

SHIPPED = PolicyBook.of().on("stars", "53", date(2025, 3, 5))


@pytest.mark.parametrize(
    ("hours", "star"),
    [(0, 0), (99, 0), (100, 1), (299, 1), (300, 2), (600, 3), (999, 3), (1000, 4), (1499, 4), (1500, 5), (9999, 5)],
)
def test_the_thresholds_of_the_plan(hours, star):
    day = date(2025, 3, 5)
    assert star_for(hours * 60, date(2020, 1, 1), day, SHIPPED).value == star
    assert star_for(hours * 60 + 59, date(2020, 1, 1), day, SHIPPED).value == star


def test_one_minute_short_is_short_and_the_sentence_says_why():
    short = star_for(6000 - 1, date(2020, 1, 1), date(2025, 3, 5), SHIPPED)
    assert (short.value, short.why) == (0, "累计服务 99.98 小时，未达到最低星级。")
    enough = star_for(6000, date(2020, 1, 1), date(2025, 3, 5), SHIPPED)
    assert enough.why == "累计服务 100.00 小时，达到 100 小时，符合一星级标准。"
    assert enough.version == "stars@53:2012-10-23"


def test_a_star_that_the_policy_does_not_know_is_an_error():
    with pytest.raises(KeyError):
        level_of(6, SHIPPED)
    assert stars_label(3) == "三星级"


def levels(*more: dict) -> None:
    base = {"tenure_days": 0, "selection": False}
    PolicyVersion.create(
        topic="stars", division="5301", since=date(2020, 1, 1), source="市文件",
        values={"levels": [base | level for level in more]},
    )  # fmt: skip


def given(volunteer, hours: int) -> None:
    """So many honour hours, as if posted."""
    Balance.update(honour=hours * 60).where(Balance.volunteer == volunteer.id).execute()
    review([volunteer.id], book())


def grants(volunteer) -> list[tuple[int, str]]:
    rows = StarGrant.select().where(StarGrant.volunteer == volunteer.id).order_by(StarGrant.star)
    return [(g.star, g.state) for g in rows]


def test_stars_reached_become_candidates_once(cast):
    volunteer = cast.registered()
    given(volunteer, 99)
    assert grants(volunteer) == []
    given(volunteer, 300)
    given(volunteer, 300)
    assert grants(volunteer) == [(1, "candidate"), (2, "candidate")]


def test_a_candidate_no_longer_reached_lapses_and_comes_back_with_its_new_figures(cast):
    volunteer = cast.registered()
    given(volunteer, 100)
    given(volunteer, 99)
    assert grants(volunteer) == [(1, "lapsed")]
    given(volunteer, 120)
    (grant,) = StarGrant.select()
    assert (grant.state, grant.honour_minutes) == ("candidate", 7200)
    assert grant.why.startswith("累计服务 120.00 小时")


def star_of(volunteer, star: int = 1) -> StarGrant:
    return StarGrant.get(StarGrant.volunteer == volunteer.id, StarGrant.star == star)


def test_each_star_is_recognised_by_the_level_that_policy_names(cast):
    volunteer = cast.registered()
    given(volunteer, 1500)
    for star, right, wrong, who in (
        (1, cast.county, None, ""), (2, cast.county, cast.prefecture, "县级"), (3, cast.prefecture, cast.county, "州市级"),
        (4, cast.prefecture, cast.province, "州市级"), (5, cast.province, cast.prefecture, "省级"),
    ):  # fmt: skip
        key = star_of(volunteer, star).id
        StarGrant.move(key, "propose", cast.head)
        if wrong:
            for move in ("accept", "refuse"):
                with pytest.raises(Refusal, match=f"{stars_label(star)}由{who}认定"):
                    StarGrant.move(key, move, wrong, reason="材料不齐")
        StarGrant.move(key, "accept", right)
        StarGrant.move(key, "notice", right)
        past_the_notice()
        if wrong:
            with pytest.raises(Refusal, match=f"{stars_label(star)}由{who}认定"):
                StarGrant.move(key, "recognise", wrong)
        grant = StarGrant.move(key, "recognise", right)
        assert (grant.recognised_on, grant.recogniser) == (clock.today(), right.name)
        assert grant.certificate_no == f"530102{clock.today().year}X{star}{grant.id:07d}"


def test_a_street_recognises_nothing(cast):
    volunteer = cast.registered()
    given(volunteer, 100)
    key = star_of(volunteer).id
    StarGrant.move(key, "propose", cast.head)
    with pytest.raises(Refusal, match="一星级由县级认定"):
        StarGrant.move(key, "accept", Actor(77, "街道督导", Role.SUPERVISOR, None, "530102001"))


def test_stars_come_one_after_the_other(cast):
    volunteer = cast.registered()
    given(volunteer, 300)
    first, second = star_of(volunteer), star_of(volunteer, 2)
    with pytest.raises(Refusal, match="星级依次认定：一星级现在是「候选」，认定后才能办理二星级"):
        StarGrant.move(second.id, "propose", cast.head)
    assert "propose" not in {m.name for m in second.legal_moves(cast.head)}
    assert waiting(cast.head, "propose") == [first.id]
    cast.recognised(first)
    assert waiting(cast.head, "propose") == [second.id]
    assert StarGrant.move(second.id, "propose", cast.head).state == "proposed"


def test_a_star_under_review_stops_the_next_one(cast):
    volunteer = cast.registered()
    given(volunteer, 300)
    cast.recognised(star_of(volunteer))
    second = cast.noticed_star(star_of(volunteer, 2))
    past_the_notice()
    StarGrant.move(star_of(volunteer).id, "doubt", SYSTEM, reason="工时被冲正")
    assert waiting(cast.county, "recognise") == []
    with pytest.raises(Refusal, match="一星级现在是「待复核」"):
        StarGrant.move(second.id, "recognise", cast.county)
    StarGrant.move(star_of(volunteer).id, "keep", cast.county, reason="核对无误")
    assert waiting(cast.county, "recognise") == [second.id]
    assert StarGrant.move(second.id, "recognise", cast.county).state == "recognised"


def waiting(by: Actor, name: str) -> list[int]:
    """Stars that wait for this person to make this move."""
    move = StarGrant.life.move(name)
    found = [StarGrant.select(StarGrant.id).where(condition(StarGrant, move, state, by)) for state in move.sources]
    return [row.id for query in found for row in query]


def test_a_head_proposes_and_neither_she_nor_a_recorder_recognises(cast):
    volunteer = cast.registered()
    given(volunteer, 100)
    key = StarGrant.get().id
    with pytest.raises(Refusal, match="不在记录员的职责内"):
        StarGrant.move(key, "propose", cast.recorder)
    StarGrant.move(key, "propose", cast.head)
    for move in ("accept", "recognise"):
        with pytest.raises(Refusal, match="不在站长的职责内"):
            StarGrant.move(key, move, cast.head)


def test_hours_taken_back_meanwhile_stop_the_recognition(cast):
    volunteer = cast.registered()
    given(volunteer, 100)
    key = StarGrant.get().id
    StarGrant.move(key, "propose", cast.head)
    Balance.update(honour=60).execute()
    with pytest.raises(Refusal, match=r"累计服务 1.00 小时，未达到最低星级"):
        StarGrant.move(key, "accept", cast.county)
    assert StarGrant.get_by_id(key).state == "proposed"


def test_a_correction_lapses_the_candidate_inside_the_same_move(cast):
    volunteer = cast.registered()
    records = cast.posted(volunteer, minutes=6000)
    assert grants(volunteer) == [(1, "candidate")]
    asked = Correction.enter(cast.recorder, record=records[0].id, reason="重复登记")
    assert "一星级（候选）将不再达到标准。" in asked.consequences()
    Correction.move(asked.id, "approve", cast.head)
    assert grants(volunteer) == [(1, "lapsed")]


def test_the_policy_in_force_on_the_day_of_recognition_judges_and_is_kept(cast):
    volunteer = cast.registered()
    given(volunteer, 100)
    key = cast.noticed_star(StarGrant.get()).id
    past_the_notice()
    levels({"star": 1, "at": 50, "recognised_by": "prefecture"})
    with pytest.raises(Refusal, match="一星级由州市级认定"):
        StarGrant.move(key, "recognise", cast.county)
    grant = StarGrant.move(key, "recognise", cast.prefecture)
    assert (grant.policy, grant.recognised_by) == ("stars@53:20121023+5301:20200101", "prefecture")


def test_a_time_of_registration_may_be_asked_for(cast):
    levels({"star": 1, "at": 10, "recognised_by": "county", "tenure_days": 30})
    volunteer = cast.registered()
    given(volunteer, 20)
    assert grants(volunteer) == []
    clock.move_demo_clock(30)
    review([volunteer.id], book())
    assert grants(volunteer) == [(1, "candidate")]
    version = book().on("stars", "530102", clock.today())
    early = star_for(1200, clock.today() - timedelta(days=29), clock.today(), version)
    assert early.why == "累计服务 20.00 小时，已达到 10 小时，但注册未满 30 天。"


def test_after_a_transfer_the_new_station_proposes(cast):
    volunteer = cast.registered()
    given(volunteer, 300)
    first, second = StarGrant.select().order_by(StarGrant.star)
    cast.recognised(first)
    claim = Claim.ask("resident_id", volunteer.document_number, "搬家", cast.head_b)
    Claim.move(claim.id, "agree", cast.head)
    assert StarGrant.move(second.id, "propose", cast.head_b).state == "proposed"
    assert StarGrant.get_by_id(first.id).station_id == cast.a.id
