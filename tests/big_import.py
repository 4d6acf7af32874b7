"""Takes a table of records in, in a process of its own, and says what it took and how much memory: for `test_big_import`
and `bench/bench_import.py`.

    python tests/big_import.py FOLDER ROWS [preview|take|cancel|bare]
"""

import json
import sys
import time
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

import peak
from xlsxwriter import Workbook

from models.activities import Activity
from models.audit import Trail
from models.base import connect, database
from models.fields import keyring
from models.jobs import Cancelled
from models.records import ServiceRecord
from models.schema import upgrade
from models.volunteers import Volunteer
from views.ledgers.sheets import read
from views.ledgers.take_in import opened, preview, take

PEOPLE, DAYS, SLOTS = 2_000, 50, 2  # so many lines of different people, days and times: 200,000 in all
HEADER = ["志愿者编号", "姓名", "活动名称", "服务日期", "开始时间", "结束时间", "服务内容", "服务质量"]
TIMES = [("09:00", "11:00"), ("14:00", "16:30")]


def table(path: Path, rows: int, wrong: int = 0) -> None:
    """A workbook of so many lines; the last ``wrong`` of them end before they begin."""
    with Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("记录")
        sheet.write_row(0, 0, HEADER)
        for n in range(rows):
            person, day, slot = n % PEOPLE, n // PEOPLE % DAYS, n // PEOPLE // DAYS
            start, end = TIMES[slot] if n < rows - wrong else ("11:00", "9点半钟")
            sheet.write_row(
                n + 1,
                0,
                [card(person), name(person), f"第{day}次陪伴", str(on(day)), start, end, "陪伴老人聊天", "优"],
            )


def card(n: int) -> str:
    return f"5301020009{n:05d}"


def name(n: int) -> str:
    return f"志愿{chr(0x4E00 + n)}"


def on(n: int) -> date:
    return date.today() - timedelta(days=3 + n)


def build(folder: Path):
    """The cast, and the people and activities that the table names."""
    from cast import settle

    upgrade()
    cast = settle()
    with database.atomic():
        project = cast.project()
        common = {"entered_at": cast.a.entered_at, "station": cast.a.id}
        for n in range(DAYS):
            Activity.insert(name=f"第{n}次陪伴", day=on(n), place="活动室", lead="赵敏", social_worker="钱进",
                            project=project, state="held", **common).execute()  # fmt: skip
        for n in range(PEOPLE):
            Volunteer.insert(
                name=name(n), card_no=card(n), document_number="110105194912310021", document_index=str(n), gender="1",
                birth_date=date(1980, 1, 1), phone="13812345678", state="registered", **common,
            ).execute()  # fmt: skip
    return cast


def bare(rows: int) -> None:
    """The statements alone: one row inserted so many times, one by one, in one transaction."""
    columns = [f.column_name for f in ServiceRecord._meta.sorted_fields if f.name != "id"]
    said = database.execute_sql(f'SELECT {", ".join(columns)} FROM "service_record" LIMIT 1').fetchone()
    text = f'INSERT INTO "service_record" ({", ".join(columns)}) VALUES ({", ".join("?" * len(columns))})'
    with database.atomic():
        for _ in range(rows):
            database.execute_sql(text, said)


def main(folder: Path, rows: int, what: str = "take") -> None:
    keyring.open(b"a data key for tests, 32 bytes..")
    connect(f"sqlite:///{folder / 'station.db'}")
    database.connect()
    cast, traces = build(folder), Trail.select().count()
    path = folder / "记录.xlsx"
    wrong = 5 if what == "preview" else 0
    table(path, rows, wrong)
    told = {"rows": rows, "before": peak.mib()}
    if what == "bare":
        begun = time.perf_counter()
        list(read(path))
        told["read"] = time.perf_counter() - begun
    begun, words = time.perf_counter(), []

    def progress(done: int, total: int) -> None:
        words.append(done)
        if what == "cancel" and done > rows // 2:
            raise Cancelled

    if what in ("preview", "bare"):
        seen = preview("records", path, cast.recorder, progress=progress)
        told |= {"preview": time.perf_counter() - begun, "seen": seen.counts, "shown": len(seen.lines)}
        told |= {"wrong": sorted(seen.wrong), "previewed": peak.mib()}
    else:
        seen = opened("records", path, cast.recorder)
    begun = time.perf_counter()
    if what in ("take", "cancel", "bare"):
        try:
            told["taken"] = take(seen, cast.recorder, progress=progress).new
        except Cancelled:
            told["taken"] = "cancelled"
        told["take"] = time.perf_counter() - begun
    if what == "bare":
        begun = time.perf_counter()
        bare(rows)
        told["bare"] = time.perf_counter() - begun
    told["traces"] = Trail.select().count() - traces
    told |= {"stored": ServiceRecord.select().count(), "peak": peak.mib(), "words": len(words)}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
