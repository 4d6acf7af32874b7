"""Every published regional variant is policy alone: its text is loaded as a county's release, its arithmetic reproduced
with the real rules, at home and on the account."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from variants import VARIANTS, text
from walks_training import passed

from cast import past_the_notice, person
from models import clock
from models.courses import Training
from models.hours import Balance
from models.keying import Draft, key_in
from models.policy import PolicyVersion
from models.records import ServiceRecord, move_all, post_due
from models.refusals import Refusal
from models.volunteers import Volunteer
from rules.earning import Earned, Earner, bonus_minutes, earned_minutes
from rules.giving import Offered, check_donation, check_gift, qualifies
from rules.notices import publishable_from
from rules.policy import PROVINCE, PolicyBook, Version, load, shipped
from rules.records import Line, Span, check_line, count_minutes
from rules.rewards import Standing, Wish, check_exchange, expires_on, most_pieces, price_minutes, rights, worth
from rules.stars import level_of, star_for
from rules.topics import TOPICS, PolicyError
from rules.working_days import WorkingCalendar

HERE, DAY = "530102001001", date(2026, 3, 5)
NINE = datetime(2026, 3, 5, 9)
GROWN, OLD = Earner(date(1980, 1, 1)), 62


def of(name: str, topic: str, day: date = DAY) -> Version:
    """The version that the variant makes at a station of the county, from its text and nothing else."""
    return PolicyBook.of(load(text(topic, VARIANTS[name][topic]), topic, "530102")).on(topic, HERE, day)


def named(start: str) -> str:
    (name,) = [one for one in VARIANTS if one.startswith(start)]
    return name


EACH = [(name, topic) for name, topics in VARIANTS.items() for topic in topics]


@pytest.mark.parametrize(("name", "topic"), EACH)
def test_every_variant_is_a_text_that_loads_and_binds(name, topic):
    version = of(name, topic)
    assert version.source == "地方公开的规则" and version.topic == topic
    (release,) = load(text(topic, VARIANTS[name][topic]), topic, "530102")
    assert release.values
    for parameter, value in release.values.items():
        assert getattr(version.rule, parameter) == value
        assert version.origins[parameter].division == "530102"


def test_there_are_as_many_variants_as_were_published_and_none_needs_more_than_policy():
    assert len(VARIANTS) >= 30
    assert {topic for topics in VARIANTS.values() for topic in topics} <= set(TOPICS)


@pytest.mark.parametrize("topic", ["stars", "exchange", "giving", "counting"])
def test_a_variant_with_a_slip_of_the_pen_does_not_load(topic):
    for wrong in ("points_per_houre = 1", "points_per_hour = -1", "levels = 3", "gift = 'whoever'"):
        with pytest.raises(PolicyError):
            load(text(topic, wrong), topic, "530102")


def test_a_variant_lies_over_the_provinces_and_leaves_the_rest_as_it_was():
    province = PolicyBook(shipped()).on("counting", PROVINCE, DAY).rule
    jiaozhou = of("胶州", "counting").rule
    assert (jiaozhou.daily_cap_minutes, jiaozhou.rounding_minutes) == (province.daily_cap_minutes, 1)


# --- 1.5 stars ---

LONG_AGO = DAY - timedelta(days=4000)


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("全国（", [(99, 0), (100, 1), (299, 1), (300, 2), (599, 2), (600, 3), (999, 3), (1000, 4), (1499, 4), (1500, 5)]),
        ("北京星级", [(99, 0), (100, 1), (199, 1), (200, 2), (499, 2), (500, 3), (799, 3), (800, 4), (999, 4), (1000, 5)]),
        ("福建", [(100, 1), (1500, 5)]),
        ("四川", [(1000, 4), (1500, 5)]),
    ],
)  # fmt: skip
def test_so_many_hours_reach_so_many_stars(name, table):
    version = of(named(name), "stars")
    assert [star_for(hours * 60, LONG_AGO, DAY, version).value for hours, _ in table] == [star for _, star in table]
    assert [star_for(hours * 60 - 1, LONG_AGO, DAY, version).value < star for hours, star in table if star] == [
        hours == version.rule.levels[star - 1].at for hours, star in table if star
    ]


def test_who_recognises_which_star_and_how():
    fujian = of(named("福建"), "stars")
    assert [level_of(n, fujian).recognised_by for n in range(1, 6)] == [
        "county", "county", "prefecture", "prefecture", "province",
    ]  # fmt: skip
    sichuan = of(named("四川"), "stars")
    assert [level_of(n, sichuan).selection for n in range(1, 6)] == [False] * 4 + [True]


@pytest.mark.parametrize(
    ("hours", "days", "star"),
    [(100, 182, 0), (100, 183, 1), (300, 183, 2), (600, 183, 2), (600, 364, 2), (600, 365, 3), (1000, 365, 4)],
)
def test_longgang_wants_half_a_year_then_a_year_of_registration(hours, days, star):
    version = of(named("龙岗"), "stars")
    assert star_for(hours * 60, DAY - timedelta(days=days), DAY, version).value == star


@pytest.mark.parametrize(
    ("opened", "last"),
    [("2026-03-05", "2026-03-10"), ("2026-03-06", "2026-03-11"), ("2025-09-29", "2025-10-10")],
)
def test_the_list_of_stars_hangs_out_three_working_days(opened, last):
    rule = of("星级名单公示三个工作日", "publicity").rule
    assert WorkingCalendar().add(date.fromisoformat(opened), rule.star_days) == date.fromisoformat(last)


# --- 1.6 who may register, at the desk ---


def lay_down(name: str) -> None:
    for topic, values in VARIANTS[name].items():
        (one,) = load(text(topic, values), topic, "530102")
        values = {key: _plain(value) for key, value in one.values.items()}
        PolicyVersion.create(topic=topic, division="530102", since=one.since, source=one.source, values=values)


def _plain(value):
    return list(value) if isinstance(value, tuple) else value


def born(years: int, days: int = 0) -> date:
    today = clock.today()
    day = min(today.day, 28)
    return today.replace(year=today.year - years, day=day) + timedelta(days=days)


GUARDED = {"guardian_name": "李母", "guardian_phone": "13900000000"}


@pytest.mark.parametrize(
    ("name", "years", "guarded", "says"),
    [
        ("年满十八周岁", 18, False, ""),
        ("年满十八周岁", 17, True, "未满 18 周岁，不能注册"),
        ("十四至十八周岁须监护人同意", 14, True, ""),
        ("十四至十八周岁须监护人同意", 14, False, "请填写监护人姓名和电话"),
        ("十四至十八周岁须监护人同意", 13, True, "未满 14 周岁，不能注册"),
        ("十四至十八周岁须监护人同意", 18, False, ""),
        ("十八至六十五周岁", 65, False, ""),
        ("十八至六十五周岁", 66, False, "65 周岁"),
        ("民法典（八周岁以上，未满十四须陪同）", 8, True, ""),
        ("民法典（八周岁以上，未满十四须陪同）", 7, True, "未满 8 周岁，不能注册"),
    ],
)
def test_who_may_register_is_policy(cast, name, years, guarded, says):
    lay_down(name)
    said = person("小李", birth=born(years)) | (GUARDED if guarded else {})
    if says:
        with pytest.raises(Refusal, match=says):
            Volunteer.enter(cast.recorder, **said)
    else:
        assert Volunteer.enter(cast.recorder, **said).state == "applied"


# --- counting: 1.7, 胶州, 镇海 ---


def test_the_suggested_defaults_are_what_ships():
    rule = of("建议的缺省值", "counting").rule
    assert count_minutes(NINE, NINE + timedelta(minutes=45), 0, rule) == 45
    assert count_minutes(NINE, NINE + timedelta(minutes=45), 15, rule) == 30
    assert of("建议的缺省值", "record_format").rule.deadline_working_days == 10
    assert of("建议的缺省值", "publicity").rule.record_days == 3


@pytest.mark.parametrize(
    ("present", "travel", "counts"),
    # from assembly: the way there and back is service too
    [(1, 0, 60), (45, 0, 60), (59, 0, 60), (60, 0, 60), (61, 0, 61), (90, 30, 90), (45, 40, 60), (0, 0, 0)],
)
def test_jiaozhou_counts_less_than_an_hour_as_one_and_from_assembly(present, travel, counts):
    assert count_minutes(NINE, NINE + timedelta(minutes=present), travel, of("胶州", "counting").rule) == counts


def test_jiaozhou_publishes_by_the_month_and_looks_by_the_quarter():
    assert publishable_from(date(2026, 3, 5), of("胶州", "publicity").rule) == date(2026, 4, 1)
    assert of("胶州", "handling").rule.audit_months == 3


def test_jiaozhou_at_the_desk(cast):
    lay_down("胶州")
    (row,) = key_in([cast.draft(cast.registered(), cast.activity(), "09:00", "09:45")], cast.recorder)
    assert row.minutes == 60


@pytest.mark.parametrize(("variant", "honour"), [("镇海", 120), ("", 0)])
def test_zhenhai_counts_training(cast, variant, honour):
    if variant:
        lay_down(variant)
    who = cast.registered()
    Training.move(passed(cast, [who]).id, "confirm", cast.head)  # two hours
    assert Balance.get_by_id(who.id).honour == honour


# --- 3.1 the national platform's hour entry ---

NATIONAL = "全国系统（不跨零点，不重叠，不超前，备注有字数）"


@pytest.mark.parametrize(
    ("start", "end", "more", "says"),
    [
        ("2026-03-05 09:00", "2026-03-05 11:00", {}, ""),
        ("2026-03-05 22:00", "2026-03-06 01:00", {}, "不能跨零点"),
        ("2026-03-09 10:00", "2026-03-09 12:00", {}, "还没有到"),
        ("2026-03-05 09:00", "2026-03-05 09:00", {}, "应晚于开始时间"),
        ("2026-03-05 13:30", "2026-03-05 15:00", {}, "时间重叠"),
        ("2026-03-05 09:00", "2026-03-05 11:00", {"project_until": date(2026, 3, 4)}, "晚于项目结束日期"),
        ("2026-03-05 09:00", "2026-03-05 11:00", {"remark": "长" * 201}, "备注最多 200 个字"),
    ],
)
def test_a_segment_as_the_national_platform_takes_it(start, end, more, says):
    line = Line(datetime.fromisoformat(start), datetime.fromisoformat(end), content="巡护", quality="1", **more)
    chosen = Span(datetime(2026, 3, 5, 13), datetime(2026, 3, 5, 14), "另一段", 60)
    found = check_line(
        line, counting=of("建议的缺省值", "counting").rule, record_format=of(NATIONAL, "record_format").rule,
        calendar=WorkingCalendar(), now=datetime(2026, 3, 9, 9), others=[chosen],
    )  # fmt: skip
    assert (found == []) == (not says) and all(says in finding.says for finding in found)


# --- 3.2 time banks ---


def earned(
    name: str, minutes: int, *, origin="desk", category="01", who=GROWN, activity=0, kept=0, day=DAY
) -> Earned:  # fmt: skip
    version = of(name, "exchange")
    return earned_minutes(minutes, origin, category, day, who, activity=activity, kept=kept, version=version).value


def standing(**more) -> Standing:
    said = {"day": DAY, "balance_minutes": 60_000, "honour_minutes": 60_000, "points_this_year": 0, "star": 1, "age": OLD}
    return Standing(**(said | more))


def refused(name: str, kind="service", points=1, quantity=1, **more) -> list[str]:
    return [f.says for f in check_exchange(Wish(kind, points, quantity), standing(**more), of(name, "exchange"))]


FRIDAY = date(2026, 3, 6)


@pytest.mark.parametrize(
    ("name", "kind", "points", "who", "minutes", "says"),
    [
        ("北京时间银行", "service", 2, {}, 120, ""),
        ("北京时间银行", "service", 2, {"age": 59}, 120, "满 60 周岁才可本人兑换，现在 59 周岁。"),
        ("南京时间银行", "service", 3, {}, 180, ""),
        ("南京时间银行", "goods", 3, {}, 180, "现行政策只兑换社区服务，不兑换物品。"),
        ("广州时间银行", "goods", 10, {}, 600, ""),
        ("广州时间银行", "goods", 10, {"star": 0, "honour_minutes": 5999}, 600, "累计服务满 100 小时才可兑换，现有 99.98 小时。"),
        ("成都郫都", "service", 4, {"star": 0, "age": 20}, 240, ""),
        ("成都郫都", "goods", 4, {}, 240, "不兑换物品"),
        ("连云港", "goods", 3, {}, 180, ""),
        ("吴江", "goods", 5, {}, 30, ""),
        ("吴江", "goods", 1000, {}, 6000, ""),
        ("吴江", "goods", 1001, {}, 6006, "需要 100.10 小时，现有 100.00 小时"),
        ("景洪", "goods", 5, {}, 300, ""),  # 菜篮
        ("景洪", "goods", 10, {}, 600, ""),  # 钢碗
        ("景洪", "goods", 40, {}, 2400, ""),  # 不锈钢盆
        ("景洪", "goods", 90, {}, 5400, ""),  # 砂锅
        ("景洪", "goods", 5, {"day": date(2026, 3, 9)}, 300, "兑换日是周五，最近的是 2026-03-13（周五）。"),
        ("长沙", "goods", 1, {"honour_minutes": 299}, 60, "累计服务满 5 小时才可兑换，现有 4.98 小时。"),
        ("长沙", "goods", 1, {"honour_minutes": 300}, 60, ""),
        ("武清", "goods", 1, {}, 60, "现行政策只兑换社区服务"),
    ],
)  # fmt: skip
def test_what_is_had_for_hours_there(name, kind, points, who, minutes, says):
    version = of(name, "exchange")
    them = standing(**({"day": FRIDAY, "balance_minutes": 6000, "honour_minutes": 6000, "age": 66} | who))
    assert price_minutes(points, 1, version).value == minutes
    found = "".join(f.says for f in check_exchange(Wish(kind, points), them, version))
    assert (says in found) if says else not found
    assert (most_pieces(kind, points, them, version).value > 0) is not bool(says)


CHILD = Earner(date(2010, 1, 1))
CONSENTED = Earner(date(2010, 1, 1), guardian=True, consent_on=date(2026, 1, 1))


@pytest.mark.parametrize(
    ("more", "gives"),
    [
        ({"origin": "checked_in"}, Earned(90)),
        ({"origin": "desk"}, Earned()),  # whoever did not sign in and out earns no coin
        ({"origin": "checked_in", "category": "15"}, Earned()),  # none of the eight categories
        ({"origin": "checked_in", "who": CHILD}, Earned()),
        ({"origin": "checked_in", "who": CONSENTED}, Earned(90)),
    ],
)
def test_beijing_earns_one_coin_an_hour(more, gives):
    assert earned("北京时间银行", 90, **more) == gives
    assert price_minutes(1, 3, of("北京时间银行", "exchange")).value == 180


def test_beijing_spends_from_sixty_or_gives_to_the_straight_line():
    assert refused("北京时间银行", age=60) == []
    assert refused("北京时间银行", age=59) == ["满 60 周岁才可本人兑换，现在 59 周岁。"]
    version = of("北京时间银行", "giving")
    for relation, fine in (("parent", True), ("grandchild", True), ("sibling", False), ("spouse", False), ("", False)):
        offered = Offered(600, 600)
        assert (check_gift(offered, relation, to_herself=False, registered=True, version=version) == []) == fine


@pytest.mark.parametrize(("points", "short"), [(9600, 400), (9999, 1), (10000, 0), (12000, 0)])
def test_beijing_ten_thousand_coins_open_a_public_home(points, short):
    (right,) = rights(points, of("北京时间银行", "exchange"))
    assert (right.grants, right.short) == ("入住公办养老机构", short)


@pytest.mark.parametrize(
    ("kept", "gives"),
    [(0, Earned(600)), (1490 * 60, Earned(600)), (1495 * 60, Earned(300, 300)), (1500 * 60, Earned(0, 600))],
)
def test_nanjing_keeps_fifteen_hundred_hours_and_the_rest_is_for_donation(kept, gives):
    assert earned("南京时间银行", 600, kept=kept) == gives


def test_nanjing_group_hours_can_only_be_donated():
    assert earned("南京时间银行", 120, origin="group") == Earned(0, 120)
    assert check_donation(Offered(120, 120), of("南京时间银行", "giving")) == []


@pytest.mark.parametrize(
    ("age", "hardships", "served"),
    [
        (80, ["01"], True), (79, ["01"], False), (85, [], False), (60, ["16", "04"], True), (79, ["04", "16"], True),
        (70, ["16"], False), (70, ["04"], False), (59, ["16", "04"], False), (None, ["01"], False),
        (80, ["16", "04"], False),
    ],
)  # fmt: skip
def test_nanjing_serves_the_very_old_alone_and_the_poor_and_disabled(age, hardships, served):
    assert qualifies(age, hardships, of("南京时间银行", "giving"), {}).value == served


@pytest.mark.parametrize(("age", "fine"), [(60, True), (59, False)])
def test_nanjing_savers_use_their_own_from_sixty(age, fine):
    assert (refused("南京时间银行", age=age) == []) == fine


@pytest.mark.parametrize(("minutes", "gives"), [(59, 0), (60, 60), (119, 60), (120, 120), (45, 0)])
def test_guangzhou_earns_by_whole_hours(minutes, gives):
    assert earned("广州时间银行", minutes) == Earned(gives)


def test_guangzhou_redeems_from_one_star_and_keeps_fifteen_hundred():
    assert refused("广州时间银行", star=1) == []
    assert refused("广州时间银行", star=0) == ["认定为一星级以上才可兑换，现在还没有认定的星级。"]
    assert refused("广州时间银行", honour_minutes=99 * 60) == ["累计服务满 100 小时才可兑换，现有 99.00 小时。"]
    assert earned("广州时间银行", 120, kept=1499 * 60) == Earned(60)
    assert refused("广州时间银行", kind="goods") == []
    assert check_donation(Offered(60, 60), of("广州时间银行", "giving")) == []


@pytest.mark.parametrize("name", ["成都郫都", "武清"])
def test_only_services_are_exchanged(name):
    assert refused(name, kind="service", points=3) == []
    assert refused(name, kind="goods") == ["现行政策只兑换社区服务，不兑换物品。"]
    assert price_minutes(3, 2, of(name, "exchange")).value == 360  # priced item by item, in the catalogue


# --- 3.3 points ---


def points_of(name: str, minutes: int, **more) -> int:
    """What a record is worth in points, by the price of a thing that costs exactly that."""
    return earned(name, minutes, **more).ordinary * of(name, "exchange").rule.points_per_hour // 60


@pytest.mark.parametrize(
    ("name", "minutes", "category", "points"),
    [
        ("连云港", 60, "01", 1), ("连云港", 150, "01", 2),
        ("海林", 60, "01", 1), ("海林", 120, "01", 2), ("海林", 300, "01", 2),  # at most two hours an activity
        ("吴江", 60, "01", 5), ("吴江", 60, "04", 10), ("吴江", 120, "14", 20),
        ("苏州 DB3205/T 1001-2020", 60, "22", 2), ("苏州 DB3205/T 1001-2020", 60, "01", 1),
        ("苏州 DB3205/T 1001-2020", 120, "20", 1),
        ("昆明洛龙湖", 120, "15", 3), ("昆明洛龙湖", 120, "01", 2),  # by content and duration
    ],
)  # fmt: skip
def test_an_hour_is_worth_so_many_points(name, minutes, category, points):
    assert points_of(name, minutes, category=category) == points


def test_hailin_gives_points_for_recruiting_and_caps_an_activity_over_several_records():
    version = of("海林", "exchange")
    assert bonus_minutes(version.rule.recruit_points, kept=0, version=version).value == Earned(60)
    assert earned("海林", 90, activity=60) == Earned(60)
    assert earned("海林", 90, activity=120) == Earned(0)


def test_wujiang_reckons_a_point_at_a_yuan_and_never_pays_it():
    version = of("吴江", "exchange")
    assert worth(5, version) == "，约合 5.00 元（仅作标价参考）"
    assert price_minutes(5, 1, version).value == 30
    assert "约合 12.00 元（仅作标价参考）" in price_minutes(12, 1, version).why


@pytest.mark.parametrize(("day", "fine"), [("2026-03-06", True), ("2026-03-05", False), ("2026-03-07", False)])
def test_jinghong_redeems_every_friday(day, fine):
    said = refused("景洪", kind="goods", day=date.fromisoformat(day))
    assert (said == []) == fine
    assert fine or "兑换日是周五" in said[0]


def test_luolonghu_hands_out_household_goods_alone():
    assert refused("昆明洛龙湖", kind="goods") == []
    assert refused("昆明洛龙湖", kind="service") == ["现行政策只兑换物品，不兑换社区服务。"]


def test_gaomi_approves_first_and_gives_two_hundred_beans():
    version = of("高密义仓", "exchange")
    assert version.rule.approval and not of("武清", "exchange").rule.approval
    assert bonus_minutes(version.rule.opening_points, kept=0, version=version).value == Earned(200 * 60)


# --- switches: yearly cap, term, donation, gifts ---


@pytest.mark.parametrize(("spent", "points", "fine"), [(0, 100, True), (99, 1, True), (99, 2, False), (100, 1, False)])
def test_a_yearly_cap(spent, points, fine):
    said = refused("每人每年上限", points=points, points_this_year=spent)
    assert (said == []) == fine
    assert fine or said == [f"超过每年 100 分的上限，今年还可兑换 {100 - spent} 分。"]


@pytest.mark.parametrize(
    ("name", "served", "ends"),
    [
        ("两年有效", "2024-02-29", "2026-02-28"), ("两年有效", "2026-03-05", "2028-03-05"),
        ("当年年底作废", "2026-03-05", "2027-01-01"), ("当年年底作废", "2026-12-31", "2027-01-01"),
        ("次年年底作废", "2026-03-05", "2028-01-01"), ("次年年底作废", "2026-12-31", "2028-01-01"),
        ("连云港", "2026-03-05", None),
    ],
)  # fmt: skip
def test_when_hours_run_out(name, served, ends):
    found = expires_on(date.fromisoformat(served), of(name, "exchange"))
    assert found == (date.fromisoformat(ends) if ends else None)


@pytest.mark.parametrize(
    ("name", "relation", "minutes", "this_year", "fine"),
    [
        ("可转赠亲属", "parent", 60, 0, True), ("可转赠亲属", "sibling", 60, 0, False),
        ("可转赠亲属", "parent", 60, 99 * 60, True), ("可转赠亲属", "parent", 61, 99 * 60, False),
        ("可转赠任何志愿者", "", 60, 0, True), ("不可转赠", "parent", 60, 0, False),
    ],
)  # fmt: skip
def test_gifts_to_relatives_to_anyone_or_to_nobody(name, relation, minutes, this_year, fine):
    offered = Offered(minutes, 6000, this_year)
    found = check_gift(offered, relation, to_herself=False, registered=True, version=of(name, "giving"))
    assert (found == []) == fine


@pytest.mark.parametrize(
    ("name", "relation", "says"),
    [
        ("北京时间银行", "parent", ""),
        ("北京时间银行", "sibling", "（父母、子女、祖父母、外祖父母、孙子女、外孙子女），不含兄弟姐妹。"),
        ("北京时间银行", "", "请选择受赠人是本人的什么人"),
        ("可转赠亲属", "sibling", "只能转赠给亲属（配偶、父母、子女），不含兄弟姐妹。"),
        ("南京时间银行", "parent", "现行政策不转赠工时，只能由本人使用或捐给工作站。"),
        ("不可捐赠", "parent", "现行政策不转赠工时，只能由本人使用。"),
    ],
)
def test_to_whom_hours_are_given_there_and_what_is_said_to_others(name, relation, says):
    said = {"to_herself": False, "registered": True, "version": of(name, "giving")}
    found = "".join(f.says for f in check_gift(Offered(600, 600), relation, **said))
    assert (says in found) if says else not found


@pytest.mark.parametrize(
    ("name", "fine"), [("可捐赠", True), ("广州时间银行", True), ("南京时间银行", True), ("不可捐赠", False)]
)
def test_donation_is_a_switch(name, fine):
    assert (check_donation(Offered(60, 60), of(name, "giving")) == []) == fine


# --- whatever the variant, the two figures never mix, and nothing is fractional ---


@given(
    name=st.sampled_from([name for name, topics in VARIANTS.items() if "exchange" in topics]),
    minutes=st.integers(1, 720), category=st.sampled_from(["01", "04", "15", "20", "22"]), kept=st.integers(0, 100_000),
    activity=st.integers(0, 600), origin=st.sampled_from(["checked_in", "desk", "group"]),
)  # fmt: skip
def test_earned_minutes_are_whole_and_bounded_whatever_the_variant(name, minutes, category, kept, activity, origin):
    found = earned(name, minutes, origin=origin, category=category, activity=activity, kept=kept)
    for part in (found.ordinary, found.donation):
        assert type(part) is int and part >= 0
    percent = max([100, *(weight.percent for weight in of(name, "exchange").rule.weights)])
    assert found.ordinary + found.donation <= minutes * percent // 100


def test_hailin_on_the_account(cast):
    """Three hours of one activity are three hours of honour and two that can be exchanged."""
    lay_down("海林")
    who, activity = cast.registered(), cast.activity()
    start = datetime.combine(activity.day, time(9))
    line = Draft(who.id, activity.id, start, start + timedelta(hours=3), content="巡护", quality="1")
    (row,) = key_in([line], cast.recorder)
    for move, by in (("submit", cast.recorder), ("approve", cast.head), ("notice", cast.head)):
        move_all([row.id], move, by)
    past_the_notice()
    post_due()
    balance = Balance.get_by_id(who.id)
    assert ServiceRecord.get_by_id(row.id).state == "posted"
    assert (balance.honour, balance.exchangeable) == (180, 120)
