"""Where something may be sent over the network: addresses that people enter, read one way.

Whatever leaves is encrypted on its way (个人信息保护法 第五十一条); plain http leads to this very machine alone.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

HERE = ("127.0.0.1", "localhost", "[::1]")
LONGEST = 200  # characters of the address of another program


@dataclass(frozen=True)
class Where:
    """An address in parts; ``place`` is the host with its port, where it names one."""

    scheme: str
    host: str
    place: str
    bare: bool  # no query and no fragment

    @property
    def is_here(self) -> bool:
        """Whether it leads to this very machine."""
        return self.host in HERE

    @property
    def is_shut(self) -> bool:
        """Whether nobody on the way reads along."""
        return self.scheme == "https" or self.is_here


def where(url: str) -> Where | None:
    """The parts of a web address; None where it is none, or holds a space or somebody's name and password."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    if parts.scheme not in ("https", "http") or not host or parts.username or parts.password or re.search(r"\s", url):
        return None
    host = f"[{host}]" if ":" in host else host
    return Where(parts.scheme, host, f"{host}:{port}" if port else host, not (parts.query or parts.fragment))


def address_fault(url: str) -> str:
    """What is wrong with the address of another program; blank where nothing is."""
    found = where(url)
    if found is None or not found.bare:
        return "网址只写协议、主机和路径，例如 https://zyz.example.gov.cn"
    return "" if found.is_shut else "网址应以 https:// 开头；http:// 只能用于本机。"
