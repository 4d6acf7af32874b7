"""Rows of 嘉许 and 优待 of station A."""

from models import clock
from models.honours import Honour
from models.measures import Measure, TakeUp
from models.volunteers import Volunteer


def add(cast, keys) -> None:
    someone = keys[Volunteer]
    keys[Honour] = Honour.enter(
        cast.recorder, volunteer=someone, title="优秀志愿者", level="county", body="五华区文明办",
        given_on=clock.today(), proof="证书复印件",
    ).id  # fmt: skip
    keys[Measure] = Measure.enter(
        cast.county, name="门诊优先", category="medical", provider="区人民医院", content="凭证优先挂号",
        starts_on=clock.today(),
    ).id  # fmt: skip
    keys[TakeUp] = TakeUp.enter(
        cast.recorder, measure=keys[Measure], volunteer=someone, used_on=clock.today(), proof="挂号单"
    ).id
