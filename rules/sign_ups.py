"""网上报名 (方案 二(2)；三(1) 网上注册): the number and the code of an application from the site, and where it stands.

What is said of an application that waits for its document to be seen is one and the same whatever the station knows of
that document: a stranger who types somebody else's number learns nothing from the answer.
"""

from dataclasses import dataclass

from rules.reading import UNSEEN, half_width

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ"  # none that a person could take for another, or for a figure
CODE_LENGTH = 8  # letters: 23 ** 8 are 78,310,985,281
NUMBER_LENGTH = 10  # figures, the first of them no zero
GROUPS = {NUMBER_LENGTH: (3, 3, 4), CODE_LENGTH: (4, 4)}  # how each is read out and printed


def number_of(digest: bytes) -> str:
    """The number of an application, ten figures, from a digest of at least 8 bytes.

    Raises ``ValueError`` for a shorter one.
    """
    first = 10 ** (NUMBER_LENGTH - 1)
    return str(first + _whole(digest) % (9 * first))


def code_of(digest: bytes) -> str:
    """Its code, eight letters, from a digest of at least 8 bytes. Raises ``ValueError`` for a shorter one."""
    left, letters = _whole(digest), []
    for _ in range(CODE_LENGTH):
        left, at = divmod(left, len(LETTERS))
        letters.append(LETTERS[at])
    return "".join(letters)


def _whole(digest: bytes) -> int:
    if len(digest) < 8:
        raise ValueError("a digest of at least 8 bytes is needed")
    return int.from_bytes(digest)


def grouped(text: str) -> str:
    """A number or a code as it is printed: 123 456 7890, ABCD EFGH; whatever is neither comes back as it is."""
    at, parts = 0, []
    for size in GROUPS.get(len(text), (len(text),)):
        parts.append(text[at : at + size])
        at += size
    return " ".join(parts)


def plain(text: str) -> str:
    """A number or a code as it was typed, without blanks, dashes and small letters; any text comes back as one."""
    kept = half_width(text).translate(UNSEEN).upper()
    return "".join(char for char in kept if char.isalnum())


@dataclass(frozen=True)
class Standing:
    """Where an application stands, for the applicant: a word, its tint, and what she does next."""

    word: str
    tone: str  # a tone of `rules.life`
    says: str


_BRING = Standing(
    "等待核对证件", "waiting",
    "请本人带身份证件原件到工作站，核对以后才能审核；未成年人由监护人一同到站签同意书。已经去过的，请等工作站办理。",
)  # fmt: skip
_OVER = Standing("已注册", "good", "您已是注册志愿者。有变动的，请与工作站联系。")
STANDINGS = {
    "online": _BRING,
    "known": _BRING,  # word for word the same: see above
    "applied": Standing("等待站长审核", "waiting", "证件已经核对。审核通过以后，这里会显示您的志愿者编号。"),
    "returned": Standing("已退回，请补正", "bad", "请按下面写的改正，改好以后重新送出；也可以带证件到工作站当面补正。"),
    "refused": Standing("没有通过", "bad", "理由见下面。有不同意见的，可以向工作站或者上级提出异议。"),
    "registered": Standing("审核通过", "good", "您已是注册志愿者，志愿者编号见下面，服务记录证请到工作站领取。"),
    "suspended": Standing("已停用", "over", "您的注册现在停用，请与工作站联系。"),
    "leaving": _OVER,
    "moved": _OVER,
}


def standing(state: str) -> Standing:
    """Where an application stands whose volunteer is in this state of her life.

    Raises ``KeyError`` for a state in which nobody may ask: an erased one's application is gone.
    """
    return STANDINGS[state]
