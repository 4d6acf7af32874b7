"""计入试算: which of the quarter's posted records would have brought more or fewer minutes to exchange.

Each record is judged by itself: no other record of the same activity beside it, and the person's balance that of
today less this record's minutes. Honour minutes are never touched.
"""

from models.activities import Activity
from models.hours import ORIGINS, Balance
from models.previews.ground import Ground, chunks, count, day_of, midnight
from models.previews.outcome import Figure, Outcome
from models.projects import Project
from models.records import ServiceRecord
from models.volunteers import Volunteer
from rules.earning import Earner, earned_minutes
from rules.previews import Pair, earns_alike

_LINE = (
    ("志愿者", "text"), ("编号", "text"), ("工作站", "text"), ("服务日期", "text"), ("来源", "text"), ("服务时长", "minutes"),
    ("现行计入", "minutes"), ("草案计入", "minutes"), ("草案怎样算", "text"),
)  # fmt: skip
LESS = Figure(
    "earns_less", "少计入可兑换工时的记录", "条", "近一季度已入账的服务记录，荣誉工时不变。", _LINE, "records", True, "少计入"
)
MORE = Figure(
    "earns_more", "多计入可兑换工时的记录", "条", "近一季度已入账的服务记录，荣誉工时不变。", _LINE, "records", sums="多计入"
)
NOTE = "计入可兑换工时逐条单独算：个人留存上限按今天的余额减去这条记录，同一次活动的其他记录不计。"


def preview(ground: Ground, out: Outcome) -> None:
    """Judge the quarter's posted records again, where the draft changes how they earn at all."""
    pairs = {key: pair for key, pair in ground.pairs.items() if not earns_alike(pair)}
    if not pairs:
        return
    out.offer(LESS, MORE)
    out.notes.append(NOTE)
    query = (
        ServiceRecord.select(
            ServiceRecord.started_at, ServiceRecord.id, ServiceRecord.station, ServiceRecord.origin,
            ServiceRecord.minutes, Project.category, Volunteer.birth_date, Volunteer.guardian_name,
            Volunteer.consent_on, Balance.exchangeable - Balance.debt, Volunteer.name, Volunteer.card_no,
        )
        .join(Activity).join(Project).join_from(ServiceRecord, Volunteer).join(Balance)
        .where(
            ServiceRecord.started_at >= midnight(ground.since), ServiceRecord.state == "posted",
            ground.own(ServiceRecord.station),
        )
    )  # fmt: skip
    out.expect("posted", count(query))
    for rows in chunks(query, ServiceRecord.started_at, ServiceRecord.id):
        for row in rows:
            if (pair := pairs.get(row[2])) is not None:
                _judge(row, pair, ground, out)
        out.advance(len(rows))


def _judge(row: tuple, pair: Pair, ground: Ground, out: Outcome) -> None:
    at, key, station, origin, minutes, category, born, guardian, consent, left, name, card = row
    day = day_of(at)
    who = Earner(day_of(born), bool(guardian), day_of(consent) if consent else None)
    kept = max(0, left - minutes)
    was, now = (
        earned_minutes(minutes, origin, category, day, who, activity=0, kept=kept, version=version)
        for version in (pair.before, pair.after)
    )
    change = now.value.ordinary - was.value.ordinary
    if change:
        cells = (name, card or "", ground.stations[station], day.isoformat(), dict(ORIGINS).get(origin, origin), minutes)
        figure = "earns_more" if change > 0 else "earns_less"
        out.take(figure, key, *cells, was.value.ordinary, now.value.ordinary, now.why, minutes=abs(change))
