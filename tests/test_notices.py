"""公示: working days across holidays, nothing takes effect before its end, and one objection holds one line."""

from datetime import date, datetime, timedelta

import pytest

from cast import past_the_notice
from models import clock
from models.audit import Trail
from models.fields import keyring
from models.hours import Balance
from models.keying import key_in
from models.notices import Notice, Objection
from models.policy import Holiday
from models.records import ServiceRecord, move_all, post_due
from models.refusals import Refusal
from models.verifying import verify


@pytest.fixture
def on(monkeypatch):
    """Put the clock on one day."""

    def set_day(day: date) -> None:
        monkeypatch.setattr(clock, "now", lambda: datetime.combine(day, datetime.min.time()) + timedelta(hours=20))

    return set_day


def noticed(cast, *names: str, spans=(("09:00", "11:00"),), by=None) -> list[ServiceRecord]:
    activity = cast.activity(by=by)
    head = cast.head_b if by == cast.recorder_b else cast.head
    lines = [cast.draft(cast.registered(n, by=by), activity, *span) for n in names for span in spans]
    keys = [row.id for row in key_in(lines, by or cast.recorder)]
    for move, who in (("submit", by or cast.recorder), ("approve", head), ("notice", head)):
        move_all(keys, move, who)
    return [ServiceRecord.get_by_id(key) for key in keys]


@pytest.mark.parametrize(
    ("published", "last_day"),
    [
        (date(2025, 3, 5), date(2025, 3, 10)),  # Wednesday, across a weekend
        (date(2025, 3, 7), date(2025, 3, 12)),  # Friday
        (date(2025, 3, 8), date(2025, 3, 12)),  # Saturday
        (date(2025, 9, 29), date(2025, 10, 10)),  # 国庆、中秋 1–8 October
        (date(2025, 9, 26), date(2025, 9, 30)),  # Sunday 28 September is worked
        (date(2025, 1, 24), date(2025, 2, 5)),  # 春节 28 January–4 February, Sunday 26 January worked
    ],
)
def test_three_working_days_count_from_the_day_after(cast, on, published, last_day):
    on(published)
    (record,) = noticed(cast, "李明")
    assert (record.notice.opens_on, record.notice.closes_on) == (published, last_day)
    on(last_day)
    with pytest.raises(Refusal, match=f"公示到 {last_day} 止，期满后才能入账"):
        ServiceRecord.move(record.id, "post", cast.head)
    assert post_due() == 0
    on(last_day + timedelta(days=1))
    assert post_due() == 1
    assert ServiceRecord.get_by_id(record.id).state == "posted"
    assert Notice.get_by_id(record.notice_id).state == "closed"


def test_a_prefectures_own_holiday_makes_the_notice_longer(cast, on):
    Holiday.create(division="5301", day=date(2025, 3, 6), name="火把节")
    Holiday.create(division="5303", day=date(2025, 3, 7), name="别处的")
    on(date(2025, 3, 5))
    (record,) = noticed(cast, "李明")
    assert record.notice.closes_on == date(2025, 3, 11)


def test_records_published_together_share_one_notice(cast):
    rows = noticed(cast, "李明", "王芳")
    assert rows[0].notice_id == rows[1].notice_id
    assert Notice.select().count() == 1


def test_posting_what_is_due_twice_posts_once(cast):
    noticed(cast, "李明", "王芳")
    past_the_notice()
    assert post_due() == 2
    before = Trail.select().count()
    assert post_due() == 0
    assert Trail.select().count() == before
    assert not verify()


def test_an_open_objection_holds_its_own_record_and_no_other(cast):
    disputed, other = noticed(cast, "李明", "王芳")
    objection = Objection.enter(
        cast.recorder, notice=disputed.notice_id, record=disputed.id, said_by="邻居", reason="当天没有来"
    )
    past_the_notice()
    with pytest.raises(Refusal, match="有异议正在核查"):
        ServiceRecord.move(disputed.id, "post", cast.head)
    assert post_due() == 1
    assert ServiceRecord.get_by_id(other.id).state == "posted"
    assert Notice.get_by_id(disputed.notice_id).state == "open"
    Objection.move(objection.id, "dismiss", cast.head, "签到表有本人签字")
    assert post_due() == 1
    assert Notice.get_by_id(disputed.notice_id).state == "closed"


def test_an_upheld_objection_returns_the_record(cast):
    (record,) = noticed(cast, "李明")
    objection = Objection.enter(
        cast.recorder, notice=record.notice_id, record=record.id, said_by="邻居", reason="没来"
    )
    Objection.move(objection.id, "uphold", cast.head, "确实没有到场")
    record = ServiceRecord.get_by_id(record.id)
    assert (record.state, record.notice_id) == ("returned", None)
    assert record.returned_for == "异议成立：确实没有到场"
    past_the_notice()
    assert post_due() == 0
    assert Balance.get_by_id(record.volunteer_id).honour == 0


@pytest.mark.parametrize(
    ("again", "ends"), [((), "returned"), (("submit",), "returned"), (("submit", "approve"), "returned")]
)
def test_an_objection_is_upheld_wherever_the_withdrawn_record_is_by_now(cast, again, ends):
    (record,) = noticed(cast, "李明")
    objection = Objection.enter(
        cast.recorder, notice=record.notice_id, record=record.id, said_by="邻居", reason="没来"
    )
    ServiceRecord.move(record.id, "withdraw", cast.head, "先核对")
    for move in again:
        ServiceRecord.move(record.id, move, cast.head)
    assert Objection.move(objection.id, "uphold", cast.head, "没有到场").state == "upheld"
    assert ServiceRecord.get_by_id(record.id).state == ends


def test_an_objection_must_name_a_line_of_that_notice_while_it_is_open(cast):
    first, second = noticed(cast, "李明")[0], noticed(cast, "王芳")[0]
    words = {"said_by": "邻居", "reason": "没来"}
    with pytest.raises(Refusal, match="这份公示里没有这一条记录"):
        Objection.enter(cast.recorder, notice=first.notice_id, record=second.id, **words)
    assert Objection.enter(cast.recorder, notice=first.notice_id, record=first.id, **words)
    past_the_notice()
    with pytest.raises(Refusal, match="公示已期满，不再接受异议"):
        Objection.enter(cast.recorder, notice=first.notice_id, record=first.id, **words)


def test_who_objects_is_sealed(cast, db):
    (record,) = noticed(cast, "李明")
    row = Objection.enter(
        cast.recorder, notice=record.notice_id, record=record.id, said_by="邻居", reason="没来", contact="13812345678"
    )
    (raw,) = Objection._meta.database.execute_sql("SELECT contact FROM objection").fetchone()
    assert "13812345678" not in raw and keyring.unseal(raw, "objection.contact") == "13812345678"
    assert Objection.get_by_id(row.id).contact == "13812345678"


def test_a_notice_is_not_closed_before_its_end_nor_over_what_is_still_on_it(cast):
    (record,) = noticed(cast, "李明")
    with pytest.raises(Refusal, match="期满后才能结束"):
        Notice.move(record.notice_id, "close", cast.head)
    past_the_notice()
    with pytest.raises(Refusal, match="还有没入账的记录"):
        Notice.move(record.notice_id, "close", cast.head)
    assert post_due() == 1
    assert Notice.get_by_id(record.notice_id).state == "closed"


def test_one_record_that_cannot_be_posted_goes_back_and_holds_up_nothing(cast):
    clash, other = noticed(cast, "李明", "王芳")
    twin = key_in([cast.draft(clash.volunteer, clash.activity, "13:00", "14:00")], cast.recorder)[0]
    # However it came to be: by another program, or before this one checked.
    ServiceRecord.update(started_at=clash.started_at, ended_at=clash.ended_at).where(
        ServiceRecord.id == twin.id
    ).execute()
    elsewhere = noticed(cast, "赵六", by=cast.recorder_b)[0]
    past_the_notice()
    assert post_due() == 2
    clash = ServiceRecord.get_by_id(clash.id)
    assert clash.state == "returned"
    assert clash.returned_for.startswith("期满未能入账：与本人另一条记录时间重叠：「上门陪伴」")
    assert {ServiceRecord.get_by_id(r.id).state for r in (other, elsewhere)} == {"posted"}
    assert {n.state for n in Notice.select()} == {"closed"}
    assert not verify()


def test_a_head_who_posts_what_is_due_leaves_her_own_entries_to_another(cast):
    activity = cast.activity()
    lines = [cast.draft(cast.registered("李明"), activity)]
    (own,) = key_in(lines, cast.head)
    for move, by in (("submit", cast.head), ("approve", cast.deputy), ("notice", cast.deputy)):
        move_all([own.id], move, by)
    past_the_notice()
    assert post_due(cast.head) == 0
    assert ServiceRecord.get_by_id(own.id).state == "noticed"
    assert Notice.get().state == "open"
    assert post_due(cast.head_b) == 0
    assert post_due(cast.deputy) == 1
    with pytest.raises(Refusal, match="不在记录员的职责内"):
        post_due(cast.recorder)


def test_the_demo_clock_only_moves_forward_and_only_on_demo_data(cast):
    with pytest.raises(Refusal, match="只能向前"):
        clock.move_demo_clock(-1)
    assert clock.move_demo_clock(3) == clock.today()
    clock.Setting.write("demo", False)
    with pytest.raises(Refusal, match="只有演示数据"):
        clock.move_demo_clock(1)
