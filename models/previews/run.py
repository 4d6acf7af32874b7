"""The door to previews: which topic is worked out by whom, and what is said of those that are not."""

from collections.abc import Callable

from peewee import fn

from models.policy_drafts import PolicyDraft
from models.previews import exchange, giving, people, records, stars
from models.previews.ground import Ground, midnight
from models.previews.outcome import Outcome, Progress, Sink
from models.records import ServiceRecord
from models.refusals import refuse
from models.scope import Actor
from models.volunteers import Volunteer
from rules.policy import Release
from rules.topics import PolicyError

TOPICS: dict[str, Callable[[Ground, Outcome], None]] = {
    "stars": stars.preview,
    "exchange": exchange.preview,
    "giving": giving.preview,
    "counting": records.preview_counting,
    "record_format": records.preview_format,
    "eligibility": people.preview,
}
# Topics without a figure, and why: nothing that was done depends on them, or nothing is kept that could be judged again.
UNCOUNTED = {
    "publicity": "公示天数只管以后张贴的公示，已经张贴的照旧；没有可以试算的数字，请对照上面改动的参数。",
    "handling": "办理时限只影响提醒和「逾期」名单，不改变任何记录；没有可以试算的数字，请对照上面改动的参数。",
    "sign_in": "登录安全只影响发布以后的登录，不改变任何记录；没有可以试算的数字，请对照上面改动的参数。",
    "anomalies": "异常核查在提交时进行，已经提交的记录不再重查；没有可以试算的数字，请对照上面改动的参数。",
}
ELSE = "这项政策只影响提醒、名单和以后的办理，不改变已有的工时和星级；没有可以试算的数字，请对照上面改动的参数。"
SMALL = 5_000  # volunteers, and records of the quarter, up to which somebody waits for the answer
UNTOUCHED = "草案对所选范围没有影响：各级现行规定已是这样，或下级另有自己的规定。"


def preview(
    draft: Release, by: Actor, station: int | None = None, *, progress: Progress | None = None, sink: Sink | None = None
) -> tuple[Ground, Outcome]:
    """Work out what a draft would change: for all of the asker's stations within the draft's division, or for one.

    ``progress(done, total)`` is called every few thousand rows and may raise `models.jobs.Cancelled`; ``sink(figure,
    cells)`` gets every row. Nothing is written. Raises ``Refusal`` for a draft that makes no sense together with what
    it lies over, ``NotFound`` for a stranger's station.
    """
    ground = Ground.of(draft, by, station)
    out = Outcome(draft.topic, sink=sink, progress=progress)
    judge = TOPICS.get(draft.topic)
    if judge is None:
        out.notes.append(UNCOUNTED.get(draft.topic, ELSE))
    else:
        judge(ground, out)
    if not ground.pairs:
        out.notes.insert(0, UNTOUCHED)
    return ground, out


def released_by(draft: PolicyDraft) -> Release:
    """The release that a draft would be. Raises ``Refusal`` in words where there is nothing to try: it does not follow
    the schema, or it is released and no draft any more."""
    if draft.released_id is not None:
        raise refuse("草案已经发布，不能再预演；发布前做过的预演仍可查看。")
    try:
        return draft.as_release()
    except PolicyError as wrong:
        raise refuse(f"草案还不能预演：{wrong}") from None


def is_small(ground: Ground) -> bool:
    """Whether so little is touched that the answer comes while one waits; counted no further than that."""
    people = Volunteer.select(Volunteer.id).where(ground.own(Volunteer.station))
    served = ServiceRecord.select(ServiceRecord.id).where(
        ServiceRecord.started_at >= midnight(ground.since), ground.own(ServiceRecord.station)
    )
    return all(
        Volunteer.select(fn.COUNT(1)).from_(some.limit(SMALL + 1)).scalar() <= SMALL for some in (people, served)
    )
