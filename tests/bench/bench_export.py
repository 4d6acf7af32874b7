"""Export of the records ledger against a bare XlsxWriter loop that writes the same cells; peak memory at two sizes.

    python tests/bench/bench_export.py [ROWS]        100,000 where none is given

Each run is a process of its own, so that peak memory is its own; the two kinds take turns, and medians are compared.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

RUNS, SMALL = 3, 10_000
PEOPLE = 5_000
ALLOWED = 1.3  # times the bare loop


def build(folder: Path, rows: int) -> None:
    """A station with so many records of `PEOPLE` people in 400 activities, filled by plain bulk inserts."""
    from fixtures.vocabularies import terms
    from models.activities import Activity
    from models.base import database
    from models.projects import Project
    from models.records import ServiceRecord
    from models.schema import upgrade
    from models.scope import SYSTEM
    from models.stations import Division, Station
    from models.vocabulary import Term
    from models.volunteers import Volunteer

    open_database(folder)
    upgrade()
    for code, name in [("53", "云南省"), ("5301", "昆明市"), ("530102", "五华区"), ("530102001", "华山街道"),
                       ("530102001001", "文林社区")]:  # fmt: skip
        Division.enter(SYSTEM, code=code, name=name)
    station = Station.enter(SYSTEM, division="530102001001", name="文林社区学雷锋志愿服务工作站", head_name="张站长")
    at, day = datetime(2026, 1, 2, 9), datetime(2020, 1, 1)
    common = {"entered_at": at, "station": station.id}
    with database.atomic():
        for term in terms():
            Term.insert(kind=term.kind, code=term.code, name=term.name, entered_at=at).execute()
        project = Project.insert(name="爱心陪伴空巢老人", category="01", starts_on=day, ends_on=day, headcount=20,
                                 state="published", **common).execute()  # fmt: skip
        for n in range(400):
            Activity.insert(name=f"第{n}次上门陪伴", day=day, place="文林社区活动室", lead="赵敏", social_worker="钱进",
                            project=project, state="held", **common).execute()  # fmt: skip
        for n in range(PEOPLE):
            Volunteer.insert(
                name=f"志愿者{chr(0x4E00 + n)}", card_no=f"5301020001{n:05d}", document_number="110105194912310021",
                document_index=str(n), gender="1", birth_date=day, phone="13812345678", state="registered", **common
            ).execute()  # fmt: skip
    columns = [
        "station", "volunteer", "activity", "started_at", "ended_at", "travel_minutes", "minutes", "content", "quality",
        "remark", "origin", "backfilled", "policy", "state", "entered_at", "revision", "returned_for",
    ]  # fmt: skip
    names = [ServiceRecord._meta.fields[c].column_name for c in columns]
    sql = f"INSERT INTO service_record ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
    connection = database.connection()
    connection.execute("BEGIN")
    connection.executemany(sql, (
        (station.id, n % PEOPLE + 1, n % 400 + 1, str(start := day + timedelta(minutes=n * 3)),
         str(start + timedelta(minutes=60 + n % 180)), n % 30, 60 + n % 180 - n % 30, f"陪伴老人聊天、打扫房间、代买药品 {n}",
         str(n % 4 + 1), "", "desk", 0, "counting 53 2012-10-23", "posted", str(at + timedelta(seconds=n)), 0, "")
        for n in range(rows)
    ))  # fmt: skip
    connection.execute("COMMIT")
    database.close()


def open_database(folder: Path) -> None:
    from models.base import connect, database
    from models.fields import keyring

    keyring.open(b"a data key for benches 32 bytes.")
    connect(f"sqlite:///{folder / 'station.db'}")
    database.connect()


def ours(folder: Path) -> float:
    from models.scope import SYSTEM
    from views.ledgers import out

    start = time.perf_counter()
    out.write("records", folder / "ours.xlsx", SYSTEM)
    return time.perf_counter() - start


def bare(folder: Path) -> float:
    """Only writing and closing are timed; what each cell holds is read and worked out with the watch stopped."""
    from xlsxwriter import Workbook

    from models.scope import SYSTEM
    from views.ledgers.catalogue import LEDGERS
    from views.ledgers.cells import cell_of
    from views.ledgers.rows import Asked

    ledger = LEDGERS["records"]
    cells = [cell_of(column, ledger, clear=False) for column in ledger.columns]
    start = time.perf_counter()
    book = Workbook(folder / "bare.xlsx", {"constant_memory": True})
    sheet = book.add_worksheet()
    shapes = [book.add_format({"num_format": cell.number_format or "General"}) for cell in cells]
    plain, at = book.add_format(), 0
    taken = time.perf_counter() - start
    for rows in Asked.of(ledger, SYSTEM, None, (None, None), None).chunks():
        ready = [
            [(n, c.convert(v) if c.convert else v, f) for n, (v, c, f) in enumerate(zip(row, cells, shapes, strict=False), 1)
             if v is not None and v != ""] + [(len(cells) + 1, row[-1], plain)]
            for row in rows
        ]  # fmt: skip
        start = time.perf_counter()
        for row in ready:
            sheet.write_number(at, 0, at, plain)
            for column, value, shape in row:
                if isinstance(value, str):
                    sheet.write_string(at, column, value, shape)
                else:
                    sheet.write_number(at, column, value, shape)
            at += 1
        taken += time.perf_counter() - start
    start = time.perf_counter()
    book.close()
    return taken + time.perf_counter() - start


def run(kind: str, folder: Path) -> dict:
    """One run in a process of its own: seconds, and peak memory in MiB."""
    said = subprocess.run(
        [sys.executable, __file__, kind, str(folder)], check=True, capture_output=True, text=True
    )  # fmt: skip
    return json.loads(said.stdout)


def measure(rows: int) -> dict:
    """Medians over interleaved runs of each kind at this size; a million rows take minutes and are run once."""
    runs = RUNS if rows < 500_000 else 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(folder, rows)
        found: dict[str, list[dict]] = {"ours": [], "bare": []}
        for _ in range(runs):
            for kind in found:
                found[kind].append(run(kind, folder))
    median = {kind: statistics.median(r["seconds"] for r in results) for kind, results in found.items()}
    memory = {kind: max(r["peak"] for r in results) for kind, results in found.items()}
    return {
        "rows": rows, **median, "ratio": median["ours"] / median["bare"], "peak": memory["ours"],
        "speed": rows / median["ours"], "memory": memory["ours"] / memory["bare"],
    }  # fmt: skip


def main(rows: int) -> int:
    results = [measure(SMALL), measure(rows)]
    for result in results:
        sys.stdout.write(
            "{rows:>9,} rows: {ours:7.2f} s ({speed:,.0f} rows/s), bare XlsxWriter {bare:7.2f} s, ratio {ratio:.2f}, "
            "peak {peak:.0f} MiB, {memory:.2f} of bare\n".format(
                **result
            )
        )
    return 0 if results[-1]["ratio"] <= ALLOWED else 1


if __name__ == "__main__":
    asked = sys.argv[1] if len(sys.argv) > 1 else "100000"
    if asked in ("ours", "bare"):
        place = Path(sys.argv[2])
        import peak

        open_database(place)
        seconds = {"ours": ours, "bare": bare}[asked](place)
        sys.stdout.write(json.dumps({
            "seconds": seconds, "peak": peak.mib(),
        }))  # fmt: skip
    else:
        sys.exit(main(int(asked)))
