"""互认单位: the other installations whose signatures count here, and what a public card and a compact token may look like.

A card says who an installation is and by which keys it signs (Ed25519) and is written to (X25519). Its fingerprint is of
the keys alone; two people hold it against what the other side reads out.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rules.life import Life, State, Tone, move
from rules.outward import LONGEST, address_fault

SIGN, SEAL = "sign", "seal"
CURVES = {SIGN: "Ed25519", SEAL: "X25519"}
KEY_CHARACTERS = 43  # 32 bytes as unpadded base64url
MOST_KEYS = 20
LONGEST_CARD = 20_000  # characters
CARD_VERSION = 1
_ALPHABET = re.compile(r"[A-Za-z0-9_-]*")
ABOVE_DESK = "supervisor admin"

PEER = Life(
    "peers",
    (
        State("entered", "待核对指纹", Tone.WAITING),
        State("confirmed", "已互认", Tone.GOOD),
        State("withdrawn", "已撤销", Tone.OVER),
    ),
    (
        move("confirm", "指纹相符，确认互认", "entered -> confirmed", ABOVE_DESK, own_entry=False, expected=True,
             warns="请先用电话或当面与对方核对指纹，逐组相同才能确认。", asks="compared_with"),
        move("withdraw", "撤销互认", "entered confirmed -> withdrawn", ABOVE_DESK, reason=True,
             warns="撤销后，对方签名的证明和转移包不再接受。"),
    ),
    noun="互认单位", counter="个",
)  # fmt: skip


class Unreadable(ValueError):
    """Not what it should be; the sentence says what and what would be right."""


@dataclass(frozen=True)
class Card:
    """What an installation says of itself: its name, its division and its public keys."""

    name: str
    division: str
    url: str
    keys: dict[str, tuple[dict[str, str], ...]]  # use -> public JWKs, the newest first

    @property
    def kids(self) -> list[str]:
        """The names of its keys for signing. Raises ``KeyError`` for a card that was not read by `read_card`."""
        return [thumbprint(one) for one in self.keys[SIGN]]

    @property
    def fingerprint(self) -> str:
        """What stands for all its keys. Raises ``KeyError`` likewise."""
        return fingerprint([*self.keys[SIGN], *self.keys[SEAL]])


def thumbprint(jwk: dict[str, str]) -> str:
    """RFC 7638 of a key of ours (RFC 8037: crv, kty, x). Raises ``KeyError`` where one of these is missing."""
    text = json.dumps({name: jwk[name] for name in ("crv", "kty", "x")}, separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def fingerprint(jwks: Iterable[dict[str, str]]) -> str:
    """40 hexadecimal digits in groups of four that stand for these keys, in whatever order. Raises ``KeyError`` as `thumbprint`."""
    digits = hashlib.sha256(" ".join(sorted(thumbprint(one) for one in jwks)).encode()).hexdigest()[:40].upper()
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def read_card(text: str) -> Card:
    """A card out of the text of its file or QR. Raises ``Unreadable``."""
    if len(text) > LONGEST_CARD:
        raise Unreadable(f"公开名片最多 {LONGEST_CARD} 个字符，这一份有 {len(text)} 个，请确认选对了文件。")
    said = read_json(text, "公开名片")
    if said.get("v") != CARD_VERSION:
        raise Unreadable(f"公开名片的版本应是 {CARD_VERSION}，这一份是「{said.get('v')}」，请向对方要新的名片。")
    name, division, url = (said.get(part, "") for part in ("name", "division", "url"))
    if not (isinstance(name, str) and 0 < len(name.strip()) <= 80):
        raise Unreadable("公开名片里没有单位名称，或超过 80 个字。")
    if not (isinstance(division, str) and re.fullmatch(r"\d{2,12}", division)):
        raise Unreadable("公开名片里的区划代码应是 2 至 12 位数字。")
    if not isinstance(url, str) or (url and not good_address(url)):
        raise Unreadable("公开名片里的网址应以 https:// 开头。")
    keys = said.get("keys")
    if not isinstance(keys, list) or not 0 < len(keys) <= MOST_KEYS:
        raise Unreadable(f"公开名片里应有 1 至 {MOST_KEYS} 把公钥。")
    card = Card(name.strip(), division, url, {use: _keys(keys, use) for use in CURVES})
    if not card.keys[SIGN]:
        raise Unreadable("公开名片里没有验证签名的公钥。")
    if "".join(str(said.get("fingerprint", "")).split()).upper() != card.fingerprint.replace(" ", ""):
        raise Unreadable("公开名片里的指纹与公钥不符，文件可能被改动或没有传完整，请重新向对方要。")
    return card


def _keys(said: Sequence[Any], use: str) -> tuple[dict[str, str], ...]:
    found: list[dict[str, str]] = []
    for one in said:
        jwk = one.get("jwk") if isinstance(one, dict) else None
        if not isinstance(jwk, dict) or one.get("use") not in CURVES:
            raise Unreadable("公开名片里有看不懂的公钥。")
        if "d" in jwk:
            raise Unreadable("这里面有私钥，不能发给任何人，也不能登记；请对方更换密钥，只发公开名片。")
        x = jwk.get("x")
        fits = jwk.get("kty") == "OKP" and jwk.get("crv") == CURVES[one["use"]]
        if not fits or not isinstance(x, str) or len(x) != KEY_CHARACTERS or unpacked(x) is None:
            raise Unreadable("公开名片里有看不懂的公钥：只认 Ed25519（签名）和 X25519（加密）。")
        if one["use"] == use:
            found.append({"kty": "OKP", "crv": CURVES[use], "x": x})
    return tuple(found)


def good_address(url: str) -> bool:
    """Whether others may reach an installation there: https, and nothing after the path."""
    return url.startswith("https://") and len(url) <= LONGEST and not address_fault(url)


# --- compact tokens ---


def unpacked(text: str) -> bytes | None:
    """The bytes of unpadded base64url written in its one way; None for anything else."""
    if not _ALPHABET.fullmatch(text) or len(text) % 4 == 1:
        return None
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    return raw if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() == text else None


def read_json(text: str | bytes, what: str) -> dict[str, Any]:
    """One JSON object, no name in it twice. Raises ``Unreadable``."""
    try:
        said = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as wrong:
        raise Unreadable(f"{what}看不懂，可能没有复制完整；请重新扫描，或把全部文字再粘贴一次。") from wrong
    if not isinstance(said, dict):
        raise Unreadable(f"{what}看不懂：应是一个 JSON 对象。")
    return said


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    said = dict(pairs)
    if len(said) < len(pairs):
        raise ValueError("a name stands twice")
    return said


def _no_constant(name: str) -> None:
    raise ValueError(name)


def header_of(token: str, parts: int, wanted: dict[str, str | None], longest: int, what: str) -> dict[str, Any]:
    """The protected header of a compact token of so many parts, which must hold just the names in ``wanted``, with
    their value where one is given: no «none», nothing critical, no key brought along. Raises ``Unreadable``.
    """
    if len(token) > longest:
        raise Unreadable(f"{what}太长：最多 {longest} 个字符，现在有 {len(token)} 个。")
    pieces = token.split(".")
    if len(pieces) != parts or not all(pieces):
        raise Unreadable(f"{what}不完整，或不是本系统的格式；请从头到尾重新复制或扫描。")
    raw = [unpacked(piece) for piece in pieces]
    head = raw[0]
    if head is None or None in raw or len(head) > 1000:
        raise Unreadable(f"{what}不完整或被改动过；请从头到尾重新复制或扫描。")
    said = read_json(head, what)
    if set(said) != set(wanted) or any(fixed is not None and said[name] != fixed for name, fixed in wanted.items()):
        raise Unreadable(f"{what}的格式不是本系统认可的（签名方式或用途不符）。")
    return said
