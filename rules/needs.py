"""采集需求 (方案 二(1)): the life of a need, and the rules that judge one."""

from datetime import date

from rules.findings import Finding
from rules.life import Life, State, Tone, move

URGENCIES = [("1", "一般"), ("2", "较急"), ("3", "紧急")]
RISKS = [("1", "无明显风险"), ("2", "有一定风险"), ("3", "风险较高")]
SOURCES = [
    ("visit", "入户走访"),
    ("call", "来电"),
    ("counter", "到站反映"),
    ("leader", "楼组长转达"),
    ("other", "其他"),
]
VERIFIED = [("home", "入户核实"), ("phone", "电话核实"), ("papers", "查验证明"), ("community", "社区两委证实")]
SAID = [("recipient", "服务对象本人"), ("guardian", "家属或监护人"), ("social", "带队社工")]
SATISFACTIONS = [("5", "非常满意"), ("4", "满意"), ("3", "基本满意"), ("2", "不太满意"), ("1", "不满意")]
VISITORS = [
    ("community", "社区工作人员"),
    ("leader", "楼组长"),
    ("grid", "网格员"),
    ("social", "社工"),
    ("other", "其他"),
]
RISKY = "3"  # the risk that must be described

# Whoever has a need tells the risks truly and the station verifies and answers in time (志愿服务条例 第十三条).
NEED = Life(
    "needs",
    (
        State("asked", "审核中", Tone.WAITING),
        State("verified", "已核实", Tone.WAITING),
        State("dispatched", "已派单", Tone.WAITING),
        State("serving", "服务中", Tone.WAITING),
        State("met", "已完成", Tone.GOOD),
        State("rated", "已评价", Tone.OVER),
        State("refused", "已拒绝", Tone.BAD),
    ),
    (
        move("verify", "核实通过", "asked -> verified", "recorder head", own_entry=False, expected=True,
             asks="verified_how verified_by"),
        move("dispatch", "派单", "verified -> dispatched", "recorder head", expected=True, asks="project handler?"),
        move("serve", "开始服务", "dispatched -> serving", "recorder head", expected=True),
        move("complete", "完成", "serving -> met", "recorder head", expected=True, asks="said_role said_by",
             warns="只有服务对象或带队社工说办好了才算完成，请写明是谁说的。"),
        move("rate", "登记评价", "met -> rated", "recorder head", expected=True,
             asks="satisfaction rated_by rating_note?"),
        move("redispatch", "重新派单", "dispatched serving met -> verified", "recorder head", reason=True,
             warns="退回「已核实」，再选项目派单；原来的派单留在经过里。"),
        move("refuse", "拒绝", "asked verified -> refused", "head", reason=True),
    ),
    "需求",
)  # fmt: skip

LIVING = ("asked", "verified", "dispatched", "serving")  # nobody has said yet that it is met, nor refused it
MET = ("met", "rated")


def check_days(collected_on: date | None, due_on: date | None, today: date) -> list[Finding]:
    """A need was told on a day that has been, and is due on or after it."""
    if collected_on is None:
        return []
    if collected_on > today:
        return [Finding("collected_on", f"采集日期 {collected_on} 还没有到。")]
    if due_on and due_on < collected_on:
        return [Finding("due_on", f"期限应不早于采集日期 {collected_on}。")]
    return []


def check_visit(day: date | None, next_on: date | None, today: date) -> list[Finding]:
    """A visit has been made; the next one lies after it."""
    if day and day > today:
        return [Finding("day", f"走访日期 {day} 还没有到，走访后再登记。")]
    if day and next_on and next_on <= day:
        return [Finding("next_on", f"下次走访应晚于这次 {day}。")]
    return []


def check_said_by(name: str, clerk: str) -> list[Finding]:
    """A need is met when somebody outside the desk says so: a click of whoever sits at it is nobody's word."""
    if name.strip() == clerk.strip():
        return [Finding("said_by", "请写服务对象或带队社工的姓名：经办人自己不能确认完成。")]
    return []


def project_name(recipients: list[str], category: str) -> str:
    """A name for the project that answers needs of these people in this category; ``recipients`` are the words that
    may be said in public, most frequent first."""
    return f"{'、'.join(recipients[:2]) or '困难群众'}{category}"
