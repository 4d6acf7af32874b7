"""到期清除 (个人信息保护法 19, 47): how long what is kept, what the program proposes to erase, and what came of it."""

from typing import Any, ClassVar

from models import policy
from models.retention import WAYS, RetentionProposal, rows_of
from rules.access import STATION_ROLES
from rules.retention import KEPT, KINDS
from views.asking import actor
from views.base import StageView
from views.wording import worded


class RetentionScreen(StageView):
    model = RetentionProposal
    title = "到期清除"
    step = "政策与设置"
    columns = "entered_at kind months past rows kept cleared approver approved_at finished_at station state"
    filter_by = "state kind station"
    one_by_one = True
    list_template = "desk/retention_list.html"
    details_template = "desk/retention.html"
    detail_groups: ClassVar[list[tuple[str, str]]] = [
        ("到期清除", "kind months past basis rows kept state station"),
        ("办理", "approver approved_at cleared finished_at answer policy"),
    ]
    empty = "没有到期的数据。程序每天夜里查一遍，到期的在这里列出，站长批准后才清除。"

    def schedules(self) -> list[tuple[str, str, int, str, str]]:
        """What is kept how long: what, since when, months, what erasing does, and by which rule."""
        rule = policy.for_actor("retention", actor()).rule
        return [
            (worded(KINDS[one.what].label), worded(KINDS[one.what].since), one.months, worded(KINDS[one.what].does), one.basis)
            for one in rule.schedules
        ]

    def kept(self) -> list[tuple[str, str]]:
        """What is never erased by its age, and why."""
        return [(worded(what), worded(why)) for what, why in KEPT.items()]

    def more(self, row: RetentionProposal) -> dict[str, Any]:
        own = actor().role in STATION_ROLES
        opens = WAYS[row.kind].model.resource
        return {
            "consequences": row.consequences(),
            "rows": rows_of(row, actor()) if own else [],
            "opens": f"{opens}.details_view",
        }
