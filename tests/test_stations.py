"""工作站建设: the checklist and its share, who holds a post, what is given, and the yearly self-check."""

from datetime import date, timedelta

import pytest

from models import clock
from models.audit import Trail
from models.policy import PolicyVersion
from models.refusals import NotFound, Refusal
from models.scope import Actor, within
from models.self_checks import SelfCheck, unsubmitted
from models.set_up import SetUpItem, below_target, fill, items, shares
from models.stations import Station
from models.supports import Duty, Support, totals, unattended
from models.vocabulary import Term
from rules.access import Role
from rules.money import read_yuan, show_yuan
from rules.stations import Share, aspect_of

DAY = date(2024, 3, 5)


def confirmed(cast, code: str, standing: str = "met") -> SetUpItem:
    row = SetUpItem.enter(cast.recorder, item=code, standing=standing, evidence="照片", since=DAY)
    return SetUpItem.move(row.id, "confirm", cast.head)


def stations_in(where, by) -> set[int]:
    return {row.id for row in Station.select(Station.id).where(within(Station, by), where)}


def rule(**values) -> None:
    PolicyVersion.create(
        topic="stations", division="5301", since=date(2020, 1, 1), source="市文件",
        values={"target_share": 80, "self_check_month": 1, "minutes_days": 15} | values,
    )  # fmt: skip


# --- the share ---


@pytest.mark.parametrize(
    ("met", "applicable", "percent"), [(0, 25, 0), (20, 25, 80), (799, 1000, 79), (25, 25, 100), (0, 0, None)]
)
def test_a_share_is_rounded_down_and_nothing_is_no_share(met, applicable, percent):
    assert Share(met, applicable).percent == percent


def test_the_first_figure_of_a_code_is_its_aspect():
    assert [aspect_of(code) for code in ("11", "25", "61")] == ["场所", "队伍", "标识"]
    with pytest.raises(KeyError):
        aspect_of("71")


def test_the_list_that_ships_has_every_aspect():
    from fixtures.vocabularies import terms

    listed = [term.code for term in terms() if term.kind == "setup_item"]
    assert len(listed) == 25 and {aspect_of(code) for code in listed} == {
        "场所",
        "队伍",
        "项目",
        "设施",
        "制度",
        "标识",
    }


def test_only_what_is_met_and_confirmed_counts_and_what_does_not_apply_is_left_out(cast):
    confirmed(cast, "11")
    confirmed(cast, "14", "na")
    SetUpItem.enter(cast.recorder, item="12", standing="met", evidence="照片", since=DAY)
    SetUpItem.enter(cast.recorder, item="13", standing="unmet")
    found = shares([cast.a.id, cast.b.id])
    assert found[cast.a.id]["1"] == Share(1, 3, 1)
    assert found[cast.b.id]["1"] == Share(0, 4)
    assert sum(found[cast.a.id].values(), Share(0, 0)).applicable == 24


def test_a_retired_item_counts_for_nobody_and_a_new_one_for_all(cast):
    confirmed(cast, "11")
    Term.update(active=False).where(Term.kind == "setup_item", Term.code == "11").execute()
    assert shares([cast.a.id])[cast.a.id]["1"] == Share(0, 3)
    Term.enter(cast.admin, kind="setup_item", code="15", name="有无障碍卫生间")
    assert len(items()["1"]) == 4 and shares([cast.a.id])[cast.a.id]["1"].applicable == 4


def test_an_item_of_no_aspect_cannot_be_listed(cast):
    with pytest.raises(Refusal, match="代码首位表示方面：1 场所"):
        Term.enter(cast.admin, kind="setup_item", code="71", name="别的")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"standing": "met", "since": DAY}, "请在「依据」里写明用什么可以看出来"),
        ({"standing": "met", "evidence": "照片"}, "要写明从哪一天起达到"),
        ({"standing": "na"}, "写明为什么不适用"),
        ({"standing": "met", "evidence": "照片", "since": date(2099, 1, 1)}, "达到日期还没有到"),
        ({"standing": "maybe"}, "没有「maybe」这一项"),
        ({"standing": "unmet", "item": "99"}, "没有「99」这个代码"),
        ({}, "请选择「达到情况」"),
    ],
)
def test_what_is_not_shown_is_not_met(cast, values, says):
    with pytest.raises(Refusal, match=says):
        SetUpItem.enter(cast.recorder, **{"item": "11"} | values)
    assert not SetUpItem.select().exists()


def test_an_item_stands_once_and_a_confirmed_one_is_reopened_before_it_changes(cast):
    row = confirmed(cast, "11")
    assert (row.confirmer, row.confirmed_on) == ("张站长", clock.today())
    with pytest.raises(Refusal, match="这一项已经登记过"):
        SetUpItem.enter(cast.recorder, item="11", standing="unmet")
    with pytest.raises(Refusal, match="请先「重新登记」"):
        SetUpItem.amend(row.id, cast.recorder, evidence="换了地方")
    SetUpItem.move(row.id, "reopen", cast.recorder, reason="搬家")
    assert SetUpItem.amend(row.id, cast.recorder, evidence="新址照片").confirmer == ""
    assert SetUpItem.enter(cast.recorder_b, item="11", standing="unmet").station_id == cast.b.id


def test_several_items_are_filled_at_once_all_or_none(cast):
    good = {"standing": "met", "evidence": "照片", "since": DAY}
    with pytest.raises(Refusal) as no:
        fill({"11": good, "12": {"standing": "met"}, "13": {"standing": "na"}}, cast.recorder)
    assert {finding.where for finding in no.value.findings} == {"12.since", "12.evidence", "13.evidence"}
    assert not SetUpItem.select().exists()
    assert fill({"11": good, "12": {"standing": "unmet"}}, cast.recorder) == 2
    assert fill({"11": good, "12": {"standing": "unmet"}}, cast.recorder) == 0
    assert fill({"12": good}, cast.recorder) == 1
    with pytest.raises(Refusal, match="督导不能办理"):
        fill({"11": good}, cast.county)


def test_a_station_below_the_target_is_listed_and_one_that_reaches_it_is_not(cast):
    Term.update(active=False).where(
        Term.kind == "setup_item", Term.code.not_in(("11", "12", "13", "14", "21"))
    ).execute()
    for code in ("11", "12", "13"):
        confirmed(cast, code)
    assert stations_in(below_target(cast.prefecture), cast.prefecture) == {cast.a.id, cast.b.id}
    confirmed(cast, "14", "na")  # three of the four that apply: 75
    assert stations_in(below_target(cast.prefecture), cast.prefecture) == {cast.a.id, cast.b.id}
    confirmed(cast, "21")
    assert stations_in(below_target(cast.prefecture), cast.prefecture) == {cast.b.id}
    assert stations_in(below_target(cast.county), cast.county) == set()
    Station.update(active=False).where(Station.id == cast.b.id).execute()
    assert stations_in(below_target(cast.prefecture), cast.prefecture) == set()


def test_the_target_is_the_divisions_policy(cast):
    confirmed(cast, "11")
    rule(target_share=4)  # one of twenty-five
    assert stations_in(below_target(cast.prefecture), cast.prefecture) == {cast.b.id}


# --- duties ---


def test_a_post_has_one_head_at_a_time_and_any_number_of_others(cast):
    first = Duty.enter(cast.head, name="张慧琼", role="head", since=DAY)
    with pytest.raises(Refusal, match="同一时间只有一位站长：张慧琼 自 2024-03-05 起任职"):
        Duty.enter(cast.head, name="李站长", role="head", since=DAY + timedelta(days=9))
    Duty.amend(first.id, cast.head, until=DAY + timedelta(days=8))
    assert Duty.enter(cast.head, name="李站长", role="head", since=DAY + timedelta(days=9)).id
    for name in ("甲", "乙"):
        assert Duty.enter(cast.recorder, name=name, role="liaison", since=DAY).id
    assert Duty.enter(cast.head_b, name="王站长", role="head", since=DAY).id


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"phone": "123"}, "手机号码应为 11 位"),
        ({"until": DAY - timedelta(days=1)}, "卸任日期应不早于任职日期"),
        ({"role": "boss"}, "没有「boss」这一项"),
        ({"since": None}, "请填写「任职日期」"),
    ],
)
def test_a_duty_that_makes_no_sense_is_refused(cast, values, says):
    with pytest.raises(Refusal, match=says):
        Duty.enter(cast.head, **{"name": "甲", "role": "liaison", "since": DAY} | values)


def test_a_telephone_is_sealed_and_shown_with_a_reason(cast):
    row = Duty.enter(cast.head, name="甲", role="liaison", since=DAY, phone="138 0000 0001")
    kept = Duty._meta.database.execute_sql("SELECT phone FROM duty").fetchone()[0]
    assert "13800000001" not in kept
    with pytest.raises(Refusal, match="理由"):
        row.reveal("phone", cast.head, " ")
    assert row.reveal("phone", cast.head, "通知值班") == "13800000001"
    assert Trail.get(Trail.action == "reveal").reason == "通知值班"
    with pytest.raises(Refusal, match="督导不能办理"):
        row.reveal("phone", cast.county, "看看")


def test_a_station_where_nobody_but_the_head_holds_a_post_is_listed(cast):
    assert stations_in(unattended(cast.county), cast.county) == {cast.a.id}
    Duty.enter(cast.head, name="张慧琼", role="head", since=DAY)
    assert stations_in(unattended(cast.county), cast.county) == {cast.a.id}
    row = Duty.enter(cast.head, name="刘珊", role="full_time", since=DAY)
    assert stations_in(unattended(cast.county), cast.county) == set()
    Duty.amend(row.id, cast.head, until=clock.today() - timedelta(days=1))
    assert stations_in(unattended(cast.county), cast.county) == {cast.a.id}


# --- supports ---


@pytest.mark.parametrize(
    ("typed", "fen", "shown"),
    [
        ("5000", 500_000, "5,000.00"), ("1,200.5", 120_050, "1,200.50"), ("０.０１元", 1, "0.01"),
        (" ￥ 20.10 ", 2010, "20.10"),
    ],
)  # fmt: skip
def test_money_is_read_in_yuan_and_kept_in_whole_fen(typed, fen, shown):
    assert read_yuan(typed) == fen
    assert show_yuan(fen) == shown


@pytest.mark.parametrize("typed", ["", "五千", "1.005", "-3", "1e3", "12.", "1 2.3.4"])
def test_what_is_no_amount_is_refused(typed):
    with pytest.raises(ValueError, match="应写作元"):
        read_yuan(typed)


def given(cast, by=None, **values) -> Support:
    return Support.enter(by or cast.head, **{"giver": "530102001", "kind": "funds", "given_on": DAY} | values)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({}, "请填写经费的金额"),
        ({"fen": 0}, "请填写经费的金额"),
        ({"fen": 100, "quantity": 3}, "经费只填金额"),
        ({"kind": "place"}, "请填写数量"),
        ({"kind": "place", "quantity": 80, "fen": 100}, "金额请留空"),
        ({"kind": "place", "quantity": 80, "unit": "persons"}, "场地的单位应是平方米"),
        ({"kind": "things", "quantity": 2}, "设备的单位应是件、套"),
        ({"fen": 100, "giver": "530103001"}, "应选本站所在的社区、街道"),
        ({"fen": 100, "giver": "5303"}, "应选本站所在的社区、街道"),
        ({"fen": 100, "given_on": date(2099, 1, 1)}, "落实日期还没有到"),
        ({"fen": 100, "until": DAY - timedelta(days=1)}, "使用期应不早于"),
    ],
)
def test_a_support_that_makes_no_sense_is_refused(cast, values, says):
    with pytest.raises(Refusal, match=says):
        given(cast, **values)
    assert not Support.select().exists()


@pytest.mark.parametrize("giver", ["530102001001", "530102001", "530102", "5301", "53"])
def test_every_level_above_may_give(cast, giver):
    assert given(cast, giver=giver, fen=1).id


def test_supports_add_up_by_year_and_kind_inside_the_division(cast):
    given(cast, fen=500_000)
    given(cast, fen=50)
    given(cast, fen=7, given_on=date(2023, 1, 1))
    given(cast, kind="place", quantity=80)
    given(cast, cast.head_b, giver="530103001", fen=900)
    rows = [(r["year"], r["kind"], r["unit"], r["count"], r["fen"], r["quantity"]) for r in totals(cast.county)]
    assert rows == [
        (2024, "funds", "", 2, 500_050, 0), (2024, "place", "sqm", 1, 0, 80), (2023, "funds", "", 1, 7, 0)
    ]  # fmt: skip
    assert totals(cast.prefecture)[0]["fen"] == 500_950
    assert [r["year"] for r in totals(cast.head, Support.kind == "place")] == [2024]


# --- the yearly self-check ---


def self_check(cast, **more) -> SelfCheck:
    return SelfCheck.enter(
        cast.recorder, **{"year": clock.today().year, "problems": "场地小", "plans": "申请"} | more
    )


def test_a_self_check_keeps_the_figures_of_the_moment_it_was_submitted(cast):
    confirmed(cast, "11")
    given(cast, fen=1234, given_on=clock.today())
    row = self_check(cast)
    assert (row.met, row.applicable, row.share) == (1, 25, "4%")
    assert row.figures["funds"] == 1234 and row.figures["minutes"] == 0
    assert row.checklist[0] | {"confirmer": ""} == {
        "aspect": "场所", "item": "有固定的办公和接待场地", "standing": "达到", "evidence": "照片", "since": "2024-03-05",
        "confirmer": "",
    }  # fmt: skip
    confirmed(cast, "12")
    row = SelfCheck.move(row.id, "submit", cast.head)
    assert row.met == 2
    confirmed(cast, "13")
    Term.update(name="改了名").where(Term.kind == "setup_item", Term.code == "11").execute()
    given(cast, fen=1, given_on=clock.today())
    after = SelfCheck.move(row.id, "review", cast.county)
    assert (after.met, after.figures["funds"], after.checklist[0]["item"]) == (2, 1234, "有固定的办公和接待场地")
    assert (after.reviewer, after.reviewed_on) == ("五华督导", clock.today())


def test_the_years_figures_are_those_of_the_year(cast):
    row = self_check(cast)
    cast.posted(cast.registered(), minutes=120, day=date(clock.today().year, 1, 1))
    last = SelfCheck.enter(cast.recorder, year=clock.today().year - 1, problems="无", plans="无")
    assert (row.figures["records"], last.figures["records"]) == (0, 0)
    year = date(clock.today().year, 1, 1).year
    row = SelfCheck.move(row.id, "submit", cast.head)
    expected = (1, 1, 120) if year == row.year else (0, 0, 0)
    assert (row.figures["records"], row.figures["people"], row.figures["minutes"]) == expected
    assert row.figures["volunteers"] == 1


@pytest.mark.parametrize(
    ("year", "says"), [(2013, "年度应在 2014 到"), (2099, "年度应在 2014 到"), (None, "请填写「年度」")]
)
def test_a_year_that_cannot_be_checked_is_refused(cast, year, says):
    with pytest.raises(Refusal, match=says):
        self_check(cast, year=year)


def test_a_year_has_one_self_check_which_keeps_its_year_and_closes_when_submitted(cast):
    row = self_check(cast)
    with pytest.raises(Refusal, match="的自查已经有了"):
        self_check(cast)
    with pytest.raises(Refusal, match="年度不能改"):
        SelfCheck.amend(row.id, cast.recorder, year=2020)
    SelfCheck.amend(row.id, cast.recorder, plans="")
    with pytest.raises(Refusal, match="请先写明「整改打算」"):
        SelfCheck.move(row.id, "submit", cast.head)
    SelfCheck.amend(row.id, cast.recorder, plans="申请")
    SelfCheck.move(row.id, "submit", cast.head)
    with pytest.raises(Refusal, match="已经提交，不能再改"):
        SelfCheck.amend(row.id, cast.recorder, plans="别的")


def test_only_the_county_reviews(cast):
    row = SelfCheck.move(self_check(cast).id, "submit", cast.head)
    for who in (cast.prefecture, cast.province):
        assert not row.legal_moves(who)
        with pytest.raises(Refusal, match="由县（市、区）督导审阅"):
            SelfCheck.move(row.id, "review", who)
    stranger = Actor(9, "盘龙督导", Role.SUPERVISOR, None, "530103")
    with pytest.raises(NotFound):
        SelfCheck.move(row.id, "review", stranger)
    back = SelfCheck.move(row.id, "return", cast.county, reason="数字请核对")
    assert back.returned_for == "数字请核对" and SelfCheck.amend(row.id, cast.recorder, plans="再写").id


def test_a_station_without_this_years_self_check_is_listed_once_its_month_has_come(cast):
    rule(self_check_month=1)
    assert stations_in(unsubmitted(cast.prefecture), cast.prefecture) == {cast.a.id, cast.b.id}
    row = self_check(cast)
    last = SelfCheck.enter(cast.recorder_b, year=clock.today().year - 1, problems="无", plans="无")
    SelfCheck.move(last.id, "submit", cast.head_b)
    assert stations_in(unsubmitted(cast.prefecture), cast.prefecture) == {cast.a.id, cast.b.id}
    SelfCheck.move(row.id, "submit", cast.head)
    assert stations_in(unsubmitted(cast.prefecture), cast.prefecture) == {cast.b.id}
    SelfCheck.move(row.id, "return", cast.county, reason="数字请核对")
    assert stations_in(unsubmitted(cast.head), cast.head) == {cast.a.id}


def test_before_its_month_nothing_is_missing(cast, monkeypatch):
    monkeypatch.setattr(clock, "today", lambda: date(2026, 9, 30))
    assert stations_in(unsubmitted(cast.prefecture), cast.prefecture) == set()
    monkeypatch.setattr(clock, "today", lambda: date(2026, 10, 1))
    assert stations_in(unsubmitted(cast.prefecture), cast.prefecture) == {cast.a.id, cast.b.id}


# --- on both databases ---


def test_what_is_counted_in_the_database_is_the_same_on_both(cast_on_either):
    cast = cast_on_either
    rule(target_share=8)
    for code in ("11", "12"):
        confirmed(cast, code)
    given(cast, fen=50)
    given(cast, kind="place", quantity=80)
    Duty.enter(cast.head, name="刘珊", role="full_time", since=DAY)
    cast.posted(cast.registered(), minutes=120, day=date(clock.today().year, 1, 1))
    row = SelfCheck.move(self_check(cast).id, "submit", cast.head)
    assert shares([cast.a.id])[cast.a.id]["1"] == Share(2, 4)
    assert [(r["kind"], r["fen"], r["quantity"]) for r in totals(cast.county)] == [("funds", 50, 0), ("place", 0, 80)]
    for where in (below_target, unattended, unsubmitted):
        assert stations_in(where(cast.prefecture), cast.prefecture) == {cast.b.id}, where.__name__
    assert (row.met, row.figures["volunteers"], row.figures["duties"]) == (2, 1, 1)


def test_a_draw_a_story_and_a_meeting_on_both(cast_on_either):
    from walks_publicity import a_follow_up, meeting, story
    from walks_stations import a_spot_check

    from models.meetings import FollowUp, Meeting
    from models.spot_checks import SpotCheck, SpotSample, published_of, record_results
    from models.stories import Story

    cast = cast_on_either
    _, key = a_spot_check(cast, size=3, stations=[str(cast.a.id)])
    check = SpotCheck.move(key, "draw", cast.county)
    assert SpotSample.select().where(within(SpotSample, cast.head), SpotSample.unfilled(cast.county)).count() == 1
    record_results(key, {s.id: {"result": "true"} for s in check.samples}, cast.county)
    for name in ("verify", "publish"):
        SpotCheck.move(key, name, cast.county)
    assert published_of(cast.a.id)[0][1]["percent"] == 100
    SpotCheck.enter(cast.county, title="再查", size=2, starts_on=DAY, ends_on=clock.today())
    assert SpotCheck.select().where(within(SpotCheck, cast.head)).count() == 1
    row = story(cast, consent_by="", consent_relation=None, consent_on=None, consent_way=None)
    Story.move(row.id, "submit", cast.recorder)
    assert Story.select().where(Story.without_consent(cast.head)).count() == 1
    meeting(cast, cast.prefecture, day=DAY)
    _, key = a_follow_up(cast)
    assert Meeting.select().where(Meeting.without_minutes(cast.prefecture), within(Meeting, cast.head)).count() == 1
    assert FollowUp.get(FollowUp.id == key, within(FollowUp, cast.recorder)).legal_moves(cast.head)
    for by in (cast.head, cast.county):
        assert FollowUp.select().where(FollowUp.ripe(FollowUp.life.move("finish"), by)).count() == (by is cast.head)
