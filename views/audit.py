"""操作日志: who did what, when, why."""

from models.audit import Trail
from views.base import StageView


class AuditScreen(StageView):
    model = Trail
    title = "操作日志"
    step = "政策与设置"
    columns = "at who role action table row reason"
    search = "who table row"
    filter_by = "at"
    detail_groups = [("经过", "at who role action table row reason"), ("变更", "before after")]
