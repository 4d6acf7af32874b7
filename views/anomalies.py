"""异常: what needs an explanation before a record is approved (方案 二(5) 及时、完整、准确)."""

from typing import Any, ClassVar

from models.anomalies import Anomaly, AnomalyLine, unexplained
from models.records import ServiceRecord
from views import lists
from views.base import StageView
from views.named import Named

MOST_LINES = 200


class AnomalyScreen(StageView):
    model = Anomaly
    title = "异常"
    step = "记录台账"
    columns = "kind says explanation explainer entered_at station state"
    filter_by = "state kind station"
    detail_groups = [
        ("情况", "kind says activity state station"),
        ("办理", "explanation explainer verdict policy entered_at"),
    ]
    details_template = "desk/anomaly.html"
    named: ClassVar[dict[str, Named]] = {"unexplained": Named("待说明的异常", unexplained)}
    empty = "没有异常。提交服务记录时，系统会把需要说明的情况列在这里。"

    def more(self, row: Anomaly) -> dict[str, Any]:
        keys = AnomalyLine.select(AnomalyLine.record).where(AnomalyLine.anomaly == row.id).limit(MOST_LINES)
        shown = lists.with_keys(
            ServiceRecord, ["volunteer.name", "volunteer.card_no", "activity.name"], [k for (k,) in keys.tuples()]
        )
        return {"lines": sorted(shown, key=lambda line: (line.started_at, line.id))}
