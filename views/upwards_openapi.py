"""The OpenAPI 3.1 document of the platform's interface, made from the declared tables."""

from typing import Any

from rules.upwards import (
    AREA,
    DELETED,
    EXAMPLES,
    FORMAT,
    HOURS,
    KINDS,
    NOT_SENT,
    READS,
    RECORDS_AT_MOST,
    TARGETS,
    VERSION,
    Item,
)
from rules.upwards_checks import CODES, NUMBER, STATION

_PATTERNS = {"hours": HOURS, "area": AREA, "count": "[0-9]{1,6}", "day": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
             "moment": r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}"}  # fmt: skip
JSON = "application/json"
ERRORS = {
    "400": "不是批次，或带了 Cookie", "401": "没有令牌，或令牌不对、已收回", "409": "同一批次号的另一份内容", "413": "一批太大",
    "415": "不是 JSON", "429": "请求太频繁",
}  # fmt: skip


def schema_of(item: Item) -> dict[str, Any]:
    """One column."""
    one: dict[str, Any] = {"type": "string", "maxLength": item.longest}
    if item.codes is not None:
        one = {"type": "string", "enum": list(item.codes)}
    elif item.labels:
        one = {"type": "string", "enum": list(item.labels)}
    elif item.shape in _PATTERNS:
        one |= {"pattern": f"^{_PATTERNS[item.shape]}$", "examples": [EXAMPLES[item.shape]]}
    named = {code: label for code, label in (item.codes or {}).items() if label}
    says = "；".join(filter(None, (item.says, "，".join(f"{code} {label}" for code, label in named.items()))))
    made = {"type": "array", "items": one, "maxItems": 50} if item.many else one
    return {"title": item.label} | ({"description": says} if says else {}) | made


def _kinds() -> dict[str, Any]:
    return {
        kind.name: {
            "type": "object", "title": kind.label, "additionalProperties": False, **_without(kind.name),
            "properties": {item.key: schema_of(item) for item in kind.items},
            "required": [item.key for item in kind.items if item.must],
        }
        for kind in KINDS.values()
    }  # fmt: skip


def _without(kind: str) -> dict[str, str]:
    """Which columns of the national platform do not go up, and why."""
    left_out = "；".join(f"{heading}（{why}）" for heading, why in NOT_SENT.get(kind, {}).items())
    return {"description": f"不报送：{left_out}。"} if left_out else {}


def _objects() -> dict[str, Any]:
    text, digest = {"type": "string"}, {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "data 规范化 JSON（键排序、无空白、UTF-8）的 SHA-256"}
    station = {"type": "string", "pattern": f"^{STATION.pattern}$", "description": "12 位区划代码、连字符、站号"}
    number = {"type": "string", "pattern": f"^{NUMBER.pattern}$"}
    place = {"station": station, "id": {"type": "string", "maxLength": 40}, "digest": digest}
    count = {"type": "integer", "minimum": 0}
    return {
        "Record": {"oneOf": [
            {"type": "object", "required": ["station", "type", "id", "digest", "data"],
             "properties": place | {"type": {"const": name}, "data": {"$ref": f"#/components/schemas/{name}"}}}
            for name in KINDS
        ] + [{"$ref": "#/components/schemas/Deletion"}]},
        "Deletion": {
            "type": "object", "required": ["station", "type", "id", "digest", "deleted", "data"],
            "description": "报送过、现在应删除的记录（本人注销或撤回登记、记录作废或冲正、已转出）。收下后标记为已删除并清空个人信息；"
                           "没有收到过的，同样答复已接收。",
            "properties": place | {
                "type": {"type": "string", "enum": list(KINDS)}, "deleted": {"const": True},
                "digest": {"const": DELETED, "description": "{\"deleted\":true} 的 SHA-256"}, "data": {"type": "object", "maxProperties": 0},
            },
        },
        "Batch": {
            "type": "object", "required": ["format", "version", "batch", "target", "records"],
            "properties": {
                "format": {"const": FORMAT}, "version": {"enum": list(READS), "description": f"新编的批次写 {VERSION}"}, "batch": number, "made_by": text, "made_on": text,
                "target": {"type": "string", "enum": list(TARGETS)}, "counts": {"type": "object"},
                "records": {"type": "array", "minItems": 1, "maxItems": RECORDS_AT_MOST, "items": {"$ref": "#/components/schemas/Record"}},
            },
        },
        "Answer": {
            "type": "object", "required": ["station", "type", "id", "digest", "state"], "additionalProperties": False,
            "properties": {
                "station": station, "type": text, "id": text, "digest": text,
                "state": {"type": "string", "enum": ["accepted", "refused"]},
                "code": {"type": "string", "enum": list(CODES), "description": "，".join(f"{k} {v}" for k, v in CODES.items())},
                "reason": text,
            },
        },
        "Answers": {
            "type": "object", "required": ["batch", "received_at", "counts", "answers"], "additionalProperties": False,
            "properties": {
                "batch": number, "received_at": text,
                "counts": {"type": "object", "required": ["records", "accepted", "refused"], "additionalProperties": False,
                           "properties": {"records": count, "accepted": count, "refused": count}},
                "answers": {"type": "array", "items": {"$ref": "#/components/schemas/Answer"}},
            },
        },
        "Error": {"type": "object", "required": ["code", "message"], "properties": {"code": text, "message": text}},
    }  # fmt: skip


def _answers(*codes: str, more: dict[str, str] | None = None) -> dict[str, Any]:
    said = {code: ERRORS[code] for code in codes} | (more or {})
    found = {"200": {"description": "每条记录的答复", "content": {JSON: {"schema": {"$ref": "#/components/schemas/Answers"}}}}}
    return found | {
        code: {"description": says, "content": {JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}} for code, says in said.items()
    }


def document() -> dict[str, Any]:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "志愿服务数据汇入接口", "version": str(VERSION),
                 "description": "同一批次号、同样的内容再报一次，得到同样的答复；内容不同答 409。每条记录按 (站号, 类型, 记录号, 摘要) 认。"},
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}],
        "paths": {
            "/batches": {"post": {
                "operationId": "send", "summary": "报送一批", "requestBody": {
                    "required": True, "content": {JSON: {"schema": {"$ref": "#/components/schemas/Batch"}}}},
                "responses": _answers("400", "401", "409", "413", "415", "429"),
            }},
            "/batches/{batch}": {"get": {
                "operationId": "answers", "summary": "查一批的答复",
                "parameters": [{"name": "batch", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": _answers("400", "401", "429", more={"404": "没有收到过"}),
            }},
            "/openapi.json": {"get": {
                "operationId": "document", "summary": "本文档", "security": [],
                "responses": {"200": {"description": "OpenAPI", "content": {JSON: {"schema": {"type": "object"}}}}},
            }},
        },
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}, "schemas": _objects() | _kinds()},
    }  # fmt: skip
