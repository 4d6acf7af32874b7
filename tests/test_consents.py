"""知情同意: to which words, by whom at which age, what is listed as missing, and what a withdrawal stops."""

from datetime import date, timedelta

import pytest
from walks_consents import consent, recipient
from walks_publicity import story

from cast import person
from models import clock, consents
from models.assignments import Assignment
from models.audit import Trail
from models.consents import Consent
from models.hours import Balance
from models.households import Recipient
from models.keying import key_in
from models.policy import PolicyVersion
from models.refusals import NotFound, Refusal
from models.scope import Actor
from models.stories import Story
from models.teams import TeamMember
from models.verifying import verify
from models.volunteers import Volunteer
from rules.access import Role
from rules.consents import base_kind, check_given, years_before


def born(years: int, days: int = 100) -> date:
    """The birth date of somebody who turned so many years old so many days ago."""
    return years_before(clock.today(), years) - timedelta(days=days)


GUARDED = {"guardian_name": "李秀英", "guardian_phone": "13800000077"}


def minor(cast, years: int, days: int = 100, **more) -> Volunteer:
    """A minor who applied, her guardian named, nobody's consent entered."""
    return Volunteer.enter(cast.recorder, **person("李小华", birth=born(years, days), **GUARDED | more))


def listed(condition, by, model=Volunteer) -> set[int]:
    return {key for (key,) in model.select(model.id).where(condition(by)).tuples()}


# --- who, and to which words ---


@pytest.mark.parametrize(
    ("kind", "given_by", "age", "recipient_", "says"),
    [
        ("registration", "self", 13, False, "未满 14 周岁由监护人同意"),
        ("guardian", "guardian", 13, False, "请选「监护人同意（未满 14 周岁）」"),
        ("guardian_child", "guardian", 14, False, "请选「监护人同意（14 至 17 周岁）」"),
        ("guardian", "guardian", 18, False, "由本人同意"),
        ("registration", "guardian", 30, False, "要由本人作出"),
        ("publicity", "self", 17, False, "要由监护人作出"),
        ("sharing", "self", 13, False, "要由监护人作出"),
        ("sensitive", "self", 30, False, "是服务对象的"),
        ("registration", "self", 70, True, "是志愿者的"),
        ("sensitive", "self", 13, True, "要由监护人作出"),
        ("registration", "self", 14, False, ""),
        ("publicity", "self", 18, False, ""),
        ("sensitive", "guardian", 80, True, ""),
        ("sensitive", "self", None, True, ""),
    ],
)
def test_a_consent_is_given_by_whoever_may_at_that_age(kind, given_by, age, recipient_, says):
    found = check_given(kind, given_by, age, recipient=recipient_)
    assert says in "".join(f.says for f in found) if says else not found


def test_the_kinds_change_on_the_birthdays():
    assert [base_kind(age) for age in (13, 14, 17, 18)] == ["guardian_child", "guardian", "guardian", "registration"]


def test_a_consent_keeps_the_words_that_were_in_force_on_its_day(cast):
    who = cast.registered()
    before = consent(cast, who.id)
    assert before.text == "consent@53:2021-11-01" and "不用于商业目的" in before.words()
    PolicyVersion.insert(
        topic="consent", division="530102", since=clock.today() - timedelta(days=9), edition=1, source="区文明办〔2026〕8 号",
        values={"registration": "五华区的新文字。"}, bounds={},
    ).execute()  # fmt: skip
    after = consent(cast, who.id)
    assert after.text.startswith("consent@530102:") and after.words() == "五华区的新文字。"
    assert before.words() == Consent.get_by_id(before.id).words() != after.words()
    early = consent(cast, who.id, given_on=date(2020, 5, 1))
    assert early.text == "" and early.words() == consents.ON_PAPER


def test_consents_to_an_earlier_wording_are_listed_when_policy_wants_them_anew(cast):
    one = consent(cast)
    assert not listed(Consent.outdated, cast.head, Consent)
    PolicyVersion.insert(
        topic="consent", division="53", since=clock.today(), edition=2, source="试", bounds={},
        values=dict.fromkeys(("registration", "guardian", "guardian_child", "sensitive", "publicity", "sharing"), "新文字")
        | {"reconfirm": ["registration"]},
    ).execute()  # fmt: skip
    assert listed(Consent.outdated, cast.head, Consent) == {one.id}
    consent(cast, one.volunteer_id)
    assert not listed(Consent.outdated, cast.head, Consent)


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"given_on": date(2099, 1, 1)}, "不能晚于今天"),
        ({"kind": "sensitive"}, "是服务对象的"),
        ({"way": "on_site"}, "请填写见证人"),
        ({"kind": "guardian"}, "由本人同意"),
    ],
)
def test_a_consent_that_cannot_be_is_refused_in_words(cast, said, says):
    with pytest.raises(Refusal, match=says):
        consent(cast, **said)
    assert not Consent.select().exists()


def test_a_consent_is_never_changed_and_not_entered_twice(cast):
    one = consent(cast)
    with pytest.raises(Refusal, match="已经登记过"):
        consent(cast, one.volunteer_id)
    assert one.may_amend(cast.head)


def test_a_stranger_neither_sees_nor_enters_a_consent(cast):
    one = consent(cast)
    with pytest.raises(NotFound):
        Consent.move(one.id, "withdraw", cast.head_b, "试试")
    with pytest.raises(Refusal, match="没有找到所选的「志愿者」"):
        consent(cast, one.volunteer_id, by=cast.head_b, kind="publicity")


# --- a registration rests on it ---


def test_the_day_on_the_registration_form_makes_a_consent_of_the_kind_that_the_age_asks_for(cast):
    today = clock.today()
    adult = Volunteer.enter(cast.recorder, **person("李明", consent_on=today))
    youth = minor(cast, 15, consent_on=today)
    child = minor(cast, 10, consent_on=today, address=None)
    made = {row.volunteer_id: row for row in Consent.select()}
    assert [made[v.id].kind for v in (adult, youth, child)] == ["registration", "guardian", "guardian_child"]
    assert [made[v.id].giver for v in (adult, youth, child)] == ["李明", "李秀英", "李秀英"]
    assert Volunteer.get_by_id(adult.id).consent_on == today
    with pytest.raises(Refusal, match="不能在这里删去"):
        Volunteer.amend(adult.id, cast.head, consent_on=None)


@pytest.mark.parametrize(("years", "wanted"), [(10, "未满 14 周岁"), (13, "未满 14 周岁"), (14, "14 至 17"), (17, "14 至 17")])
def test_a_minor_is_not_registered_before_her_guardian_agreed(cast, years, wanted):
    row = minor(cast, years)
    with pytest.raises(Refusal, match=f"缺「监护人同意（{wanted}"):
        Volunteer.move(row.id, "approve", cast.head)
    kind = base_kind(years)
    consent(cast, row.id, kind=kind, relation="母亲")
    assert Volunteer.move(row.id, "approve", cast.head).state == "registered"


def test_the_consent_for_a_youth_does_not_do_for_a_child_and_an_adult_needs_none_to_be_approved(cast):
    row = minor(cast, 12)
    with pytest.raises(Refusal, match="请选「监护人同意（未满 14 周岁）」"):
        consent(cast, row.id, kind="guardian")
    assert cast.registered().state == "registered"


def test_less_is_kept_of_a_child_and_nothing_shown(cast):
    with pytest.raises(Refusal, match="不收集「民族」"):
        minor(cast, 12, ethnicity="01")
    with pytest.raises(Refusal, match="不收集「详细地址」"):
        minor(cast, 12, address="翠竹巷 1 号")
    assert minor(cast, 15, ethnicity="01").masked_name == "李*华"
    assert minor(cast, 12).masked_name == "***"


def test_a_childs_number_is_revealed_by_the_head_alone(cast):
    child, youth = minor(cast, 12), minor(cast, 15)
    with pytest.raises(Refusal, match="记录员不能办理"):
        child.reveal("document_number", cast.recorder, "核对保险")
    assert child.reveal("document_number", cast.head, "核对保险") == child.document_number
    assert youth.reveal("document_number", cast.recorder, "核对保险") == youth.document_number


def test_a_story_of_a_child_waits_for_her_guardians_consent_to_publicity(cast):
    row = minor(cast, 12, consent_on=clock.today())
    Volunteer.move(row.id, "approve", cast.head)
    told = story(cast, volunteer=row.id, consent_by="李秀英", consent_relation="guardian")
    for name, by in (("submit", cast.recorder), ("approve", cast.head)):
        Story.move(told.id, name, by)
    with pytest.raises(Refusal, match="肖像和事迹公开"):
        Story.move(told.id, "publish", cast.head)
    consent(cast, row.id, kind="publicity", given_by="guardian", relation="母亲")
    assert Story.move(told.id, "publish", cast.head).state == "published"


# --- what is missing ---


def test_who_lacks_a_consent_is_listed_until_it_is_there(cast):
    bare, signed = cast.registered(), cast.registered(consent_on=clock.today())
    assert bare.id in listed(consents.without_consent, cast.head)
    assert signed.id not in listed(consents.without_consent, cast.head)
    consent(cast, bare.id)
    assert bare.id not in listed(consents.without_consent, cast.head)


def test_who_turns_fourteen_or_eighteen_is_asked_herself(cast):
    today = clock.today()
    child = minor(cast, 13, days=360, consent_on=today)
    youth = minor(cast, 17, days=360, consent_on=today)
    for row in (child, youth):
        Volunteer.move(row.id, "approve", cast.head)
    consent(cast, youth.id, kind="registration")  # herself, at 17
    assert not {child.id, youth.id} & listed(consents.grown, cast.head)
    clock.move_demo_clock(20)
    assert {child.id, youth.id} <= listed(consents.grown, cast.head)
    for row in (child, youth):
        consent(cast, row.id, kind="registration")
    assert not {child.id, youth.id} & listed(consents.grown, cast.head)


def test_people_served_without_a_separate_consent_are_listed(cast):
    row = recipient(cast)
    assert listed(consents.without_sensitive, cast.head, Recipient) == {row.id}
    consent(cast, recipient=row.id, kind="sensitive")
    assert not listed(consents.without_sensitive, cast.head, Recipient)


# --- a withdrawal ---


@pytest.fixture
def active(cast) -> Volunteer:
    """Somebody with posted hours, a coming turn and a published story."""
    who = cast.registered(consent_on=clock.today())
    cast.posted(who, 180)
    soon = cast.activity(clock.today() + timedelta(days=2), starts_at=None)
    Assignment.insert(
        station=cast.a.id, activity=soon.id, volunteer=who.id, starts_at=clock.now() + timedelta(days=2),
        ends_at=clock.now() + timedelta(days=2, hours=2), state="rostered", entered_at=clock.now(),
    ).execute()  # fmt: skip
    told = story(cast, volunteer=who.id)
    for name, by in (("submit", cast.recorder), ("approve", cast.head), ("publish", cast.head)):
        Story.move(told.id, name, by)
    return who


def test_who_withdraws_is_no_longer_rostered_recorded_or_told_of_and_keeps_her_hours(cast, active):
    before = Balance.get_by_id(active.id)
    (one,) = consents.standing(active.id)
    Consent.move(one.id, "withdraw", cast.recorder, "不想再参加")
    row = Volunteer.get_by_id(active.id)
    assert (row.state, row.consent_on) == ("suspended", None)
    assert Assignment.get(Assignment.volunteer == active.id).state == "cancelled"
    assert Story.get(Story.volunteer == active.id).state == "withdrawn"
    assert not TeamMember.select().where(TeamMember.volunteer == active.id, TeamMember.state == "in").exists()
    with pytest.raises(Refusal, match="已停用"):
        key_in([cast.draft(row, cast.activity(clock.today() - timedelta(days=1)))], cast.recorder)
    after = Balance.get_by_id(active.id)
    assert (before.honour, before.exchangeable) == (after.honour, after.exchangeable) and not verify()
    assert Trail.select().where(Trail.table == "consent", Trail.action == "withdraw").count() == 1
    with pytest.raises(Refusal, match="同意已撤回"):
        Volunteer.move(active.id, "restore", cast.head, "又想来")
    consent(cast, active.id)
    assert Volunteer.move(active.id, "restore", cast.head, "又想来").state == "registered"


def test_who_withdrew_before_the_review_is_not_registered(cast):
    who = Volunteer.enter(cast.recorder, **person("李明", consent_on=clock.today()))
    (one,) = consents.standing(who.id)
    Consent.move(one.id, "withdraw", cast.recorder, "改主意了")
    with pytest.raises(Refusal, match="同意已撤回"):
        Volunteer.move(who.id, "approve", cast.head)


def test_without_publicity_alone_only_the_story_goes(cast, active):
    one = consent(cast, active.id, kind="publicity")
    Consent.move(one.id, "withdraw", cast.recorder, "不想公开")
    assert Story.get(Story.volunteer == active.id).state == "withdrawn"
    assert Volunteer.get_by_id(active.id).state == "registered"
    assert Assignment.get(Assignment.volunteer == active.id).state == "rostered"


def test_a_second_consent_that_stands_keeps_a_person_registered(cast):
    who = cast.registered(consent_on=clock.today() - timedelta(days=5))
    later = consent(cast, who.id)
    Consent.move(later.id, "withdraw", cast.head, "重复")
    assert Volunteer.get_by_id(who.id).state == "registered"


# --- her own page ---


def own(volunteer: Volunteer) -> Actor:
    return Actor(999, volunteer.name, Role.VOLUNTEER, volunteer_id=volunteer.id)


def test_a_volunteer_agrees_and_withdraws_herself_and_nobody_elses(cast):
    who, other = cast.registered(), cast.registered()
    mine = Consent.agree("registration", own(who))
    assert (mine.way, mine.given_by, mine.giver, mine.station_id) == ("online", "self", who.name, cast.a.id)
    with pytest.raises(NotFound):
        Consent.move(mine.id, "withdraw", own(other), "试试")
    assert Consent.move(mine.id, "withdraw", own(who), "不参加了").state == "withdrawn"
    assert Volunteer.get_by_id(who.id).state == "suspended"
    with pytest.raises(NotFound):
        Consent.agree("registration", cast.recorder)


def test_a_minor_cannot_agree_to_publicity_herself(cast):
    with pytest.raises(Refusal, match="要由监护人作出"):
        Consent.agree("publicity", own(minor(cast, 15)))
