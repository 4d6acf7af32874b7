"""志愿者登记 in: people of the own station by their document; new ones wait for the head's review."""

import re
from collections.abc import Callable, Container
from typing import Any

from models import registration
from models.hours import Balance
from models.stations import Division
from models.vocabulary import choices
from models.volunteers import DOCUMENTS, Volunteer
from rules.divisions import subtree
from rules.findings import Finding
from rules.identity import mask, mask_address, mask_phone, normalise
from rules.reading import read_date, read_digits, read_gender, read_text
from rules.service_grid import read_service_grid
from views.ledgers import marked
from views.ledgers.incoming import CHANGED, NEW, SAME, Incoming, Kind, Line, Preview, Reading

_DOCUMENT_WORDS = {label: code for code, label in DOCUMENTS} | {
    "身份证": "resident_id", "二代身份证": "resident_id", "港澳通行证": "hk_macau_permit", "回乡证": "hk_macau_permit",
    "台胞证": "taiwan_permit", "居住证": "hmt_residence", "永久居留证": "permanent_residence", "护照": "passport_cn",
}  # fmt: skip


def _document(cell: Any, header: str, reading: Reading) -> str:
    text = re.sub(r"\s", "", read_text(cell))
    if text not in _DOCUMENT_WORDS:
        raise ValueError(f"没有“{text[:20]}”这种证件，可填{'、'.join(label for _, label in DOCUMENTS)}。")
    return _DOCUMENT_WORDS[text]


def _plain(read: Callable[[Any], Any]) -> Callable[[Any, str, Reading], Any]:
    return lambda cell, header, reading: read(cell)


def _word(kind: str) -> dict[str, Any]:
    """Reader and drop-down of one word of a vocabulary."""
    return {
        "read": lambda cell, header, reading: reading.words(kind).read_one(cell),
        "choices": lambda: [name for _, name in choices(kind)],
    }


def _several(kind: str) -> dict[str, Any]:
    return {"read": lambda cell, header, reading: reading.words(kind).read_many(cell)}


def _column(name: str, words: str = "", **more: Any) -> Incoming:
    return Incoming(name, Volunteer.label(name), words, **more)


def _number(cell: Any) -> str:
    return normalise(read_digits(cell))


def _hours(cell: Any) -> str:
    """As the ledger shows it; whatever else stands there was edited."""
    return f"{cell:.2f}" if isinstance(cell, int | float) else read_text(cell)


COLUMNS = (
    _column("name", "志愿者姓名 名字 志愿者 人员姓名 真实姓名", needed=True, example="李明", width=10),
    _column("document_type", "证件类别 证件种类", read=_document, example="居民身份证", width=18,
            choices=lambda: [label for _, label in DOCUMENTS]),
    _column("document_number", "身份证号 身份证号码 证件号 身份证 身份证件号码 公民身份号码 证件编号", needed=True,
            read=_plain(_number), example="530102199003071094", width=22, mask=mask),
    _column("gender", "", read=_plain(read_gender), width=6, choices=lambda: ["男", "女"]),
    _column("birth_date", "出生年月日 出生年月 生日 出生", read=_plain(read_date), width=12),
    _column("phone", "联系方式 手机 手机号 手机号码 电话 电话号码 移动电话 联系号码", needed=True,
            read=_plain(_number), example="13812345678", width=14, mask=mask_phone),
    _column("residence", "居住社区 所属社区 所在社区 社区", width=16),
    _column("address", "住址 地址 居住地址 家庭住址 家庭地址 现住址 通讯地址 详细住址", width=28, example="文林街12号", mask=mask_address),
    _column("ethnicity", "", width=8, **_word("ethnicity")),
    _column("politics", "政治身份", width=12, **_word("politics")),
    _column("education", "文化程度 学历层次 受教育程度", width=12, **_word("education")),
    _column("occupation", "职业 从业状况 就业情况 工作状态", width=12, **_word("occupation")),
    _column("skills", "技能 专业技能 特长技能 服务技能特长", width=20, example="理发、家电维修", **_several("skill")),
    _column("speciality", "特长 爱好特长", width=16),
    _column("categories", "服务意向 志愿服务类别 服务类型 意向服务类别 服务领域", width=20, **_several("category")),
    _column("service_times", "可服务时间 服务时间段 空闲时间 方便时间", read=_plain(lambda cell: read_service_grid(read_text(cell))),
            width=22, example="周六全天、周日上午"),
    _column("national_no", "全国志愿者编号 国家平台编号 志愿者证号", width=18),
    _column("guardian_name", "监护人姓名 家长 家长姓名", width=10),
    _column("guardian_phone", "监护人联系电话 监护人手机 家长电话", read=_plain(_number), width=14,
            mask=mask_phone),
    _column("consent_on", "同意日期 知情同意 签字日期", read=_plain(read_date), width=12),
    _column("card_no", fixed=True),
    _column("registered_on", read=_plain(read_date), fixed=True),
    _column("state", fixed=True),
    Incoming("honour", Balance.label("honour"), read=_plain(_hours), fixed=True),
    Incoming("exchangeable", Balance.label("exchangeable"), read=_plain(_hours), fixed=True),
)  # fmt: skip
_FIXED = {column.key for column in COLUMNS if column.fixed}


def _judge(seen: Preview) -> None:
    _settle_residences(seen)
    found = marked.rows_of(seen, Volunteer)
    _settle_marks(seen, found)
    provisional = {one: there.row for one, there in found.items() if there.row.provisional}  # under no document yet
    first = _first_rows(seen, provisional)
    wanted = [
        {key: value for key, value in line.values.items() if key not in _FIXED and (key != "residence" or value)}
        for line in seen.lines
    ]
    own = {n: provisional[line.number] for n, line in enumerate(seen.lines) if line.number in provisional}
    for line, judged in zip(seen.lines, registration.judge(wanted, seen.by, seen.station, own), strict=True):
        earlier = first.get(_document_of(line), line.number)
        if earlier != line.number and line.number not in provisional:
            says = f"与第 {earlier} 行是同一个证件号码，请只留一行。"
            seen.add(line, [Finding("document_number", says)])
        seen.add(line, [*judged.findings, *_overruled(line, judged.row)])
        there = found.get(line.number)
        if there and there.stale and (judged.new or judged.changed):
            seen.add(line, [there.stale])
        line.result = judged
        line.settle(NEW if judged.new else CHANGED if judged.changed else SAME)


def _settle_marks(seen: Preview, found: dict[int, marked.Found]) -> None:
    """Marked lines mean their own row: a document left masked or out is its own, and another one is refused."""
    balances = _balances(sorted({there.row.id for there in found.values()}))
    for line in seen.lines:
        there = found.get(line.number)
        marked.settle_masked(seen, line, there and there.row)
        if there is None:
            continue
        row, values = there.row, line.values
        if "document_number" not in line.unread:
            own = (row.document_type, row.document_number)
            values.setdefault("document_type", row.document_type)
            if (values["document_type"], values.setdefault("document_number", row.document_number)) != own:
                says = f"这一行是{row.name}的，证件号码却不同；证件号码请在志愿者页面更正，另一个人请清空行标识。"
                seen.add(line, [Finding("document_number", says)])
        honour, exchangeable = balances.get(row.id, (0, 0))
        marked.warn_fixed(
            seen, line,
            {"card_no": row.card_no or "", "registered_on": row.registered_on, "state": row.state_label,
             "honour": f"{honour / 60:.2f}", "exchangeable": f"{exchangeable / 60:.2f}"},
        )  # fmt: skip


def _balances(keys: list[int]) -> dict[int, tuple[int, int]]:
    found: dict[int, tuple[int, int]] = {}
    for at in range(0, len(keys), marked.LOOKUP):
        rows = Balance.select(Balance.volunteer, Balance.honour, Balance.exchangeable)
        for key, *said in rows.where(Balance.volunteer.in_(keys[at : at + marked.LOOKUP])).tuples():
            found[key] = (said[0], said[1])
    return found


def _document_of(line: Line) -> tuple[str, str]:
    return line.values.get("document_type", "resident_id"), line.values.get("document_number", "")


def _first_rows(seen: Preview, but: Container[int]) -> dict[tuple[str, str], int]:
    """The first row in which each document stands."""
    first: dict[tuple[str, str], int] = seen.memory.setdefault("documents", {})
    for line in seen.lines:
        if line.values.get("document_number") and line.number not in but:
            first.setdefault(_document_of(line), line.number)
    return first


def _overruled(line: Line, row: Volunteer) -> list[Finding]:
    """Where the sheet says otherwise than the document's number, the number holds; the desk should know."""
    return [
        Finding(name, f"与证件号码不一致，以证件号码为准（{shown}）。", warning=True)
        for name, shown in (("gender", "男" if row.gender == "1" else "女"), ("birth_date", str(row.birth_date)))
        if line.values.get(name) and line.values[name] != getattr(row, name)
    ]


def _settle_residences(seen: Preview) -> None:
    """Communities by code or by name within the station's prefecture; a name that two bear must be told apart."""
    said = {line.values["residence"] for line in seen.lines if line.values.get("residence")}
    if not said:
        return
    low, high = subtree(str(seen.station.division_id)[:4])
    found: dict[str, list[str]] = {}
    rows = Division.select(Division.code, Division.name).where(Division.code >= low, Division.code < high).tuples()
    for code, name in rows:
        found.setdefault(name, []).append(code)
        found[code] = [code]
    for line in seen.lines:
        text = line.values.get("residence")
        if not text:
            continue
        codes = found.get(text) or found.get(f"{text}社区") or []
        if len(codes) == 1:
            line.values["residence"] = codes[0]
            continue
        del line.values["residence"]
        says = (
            f"叫“{text}”的有 {len(codes)} 处，请填区划代码：{'、'.join(codes[:5])}。" if codes
            else f"没有找到“{text[:20]}”，请填社区全称或区划代码；详细地址请写在「住址」列。"
        )  # fmt: skip
        seen.add(line, [Finding("residence", says)])
        line.unread.add("residence")


def _take(seen: Preview) -> None:
    for line in seen.lines:
        line.result.store(seen.by)


VOLUNTEERS = Kind(
    "volunteers", "志愿者登记", "volunteers", COLUMNS, (("name",), ("document_number",), ("phone",)), _judge, _take
)
