"""年度自查 (方案 四(1)): the station's own look at its year, and the county's answer."""

from typing import Any

from models.self_checks import SelfCheck
from rules.money import show_yuan
from rules.stations import FIGURES
from views.base import StageView
from views.wording import worded


class SelfCheckScreen(StageView):
    model = SelfCheck
    title = "年度自查"
    step = "主要措施"
    columns = "year station met applicable share submitted_on reviewer reviewed_on state"
    filter_by = "state year station"
    order = "-year"
    sortable = "year submitted_on"
    form_groups = [("年度自查", "year"), ("问题与打算", "problems plans")]
    detail_groups = [
        (
            "年度自查",
            "year station state met applicable share measured_at submitted_on reviewer reviewed_on returned_for",
        ),
        ("问题与打算", "problems plans"),
    ]
    details_template = "desk/self_check.html"
    empty = "还没有自查。每年对照建站清单自查一次，写明问题和打算，提交给县里审阅。"

    def choices(self, name: str) -> list[tuple[str, str]]:
        if name != "year":
            return super().choices(name)
        years = SelfCheck.select(SelfCheck.year).distinct().order_by(SelfCheck.year.desc())
        return [(str(row.year), str(row.year)) for row in years]

    def more(self, row: SelfCheck) -> dict[str, Any]:
        shown = {"minutes": lambda minutes: f"{minutes / 60:.2f}", "funds": show_yuan}
        figures = row.figures or {}
        return {
            "figures": [
                (worded(label), shown.get(name, str)(figures[name])) for name, label in FIGURES.items() if name in figures
            ],
            "checklist": row.checklist or [],
        }  # fmt: skip
