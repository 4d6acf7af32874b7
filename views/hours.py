"""工时账 (方案 二(5)(6)): the entries, and each person's two figures opened to the rows that make them up."""

from flask import request

from models import clock, expiring, statements
from models.courses import Attendance
from models.gifts import Gift
from models.hours import Balance, Entry, spendable_on
from models.offers import rights_of
from models.records import ServiceRecord
from models.rewards import Redemption
from models.statements import FIGURES, LINES
from views import cells, decisions, lists
from views.asking import actor, allowed
from views.base import DEEPEST_PAGE, StageView
from views.doors import doors
from views.named import Named

WHY = {
    "record": (ServiceRecord, "record"),
    "redemption": (Redemption, "redemption"),
    "attendance": (Attendance, "attendance"),
    "gift": (Gift, "gift"),
    "reverses": (Entry, "reverses"),
}


class BalanceScreen(StageView):
    model = Balance
    title = "工时余额"
    step = "记录台账"
    columns = "volunteer.name volunteer.card_no volunteer.station honour exchangeable debt spendable"
    search = "volunteer.name volunteer.card_no"
    order = "-volunteer"
    detail_groups = []  # the page is the statement
    details_template = "desk/balance.html"
    named = {"soon": Named("30 天内到期", expiring.runs_out_soon, "recorder head")}
    empty = "还没有工时。记录公示期满入账后会在这里。"

    def adorn(self, rows):
        Balance.work_out(rows)

    def more(self, row):
        figure = request.args.get("figure", "")
        figure = figure if figure in FIGURES else ""
        page = max(0, min(request.args.get("page", 0, type=int), DEEPEST_PAGE))
        said = statements.statement(row._pk, figure, page)
        entries = lists.with_keys(Entry, ["reverses"], [line.id for line in said.lines])
        lots = statements.lots(row._pk, clock.today())
        spendable = spendable_on(row, clock.today())
        return {
            "figure": figure, "figures": FIGURES, "label": Balance.label, "hours": in_hours,
            "lines": list(zip(said.lines, entries, strict=True)), "count": said.count, "page": page,
            "further": (page + 1) * LINES < said.count, "why": doors(entries, WHY, actor()), "lots": lots,
            "origins": dict(Entry._meta.fields["origin"].choices), "today": clock.today(),
            "spendable": spendable, "rights": rights_of(row.volunteer, spendable), "cell": cells.show,
            "shown": [figure] if figure else [name for name in FIGURES if name != "debt" or _owes(row, said)],
            "may_exchange": allowed("enter", "rewards"),
            "lot_records": doors(lots.held, {name: WHY[name] for name in ("record", "gift")}, actor()),
        }  # fmt: skip


def _owes(row: Balance, said: statements.Statement) -> bool:
    return bool(row.debt or any(line.changes["debt"] for line in said.lines))


def in_hours(minutes: int, *, signed: bool = False) -> str:
    """Whole minutes as hours; a change carries its sign, and no change is blank."""
    if signed:
        return f"{minutes / 60:+.2f}" if minutes else ""
    return f"{minutes / 60:.2f}"


class EntryScreen(StageView):
    model = Entry
    title = "工时账"
    step = "记录台账"
    columns = (
        "seq at volunteer.name volunteer.card_no kind origin debit credit minutes day period record redemption reverses "
        "station"
    )
    search = "volunteer.name volunteer.card_no"
    filter_by = "kind origin station day period"
    ledger = "hours"
    adds_up = True
    opens = {"volunteer.name": (Balance, "volunteer"), **WHY}
    detail_groups = [
        ("分录", "seq at day period kind origin debit credit volunteer minutes station"),
        ("依据", "record redemption gift attendance reverses reason policy"),
        ("防改校验", "previous hash"),
    ]
    def more(self, row):
        return {"decisions": decisions.shown(row)}

    MONTHS = 60  # offered by the filter, the newest first

    def choices(self, name: str) -> list[tuple[str, str]]:
        if name != "period":
            return super().choices(name)
        day, months = clock.today(), []
        for back in range(self.MONTHS):
            years, month = divmod(day.year * 12 + day.month - 1 - back, 12)
            months.append(f"{years}-{month + 1:02d}")
        return [(month, month) for month in months]

    empty = "还没有分录。记录公示期满入账、办理兑换或冲正后，会在这里一笔一笔列出。"
