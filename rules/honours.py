"""嘉许 (方案 二(6); Order 67 art. 9): own awards after review and 公示; those of other bodies on proof, checked by another."""

from datetime import date

from rules.findings import Finding
from rules.life import Life, State, Tone, move

HONOUR = Life(
    "honours",
    (
        State("draft", "草稿"),
        State("submitted", "待审核", Tone.WAITING),
        State("approved", "待公示", Tone.WAITING),
        State("noticed", "公示中", Tone.WAITING),
        State("granted", "已授予", Tone.GOOD),
        State("recorded", "已记入", Tone.GOOD),
        State("withdrawn", "已撤销", Tone.OVER),
        State("void", "已作废", Tone.OVER),
    ),
    (
        move("submit", "提交", "draft -> submitted", "recorder head", expected=True),
        move("return", "退回", "submitted approved -> draft", "head", reason=True),
        move("approve", "审核通过", "submitted -> approved", "head", own_entry=False, expected=True),
        move("check", "核对属实并记入", "submitted -> recorded", "head", own_entry=False, expected=True,
             warns="请对照证书或文件核对名称、日期、授予单位和文号。"),
        move("notice", "公示", "approved -> noticed", "head", own_entry=False, expected=True,
             warns="公示期按工作日计算，期满无异议后才能授予。"),
        move("grant", "授予", "noticed -> granted", "head", own_entry=False, expected=True,
             warns="将编发荣誉证书编号。"),
        move("stop", "撤下公示", "noticed -> draft", "head system", reason=True),
        move("withdraw", "撤销", "granted recorded -> withdrawn", "head", own_entry=False, reason=True,
             warns="撤销后证书作废，编号保留备查。"),
        move("void", "作废", "draft -> void", "recorder head", reason=True),
    ),
    noun="嘉许", counter="项",
)  # fmt: skip

OWN = "own"
# Who gave it, and how high that stands: a measure may ask for «州市级及以上».
LEVELS = {"own": "本站", "other": "其他组织", "county": "县级", "prefecture": "州市级", "province": "省级", "nation": "国家级"}  # fmt: skip
RANKS = {"own": 1, "other": 1, "county": 2, "prefecture": 3, "province": 4, "nation": 5}
STANDING = ("granted", "recorded")  # states in which an honour counts


def check_honour(level: str, body: str, given_on: date | None, proof: str,
                 today: date) -> list[Finding]:  # fmt: skip
    """Findings about an award as it is entered: what another body gave must say who, when and by which proof."""
    if level == OWN:
        return []
    findings = []
    if not body.strip():
        findings.append(Finding("body", "请填写授予单位，照证书或文件上的全称。"))
    if given_on is None:
        findings.append(Finding("given_on", "请填写授予日期，照证书或文件上的日期。"))
    elif given_on > today:
        findings.append(Finding("given_on", f"授予日期 {given_on} 还没有到。"))
    if not proof.strip():
        findings.append(Finding("proof", "请写明证明材料，例如「荣誉证书复印件，存 2025 年嘉许卷第 3 页」。"))
    return findings


def certificate_number(division: str, year: int, key: int) -> str:
    """An own award's number: its county, the year and the case."""
    return f"{division[:6]}{year}J{key:07d}"
