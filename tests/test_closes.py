"""月结: a month is added up once and never moves; what comes later counts to an open month, and the sums stay whole."""

import random
from datetime import date, datetime, timedelta

import pytest
from peewee import DatabaseError

from cast import Cast, at
from models import clock, closes, hours
from models.audit import Trail
from models.base import database
from models.closes import Figures, MonthClose, figures_of, months_of, next_to_close
from models.corrections import Correction
from models.earning import post
from models.hours import Entry, Writer
from models.keying import Draft, key_in
from models.records import ServiceRecord, move_all, post_due
from models.refusals import NotFound, Refusal
from models.verifying import verify
from rules.months import has_ended, month_of, next_month, period_of


@pytest.mark.parametrize(
    ("month", "after"),
    [("2026-01", "2026-02"), ("2026-12", "2027-01"), ("2024-02", "2024-03"), ("0999-12", "1000-01")],
)
def test_months_follow_each_other(month, after):
    assert next_month(month) == after > month


@pytest.mark.parametrize("wrong", ["2026-13", "2026-1", "", "2026"])
def test_what_is_no_month_is_refused(wrong):
    with pytest.raises(ValueError, match=r"(?i)invalid|month must"):
        next_month(wrong)


@pytest.mark.parametrize(
    ("service", "first_open", "period"),
    [
        ("2026-03", "", "2026-03"),  # never closed
        ("2026-03", "2026-03", "2026-03"),  # still open
        ("2026-05", "2026-03", "2026-05"),
        ("2026-02", "2026-03", "2026-03"),  # closed: the first open month
        ("2025-11", "2026-03", "2026-03"),
    ],
)
def test_service_counts_to_its_own_month_while_that_is_open(service, first_open, period):
    assert period_of(service, first_open) == period


def test_a_month_ends_with_its_last_day():
    assert not has_ended("2026-02", date(2026, 2, 28))
    assert has_ended("2026-02", date(2026, 3, 1))


@pytest.fixture
def on(monkeypatch):
    """Put the clock on one day."""

    def set_day(day: date) -> None:
        monkeypatch.setattr(clock, "now", lambda: datetime.combine(day, datetime.min.time()) + timedelta(hours=20))

    return set_day


def served(cast: Cast, volunteer, day: date, minutes: int = 60, upto: str = "notice") -> ServiceRecord:
    """A record of so many minutes on that day, as far on its way as ``upto``."""
    activity = cast.activity(day)
    start = at(day, "09:00")
    line = Draft(
        volunteer.id, activity.id, start, start + timedelta(minutes=minutes), content="陪伴老人", quality="1"
    )
    (row,) = key_in([line], cast.recorder)
    for name, by in (("submit", cast.recorder), ("approve", cast.head), ("notice", cast.head)):
        move_all([row.id], name, by)
        if name == upto:
            break
    return row


MARCH, APRIL = date(2026, 3, 10), date(2026, 4, 8)


@pytest.fixture
def march(cast, on):
    """Li Ming's hour of March is posted; it is the seventh of April."""
    on(MARCH)
    person = cast.registered("李明")
    record = served(cast, person, MARCH - timedelta(days=1))
    on(date(2026, 4, 7))
    assert post_due() == 1
    return record


def test_the_head_closes_a_month_that_has_ended(cast, march):
    row = MonthClose.close(cast.a.id, "2026-03", cast.head)
    assert (row.records, row.people, row.minutes, row.taken_back, row.other_minutes, row.net_minutes) == (
        1,
        1,
        60,
        0,
        0,
        60,
    )
    assert (row.by_origin, row.closer, row.last_seq) == ({march.origin: 60}, "张站长", 2)
    assert Trail.get(Trail.action == "close").station == cast.a.id
    assert not verify()


def test_closing_again_is_the_same_close(cast, march):
    first = MonthClose.close(cast.a.id, "2026-03", cast.head)
    assert MonthClose.close(cast.a.id, "2026-03", cast.deputy).id == first.id
    assert MonthClose.select().count() == 1


@pytest.mark.parametrize(
    ("who", "says"), [("recorder", "记录员不能办理"), ("county", "督导不能办理"), ("auditor", "审计员不能办理")]
)
def test_only_the_head_closes(cast, march, who, says):
    with pytest.raises(Refusal, match=says):
        MonthClose.close(cast.a.id, "2026-03", getattr(cast, who))


def test_another_stations_month_is_not_found(cast, march):
    with pytest.raises(NotFound):
        MonthClose.close(cast.a.id, "2026-03", cast.head_b)
    with pytest.raises(Refusal, match="还没有入账的服务记录"):
        MonthClose.close(cast.b.id, "2026-03", cast.head_b)


def test_a_month_is_closed_in_its_turn_and_not_before_its_end(cast, march, on):
    with pytest.raises(Refusal, match="现在轮到 2026-03"):
        MonthClose.close(cast.a.id, "2026-04", cast.head)
    MonthClose.close(cast.a.id, "2026-03", cast.head)
    with pytest.raises(Refusal, match="2026-04 还没有结束"):
        MonthClose.close(cast.a.id, "2026-04", cast.head)
    on(date(2026, 5, 1))
    assert MonthClose.close(cast.a.id, "2026-04", cast.head).records == 0  # an empty month is closed, too
    assert next_to_close(cast.a.id) == "2026-05"


def test_a_month_whose_records_wait_says_how_many_and_in_which_state(cast, march, on):
    for name, upto in (("王芳", "submit"), ("赵强", "submit"), ("孙丽", "approve")):
        served(cast, cast.registered(name), date(2026, 3, 20), upto=upto)
    served(cast, cast.registered("周红"), date(2026, 4, 2), upto="submit")  # April's is none of March's
    with pytest.raises(Refusal, match="2026-03 还有 3 条服务记录没有办完：「待审核」2 条、「待公示」1 条"):
        MonthClose.close(cast.a.id, "2026-03", cast.head)
    for row in ServiceRecord.select().where(ServiceRecord.state.in_(["submitted", "approved"])):
        if row.started_at.month == 3:
            ServiceRecord.move(row.id, "return", cast.head, "补签名")
            ServiceRecord.move(row.id, "void", cast.recorder, "无法补签")
    assert MonthClose.close(cast.a.id, "2026-03", cast.head)


def test_a_late_entry_and_a_reversal_count_to_the_open_month(cast, march, on):
    closed = MonthClose.close(cast.a.id, "2026-03", cast.head)
    late = served(cast, cast.registered("王芳"), date(2026, 3, 25), 90)
    on(date(2026, 4, 20))
    assert post_due() == 1
    assert Entry.get(Entry.record == late.id, Entry.credit == "honour").period == "2026-04"
    asked = Correction.enter(cast.recorder, record=march.id, reason="重复登记")
    Correction.move(asked.id, "approve", cast.head)
    assert {e.period for e in Entry.select().where(Entry.kind == "reversal")} == {"2026-04"}
    found = months_of(cast.a.id)
    assert found["2026-03"] == Figures(1, 1, 60, 0, 0, 60, {march.origin: 60})
    assert (found["2026-04"].minutes, found["2026-04"].taken_back, found["2026-04"].net_minutes) == (90, 60, 30)
    assert MonthClose.get_by_id(closed.id).net_minutes == 60
    assert not verify()


def test_a_reversal_counts_to_the_month_of_service_while_that_is_open(cast, march):
    asked = Correction.enter(cast.recorder, record=march.id, reason="重复登记")
    Correction.move(asked.id, "approve", cast.head)
    assert {e.period for e in Entry.select()} == {"2026-03"}
    assert figures_of(cast.a.id, "2026-03").net_minutes == 0


def test_entries_from_before_there_were_months_keep_their_hash_and_count_to_their_day(cast, march):
    database.execute_sql("DROP TRIGGER entry_no_update")
    for entry in Entry.select().order_by(Entry.seq):  # as an older version wrote them
        before = Entry.get_or_none(Entry.seq == entry.seq - 1)
        entry.period, entry.previous = None, before.hash if before else entry.previous
        entry.hash = entry.digest()
        entry.save()
    hours.Chain.update(hash=Entry.get(Entry.seq == 2).hash).execute()
    assert not verify()
    assert figures_of(cast.a.id, "2026-03").minutes == 60
    assert MonthClose.close(cast.a.id, "2026-03", cast.head).minutes == 60
    assert not verify()


@pytest.mark.parametrize("change", [{"period": "2026-04"}, {"period": None}])
def test_a_period_that_was_altered_breaks_the_chain(cast, march, change):
    database.execute_sql("DROP TRIGGER entry_no_update")
    Entry.update(change).where(Entry.seq == 1).execute()
    assert "改动过" in verify()[0].says


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"minutes": 61}, "2026-03 月结的数字与分录合计不符"),
        ({"people": 2}, "2026-03 月结的数字与分录合计不符"),
        ({"by_origin": {"desk": 59}}, "2026-03 月结的数字与分录合计不符"),
        ({"last_seq": 1}, "第 2 笔是在 2026-03 月结以后记到这个月的"),
    ],
)
def test_verify_names_the_close_that_its_entries_do_not_bear_out(cast, march, change, says):
    MonthClose.close(cast.a.id, "2026-03", cast.head)
    assert not verify()
    database.execute_sql("DROP TRIGGER month_close_no_update")
    MonthClose.update(change).execute()
    assert [says in fault.says for fault in verify()] == [True]
    assert verify(cast.a.id) and not verify(cast.b.id)


def test_a_close_that_is_missing_between_two_shows(cast, march, on):
    MonthClose.close(cast.a.id, "2026-03", cast.head)
    on(date(2026, 6, 2))
    MonthClose.close(cast.a.id, "2026-04", cast.head)
    MonthClose.close(cast.a.id, "2026-05", cast.head)
    database.execute_sql("DROP TRIGGER month_close_no_delete")
    MonthClose.delete().where(MonthClose.month == "2026-04").execute()
    assert [fault.says for fault in verify()] == ["月结缺少 2026-04。"]


@pytest.mark.parametrize("verb", ["UPDATE month_close SET minutes = 1", "DELETE FROM month_close"])
def test_nobody_undoes_a_close(cast_on_either, verb):
    cast = cast_on_either
    MonthClose.create(
        station=cast.a.id, month="2026-03", last_seq=0, closer="张站长", closed_at=clock.now(), **Figures().__dict__
    )
    with pytest.raises(DatabaseError, match="append-only"), database.atomic():
        database.execute_sql(verb)


def test_it_adds_up_on_both_databases(cast_on_either):
    cast = cast_on_either
    (record,) = cast.posted(cast.registered(), 90)
    month = month_of(record.started_at.date())
    assert next_to_close(cast.a.id) == month
    assert months_of(cast.a.id) == {month: Figures(1, 1, 90, 0, 0, 90, {"desk": 90})}
    clock.move_demo_clock(60)
    assert MonthClose.close(cast.a.id, month, cast.head).by_origin == {"desk": 90}
    assert closes.first_open(cast.a.id) == next_month(month)
    assert not verify()


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_posted_reversed_and_closed_the_closed_figures_stand_and_the_sums_are_whole(cast, on, seed):
    """A year at random: service posted soon or late, some of it reversed, months closed as they can be."""
    dice = random.Random(seed)
    on(date(2025, 1, 1))
    people = [cast.registered(name) for name in ("李明", "王芳")]
    activity = cast.activity(date(2025, 1, 1))
    frozen: dict[str, tuple] = {}
    posted: list[ServiceRecord] = []
    today, n = date(2025, 1, 5), 0
    while today < date(2025, 12, 20):
        today += timedelta(days=dice.randrange(1, 15))
        on(today)
        n += 1
        day = today - timedelta(days=dice.choice((1, 2, 9, 40, 90)))
        start = datetime.combine(day, datetime.min.time()) + timedelta(minutes=n)
        row = ServiceRecord.create(
            station=cast.a.id, volunteer=dice.choice(people).id, activity=activity.id, started_at=start,
            ended_at=start + timedelta(minutes=1), minutes=dice.choice((30, 60, 125)), content="陪伴", quality="1",
            origin=dice.choice(("desk", "backfilled")), state="approved", entered_by=cast.recorder.account_id,
        )  # fmt: skip
        with database.atomic():
            post(row, cast.head, closes_book(), Writer.open(cast.a.id))
        posted.append(row)
        if dice.random() < 0.3:
            gone = posted.pop(dice.randrange(len(posted)))
            with database.atomic():
                hours.reverse(gone, cast.head, None, "更正", Writer.open(cast.a.id))
        if dice.random() < 0.4 and (month := next_to_close(cast.a.id)):
            ServiceRecord.update(state="posted").execute()
            if has_ended(month, today):
                close = MonthClose.close(cast.a.id, month, cast.head)
                frozen[month] = (close.records, close.people, close.minutes, close.taken_back, close.net_minutes)
        found = months_of(cast.a.id)
        for month, said in frozen.items():
            one = found.get(month, Figures())
            assert (one.records, one.people, one.minutes, one.taken_back, one.net_minutes) == said
        honour = sum(b.honour for b in hours.Balance.select())
        assert sum(one.net_minutes for one in found.values()) == honour == sum(r.minutes for r in posted)
    assert len(frozen) >= 3
    assert not verify()


def closes_book():
    from models.policy import book

    return book()
