"""到期清除: proposed by the program, decided by a head, carried out row by row; what is under way stays, with its reason."""

from datetime import timedelta

import pytest
from walks_consents import gone, household, recipient

from cast import past_the_notice
from models import clock, policy, retention
from models.applications import Application
from models.audit import Trail
from models.covers import Cover
from models.hours import Balance, Entry
from models.households import Household, Recipient, Visit
from models.notices import Objection
from models.policy import PolicyVersion
from models.refusals import NotFound, Refusal
from models.retention import WAYS, RetentionLine, RetentionProposal
from models.rewards import Redemption, RewardItem
from models.scope import SYSTEM
from models.verifying import verify
from models.volunteers import Volunteer
from rules.policy import PolicyError, build
from rules.retention import KINDS
from rules.topics import Retention, Schedule
from walks_main import an_objection


def long_ago(model, key: int, days: int = 1000) -> None:
    """As if the row had come to where it stands so many days ago."""
    model.update(moved_at=clock.now() - timedelta(days=days)).where(model.id == key).execute()


def left(cast, name: str = "欧阳淑兰", **more) -> Volunteer:
    who = cast.registered(name, **more)
    cast.posted(who, 120)
    Volunteer.move(who.id, "suspend", cast.head, "外出务工")
    long_ago(Volunteer, who.id)
    return who


def proposed(kind: str) -> RetentionProposal:
    return RetentionProposal.get(RetentionProposal.kind == kind)


# --- the periods ---


def test_every_kind_of_the_policy_can_be_found_and_erased_and_ships_with_a_period(cast):
    rule = policy.in_force("retention", cast.a, clock.today()).rule
    assert {one.what for one in rule.schedules} == set(KINDS) == set(WAYS)
    assert all(one.months >= 1 and one.basis for one in rule.schedules) and rule.audit_months >= 6


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"audit_months": 5}, "不能小于 6"),
        ({"schedules": [{"what": "hours", "months": 12, "basis": "x"}]}, "只能是"),
        ({"schedules": [{"what": "visit", "months": 0, "basis": "x"}]}, "不能小于 1"),
        ({"schedules": [{"what": "visit", "months": 1, "basis": "x"}] * 2}, "只能写一行"),
    ],
)
def test_the_account_has_no_period_and_the_log_is_never_kept_for_less_than_six_months(values, says):
    good = {"schedules": [], "answer_days": 15, "audit_months": 6}
    assert build(Retention, good, "retention")
    with pytest.raises(PolicyError, match=says):
        build(Retention, good | values, "retention")
    assert Schedule


def test_a_division_may_lay_down_a_period_of_its_own(cast):
    gone(cast, days=200)
    assert retention.propose_due() == 0
    shorter = [{"what": "recipient", "months": 6, "basis": "区文明办〔2026〕8 号"}]
    PolicyVersion.insert(topic="retention", division="530102", since=clock.today(), edition=1, source="区文明办〔2026〕8 号",
                         values={"schedules": shorter}, bounds={}).execute()  # fmt: skip
    assert retention.propose_due() == 1
    assert (proposed("recipient").months, proposed("recipient").basis) == (6, "区文明办〔2026〕8 号")


# --- proposing ---


def test_what_is_past_its_time_is_proposed_once_and_nothing_is_erased_by_that(cast):
    old, recent = gone(cast, 500), recipient(cast, household(cast, address="别处 1 号"), name="李芳")
    assert retention.propose_due() == 1 and retention.propose_due() == 0
    row = proposed("recipient")
    assert (row.state, row.rows, row.kept, row.station_id) == ("proposed", 1, 0, cast.a.id)
    assert [line.row for line in row.lines] == [old.id]
    assert retention.carry_out() == 0
    assert Recipient.get_by_id(old.id).name == "和桂芬" and Recipient.get_by_id(recent.id).erased_on is None


def test_only_the_program_proposes(cast):
    with pytest.raises(Refusal, match="由程序提出"):
        retention.propose_due(cast.head)


def test_a_head_of_another_station_and_a_recorder_decide_nothing(cast):
    gone(cast)
    retention.propose_due()
    key = proposed("recipient").id
    with pytest.raises(NotFound):
        RetentionProposal.move(key, "approve", cast.head_b)
    with pytest.raises(Refusal, match="不在记录员的职责内"):
        RetentionProposal.move(key, "approve", cast.recorder)
    with pytest.raises(Refusal, match="不在督导的职责内"):
        RetentionProposal.move(key, "approve", cast.county)


def test_what_was_refused_rests_for_half_a_year(cast):
    gone(cast)
    retention.propose_due()
    RetentionProposal.move(proposed("recipient").id, "refuse", cast.head, "家属还要查询")
    assert retention.propose_due() == 0
    clock.move_demo_clock(200)
    assert retention.propose_due() == 1


# --- carrying out ---


def test_what_a_head_approved_goes_row_by_row_with_its_trace(cast):
    who = gone(cast)
    retention.propose_due()
    key = proposed("recipient").id
    RetentionProposal.move(key, "approve", cast.head)
    assert retention.carry_out() == 1
    row = RetentionProposal.get_by_id(key)
    assert (row.state, row.cleared, row.kept, row.approver) == ("done", 1, 0, cast.head.name)
    assert Recipient.get_by_id(who.id).name == f"已注销 F{who.id}"
    (step,) = Trail.select().where(Trail.table == "recipient", Trail.action == "erase")
    assert step.station == cast.a.id and cast.head.name in step.reason
    assert retention.carry_out() == 0 and retention.propose_due() == 0


def test_who_left_long_ago_becomes_a_number_and_her_hours_stay(cast):
    who = left(cast)
    before = list(Entry.select().order_by(Entry.id).dicts()), list(Balance.select().dicts())
    assert retention.propose_due() == 1
    RetentionProposal.move(proposed("left_volunteer").id, "approve", cast.head)
    assert retention.carry_out() == 1
    assert Volunteer.get_by_id(who.id).name == f"已注销 {who.card_no}"
    assert (list(Entry.select().order_by(Entry.id).dicts()), list(Balance.select().dicts())) == before and not verify()


def test_what_is_under_way_is_kept_back_with_its_reason(cast):
    free, busy = left(cast), left(cast, "马会芝")
    item = RewardItem.enter(cast.head, name="理发", points=1, stock=3)
    Volunteer.update(state="registered").where(Volunteer.id == busy.id).execute()
    Redemption.reserve(busy.id, item.id, 1, cast.recorder, "k1")
    Volunteer.update(state="suspended").where(Volunteer.id == busy.id).execute()
    assert retention.propose_due() == 1
    row = proposed("left_volunteer")
    assert (row.rows, row.kept) == (1, 1) and any("1 条还在办理中" in says for says in row.consequences())
    RetentionProposal.move(row.id, "approve", cast.head)
    assert retention.carry_out() == 1
    assert Volunteer.get_by_id(free.id).state == "erased" and Volunteer.get_by_id(busy.id).state == "suspended"
    assert "兑换单没有办结" in RetentionLine.get(RetentionLine.row == busy.id).held


def test_only_kept_back_rows_are_not_put_before_a_head_night_after_night(cast):
    busy = left(cast)
    item = RewardItem.enter(cast.head, name="理发", points=1, stock=3)
    Volunteer.update(state="registered").where(Volunteer.id == busy.id).execute()
    Redemption.reserve(busy.id, item.id, 1, cast.recorder, "k1")
    Volunteer.update(state="suspended").where(Volunteer.id == busy.id).execute()
    assert retention.propose_due() == 0


def test_who_came_back_between_the_proposal_and_the_night_stays(cast):
    who = left(cast)
    retention.propose_due()
    RetentionProposal.move(proposed("left_volunteer").id, "approve", cast.head)
    Volunteer.move(who.id, "restore", cast.head, "回来了")
    assert retention.carry_out() == 0
    row = proposed("left_volunteer")
    assert (row.state, row.cleared, row.kept) == ("done", 0, 1)
    assert "已不再到期" in row.lines.get().held and Volunteer.get_by_id(who.id).name == "欧阳淑兰"


def test_killed_half_way_the_next_run_goes_on_where_it_stopped(cast_on_either, monkeypatch):
    cast = cast_on_either
    people = [gone(cast)] + [
        recipient(cast, household(cast, address=f"别处 {n} 号"), left_on=clock.today() - timedelta(days=500)) for n in range(3)
    ]
    retention.propose_due()
    RetentionProposal.move(proposed("recipient").id, "approve", cast.head)
    real, done = retention.erasing.erase_recipient, []

    def dies(key, by, reason):
        if len(done) == 2:
            raise KeyboardInterrupt
        real(key, by, reason)
        done.append(key)

    kind = WAYS["recipient"]
    monkeypatch.setitem(WAYS, "recipient", retention.Kind(kind.model, kind.over, dies, kind.keeps))
    with pytest.raises(KeyboardInterrupt):
        retention.carry_out()
    assert Recipient.select().where(Recipient.erased_on.is_null(False)).count() == 2
    assert RetentionLine.select().where(RetentionLine.done_at.is_null(False)).count() == 2
    monkeypatch.setitem(WAYS, "recipient", kind)
    assert retention.carry_out() == 2
    assert proposed("recipient").cleared == 4 == Recipient.select().where(Recipient.erased_on.is_null(False)).count()
    assert Trail.select().where(Trail.table == "recipient", Trail.action == "erase").count() == len(people)


def test_each_smaller_kind_loses_what_its_period_says_and_keeps_the_rest(cast):
    who, here = cast.registered(), household(cast)
    day = clock.today() - timedelta(days=1000)
    cover = Cover.enter(cast.recorder, volunteer=who.id, insurer="某保险", policy_number="PA123456", starts_on=day,
                        ends_on=day + timedelta(days=30))  # fmt: skip
    visit = Visit.enter(cast.recorder, household=here.id, day=day, visitor="王敏", found="独居，腿脚不便")
    _, objection = an_objection(cast)
    Objection.move(objection, "dismiss", cast.head, "查无此事")
    long_ago(Objection, objection)
    applied = Application.enter(cast.recorder, post=cast.post().id, volunteer=who.id, note="身体不好")
    Application.move(applied.id, "refuse", cast.head, "名额已满")
    long_ago(Application, applied.id)
    past_the_notice()
    assert retention.propose_due() == 4
    for row in RetentionProposal.select():
        RetentionProposal.move(row.id, "approve", cast.head)
    assert retention.carry_out() == 4
    assert Cover.get_by_id(cover.id).policy_number == "" and Cover.get_by_id(cover.id).ends_on
    assert (Visit.get_by_id(visit.id).found, Visit.get_by_id(visit.id).visitor) == ("", "王敏")
    kept = Objection.get_by_id(objection)
    assert (kept.said_by, kept.contact, kept.outcome) == ("已注销", "", "查无此事")
    told = Application.get_by_id(applied.id)
    assert (told.note, told.outcome, told.state) == ("", "", "refused")
    assert retention.propose_due() == 0


def test_a_household_waits_for_its_people(cast):
    here = household(cast, left_on=clock.today() - timedelta(days=500))
    who = recipient(cast, here, left_on=clock.today() - timedelta(days=500))
    assert retention.propose_due() == 1
    RetentionProposal.move(proposed("recipient").id, "approve", cast.head)
    retention.carry_out()
    assert Recipient.get_by_id(who.id).erased_on and retention.propose_due() == 1
    RetentionProposal.move(proposed("household").id, "approve", cast.head)
    assert retention.carry_out() == 1
    row = Household.get_by_id(here.id)
    assert (row.name, row.address, row.phone, row.note) == (f"已注销 H{here.id}", "", None, None)


def test_nobody_but_the_program_finishes_a_proposal_and_not_before_its_rows_are_done(cast):
    gone(cast)
    retention.propose_due()
    key = proposed("recipient").id
    RetentionProposal.move(key, "approve", cast.head)
    with pytest.raises(Refusal, match="还有 1 条没有清除"):
        RetentionProposal.move(key, "finish", SYSTEM)
