"""评价 (Order 67 arts. 10, 11): who assesses a service, and what an assessment must satisfy."""

from datetime import date

from rules.findings import Finding

SIDES = [("recipient", "服务对象"), ("lead", "活动负责人"), ("station", "工作站")]
SCORES = ("quality", "punctuality", "attitude", "skill")


def check_assessment(said_by: str, said_on: date, served_on: date, volunteer: str, today: date) -> list[Finding]:
    """Findings about one assessment of a service by ``volunteer`` on ``served_on``."""
    found = []
    if said_on < served_on:
        found.append(Finding("assessed_on", f"评价日期早于服务日期 {served_on}。"))
    if said_on > today:
        found.append(Finding("assessed_on", f"评价日期 {said_on} 还没有到。"))
    if said_by.strip() and said_by.strip() == volunteer:
        found.append(Finding("said_by", "不能由志愿者本人评价自己的服务，请填写评价人。"))
    return found
