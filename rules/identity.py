"""Who a person is: identity documents, names, telephones, and how each is masked in public.

Registration asks for name, gender, age, identity number and contact (方案 二(2)); the law calls the
whole 个人基本信息 (民政部令第67号 第五条). A check returns findings; none here reads a clock.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from stdnum.iso7064 import mod_11_2

from rules.findings import Finding
from rules.reading import UNSEEN, half_width

MALE, FEMALE = "1", "2"  # GB/T 2261.1; "0" is unknown, "9" unstated
NAME_LIMIT = 50  # characters
OLDEST = 120  # years; beyond this a birth date is worth a second look

_DIGITS_18 = re.compile(r"[0-9]{17}[0-9X]")
_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+)?E\+[0-9]+")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"(0(?:10|2[0-9]|[3-9][0-9]{2}))-?([2-9][0-9]{6,7})([-转][0-9]{1,6})?")


class DocumentType(StrEnum):
    """The documents a volunteer may register with; uniqueness is (type, number)."""

    RESIDENT_ID = "resident_id"
    HK_MACAU_PERMIT = "hk_macau_permit"
    TAIWAN_PERMIT = "taiwan_permit"
    HMT_RESIDENCE = "hmt_residence"
    PERMANENT_RESIDENCE = "permanent_residence"
    PASSPORT_CN = "passport_cn"
    PASSPORT_FOREIGN = "passport_foreign"

    @property
    def label(self) -> str:
        """The document's Chinese name."""
        return _SHAPES[self][0]


# label, pattern, and the pattern in words
_SHAPES: dict[DocumentType, tuple[str, str, str]] = {
    DocumentType.RESIDENT_ID: (
        "居民身份证",
        r"[1-8][0-9]{16}[0-9X]",
        "18 位：前 17 位是数字且首位不为 0，末位是数字或 X",
    ),
    DocumentType.HK_MACAU_PERMIT: (
        "港澳居民来往内地通行证",
        r"[HM][0-9]{8}(?:[0-9]{2})?",
        "H 或 M 加 8 位数字（旧本式证件加 10 位数字）",
    ),
    DocumentType.TAIWAN_PERMIT: (
        "台湾居民来往大陆通行证",
        r"[0-9]{8}|[0-9]{10}[A-Z]?",
        "8 位数字（旧证为 10 位数字，末尾可带一个字母）",
    ),
    DocumentType.HMT_RESIDENCE: (
        "港澳台居民居住证",
        r"8[123]0000[0-9]{11}[0-9X]",
        "18 位，以 810000、820000 或 830000 开头，末位是数字或 X",
    ),
    DocumentType.PERMANENT_RESIDENCE: (
        "外国人永久居留身份证",
        r"9[0-9]{16}[0-9X]|[A-Z]{3}[0-9]{12}",
        "以 9 开头的 18 位号码（旧证为 3 个字母加 12 位数字）",
    ),
    DocumentType.PASSPORT_CN: (
        "中国护照",
        r"[A-Z][0-9]{8}|[A-Z]{2}[0-9]{7}",
        "9 位：E 加 8 位数字，或 E 加一个字母加 7 位数字",
    ),
    DocumentType.PASSPORT_FOREIGN: ("外国护照", r"[0-9A-Z]{5,17}", "5 至 17 位字母或数字"),
}
_PASSPORTS_KNOWN = re.compile(r"[EGKH][0-9]{8}|(?:E[A-Z]|KJ|MA)[0-9]{7}")
_EIGHTEEN = (DocumentType.RESIDENT_ID, DocumentType.HMT_RESIDENCE, DocumentType.PERMANENT_RESIDENCE)


@dataclass(frozen=True)
class Facts:
    """What an 18-digit number says of its holder; ``gender`` is a GB/T 2261.1 code."""

    birth_date: date
    gender: str


def normalise(number: str) -> str:
    """The number as it is stored: half-width, upper case, no spaces and nothing invisible."""
    return "".join(half_width(number).translate(UNSEEN).split()).upper()


def check_document(kind: DocumentType, number: str, today: date, where: str = "document_number") -> list[Finding]:
    """What is wrong with a document's number; empty when it may be stored.

    Checked are shape, birth date and check digit (GB 11643-1999; ISO 7064 MOD 11-2). The first six digits
    are never compared with a table of counties: a retired code is valid for its holder's life.
    """
    number = normalise(number)
    label, shape, right = _SHAPES[kind]
    if not number:
        return [Finding(where, f"还没有填写证件号码，请照{label}填写。")]
    if _SCIENTIFIC.fullmatch(number):
        return [Finding(where, "号码被表格软件改成了科学计数法，末几位已经丢失；请把该列设为文本后重新填写。")]
    if kind is DocumentType.RESIDENT_ID and re.fullmatch(r"[0-9]{15}", number):
        return [Finding(where, "15 位身份证号码已停止使用，请填写现行居民身份证上的 18 位号码。")]
    if kind in _EIGHTEEN and _DIGITS_18.fullmatch(number) and (other := _kind_by_prefix(number)) is not kind:
        return [Finding(where, f"这是{other.label}的号码，证件类型应选“{other.label}”，不是“{label}”。")]
    if not re.fullmatch(shape, number):
        return [Finding(where, f"{label}号码的写法不对（现为 {len(number)} 位），应为{right}。")]
    if kind in _EIGHTEEN and len(number) == 18:
        return _check_birth(number, today, where) + _check_digit(number, where)
    if kind is DocumentType.PASSPORT_CN and not _PASSPORTS_KNOWN.fullmatch(number):
        return [Finding(where, "护照号码的字头不常见，普通护照应以 E 开头，请对照证件再核对一次。", True)]
    return []


def facts(kind: DocumentType, number: str) -> Facts | None:
    """Birth date and gender from an 18-digit number; None for other forms and for numbers that are wrong."""
    number = normalise(number)
    if kind not in _EIGHTEEN or not _DIGITS_18.fullmatch(number) or _kind_by_prefix(number) is not kind:
        return None
    birth = _birth(number)
    if birth is None or _check_digit(number, ""):
        return None
    return Facts(birth, MALE if int(number[16]) % 2 else FEMALE)


def tells_birth(kind: DocumentType, number: str) -> bool:
    """Whether a right number of this document says birth date and gender, so that nobody need be asked for them."""
    if kind is DocumentType.PERMANENT_RESIDENCE:
        return normalise(number)[:1].isdigit()  # the old card's letters say neither
    return kind in _EIGHTEEN


def age_on(birth: date, day: date) -> int:
    """Full years (周岁) on that day; someone born on 29 February turns a year older on 1 March.

    Raises ValueError when the day is before the birth.
    """
    if day < birth:
        raise ValueError(f"{day} is before the birth on {birth}")
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def make_resident_id(area6: str, birth: date, sequence: int) -> str:
    """A well-formed synthetic number for fixtures and tests; an odd ``sequence`` (0–999) is a man."""
    if not re.fullmatch(r"[0-9]{6}", area6) or not 0 <= sequence <= 999:
        raise ValueError(f"six digits and a sequence of 0 to 999 are needed: {area6!r}, {sequence}")
    body = f"{area6}{birth:%Y%m%d}{sequence:03d}"
    return body + mod_11_2.calc_check_digit(body)


def check_phone(phone: str, where: str = "phone") -> list[Finding]:
    """A mainland mobile number, or a land line with its area code."""
    number = normalise_phone(phone)
    if _MOBILE.fullmatch(number) or _LANDLINE.fullmatch(number):
        return []
    if not number:
        return [Finding(where, "还没有填写电话，请填写 11 位手机号码或带区号的座机号码。")]
    if re.fullmatch(r"[2-9][0-9]{6,7}", number):
        return [Finding(where, "座机号码缺少区号，应写作 0871-65123456 的样子。")]
    if re.fullmatch(r"1[0-9]*", number) and len(number) != 11:
        return [Finding(where, f"手机号码应为 11 位数字，现为 {len(number)} 位。")]
    return [Finding(where, "电话号码的写法不对，应为 1 开头的 11 位手机号码，或 0871-65123456 这样带区号的座机。")]


def normalise_phone(phone: str) -> str:
    """The telephone as it is stored: 13812345678, or 0871-65123456; what is neither comes back half-width."""
    number = re.sub(r"[–—−]", "-", normalise(phone))
    bare = re.sub(r"^(?:\+|00)?86(?=1[0-9]{10}$)", "", number.replace("-", ""))
    if _MOBILE.fullmatch(bare):
        return bare
    line = _LANDLINE.fullmatch(re.sub(r"^\((0[0-9]{2,3})\)", r"\1", number))
    return f"{line[1]}-{line[2]}{line[3] or ''}" if line else number


def check_name(name: str, where: str = "name") -> list[Finding]:
    """A personal name of 1 to 50 characters: rare characters and ``·`` are welcome, digits and marks not.

    Characters that newer Unicode versions added for names (planes 2 and 3) pass even where this Python
    does not know them yet; a private-use character passes with a warning, as other machines cannot show it.
    """
    if not name.strip():
        return [Finding(where, "还没有填写姓名。")]
    if len(name) > NAME_LIMIT:
        return [Finding(where, f"姓名最多 {NAME_LIMIT} 个字，现为 {len(name)} 个字。")]
    if any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in name):
        return [Finding(where, "姓名里夹有看不见的字符（多半是复制带来的），请删去后重新键入。")]
    if re.search(r"[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4}", name):
        return [Finding(where, "姓名里有几个叠在一起的附加符号，请照证件填写。")]
    if any(unicodedata.category(char) in ("Nd", "No") for char in name):
        return [Finding(where, "姓名里不应有数字，请照证件填写。")]
    han = r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
    if re.search(r"[•・‧⋅∙．･]", name) or re.search(rf"{han}\.|\.{han}", name):
        return [Finding(where, "姓名中的间隔号应写作“·”。")]
    if re.search(r"^·|·$|··", name):
        return [Finding(where, "间隔号“·”应在两段姓名之间，且只写一个。")]
    if name != name.strip() or re.search(rf"(?<={han})\s+(?={han})", name):
        return [Finding(where, "姓名前后和汉字之间不应有空格，请删去空格。")]
    strange = sorted({char for char in name if not _belongs_in_name(char)})
    if strange:
        return [Finding(where, f"姓名里不应有“{''.join(strange)}”，请照证件填写。")]
    if not any(_is_letter(char) for char in name):
        return [Finding(where, "姓名里没有字，请照证件填写。")]
    if any(unicodedata.category(char) == "Co" for char in name):
        return [Finding(where, "姓名里有自造字，换一台机器可能显示不出，请尽量改用国标字。", warning=True)]
    return []


def mask(number: str) -> str:
    """A document's number for display: characters 7–15 of an 18-digit one, as the national system masks.

    Any other number keeps at most two characters at either end.
    """
    if len(number) == 18:
        return number[:6] + "*" * 9 + number[15:]
    ends = min(2, (len(number) - 1) // 3) if number else 0
    return number[:ends] + "*" * (len(number) - 2 * ends) + number[len(number) - ends :]


def mask_name(name: str) -> str:
    """A name for public lists: 张*, 张*丰, 欧**娜, 阿***·**提; separators stay, a lone one is hidden."""
    if len(name) <= 2:
        return name[0] + "*" if len(name) == 2 else "*" * len(name)
    middle = "".join(char if char in "· -" else "*" for char in name[1:-1])
    return name[0] + middle + name[-1]


def mask_phone(phone: str) -> str:
    """138****5678; a land line keeps its area code and last two digits; anything else only the last two."""
    number = normalise_phone(phone)
    if _MOBILE.fullmatch(number):
        return f"{number[:3]}****{number[-4:]}"
    if line := _LANDLINE.fullmatch(number):
        return f"{line[1]}-{'*' * (len(line[2]) - 2)}{line[2][-2:]}"
    shown = 2 if len(number) > 5 else 0
    return "*" * (len(number) - shown) + number[len(number) - shown :]


_DISTRICT = re.compile(
    r"(?:[^\d\s市县区路街号栋]{2,7}?(?:省|自治区))?"
    r"(?:[^\d\s县区路街号栋]{2,12}?(?:自治州|地区|州|市(?!场)))?"
    r"(?:[^\d\s路街号栋]{1,14}?(?:县(?!城)|市(?!场)|(?<![小社园])区))?"
    r"(?:[^\d\s路号栋]{1,10}?(?:街道|镇|乡))?"
)


def mask_address(address: str) -> str:
    """The address down to its street office or town; road, house and room become four stars."""
    text = address.strip()
    found = _DISTRICT.match(text)
    shown = found[0] if found else ""
    return shown + ("****" if len(shown) < len(text) else "")


def _kind_by_prefix(number: str) -> DocumentType:
    if number.startswith("9"):
        return DocumentType.PERMANENT_RESIDENCE
    if number[:6] in ("810000", "820000", "830000"):
        return DocumentType.HMT_RESIDENCE
    return DocumentType.RESIDENT_ID


def _birth(number: str) -> date | None:
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def _check_birth(number: str, today: date, where: str) -> list[Finding]:
    birth = _birth(number)
    if birth is None:
        return [Finding(where, "号码第 7 至 14 位应是出生年月日，现在不是真实的日期，请对照证件核对。")]
    if birth > today:
        return [Finding(where, "号码里的出生日期晚于今天，请对照证件核对第 7 至 14 位。")]
    if age_on(birth, today) > OLDEST:
        return [Finding(where, f"按号码推算年龄超过 {OLDEST} 岁，请对照证件核对第 7 至 10 位。", warning=True)]
    return []


def _check_digit(number: str, where: str) -> list[Finding]:
    """Says what the last character would be, yet sends the reader to every digit: any may be off."""
    right = mod_11_2.calc_check_digit(number[:17])
    if number[17] == right:
        return []
    if number.endswith("000"):
        return [Finding(where, "号码末三位成了 000，多半是表格软件丢了数字；请把该列设为文本后照原件重新填写。")]
    return [Finding(where, f"号码校验不符：照前 17 位末位应为 {right}；请逐位对照证件，错的未必是末位。")]


def _belongs_in_name(char: str) -> bool:
    return _is_letter(char) or unicodedata.category(char)[0] == "M" or char in "· -'’."


def _is_letter(char: str) -> bool:
    category = unicodedata.category(char)
    return category[0] == "L" or category == "Co" or char == "〇" or "\U00020000" <= char <= "\U0003ffff"
