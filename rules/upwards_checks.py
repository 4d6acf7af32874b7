"""What a platform asks of a batch and of each record in it: the same rules on the sending and on the receiving side."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from rules.findings import errors
from rules.identity import DocumentType, check_document, facts, normalise
from rules.upwards import (
    DELETED,
    EXAMPLES,
    FORMAT,
    KINDS,
    READS,
    RECORDS_AT_MOST,
    SHAPES,
    TARGETS,
    VERSION,
    Item,
    digest,
)

NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,59}")
STATION = re.compile(r"[0-9]{12}-[0-9]{1,10}")
CODES = {
    "missing": "缺少必填内容", "format": "格式不对", "code": "代码或名称不在表内", "document": "证件号不对",
    "gender": "性别与证件不符", "hours": "时长或起止时间不对", "overlap": "与另一条记录时间重叠", "duplicate": "重复登记",
    "reference": "所指的志愿者没有接收", "station": "不是本单位的记录", "digest": "摘要与内容不符", "type": "没有这种记录",
    "repeated": "同一批里出现两次", "unknown": "有不认识的栏目",
}  # fmt: skip


ITEMS = {kind.name: {item.key: item for item in kind.items} for kind in KINDS.values()}  # once, not a record
PATTERNS = {shape: re.compile(pattern, re.ASCII) for shape, pattern in SHAPES.items()}


@dataclass(frozen=True)
class Fault:
    """Why a record is refused: a code for programs, a sentence for people."""

    code: str
    says: str


class Malformed(Exception):
    """No batch at all: a code and a sentence."""

    def __init__(self, code: str, says: str) -> None:
        super().__init__(says)
        self.code, self.says = code, says


def read_batch(said: Any) -> list[dict[str, Any]]:
    """The records of a batch. Raises ``Malformed`` where its envelope does not hold."""
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise Malformed("malformed", f"这不是汇入批次：「format」应是 {FORMAT}。")
    if said.get("version") not in READS:
        raise Malformed("version", f"批次的格式版本应是 {VERSION}，请升级后重新编批。")
    if not isinstance(said.get("batch"), str) or not NUMBER.fullmatch(said["batch"]):
        raise Malformed("malformed", "缺少批次号「batch」，或含有不允许的字符（字母、数字和连字符，最长 60）。")
    if not isinstance(said.get("target"), str) or said["target"] not in TARGETS:
        raise Malformed("malformed", f"「target」应是 {'、'.join(TARGETS)} 之一。")
    records = said.get("records")
    if not isinstance(records, list) or not records:
        raise Malformed("malformed", "「records」应是记录的列表，至少一条。")
    if len(records) > RECORDS_AT_MOST:
        raise Malformed("too_many", f"一批最多 {RECORDS_AT_MOST:,} 条，这一批有 {len(records):,} 条，请分批。")
    for at, one in enumerate(records, 1):
        texts = isinstance(one, dict) and all(isinstance(one.get(k), str) for k in ("station", "type", "id", "digest"))
        if not texts or not isinstance(one.get("data"), dict) or len(one["id"]) > 40 or len(one["digest"]) > 64:
            raise Malformed("malformed", f"第 {at} 条记录应有 station、type、id、digest（文字）和 data。")
        if "deleted" in one and (one["deleted"] is not True or one["data"]):
            raise Malformed("malformed", f"第 {at} 条记录要删除的，「deleted」应是 true，「data」应是空的 {{}}。")
        if not STATION.fullmatch(one["station"]) or len(one["type"]) > 20:
            raise Malformed("malformed", f"第 {at} 条记录的「station」应是 12 位区划代码、连字符和站号。")
    return records


def check_record(one: Mapping[str, Any], today: date, now: datetime) -> Fault | None:
    """Why this record is refused as it stands, or None. What other records say is not asked here."""
    if one["type"] not in KINDS:
        return Fault("type", f"没有「{one['type']}」这种记录。")
    if (DELETED if one.get("deleted") else digest(one["data"])) != one["digest"]:
        return Fault("digest", "摘要与内容不符，文件可能被改动。")
    return None if one.get("deleted") else check_data(one["type"], one["data"], today, now)


def check_data(kind: str, data: Mapping[str, Any], today: date, now: datetime) -> Fault | None:
    """Why this content is refused, or None."""
    items = ITEMS[kind]
    if unknown := sorted(data.keys() - items.keys()):
        return Fault("unknown", f"有不认识的栏目「{'、'.join(unknown)[:60]}」。")
    for key, item in items.items():
        value = data.get(key)
        if value in (None, "", []):
            if item.must:
                return Fault("missing", f"缺少「{item.label}」。")
        elif fault := _misfit(item, value):
            return fault
    beside = {"volunteer": _volunteer, "service": _service, "project": _project}.get(kind)
    return beside(data, today, now) if beside else None


def _misfit(item: Item, value: Any) -> Fault | None:
    if item.many:
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            return Fault("format", f"「{item.label}」应是文字的列表。")
    elif not isinstance(value, str):
        return Fault("format", f"「{item.label}」应是文字。")
    values = value if item.many else (value,)
    if len(values) > 50:
        return Fault("format", f"「{item.label}」太多。")
    for one in values:
        if len(one) > item.longest:
            return Fault("format", f"「{item.label}」最长 {item.longest} 字，现在 {len(one)} 字。")
        if item.codes is not None and one not in item.codes:
            return Fault("code", f"「{item.label}」没有代码「{one[:20]}」。")
        if item.labels and one not in item.labels:
            return Fault("code", f"「{item.label}」没有「{one[:20]}」这一项。")
        if item.shape in PATTERNS and not PATTERNS[item.shape].fullmatch(one):
            return Fault("format", f"「{item.label}」应写作 {EXAMPLES[item.shape]}，现在是「{one[:30]}」。")
        if item.shape in ("day", "moment") and _moment(one) is None:
            return Fault("format", f"「{item.label}」没有「{one[:30]}」这一天或时刻。")
    return None


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _volunteer(data: Mapping[str, Any], today: date, now: datetime) -> Fault | None:
    kind = next(one for one in DocumentType if one.label == data["document_type"])
    number = normalise(data["document_number"])
    if wrong := errors(check_document(kind, number, today)):
        return Fault("document", wrong[0].says)
    told = facts(kind, number)
    if told and told.gender != data["gender"]:
        return Fault("gender", "「性别」与证件号不符。")
    if told and told.birth_date.isoformat() != data["birth_date"]:
        return Fault("document", "「出生日期」与证件号不符。")
    return None


def _project(data: Mapping[str, Any], today: date, now: datetime) -> Fault | None:
    return Fault("format", "「结束日期」早于「开始日期」。") if data["ends_on"] < data["starts_on"] else None


def _service(data: Mapping[str, Any], today: date, now: datetime) -> Fault | None:
    start, end = datetime.fromisoformat(data["started_at"]), datetime.fromisoformat(data["ended_at"])
    minutes, hours = (end - start).total_seconds() / 60, float(data["hours"])
    if minutes <= 0:
        return Fault("hours", "「结束时间」不晚于「开始时间」。")
    if start.date() != end.date():
        return Fault("hours", "起止时间跨越零点，平台不收，请按日分成两条。")
    if end > now:
        return Fault("hours", "「结束时间」还没有到。")
    if hours <= 0:
        return Fault("hours", "「服务时长」应大于 0。")
    if hours * 60 > minutes + 0.3:  # half of the last decimal
        return Fault("hours", f"「服务时长」{data['hours']} 小时超过起止时间的长度。")
    return None
