"""典型宣传与现场会: nothing of anybody is public without consent, and what a meeting leaves to do is not forgotten."""

from datetime import date, timedelta

import pytest
from walks_publicity import meeting, story

from models import clock
from models.meetings import FollowUp, Meeting
from models.policy import PolicyVersion
from models.refusals import NotFound, Refusal
from models.scope import find, within
from models.stories import Story, on_show
from models.vocabulary import Term
from rules.publicity import consent_gap, exposed

# --- what a published text may not hold ---


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("电话 13800000001。", "第 1 段第 4 个字起像是手机号码"),
        ("第一段\n请打１３８ ００００ ０００１", "第 2 段第 3 个字起像是手机号码"),
        ("138-0000-0001", "第 1 个字起像是手机号码"),
        ("号码530102199003071094", "第 3 个字起像是证件号码"),
        ("53010219900307109x", "像是证件号码"),
        ("530102 19900307 1094", "像是证件号码"),
        ("他帮助残疾人", "第 4 个字写有「残疾人」"),
    ],
)
def test_what_would_expose_a_person_is_refused_with_its_place(text, said):
    (finding,) = exposed(text, "body", "正文", ["残疾人"])
    assert finding.where == "body" and said in finding.says and "「正文」" in finding.says


@pytest.mark.parametrize(
    "text",
    [
        "", "2024 年 3 月 5 日，23 名志愿者服务 1380 小时", "站里电话 0871-60000121", "12345678901234567890",
        "23800000001", "1280000000", "2024-03-05 09:00–11:00",
    ],
)  # fmt: skip
def test_what_exposes_nobody_passes(text):
    assert exposed(text, "body", "正文", ["残疾人"]) == []


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({}, ""),
        ({"given": False}, "还没有本人同意公开的记录"),
        ({"version": 1}, "同意的是第 1 版文字，现在是第 2 版"),
        ({"minor": True}, "要由监护人同意"),
        ({"minor": True, "by_guardian": True}, ""),
    ],
)
def test_why_a_consent_does_not_cover_a_text(values, says):
    said = {"given": True, "version": 2, "text_version": 2, "minor": False, "by_guardian": False} | values
    gap = consent_gap(**said)
    assert says in gap and bool(gap) == bool(says)


@pytest.mark.parametrize("name", ["title", "whose", "lead", "body"])
def test_no_column_that_the_public_reads_may_hold_a_number(cast, name):
    with pytest.raises(Refusal, match="像是手机号码") as no:
        story(cast, **{name: "找他请打 13800000001"})
    assert no.value.findings[0].where == name


def test_a_sensitive_term_is_refused_and_one_that_no_longer_is_passes(cast):
    with pytest.raises(Refusal, match="写有「服刑人员子女」"):
        story(cast, body="他辅导服刑人员子女写作业。")
    Term.update(sensitive=False).where(Term.name == "服刑人员子女").execute()
    assert story(cast, body="他辅导服刑人员子女写作业。").id


# --- consent ---


def approved(cast, **more) -> Story:
    row = story(cast, **more)
    Story.move(row.id, "submit", cast.recorder)
    return Story.move(row.id, "approve", cast.head)


NONE_GIVEN = {"consent_by": "", "consent_relation": None, "consent_on": None, "consent_way": None}


def test_nothing_is_published_without_consent(cast):
    row = approved(cast, **NONE_GIVEN)
    with pytest.raises(Refusal, match="还没有本人同意公开的记录"):
        Story.move(row.id, "publish", cast.head)
    assert not Story.select().where(on_show()).exists()
    Story.amend(
        row.id,
        cast.recorder,
        consent_by="李明",
        consent_relation="self",
        consent_on=clock.today(),
        consent_way="written",
    )
    row = Story.move(row.id, "publish", cast.head)
    assert (row.state, row.published_on) == ("published", clock.today())


def test_a_consent_is_to_one_version_of_the_text(cast):
    row = story(cast)
    assert (row.text_version, row.consent_version) == (1, 1)
    row = Story.amend(row.id, cast.recorder, body="改了一段。")
    assert (row.text_version, row.consent_version) == (2, 1)
    Story.move(row.id, "submit", cast.recorder)
    Story.move(row.id, "approve", cast.head)
    with pytest.raises(Refusal, match="同意的是第 1 版文字，现在是第 2 版"):
        Story.move(row.id, "publish", cast.head)
    row = Story.amend(row.id, cast.recorder, consent_way="spoken")  # asked again
    assert row.consent_version == 2 and Story.move(row.id, "publish", cast.head).state == "published"


def test_what_was_approved_is_not_reworded(cast):
    row = approved(cast)
    with pytest.raises(Refusal, match="审核通过后不能再改文字"):
        Story.amend(row.id, cast.recorder, body="改了一段。")
    with pytest.raises(Refusal, match="审核通过后不能再改文字"):
        Story.amend(row.id, cast.recorder, minor=True, consent_relation="guardian")
    Story.move(row.id, "publish", cast.head)
    with pytest.raises(Refusal, match="不能直接改"):
        Story.amend(row.id, cast.recorder, body="改了一段。")


@pytest.mark.parametrize("state", ["submitted", "approved", "published", "recommended", "model"])
def test_a_consent_withdrawn_takes_the_story_down_at_once(cast, state):
    row = story(cast)
    for name, by in (
        ("submit", cast.recorder), ("approve", cast.head), ("publish", cast.head), ("recommend", cast.head), ("honour", cast.county),
    ):  # fmt: skip
        if row.state != state:
            row = Story.move(row.id, name, by)
    assert row.state == state
    row = Story.move(row.id, "withdraw", cast.recorder, reason="本人来电")
    assert (row.state, row.consent_withdrawn_on, row.published_on) == ("withdrawn", clock.today(), None)
    assert not Story.select().where(on_show()).exists()
    row = Story.move(row.id, "revise", cast.recorder)
    assert row.consent_on is None and row.consent_version is None
    Story.move(row.id, "submit", cast.recorder)
    Story.move(row.id, "approve", cast.head)
    with pytest.raises(Refusal, match="还没有本人同意公开"):
        Story.move(row.id, "publish", cast.head)


def test_a_consent_given_in_part_is_no_consent(cast):
    with pytest.raises(Refusal, match="同意要写全：请填写「同意方式」"):
        story(cast, consent_way=None)
    with pytest.raises(Refusal, match="同意日期还没有到"):
        story(cast, consent_on=date(2099, 1, 1))


def test_for_a_minor_a_guardian_consents(cast):
    today = clock.today()
    child = cast.registered(
        "小明",
        birth=today.replace(year=today.year - 15),
        guardian_name="李父",
        guardian_phone="13800000002",
        consent_on=today,
    )
    with pytest.raises(Refusal, match="要由监护人同意公开"):
        story(cast, volunteer=child.id, whose="")
    row = story(cast, volunteer=child.id, whose="", consent_relation="guardian", consent_by="李父")
    assert row.minor and row.whose == "小明"
    with pytest.raises(Refusal, match="要由监护人同意公开"):
        story(cast, minor=True)
    grown = cast.registered("大明")
    assert not story(cast, volunteer=grown.id, whose="").minor


def test_whose_story_it_is_must_be_said(cast):
    with pytest.raises(Refusal, match="请填写主人公"):
        story(cast, whose="")


def test_the_missing_consents_are_listed_and_the_whole_ones_are_not(cast):
    def listed() -> set[int]:
        return {row.id for row in Story.select().where(Story.without_consent(cast.head), within(Story, cast.head))}

    whole, none = approved(cast), approved(cast, **NONE_GIVEN)
    old = story(cast)
    Story.amend(old.id, cast.recorder, lead="改了导语")
    draft = story(cast, **NONE_GIVEN)
    assert listed() == {none.id}
    Story.move(old.id, "submit", cast.recorder)
    assert listed() == {none.id, old.id}
    assert not {whole.id, draft.id} & listed()
    child = approved(cast, minor=True, consent_relation="guardian", consent_by="李父")
    assert child.id not in listed()


def test_nobody_approves_the_story_she_wrote_and_only_the_county_marks(cast):
    row = story(cast, cast.head)
    Story.move(row.id, "submit", cast.head)
    with pytest.raises(Refusal, match="自己录入的内容"):
        Story.move(row.id, "approve", cast.head)
    Story.move(row.id, "approve", cast.deputy)
    Story.move(row.id, "publish", cast.head)
    row = Story.move(row.id, "recommend", cast.head)
    with pytest.raises(Refusal, match="由县（市、区）督导认定"):
        Story.move(row.id, "honour", cast.prefecture)
    assert not row.legal_moves(cast.prefecture)
    assert Story.move(row.id, "honour", cast.county).honoured_by == "五华督导"


def test_a_volunteer_of_another_station_is_not_told_of(cast):
    other = cast.registered("王芳", by=cast.recorder_b)
    with pytest.raises(Refusal, match="没有找到所选的「志愿者」"):
        story(cast, volunteer=other.id)


# --- meetings ---


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"headcount": 0}, "参加人数应在"),
        ({"division": "530103"}, "不在您负责的范围内"),
        ({"stations": ["999"]}, "不在范围内的工作站"),
        ({"theme": ""}, "请填写「主题」"),
    ],
)
def test_a_meeting_that_makes_no_sense_is_refused(cast, values, says):
    with pytest.raises(Refusal, match=says):
        meeting(cast, **values)


def test_a_meeting_is_held_on_its_day_and_its_minutes_are_written_before_they_are_published(cast):
    row = meeting(cast, day=clock.today() + timedelta(days=3), summary="")
    with pytest.raises(Refusal, match="还没有到"):
        Meeting.move(row.id, "hold", cast.county)
    assert [m.name for m in row.legal_moves(cast.county)] == ["cancel"]
    Meeting.amend(row.id, cast.county, day=clock.today())
    Meeting.move(row.id, "hold", cast.county)
    with pytest.raises(Refusal, match="日期不能在今天以后"):
        Meeting.amend(row.id, cast.county, day=clock.today() + timedelta(days=3))
    with pytest.raises(Refusal, match="请先写好「纪要」"):
        Meeting.move(row.id, "publish", cast.county)
    Meeting.amend(row.id, cast.county, summary="各站交流了做法。")
    row = Meeting.move(row.id, "publish", cast.county)
    assert row.published_on == clock.today()
    with pytest.raises(Refusal, match="不能再改"):
        Meeting.amend(row.id, cast.county, summary="重写")


def test_a_station_that_takes_part_sees_the_meeting_and_no_other_does(cast):
    row = meeting(cast, cast.prefecture, stations=[str(cast.b.id)])
    assert find(Meeting, row.id, cast.head_b) and find(Meeting, row.id, cast.auditor)
    for who in (cast.head, cast.recorder, cast.volunteer):
        with pytest.raises(NotFound):
            find(Meeting, row.id, who)
    hosted = meeting(cast, stations=[], host=cast.a.id)
    assert find(Meeting, hosted.id, cast.head)


def test_a_level_below_reads_a_published_meeting_and_runs_none(cast):
    row = meeting(cast, cast.prefecture)
    with pytest.raises(NotFound):
        find(Meeting, row.id, cast.county)
    Meeting.move(row.id, "hold", cast.prefecture)
    row = Meeting.move(row.id, "publish", cast.prefecture)
    assert not find(Meeting, row.id, cast.county).legal_moves(cast.county)
    with pytest.raises(Refusal, match="不能再改"):
        Meeting.amend(row.id, cast.county, place="别处")


def test_minutes_that_are_late_are_listed_after_the_days_that_policy_leaves(cast):
    def listed(by) -> set[int]:
        return {row.id for row in Meeting.select().where(Meeting.without_minutes(by), within(Meeting, by))}

    today = clock.today()
    late = meeting(cast, day=today - timedelta(days=16))
    due, gone = meeting(cast, day=today - timedelta(days=15)), meeting(cast, day=today - timedelta(days=40))
    Meeting.move(late.id, "hold", cast.county)
    Meeting.move(gone.id, "cancel", cast.county, reason="改期")
    assert listed(cast.county) == {late.id}
    values = {"target_share": 80, "self_check_month": 10, "minutes_days": 14}
    PolicyVersion.create(topic="stations", division="530102", since=date(2020, 1, 1), source="区文件", values=values)
    assert listed(cast.county) == {late.id, due.id}
    assert listed(cast.prefecture) == {late.id}
    Meeting.move(late.id, "publish", cast.county)
    assert listed(cast.county) == {due.id}


def follow_up(cast, by=None, due=30, **more) -> FollowUp:
    said = {"what": "建立需求台账", "due_on": clock.today() + timedelta(days=due)} | more
    said.setdefault("meeting", meeting(cast, day=clock.today() - timedelta(days=60)).id)
    return FollowUp.enter(by or cast.county, **said)


def test_what_a_meeting_left_is_finished_by_the_station_charged_with_it(cast):
    row = follow_up(
        cast,
        station=cast.b.id,
        by=cast.prefecture,
        meeting=meeting(cast, cast.prefecture, stations=[str(cast.a.id)]).id,
    )
    assert find(FollowUp, row.id, cast.head).legal_moves(cast.head) == []
    with pytest.raises(Refusal, match="由别的工作站办理"):
        FollowUp.move(row.id, "finish", cast.head, reason="办好了")
    done = FollowUp.move(row.id, "finish", cast.recorder_b, reason="台账已建，共 42 户。")
    assert (done.outcome, done.finished_on) == ("台账已建，共 42 户。", clock.today())
    with pytest.raises(Refusal, match="已经办结"):
        FollowUp.amend(row.id, cast.prefecture, what="别的")


def test_a_follow_up_belongs_to_a_meeting_of_ones_own_and_is_not_due_before_it(cast):
    above = meeting(cast, cast.prefecture)
    with pytest.raises(Refusal, match="没有找到所选的「现场会」"):
        follow_up(cast, meeting=above.id)
    with pytest.raises(Refusal, match="完成期限应不早于会议日期"):
        follow_up(cast, due=-61)


def test_what_is_overdue_is_listed_until_it_is_done(cast):
    def listed() -> set[int]:
        return {row.id for row in FollowUp.select().where(FollowUp.overdue(cast.head), within(FollowUp, cast.head))}

    late, today = follow_up(cast, station=cast.a.id, due=-1), follow_up(cast, station=cast.a.id, due=0)
    follow_up(
        cast, due=-1, meeting=meeting(cast, day=clock.today() - timedelta(days=60), stations=[]).id
    )  # not theirs
    assert listed() == {late.id} and today.id not in listed()
    FollowUp.move(late.id, "finish", cast.head, reason="已建")
    assert listed() == set()
