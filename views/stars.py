"""星级认定 (方案 二(6))."""

from models.stars import StarGrant
from views.base import StageView


class StarScreen(StageView):
    model = StarGrant
    title = "星级认定"
    step = "激励回馈"
    columns = "volunteer.name volunteer.card_no star honour_minutes recognised_by proposed_on recognised_on certificate_no station state"
    search = "volunteer.name volunteer.card_no"
    filter_by = "state star station recognised_on"
    ledger = "stars"
    detail_groups = [
        ("星级", "volunteer star honour_minutes state recognised_by why policy"),
        ("认定", "proposed_on recognised_on recogniser certificate_no station"),
    ]
    empty = "还没有候选。累计工时达到标准时会自动列出。"
