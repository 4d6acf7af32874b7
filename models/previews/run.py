"""The door to previews: which topic is worked out by whom, and what is said of those that are not."""

from collections.abc import Callable

from models.previews import exchange, people, records, stars
from models.previews.ground import Ground
from models.previews.outcome import Outcome, Progress, Sink
from models.scope import Actor
from rules.policy import Release

TOPICS: dict[str, Callable[[Ground, Outcome], None]] = {
    "stars": stars.preview,
    "exchange": exchange.preview,
    "counting": records.preview_counting,
    "record_format": records.preview_format,
    "eligibility": people.preview,
}
# Topics without a figure, and why: nothing that was done depends on them, or nothing is kept that could be judged again.
UNCOUNTED = {
    "giving": "近一季度的转赠和捐赠暂不试算，请对照下面改动的参数。",
    "publicity": "公示天数只管以后张贴的公示，已经张贴的照旧；没有可以试算的数字，请对照下面改动的参数。",
    "handling": "办理时限只影响提醒和「逾期」名单，不改变任何记录；没有可以试算的数字，请对照下面改动的参数。",
    "anomalies": "异常核查在提交时进行，已经提交的记录不再重查；没有可以试算的数字，请对照下面改动的参数。",
}
ELSE = "这项政策只影响提醒、名单和以后的办理，不改变已有的工时和星级；没有可以试算的数字，请对照下面改动的参数。"
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
