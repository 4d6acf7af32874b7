"""A province's database in our own schema, filled in bulk and kept, for the benches: stations of unequal size, people
with common names and valid documents, records keyed month by month. The same seed makes the same rows.
"""

import hashlib
import random
from bisect import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

from fixtures.divisions import divisions
from fixtures.vocabularies import terms
from models.activities import Activity
from models.base import BaseModel, connect, database, on_postgres
from models.clock import Setting
from models.fields import keyring
from models.hours import Balance
from models.notices import Notice
from models.people import Account, set_password
from models.projects import Project
from models.records import ServiceRecord
from models.schema import MIGRATIONS, upgrade
from models.scope import SYSTEM
from models.stations import Division, Station
from models.vocabulary import Term
from models.volunteers import Volunteer
from rules.access import Role
from rules.divisions import level, parent
from rules.identity import make_resident_id

KEY = b"a data key for benches, 32 bytes"
PASSWORD = "only ever in a bench database"
START, DAYS = date(2021, 1, 1), 1800
PROJECTS, ACTIVITIES = 5, 100  # of each station
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂华文建国玉春红志海云飞雪梅林晨宇欣怡佳浩然子轩"
_COMMON = list(accumulate(1 / (n + 3) for n in range(len(SURNAMES))))  # the first few name half the country
# What share of the records is in each state, in thousandths; the newest are those still under way.
STATES = [("posted", 960), ("noticed", 15), ("submitted", 10), ("draft", 10), ("returned", 3), ("void", 2)]


@dataclass(frozen=True)
class Size:
    stations: int
    volunteers: int
    records: int

    def __str__(self) -> str:
        return f"{self.stations}-{self.volunteers}-{self.records}"


FULL = Size(200, 100_000, 1_000_000)
SMALL = Size(20, 20_000, 60_000)  # every page that is measured is full in both


def ready(url: str, size: Size) -> None:
    """Connect to the database, filled to this size; one that is filled already is taken as it is."""
    keyring.open(KEY)
    connect(url)
    made = f"{size} {_schema()}"
    with database.connection_context():
        kept = Setting.read("bench") if Setting.table_exists() else None
    if kept == made:
        return
    print(f"filling {size.records:,} records, once", flush=True)
    _empty(url)  # what an older schema or an interrupted run left
    with database.connection_context():
        upgrade()
        _fill(size)
        Setting.write("bench", made)


def _schema() -> str:
    """A short digest of all that makes the tables what they are."""
    scripts = sorted(path for path in MIGRATIONS.iterdir() if path.is_file())
    return hashlib.sha256(b"".join(script.read_bytes() for script in scripts)).hexdigest()[:12]


def _empty(url: str) -> None:
    if on_postgres():
        with database.connection_context():
            database.execute_sql("DROP SCHEMA public CASCADE")
            database.execute_sql("CREATE SCHEMA public")
    else:
        path = Path(url.removeprefix("sqlite:///"))
        for end in ("", "-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)


def document(n: int) -> str:
    """The identity number of the volunteer with this id: synthetic, valid, nobody else's."""
    return make_resident_id("530102", date(1950, 1, 1) + timedelta(days=n // 999 * 7), n % 999 + 1)


def _fill(size: Size) -> None:
    chance = random.Random(20121023)
    now = datetime(2026, 1, 5, 9)
    people = _homes(size, chance)
    _load(Term, (
        {"id": n, "kind": t.kind, "code": t.code, "name": t.name, "national_code": t.national_code, "position": t.order,
         "sensitive": t.sensitive, "active": True, "entered_at": now, "revision": 0}
        for n, t in enumerate(terms(), 1)
    ))  # fmt: skip
    _load(Division, _divisions(size, now))
    _load(Station, (
        {"id": n, "division": f"{_county(n)}001001", "name": f"第{n}社区学雷锋志愿服务工作站", "head_name": "张站长",
         "contact_name": "", "address": "", "phone": "", "opening": "", "active": True, "next_card": 1,
         "entered_at": now, "revision": 0}
        for n in range(1, size.stations + 1)
    ))  # fmt: skip
    _load(Project, (
        {"id": n + 1, "station": n // PROJECTS + 1, "name": f"爱心陪伴之{n % PROJECTS + 1}", "category": "01",
         "recipients": ["01"], "starts_on": START, "ends_on": START + timedelta(days=DAYS), "place": "", "headcount": 20,
         "posts": "", "conditions": "", "risks": "", "guarantees": "", "details": "", "state": "published",
         "entered_at": now, "revision": 1}
        for n in range(size.stations * PROJECTS)
    ))  # fmt: skip
    _load(Activity, (
        {"id": n + 1, "station": n // ACTIVITIES + 1, "project": n // ACTIVITIES * PROJECTS + n % PROJECTS + 1,
         "name": f"上门陪伴第{n % ACTIVITIES + 1}次", "day": _day(n % ACTIVITIES, ACTIVITIES), "place": "社区活动室",
         "lead": "赵敏", "social_worker": "钱进", "content": "", "state": "held", "entered_at": now, "revision": 1}
        for n in range(size.stations * ACTIVITIES)
    ))  # fmt: skip
    _load(Volunteer, _volunteers(people, chance, now))
    _load(Balance, (
        {"volunteer": n, "honour": 1200, "exchangeable": 600, "debt": 0} for n in range(1, size.volunteers + 1)
    ))  # fmt: skip
    _load(Notice, (
        {"id": n, "station": n, "kind": "records", "title": "服务记录公示", "opens_on": date(2025, 12, 1),
         "closes_on": date(2099, 1, 1), "working_days": 3, "state": "open", "policy": "", "entered_at": now, "revision": 0}
        for n in range(1, size.stations + 1)
    ))  # fmt: skip
    ServiceRecord._schema.drop_indexes()  # made at the end they cost a fraction of row by row
    _load(ServiceRecord, _records(size, people, chance))
    ServiceRecord._schema.create_indexes()
    _count_keys_on()
    for username, role, where in [
        ("recorder", Role.RECORDER, {"station": 1}), ("head", Role.HEAD, {"station": 1}),
        ("county", Role.SUPERVISOR, {"division": _county(1)}), ("province", Role.SUPERVISOR, {"division": "53"}),
    ]:  # fmt: skip
        more = {"station": None, "division": None} | where
        account = Account.enter(SYSTEM, username=username, name=username, role=role.value, active=True, **more)
        set_password(account, PASSWORD, SYSTEM)


def _homes(size: Size, chance: random.Random) -> list[list[int]]:
    """The volunteers of each station: a few large stations, many small ones, none empty."""
    shares = list(accumulate(1 / (n + 5) for n in range(size.stations)))
    homes: list[list[int]] = [[n + 1] for n in range(size.stations)]
    for volunteer in range(size.stations + 1, size.volunteers + 1):
        homes[bisect(shares, chance.random() * shares[-1])].append(volunteer)
    return homes


_COUNTIES = [code for code, _name in divisions() if len(code) == 6]


def _county(station: int) -> str:
    return _COUNTIES[(station - 1) % len(_COUNTIES)]


def _divisions(size: Size, now: datetime) -> Iterator[dict[str, Any]]:
    named = list(divisions())
    for county in {_county(n): None for n in range(1, size.stations + 1)}:
        named += [(f"{county}001", "城关街道"), (f"{county}001001", "城关社区")]
    for code, name in named:
        yield {"code": code, "name": name, "level": level(code), "parent": parent(code), "active": True,
               "entered_at": now, "revision": 0}  # fmt: skip


def _volunteers(homes: list[list[int]], chance: random.Random, now: datetime) -> Iterator[dict[str, Any]]:
    address = keyring.seal("昆明市五华区文林街 1 号", Volunteer.address.place)
    for number, home in enumerate(homes, 1):
        for n in home:
            digits = document(n)
            given = chance.choice(GIVEN) + (chance.choice(GIVEN) if chance.random() < 0.7 else "")
            yield {
                "id": n, "station": number, "card_no": f"{_county(number)}{number:04d}{n:06d}",
                "name": chance.choices(SURNAMES, cum_weights=_COMMON)[0] + given, "document_type": "resident_id", "document_number": digits,
                "document_index": keyring.index(digits), "gender": str(2 - int(digits[16]) % 2),
                "birth_date": date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14])), "phone": f"138{n:08d}",
                "residence": None, "address": address, "ethnicity": "", "politics": "", "education": "",
                "occupation": "", "skills": chance.sample(("01", "02", "03", "04"), 2), "speciality": "",
                "categories": ["01"], "service_times": ["01", "02"], "national_no": "", "guardian_name": "",
                "registered_on": START + timedelta(days=chance.randrange(DAYS)), "refused_for": "",
                "state": "registered" if chance.random() < 0.99 else "applied", "entered_at": now, "revision": 1,
            }  # fmt: skip


def _records(size: Size, homes: list[list[int]], chance: random.Random) -> Iterator[dict[str, Any]]:
    homes_by_share = [(number, home) for number, home in enumerate(homes, 1) for _ in range(max(1, len(home) // 50))]
    names, shares = [s for s, _ in STATES], list(accumulate(share for _, share in STATES))
    for n in range(1, size.records + 1):
        station, home = chance.choice(homes_by_share)
        occasion = min(ACTIVITIES - 1, max(0, n * ACTIVITIES // size.records + chance.randrange(-2, 3)))
        start = datetime.combine(_day(occasion, ACTIVITIES), time(8)) + timedelta(minutes=chance.randrange(0, 480, 5))
        minutes = chance.randrange(30, 240, 5)
        state = names[bisect(shares, chance.randrange(1000))] if n > size.records // 2 else "posted"
        yield {
            "id": n, "station": station, "volunteer": chance.choice(home), "activity": (station - 1) * ACTIVITIES + occasion + 1,
            "sheet": None, "started_at": start, "ended_at": start + timedelta(minutes=minutes), "travel_minutes": 0,
            "minutes": minutes, "content": "陪伴老人聊天、打扫房间", "quality": str(chance.randrange(1, 4)), "remark": "",
            "origin": "desk", "backfilled": chance.random() < 0.05, "notice": station if state == "noticed" else None,
            "policy": "counting 53 2012-10-23", "returned_for": "", "state": state, "entered_by": None,
            "entered_at": start + timedelta(days=1), "revision": 3,
        }  # fmt: skip


def _day(n: int, of: int) -> date:
    return START + timedelta(days=n * DAYS // of)


def _load(model: type[BaseModel], rows: Iterable[dict[str, Any]]) -> None:
    """Rows as the table keeps them, past the moves: a bench only reads."""
    fields = model._meta.sorted_fields
    table, columns = model._meta.table_name, ", ".join(f'"{f.column_name}"' for f in fields)
    blank = {f.name: f.default() if callable(f.default) else f.default for f in fields}
    values = (tuple(_kept(f, (blank | row)[f.name]) for f in fields) for row in rows)
    with database.atomic():
        cursor = database.cursor()
        if on_postgres():
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as out:
                for one in values:
                    out.write_row(one)
        else:
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' * len(fields))})", values)


def _kept(field, value: Any) -> Any:
    if isinstance(value, str) and value.startswith("2:"):
        return value  # sealed once for all
    value = field.db_value(value)
    return str(value) if isinstance(value, date | datetime) else value


def _count_keys_on() -> None:
    """PostgreSQL's sequences do not know of the ids that were copied in, nor its planner of the rows."""
    if on_postgres():
        for table in ("term", "station", "project", "activity", "volunteer", "notice", "service_record"):
            database.execute_sql(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
            )
