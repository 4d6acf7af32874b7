"""Policy as TOML files: what is in force or one release written out, each parameter under its label and unit, and a
file read back as the text of a draft."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import tomlkit

from rules.policy import HEADINGS, PROVINCE, Bound, Release, Version, parameters, title_of, unreadable
from rules.policy_office import VALUES, plain, plain_bound
from rules.topics import TOPICS, PolicyError

LARGEST_FILE = 64 * 1024  # bytes; the longest policy is a twentieth of it
DEEPEST = 8  # tables within tables; a policy has four
LARGEST_NUMBER = 10**12


@dataclass(frozen=True)
class Said:
    """What a file lays down, not yet judged by the schema."""

    topic: str
    since: date
    source: str
    values: dict[str, Any]
    bounds: dict[str, Any]


def written(one: Release) -> str:
    """A release as a file: only what it sets itself."""
    return _text(one.topic, one.division, one.since, one.source, one.values, one.bounds)


def in_force(version: Version) -> str:
    """What binds a division, every parameter, as a file."""
    values = {name: getattr(version.rule, name) for name in parameters(TOPICS[version.topic])}
    return _text(version.topic, version.division, version.since, version.source, values, {})


def _text(
    topic: str, division: str, since: date, source: str, values: Mapping[str, Any], bounds: Mapping[str, Bound]
) -> str:
    known = parameters(TOPICS[topic])
    block = tomlkit.table()
    block.add("from", since)
    block.add("source", source)
    if division != PROVINCE:
        block.add("division", division)
    for name, spec in known.items():
        if name in values:
            block.add(tomlkit.nl())
            block.add(tomlkit.comment(_about(spec.metadata)))
            block.add(name, _item(plain(values[name])))
    if bounds:
        said = tomlkit.table()
        for name, bound in bounds.items():
            said.add(name, _item(plain_bound(bound)))
        block.add("bounds", said)
    text = tomlkit.document()
    text.add("title", tomlkit.item(title_of(topic)))
    text.add("topic", tomlkit.item(topic))
    versions = tomlkit.aot()
    versions.append(block)
    text.add("version", versions)
    return tomlkit.dumps(text)


def _about(about: Mapping[str, Any]) -> str:
    unit = f"（{about['unit']}）" if about["unit"] else ""
    says = f"：{about['says']}" if about["says"] else ""
    return f"{about['label']}{unit}{says}"


def _item(value: Any) -> Any:
    """A list of tables a row to a line; everything else as it comes."""
    if isinstance(value, dict):
        row = tomlkit.inline_table()
        row.update(value)
        return row
    if isinstance(value, list) and value and isinstance(value[0], dict):
        rows = tomlkit.array()
        rows.extend(_item(row) for row in value)
        return rows.multiline(True)
    return value


def read(content: bytes) -> Said:
    """What a file of one version says. Raises ``PolicyError`` in Chinese, with the place, for anything that is not one.

    Whether the values follow the schema is judged with the draft.
    """
    if not content.strip():
        raise PolicyError("请先选择要导入的 .toml 文件，不能是空的。")
    if len(content) > LARGEST_FILE:
        raise PolicyError(f"文件太大：最多 {LARGEST_FILE // 1024} KB，现在是 {len(content) // 1024 + 1} KB。")
    try:
        raw = tomllib.loads(content.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError:
        raise PolicyError("文件不是 UTF-8 文字，请另存为 UTF-8 编码的 .toml 再试。") from None
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"文件读不出来：{unreadable(error)}") from None
    except (RecursionError, ValueError):  # brackets without end, or a number of thousands of digits
        raise PolicyError("文件读不出来：括号层数太多，或数字太长。") from None
    if wrong := next(_monstrous(raw), ""):
        raise PolicyError(f"文件读不出来：{wrong}")
    topic = raw.get("topic")
    if not isinstance(topic, str) or topic not in TOPICS:
        raise PolicyError(f"文件开头应写明 topic（哪一项政策），可用的是 {', '.join(TOPICS)}。")
    blocks = raw.get("version")
    if not isinstance(blocks, list) or len(blocks) != 1 or not isinstance(blocks[0], dict):
        raise PolicyError("文件里应有且只有一个 [[version]]；有几个版本的请拆成几个文件。")
    if unknown := sorted(set(raw) - {"title", "topic", "version"}):
        raise PolicyError(f"没有「{unknown[0]}」这一段；参数应写在 [[version]] 下面。")
    block = dict(blocks[0])
    since, source = block.get("from"), block.get("source")
    if type(since) is not date:
        raise PolicyError("version.from：应是日期，例如 from = 2026-03-05。")
    if not isinstance(source, str) or not source.strip():
        raise PolicyError("version.source：应写明依据，例如 source = \"五华区文明办〔2026〕8 号\"。")
    bounds = block.get("bounds", {})
    if not isinstance(bounds, dict):
        raise PolicyError("version.bounds：应是一组参数。")
    return Said(topic, since, source, {k: v for k, v in block.items() if k not in HEADINGS}, bounds)


def _monstrous(raw: Any) -> Iterator[str]:
    """What no policy has and no later check, message or column could bear. Level by level: it may be as deep as it likes."""
    level = [raw]
    for _ in range(DEEPEST):
        inner: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                inner += [*one, *one.values()]
            elif isinstance(one, list):
                inner += one
            elif isinstance(one, int) and abs(one) > LARGEST_NUMBER:
                yield "数字太大。"
            elif isinstance(one, str) and "\x00" in one:
                yield "里面有不能保存的字符。"
        level = inner
    if level:
        yield "层数太多。"


def placed(where: str, says: str) -> str:
    """A finding about a draft with the key of the file that it is about."""
    key = where.removeprefix(VALUES)
    return f"{key}：{says}" if key else says
