"""A batch upwards as files: JSON for programs, a workbook with the national headings for people; answers likewise."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter

from models.refusals import refuse
from models.upwards import UpwardBatch
from models.upwards_rows import Row
from rules.upwards import BYTES_AT_MOST, FORMAT, KIND_LABELS, KINDS, TARGETS, VERSION, Item, canonical
from rules.upwards_checks import CODES, Malformed
from views.ledgers import archives, sheets
from views.uploads import Kind, Upload

ABOUT, ANSWERS, GONE = "批次", "回执", "删除"
KEYS = ("站号", "记录号", "摘要")
WIDTHS = {"area": 21, "hours": 13, "day": 12, "moment": 17, "count": 11}  # characters; of text by how long it may be
A4 = 9
GONE_HEADINGS = ("站号", "类型", "记录号", "摘要")  # of what went up before and is to be deleted there
ANSWER_HEADINGS = ("站号", "类型", "记录号", "摘要", "结果", "代码", "原因")
RESULTS = {"accepted": "已接收", "refused": "被退回"}
PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "constant_memory": True}


def _look(data: bytes, name: str) -> None:
    if not name.lower().endswith(".json"):
        archives.kind_of(data, name)


UPLOAD = Kind(("json", "xlsx"), BYTES_AT_MOST, _look)


def _width(item: Item) -> int:
    """As wide as its values mostly are, its heading at least."""
    text = 32 if item.longest > 100 or item.many else 21 if item.longest >= 30 else 16
    return max(WIDTHS.get(item.shape, 6 if item.codes and not item.many else text), 2 * len(item.label) + 2)


def _on_paper(sheet: Any, called: str) -> None:
    """Printed, it is as wide as the sheet, with its heading on every page."""
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer(f"&L{called}&R&P / &N")


class BatchFiles:
    """The two files of one batch, written record by record; nothing of it is kept in memory."""

    def __init__(self, folder: Path, batch: UpwardBatch, place: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.batch, self.counts, self._lines = batch, dict.fromkeys(KINDS, 0), dict.fromkeys(KINDS, 0)
        self._json = (folder / f"{batch.number}.json").open("w", encoding="utf-8", newline="\n")
        about = {
            "format": FORMAT, "version": VERSION, "batch": batch.number, "target": batch.target, "made_by": place,
            "made_on": f"{batch.made_at:%Y-%m-%d}",
        }  # fmt: skip
        self._json.write(json.dumps(about, ensure_ascii=False, separators=(",", ":"))[:-1] + ',"records":[')
        self._book = xlsxwriter.Workbook(str(folder / f"{batch.number}.xlsx"), PLAIN)
        self._book.set_properties({"title": batch.number, "created": batch.made_at})
        bold = self._book.add_format({"bold": True, "bg_color": "#eeeeee", "border": 1})
        self._about = self._book.add_worksheet(ABOUT)
        self._about.set_column(0, 1, 30)
        said = [
            ("格式", FORMAT), ("版本", str(VERSION)), ("批次号", batch.number), ("上报到", TARGETS[batch.target]),
            ("编批单位", place), ("编批日期", f"{batch.made_at:%Y-%m-%d}"),
        ]  # fmt: skip
        for at, line in enumerate(said):
            self._about.write_row(at, 0, line)
        self._sheets = {}
        for kind in KINDS.values():
            sheet = self._sheets[kind.name] = self._book.add_worksheet(kind.label)
            sheet.set_column(0, 0, 18)
            sheet.set_column(1, 1, 8)
            sheet.set_column(2, 2, 10, None, {"hidden": True})
            for place, item in enumerate(kind.items, len(KEYS)):
                sheet.set_column(place, place, _width(item))
            sheet.freeze_panes(1, 2)
            _on_paper(sheet, f"{batch.number} {kind.label}")
            sheet.write_row(0, 0, [*KEYS, *(item.label for item in kind.items)], bold)
        self._gone = self._book.add_worksheet(GONE)
        self._gone.set_column(0, 2, 18)
        self._gone.set_column(3, 3, 10, None, {"hidden": True})
        self._gone.freeze_panes(1, 0)
        _on_paper(self._gone, f"{batch.number} {GONE}")
        self._gone.write_row(0, 0, GONE_HEADINGS, bold)
        self._said = len(said)
        self.deleted = 0

    @property
    def records(self) -> int:
        return sum(self.counts.values())

    def add(self, kind: str, row: Row, station: str, digest: str) -> None:
        """One record more."""
        record = {"station": station, "type": kind, "id": str(row.key), "digest": digest, "data": row.data}
        if row.gone:
            record["deleted"] = True
        self._json.write(("," if self.records else "") + "\n" + canonical(record))
        self.counts[kind] += 1
        if row.gone:
            self.deleted += 1
            for place, value in enumerate((station, KIND_LABELS[kind], str(row.key), digest)):
                self._gone.write_string(self.deleted, place, value)
            return
        sheet = self._sheets[kind]
        at = self._lines[kind] = self._lines[kind] + 1
        for place, value in enumerate((station, str(row.key), digest)):
            sheet.write_string(at, place, value)
        for place, item in enumerate(KINDS[kind].items, len(KEYS)):
            if value := row.data.get(item.key):
                sheet.write_string(at, place, "、".join(value) if isinstance(value, list) else value)

    def close(self) -> None:
        """The counts, and the end of both."""
        counts = {kind: count for kind, count in self.counts.items() if count}
        self._json.write("\n" + f'],"counts":{json.dumps(counts, separators=(",", ":"))}}}\n')
        self._json.close()
        lines = [(f"{KIND_LABELS[kind]}条数", str(count)) for kind, count in counts.items()]
        if self.deleted:
            lines.append(("其中删除条数", str(self.deleted)))
        for at, line in enumerate(lines, self._said):
            self._about.write_row(at, 0, line)
        self._book.close()


def read_json(data: bytes) -> Any:
    """JSON of ours or another's. Raises ``Malformed`` where it is none."""
    try:
        return json.loads(data.decode("utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Malformed("malformed", "内容不是 UTF-8 的 JSON，或没有传完整。") from None


def _no_number(word: str) -> None:
    raise ValueError(word)


def read_batch_file(sent: Upload) -> Any:
    """What a batch's file says, in the form of its JSON. Raises ``Malformed`` or ``Refusal``."""
    if sent.name.lower().endswith(".json"):
        return read_json(sent.data)
    found: dict[str, list[list[str]]] = {one.name: [_texts(row) for _, row in one.rows] for one in sheets.read(sent.data, sent.name)}
    about = {row[0]: row[1] for row in found.get(ABOUT, []) if len(row) > 1}
    if about.get("格式") != FORMAT:
        raise Malformed("malformed", f"这不是汇入批次：没有「{ABOUT}」表，或格式不是 {FORMAT}。")
    targets = {label: name for name, label in TARGETS.items()}
    records = [*_deleted(found.get(GONE, [])), *(
        one for kind in KINDS.values() for one in _records(kind.name, found.get(kind.label, []))
    )]  # fmt: skip
    version = about.get("版本", "")
    return {
        "format": FORMAT, "version": int(version) if version.isdecimal() else version, "batch": about.get("批次号", ""),
        "target": targets.get(about.get("上报到", ""), ""), "records": records,
    }  # fmt: skip


def _records(kind: str, rows: list[list[str]]) -> Iterable[dict[str, Any]]:
    if not rows:
        return
    head, items = rows[0], {item.label: item for item in KINDS[kind].items}
    if missing := [name for name in KEYS if name not in head]:
        raise Malformed("malformed", f"「{KIND_LABELS[kind]}」表缺少「{'、'.join(missing)}」列。")
    for row in rows[1:]:
        said = {name: value for name, value in zip(head, row, strict=False) if value}
        data: dict[str, Any] = {}
        for label, value in said.items():
            if label not in KEYS:
                item = items.get(label)
                data[item.key if item else label] = value.split("、") if item and item.many else value
        yield {"station": said.get("站号", ""), "type": kind, "id": said.get("记录号", ""), "digest": said.get("摘要", ""), "data": data}


def _deleted(rows: list[list[str]]) -> Iterable[dict[str, Any]]:
    if not rows:
        return
    kinds = {label: name for name, label in KIND_LABELS.items()}
    if missing := [name for name in GONE_HEADINGS if name not in rows[0]]:
        raise Malformed("malformed", f"「{GONE}」表缺少「{'、'.join(missing)}」列。")
    for row in rows[1:]:
        said = {name: value for name, value in zip(rows[0], row, strict=False) if value}
        yield {"station": said.get("站号", ""), "type": kinds.get(said.get("类型", ""), said.get("类型", "")),
               "id": said.get("记录号", ""), "digest": said.get("摘要", ""), "deleted": True, "data": {}}  # fmt: skip


def _texts(row: list[Any]) -> list[str]:
    return [str(int(cell)) if isinstance(cell, float) and cell == int(cell) else "" if cell is None else str(cell).strip() for cell in row]


def write_answers(to: BinaryIO, said: Mapping[str, Any]) -> None:
    """The answers of a batch as a workbook."""
    with xlsxwriter.Workbook(to, PLAIN) as book:
        sheet = book.add_worksheet(ANSWERS)
        sheet.set_column(0, 6, 18)
        sheet.write_row(0, 0, ANSWER_HEADINGS, book.add_format({"bold": True, "bg_color": "#eeeeee", "border": 1}))
        for at, one in enumerate(said["answers"], 1):
            line = (one["station"], KIND_LABELS.get(one["type"], one["type"]), one["id"], one["digest"], RESULTS[one["state"]],
                    CODES.get(one.get("code", ""), ""), one.get("reason", ""))  # fmt: skip
            for place, value in enumerate(line):
                sheet.write_string(at, place, value)


def read_answers(sent: Upload) -> list[dict[str, str]]:
    """A platform's answers, from JSON or a workbook. Raises ``Refusal`` with what does not fit."""
    if sent.name.lower().endswith(".json"):
        try:
            return answers_of(read_json(sent.data))
        except Malformed as no:
            raise refuse(no.says) from None
    rows = next((one.rows for one in sheets.read(sent.data, sent.name) if one.name == ANSWERS or "结果" in map(str, (one.rows or [(0, [])])[0][1])), [])
    head = _texts(rows[0][1]) if rows else []
    if missing := [name for name in ANSWER_HEADINGS[:5] if name not in head]:
        raise refuse(f"这不是回执：缺少「{'、'.join(missing)}」列。")
    kinds, results = {v: k for k, v in KIND_LABELS.items()}, {v: k for k, v in RESULTS.items()}
    found = []
    for number, row in rows[1:]:
        said = dict(zip(head, _texts(row), strict=False))
        if said["结果"] not in results:
            raise refuse(f"第 {number} 行「结果」应是 {'或'.join(results)}，现在是「{said['结果'][:20]}」。")
        found.append({
            "station": said["站号"], "type": kinds.get(said["类型"], said["类型"]), "id": said["记录号"], "digest": said["摘要"],
            "state": results[said["结果"]], "reason": said.get("原因", ""),
        })  # fmt: skip
    return found


def answers_of(said: Any) -> list[dict[str, str]]:
    """The answers in what a platform sent back. Raises ``Malformed`` where there are none to be found."""
    answers = said.get("answers") if isinstance(said, dict) else None
    fits = isinstance(answers, list) and all(
        isinstance(one, dict) and all(isinstance(one.get(k), str) for k in ("station", "type", "id", "digest", "state")) for one in answers
    )
    if not fits:
        raise Malformed("malformed", "这不是回执：应有「answers」，每条写明 station、type、id、digest 和 state。")
    return list(answers or [])
