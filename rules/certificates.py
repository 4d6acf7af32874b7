"""志愿服务证明 (Order 67 art. 14–17; 民发〔2015〕149号): its life, its number, and what is signed on it.

Who recorded certifies (谁记录谁证明). Two persons make one: the handler who accepts the application and checks it, and
the person in charge who issues it; then it hangs out inside the unit, and only after that it is valid.
"""

from datetime import date
from typing import Any

from rules.findings import Finding
from rules.identity import mask_name
from rules.life import Life, State, Tone, move

TYPE = "station-certificate"  # what its signature is for
VERSION = 1
PURPOSES = {
    "study": "升学", "work": "就业", "party": "入党入团", "rewards": "评优表彰", "credit": "学分或社会实践", "other": "其他",
}  # fmt: skip

CERTIFICATE = Life(
    "certificates",
    (
        State("asked", "待受理", Tone.WAITING),
        State("accepted", "待开具", Tone.WAITING),
        State("noticed", "公示中", Tone.WAITING),
        State("valid", "有效", Tone.GOOD),
        State("refused", "未开具", Tone.OVER),
        State("revoked", "已撤销", Tone.BAD),
        State("claimed", "以前开具，待确认", Tone.WAITING),
        State("past", "以前开具", Tone.GOOD),
    ),
    (
        move("accept", "受理", "asked -> accepted", "recorder head", expected=True,
             warns="请核对申请人的证件和申请内容；受理的人是经办人。"),
        move("issue", "开具并公示", "accepted -> noticed", "head", own_entry=False, expected=True,
             warns="时长和内容取自已入账的服务记录，开具后不再变化；将编发证明编号，在本单位内公示。"),
        move("confirm", "公示期满，生效", "noticed -> valid", "head", own_entry=False, expected=True),
        move("refuse", "不予开具", "asked accepted -> refused", "recorder head", reason=True),
        move("revoke", "撤销", "noticed valid -> revoked", "head system", reason=True,
             warns="撤销后证明作废，编号保留；扫码核验会显示已撤销。"),
        move("claim", "登记以前开具的证明", "asked -> claimed", "system"),
        move("vouch", "与原件相符，确认", "claimed -> past", "head", own_entry=False, expected=True,
             warns="请与存根或原件核对；确认后只作历史登记，不计本站工时，不重新打印。"),
        move("turn_down", "与原件不符，退回", "claimed -> refused", "head", reason=True),
    ),
    noun="志愿服务证明", counter="份",
)  # fmt: skip
MOST_OPEN = 5  # applications of one volunteer that she made herself and that are not decided yet
ISSUED = ("noticed", "valid", "revoked")


def number(division: str, year: int, key: int) -> str:
    """证明编号: the county, the year and the case.

    >>> number("530102001001", 2026, 12)
    '5301022026Z0000012'
    """
    return f"{division[:6]}{year}Z{key:07d}"


def check_period(first: date | None, last: date | None, today: date) -> list[Finding]:
    """Findings about the period that an application names."""
    if first is None or last is None:
        return []
    if last < first:
        return [Finding("last_day", f"时段止（{last}）应不早于时段起（{first}）。")]
    if last > today:
        return [Finding("last_day", f"时段止不能晚于今天（{today}）。")]
    return []


def check_many(under_way: int) -> list[Finding]:
    """Findings where a volunteer applies once more while so many applications of her own are under way."""
    if under_way < MOST_OPEN:
        return []
    return [Finding("", f"您已有 {under_way} 份申请正在办理，请等办结以后再申请；要得急的请到工作站窗口办理。")]


def signed_part(no: str, name: str, minutes: int, first: date, last: date, issuer: str, day: date) -> dict[str, Any]:
    """What the QR's signature is over: as little as tells one certificate from an altered one. No document number, nor
    a digest of its end: four digits can be tried out."""
    return {
        "v": VERSION, "no": no, "name": mask_name(name), "minutes": minutes, "from": first.isoformat(),
        "to": last.isoformat(), "by": issuer, "on": day.isoformat(),
    }  # fmt: skip


def token_of(text: str) -> str:
    """The signed part of what was scanned or pasted: the whole address, what follows its «#», or the token itself."""
    return "".join(text.split()).rpartition("#")[2]
