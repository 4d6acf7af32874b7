"""投诉 (Order 67 arts. 20–22; 民函〔2012〕340号 被投诉信息): the life of a complaint, and who may not handle it."""

from rules.life import Life, State, Tone, move

COMPLAINT = Life(
    "complaints",
    (
        State("open", "待核查", Tone.WAITING),
        State("looking", "核查中", Tone.WAITING),
        State("upheld", "成立", Tone.BAD),
        State("dismissed", "不成立", Tone.OVER),
        State("replied", "已答复", Tone.GOOD),
    ),
    (
        move("take", "开始核查", "open -> looking", "head supervisor", own_entry=False, expected=True),
        move("uphold", "投诉成立", "looking -> upheld", "head supervisor", own_entry=False, expected=True,
             asks="findings measure", warns="查证属实的投诉计入被投诉信息，随服务记录一并提供。"),
        move("dismiss", "投诉不成立", "looking -> dismissed", "head supervisor", own_entry=False,
             asks="findings measure?"),
        move("reply", "答复投诉人", "upheld dismissed -> replied", "head supervisor", own_entry=False, expected=True,
             asks="reply replied_on?"),
    ),
    "投诉",
    "件",
)  # fmt: skip
UNANSWERED = ("open", "looking", "upheld", "dismissed")
OUTCOMES = [("upheld", "成立"), ("dismissed", "不成立")]


def is_about(name: str, accused: str, lead: str) -> bool:
    """Whether a person of this name is the one complained of: named outright, or the lead of the activity."""
    return bool(name) and name in (accused.strip(), lead.strip())
