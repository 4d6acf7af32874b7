"""What leaves the house over the network: one post to an address that somebody set, and what it answered.

No redirect is followed, an answer is read to a few kilobytes, and nothing is waited for longer than seconds.
"""

import json
from typing import Any

import requests

TIMES = (5, 10)  # seconds to connect, and to wait for the next part of an answer
LONGEST = 64 * 1024  # bytes of an answer that are read


def post(address: str, body: dict[str, Any], headers: dict[str, str] | None = None) -> tuple[int, Any]:
    """Post JSON; the status and what the answer says, None where it is no JSON.

    Raises ``ConnectionError`` with a Chinese sentence that names no address: an address may be a secret.
    """
    data = json.dumps(body, ensure_ascii=False).encode()
    said = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "volunteer-station"} | (headers or {})
    try:
        with requests.post(
            address, data=data, headers=said, timeout=TIMES, allow_redirects=False, stream=True
        ) as answer:
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
