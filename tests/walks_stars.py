"""Walks through 激励嘉许: the case that a star is, its objections, honours, and who took a measure up."""

from datetime import date, timedelta

from models import clock
from models.honours import Honour
from models.measures import Measure, TakeUp
from models.notices import Objection
from models.policy import PolicyVersion
from models.stars import StarGrant
from walks import Walk


def a_star(cast):
    volunteer = cast.registered()
    cast.posted(volunteer, minutes=100 * 60)
    return StarGrant, StarGrant.get(StarGrant.volunteer == volunteer).id


def a_star_by_selection(cast):
    level = {"star": 1, "at": 100, "recognised_by": "county", "tenure_days": 0, "selection": True}
    PolicyVersion.create(
        topic="stars", division="530102", since=date(2020, 1, 1), source="区文件", values={"levels": [level]}
    )
    return a_star(cast)


def an_objection_to_a_star(cast):
    model, key = a_star(cast)
    star = cast.noticed_star(model.get_by_id(key))
    said = {"said_by": "邻居", "reason": "记录里有一次没有到场"}
    return Objection, Objection.enter(cast.recorder, notice=star.notice_id, record=star.id, **said).id


def own_honour(cast):
    row = Honour.enter(
        cast.recorder, volunteer=cast.registered().id, title="季度之星", level="own", deeds="长期送餐。"
    )
    return Honour, row.id


def honour_of_another(cast):
    row = Honour.enter(
        cast.recorder, volunteer=cast.registered().id, title="优秀志愿者", level="county", body="五华区文明办",
        given_on=clock.today() - timedelta(days=30), proof="荣誉证书复印件，存嘉许卷",
    )  # fmt: skip
    return Honour, row.id


def a_take_up(cast):
    measure = Measure.enter(
        cast.county, name="图书馆优先", category="culture", provider="区图书馆", content="优先借阅",
        starts_on=clock.today() - timedelta(days=9),
    )  # fmt: skip
    row = TakeUp.enter(
        cast.recorder, measure=measure.id, volunteer=cast.registered().id, used_on=clock.today(), proof="回执 1 号"
    )
    return TakeUp, row.id


OUT = "propose:head accept:county notice:county"

WALKS = [
    Walk("stars", a_star_by_selection, "select:county notice:head later recognise:county"),
    Walk("stars", a_star, f"{OUT} later recognise:county doubt:system keep:county doubt:system revoke:county reapply:head"),
    Walk("stars", a_star, "propose:head refuse:county reapply:head accept:county refuse:county"),
    Walk("stars", a_star, f"{OUT} refuse:system"),
    Walk("stars", a_star, f"{OUT} lapse:system revive:system lapse:system"),
    Walk("objections", an_objection_to_a_star, "uphold:county"),
    Walk("objections", an_objection_to_a_star, "dismiss:county"),
    Walk("honours", own_honour, "submit:recorder return:head submit:head approve:head return:head void:recorder"),
    Walk("honours", own_honour, "submit:recorder approve:head notice:head stop:head submit:head approve:head notice:head "
                                "later grant:head withdraw:head"),
    Walk("honours", honour_of_another, "submit:recorder check:head withdraw:head"),
    Walk("take_ups", a_take_up, "void:head"),
]  # fmt: skip
