"""汇入平台: making batches of changed records and receiving them, against the bare statements on the same rows and, for what is
made, the same two files written bare.

    python tests/bench/bench_upwards.py [RECORDS]        20,000 where none is given

Making reads the people, judges each by the declared rules, and writes two files and a line on each; receiving judges,
seals and keeps. The bare statements read the same people, and write as many rows of the same text, and do nothing else; the bare
files are the cells by XlsxWriter and the records by ``json``, ready in memory. Processor time, so that what else the machine
does weighs on neither side.
"""

import json
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

import xlsxwriter
from upward_records import batch, volunteer

from cast import KEY, settle
from models.base import connect, database
from models.fields import keyring
from models.schema import upgrade
from models.upwards import UpwardRecord
from models.upwards_batches import mark_sent, take_answers
from models.upwards_in import ReceivedBatch, ReceivedRecord, UpwardSender
from models.upwards_receive import receive
from models.volunteers import Volunteer
from rules.upwards import RECORDS_AT_MOST, canonical
from views.upwards_work import make


def people(cast, count: int) -> None:
    """So many volunteers who lack nothing, written as one table is."""
    with database.atomic():
        for first in range(0, count, 500):
            Volunteer.insert_many([_row(cast, n) for n in range(first, min(first + 500, count))]).execute()


def _row(cast, n: int) -> dict:
    said = volunteer(n)["data"]
    return {
        "station": cast.a.id, "state": "registered", "card_no": said["volunteer_no"], "name": said["name"], "gender": "1",
        "document_type": "resident_id", "document_number": said["document_number"], "birth_date": said["birth_date"],
        "document_index": Volunteer.document_index.made(said["document_number"]), "phone": said["phone"], "residence": "530102",
        "speciality": "理发", "categories": ["01"], "service_times": ["01", "02"], "registered_on": date(2024, 1, 2),
    }  # fmt: skip


def timed(work) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def bare(count: int, model, values: tuple) -> float:
    """Reading so many rows of people as the driver gives them, and writing as many of ``values``."""

    def write() -> None:
        columns = ", ".join(f"c{n}" for n in range(len(values)))
        database.execute_sql(f"CREATE TEMP TABLE bare ({columns})")
        with database.atomic():
            for _ in range(0, count, 200):
                row = f"({', '.join('?' * len(values))})"
                database.execute_sql(f"INSERT INTO bare VALUES {', '.join([row] * 200)}", list(values) * 200)

    def read() -> None:
        for _ in database.execute_sql(f"SELECT * FROM {model._meta.table_name}"):
            pass

    took = timed(read) + timed(write)
    database.execute_sql("DROP TABLE bare")
    return took


def bare_files(folder: Path, records: list[dict]) -> float:
    """Writing these records as one workbook and one JSON file, and nothing beside."""

    def write() -> None:
        lines = (folder / "bare.json").open("w", encoding="utf-8")
        with lines, xlsxwriter.Workbook(str(folder / "bare.xlsx"), {"constant_memory": True, "strings_to_urls": False}) as book:
            sheet = book.add_worksheet()
            for at, one in enumerate(records):
                lines.write(json.dumps(one, ensure_ascii=False) + "\n")
                said = [one["station"], one["id"], one["digest"], *one["data"].values()]
                for place, value in enumerate(said):
                    sheet.write_string(at, place, "、".join(value) if isinstance(value, list) else value)

    return timed(write)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        keyring.open(KEY)
        connect(f"sqlite:///{folder / 'bench.db'}")
        with database.connection_context():
            upgrade()
            cast = settle()
            people(cast, count)
            for one in make(cast.head, "provincial", folder):
                mark_sent(one.id, cast.head)
                said = [
                    {"station": f"530102001001-{cast.a.id}", "type": row.kind, "id": str(row.row), "digest": row.sent_digest,
                     "state": "accepted"} for row in UpwardRecord.select().where(UpwardRecord.batch == one.id)
                ]  # fmt: skip
                took = timed(lambda one=one, said=said: take_answers(one.id, said, cast.head))
            print(f"answers: {len(said):,} taken at {len(said) / took:,.0f}/s")
            assert make(cast.head, "provincial", folder) == []
            Volunteer.update(speciality="书法").execute()
            made = []
            making = timed(lambda: made.extend(make(cast.head, "provincial", folder)))
            assert sum(one.records for one in made) == count
            row = UpwardRecord.select().tuples().get()
            stated = bare(count, Volunteer, tuple(str(value) for value in row))
            records = [one for each in made for one in json.loads((folder / f"{each.number}.json").read_text("utf-8"))["records"]]
            files = bare_files(folder, records)
            print(f"made: {count:,} changed records in {len(made)} batches at {count / making:,.0f}/s")
            print(f"making takes {making / (stated + files):.1f} times the bare statements and files ({count / (stated + files):,.0f}/s), "
                  f"{making / stated:.0f} times the bare statements alone ({count / stated:,.0f}/s)")  # fmt: skip

            sender = UpwardSender.enter(cast.admin, name="文林社区工作站", division="530102001001")
            records = [volunteer(n) for n in range(count)]
            batches = [batch(f"x-{at}", records[at : at + RECORDS_AT_MOST]) for at in range(0, count, RECORDS_AT_MOST)]
            taking = timed(lambda: [receive(sender, one, "http") for one in batches])
            assert ReceivedRecord.select().count() == count and not ReceivedBatch.select().where(ReceivedBatch.refused > 0).exists()
            sealed = ReceivedRecord.select(ReceivedRecord.data).limit(1)
            text = database.execute_sql(*sealed.sql()).fetchone()[0]
            stated = bare(count, ReceivedRecord, (1, 1, "530102001001-1", "volunteer", "1", "0" * 64, text, canonical({}), "x" * 40))
            print(f"received: {count:,} records at {count / taking:,.0f}/s")
            print(f"receiving takes {taking / stated:.0f} times the bare statements ({count / stated:,.0f}/s)")


if __name__ == "__main__":
    main()
