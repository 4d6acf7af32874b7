"""The audit log in words: what a table, a move, a column and a value are called where people know them.

Needs no request, so that a job's workbook reads as the screen does.
"""

from typing import Any

from flask import current_app, url_for
from markupsafe import Markup, escape

from models.audit import Trail
from models.base import BaseModel
from models.fields import CodesField, SealedField
from models.moves import Staged
from models.schema import TABLES
from models.scope import within
from rules.access import Role
from views import cells
from views.asking import actor, allowed
from views.base import ACTIONS, StageView
from views.wording import worded

# Tables that no screen shows under a name of its own, and pages, which leave a trace under their own name.
UNSCREENED = {
    "setting": "设置",
    "policy_version": "政策版本",
    "holiday": "节假日",
    "chain": "账链",
    "lot": "工时批次",
    "photo": "签到表照片",
    "page": "页面",
    "admin": "首页",
    "exports": "导出",
    "imports": "导入",
    "statistics": "统计",
    "policy": "政策",
    "me": "志愿者本人页面",
}
COLUMNS = {"field": "栏目", "item": "兑换项", "rows": "行数", "new": "新增", "changed": "更改", "same": "相同",
           "quantity": "数量", "minutes": "工时", "renamed": "改名", "refused": "拒绝", "file": "文件",
           "ledger": "台账", "from": "起", "until": "止", "full": "完整号码", "station": "工作站",
           "page": "页面", "method": "方式", "code": "答复", "tried": "想做的", "times": "次数", "period": "期间",
           "filters": "筛选", "address": "网络地址", "browser": "浏览器", "paper": "纸件", "people": "人数", "masked": "已遮盖", "part": "记录本部分",
           "waits_until": "须等到", "left": "剩余"}  # fmt: skip
METHODS = {"GET": "打开", "POST": "提交"}
ANSWERS = {403: "不在职责内", 404: "没有这一条，或不在范围内", 302: "退回", 200: "退回"}


def role(name: str) -> str:
    """The role's name as everywhere else."""
    return worded(Role(name).label) if name in set(Role) else name


def models() -> dict[str, type[BaseModel]]:
    """Table name -> model."""
    return {model._meta.table_name: model for model in TABLES}


def tables() -> dict[str, str]:
    """Table -> what its screen is called; an export or import of several tables goes by its resource."""
    named = {screen.model._meta.table_name: screen.title for screen in _screens(StageView) if screen.title}
    resources = {m.resource: named[t] for t, m in models().items() if m.resource and t in named}
    return {table: worded(label) for table, label in (UNSCREENED | resources | named).items()}


def _screens(base: type[StageView]) -> list[type[StageView]]:
    return [one for screen in base.__subclasses__() for one in (screen, *_screens(screen)) if hasattr(one, "model")]


def action(table: str, name: str) -> str:
    """What the move is called in its own stage."""
    model = models().get(table)
    if model and issubclass(model, Staged):
        for move in model.life.moves:
            if move.name == name:
                return worded(move.label)
    return worded(ACTIONS.get(name, name))


def actions() -> dict[str, str]:
    """Action -> its words in every stage that has it."""
    said: dict[str, list[str]] = {name: [label] for name, label in ACTIONS.items()}
    for model in TABLES:
        if issubclass(model, Staged):
            for move in model.life.moves:
                labels = said.setdefault(move.name, [])
                if move.label not in labels:
                    labels.append(move.label)
    return {name: worded("、").join(map(worded, labels)) for name, labels in said.items()}


def changes(row: Trail) -> list[tuple[str, str, str]]:
    """(column, before, after) for each value that the trace holds."""
    before, after = row.before or {}, row.after or {}
    model = models().get(row.table)
    found = []
    for name in dict.fromkeys([*before, *after]):
        old, new = _value(model, name, before.get(name)), _value(model, name, after.get(name))
        if old or new:
            found.append((_label(model, name), old, new))
    return found


def _label(model: type[BaseModel] | None, name: str) -> str:
    if model and name in model._meta.fields:
        return model.label(name)
    return COLUMNS.get(name, name)


def _value(model: type[BaseModel] | None, name: str, value: Any) -> str | Markup:
    field = model._meta.fields.get(name) if model else None
    if value is None or value == "" or isinstance(field, SealedField):
        return escape(value or "")
    if model is None or name not in model._meta.fields:
        if name == "tried":
            return escape(action(model._meta.table_name if model else "", value))
        if name in ("method", "code"):
            return escape(worded((METHODS | ANSWERS).get(value, str(value))))
    if name == "state" and model and issubclass(model, Staged):
        return escape(worded(model.life.state(value).label))
    if name == "field" and model and value in model._meta.fields:
        return escape(worded(model.label(value)))
    if isinstance(value, list) and not hasattr(field, "kind"):
        return escape("、".join(map(str, value)))
    if isinstance(value, dict):
        return escape("；".join(f"{key} {one}" for key, one in value.items()))
    if isinstance(field, CodesField) and isinstance(value, str):
        value = value.split()  # as a table that was taken in had it
    try:
        return escape(cells.text(field, name, value))
    except ValueError:  # a code that there is no longer: the log must open all the same
        return escape(str(value))


def row_url(row: Trail) -> str:
    """The page of the row that was touched, where there is one that this person may open."""
    model = models().get(row.table)
    if model is None or not model.resource:
        return ""
    route = f"{model.resource}.details_view"
    if route not in current_app.view_functions or not allowed("see", model.resource):
        return ""
    key = model._meta.primary_key
    try:
        wanted = key.adapt(row.row)
    except (TypeError, ValueError):
        return ""
    return url_for(route, id=wanted) if model.select().where(key == wanted, within(model, actor())).exists() else ""
