"""A province for the bench of previews, made inside the database by INSERT … SELECT: the same rows on both databases.

What looks random is arithmetic on the row's number. One record in sixteen lies in the last quarter.
"""

import json
from datetime import date, timedelta
from typing import Any

from fixtures.divisions import divisions
from models import clock
from models.activities import Activity
from models.base import BaseModel, database, on_postgres
from models.clock import Setting
from models.hours import Balance, Entry, Lot
from models.people import Account
from models.policy import PolicyVersion
from models.projects import Project
from models.records import ServiceRecord
from models.rewards import Redemption, RewardItem
from models.schema import upgrade
from models.scope import SYSTEM, Actor
from models.stars import StarGrant
from models.stations import Division, Station
from models.volunteers import Volunteer
from rules.access import Role
from rules.divisions import level, parent

QUARTER = 91  # days
DAYS = 16 * QUARTER  # over which everything is spread
ACTIVITIES = 50  # of each station
COUNTIES = [code for code, _name in divisions() if len(code) == 6]
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴", "伟芳娜秀英敏静丽强磊"


def fill(volunteers: int, records: int, exchanges: int, stations: int) -> Actor:
    """Fill an empty database; a supervisor of the province."""
    upgrade()
    start = clock.today() - timedelta(days=DAYS - 1)
    Setting.write("demo", True)
    _places(stations)
    if on_postgres():
        database.execute_sql("SET session_replication_role = replica")  # no key is looked up ten million times
    heavy = [ServiceRecord, Lot, Entry, Redemption, Volunteer]
    for model in heavy:
        model._schema.drop_indexes()
    _people(volunteers, stations, start)
    _work(volunteers, records, stations, start)
    _account(records)
    _exchanges(exchanges, volunteers, stations, start)
    for model in heavy:
        model._schema.create_indexes()
    if on_postgres():
        database.execute_sql("SET session_replication_role = DEFAULT")
    database.execute_sql("ANALYZE")
    for county, values in ((COUNTIES[0], {"yearly_cap_points": 30}), (COUNTIES[1], {"floor_hours": 20})):
        PolicyVersion.create(topic="exchange", division=county, since=start, source="县文件", values=values)
    account = Account.enter(SYSTEM, username="province", name="省督导", role="supervisor", division="53", active=True)
    return Actor(account.id, "省督导", Role.SUPERVISOR, division="53")


def _places(stations: int) -> None:
    codes = [f"{COUNTIES[n % len(COUNTIES)]}{n // len(COUNTIES) + 1:03d}001" for n in range(stations)]
    named = dict(divisions())
    for code in codes:
        named |= {code[:9]: "城关街道", code: "城关社区"}
    rows = [{"code": code, "name": name, "level": level(code), "parent": parent(code)} for code, name in named.items()]
    with database.atomic():
        for at in range(0, len(rows), 500):
            Division.insert_many(sorted(rows[at : at + 500], key=lambda row: len(row["code"]))).execute()
        for n, code in enumerate(codes, 1):
            Station.insert(id=n, division=code, name=f"城关社区{n}号学雷锋志愿服务工作站", head_name="张站长").execute()


def _people(volunteers: int, stations: int, start: date) -> None:
    surname = f"SUBSTR('{SURNAMES}', CAST(i % 10 AS INTEGER) + 1, 1)"
    given = f"SUBSTR('{GIVEN}', CAST(i / 10 % 10 AS INTEGER) + 1, 1)"
    _insert(
        Volunteer, _numbers(volunteers), id="i", station=_home("i", stations), card_no="'53' || i",
        name=f"{surname} || {given}", document_number="''", document_index="'d' || i", gender="'1'",
        birth_date=_day("i * 37 % 24000", date(1950, 1, 1)), phone="''",
        registered_on=_day(f"i * 7919 % {DAYS}", start), state="CASE WHEN i % 100 = 0 THEN 'applied' ELSE 'registered' END",
        entered_at=_moment("i % 1440", start), guardian_name="'王母'", guardian_phone="'1:'",
    )  # fmt: skip
    _insert(
        Balance, _numbers(volunteers), volunteer="i", honour="i * 7907 % 997 * (i % 13) * 8",
        exchangeable="i * 7901 % 6000", debt="0",
    )  # fmt: skip
    reached = "(SELECT volunteer_id AS v, honour FROM balance WHERE honour >= 6000) AS s"
    star = "CASE WHEN honour >= 90000 THEN 5 WHEN honour >= 60000 THEN 4 WHEN honour >= 36000 THEN 3 WHEN honour >= 18000 THEN 2 ELSE 1 END"
    _insert(
        StarGrant, reached, station=_home("v", stations), volunteer="v", star=star, honour_minutes="honour", why="''",
        policy="'stars@53:2012-10-23'", recognised_by="'county'", recognised_on=_day(f"v % {DAYS}", start),
        state="CASE WHEN v % 10 = 0 THEN 'candidate' ELSE 'recognised' END", entered_at=_moment("0", start),
    )  # fmt: skip


def _work(volunteers: int, records: int, stations: int, start: date) -> None:
    common = {"entered_at": _moment("0", start)}
    _insert(
        Project, _numbers(stations), id="i", station="i", name="'爱心陪伴'", category="'01'",
        starts_on=_day("0", start), ends_on=_day(str(DAYS), start), headcount="20", state="'published'", **common,
    )  # fmt: skip
    _insert(
        Activity, _numbers(stations * ACTIVITIES), id="i", station=f"(i - 1) / {ACTIVITIES} + 1",
        project=f"(i - 1) / {ACTIVITIES} + 1", name="'上门陪伴第' || i || '次'",
        day=_day(f"(i - 1) % {ACTIVITIES} * {DAYS // ACTIVITIES}", start), place="'社区活动室'", lead="'赵敏'",
        state="'held'", **common,
    )  # fmt: skip
    who, at, long = f"(i * 7919 % {volunteers} + 1)", f"(i * 104729 % {DAYS} * 1440 + 480 + i % 96 * 5)", "(30 + i * 31 % 211)"
    occasion = f"({_home(who, stations)} - 1) * {ACTIVITIES} + i * 104729 % {DAYS} * {ACTIVITIES} / {DAYS} + 1"
    _insert(
        ServiceRecord, _numbers(records), id="i", station=_home(who, stations), volunteer=who, activity=occasion,
        started_at=_moment(at, start), ended_at=_moment(f"({at} + {long})", start), travel_minutes="i % 4 * 5",
        minutes=f"{long} - i % 4 * 5", content="'陪伴老人聊天、打扫房间'", quality="'1'",
        remark="CASE WHEN i % 3 = 0 THEN '' ELSE '按时到岗' END", origin="CASE WHEN i % 9 = 0 THEN 'group' ELSE 'desk' END",
        entered_at=_moment(f"({at} + {long} + i % 12 * 1440)", start), policy="'counting@53:2012-10-23'",
        state="CASE i % 50 WHEN 0 THEN 'submitted' WHEN 1 THEN 'noticed' WHEN 2 THEN 'draft' ELSE 'posted' END",
    )  # fmt: skip


def _account(records: int) -> None:
    """A lot of every posted record, half of them spent; honour entries of the last quarter."""
    posted = "(SELECT id AS r, volunteer_id AS v, minutes AS m, started_at AS t, station_id AS p FROM service_record WHERE state = 'posted') AS s"
    day = "CAST(t AS DATE)" if on_postgres() else "SUBSTR(t, 1, 10)"
    _insert(
        Lot, posted, volunteer="v", origin="'desk'", earned_on=day, minutes="m",
        left="CASE WHEN r % 2 = 0 THEN 0 ELSE m END", record="r",
    )  # fmt: skip
    since = f"(SELECT MAX(started_at) FROM service_record WHERE id <= {records})"
    last = f"TIMESTAMP '1970-01-01' + ({since} - TIMESTAMP '1970-01-01') - INTERVAL '{QUARTER} days'" if on_postgres() else f"datetime({since}, '-{QUARTER} days')"
    _insert(
        Entry, posted + f" WHERE t >= {last}", id="r", station="p", seq="r", key="'k' || r", at="t", day=day, kind="'service'",
        debit="'service'", credit="'honour'", volunteer="v", minutes="m", record="r", previous="''", hash="''",
    )  # fmt: skip


def _exchanges(exchanges: int, volunteers: int, stations: int, start: date) -> None:
    _insert(
        RewardItem, _numbers(stations), id="i", station="i", name="'理发'", points="2", entered_at=_moment("0", start)
    )
    who = f"(i * 7919 % {volunteers} + 1)"
    on = f"({DAYS - QUARTER} + i % {QUARTER})"
    kept = json.dumps({
        "kind": "service", "points": 2, "quantity": 1, "day": (start + timedelta(days=DAYS - 1)).isoformat(),
        "balance_minutes": 600, "honour_minutes": 6000, "points_this_year": 0, "star": 0, "age": 40,
        "version": "exchange@53:2012-10-23", "minutes": 120,
    })  # fmt: skip
    _insert(
        Redemption, _numbers(exchanges), id="i", station=_home(who, stations), key="'k' || i", volunteer=who,
        item=_home(who, stations), quantity="1", points="2", minutes="120", left_minutes="i * 31 % 600",
        reserved_on=_day(on, start), entered_at=_moment(f"{on} * 1440 + 600", start), handler="'刘记录'",
        policy="'exchange@53:2012-10-23'", state="CASE WHEN i % 20 = 0 THEN 'cancelled' ELSE 'confirmed' END",
        judged=f"CASE WHEN i % 2 = 0 THEN '{kept}' END",
    )  # fmt: skip


def _home(volunteer: str, stations: int) -> str:
    return f"({volunteer} * 31 % {stations} + 1)"


def _numbers(count: int) -> str:
    """1 … count as ``i``."""
    if on_postgres():
        return f"generate_series(CAST(1 AS BIGINT), {count}) AS s(i)"
    return f"(WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < {count}) SELECT i FROM c) AS s"


def _day(days: str, start: date) -> str:
    if on_postgres():
        return f"(DATE '{start}' + CAST({days} AS INTEGER))"
    return f"date('{start}', '+' || ({days}) || ' days')"


def _moment(minutes: str, start: date) -> str:
    if on_postgres():
        return f"(TIMESTAMP '{start} 00:00:00' + ({minutes}) * INTERVAL '1 minute')"
    return f"datetime('{start}', '+' || ({minutes}) || ' minutes')"


def _insert(model: type[BaseModel], source: str, **values: str) -> None:
    """A row of ``model`` for each of ``source``, columns as SQL; the rest as the model has it."""
    said = {}
    for one in model._meta.sorted_fields:
        if one.name in values:
            said[one.column_name] = values[one.name]
        elif not (one.primary_key and one.name == "id"):
            said[one.column_name] = _blank(one.default() if callable(one.default) else one.default)
    columns = ", ".join(f'"{name}"' for name in said)
    with database.atomic():
        # Past Peewee, which would take a % for a place to fill in.
        database.cursor().execute(f'INSERT INTO "{model._meta.table_name}" ({columns}) SELECT {", ".join(said.values())} FROM {source}')


def _blank(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).upper()
    return str(value) if isinstance(value, int) else f"'{value}'" if isinstance(value, str) else "''"
