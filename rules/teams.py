"""服务队与社会组织 (方案 二(4)): their kinds, their life, and the unified social credit code by which one is known.

「推动企业、机关、学校、医院等成立志愿服务队进社区服务，引导公益慈善类、城乡社区服务类社会组织到社区开展志愿服务。」
"""

from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, InvalidFormat, InvalidLength, ValidationError

from rules.findings import Finding
from rules.life import Life, State, Tone, move
from rules.reading import half_width

KINDS = [
    ("enterprise", "企业"),
    ("organ", "机关"),
    ("school", "学校"),
    ("hospital", "医院"),
    ("charity", "公益慈善类社会组织"),
    ("community", "城乡社区服务类社会组织"),
    ("own", "社区自组"),
]
# Whose code begins with what: the first character is the registering authority (GB 32100-2015).
REGISTERED_BY = {
    "enterprise": ("9", "企业的代码以 9 开头（市场监管部门登记）"),
    "charity": ("5", "社会组织的代码以 5 开头（民政部门登记）"),
    "community": ("5", "社会组织的代码以 5 开头（民政部门登记）"),
}
CODE_LENGTH = 18
AREA_DIGITS = 8  # the first characters, figures all: authority, type, and the six of the place

TEAM = Life(
    "teams",
    (
        State("applied", "待审核", Tone.WAITING),
        State("listed", "在册", Tone.GOOD),
        State("returned", "已退回", Tone.BAD),
        State("stopped", "停止活动", Tone.OVER),
    ),
    (
        move("approve", "审核通过", "applied -> listed", "head", own_entry=False, expected=True),
        move("return", "退回", "applied -> returned", "head", reason=True),
        move("resubmit", "重新提交", "returned -> applied", "recorder head", expected=True),
        move("stop", "停止活动", "listed -> stopped", "head", reason=True,
             warns="停止后不能再安排新的活动，已有的记录和时长保持不变。"),
        move("resume", "恢复活动", "stopped -> listed", "head", reason=True),
    ),
    "服务队",
    "支",
)  # fmt: skip

MEMBER = Life(
    "team_members",
    (State("in", "在队", Tone.GOOD), State("left", "已离队", Tone.OVER)),
    (move("leave", "离队", "in -> left", "recorder head system", reason=True, asks="left_on?",
          warns="离队当日及以前的服务仍计入服务队时长。"),),
    "队员",
    "位",
)  # fmt: skip


def needs_code(kind: str) -> bool:
    """Whether a team of this kind must name its organisation's code: who is registered somewhere has one."""
    return kind in REGISTERED_BY


def normalise_code(text: str) -> str:
    """As it is kept: half-width, upper case, without the gaps that people type for reading."""
    return uscc.compact(half_width(text))


def check_code(code: str, kind: str = "", where: str = "uscc") -> list[Finding]:
    """Which part of a unified social credit code (统一社会信用代码) is wrong, in one sentence; none for a right one."""
    try:
        uscc.validate(code)
    except InvalidLength:
        return [Finding(where, f"统一社会信用代码应为 {CODE_LENGTH} 位，现在是 {len(code)} 位。")]
    except InvalidFormat:
        return [Finding(where, _misformed(code))]
    except InvalidChecksum:
        return [Finding(where, "统一社会信用代码的第 18 位（校验码）与前 17 位不符，有一位抄错，请对照证书核对。")]
    except ValidationError:
        return [Finding(where, "统一社会信用代码不对，请对照证书核对。")]
    first, says = REGISTERED_BY.get(kind, ("", ""))
    if first and not code.startswith(first):
        return [Finding(where, f"{says}，这个代码以 {code[0]} 开头，请核对代码或服务队类型。")]
    return []


def _misformed(code: str) -> str:
    for place, char in enumerate(code, 1):
        if place <= AREA_DIGITS and not ("0" <= char <= "9"):
            part = "登记管理部门和机构类别" if place <= 2 else "登记机关的区划代码"
            return f"统一社会信用代码的第 {place} 位（{part}）应是数字，现在是「{char}」。"
        if place > AREA_DIGITS and char not in _LETTERS:
            part = "校验码" if place == CODE_LENGTH else "主体标识码"
            return f"统一社会信用代码的第 {place} 位（{part}）不能是「{char}」，只用数字和除 I、O、S、V、Z 外的大写字母。"
    return "统一社会信用代码里有不能用的字符。"


_LETTERS = frozenset("0123456789ABCDEFGHJKLMNPQRTUWXY")
