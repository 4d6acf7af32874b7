"""投诉 (Order 67 arts. 20–22; 民函〔2012〕340号 被投诉信息)."""

from typing import ClassVar

from models.complaints import Complaint
from views.base import StageView
from views.named import Named


class ComplaintScreen(StageView):
    model = Complaint
    title = "投诉"
    step = "记录台账"
    columns = "received_on said_by reason volunteer.name activity.name accused due_on outcome station state"
    search = "said_by reason volunteer.name"
    filter_by = "state outcome station received_on"
    sortable = "received_on due_on"
    ledger = "complaints"
    takes_in = "complaints"
    form_groups = [
        ("谁来投诉", "received_on said_by contact"),
        ("投诉谁", "record volunteer activity accused"),
        ("事由", "reason"),
    ]
    detail_groups = [
        ("投诉", "received_on said_by contact reason due_on state"),
        ("投诉谁", "volunteer record activity accused station"),
        ("办理", "handler outcome findings measure reply replied_on policy"),
    ]
    named: ClassVar[dict[str, Named]] = {
        "overdue": Named("超期未答复", Complaint.overdue, "head supervisor"),
        "online": Named("本人网上提出，待核查", Complaint.asked_online, "recorder head supervisor"),
    }
    empty = "没有投诉。有人来投诉时在这里登记，由没有参与的站长或督导核查。"
