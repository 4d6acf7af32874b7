"""冲正 as the volunteer meets it: what it would do is said and kept, she is told how it was decided, and may see why."""

from datetime import date, timedelta

import pytest

from cast import past_the_notice
from models import clock
from models.consequences import consequences
from models.corrections import Correction
from models.gifts import Gift
from models.hours import Balance
from models.people import open_for
from models.policy import PolicyVersion
from models.records import ServiceRecord, move_all
from models.refusals import Refusal
from models.rewards import Redemption, RewardItem
from models.scope import SYSTEM
from models.stars import StarGrant
from models.verifying import verify
from models.volunteers import Claim, Volunteer
from views.waiting import condition, inbox


def a_record(cast, minutes=120, name="李明") -> ServiceRecord:
    (row,) = cast.posted(cast.registered(name), minutes=minutes)
    return row


def exchanged(cast, record, points=2, key="k1", upto=("hand",)) -> Redemption:
    item = RewardItem.get_or_none(RewardItem.name == "理发") or RewardItem.enter(
        cast.head, name="理发", points=1, stock=9
    )
    slip = Redemption.reserve(record.volunteer_id, item.id, points, cast.recorder, key)
    for name in upto:
        Redemption.move(slip.id, name, cast.recorder, reason="不要了" if name == "cancel" else "")
    return Redemption.get_by_id(slip.id)


def asked(cast, record) -> Correction:
    return Correction.enter(cast.recorder, record=record.id, reason="重复登记")


def day_of(when) -> str:
    return f"{when.month} 月 {when.day} 日"


# --- what it would do ---


def test_an_exchange_that_was_handed_out_is_named_and_becomes_a_debt(cast_on_either):
    cast = cast_on_either
    record = a_record(cast)
    slip = exchanged(cast, record)
    said = consequences(record)
    assert said == [
        "荣誉工时从 2.00 小时变为 0.00 小时。",
        "可兑换工时不足，将欠 2.00 小时，由以后的工时抵扣。",
        f"其中 2.00 小时已兑换「理发」并于 {day_of(slip.handed_at)}发放，不追回，记为欠账。",
    ]
    Correction.move(asked(cast, record).id, "approve", cast.head)
    assert Balance.get_by_id(record.volunteer_id).debt == 120
    assert Redemption.get_by_id(slip.id).state == "handed"
    assert not verify()


@pytest.mark.parametrize(
    ("other", "then"),
    [(180, "从其余工时中扣回"), (30, "从其余工时中扣回 0.50 小时，1.50 小时记为欠账")],
)
def test_other_lots_pay_first_and_what_they_lack_is_owed(cast, other, then):
    record = a_record(cast)
    exchanged(cast, record)
    cast.posted(record.volunteer, minutes=other, day=clock.today() - timedelta(days=1))
    said = consequences(ServiceRecord.get_by_id(record.id))
    assert said[2].endswith(f"发放，不追回，{then}。")
    before = Balance.get_by_id(record.volunteer_id)
    Correction.move(asked(cast, record).id, "approve", cast.head)
    after = Balance.get_by_id(record.volunteer_id)
    assert (before.exchangeable - before.debt) - (after.exchangeable - after.debt) == 120
    assert after.debt == max(0, 120 - other)


def test_what_is_only_reserved_can_still_be_called_off_and_what_was_is_not_mentioned(cast):
    record = a_record(cast)
    slip = exchanged(cast, record, upto=())
    assert "其中 2.00 小时已预留兑换「理发」，还没有发放，可以先取消兑换单；不取消的，记为欠账。" in consequences(record)
    Redemption.move(slip.id, "cancel", cast.recorder, reason="先不换")
    assert not any("理发" in said for said in consequences(record))


def test_two_exchanges_of_one_lot_are_said_one_by_one(cast):
    record = a_record(cast)
    first, second = exchanged(cast, record, 1, "k1"), exchanged(cast, record, 1, "k2", upto=("hand", "confirm"))
    said = consequences(record)[2:]
    assert [one.startswith("其中 1.00 小时已兑换「理发」并于") for one in said] == [True, True]
    assert first.id != second.id


def test_what_was_given_away_is_not_asked_back(cast):
    record = a_record(cast, minutes=240)
    Gift.donate(record.volunteer_id, 60, cast.recorder, "g1")
    said = consequences(record)
    assert f"其中 1.00 小时已于 {day_of(clock.today())}捐给工作站，不追回，记为欠账。" in said


def test_an_untouched_lot_has_nothing_to_say_beyond_the_figures(cast):
    record = a_record(cast)
    assert consequences(record) == ["荣誉工时从 2.00 小时变为 0.00 小时。", "可兑换工时变为 0.00 小时。"]


def starred(cast, at: int, division: str = "530102", since=date(2020, 1, 1)) -> None:
    one = {"star": 1, "at": at, "recognised_by": "county", "tenure_days": 0, "selection": False}
    PolicyVersion.create(topic="stars", division=division, since=since, source="文件", values={"levels": [one]})


def told_of_stars(record) -> list[str]:
    return [said for said in consequences(ServiceRecord.get_by_id(record.id)) if "星级" in said]


def falls(record) -> list[str]:
    """States of the person's stars when the record is in fact taken back."""
    ServiceRecord.move(record.id, "reverse", SYSTEM, reason="重复登记")
    return [grant.state for grant in StarGrant.select().where(StarGrant.volunteer == record.volunteer_id)]


def test_a_star_is_judged_by_the_policy_of_where_the_person_is_now(cast):
    starred(cast, 2)
    starred(cast, 1, "530103")
    record = a_record(cast, minutes=60)
    cast.posted(record.volunteer, minutes=60, day=clock.today() - timedelta(days=1))
    assert told_of_stars(record) == ["一星级（候选）将不再达到标准。"]
    claim = Claim.ask("resident_id", record.volunteer.document_number, "搬家", cast.head_b)
    Claim.move(claim.id, "agree", cast.head)
    assert told_of_stars(record) == [] and falls(record) == ["candidate"]


@pytest.mark.parametrize(("asked_since", "stays", "then"), [(9, 120, "recognised"), (1, 60, "recheck")])
def test_a_recognised_star_is_judged_by_the_policy_that_recognised_it(cast, asked_since, stays, then):
    starred(cast, 2)
    record = a_record(cast)
    cast.posted(record.volunteer, minutes=stays, day=clock.today() - timedelta(days=1))
    StarGrant.update(state="recognised").where(StarGrant.volunteer == record.volunteer_id).execute()
    starred(cast, asked_since, since=clock.today())
    expected = [] if then == "recognised" else ["一星级（已认定）将不再达到标准，转入复核。"]
    assert told_of_stars(record) == expected
    assert falls(record) == [then]


@pytest.mark.parametrize("decision", ["approve", "refuse"])
def test_what_was_known_is_kept_with_the_decision(cast_on_either, decision):
    cast = cast_on_either
    record = a_record(cast)
    exchanged(cast, record)
    row = asked(cast, record)
    shown = row.consequences()
    Correction.move(row.id, decision, cast.head, reason="签到表有签名")
    row = Correction.get_by_id(row.id)
    assert row.foreseen == {"decision": shown}
    cast.posted(record.volunteer, minutes=60, day=clock.today() - timedelta(days=3))
    assert Correction.get_by_id(row.id).foreseen == {"decision": shown}  # whatever came later


def test_a_refusal_that_is_overturned_says_and_keeps_what_that_would_do(cast):
    record = a_record(cast)
    row = Correction.move(asked(cast, record).id, "refuse", cast.head, reason="有签名")
    assert row.would() == []
    row = Correction.move(row.id, "appeal", cast.recorder, reason="不同意")
    assert row.would()[0] == "荣誉工时从 2.00 小时变为 0.00 小时。"
    row = Correction.move(row.id, "overturn", cast.county, reason="确有重复")
    assert row.foreseen["review"][0] == "荣誉工时从 2.00 小时变为 0.00 小时。"
    assert row.would() == []


# --- telling ---


def waits(cast, who, name) -> int:
    move = Correction.life.move(name)
    return sum(
        Correction.select().where(condition(Correction, move, state, who)).count() for state in move.sources
    )


@pytest.mark.parametrize("decision", ["approve", "refuse"])
def test_a_decision_waits_in_the_inbox_until_the_volunteer_was_told(cast_on_either, decision):
    cast = cast_on_either
    row = Correction.move(asked(cast, a_record(cast)).id, decision, cast.head, reason="已核对")
    for who in (cast.recorder, cast.head, cast.deputy):
        assert waits(cast, who, "tell") == 1
        assert any(one.move.name == "tell" for one in inbox(who))
    row = Correction.move(row.id, "tell", cast.recorder, told_how="phone")
    assert (row.state, row.told_how, row.told_on) == ("told", "phone", clock.today())
    assert row.decision == {"approve": "approved", "refuse": "refused"}[decision]
    assert waits(cast, cast.recorder, "tell") == 0
    again = Correction.move(row.id, "tell", cast.head, told_how="sms")
    assert (again.told_how, again.revision) == ("phone", row.revision)


def as_the_first_release_left_it(row: Correction) -> Correction:
    """The decision alone: who decided, when, by which policy and what was known of it came to be kept later."""
    Correction.update(
        decision="", answer="", decided_on=None, decided_by=None, policy="", foreseen=None, told_how=None, told_on=None
    ).where(Correction.id == row.id).execute()
    return Correction.get_by_id(row.id)


@pytest.mark.parametrize("decision", ["approve", "refuse"])
def test_what_was_decided_before_telling_was_kept_fills_no_inbox_and_can_still_be_told_by_hand(
    cast, desk, decision
):
    old = Correction.move(asked(cast, a_record(cast)).id, decision, cast.head, reason="已核对")
    as_the_first_release_left_it(old)
    new = Correction.move(asked(cast, a_record(cast, name="王芳")).id, decision, cast.head, reason="已核对")
    assert waits(cast, cast.recorder, "tell") == 1
    page = desk.signed_in_as(cast.recorder)
    assert page.get(f"/admin/corrections/details/?id={old.id}").says("告知本人")
    page.post("/admin/corrections/move/", {"tell-told_how": "phone", "tell-told_on": ""}, move="tell", id=old.id)
    row = Correction.get_by_id(old.id)
    assert (row.state, row.told_how, row.decision) == ("told", "phone", {"approve": "approved", "refuse": "refused"}[decision])
    assert waits(cast, cast.recorder, "tell") == 1
    Correction.move(new.id, "tell", cast.recorder, told_how="sms")
    assert not any(one.move.name == "tell" for one in inbox(cast.recorder))


def test_an_outcome_from_before_fills_no_inbox_and_one_since_then_does(cast_on_either):
    cast = cast_on_either
    rows = []
    for name in ("李明", "王芳"):
        row = Correction.move(asked(cast, a_record(cast, name=name)).id, "refuse", cast.head, reason="已核对")
        rows.append(as_the_first_release_left_it(row))
        Correction.move(row.id, "appeal", cast.recorder, reason="不同意")
        Correction.move(row.id, "uphold", cast.county, reason="核对无误")
    assert waits(cast, cast.recorder, "report") == 2
    Correction.update(foreseen=None).where(Correction.id == rows[0].id).execute()  # reviewed before, too
    assert waits(cast, cast.recorder, "report") == 1
    assert Correction.move(rows[0].id, "report", cast.head, reported_how="phone").state == "closed"


def test_telling_says_how_and_on_a_day_that_can_be(cast):
    row = Correction.move(asked(cast, a_record(cast)).id, "refuse", cast.head, reason="已核对")
    with pytest.raises(Refusal, match="请选择「告知方式」"):
        Correction.move(row.id, "tell", cast.recorder)
    with pytest.raises(Refusal, match="没有「pigeon」这一项"):
        Correction.move(row.id, "tell", cast.recorder, told_how="pigeon")
    with pytest.raises(Refusal, match="还没有到"):
        Correction.move(row.id, "tell", cast.recorder, told_how="sms", told_on=clock.today() + timedelta(days=1))
    with pytest.raises(Refusal, match="应不早于"):
        Correction.move(row.id, "tell", cast.recorder, told_how="sms", told_on=row.decided_on - timedelta(days=1))
    for stranger in (cast.county, cast.auditor):
        with pytest.raises(Refusal, match=r"不在.*的职责内"):
            Correction.move(row.id, "tell", stranger, told_how="sms")


def test_what_was_told_can_still_be_appealed_and_the_outcome_is_told_too(cast):
    row = Correction.move(asked(cast, a_record(cast)).id, "refuse", cast.head, reason="已核对")
    Correction.move(row.id, "tell", cast.recorder, told_how="in_person")
    with pytest.raises(Refusal, match="只有当初提出更正的人可以申诉"):
        Correction.move(row.id, "appeal", cast.deputy, reason="不同意")
    Correction.move(row.id, "appeal", cast.recorder, reason="不同意")
    Correction.move(row.id, "uphold", cast.county, reason="核对无误")
    assert waits(cast, cast.recorder, "report") == 1
    row = Correction.move(row.id, "report", cast.head, reported_how="other")
    assert (row.state, row.outcome, row.reported_how, row.reported_on) == ("closed", "upheld", "other", clock.today())
    assert waits(cast, cast.recorder, "report") == 0
    assert (row.told_how, row.told_on) == ("in_person", clock.today())


def test_an_approval_that_was_told_is_not_appealed_by_whoever_decided(cast):
    row = Correction.move(asked(cast, a_record(cast)).id, "approve", cast.head)
    Correction.move(row.id, "tell", cast.recorder, told_how="phone")
    with pytest.raises(Refusal, match="不能对自己作出的决定提出申诉"):
        Correction.move(row.id, "appeal", cast.head, reason="本人不同意")
    Correction.move(row.id, "appeal", cast.recorder, reason="本人不同意")
    row = Correction.move(row.id, "overturn", cast.county, reason="并无重复")
    assert row.outcome == "overturned"
    move_all([row.restored_id], "notice", cast.head)
    past_the_notice()


# --- on the pages ---


def test_the_head_reads_what_follows_before_and_what_was_known_after(cast, desk):
    record = a_record(cast)
    exchanged(cast, record)
    row = asked(cast, record)
    head = desk.signed_in_as(cast.head).get(f"/admin/corrections/details/?id={row.id}")
    assert head.says("冲正的后果") and head.says("不追回，记为欠账")
    head.post("/admin/corrections/move/", move="approve", id=row.id)
    head.get(f"/admin/corrections/details/?id={row.id}")
    assert head.says("决定时所知的后果") and head.says("不追回，记为欠账") and not head.says("冲正的后果")
    recorder = desk.signed_in_as(cast.recorder)
    assert recorder.get("/admin/").says("告知本人")
    recorder.get(f"/admin/corrections/details/?id={row.id}")
    recorder.post("/admin/corrections/move/", {"tell-told_how": "phone", "tell-told_on": ""}, move="tell", id=row.id)
    assert Correction.get_by_id(row.id).state == "told"
    assert recorder.get(f"/admin/corrections/details/?id={row.id}").says("电话")
    assert not recorder.get("/admin/").says("告知本人")


def as_herself(cast, volunteer: Volunteer):
    return open_for(volunteer.id, cast.head).actor()


def test_the_volunteer_reads_her_corrections_and_nobody_elses(cast, desk):
    record, other = a_record(cast), a_record(cast, name="王芳")
    mine, hers = asked(cast, record), asked(cast, other)
    page = desk.signed_in_as(as_herself(cast, record.volunteer)).get("/me/asked")
    assert page.says("我的更正") and page.says("正在等待批准")
    Correction.move(hers.id, "refuse", cast.head, reason="与王芳有关的理由")
    row = Correction.move(mine.id, "refuse", cast.head, reason="签到表上有签名")
    page.get("/me/asked")
    assert page.says("不批准") and page.says("签到表上有签名") and page.says(f"{row.appeal_until()} 以前可以申诉一次")
    assert not page.says("与王芳有关的理由")
    clock.move_demo_clock((row.appeal_until() - clock.today()).days)
    Correction.move(row.id, "appeal", cast.recorder, reason="本人有照片")
    assert page.get("/me/asked").says("本人有照片") and not page.says("以前可以申诉一次")
    Correction.move(row.id, "uphold", cast.county, reason="照片看不清")
    assert page.get("/me/asked").says("维持原决定") and page.says("照片看不清")


def test_after_the_time_is_over_her_page_no_longer_offers_an_appeal(cast, desk):
    record = a_record(cast)
    row = Correction.move(asked(cast, record).id, "refuse", cast.head, reason="签到表上有签名")
    clock.move_demo_clock((row.appeal_until() - clock.today()).days + 1)
    page = desk.signed_in_as(as_herself(cast, record.volunteer)).get("/me/asked")
    assert page.says("签到表上有签名") and not page.says("以前可以申诉一次")


def test_whoever_has_no_correction_reads_of_none(cast, desk):
    record = a_record(cast)
    assert not desk.signed_in_as(as_herself(cast, record.volunteer)).get("/me/asked").says("我的更正")
