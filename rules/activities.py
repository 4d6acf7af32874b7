"""开展活动 (方案 二(3)(4)): the life of a rostered turn, from 排班 to 签退, a no-show or a cancellation."""

from rules.life import Life, State, Tone, move

ASSIGNMENT = Life(
    "assignments",
    (
        State("rostered", "已排班", Tone.WAITING),
        State("confirmed", "已确认", Tone.GOOD),
        State("present", "已签到", Tone.WAITING),
        State("left", "已签退", Tone.GOOD),
        State("missed", "未到岗", Tone.BAD),
        State("cancelled", "已取消", Tone.OVER),
    ),
    # Whoever signs somebody in or out on another day says when it was.
    (
        move("confirm", "确认", "rostered -> confirmed", "recorder head volunteer", expected=True),
        # What volunteers press themselves (`models.presence`) the system signs in and out.
        move("sign_in", "签到", "rostered confirmed -> present", "recorder head system", expected=True,
             asks="came_at? companion?"),
        move("sign_out", "签退", "present -> left", "recorder head system", expected=True, asks="left_at?"),
        move("come_back", "再次签到", "left -> present", "recorder head system"),
        move("miss", "未到岗", "rostered confirmed -> missed", "recorder head", reason=True,
             warns="计入这位志愿者的未到岗次数。"),
        move("cancel", "取消排班", "rostered confirmed -> cancelled", "recorder head volunteer system", reason=True),
    ),
    "排班",
    "人次",
)  # fmt: skip

LIVE = ("rostered", "confirmed", "present")  # still to come, or not yet over
TAKES_TIME = (*LIVE, "left")  # a turn in any of these fills its hours


def accepted(state: str) -> bool:
    """Whether a turn in that state was accepted by the volunteer and is not over for her: she said that she comes, or
    she is there. Whom she visits she is told then alone (设计: name and address of own visit only). Raises nothing."""
    return state in ("confirmed", "present")
