"""星级认定 (方案 二(6)): proposed by the head, recognised by the level that policy names, with the evidence beside it."""

from models import policy
from models.hours import Balance
from models.stars import DIVISION_LABELS, StarGrant
from rules.stars import reaches
from views import doors
from views.asking import actor
from views.base import StageView
from views.policy import shown


class StarScreen(StageView):
    model = StarGrant
    title = "星级认定"
    step = "激励回馈"
    columns = "volunteer.name volunteer.card_no star honour_minutes recognised_by proposed_on recognised_on certificate_no station state"
    search = "volunteer.name volunteer.card_no"
    filter_by = "state star station recognised_by recognised_on"
    ledger = "stars"
    opens = {"honour_minutes": (Balance, "volunteer")}
    detail_groups = [
        ("星级", "volunteer volunteer.card_no star honour_minutes state station"),
        ("认定", "recognised_by proposed_on recognised_on recogniser certificate_no policy"),
    ]
    details_template = "desk/star.html"
    empty = "还没有候选。累计工时达到标准时会自动列出。"

    def vouch(self, rows):
        book = policy.book()
        return {row._pk: reaches(row.star, row.honour_minutes, book.find(row.policy)) for row in rows}

    def more(self, row):
        version = policy.book().find(row.policy)
        balance = Balance.get_or_none(Balance.volunteer == row.volunteer_id)
        return {
            "rule": shown(version, str(row.station.division_id)), "why": reaches(row.star, row.honour_minutes, version),
            "now": balance.honour if balance else 0, "whose": DIVISION_LABELS[row.recognised_by],
            "balance": doors.doors([row], {"volunteer": (Balance, "volunteer")}, actor()).get((row._pk, "volunteer")),
        }  # fmt: skip
