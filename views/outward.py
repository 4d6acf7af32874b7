"""What leaves the house over the network: one post to an address that somebody set, and what it answered.

No redirect is followed, an answer is read to a few kilobytes, and nothing is waited for longer than seconds.
"""

import json
from typing import Any
from urllib.parse import urlsplit

import requests

TIMES = (5, 10)  # seconds to connect, and to wait for the next part of an answer
LONG = (5, 120)  # where the other side works through what it was sent before it answers
HERE = ("127.0.0.1", "localhost", "::1")
LONGEST = 64 * 1024  # bytes of an answer that are read


def post(address: str, body: dict[str, Any], headers: dict[str, str] | None = None) -> tuple[int, Any]:
    """Post JSON; the status and what the answer says, None where it is no JSON.

    Raises ``ConnectionError`` with a Chinese sentence that names no address: an address may be a secret.
    """
    data = json.dumps(body, ensure_ascii=False).encode()
    return _post(address, data, {"Content-Type": "application/json; charset=utf-8"} | (headers or {}), {})


def post_text(address: str, text: str, query: dict[str, str] | None = None) -> tuple[int, Any]:
    """Post plain text, which the answer may take long over; otherwise as `post`."""
    return _post(address, text.encode(), {"Content-Type": "text/plain"}, query or {}, LONG)


def _post(
    address: str, data: bytes, headers: dict[str, str], query: dict[str, str], times: tuple[int, int] = TIMES
) -> tuple[int, Any]:
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in HERE):
        raise ConnectionError("对方的网址不是 https://，没有发送。")
    try:
        with requests.post(
            address, data=data, params={name: value for name, value in query.items() if value},
            headers={"User-Agent": "volunteer-station"} | headers, timeout=times, allow_redirects=False, stream=True,
        ) as answer:  # fmt: skip
            return answer.status_code, _read(answer)
    except requests.exceptions.SSLError:
        raise ConnectionError("对方的证书不可信，没有发送。") from None
    except requests.exceptions.Timeout:
        raise ConnectionError("对方没有及时回答。") from None
    except (requests.exceptions.RequestException, OSError):
        raise ConnectionError("连不上对方的服务器。") from None


def _read(answer: requests.Response) -> Any:
    kept = b""
    for part in answer.iter_content(8192):
        kept += part
        if len(kept) > LONGEST:
            return None
    try:
        return json.loads(kept)
    except (ValueError, RecursionError):
        return None
