"""The case that a star is: frozen evidence, 公示 with objections, selection, review after hours were taken back."""

from datetime import date, timedelta
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as some

from cast import past_the_notice
from models import clock
from models.base import database
from models.corrections import Correction
from models.notices import Notice, Objection
from models.policy import PolicyVersion, for_actor
from models.records import post_due
from models.refusals import Refusal
from models.scope import SYSTEM, within
from models.stars import StarGrant
from rules.policy import Version
from rules.stars import Line, certificate_number, evidence, next_star
from rules.topics import StarLevel, Stars
from views.waiting import condition


@pytest.fixture
def star(cast):
    """Li Ming has a hundred hours and a little, and is a candidate for one star."""
    person = cast.registered("李明")
    cast.posted(person, minutes=100 * 60 + 30)
    return StarGrant.get(StarGrant.volunteer == person.id)


def take_back(cast, record) -> None:
    asked = Correction.enter(cast.recorder, record=record.id, reason="重复登记")
    Correction.move(asked.id, "approve", cast.head)


def waits(by, name: str, state: str) -> int:
    return StarGrant.select().where(condition(StarGrant, StarGrant.life.move(name), state, by)).count()


def test_evidence_sums_by_year_and_leaves_out_what_was_taken_back():
    lines = [
        Line(1, date(2024, 12, 30), 120, "a"), Line(2, date(2025, 1, 2), 60, "b"), Line(3, date(2025, 1, 3), 90, "c"),
        Line(4, date(2025, 6, 1), -60, "d", reverses=2),
    ]  # fmt: skip
    found = evidence(lines)
    assert (found["honour_minutes"], found["records"], found["entries"], found["last_entry"]) == (210, 2, 4, 4)
    assert (found["first_day"], found["last_day"]) == ("2024-12-30", "2025-01-03")
    assert found["years"] == {"2024": 120, "2025": 90}
    assert evidence(reversed(lines)) == found
    assert evidence([*lines[:3], Line(4, date(2025, 6, 1), -60, "x", reverses=2)])["seal"] != found["seal"]
    assert evidence([])["honour_minutes"] == 0 and evidence([])["first_day"] == ""


def test_a_certificate_number_is_never_used_twice():
    assert certificate_number("530102001001", 2025, 1, 7, 0) == "5301022025X10000007"
    assert certificate_number("530102001001", 2025, 1, 7, 1) == "5301022025X10000007-2"


def test_the_evidence_is_frozen_when_the_star_is_proposed(cast, star):
    StarGrant.move(star.id, "propose", cast.head)
    kept = StarGrant.get_by_id(star.id).evidence
    assert kept["honour_minutes"] == 6030 and kept["records"] == 13 and kept["policy"] == star.policy
    assert sum(kept["years"].values()) == 6030 and kept["day"] == clock.today().isoformat()
    cast.posted(star.volunteer, minutes=60)
    again = StarGrant.get_by_id(star.id)
    assert again.evidence == kept and again.re_read()


def test_evidence_that_the_account_no_longer_bears_out_shows(cast, star):
    StarGrant.move(star.id, "propose", cast.head)
    row = StarGrant.get_by_id(star.id)
    row.evidence = row.evidence | {"honour_minutes": 9999}
    assert not row.re_read()
    database.execute_sql("DROP TRIGGER entry_no_update")
    database.execute_sql("UPDATE entry SET hash = 'forged' WHERE id = 1")
    assert not StarGrant.get_by_id(star.id).re_read()


def test_stars_of_one_day_hang_on_one_notice_whoever_hangs_them_out(cast, star):
    other = cast.registered("王芳")
    cast.posted(other, minutes=110 * 60)
    second = StarGrant.get(StarGrant.volunteer == other.id)
    one, two = cast.noticed_star(star), cast.noticed_star(second)
    assert one.notice_id == two.notice_id
    notice = one.notice
    assert (notice.kind, notice.working_days) == ("stars", 3) and "志愿者星级拟认定名单公示" in notice.title
    clock.move_demo_clock(1)
    third = cast.registered("赵强")
    cast.posted(third, minutes=100 * 60)
    assert cast.noticed_star(StarGrant.get(StarGrant.volunteer == third.id)).notice_id != one.notice_id


def test_nothing_is_recognised_before_the_last_day_is_past(cast, star):
    noticed = cast.noticed_star(star)
    assert "recognise" not in {m.name for m in noticed.legal_moves(cast.county)}
    assert waits(cast.county, "recognise", "noticed") == 0
    with pytest.raises(Refusal, match=f"公示到 {noticed.notice.closes_on} 止，期满后才能认定"):
        StarGrant.move(star.id, "recognise", cast.county)
    past_the_notice()
    assert waits(cast.county, "recognise", "noticed") == 1
    assert StarGrant.move_all([star.id], "recognise", cast.county) == 1
    assert Notice.get_by_id(noticed.notice_id).state == "closed"


def test_the_morning_posts_no_star_and_closes_no_list_with_one_undecided(cast, star):
    noticed = cast.noticed_star(star)
    past_the_notice()
    assert post_due() == 0
    assert Notice.get_by_id(noticed.notice_id).state == "open"
    StarGrant.move(star.id, "recognise", cast.county)
    assert post_due() == 0
    assert Notice.get_by_id(noticed.notice_id).state == "closed"


def test_an_objection_to_a_star_is_its_recognisers_and_holds_it(cast, star):
    noticed = cast.noticed_star(star)
    said = Objection.enter(cast.recorder, notice=noticed.notice_id, record=star.id, said_by="邻居", reason="时长不实")
    past_the_notice()
    assert waits(cast.county, "recognise", "noticed") == 0
    with pytest.raises(Refusal, match="有异议正在核查，核查后才能认定"):
        StarGrant.move(star.id, "recognise", cast.county)
    for other in (cast.head, cast.prefecture):
        assert not said.legal_moves(other)
        with pytest.raises(Refusal, match="一星级由县级认定"):
            Objection.move(said.id, "dismiss", other, "记录属实")
    assert {m.name for m in said.legal_moves(cast.county)} == {"uphold", "dismiss"}
    Objection.move(said.id, "dismiss", cast.county, "逐条核对，记录属实")
    assert StarGrant.move(star.id, "recognise", cast.county).state == "recognised"


def test_an_upheld_objection_refuses_the_star_and_a_person_takes_it_up_again(cast, star):
    noticed = cast.noticed_star(star)
    said = Objection.enter(cast.recorder, notice=noticed.notice_id, record=star.id, said_by="邻居", reason="时长不实")
    Objection.move(said.id, "uphold", cast.county, "两次未到场")
    row = StarGrant.get_by_id(star.id)
    assert (row.state, row.notice_id, row.outcome) == ("refused", None, "异议成立：两次未到场")
    cast.posted(star.volunteer, minutes=60)
    assert StarGrant.get_by_id(star.id).state == "refused"  # never by itself
    assert StarGrant.move(star.id, "reapply", cast.head, "两次记录已冲正，仍满 100 小时").state == "proposed"


def test_an_objection_must_name_a_line_of_that_list(cast, star):
    noticed = cast.noticed_star(star)
    with pytest.raises(Refusal, match="这份公示里没有这一条内容"):
        Objection.enter(cast.recorder, notice=noticed.notice_id, record=star.id + 1, said_by="x", reason="x")


def test_the_recorders_objection_to_a_record_is_still_the_heads(cast):
    from test_notices import noticed

    (record,) = noticed(cast, "李明")
    said = Objection.enter(cast.recorder, notice=record.notice_id, record=record.id, said_by="邻居", reason="没来")
    with pytest.raises(Refusal, match="这份公示的异议由站长核查"):
        Objection.move(said.id, "dismiss", cast.county, "属实")
    star_move = Objection.life.move("dismiss")
    assert not Objection.select().where(condition(Objection, star_move, "open", cast.county)).exists()
    assert Objection.select().where(condition(Objection, star_move, "open", cast.head)).count() == 1


def test_hours_taken_back_while_it_hangs_out_lapse_the_star(cast):
    person = cast.registered()
    records = cast.posted(person, minutes=100 * 60)
    star = cast.noticed_star(StarGrant.get(StarGrant.volunteer == person.id))
    take_back(cast, records[0])
    row = StarGrant.get_by_id(star.id)
    assert (row.state, row.notice_id) == ("lapsed", None)


def test_a_recognised_star_whose_hours_were_taken_back_waits_for_its_recogniser(cast, star):
    cast.recognised(star)
    records = list(star.volunteer.records)
    asked = Correction.enter(cast.recorder, record=records[0].id, reason="重复登记")
    assert "一星级（已认定）将不再达到标准，转入复核。" in asked.consequences()
    Correction.move(asked.id, "approve", cast.head)
    row = StarGrant.get_by_id(star.id)
    assert row.state == "recheck" and "还差" in row.outcome
    assert listed(StarGrant.under_review, cast.county) == [star.id]
    assert waits(cast.county, "keep", "recheck") == 1 and waits(cast.prefecture, "keep", "recheck") == 0
    with pytest.raises(Refusal, match="一星级由县级认定"):
        StarGrant.move(star.id, "keep", cast.prefecture, reason="差得不多")


def test_a_star_kept_is_not_asked_about_again_until_more_is_taken_back(cast, star):
    cast.recognised(star)
    first, second, *_ = list(star.volunteer.records)
    take_back(cast, first)
    kept = StarGrant.move(star.id, "keep", cast.county, reason="差额不大，证书保留")
    assert (kept.state, kept.outcome) == ("recognised", "维持：差额不大，证书保留")
    cast.posted(star.volunteer, minutes=10)
    assert StarGrant.get_by_id(star.id).state == "recognised"
    assert listed(StarGrant.under_review, cast.county) == []
    take_back(cast, second)
    assert StarGrant.get_by_id(star.id).state == "recheck"


def test_a_revoked_star_keeps_its_number_and_a_new_one_gets_another(cast, star):
    number = cast.recognised(star).certificate_no
    take_back(cast, next(iter(star.volunteer.records)))
    row = StarGrant.move(star.id, "revoke", cast.county, reason="不再达到标准")
    assert (row.state, row.certificate_no, row.outcome) == ("revoked", number, "撤销：不再达到标准")
    with pytest.raises(Refusal, match="未达到最低星级"):
        StarGrant.move(star.id, "reapply", cast.head, "想再试试")
    cast.posted(star.volunteer, minutes=480, day=clock.today() - timedelta(days=1))
    row = StarGrant.move(star.id, "reapply", cast.head, "又服务了八小时")
    assert (row.state, row.certificate_no, row.void_nos) == ("proposed", None, number)
    for move, by in (("accept", cast.county), ("notice", cast.county)):
        StarGrant.move(star.id, move, by)
    past_the_notice()
    again = StarGrant.move(star.id, "recognise", cast.county)
    assert again.certificate_no.endswith("-2") and again.certificate_no != number


def test_only_a_certificate_that_stands_is_printed(cast, star):
    with pytest.raises(Refusal, match="只有已认定的星级可以打印证书"):
        star.printed(cast.head)
    row = cast.recognised(star)
    row.printed(cast.head)
    with pytest.raises(Refusal, match="审计员不能办理"):
        row.printed(cast.auditor)


@pytest.fixture
def selected(cast):
    """One star is given by selection in this county; two people reached it."""
    level = {"star": 1, "at": 1, "recognised_by": "county", "tenure_days": 0, "selection": True}
    PolicyVersion.create(
        topic="stars", division="530102", since=date(2020, 1, 1), source="区文件", values={"levels": [level]}
    )
    for name in ("李明", "王芳"):
        cast.posted(cast.registered(name), minutes=120)
    return list(StarGrant.select().order_by(StarGrant.id))


def test_where_policy_says_so_the_recogniser_selects_among_the_candidates(cast, selected):
    one, two = selected
    assert waits(cast.county, "select", "candidate") == 2
    assert StarGrant.move_all([one.id], "select", cast.county, "三人参评，按票数产生一人") == 1
    row = StarGrant.get_by_id(one.id)
    assert (row.state, row.outcome) == ("accepted", "评选：三人参评，按票数产生一人") and row.evidence
    assert StarGrant.get_by_id(two.id).state == "candidate"


def test_a_selection_is_stated_and_no_way_round_it(cast, selected):
    with pytest.raises(Refusal, match="请写明「评选产生」的理由"):
        StarGrant.move_all([row.id for row in selected], "select", cast.county)
    StarGrant.move(selected[0].id, "propose", cast.head)
    assert waits(cast.county, "accept", "proposed") == 0
    with pytest.raises(Refusal, match="一星级按评选产生"):
        StarGrant.move(selected[0].id, "accept", cast.county)


def test_no_selection_where_policy_asks_for_none(cast, star):
    assert waits(cast.county, "select", "candidate") == 0
    with pytest.raises(Refusal, match="一星级不用评选"):
        StarGrant.move(star.id, "select", cast.county, reason="先选上")


def listed(where, by) -> list[int]:
    rows = StarGrant.select(StarGrant.id).where(within(StarGrant, by), where(by)).order_by(StarGrant.id)
    return [row.id for row in rows]


def test_candidates_left_lying_are_listed_after_the_days_of_policy(cast):
    person = cast.registered()
    cast.posted(person, minutes=300 * 60)
    one, _two = StarGrant.select().order_by(StarGrant.star)
    days = for_actor("incentives", cast.head).rule.candidate_days
    clock.move_demo_clock(days)
    assert listed(StarGrant.left_lying, cast.head) == []
    clock.move_demo_clock(1)
    assert listed(StarGrant.left_lying, cast.head) == [one.id]  # the second waits for the first
    assert listed(StarGrant.left_lying, cast.head_b) == []
    StarGrant.move(one.id, "propose", cast.head)
    assert listed(StarGrant.left_lying, cast.head) == []
    StarGrant.move(one.id, "lapse", SYSTEM)
    StarGrant.move(one.id, "revive", SYSTEM)  # a candidate again from today
    assert listed(StarGrant.left_lying, cast.head) == []


LEVELS = some.lists(
    some.tuples(some.integers(1, 400), some.integers(0, 900), some.booleans()), min_size=1, max_size=5
)  # fmt: skip


@given(LEVELS, some.integers(0, 5), some.integers(0, 200_000), some.integers(0, 2000))
def test_the_next_star_is_the_one_after_hers_and_says_what_is_short(steps, held, minutes, days):
    at = list(accumulate(hours for hours, *_ in steps))
    levels = tuple(
        StarLevel(n, at[n - 1], "county", tenure, selection) for n, (_, tenure, selection) in enumerate(steps, 1)
    )
    version = Version("stars", "53", date(2020, 1, 1), "", Stars(levels))
    registered = date(2015, 1, 1)
    ahead = next_star(held, minutes, registered, registered + timedelta(days=days), version)
    if held >= len(levels):
        assert ahead is None
        return
    assert ahead.star == held + 1 and ahead.at == levels[held].at
    assert ahead.short_minutes == max(0, levels[held].at * 60 - minutes)
    assert ahead.short_days == max(0, levels[held].tenure_days - days) and ahead.selection == levels[held].selection
