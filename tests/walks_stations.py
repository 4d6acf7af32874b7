"""Walks through the lives of a station's set-up, its yearly self-check and a spot-check."""

from datetime import timedelta

from models import clock
from models.self_checks import SelfCheck
from models.set_up import SetUpItem
from models.spot_checks import SpotCheck, SpotSample
from walks import Walk


def an_item(cast):
    row = SetUpItem.enter(cast.recorder, item="11", standing="met", evidence="一楼照片", since=clock.today())
    return SetUpItem, row.id


def a_self_check(cast):
    row = SelfCheck.enter(cast.recorder, year=clock.today().year, problems="场地小", plans="向街道申请")
    return SelfCheck, row.id


def a_spot_check(cast, size: int = 1, **more):
    cast.posted(cast.registered(), minutes=120)
    today = clock.today()
    row = SpotCheck.enter(
        cast.county, title="季度抽查", size=size, starts_on=today - timedelta(days=90), ends_on=today, **more
    )
    return SpotCheck, row.id


def a_looked_into_check(cast):
    _, key = a_spot_check(cast)
    SpotCheck.move(key, "draw", cast.county)
    for sample in SpotSample.select():
        SpotSample.amend(sample.id, cast.county, result="true")
    return SpotCheck, key


WALKS = [
    Walk("set_up_items", an_item, "confirm:head reopen:recorder confirm:head"),
    Walk("self_checks", a_self_check, "submit:head return:county submit:head review:county"),
    Walk("spot_checks", a_spot_check, "draw:county"),
    Walk("spot_checks", a_looked_into_check, "verify:county reopen:county verify:county publish:county"),
]
