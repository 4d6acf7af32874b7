"""How people write things in spreadsheets, read into values.

Each reader takes what a cell holds (text, number, date) and returns a value, or raises ValueError with one
Chinese sentence that says what was read and how to write it. A blank cell is the caller's decision: a
reader of a needed value refuses it.

What is kept of a text is decided here, once, for forms and tables alike (`clean`, `unkept`):

* what nobody sees (zero-width characters, direction marks and overrides, fillers, tags) is taken out, because two
  names that look alike must be alike, and because a turned-round text shows what is not there;
* letters and their marks are composed (NFC), so that é is one thing however it was typed; the CJK compatibility
  ideographs stay what they are, for a name may be written with them, and no other normal form is applied;
* every break of line is ``\\n``, and blanks before and after the whole are dropped;
* characters beyond the BMP, variation selectors, private-use characters and every script stay as they were typed;
* what cannot be text at all (control characters, half of a surrogate pair, non-characters, the mark of a failed
  decoding) is refused, with its number and place, rather than dropped: something else was meant.
"""

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

FIRST_SERIAL, LAST_SERIAL = 3654, 73050  # Excel day numbers of 1910-01-01 and 2099-12-31
FIRST_YEAR, LAST_YEAR = 1900, 2099
_EPOCH = datetime(1899, 12, 30)
_DAY_MINUTES = 24 * 60
_POWER_OF_TEN = re.compile(r"\d(\.\d+)?[eE]\+?\d{1,3}")  # what a number turns into in a narrow column
_LOOSE_MINUTE = Decimal("0.01")  # what a spreadsheet's own division may be off by

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_WIDE_ALNUM = {code: to for code, to in _WIDE.items() if chr(to).isalnum()}
UNSEEN = dict.fromkeys(  # what Unicode calls default-ignorable, variation selectors left out; for str.translate
    [0x00AD, 0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F),
     *range(0x2060, 0x2070), 0x3164, 0xFEFF, 0xFFA0, *range(0xFFF0, 0xFFFC), *range(0x1BCA0, 0x1BCA4),
     *range(0x1D173, 0x1D17B), *range(0xE0000, 0xE0100), *range(0xE01F0, 0xE1000)]
)  # fmt: skip
_BREAKS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_COMPOSED = re.compile("[^\uf900-\ufaff\U0002f800-\U0002fa1f]+")  # all but the compatibility ideographs
_UNKEPT = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffd"
    + "".join(chr(plane << 16 | end) for plane in range(17) for end in (0xFFFE, 0xFFFF))
    + "]"
)


# Of these letters and marks, single spaces between them, every text is as it is kept: most cells are, and cost nothing.
_KEPT = "[!-~\u3001\u3002\u4e00-\u9fff！（），：；？]+"
_AS_KEPT = re.compile(f"{_KEPT}(?: {_KEPT})*")


def clean(text: str) -> str:
    """A text as it is kept, by the rules at the head of this file; the same again changes nothing."""
    seen = _BREAKS.sub("\n", text.translate(UNSEEN))
    return _COMPOSED.sub(lambda part: unicodedata.normalize("NFC", part[0]), seen).strip()


def unkept(text: str) -> str:
    """Why a clean text cannot be kept, to follow its name in a sentence (里第 3 个字…); blank where it can."""
    found = _UNKEPT.search(text)
    if not found:
        return ""
    place, char = found.start() + 1, found[0]
    if char == "\ufffd":
        return f"里第 {place} 个字传来时已经不是原来的字（U+FFFD，多半是编码不对），请重新键入。"
    return f"里第 {place} 个字是不能保存的字符（U+{ord(char):04X}），请删去后重填。"


def half_width(text: str) -> str:
    """Full-width ASCII and the ideographic space made half-width; every other character is left alone."""
    return text.translate(_WIDE)


def read_text(x: object) -> str:
    """A cell's text as it is stored: clean, with half-width letters and digits and single spaces.

    Full-width punctuation stays, as do rare characters and CJK compatibility characters. Line breaks stay. A whole
    number loses its ``.0``.
    """
    if x is None:
        return ""
    if isinstance(x, str) and _AS_KEPT.fullmatch(x):
        return x
    if isinstance(x, float) and x.is_integer():
        x = int(x)
    text = clean(str(x).translate(_WIDE_ALNUM))
    return "\n".join(re.sub(r"\s+", " ", line).strip() for line in text.split("\n")).strip()


EXACT_DIGITS = 15  # that a spreadsheet keeps of a number


def read_digits(x: object) -> str:
    """A number that names something (a document, a telephone), as text.

    Longer than 15 digits it must come as text: a spreadsheet that took it for a figure has lost its end.
    """
    if isinstance(x, float | int) and not isinstance(x, bool) and abs(x) >= 10**EXACT_DIGITS:
        raise ValueError("号码被表格软件当成了数字，末几位已经丢失；请把该列设为文本后照原件重新填写。")
    if _POWER_OF_TEN.fullmatch(read_text(x)):
        raise ValueError(
            f"号码被表格软件存成了 {read_text(x)} 这样的科学记数，末几位已经丢失；请把该列设为文本后照原件重新填写。"
        )
    return read_text(x).lstrip("'‘’`")  # the mark by which a spreadsheet was told that this is text


def whole_number(text: str, digits: int = 18) -> int | None:
    """The number that so many ASCII digits at most write, as forms send keys and counts; None for anything else.

    ``str.isdigit`` says yes to ², ③ and ٣, and ``int`` reads 1_000 and fails on the first two.
    """
    return int(text) if re.fullmatch(rf"[0-9]{{1,{digits}}}", text) else None


def read_date(x: object, *, year: int | None = None) -> date:
    """A day; ``year`` completes one that is written without it (3月5日).

    Numbers are Excel day numbers from 1910 to 2099, or eight digits YYYYMMDD. Day-first and two-digit-year
    forms are refused, as they can be read two ways.
    """
    if isinstance(x, datetime):
        return x.date()
    if isinstance(x, date):
        return x
    text = _plain(x)
    text = re.sub(r"[(（]?(?:星期|周|礼拜)[一二三四五六日天][)）]?", "", text)
    text = re.sub(r"(?<=[\d日号])[\sT]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$", "", _arabic(text).strip())
    compact = re.sub(r"\s", "", text)
    if re.fullmatch(r"\d{8}(?:\.0)?", compact):
        return _day(x, int(compact[:4]), int(compact[4:6]), int(compact[6:8]))
    if re.fullmatch(r"[1-9]\d{3,4}(?:\.\d+)?", compact) and FIRST_SERIAL <= float(compact) < LAST_SERIAL + 1:
        return (_EPOCH + timedelta(days=int(float(compact)))).date()
    if found := re.fullmatch(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})", compact):
        return _day(x, int(found[1]), int(found[3]), int(found[4]))
    if found := re.fullmatch(r"(\d{4})年(\d{1,2})月(\d{1,2})[日号]?", compact):
        return _day(x, int(found[1]), int(found[2]), int(found[3]))
    if found := re.fullmatch(r"(\d{1,2})(?:月|[-/])(\d{1,2})[日号]?", compact):
        if year is None:
            raise ValueError(f"“{_shown(x)}”没有写年份，应写作 2026-03-05。")
        return _day(x, year, int(found[1]), int(found[2]))
    raise ValueError(f"“{_shown(x)}”不能认作日期，应写作 2026-03-05 或 2026年3月5日。")


_FORENOON = {hour: hour for hour in range(13)}
_AFTERNOON = {hour: hour + 12 for hour in range(1, 12)} | {hour: hour for hour in range(12, 24)}
_EVENING = {hour: hour + 12 for hour in range(5, 12)} | {hour: hour for hour in range(17, 24)}
_HOURS = {  # part of the day → hour as written → hour of 24; an hour that is missing can be read two ways
    "": {hour: hour for hour in range(24)},
    "凌晨": {hour: hour for hour in range(7)} | {12: 0},
    "早": _FORENOON,
    "早上": _FORENOON,
    "早晨": _FORENOON,
    "清晨": _FORENOON,
    "上午": _FORENOON,
    "中午": {11: 11, 12: 12, 13: 13, 14: 14, 1: 13, 2: 14},
    "下午": _AFTERNOON,
    "傍晚": _EVENING,
    "晚上": _EVENING,
    "晚": _EVENING,
    "AM": {hour: hour for hour in range(12)} | {12: 0},
    "PM": _AFTERNOON,
}
_PART = re.compile("|".join(sorted(filter(None, _HOURS), key=len, reverse=True)))
_CLOCK = re.compile(r"(\d{1,2})(?::(\d{2})(?::(\d{2}))?|[点时](?:整|钟|(\d{1,2})分?)?)")


def read_time(x: object) -> time:
    """A time of day to the nearest minute (never past 23:59); a number is Excel's fraction of a day.

    A bare hour is of the 24-hour clock. 晚上1点 and 晚上12点 are refused: they may be meant for the next day.
    """
    if isinstance(x, datetime):
        x = x.time()
    if isinstance(x, time):
        return _clock((x.hour * 60 + x.minute) * 60 + x.second + x.microsecond / 1e6)
    if isinstance(x, timedelta) and timedelta(0) <= x < timedelta(days=1):
        return _clock(x.total_seconds())
    text = re.sub(r"\s", "", _plain(x)).upper()
    if re.fullmatch(r"(?:\d+\.\d+(?:E-\d+)?|0)", text) and (0 <= float(text) < 1 or float(text) >= FIRST_SERIAL):
        return _clock(float(text) % 1 * _DAY_MINUTES * 60)
    parts = _PART.findall(text)
    found = _CLOCK.fullmatch(_arabic(_quarters(_PART.sub("", text))))
    if not found or len(parts) > 1:
        raise ValueError(f"“{_shown(x)}”不能认作时间，应写作 8:30 或 下午2:15。")
    part = parts[0] if parts else ""
    hour, minute, second = int(found[1]), int(found[2] or found[4] or 0), int(found[3] or 0)
    if hour not in _HOURS[part] or minute > 59 or second > 59:
        raise ValueError(f"“{_shown(x)}”说不清是几点，请按 24 小时制写，如 8:30、20:15。")
    return _clock((_HOURS[part][hour] * 60 + minute) * 60 + second)


_NOON = time(12)


def read_span(x: object, *, overnight: bool = False) -> tuple[time, time]:
    """Start and end within one day; the end borrows the start's 上午/下午 where it has none of its own.

    With ``overnight`` an end in the morning may follow a start after noon (22:00-6:00): whether service may last into
    the next day is for whoever asks to judge.
    """
    ends = re.split(r"-+|–|—+|−|~|〜|至|到", re.sub(r"\s", "", _plain(x)))
    if len(ends) != 2:
        raise ValueError(f"“{_shown(x)}”不能认作起止时间，应写作 8:30-11:30。")
    first, last = ends
    if re.fullmatch(r"\d{1,2}", _PART.sub("", first)) and re.search(r"[点时]", last):
        first += "点"  # 上午8-11点
    start = read_time(first)
    part = _PART.search(first)
    readings = [part[0] + last, last] if part and not _PART.search(last) else [last]
    for reading in readings:
        try:
            end = read_time(reading)
        except ValueError:
            if reading == last:
                raise
            continue
        if end > start or (overnight and reading == last and end < _NOON <= start):
            return start, end
    raise ValueError(f"“{_shown(x)}”的结束时间不晚于开始时间，请按 24 小时制写，如 9:00-14:00。")


_UNIT_HOUR = r"个?(?:小时|钟头|h|hrs?|hours?)"
_DURATION = re.compile(
    rf"(?:(\d{{1,6}}(?:\.\d+)?){_UNIT_HOUR}(?:零|又)?)?(?:(\d{{1,6}})(?:分钟|分|min|mins|minutes|m))?",
    re.ASCII,
)


def read_minutes(x: object) -> int:
    """Whole minutes from a length of time; a bare number is hours, exactly (0.75 → 45, no floats).

    Hours are kept with two decimals, so up to two decimals stand for the nearest minute, half up
    (0.33 h → 20). With more decimals the figure must be a whole minute as closely as it is written
    (0.333 h → 20; 1.005 h is refused). 2:30 is two hours and thirty minutes.
    """
    if isinstance(x, time):
        x = timedelta(hours=x.hour, minutes=x.minute, seconds=x.second)
    if isinstance(x, timedelta):
        return _whole_minutes(x, Decimal(x.total_seconds()) / 60, _LOOSE_MINUTE)
    text = _arabic(_quarters(re.sub(r"\s", "", _plain(x)).lower()))
    if re.fullmatch(r"\d{1,6}(?:\.\d*)?(?:e-\d{1,3})?|\.\d+", text, re.ASCII):
        return _minutes_of_hours(x, Decimal(text))
    if found := re.fullmatch(r"(\d{1,6}):([0-5]\d)(?::00)?", text, re.ASCII):
        return int(found[1]) * 60 + int(found[2])
    if re.fullmatch(r"半个?(?:小时|钟头)", text):
        return 30
    if found := re.fullmatch(rf"(\d{{1,6}})(?:个半(?:小时|钟头)|{_UNIT_HOUR}半)", text, re.ASCII):
        return int(found[1]) * 60 + 30
    found = _DURATION.fullmatch(text)
    if not found or not text or (found[2] and "." in (found[1] or "")):
        raise ValueError(f"“{_shown(x)}”不能认作时长，应写作 2.5（小时）、2小时30分 或 90分钟。")
    hours = _minutes_of_hours(x, Decimal(found[1])) if found[1] else 0
    return hours + int(found[2] or 0)


_GENDERS = {
    "0": "0 未知 未知的性别",
    "1": "1 男 男性 男士 先生 M MALE",
    "2": "2 女 女性 女士 F FEMALE",
    "9": "9 未说明 未说明的性别",
}
_YES = {*"是有对√✓✔☑YT1", "同意", "YES", "TRUE"}
_NO = {*"否无不×✗✘☐NF0", "没有", "不是", "不同意", "NO", "FALSE"}


def read_gender(x: object) -> str:
    """A GB/T 2261.1 code: 0 unknown, 1 male, 2 female, 9 unstated."""
    word = read_text(x).upper()
    for code, words in _GENDERS.items():
        if word in words.split():
            return code
    raise ValueError(f"“{_shown(x)}”不能认作性别，应写“男”或“女”。")


def read_yes_no(x: object) -> bool:
    """True for 是 and its kin, False for 否 and its kin."""
    word = read_text(x).upper()
    if word in _YES or word in _NO:
        return word in _YES
    raise ValueError(f"“{_shown(x)}”不能认作是或否，应写“是”或“否”。")


def _shown(x: object) -> str:
    """What was read, short enough for a sentence."""
    text = read_text(x).replace("\n", " ")
    return text if len(text) <= 30 else text[:30] + "…"


def _plain(x: object) -> str:
    """Half-width text of a cell; a truth value is no date, time or length."""
    if isinstance(x, bool) or not isinstance(x, (str, int, float, Decimal)):
        return ""
    return half_width(str(x).translate(UNSEEN)).strip()


_NUMERALS = dict(zip("〇零一二两三四五六七八九", "001223456789", strict=True))


def _arabic(text: str) -> str:
    """Chinese numerals up to 九十九, and figures spelt one by one (二〇二六), as Arabic figures."""

    def figures(found: re.Match[str]) -> str:
        spelt = found[0]
        if "十" not in spelt:
            return "".join(_NUMERALS[char] for char in spelt)
        tens, _, ones = spelt.partition("十")
        return (_NUMERALS[tens] if tens else "1") + (_NUMERALS[ones] if ones else "0")

    return re.sub(r"[一二三四五六七八九]?十[一二三四五六七八九]?|[〇零一二两三四五六七八九]+", figures, text)


def _quarters(text: str) -> str:
    """点半, 一刻 and 三刻 spelt in minutes."""
    text = re.sub(r"(?<=[点时])半", "30分", text)
    return re.sub(r"([一1三3])刻(钟?)", lambda found: f"{15 if found[1] in '一1' else 45}分{found[2]}", text)


def _day(x: object, year: int, month: int, day: int) -> date:
    try:
        found = date(year, month, day)
    except ValueError:
        raise ValueError(f"“{_shown(x)}”不是真实的日期，请核对年月日。") from None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"“{_shown(x)}”的年份应在 {FIRST_YEAR} 至 {LAST_YEAR} 之间。")
    return found


def _clock(seconds: float) -> time:
    minutes = min(int(seconds / 60 + 0.5), _DAY_MINUTES - 1)
    return time(minutes // 60, minutes % 60)


def _minutes_of_hours(x: object, hours: Decimal) -> int:
    exponent = hours.as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) else 0
    if decimals <= 2:
        return _whole_minutes(x, hours * 60, Decimal(1))
    return _whole_minutes(x, hours * 60, max(_LOOSE_MINUTE, 30 * Decimal(10) ** -decimals))


def _whole_minutes(x: object, minutes: Decimal, loose: Decimal) -> int:
    whole = minutes.to_integral_value(ROUND_HALF_UP)
    if minutes < 0 or abs(minutes - whole) > loose:
        raise ValueError(f"“{_shown(x)}”折合不成整分钟，请写几小时几分，如 2小时30分。")
    return int(whole)
