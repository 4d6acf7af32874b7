"""What leaves the house over the network: one post to an address that somebody set, and what it answered.

No redirect is followed, no proxy and no password of the machine's own settings is used, an answer is read to its limit,
and nothing is waited for without end.
"""

import json
from typing import IO, Any

import requests

from rules.outward import where

JSON, TEXT = "application/json; charset=utf-8", "text/plain"
PROMPT = (5, 10)  # seconds to connect, and to wait for the next part of an answer
PATIENT = (10, 120)  # where the other side works through what it was sent before it answers
LONGEST = 64 * 1024  # bytes of an answer


def post(
    address: str,
    data: bytes | IO[bytes],
    content_type: str,
    *,
    headers: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    times: tuple[int, int] = PROMPT,
    longest: int = LONGEST,
) -> tuple[int, Any]:
    """The status, and what the answer says where it is JSON of at most ``longest`` bytes, else None.

    Raises ``ConnectionError`` with a Chinese sentence that names no address: an address may be a secret.
    """
    found = where(address)
    if found is None or not found.is_shut:
        raise ConnectionError("对方的网址不是 https://，没有发送。")
    said = {"Content-Type": content_type, "Accept": "application/json", "User-Agent": "volunteer-station"}
    asked = {name: value for name, value in (query or {}).items() if value}
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.post(
                address, data=data, params=asked, headers=said | (headers or {}), timeout=times,
                allow_redirects=False, stream=True,
            )  # fmt: skip
            with answer:
                return answer.status_code, _read(answer, longest)
    except requests.exceptions.SSLError:
        raise ConnectionError("对方的证书不可信，没有发送。") from None
    except requests.exceptions.Timeout:
        raise ConnectionError("对方没有及时回答。") from None
    except (requests.exceptions.RequestException, OSError):
        raise ConnectionError("连不上对方的服务器。") from None


def _read(answer: requests.Response, longest: int) -> Any:
    kept = b""
    for part in answer.iter_content(8192):
        kept += part
        if len(kept) > longest:
            return None
    try:
        return json.loads(kept.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
