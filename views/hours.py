"""工时账: balances, and the entries they are the sum of."""

from models.hours import Balance, Entry
from views.base import StageView


class BalanceScreen(StageView):
    model = Balance
    title = "工时余额"
    step = "记录台账"
    columns = "volunteer.name volunteer.card_no volunteer.station honour exchangeable debt spendable"
    search = "volunteer.name volunteer.card_no"
    order = "-volunteer"
    detail_groups = [("工时", "volunteer honour exchangeable debt spendable")]
    empty = "还没有工时。记录公示期满入账后会在这里。"


class EntryScreen(StageView):
    model = Entry
    title = "工时账"
    step = "记录台账"
    columns = "seq at volunteer.name volunteer.card_no kind origin debit credit minutes day station"
    search = "volunteer.name volunteer.card_no"
    filter_by = "kind origin station at"
    ledger = "hours"
    detail_groups = [
        ("分录", "seq at day kind origin debit credit volunteer minutes station"),
        ("依据", "record redemption reverses reason policy"),
    ]
    empty = "还没有分录。"
