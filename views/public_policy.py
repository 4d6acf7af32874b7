"""Policy in plain words (方案 二(6)): what a star needs, what an hour buys and when hours end, as the policy in force says it
for the place that is chosen."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from flask import render_template, request

from models import clock, policy
from models.places import counties, of_level
from models.policy_words import Words
from models.scope import ROOT
from rules.policy import Version
from rules.stars import stars_label
from rules.topics import Eligibility, Exchange, Giving, Publicity, StarLevel, Stars
from views.gate import right
from views.openly import openly
from views.public_site import pages
from views.wording import worded


@dataclass(frozen=True)
class Chapter:
    """One matter in plain sentences, with the document they rest on and the day since when."""

    name: str
    title: str
    sentences: list[str]
    source: str
    since: date


@pages.get("/policy/", endpoint="policy")
@right("read", "policy")
@openly(indexed=True)
def policy_in_words() -> str:
    """What binds the chosen county today; the province's where none is chosen."""
    county = of_level(request.args.get("county", ""), "county")
    places = counties()
    county = county if county in {one.code for one in places} else ""
    return render_template("public/policy.html", chapters=chapters(county or ROOT), places=places, county=county)


def chapters(division: str) -> list[Chapter]:
    """Every matter that a resident asks about, as it stands today in the division; one statement."""
    book, today, words = policy.book(division=division), clock.today(), Words()

    def told(topic: str, title: str, says) -> Chapter:
        version: Version = book.on(topic, division, today)
        return Chapter(topic, title, list(says(version.rule, words)), version.source, version.since)

    return [
        told("eligibility", worded("谁可以做志愿者"), _who),
        told("stars", worded("星级要多少小时"), _stars),
        told("exchange", worded("工时可以换什么"), _exchange),
        told("giving", worded("工时可以给别人吗"), _giving),
        told("publicity", worded("公示多少天"), _publicity),
    ]


def _who(rule: Eligibility, _words: Words) -> Iterator[str]:
    yield worded("满 %(age)s 周岁的居民可以登记做志愿者。", age=rule.minimum_age)
    if rule.maximum_age:
        yield worded("最高到 %(age)s 周岁。", age=rule.maximum_age)
    yield worded("不满 %(age)s 周岁的，要有监护人同意。", age=rule.guardian_below)
    if rule.accompanied_below:
        yield worded("不满 %(age)s 周岁的，参加活动要有监护人陪同。", age=rule.accompanied_below)


def _stars(rule: Stars, words: Words) -> Iterator[str]:
    for level in rule.levels:
        yield _star(level, words)
    yield worded("星级看的是荣誉工时：服务一小时算一小时，兑换以后也不减少。")


def _star(level: StarLevel, words: Words) -> str:
    said = worded(
        "%(star)s：服务累计满 %(hours)s 小时，由%(body)s认定", star=worded(stars_label(level.star)), hours=level.at,
        body=worded(words("recognised_by", level.recognised_by)),
    )  # fmt: skip
    if level.tenure_days:
        said += worded("，并且注册满 %(days)s 天", days=level.tenure_days)
    return said + (worded("，要经过评选。") if level.selection else worded("。"))


def _exchange(rule: Exchange, words: Words) -> Iterator[str]:
    yield worded("服务 1 小时计 %(points)s 分。", points=rule.points_per_hour)
    for weight in rule.weights:
        yield worded(
            "「%(category)s」的服务按百分之 %(percent)s 计入。", category=words("category", weight.category), percent=weight.percent
        )
    if rule.other_weight != 100:
        yield worded("其他服务按百分之 %(percent)s 计入。", percent=rule.other_weight)
    if rule.minimum_age:
        yield worded("服务时满 %(age)s 周岁的才计入可兑换工时。", age=rule.minimum_age)
    yield worded("可以换：%(kinds)s。每样要多少分，看各工作站的兑换目录。", kinds=_listed("kinds", rule.kinds, words))
    if rule.point_worth_fen:
        yield worded("一分约合 %(yuan)s 元，只作标价参考，不能换现金。", yuan=f"{rule.point_worth_fen // 100}.{rule.point_worth_fen % 100:02d}")
    if rule.floor_hours:
        yield worded("服务累计满 %(hours)s 小时起可以兑换。", hours=rule.floor_hours)
    if rule.floor_star:
        yield worded("认定到%(star)s起可以兑换。", star=worded(stars_label(rule.floor_star)))
    if rule.spend_age:
        yield worded("本人兑换要满 %(age)s 周岁。", age=rule.spend_age)
    if rule.weekdays:
        yield worded("兑换日：%(days)s。", days=_listed("weekdays", rule.weekdays, words))
    if rule.yearly_cap_points:
        yield worded("每人每年最多兑换 %(points)s 分。", points=rule.yearly_cap_points)
    for one in rule.entitlements:
        yield worded("积分达到 %(points)s 分可以享受：%(grants)s，不扣分。", points=one.at, grants=one.grants)
    yield _ends(rule)


def _listed(name: str, values: tuple[str, ...], words: Words) -> str:
    return worded("、").join(worded(words(name, one)) for one in values)


def _ends(rule: Exchange) -> str:
    if rule.valid_months and rule.year_end:
        return worded("可兑换工时从服务那天起 %(months)s 个月，再到那一年年底为止；过期不能再换，荣誉工时和星级不受影响。", months=rule.valid_months)
    if rule.valid_months:
        return worded("可兑换工时从服务那天起 %(months)s 个月内有效；过期不能再换，荣誉工时和星级不受影响。", months=rule.valid_months)
    if rule.year_end:
        return worded("可兑换工时到当年年底为止；过期不能再换，荣誉工时和星级不受影响。")
    return worded("可兑换工时长期有效，不会过期。")


def _giving(rule: Giving, words: Words) -> Iterator[str]:
    if rule.gift == "relatives":
        yield worded("可以转赠给亲属：%(who)s。", who=_listed("relations", rule.relations, words))
    elif rule.gift == "anyone":
        yield worded("可以转赠给任何一位注册志愿者。")
    else:
        yield worded("工时不能转赠给别人。")
    if rule.gift != "nobody" and rule.gift_yearly_hours:
        yield worded("每人每年最多转赠 %(hours)s 小时。", hours=rule.gift_yearly_hours)
    yield worded("可以捐给工作站，用来帮助困难群众。") if rule.donation else worded("不接受捐赠工时。")


def _publicity(rule: Publicity, _words: Words) -> Iterator[str]:
    yield worded("服务记录公示 %(days)s 个工作日，没有异议的入账。", days=rule.record_days)
    yield worded("星级名单公示 %(days)s 个工作日，没有异议的予以认定。", days=rule.star_days)
    yield worded("嘉许名单公示 %(days)s 个工作日，没有异议的予以授予。", days=rule.honour_days)
    yield worded("公示期内，任何人都可以提出异议。")
