"""异地转移 between installations (方案 二(5)): what a package of persons is, and what makes one that cannot be taken.

A package is lines of text: a signed head, then one signed person a line, each sealed for the receiver where its key is
known. The head names the sums over all of them and a digest over the lines in their order, so that one line more, less or
other shows. A receipt is one signed line back: which package, and of each person whether she was taken.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from rules.life import Life, State, Tone, move

FORMAT, VERSION = "svs-transfer", 1
HEAD, PERSON, RECEIPT = "svs-transfer+jws", "svs-transfer-person+jws", "svs-transfer-receipt+jws"
LARGEST_PACKAGE = 64 * 1024 * 1024  # characters of a whole package
LARGEST_LINE = 4 * 1024 * 1024  # characters of one person: a busy one has thousands of records
MOST_PEOPLE = 20_000
AHEAD = timedelta(minutes=15)  # further than this before us, and one of two clocks stands wrong
LONGEST_MINUTES = 2**31 - 1

DEPARTURE = Life(
    "departures",
    (
        State("asked", "待审核", Tone.WAITING),
        State("flying", "在途", Tone.WAITING),
        State("closed", "已转出", Tone.GOOD),
        State("declined", "对方未接收", Tone.BAD),
        State("reopened", "已解锁", Tone.OVER),
        State("clash", "收到迟来回执", Tone.BAD),
        State("cancelled", "已取消", Tone.OVER),
    ),
    (
        move("pack", "审核并打包", "asked -> flying", "head", own_entry=False, expected=True,
             warns="打包后这些志愿者锁定：不能登记记录、兑换、转赠或注销，工时转为在途，收到对方回执后办结；还没有办结的岗位报名随即终止。"),
        move("cancel", "取消", "asked -> cancelled", "recorder head", reason=True),
        move("close", "办结", "flying -> closed", "system"),
        move("decline", "对方未接收", "flying -> declined", "system", reason=True),
        move("reopen", "解锁退回", "flying -> reopened", "supervisor", own_entry=False, reason=True,
             warns="没有收到对方的回执。请先向接收单位核实没有接收；如果对方其实已经接收，以后收到回执时要再办理。"),
        move("contest", "收到迟来回执", "reopened -> clash", "system", reason=True),
        move("concede", "按回执转出", "clash -> closed", "supervisor", own_entry=False, reason=True, expected=True,
             warns="对方已经接收。将把同样多的工时再次转出，解锁后用掉的部分记为欠账。"),
        move("settle", "对方退回，了结", "clash -> reopened", "system", reason=True),
        move("regain", "对方退回", "closed -> declined", "system", reason=True),
    ),
    "转出", "单",
)  # fmt: skip

ARRIVAL = Life(
    "arrivals",
    (
        State("shown", "待接收", Tone.WAITING),
        State("taken", "已接收", Tone.GOOD),
        State("refused", "已拒收", Tone.BAD),
        State("returned", "已退回", Tone.OVER),
    ),
    (
        move("take", "接收", "shown -> taken", "head", own_entry=False, expected=True,
             warns="将登记包内的志愿者和工时；本站已有登记的并入原来的人。接收一次为限。"),
        move("refuse", "拒收", "shown -> refused", "head", reason=True, warns="请把签名的答复发回原单位，对方据此解锁。"),
        move("let_go", "退回", "taken -> returned", "system", reason=True),
    ),
    "转入", "单",
)  # fmt: skip


class Unfit(ValueError):
    """A package that cannot be taken, and why, in one Chinese sentence."""


@dataclass(frozen=True)
class Head:
    """What a package says of itself."""

    id: str
    sender: str  # its fingerprint
    sender_name: str
    receiver: str  # the fingerprint; blank where only the name is known
    receiver_name: str
    made_at: datetime
    expires_at: datetime
    people: int
    digest: str
    sums: dict[str, int]


def head_payload(head: Head) -> dict[str, Any]:
    """The head as it is signed."""
    return {
        "format": FORMAT, "version": VERSION, "id": head.id,
        "sender": {"fingerprint": head.sender, "name": head.sender_name},
        "receiver": {"fingerprint": head.receiver, "name": head.receiver_name},
        "made_at": head.made_at.isoformat(), "expires_at": head.expires_at.isoformat(),
        "people": head.people, "digest": head.digest, "sums": head.sums,
    }  # fmt: skip


def read_head(payload: Mapping[str, Any]) -> Head:
    """The head of a package. Raises ``Unfit`` for another format or version, or where something is missing."""
    _known(payload)
    try:
        sender, receiver = payload["sender"], payload["receiver"]
        head = Head(
            str(payload["id"]), str(sender["fingerprint"]), str(sender["name"]), str(receiver["fingerprint"]),
            str(receiver["name"]), datetime.fromisoformat(payload["made_at"]),
            datetime.fromisoformat(payload["expires_at"]), _whole(payload["people"]), str(payload["digest"]),
            {str(name): _whole(value) for name, value in dict(payload["sums"]).items()},
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as wrong:
        raise Unfit("转移包的开头不完整，请向原单位重新索取。") from wrong
    if not 8 <= len(head.id) <= 40 or len(head.digest) != 64 or not 1 <= head.people <= MOST_PEOPLE:
        raise Unfit("转移包的开头不合规定，请向原单位重新索取。")
    if len(head.sender_name) > 80 or len(head.receiver_name) > 80 or len(head.sender) > 80:
        raise Unfit("转移包的开头不合规定，请向原单位重新索取。")
    if head.expires_at <= head.made_at or head.made_at.tzinfo or head.expires_at.tzinfo:
        raise Unfit("转移包的有效期不合规定，请向原单位重新索取。")
    return head


def _known(payload: Mapping[str, Any]) -> None:
    if payload.get("format") != FORMAT:
        raise Unfit("这不是异地转移的文件。")
    if payload.get("version") != VERSION:
        raise Unfit(f"转移包是第 {payload.get('version')} 版格式，本系统只认第 {VERSION} 版；请升级后再接收。")


def check_time(head: Head, now: datetime) -> None:
    """Raises ``Unfit`` for a package of the future or one past its time."""
    if head.made_at > now + AHEAD:
        raise Unfit(f"转移包写明 {head.made_at:%Y-%m-%d %H:%M} 制作，比本机时间晚；请核对两边电脑的时间。")
    if head.expires_at <= now:
        raise Unfit(f"转移包已于 {head.expires_at:%Y-%m-%d %H:%M} 过期，请原单位解锁后重新打包。")


def check_address(head: Head, us: str, names: Iterable[str]) -> None:
    """Raises ``Unfit`` where the package is for somebody else. ``names`` are those that the receiving desk goes by."""
    if head.receiver:
        if head.receiver != us:
            raise Unfit(f"转移包是发给「{head.receiver_name}」的，不是发给本单位的。")
    elif head.receiver_name not in set(names):
        raise Unfit(f"转移包是发给「{head.receiver_name}」的，与本站、本社区的名称不符。")


class Digest:
    """The digest over signed persons in their order."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, token: str) -> None:
        self._hash.update(hashlib.sha256(token.encode()).digest())

    def value(self) -> str:
        return self._hash.hexdigest()


# --- one person ---

LISTS = ("records", "trainings", "qualifications", "honours", "complaints", "stars", "consents")
BASICS = ["name", "document_type", "document_number", "gender", "birth_date", "phone", "address", "ethnicity", "politics", "education", "occupation", "skills", "languages", "speciality", "categories", "service_times", "national_no", "guardian_name", "guardian_phone", "registered_on", "residence"]
LATER = ("backbones",)  # added after the first release: carried where there are any, so that the rest is read by older ones
HISTORY = ("records", "trainings", "complaints")  # kept as what another station wrote: never reckoned again here


def sums_of(person: Mapping[str, Any]) -> dict[str, int]:
    """What a person comes to: minutes and how many rows of each kind.

    Raises ``KeyError``, ``TypeError`` or ``ValueError`` for one that is not whole.
    """
    account = person["account"]
    lots = account["lots"]
    return {
        "honour": _whole(account["honour"]), "debt": _whole(account["debt"]),
        "exchangeable": sum(_positive(lot["minutes"]) for lot in lots), "lots": len(lots),
        "service": sum(_whole(row["minutes"]) for row in person["records"]),
        **{name: len(person[name]) for name in (*LISTS, *LATER) if name in LISTS or name in person},
    }  # fmt: skip


def add(total: dict[str, int], one: Mapping[str, int]) -> None:
    for name, value in one.items():
        total[name] = total.get(name, 0) + value


def check_person(person: Mapping[str, Any], head: Head, n: int) -> dict[str, int]:
    """The sums of one person, held against what she carries beside them. Raises ``Unfit``."""
    _known(person)
    where = f"转移包第 {n} 人"
    if person.get("package") != head.id or person.get("n") != n:
        raise Unfit(f"{where}不属于这个转移包，文件被拼接过。")
    try:
        basics = person["person"]
        date.fromisoformat(basics["birth_date"])
        if basics["registered_on"]:
            date.fromisoformat(basics["registered_on"])
        found = sums_of(person)
        for lot in person["account"]["lots"]:
            date.fromisoformat(lot["earned_on"])
            if lot["expires_on"]:
                date.fromisoformat(lot["expires_on"])
        for name in (*LISTS, *LATER):
            for row in person.get(name, ()) if name in LATER else person[name]:
                if name in HISTORY and not row["uid"]:
                    raise ValueError(name)
        said = {str(name): _whole(value) for name, value in person["sums"].items()}
        whole = all(isinstance(basics[name], str | list | None) for name in BASICS)
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise Unfit(f"{where}的内容不完整或不合规定。") from wrong
    if not whole or not basics["name"] or not basics["document_number"]:
        raise Unfit(f"{where}没有写全姓名和证件。")
    if said != found:
        raise Unfit(f"{where}的合计与明细不符。")
    return found


def check_total(head: Head, total: Mapping[str, int], people: int, digest: str) -> None:
    """Raises ``Unfit`` where persons are missing, something was changed, or the sums do not agree."""
    if people < head.people:
        raise Unfit(f"转移包不完整：写明 {head.people} 人，实际只有 {people} 人；请重新传送文件。")
    if people > head.people:
        raise Unfit(f"转移包写明 {head.people} 人，实际有 {people} 人，文件被改动过。")
    if digest != head.digest:
        raise Unfit("转移包的内容与开头的校验码不符，文件被改动过。")
    if dict(total) != head.sums:
        raise Unfit("转移包的合计与各人的明细不符，请原单位核对后重新打包。")


def _whole(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= LONGEST_MINUTES:
        raise ValueError(value)
    return value


def _positive(value: Any) -> int:
    if _whole(value) == 0:
        raise ValueError(value)
    return int(value)


def canonical(value: Any) -> str:
    """JSON with one way to write it. Raises ``TypeError`` for what JSON has no word for, ``ValueError`` for a circle."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


# --- the way back ---


@dataclass(frozen=True)
class Answer:
    """What a receiver says of a package: by the numbers of the persons in it whether each was taken, and why not."""

    id: str
    digest: str
    sender: str
    at: datetime
    taken: frozenset[int]
    declined: dict[int, str]
    reason: str = ""


def answer_payload(answer: Answer) -> dict[str, Any]:
    return {
        "format": FORMAT, "version": VERSION, "id": answer.id, "digest": answer.digest, "sender": answer.sender,
        "at": answer.at.isoformat(), "taken": sorted(answer.taken), "reason": answer.reason,
        "declined": {str(n): why for n, why in sorted(answer.declined.items())},
    }  # fmt: skip


def read_answer(payload: Mapping[str, Any]) -> Answer:
    """A receipt or refusal. Raises ``Unfit``."""
    _known(payload)
    try:
        return Answer(
            str(payload["id"]), str(payload["digest"]), str(payload["sender"]), datetime.fromisoformat(payload["at"]),
            frozenset(_positive(n) for n in payload["taken"]),
            {_positive(int(n)): str(why)[:200] for n, why in payload["declined"].items()}, str(payload["reason"])[:200],
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise Unfit("回执的内容不完整或不合规定。") from wrong


def may_reopen(expires_at: datetime, free_at: datetime, now: datetime) -> str:
    """Why a package in flight may not be unlocked without the receiver's word; blank where it may, from ``free_at`` on."""
    if now < free_at:
        return f"转移包 {expires_at:%Y-%m-%d} 过期，到 {free_at:%Y-%m-%d} 才能不凭对方答复解锁。"
    return ""
