"""How a value reads on a screen: one place for lists and details alike."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlsplit

from flask import g, has_app_context
from markupsafe import Markup, escape
from peewee import BigIntegerField, BooleanField, Field, ForeignKeyField, IntegerField

from models import clock, vocabulary
from models.base import BaseModel
from models.fields import CodeField, CodesField, MoneyField, SealedField, StationsField
from models.private import Private
from models.stations import Station
from rules import identity
from rules.access import STATION_ROLES
from rules.life import Life
from rules.money import show_yuan
from rules.policy import title_of
from rules.service_grid import show_service_grid
from rules.stations import ASPECTS
from rules.topics import TOPICS
from views.asking import actor
from views.wording import worded

HOURS = {
    "team_minutes",
    "member_minutes",
    "promised_minutes",
    "study",
    "minutes",
    "honour",
    "spendable",
    "exchangeable",
    "exchangeable_minutes",
    "debt",
    "left",
    "honour_minutes",
    "left_minutes",
    "taken_back",
    "other_minutes",
    "net_minutes",
}
NUMBERS = {
    "members_now",
    "pairing_count",
    "taken",
    "age",
    "percent",
    "lines",
    "photo_count",
    "accepted",
    "received",
    "offered",
    "waiting",
    "vacant",
    "enrolled",
    "came",
    "trained",
    "share",
    "claimed",
    *(f"aspect_{code}" for code in ASPECTS),
    "served",
}
# Headings of what is worked out from a row rather than kept in it.
DERIVED = {
    "members_now": "在队人数",
    "team_minutes": "服务时长",
    "member_minutes": "为服务队服务时长",
    "pairing_count": "结对中",
    "id": "编号",
    "age": "年龄",
    "percent": "进度",
    "full_name": "全称",
    "spendable": "可用工时",
    "state_label": "状态",
    "lines": "行数",
    "photo_count": "照片",
    "any_number": "证明编号",
    "ends": "结束时间",
    "in_force": "在保",
    "signed_in": "签到",
    "signed_out": "签退",
    "asks": "谁可以享受",
    "taken": "享受人次",
    "enrolled": "报名人数",
    "came": "到场人数",
    "trained": "今年骨干培训",
    "study": "今年学时",
    "owner": "制定单位",
    "accepted": "已录用",
    "offered": "待确认",
    "waiting": "候补",
    "vacant": "空缺",
    "aspect": "方面",
    "share": "已达标",
    "claimed": "待确认",
    "self_check": "本年自查",
    **{f"aspect_{code}": name for code, name in ASPECTS.items()},
    "visited_on": "最近走访",
    "visit_due": "约定走访",
    "served": "服务对象",
    "what": "事项",
    "station_name": "工作站",
    "first_fault": "最先不符的一笔",
    "megabytes": "大小",
    "took": "用时",
    "says": "内容",
    "received": "已接收的记录",
    "gone": "要求删除",
    "next_send": "下次自动报送",
    "hindrance": "不能报送",
}
BY_DAY = {"age", "in_force"}  # worked out for a day
HIDDEN = "＊＊"  # what was told in confidence
MASKS: dict[str, Callable[[str], str]] = {
    "document_number": identity.mask,
    "phone": identity.mask_phone,
    "guardian_phone": identity.mask_phone,
    "address": identity.mask_address,
    "policy_number": identity.mask,
    "contact": identity.mask_phone,  # of whoever objects; mostly a phone number
    "hardship": lambda codes: HIDDEN,
    "note": lambda told: HIDDEN,
    "token": lambda told: HIDDEN,
    "data": lambda told: HIDDEN,
    "document": lambda told: HIDDEN,
    "found": lambda told: HIDDEN,
    "url": lambda url: f"{urlsplit(url).hostname or ''}/{HIDDEN}",  # of a robot: at whose, without its key
    "secret": lambda told: HIDDEN,
    "content": lambda told: HIDDEN,  # a photograph of a sheet
    "code_key": lambda told: HIDDEN,
    "payload": lambda told: HIDDEN,  # a person of a package that came in
    "private": lambda told: HIDDEN,  # a key of the installation's own
}


_kept: ContextVar[dict[str, dict[str, str]]] = ContextVar("terms")


@contextmanager
def keeping_terms() -> Iterator[None]:
    """Where there is no request, each vocabulary is read once inside."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def terms(kind: str) -> dict[str, str]:
    """One vocabulary as code -> name, read once a request, or once a job that keeps them (`keeping_terms`)."""
    kept = g.setdefault("terms", {}) if has_app_context() else _kept.get()
    if kind not in kept:
        kept[kind] = vocabulary.names(kind)
    return kept[kind]


def today() -> date:
    """The day, asked once a request: the demo clock lies in the database, and a list has many ages."""
    if "today" not in g:
        g.today = clock.today()
    return g.today


def stations_named(keys: list[str]) -> list[str]:
    """The stations of a set, by name: one statement, so shown on a detail and not in a list."""
    rows = Station.select().where(Station.id.in_([int(key) for key in keys])).order_by(Station.division)
    return [row.short_name for row in rows]


def follow(model: type[BaseModel], path: str) -> tuple[type[BaseModel], str]:
    """The model and column at the end of a dotted path."""
    *steps, last = path.split(".")
    for step in steps:
        model = model._meta.fields[step].rel_model
    return model, last


def heading(model: type[BaseModel], path: str) -> str:
    """The Chinese heading of a column: its own name, or the key's where it shows the row behind it."""
    end, last = follow(model, path)
    if last in ("name", "full_name", "short_name") and "." in path:
        owner, key = follow(model, path.rsplit(".", 1)[0])
        return owner.label(key)
    own = end._meta.fields.get(last)
    return own.verbose_name if own is not None and own.verbose_name else DERIVED.get(last) or end.label(last)


def is_number(model: type[BaseModel], path: str) -> bool:
    """Whether the column is set right-aligned, in tabular figures."""
    end, last = follow(model, path)
    field = end._meta.fields.get(last)
    if last in HOURS or last in NUMBERS:
        return True
    return isinstance(field, IntegerField | BigIntegerField) and not field.choices


def show(row: Any, path: str) -> str | Markup:
    """The cell's text, escaped; a state as a word on a tint; sensitive values masked."""
    *steps, last = path.split(".")
    for step in steps:
        row = getattr(row, step, None)
        if row is None:
            return ""
    value = getattr(row, last, None)
    if last in HOURS and isinstance(row, BaseModel) and row.undecided:
        return ""
    if callable(value) and not isinstance(value, BaseModel):
        value = value(today()) if last in BY_DAY else value()
    if last == "state" and isinstance(getattr(row, "life", None), Life):
        state = row.life.state(value)
        return Markup('<span class="state {}">{}</span>').format(state.tone.value, worded(state.label))
    told = text(row._meta.fields.get(last), last, value)
    if last == "state" and value in row.tones:
        return Markup('<span class="state {}">{}</span>').format(row.tones[value].value, told)
    return told


def called(row: Any) -> str:
    """What this person calls a row: by the names of the people in it only at its own station."""
    if isinstance(row, Private) and actor().role in STATION_ROLES:
        return row.in_clear()
    return str(row)


def text(field: Field | None, name: str, value: Any) -> str | Markup:
    """A value as a person reads it."""
    if value is None or value == "":
        return ""
    if name == "percent":
        return f"{value}%"
    if name in HOURS:
        return f"{value / 60:.2f}"
    if name in ("policy", "format_policy", "text"):
        return policy_words(value)
    if isinstance(field, SealedField):
        return MASKS[name](value)
    if isinstance(field, CodeField):
        return escape(terms(field.kind).get(value, value))
    if isinstance(field, StationsField):
        return worded("、").join(escape(name) for name in stations_named(value))
    if isinstance(field, CodesField):
        return _codes(field, value)
    if isinstance(field, MoneyField):
        return show_yuan(value)
    if isinstance(field, BooleanField) or isinstance(value, bool):
        return worded("是" if value else "否")
    if field is not None and field.choices:
        label = dict(field.choices).get(value)
        return escape(value if label is None else worded(label))
    if isinstance(field, ForeignKeyField):
        return escape(called(value))
    return escape(_plain(value))


def _codes(field: CodesField, codes: list[str]) -> str:
    if not field.kind:
        return show_service_grid(codes)
    return words_of(field.kind, codes)


def words_of(kind: str, codes: list[str]) -> str:
    """Codes of one vocabulary in words."""
    names = terms(kind)
    return worded("、").join(escape(names.get(code, code)) for code in codes)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return str(value)


def policy_words(key: str) -> str:
    """Which version judged a row, in words: 公示期限（2012-10-23 起）."""
    topic, _, rest = key.partition("@")
    if topic not in TOPICS:
        return key
    # Of what several divisions laid down together, it is the last of their days from which it holds.
    last = max(part.partition(":")[2].replace("-", "") for part in rest.split("+"))[:8]
    day = f"{last[:4]}-{last[4:6]}-{last[6:]}"
    return worded("%(policy)s（%(day)s 起）", policy=worded(title_of(topic)), day=day)
