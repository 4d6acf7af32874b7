"""操作日志: who did what to which row, when, why, and what changed; all of it in words."""

from typing import Any, ClassVar

from flask import current_app, url_for
from markupsafe import Markup, escape

from models.audit import Trail
from models.base import BaseModel
from models.fields import SealedField
from models.moves import Staged
from models.schema import TABLES
from models.scope import within
from rules.access import Role
from views import cells
from views.asking import actor, allowed
from views.base import ACTIONS, StageView
from views.named import Named
from views.wording import worded

# Tables that no screen shows under a name of its own, and files, which leave a trace under their resource.
UNSCREENED = {
    "setting": "设置",
    "policy_version": "政策版本",
    "holiday": "节假日",
    "chain": "账链",
    "lot": "工时批次",
}
COLUMNS = {"field": "栏目", "item": "兑换项", "rows": "行数", "new": "新增", "changed": "更改", "same": "相同",
           "quantity": "数量", "minutes": "工时", "renamed": "改名", "refused": "拒绝", "file": "文件",
           "ledger": "台账", "from": "起", "until": "止", "full": "完整号码", "station": "工作站"}  # fmt: skip


class AuditScreen(StageView):
    model = Trail
    title = "操作日志"
    step = "政策与设置"
    columns = "at who role action table row reason"
    search = "who row"
    filter_by = "table action role at"
    detail_groups = [("经过", "at who role action table row reason")]
    details_template = "desk/audit.html"
    named: ClassVar[dict[str, Named]] = {
        "reveals": Named("查看敏感信息过多被拦下", Trail.too_many_reveals, "auditor admin")
    }
    empty = "还没有记录。谁登录、录入、办理、导出了什么，都会在这里留下一行。"

    def show(self, row: Any, path: str) -> str:
        if path == "role":
            return escape(worded(Role(row.role).label) if row.role in set(Role) else row.role)
        if path == "table":
            return escape(tables().get(row.table, row.table))
        if path == "action":
            return escape(action(row.table, row.action))
        return cells.show(row, path)

    def choices(self, name: str) -> list[tuple[str, str]]:
        if name == "role":
            return [(r.value, worded(r.label)) for r in Role]
        if name == "table":
            return sorted(tables().items(), key=lambda pair: pair[1])
        if name == "action":
            return sorted(actions().items(), key=lambda pair: pair[1])
        return super().choices(name)

    def more(self, row: Trail) -> dict[str, Any]:
        return {"changes": changes(row), "row_url": row_url(row)}


def models() -> dict[str, type[BaseModel]]:
    """Table name -> model."""
    return {model._meta.table_name: model for model in TABLES}


def tables() -> dict[str, str]:
    """Table -> what its screen is called; an export or import of several tables goes by its resource."""
    named = {
        view.model._meta.table_name: view.title
        for view in current_app.extensions["admin"][0]._views
        if isinstance(view, StageView)
    }
    resources = {m.resource: named[t] for t, m in models().items() if m.resource and t in named}
    return {table: worded(label) for table, label in (UNSCREENED | resources | named).items()}


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
    if name == "state" and model and issubclass(model, Staged):
        return escape(worded(model.life.state(value).label))
    if name == "field" and model and value in model._meta.fields:
        return escape(worded(model.label(value)))
    if isinstance(value, list) and not hasattr(field, "kind"):
        return escape("、".join(map(str, value)))
    if isinstance(value, dict):
        return escape("；".join(f"{key} {one}" for key, one in value.items()))
    return escape(cells.text(field, name, value))


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
