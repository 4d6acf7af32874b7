"""When a volunteer can serve: eight columns (周一…周日、节假日) by 上午、下午、晚上 (方案 二(2) 服务时间).

The national system numbers the cells 01–24 but its order is not published. Day by day is our reading:
01 周一上午, 02 周一下午, 03 周一晚上, 04 周二上午 … 21 周日晚上, 22–24 节假日.
"""

import re
from collections.abc import Iterable

from rules.reading import UNSEEN, half_width

DAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日", "节假日")
PARTS = ("上午", "下午", "晚上")

_DAY_WORDS = {
    "周末": (5, 6),
    "双休日": (5, 6),
    "工作日": (0, 1, 2, 3, 4),
    "平时": (0, 1, 2, 3, 4),
    "法定节假日": (7,),
    "节假日": (7,),
    "每天": (0, 1, 2, 3, 4, 5, 6),
    "每日": (0, 1, 2, 3, 4, 5, 6),
    "天天": (0, 1, 2, 3, 4, 5, 6),
    "随时": (0, 1, 2, 3, 4, 5, 6, 7),
    "不限": (0, 1, 2, 3, 4, 5, 6, 7),
}
_PART_WORDS = {
    "上午": (0,),
    "早上": (0,),
    "下午": (1,),
    "晚上": (2,),
    "晚间": (2,),
    "白天": (0, 1),
    "全天": (0, 1, 2),
    "整天": (0, 1, 2),
}
_WEEKDAY = "(?:周|星期|礼拜)"
_TOKEN = re.compile(
    rf"(?P<range>{_WEEKDAY}[一二三四五六日天](?:至|到|-|~|—){_WEEKDAY}?[一二三四五六日天])"
    rf"|(?P<days>{'|'.join(_DAY_WORDS)})"
    rf"|(?P<part>{'|'.join(_PART_WORDS)})"
    rf"|(?P<day>{_WEEKDAY}?[一二三四五六日天])"
    r"|(?P<code>\d{2})|(?P<stop>[;\n])|(?P<gap>[、,\s和及与])"
)


def read_service_grid(text: str) -> list[str]:
    """Codes in order, from 周一上午、周六全天、周末下午; codes themselves are read too. Blank is no cell.

    Days without a part share the next one that is named (周一、三、五上午), up to a semicolon; with none,
    they mean the whole day. 全天 is all three parts, 白天 two, 每天 does not include 节假日.
    Raises ValueError with the words that could not be read.
    """
    plain = half_width(text.translate(UNSEEN)).strip()
    cells: set[int] = set()
    days: list[int] = []
    parts: list[int] = []

    def settle() -> None:
        cells.update(day * 3 + part for day in days for part in parts or (0, 1, 2))
        days.clear()
        parts.clear()

    at = 0
    while at < len(plain):
        token = _TOKEN.match(plain, at)
        bare = bool(token) and token["day"] is not None and len(token["day"]) == 1 if token else False
        if token is None or (bare and not days) or (token["part"] and not days):
            raise ValueError(f"“{plain[at : at + 20]}”不能认作服务时间，应写作 周一上午、周六全天、节假日下午。")
        at = token.end()
        if token["part"]:
            parts.extend(_PART_WORDS[token["part"]])
        elif token["code"]:
            settle()
            cells.add(_cell(token["code"]))
        elif token["stop"]:
            settle()
        elif not token["gap"]:
            if parts:
                settle()
            days.extend(_days(token))
    settle()
    return [f"{cell + 1:02d}" for cell in sorted(cells)]


def show_service_grid(codes: Iterable[str]) -> str:
    """The codes in words, which ``read_service_grid`` reads back. Raises ValueError for an unknown code."""
    cells = {_cell(code) for code in codes}
    words: list[str] = []
    for day, name in enumerate(DAYS):
        mine = [part for number, part in enumerate(PARTS) if day * 3 + number in cells]
        words += [f"{name}全天"] if len(mine) == 3 else [name + part for part in mine]
    return "、".join(words)


def _cell(code: str) -> int:
    if not re.fullmatch(r"[0-9]{2}", code) or not 1 <= int(code) <= 24:
        raise ValueError(f"服务时间代码“{code}”不存在，应为 01 至 24。")
    return int(code) - 1


def _days(token: re.Match[str]) -> list[int]:
    if token["days"]:
        return list(_DAY_WORDS[token["days"]])
    numbers = [
        "一二三四五六日".index(char.replace("天", "日")) for char in re.findall("[一二三四五六日天]", token[0])
    ]
    if not token["range"]:
        return numbers
    first, last = numbers[-2:]
    if first > last:
        raise ValueError(f"“{token[0]}”的先后反了，应从前一天写到后一天，如 周一至周五。")
    return list(range(first, last + 1))
