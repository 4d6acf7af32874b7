"""注销申请 (个人信息保护法 47, 50): who asks to be erased, by when she is answered, and what it would do."""

from typing import Any, ClassVar

from models.erasures import Erasure
from models.households import Recipient
from models.volunteers import Volunteer
from views.base import StageView
from views.named import Named


class ErasureScreen(StageView):
    model = Erasure
    title = "注销申请"
    step = "招募注册"
    columns = "asked_on volunteer.name recipient asked_by reason due_on answered_on station state"
    filter_by = "state asked_on station"
    sortable = "asked_on due_on"
    one_by_one = True
    details_template = "desk/erasure.html"
    form_groups = [("注销申请", "volunteer recipient asked_by reason")]
    detail_groups = [
        ("申请", "volunteer recipient asked_by reason asked_on due_on state station"),
        ("办理", "leftover answer answered_on policy"),
    ]
    named: ClassVar[dict[str, Named]] = {"due": Named("快到期的注销申请", Erasure.due, "head")}
    empty = "没有注销申请。志愿者可以在「我的服务」里提出，也可以到站由工作人员在这里登记；站长在期限内办理。"

    def pickable(self, name: str) -> list[Any]:
        wanted = {"volunteer": [Volunteer.state != "erased"], "recipient": [Recipient.erased_on.is_null()]}
        return wanted.get(name, [])

    def more(self, row: Erasure) -> dict[str, Any]:
        return {"consequences": row.consequences()}
