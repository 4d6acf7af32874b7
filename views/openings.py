"""期初工时 (方案 二(5)(6)): what volunteers had before this account was kept, from the paper into the account."""

from models.hours import ACCOUNTS, KINDS, Balance
from models.openings import Opening
from models.volunteers import Volunteer
from views.asking import actor
from views.base import StageView
from views.doors import doors
from views.hours import in_hours


class OpeningScreen(StageView):
    model = Opening
    title = "期初工时"
    step = "记录台账"
    columns = (
        "volunteer.name volunteer.card_no honour_minutes exchangeable_minutes earned_on until source evidence "
        "posted_on station state"
    )
    search = "volunteer.name volunteer.card_no source evidence"
    filter_by = "state station earned_on"
    takes_in = "hours"
    opens = {"volunteer.card_no": (Balance, "volunteer")}
    form_groups = [
        ("志愿者与工时", "volunteer honour_minutes exchangeable_minutes earned_on until"),
        ("依据", "source evidence"),
    ]
    detail_groups = [
        ("期初工时", "volunteer volunteer.card_no honour_minutes exchangeable_minutes earned_on until state station"),
        ("依据与核对", "source evidence checked_by posted_on outcome policy"),
    ]
    details_template = "desk/opening.html"
    empty = "还没有期初工时。用本程序以前的服务，从表格导入或点「新增」登记，由没有录入的站长对照证明材料核对后入账。"

    def pickable(self, name):
        return {"volunteer": [Volunteer.state == "registered"]}.get(name, [])

    def vouch(self, rows):
        return {row._pk: f"{row.source}：{row.evidence}" for row in rows}

    def more(self, row):
        return {
            "entries": row.entries(), "hours": in_hours, "accounts": dict(ACCOUNTS), "kinds": dict(KINDS),
            "balance": doors([row], {"volunteer": (Balance, "volunteer")}, actor()).get((row._pk, "volunteer")),
        }  # fmt: skip
