"""服务记录 (方案 二(5)): records, their publication, objections and corrections."""

from models.notices import Notice, Objection
from models.records import Correction, ServiceRecord
from views.base import StageView


class ServiceRecordScreen(StageView):
    model = ServiceRecord
    title = "服务记录"
    step = "记录台账"
    columns = "started_at ended_at volunteer.name volunteer.card_no activity.name minutes content quality backfilled station state"
    search = "volunteer.name volunteer.card_no"
    filter_by = "state station started_at backfilled"
    sortable = "started_at"
    ledger = "records"
    takes_in = "records"
    detail_groups = [
        ("服务", "volunteer activity started_at ended_at travel_minutes minutes content quality remark"),
        ("登记", "state station sheet origin backfilled notice policy returned_for entered_at"),
    ]
    empty = "还没有服务记录。到「活动」里选一次活动，录入签到表；也可以从表格导入。"


class NoticeScreen(StageView):
    model = Notice
    title = "公示"
    step = "记录台账"
    columns = "title kind opens_on closes_on working_days station state"
    filter_by = "state station opens_on"
    detail_groups = [("公示", "title kind opens_on closes_on working_days station state policy")]
    empty = "还没有公示。审核通过的服务记录选中后点「公示」。"


class ObjectionScreen(StageView):
    model = Objection
    title = "异议"
    step = "记录台账"
    columns = "said_by reason notice record station state entered_at"
    filter_by = "state station"
    detail_groups = [("异议", "notice record said_by contact reason outcome state station entered_at")]
    empty = "没有异议。"


class CorrectionScreen(StageView):
    model = Correction
    title = "更正"
    step = "记录台账"
    columns = "record.volunteer.name record.started_at record.minutes reason station state entered_at"
    filter_by = "state station"
    form_groups = [("更正", "record reason")]
    detail_groups = [
        ("记录", "record.volunteer record.activity record.started_at record.minutes record.state"),
        ("更正", "reason state station entered_at"),
    ]
    empty = "没有更正。已入账的记录有错时，在记录页面申请冲正。"

    def more(self, row):
        return {"consequences": row.consequences() if row.state == "asked" else []}
