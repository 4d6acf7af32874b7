"""政策试算: a draft's consequences on the real data, judged by the rules themselves, on both databases."""

from datetime import date, datetime, timedelta

import pytest
from drafts import asked, draft, found, level, plain, rows

from cast import at
from models import clock
from models.hours import Balance, Entry, Lot
from models.jobs import Cancelled
from models.keying import Draft, key_in
from models.policy import PolicyVersion, book
from models.previews import ground as grounds
from models.previews.outcome import ROWS_KEPT
from models.previews.run import preview
from models.records import ServiceRecord, move_all
from models.refusals import NotFound, Refusal
from models.rewards import Redemption, RewardItem
from models.stars import StarGrant, review
from models.volunteers import Volunteer
from rules.topics import TOPICS


def given(volunteer, hours: int) -> Volunteer:
    """So many honour hours, as if posted."""
    Balance.update(honour=hours * 60).where(Balance.volunteer == volunteer.id).execute()
    review([volunteer.id], book())
    return volunteer


@pytest.fixture
def people(cast_on_either):
    """Zhang of A has 90 hours, Li of A 110, Wang of B 90."""
    cast = cast_on_either
    cast.zhang = given(cast.registered("张琴"), 90)
    cast.li = given(cast.registered("李明"), 110)
    cast.wang = given(cast.registered("王芳", by=cast.recorder_b), 90)
    return cast


# --- stars ---


@pytest.mark.parametrize(
    ("levels", "says", "crossed"),
    [
        ([level(1, 80)], {"more": (2, 0)}, {(0, 1): 2}),
        ([level(1, 120)], {"fewer": (1, 0), "lapse": (1, 0)}, {(1, 0): 1}),
        ([level(1, 80), level(2, 100)], {"more": (3, 0)}, {(0, 1): 2, (1, 2): 1}),
        ([level(1, 100, tenure=10)], {"fewer": (1, 0), "lapse": (1, 0)}, {(1, 0): 1}),
        ([level(1, 100, "prefecture")], {"moved": (1, 0)}, {}),
        ([level(1, 100, selection=True)], {"moved": (1, 0)}, {}),
        ([level(1, 100)], {}, {}),
    ],
)
def test_who_reaches_another_star_and_which_cases_others_decide(people, levels, says, crossed):
    release = draft("stars", levels=levels)
    _, out = preview(release, people.prefecture)
    assert {name: (one.count, one.minutes) for name, one in out.figures.items() if one.count} == says
    assert out.crossed == crossed
    assert out.looked["volunteers"] == 3


def test_the_rows_say_who_from_which_star_to_which(people):
    assert rows(draft("stars", levels=[level(1, 80)]), people.county, "more", people.a.id) == [
        ("张琴", people.zhang.card_no, people.a.name, 90 * 60, "未达星级", "一星级")
    ]


def test_a_recognised_star_is_kept_and_said_beside_the_fall(people):
    star = StarGrant.get(StarGrant.volunteer == people.li.id)
    people.recognised(star)
    release = draft("stars", levels=[level(1, 120)])
    assert found(release, people.prefecture) == {"fewer": (1, 0)}
    assert rows(release, people.prefecture, "fewer")[0][-2:] == ("一星级", "")


def test_whoever_is_suspended_is_not_judged(people):
    Volunteer.move(people.zhang.id, "suspend", people.head, reason="本人申请")
    assert found(draft("stars", levels=[level(1, 80)]), people.prefecture) == {"more": (1, 0)}


def test_tenure_is_judged_on_the_day_the_draft_begins(people):
    later = clock.today() + timedelta(days=30)
    release = draft("stars", since=later, levels=[level(1, 100, tenure=30)])
    assert found(release, people.prefecture) == {}
    assert found(draft("stars", levels=[level(1, 100, tenure=30)]), people.prefecture)["fewer"] == (1, 0)


# --- whose ---


def test_a_division_sees_its_own_stations_and_no_others(people):
    release = draft("stars", "53", levels=[level(1, 80)])
    assert found(release, people.province) == {"more": (2, 0)}
    assert found(release, people.county) == {"more": (1, 0)}
    assert rows(release, people.county, "more")[0][0] == "张琴"


def test_a_countys_draft_leaves_the_next_county_alone(people):
    release = draft("stars", "530102", levels=[level(1, 80)])
    assert found(release, people.province) == {"more": (1, 0)}
    with pytest.raises(Refusal, match="不在草案的区划内"):
        preview(release, people.prefecture, people.b.id)


def test_a_county_with_its_own_value_is_not_touched_by_the_provinces(people):
    PolicyVersion.create(
        topic="stars", division="530103", since=date(2020, 1, 1), source="区文件", values={"levels": [level(1, 100)]}
    )
    ground, out = preview(draft("stars", "53", levels=[level(1, 80)]), people.province)
    assert set(ground.pairs) == {people.a.id}
    assert [cells[0] for _, cells in out.figures["more"].rows] == ["张琴"]


def test_another_parameter_of_the_topic_comes_through_to_a_county_that_sets_one(people):
    PolicyVersion.create(
        topic="exchange", division="530103", since=date(2020, 1, 1), source="区文件", values={"floor_hours": 0}
    )
    Balance.update(exchangeable=600).execute()
    assert found(draft("exchange", "53", floor_hours=100), people.province) == {"shut": (1, 0)}
    assert found(draft("exchange", "53", points_per_hour=4), people.province) == {}
    Balance.update(exchangeable=20).execute()
    assert found(draft("exchange", "53", points_per_hour=4), people.province) == {"opened": (3, 0)}


def test_a_strangers_station_is_not_found(people):
    with pytest.raises(NotFound):
        preview(draft("stars", "53", levels=[level(1, 80)]), people.county, people.b.id)


def test_a_draft_that_makes_no_sense_over_what_is_in_force_is_refused_in_words(people):
    with pytest.raises(Refusal, match=r"草案不能生效：exchange\.kinds"):
        preview(draft("exchange", kinds=[]), people.prefecture)


def test_a_version_released_for_a_later_day_is_what_a_later_draft_is_held_against(people):
    later = clock.today() + timedelta(days=40)
    PolicyVersion.create(topic="stars", division="5301", since=later, source="市文件", values={"levels": [level(1, 80)]})
    assert found(draft("stars", since=later + timedelta(days=1), levels=[level(1, 80)]), people.prefecture) == {}
    assert found(draft("stars", levels=[level(1, 80)]), people.prefecture) == {"more": (2, 0)}


# --- a draft that says what is in force ---


def test_a_draft_equal_to_what_is_in_force_changes_nothing(people):
    bought(people)
    worked(people)
    for topic in TOPICS:
        for division in ("53", "5301", "530102"):
            values = vars(book(topic=topic).on(topic, division, clock.today()).rule)
            same = draft(topic, division, **{name: plain(value) for name, value in values.items()})
            ground, out = preview(same, people.province)
            assert not ground.pairs and not out.changes, (topic, division)
            assert "草案对所选范围没有影响" in out.notes[0]


@pytest.mark.parametrize(
    ("topic", "values"),
    [
        ("exchange", {"point_worth_fen": 100}),
        ("counting", {"presence_share": 60}),
        ("record_format", {"remark_max": 199}),
        ("eligibility", {"accompanied_below": 12}),
        ("stars", {"levels": [level(1, 100), level(2, 300), level(3, 600), level(4, 1000), level(5, 1501, "province")]}),
    ],
)
def test_a_parameter_that_judges_none_of_it_changes_nothing_though_all_is_read(people, topic, values):
    bought(people)
    worked(people)
    ground, out = preview(draft(topic, **values), people.province)
    assert len(ground.pairs) == 2
    assert {name: one.count for name, one in out.figures.items() if name != "moved" and one.count} == {}


# --- exchanges ---


def bought(cast, points: int = 2, quantity: int = 1) -> Redemption:
    """Li has ten hours to spend and exchanges ``points`` × ``quantity`` of them."""
    if not Lot.select().where(Lot.volunteer == cast.li.id).exists():
        lot(cast.li, 600, clock.today() - timedelta(days=400))
    item = RewardItem.enter(cast.head, name="理发", points=points)
    return Redemption.reserve(cast.li.id, item.id, quantity, cast.recorder, f"k{item.id}")


def lot(volunteer, minutes: int, day: date) -> None:
    """Exchangeable minutes earned on that day, as if posted."""
    Lot.create(volunteer=volunteer.id, origin="desk", earned_on=day, minutes=minutes, left=minutes)
    Balance.update(exchangeable=Balance.exchangeable + minutes).where(Balance.volunteer == volunteer.id).execute()


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"points_per_hour": 2}, {"cheaper": (1, 60)}),
        ({"floor_hours": 110}, {}),
        ({"floor_hours": 111}, {"refused": (1, 0), "shut": (1, 0)}),
        ({"yearly_cap_points": 2}, {}),
        ({"yearly_cap_points": 1}, {"refused": (1, 0)}),
        ({"valid_months": 12}, {"expired": (1, 480)}),
        ({"valid_months": 24}, {}),
    ],
)
def test_what_an_exchange_of_the_quarter_would_cost_and_whether_it_would_be_refused(people, values, says):
    bought(people)
    assert found(draft("exchange", **values), people.prefecture) == says


def test_a_dearer_rate_tells_how_many_minutes_more(people):
    PolicyVersion.create(
        topic="exchange", division="5301", since=date(2020, 1, 1), source="市文件", values={"points_per_hour": 2}
    )
    bought(people, points=3, quantity=2)
    release = draft("exchange", points_per_hour=1)
    assert found(release, people.prefecture)["dearer"] == (1, 180)
    today = clock.today().isoformat()
    assert rows(release, people.prefecture, "dearer") == [
        ("李明", people.li.card_no, people.a.name, today, "理发", 2, 180, 360)
    ]


def test_the_balance_is_that_of_the_moment_and_the_reason_is_said(people):
    PolicyVersion.create(
        topic="exchange", division="5301", since=date(2020, 1, 1), source="市文件", values={"points_per_hour": 2}
    )
    bought(people, points=8)  # 240 of 600
    bought(people, points=8)  # 240 of 360: under the draft 480
    release = draft("exchange", points_per_hour=1)
    assert found(release, people.prefecture)["refused"] == (1, 0)
    assert found(release, people.prefecture)["dearer"] == (1, 240)
    assert rows(release, people.prefecture, "refused")[0][-1] == "可兑换工时不足：需要 8.00 小时，现有 6.00 小时。"


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"floor_star": 1}, "认定为一星级以上才可兑换，现在还没有认定的星级。"),
        ({"spend_age": 60}, "满 60 周岁才可本人兑换"),
        ({"kinds": ["goods"]}, "现行政策只兑换物品，不兑换社区服务。"),
        ({"weekdays": ["1"]}, "兑换日是周一"),
    ],
)
@pytest.mark.parametrize("kept", [True, False])
def test_whatever_else_policy_asks_of_an_exchange_is_asked_again(people, values, says, kept):
    tuesday = next(n for n in range(7) if (clock.today() + timedelta(days=n)).isoweekday() == 2)
    clock.move_demo_clock(tuesday) if tuesday else None
    bought(people)
    if not kept:
        Redemption.update(judged=None).execute()
    refused = rows(draft("exchange", **values), people.prefecture, "refused")
    assert len(refused) == 1 and refused[0][-1].startswith(says)


def test_an_exchange_made_before_the_star_was_recognised_did_not_have_it(people):
    bought(people)
    people.recognised(StarGrant.get(StarGrant.volunteer == people.li.id))
    bought(people)
    for kept in (True, False):
        if not kept:
            Redemption.update(judged=None).execute()
        assert found(draft("exchange", floor_star=1), people.prefecture)["refused"] == (1, 0)


def test_who_could_exchange_is_asked_by_star_and_age_too(people):
    for who in (people.zhang, people.li):
        lot(who, 60, clock.today() - timedelta(days=1))
    people.recognised(StarGrant.get(StarGrant.volunteer == people.li.id))
    assert found(draft("exchange", floor_star=1), people.prefecture) == {"shut": (1, 0)}
    assert found(draft("exchange", spend_age=60), people.prefecture) == {"shut": (2, 0)}
    assert found(draft("exchange", weekdays=["1"]), people.prefecture) == {}


def test_honour_is_that_of_the_moment(people):
    bought(people)
    Redemption.update(judged=None).execute()
    at_that_time = Redemption.get().entered_at
    for key, credit, debit, hours, moment in [
        ("a", "honour", "service", 40, at_that_time + timedelta(days=1)),
        ("b", "service", "honour", 10, at_that_time + timedelta(days=2)),
        ("c", "honour", "service", 7, at_that_time - timedelta(days=1)),
    ]:
        Entry.create(
            station=people.a.id, seq=900 + ord(key), key=key, at=moment, day=moment.date(), kind="service", debit=debit,
            credit=credit, volunteer=people.li.id, minutes=hours * 60, previous="", hash="",
        )  # fmt: skip
    given(people.li, 140)
    assert "refused" not in found(draft("exchange", floor_hours=110), people.prefecture)
    assert rows(draft("exchange", floor_hours=111), people.prefecture, "refused")[0][-1].endswith("现有 110.00 小时。")


def test_the_years_points_are_those_before_it_of_the_same_year_anywhere(people):
    first, second = bought(people, points=3), bought(people, points=3)
    assert found(draft("exchange", yearly_cap_points=6), people.prefecture) == {}
    assert [key for key, _ in preview(draft("exchange", yearly_cap_points=5), people.prefecture)[1].figures["refused"].rows] == [
        second.id
    ]  # fmt: skip
    Redemption.update(judged=None).execute()  # as they were before it was kept with them
    assert found(draft("exchange", yearly_cap_points=5), people.prefecture) == {"refused": (1, 0)}
    Redemption.move(first.id, "cancel", people.recorder, reason="不要了")
    assert found(draft("exchange", yearly_cap_points=5), people.prefecture) == {}


def test_what_is_older_than_a_quarter_or_cancelled_is_left_alone(people):
    row = bought(people, points=3)
    release = draft("exchange", yearly_cap_points=1)
    assert found(release, people.prefecture) == {"refused": (1, 0)}
    Redemption.update(reserved_on=clock.today() - timedelta(days=93)).where(Redemption.id == row.id).execute()
    assert found(release, people.prefecture) == {}
    Redemption.update(reserved_on=clock.today()).where(Redemption.id == row.id).execute()
    Redemption.move(row.id, "cancel", people.recorder, reason="不要了")
    assert found(release, people.prefecture) == {}


def test_who_could_exchange_and_could_not_and_the_other_way(people):
    for who in (people.zhang, people.li, people.wang):
        lot(who, 60, clock.today() - timedelta(days=1))
    assert found(draft("exchange", floor_hours=100), people.prefecture) == {"shut": (2, 0)}
    PolicyVersion.create(
        topic="exchange", division="53", since=date(2020, 1, 1), source="省文件",
        values={**vars(book().on("exchange", "53", clock.today()).rule), "floor_hours": 100},
    )  # fmt: skip
    assert found(draft("exchange", floor_hours=0), people.prefecture) == {"opened": (2, 0)}
    Balance.update(debt=1).where(Balance.volunteer == people.zhang.id).execute()
    assert found(draft("exchange", floor_hours=0), people.prefecture) == {"opened": (1, 0)}


def test_hours_past_the_new_term_are_summed_by_person(people):
    today = clock.today()
    lot(people.zhang, 60, today - timedelta(days=366))
    lot(people.zhang, 30, today - timedelta(days=800))
    lot(people.zhang, 45, today - timedelta(days=10))
    lot(people.wang, 20, today - timedelta(days=366))
    release = draft("exchange", valid_months=12)
    assert found(release, people.prefecture) == {"expired": (2, 110)}
    assert rows(release, people.prefecture, "expired", people.a.id) == [("张琴", people.zhang.card_no, people.a.name, 90)]
    Lot.update(expires_on=today).where(Lot.volunteer == people.wang.id).execute()  # gone already
    assert found(release, people.prefecture) == {"expired": (1, 90)}


def test_each_county_expires_by_its_own_term(people):
    PolicyVersion.create(
        topic="exchange", division="530103", since=date(2020, 1, 1), source="区文件", values={"valid_months": 24}
    )
    for who in (people.zhang, people.wang):
        lot(who, 60, clock.today() - timedelta(days=500))
    release = draft("exchange", "53", valid_months=12, points_per_hour=2)
    assert found(release, people.province)["expired"] == (1, 60)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"origins": ["checked_in"]}, {"earns_less": (1, 110)}),
        ({"unit_minutes": 60}, {"earns_less": (1, 50)}),
        ({"other_weight": 200}, {"earns_more": (1, 110)}),
        ({"weights": [{"category": "01", "percent": 50}]}, {"earns_less": (1, 55)}),
        ({"weights": [{"category": "02", "percent": 50}]}, {}),
        ({"recruit_points": 3}, {}),
    ],
)
def test_what_the_quarters_records_would_have_brought_to_exchange(people, values, says):
    people.posted(people.li, 110)
    clock.move_demo_clock(1)
    release = draft("exchange", **values)
    assert found(release, people.prefecture) == says
    for name in says:
        assert rows(release, people.prefecture, name)[0][3:5] == (ServiceRecord.get().started_at.date().isoformat(), "台账录入")


# --- records ---


def worked(cast, start="09:00", end="11:00", who=None, by=None, **more) -> ServiceRecord:
    """A submitted record of yesterday."""
    by = by or cast.recorder
    activity = cast.activity(by=by)
    line = Draft(
        (who or cast.li).id, activity.id, at(activity.day, start), at(activity.day, end),
        **({"content": "陪伴老人", "quality": "1"} | more),
    )  # fmt: skip
    (row,) = key_in([line], by)
    move_all([row.id], "submit", by)
    return ServiceRecord.get_by_id(row.id)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"rounding_minutes": 30}, {"fewer": (1, 15)}),
        ({"rounding_minutes": 60, "rounding": "up"}, {"more": (1, 15)}),
        ({"minimum_minutes": 106}, {"fails": (1, 0)}),
        ({"minimum_minutes": 120, "raise_to_minimum": True}, {"more": (1, 15)}),
        ({"daily_cap_minutes": 104}, {"fails": (1, 0)}),
        ({"daily_cap_minutes": 105}, {}),
        ({"travel_counts": True}, {"more": (1, 15)}),
    ],
)
def test_what_a_record_of_the_quarter_would_count(people, values, says):
    worked(people, travel_minutes=15)
    assert found(draft("counting", **values), people.prefecture) == says


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"required": ["content", "remark"]}, "请填写「备注」。"),
        ({"content_max": 3}, "服务内容最多 3 个字，现在是 4 个字。"),
        ({"travel_max_minutes": 14}, "往返交通最多 14 分钟，请核对。"),
        ({"required": ["content", "place"]}, ""),
        ({"remark_max": 0}, ""),
        ({"evidence": ["sheet"]}, "按现行政策，服务记录须有签到表才能提交："),
        ({"evidence": ["sheet"], "evidence_from_minutes": 180}, ""),
    ],
)
def test_which_record_of_the_quarter_would_fail_the_checks_and_why(people, values, says):
    row = worked(people, travel_minutes=15)
    _, out = preview(draft("record_format", **values), people.prefecture)
    when = f"{row.started_at:%Y-%m-%d} 09:00–11:00"
    line = ("李明", people.li.card_no, people.a.name, "上门陪伴", when, "待审核")
    assert [(key, cells[:-1]) for key, cells in out.figures["fails"].rows] == ([(row.id, line)] if says else [])
    assert all(cells[-1].startswith(says) for _, cells in out.figures["fails"].rows)


def test_of_a_day_that_is_too_long_the_line_keyed_last_fails(people):
    worked(people, "09:00", "11:00")
    last = worked(people, "13:00", "15:00")
    worked(people, "09:00", "11:00", people.zhang)
    _, out = preview(draft("counting", daily_cap_minutes=200), people.prefecture)
    assert [key for key, _ in out.figures["fails"].rows] == [last.id]
    assert "本人合计 4.00 小时" in out.figures["fails"].rows[0][1][-1]


def test_a_night_counts_on_both_its_days(people):
    values = vars(book().on("record_format", "53", clock.today()).rule) | {"across_midnight": True}
    PolicyVersion.create(
        topic="record_format", division="53", since=date(2020, 1, 1), source="省文件",
        values={name: plain(value) for name, value in values.items()},
    )  # fmt: skip
    night = worked(people, "22:00", "23:00")
    ServiceRecord.update(ended_at=night.started_at + timedelta(hours=8), minutes=480).execute()
    morning = people.activity(night.started_at.date() + timedelta(days=1))
    start, keyed = at(morning.day, "08:00"), at(morning.day + timedelta(days=1), "09:00")
    ServiceRecord.update(entered_at=keyed).execute()
    ServiceRecord.insert(
        dict(night.__data__) | {"id": night.id + 1, "activity": morning.id, "started_at": start,
                                "ended_at": start + timedelta(hours=2), "minutes": 120, "entered_at": keyed}
    ).execute()  # fmt: skip
    clock.move_demo_clock(1)
    _, out = preview(draft("counting", daily_cap_minutes=400), people.prefecture)
    assert [key for key, _ in out.figures["fails"].rows] == [night.id + 1]
    assert found(draft("counting", daily_cap_minutes=480), people.prefecture) == {}


def test_a_line_at_another_station_counts_towards_the_day_and_is_not_shown(people):
    worked(people, "09:00", "11:00", people.wang, people.recorder_b)
    mine = worked(people, "13:00", "15:00", people.wang)
    _, out = preview(draft("counting", "530102", daily_cap_minutes=200), people.county)
    assert [key for key, _ in out.figures["fails"].rows] == [mine.id]


def test_a_shorter_limit_marks_records_as_back_filled_as_of_the_day_they_were_keyed(people):
    row = worked(people)
    ServiceRecord.update(entered_at=row.ended_at + timedelta(days=10)).where(ServiceRecord.id == row.id).execute()
    assert found(draft("record_format", deadline_working_days=1), people.prefecture) == {"late": (1, 0)}
    assert found(draft("record_format", deadline_working_days=11), people.prefecture) == {}
    assert found(draft("counting", rounding_minutes=7), people.prefecture) == {"fewer": (1, 1)}


def test_drafts_of_records_and_what_is_older_are_left_alone(people):
    row = worked(people)
    release = draft("counting", minimum_minutes=121)
    assert found(release, people.prefecture) == {"fails": (1, 0)}
    ServiceRecord.update(state="draft").where(ServiceRecord.id == row.id).execute()
    assert found(release, people.prefecture) == {}
    old = datetime.combine(clock.today() - timedelta(days=93), row.started_at.time())
    ServiceRecord.update(state="posted", started_at=old, ended_at=old + timedelta(hours=2)).execute()
    assert found(release, people.prefecture) == {}


# --- registrations ---


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"minimum_age": 18}, "未满 18 周岁"),
        ({"maximum_age": 16}, ""),
        ({"maximum_age": 9}, "超过 9 周岁"),
        ({"guardian_below": 60}, ""),
    ],
)
def test_who_of_the_quarter_could_not_have_registered(cast_on_either, values, says):
    cast = cast_on_either
    born = clock.today() - timedelta(days=365 * 14)
    guarded = {"guardian_name": "周母", "guardian_phone": "13800001234", "consent_on": clock.today()}
    cast.registered("小周", birth=born, **guarded)
    refused = rows(draft("eligibility", **values), cast.prefecture, "refused")
    assert [row[0] for row in refused] == (["小周"] if says else [])
    assert all(says in row[-1] for row in refused)


def test_whoever_needs_a_guardian_now_and_named_none_is_told(people):
    assert found(draft("eligibility", guardian_below=90), people.prefecture) == {"refused": (3, 0)}


# --- how it is read ---


def test_no_statement_a_row_and_every_row_goes_to_the_sink(people, monkeypatch):
    monkeypatch.setattr(grounds, "CHUNK", 2)
    monkeypatch.setattr("models.previews.outcome.ROWS_KEPT", 1)
    handed = []
    release = draft("stars", levels=[level(1, 80), level(2, 100)])
    _, out = preview(release, people.prefecture, sink=lambda figure, cells: handed.append((figure.name, cells[0])))
    assert sorted(handed) == [("more", "张琴"), ("more", "李明"), ("more", "王芳")]
    assert (out.figures["more"].count, len(out.figures["more"].rows)) == (3, 1)
    monkeypatch.undo()
    assert ROWS_KEPT > 1
    few = asked(release, people)
    for n in range(5):
        given(people.registered(f"陈{'一二三四五'[n]}"), 90)
    assert asked(release, people) == few


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_chunks_lose_no_row_and_show_none_twice(people, monkeypatch, size):
    monkeypatch.setattr(grounds, "CHUNK", size)
    for n in range(3):
        worked(people, f"{9 + n:02d}:00", f"{9 + n:02d}:50", (people.li, people.zhang, people.li)[n])
    assert found(draft("counting", rounding_minutes=30), people.prefecture) == {"fewer": (3, 60)}
    for who in (people.zhang, people.li, people.wang):
        lot(who, 60, clock.today() - timedelta(days=500))
    assert found(draft("exchange", valid_months=12), people.prefecture) == {"expired": (3, 180)}


def test_progress_moves_to_its_end_and_a_preview_stops_when_no_longer_wanted(people, monkeypatch):
    monkeypatch.setattr(grounds, "CHUNK", 1)
    told = []
    preview(draft("stars", levels=[level(1, 80)]), people.prefecture, progress=lambda *far: told.append(far))
    assert told[0] == (0, 2) and told[-1] == (2, 2) and told == sorted(told)

    def stop(done, total):
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        preview(draft("stars", levels=[level(1, 80)]), people.prefecture, progress=stop)


def test_many_stations_are_told_by_their_divisions_with_the_same_result(people, monkeypatch):
    few = found(draft("stars", levels=[level(1, 80)]), people.prefecture), found(
        draft("stars", "530102", levels=[level(1, 80)]), people.province
    )
    monkeypatch.setattr(grounds, "NAMED", 0)
    assert few == (
        found(draft("stars", levels=[level(1, 80)]), people.prefecture),
        found(draft("stars", "530102", levels=[level(1, 80)]), people.province),
    )
    assert found(draft("stars", "53", levels=[level(1, 80)]), people.county) == {"more": (1, 0)}


def test_a_topic_without_figures_says_so(people):
    _, out = preview(draft("publicity", record_days=7), people.prefecture)
    assert not out.figures and "没有可以试算的数字" in out.notes[0]
