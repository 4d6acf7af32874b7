"""The policy office: one drafts, another releases; nothing that leaves the schema, the bounds or good sense."""

from datetime import date, timedelta

import pytest
from walks_policy import a_draft

from cast import Cast
from models import clock, policy
from models.audit import Trail
from models.people import Account
from models.policy import PolicyVersion
from models.policy_drafts import PolicyDraft
from models.refusals import NotFound, Refusal
from models.scope import SYSTEM, Actor, within
from rules.access import Role
from rules.policy import EDITIONS, Release, release, shipped
from rules.topics import TOPICS

PROVINCES = next(dict(one.values) for one in shipped() if one.topic == "exchange")


def tomorrow(days: int = 1) -> date:
    return clock.today() + timedelta(days=days)


def draft(cast: Cast, by: Actor | None = None, **more) -> PolicyDraft:
    return PolicyDraft.get_by_id(a_draft(cast, by, **more)[1])


def colleague(cast: Cast, division: str = "530102") -> Actor:
    """A second supervisor of a division."""
    return Account.enter(
        SYSTEM, username=f"second{division}", name="五华副督导", role="supervisor", division=division, active=True
    ).actor()


def laid_down(division: str, topic: str = "exchange", since: date | None = None, bounds=None, **values):
    """What a division released earlier."""
    said = PROVINCES if division == "53" and topic == "exchange" else {}
    PolicyVersion.create(
        topic=topic, division=division, since=since or date(2020, 1, 1), source="文件", values=said | values,
        bounds=bounds,
    )  # fmt: skip


def submitted(cast: Cast, by: Actor | None = None, **more) -> PolicyDraft:
    by = by or cast.county
    return PolicyDraft.move(draft(cast, by, **more).id, "submit", by)


def says(cast: Cast, by: Actor | None = None, **more) -> dict[str, str]:
    """What stands against a draft: sentences by their place."""
    with pytest.raises(Refusal) as no:
        a_draft(cast, by, **more)
    return {f.where: f.says for f in no.value.findings}


# --- two persons ---


def test_one_drafts_and_a_colleague_releases_and_it_binds_from_its_day(cast_on_either):
    cast = cast_on_either
    one, second = submitted(cast), colleague(cast)
    PolicyDraft.move(one.id, "release", second)
    version = PolicyVersion.get(PolicyVersion.division == "530102")
    assert (version.topic, version.since, version.edition, version.values) == (
        "exchange", tomorrow(), 1, {"floor_hours": 5},
    )  # fmt: skip
    assert version.released_by == second.account_id and version.released_at
    assert PolicyDraft.get_by_id(one.id).released_id == version.id
    code = str(cast.a.division_id)
    floors = [policy.in_force("exchange", cast.a, day).rule.floor_hours for day in (clock.today(), tomorrow())]
    assert floors == [0, 5]
    assert policy.book().on("exchange", "530103", tomorrow()).rule.floor_hours == 0, code
    assert [t.action for t in Trail.select().where(Trail.table == "policy_draft")] == ["enter", "submit", "release"]


@pytest.mark.parametrize("who", ["county", "changed", "long_ago"])
def test_nobody_releases_what_she_entered_or_ever_changed(cast, who):
    one, second, third = draft(cast), colleague(cast), colleague(cast, "5301")
    if who != "county":
        PolicyDraft.amend(one.id, second, note="按会议意见改")
    if who == "long_ago":
        PolicyDraft.amend(one.id, cast.county, note="又改")
    PolicyDraft.move(one.id, "submit", cast.county)
    for by in [cast.county] if who == "county" else [cast.county, second]:
        with pytest.raises(Refusal, match=r"不能发布自己(录入|改过)的内容，请由另一位督导办理"):
            PolicyDraft.move(one.id, "release", by)
        assert "release" not in {m.name for m in PolicyDraft.get_by_id(one.id).legal_moves(by)}
        ripe = PolicyDraft.ripe(PolicyDraft.life.move("release"), by)
        assert not PolicyDraft.select().where(ripe).exists()
    assert not PolicyVersion.select().exists()
    assert PolicyDraft.move(one.id, "release", third).state == "released"


def test_what_was_changed_after_it_was_read_is_not_released(cast):
    one, second = submitted(cast), colleague(cast)
    read = one.revision
    PolicyDraft.move(one.id, "return", cast.county, reason="再改")
    PolicyDraft.amend(one.id, cast.county, values={"yearly_cap_points": 1})
    now = PolicyDraft.move(one.id, "submit", cast.county)
    with pytest.raises(Refusal, match="又有改动"):
        PolicyDraft.move(one.id, "release", second, seen=read)
    assert not PolicyVersion.select().where(PolicyVersion.division == "530102").exists()
    assert PolicyDraft.move(one.id, "release", second, seen=now.revision).state == "released"


def test_who_looked_and_saved_without_a_change_may_still_release(cast):
    one, second = draft(cast), colleague(cast)
    PolicyDraft.amend(one.id, second, values={"floor_hours": 5})
    PolicyDraft.move(one.id, "submit", second)
    assert PolicyDraft.move(one.id, "release", second).state == "released"


@pytest.mark.parametrize("who", ["prefecture", "province"])
def test_a_division_above_releases_but_does_not_write_submit_or_withdraw(cast, who):
    above, one = getattr(cast, who), draft(cast)
    for attempt in (
        lambda: PolicyDraft.amend(one.id, above, values={"floor_hours": 9}),
        lambda: PolicyDraft.move(one.id, "submit", above),
        lambda: PolicyDraft.move(one.id, "withdraw", above, "不要了"),
    ):
        with pytest.raises(Refusal, match="只能起草和修改自己区划的政策"):
            attempt()
    PolicyDraft.move(one.id, "submit", cast.county)
    assert {m.name for m in PolicyDraft.get_by_id(one.id).legal_moves(above)} == {"release", "return"}
    assert PolicyDraft.move(one.id, "release", above).state == "released"


def test_a_draft_is_always_of_the_drafters_own_division(cast):
    assert [draft(cast, by, values=PROVINCES | {}).division for by in (cast.county, cast.prefecture, cast.province)] == [
        "530102", "5301", "53",
    ]  # fmt: skip
    with pytest.raises(TypeError, match="takes no division"):
        PolicyDraft.enter(cast.county, division="530103", topic="exchange", since=tomorrow(), source="x")
    street = colleague(cast, "530102001")
    with pytest.raises(Refusal, match="由省、州市、县三级规定"):
        a_draft(cast, street)


@pytest.mark.parametrize("who", ["recorder", "head", "auditor", "admin", "volunteer"])
def test_only_supervisors_draft(cast, who):
    by = getattr(cast, who)
    with pytest.raises(Refusal, match="不能办理这一项"):
        a_draft(cast, by)
    one = submitted(cast)
    with pytest.raises(Refusal):
        PolicyDraft.amend(one.id, by, note="x")
    for name in ("release", "return", "withdraw"):
        with pytest.raises(Refusal):
            PolicyDraft.move(one.id, name, by, "x")
    assert PolicyDraft.get_by_id(one.id).state == "submitted"


def test_who_sees_a_draft(cast):
    one = draft(cast)
    of_the_province = draft(cast, cast.province, values=PROVINCES)

    def sees(by: Actor) -> set[int]:
        return {row.id for row in PolicyDraft.select().where(within(PolicyDraft, by))}

    sibling = Actor(98, "盘龙督导", Role.SUPERVISOR, None, "530103")
    above = Actor(97, "省审计", Role.AUDITOR, None, "53")
    assert sees(cast.county) == sees(cast.prefecture) == sees(cast.auditor) == {one.id}
    assert sees(cast.province) == sees(above) == {one.id, of_the_province.id}
    for stranger in (cast.recorder, cast.head, cast.admin, cast.volunteer, sibling):
        assert sees(stranger) == set(), stranger.name
    for name in ("release", "return", "withdraw"):
        with pytest.raises(NotFound):
            PolicyDraft.move(one.id, name, sibling, "x")
        with pytest.raises(NotFound):
            PolicyDraft.move(of_the_province.id, name, cast.county, "x")


def test_what_waits_stands_with_whoever_may_do_it_next(cast):
    one, second = draft(cast), colleague(cast)

    def waits(name: str, by: Actor) -> bool:
        step = PolicyDraft.life.move(name)
        return PolicyDraft.select().where(
            PolicyDraft.state.in_(step.sources), within(PolicyDraft, by), PolicyDraft.ripe(step, by)
        ).exists()  # fmt: skip

    assert waits("submit", cast.county) and waits("submit", second)
    assert not waits("submit", cast.prefecture)
    PolicyDraft.move(one.id, "submit", cast.county)
    assert waits("release", second) and waits("release", cast.prefecture)
    assert not waits("release", cast.county)
    assert not waits("release", cast.province)  # may, but it is the prefecture's to look at first


# --- days ---


def test_a_draft_may_lie_but_is_neither_submitted_nor_released_for_a_day_that_is_past(cast):
    one, other = draft(cast), submitted(cast)
    past = draft(cast, since=date(2024, 1, 1))
    clock.move_demo_clock(5)
    for key in (one.id, past.id):
        with pytest.raises(Refusal, match="已经过去，请改为"):
            PolicyDraft.move(key, "submit", cast.county)
    with pytest.raises(Refusal, match="已经过去，请改为"):
        PolicyDraft.move(other.id, "release", cast.prefecture)
    PolicyDraft.move(other.id, "return", cast.prefecture, "起始日已过")
    PolicyDraft.amend(other.id, cast.county, since=clock.today())
    PolicyDraft.move(other.id, "submit", cast.county)
    assert PolicyDraft.move(other.id, "release", cast.prefecture).state == "released"


def test_a_second_release_from_the_same_day_is_the_next_edition_and_the_last_letter_is_the_end(cast):
    for hours in (5, 6):
        one = submitted(cast, values={"floor_hours": hours})
        assert one.as_release().edition == hours - 4
        PolicyDraft.move(one.id, "release", cast.prefecture)
    assert [v.edition for v in PolicyVersion.select().order_by(PolicyVersion.id)] == [1, 2]
    assert policy.in_force("exchange", cast.a, tomorrow()).rule.floor_hours == 6
    late = submitted(cast)
    for edition in range(3, len(EDITIONS) + 1):
        PolicyVersion.create(
            topic="exchange", division="530102", since=tomorrow(), edition=edition, source="文件", values={}
        )
    with pytest.raises(Refusal, match="已有 26 个，请改从另一天起"):
        PolicyDraft.move(late.id, "release", cast.prefecture)


def test_a_draft_is_changed_only_while_it_is_a_draft_and_stays_with_its_topic(cast):
    one = draft(cast)
    with pytest.raises(Refusal, match="请另起草案"):
        PolicyDraft.amend(one.id, cast.county, topic="handling", values={})
    PolicyDraft.move(one.id, "submit", cast.county)
    with pytest.raises(Refusal, match="待发布的请先退回"):
        PolicyDraft.amend(one.id, cast.county, values={"floor_hours": 6})
    PolicyDraft.move(one.id, "release", cast.prefecture)
    with pytest.raises(Refusal, match="现在是「已发布」"):
        PolicyDraft.amend(one.id, cast.county, values={"floor_hours": 6})


# --- the schema ---


@pytest.mark.parametrize(
    ("values", "where", "sentence"),
    [
        ({"flor_hours": 1}, "", "没有「flor_hours」这个参数"),
        ({"floor_hours": "5"}, "values.floor_hours", "「累计满多少小时起兑」：应是整数，现在是「5」"),
        ({"floor_hours": -1}, "values.floor_hours", "不能小于 0，现在是 -1"),
        ({"approval": 1}, "values.approval", "「须由站长审批」：应是「是」或「否」"),
        ({"over_cap": "burn"}, "values.over_cap", "只能是 honour、donation"),
        ({"weights": [{"category": "01"}]}, "values.weights", "「各类服务折算」第 1 行：缺少参数「percent」"),
        ({"weights": [{"category": "01", "percent": -1}]}, "values.weights", "「各类服务折算」第 1 行「折算比例」：不能小于 0"),
        ({"weights": [{"category": "99", "percent": 50}]}, "values.weights", "没有「99」这个代码"),
        ({"kinds": []}, "values.kinds", "至少选一种"),
        ({"weights": [{"category": "01", "percent": 1}] * 2}, "values.weights", "只能写一次"),
    ],
)  # fmt: skip
def test_what_leaves_the_schema_is_said_beside_its_parameter(cast, values, where, sentence):
    found = says(cast, values=values)
    assert set(found) == {where} and sentence in found[where]


def test_all_that_is_ill_typed_is_said_at_once(cast):
    found = says(cast, values={"floor_hours": "5", "spend_age": -1}, bounds={"approval": {"low": 1}})
    assert set(found) == {"values.floor_hours", "values.spend_age", "bounds.approval"}
    assert found["bounds.approval"].startswith("「须由站长审批」：")
    assert set(says(cast, topic="giving", values={"served": [{"minimum_age": 80, "hardships": ["x"]}]})) == {"values.served"}
    assert set(says(cast, source="  ", since=None)) == {"source", "since"}
    assert set(says(cast, values=[3])) == {"values"}


def test_the_province_says_everything_and_a_county_may_say_nothing(cast):
    assert "缺少参数「origins」" in says(cast, cast.province, values={"points_per_hour": 1})["values.origins"]
    laid_down("530102", floor_hours=9)
    one = submitted(cast, values={})
    PolicyDraft.move(one.id, "release", cast.prefecture)
    assert policy.in_force("exchange", cast.a, tomorrow()).rule.floor_hours == 0


# --- the bounds of those above ---


@pytest.mark.parametrize(
    ("bound", "values", "sentence"),
    [
        ({"low": 0, "high": 200}, {"yearly_cap_points": 300}, "「每人每年上限」省定范围 0–200 分，现在是 300。"),
        ({"high": 1200}, {"yearly_cap_points": 1300}, "省定不高于 1,200 分，现在是 1,300。"),
        ({"low": 10}, {"yearly_cap_points": 3}, "省定不低于 10 分，现在是 3。"),
        ({"locked": True}, {"yearly_cap_points": 3}, "省定，下级不能另行规定。"),
    ],
)
def test_a_value_outside_the_provinces_bounds_is_refused_with_both(cast, bound, values, sentence):
    laid_down("53", bounds={"yearly_cap_points": bound})
    assert says(cast, values=values) == {"values.yearly_cap_points": f"「每人每年上限」{sentence.removeprefix('「每人每年上限」')}"}
    assert draft(cast, cast.county, values={})


def test_a_choice_outside_the_prefectures_bounds_is_said_in_words(cast):
    laid_down("5301", bounds={"origins": {"only": ["checked_in", "desk"]}})
    found = says(cast, values={"origins": ["checked_in", "imported"]})
    assert found["values.origins"].startswith("「可兑换的工时来源」州市定只能是签到、")
    assert "imported" not in found["values.origins"]
    assert draft(cast, values={"origins": ["desk"]})


def test_bounds_drawn_tighter_meanwhile_refuse_the_release(cast):
    one = submitted(cast, values={"yearly_cap_points": 300})
    laid_down("53", bounds={"yearly_cap_points": {"high": 200}})
    with pytest.raises(Refusal, match="省定不高于 200 分，现在是 300"):
        PolicyDraft.move(one.id, "release", cast.prefecture)
    assert not PolicyVersion.select().where(PolicyVersion.division == "530102").exists()


# --- together with what others laid down ---


def test_what_contradicts_the_parents_today_or_from_a_later_day_is_refused(cast):
    assert "从低到高" in says(cast, topic="pairing", values={"fair_at": 90})[""]
    laid_down("5301", "pairing", tomorrow(30), good_at=70)
    found = says(cast, topic="pairing", values={"fair_at": 72})[""]
    assert found.startswith(f"与本级的规定合在一起，自 {tomorrow(30)} 起自相矛盾：")
    assert draft(cast, topic="pairing", values={"fair_at": 65})


def test_what_would_contradict_a_division_below_is_refused_and_named(cast):
    laid_down("530102", "pairing", tomorrow(10), fair_at=74)
    found = says(cast, cast.prefecture, topic="pairing", values={"good_at": 72})[""]
    assert found.startswith(f"与五华区的规定合在一起，自 {tomorrow(10)} 起自相矛盾：") and "从低到高" in found
    assert draft(cast, cast.prefecture, topic="pairing", values={"good_at": 76})


def test_what_a_later_release_of_its_own_ends_is_not_asked_of_it(cast):
    laid_down("5301", "pairing", tomorrow(30), good_at=70)
    laid_down("530102", "pairing", tomorrow(20))
    assert draft(cast, topic="pairing", values={"fair_at": 72})


def test_a_day_before_any_policy_is_said_beside_the_day(cast):
    assert "没有生效的「回馈兑换」政策" in says(cast, since=date(2000, 1, 1))["since"]


def test_no_limit_at_all_below_is_said_as_such_where_a_bound_puts_it_aside(cast):
    laid_down("530102", yearly_cap_points=0)
    one = submitted(cast, cast.prefecture, values={"yearly_cap_points": 100}, bounds={"yearly_cap_points": {"high": 200}})
    (said,) = one.consequences()
    assert said.endswith("自定的 「不限」超出上级范围，不再适用，改按昆明市的 100 分。")


def test_what_new_bounds_put_aside_below_is_listed_and_not_refused(cast):
    laid_down("530102", yearly_cap_points=300)
    laid_down("530103", yearly_cap_points=150)
    one = submitted(cast, cast.prefecture, values={"yearly_cap_points": 100}, bounds={"yearly_cap_points": {"high": 200}})
    assert one.consequences() == [
        f"五华区自 {tomorrow()} 起：「每人每年上限」自定的 300 分超出上级范围，不再适用，改按昆明市的 100 分。"
    ]
    PolicyDraft.move(one.id, "release", cast.province)
    assert policy.in_force("exchange", cast.a, tomorrow()).rule.yearly_cap_points == 100
    back = draft(cast, cast.prefecture, since=tomorrow(9), values={})
    assert back.consequences() == [
        f"五华区自 {tomorrow(9)} 起：「每人每年上限」自定的 300 分重新回到范围内，恢复适用。"
    ]
    assert PolicyDraft.get_by_id(one.id).consequences() == []


def test_a_draft_without_bounds_has_no_consequences_below(cast):
    laid_down("530102", yearly_cap_points=300)
    assert draft(cast, cast.prefecture, values={"yearly_cap_points": 100}).consequences() == []


# --- what a preview reads ---


def test_a_draft_is_laid_into_the_book_as_the_release_it_would_be(cast):
    one = draft(cast, values={"weights": [{"category": "01", "percent": 50}], "floor_hours": 5})
    as_release = one.as_release()
    assert isinstance(as_release, Release) and as_release.key == f"exchange@530102:{tomorrow()}"
    version = policy.book().with_release(as_release).on("exchange", str(cast.a.division_id), tomorrow())
    assert version.rule.weights[0].percent == 50 and version.rule.points_per_hour == 1
    PolicyDraft.move(one.id, "submit", cast.county)
    PolicyDraft.move(one.id, "release", cast.prefecture)
    released = PolicyDraft.get_by_id(one.id).as_release()
    assert (released.key, released.values) == (as_release.key, as_release.values)


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_can_be_drafted_by_the_province_as_it_ships(cast, topic):
    from rules.policy_office import plain

    one = max((r for r in shipped() if r.topic == topic), key=lambda release: release.since)
    said = {name: plain(value) for name, value in one.values.items()}
    row = draft(cast, cast.province, topic=topic, values=said)
    assert row.as_release().values == one.values
    assert release(topic, "53", one.since, one.source, said).values == one.values


def test_two_releases_that_would_contradict_one_another_do_not_both_stand(cast_on_either):
    cast = cast_on_either
    county = submitted(cast, topic="pairing", values={"fair_at": 74})
    city = submitted(cast, cast.prefecture, topic="pairing", values={"good_at": 72})
    PolicyDraft.move(county.id, "release", cast.prefecture)
    with pytest.raises(Refusal, match="与五华区的规定合在一起"):
        PolicyDraft.move(city.id, "release", cast.province)



