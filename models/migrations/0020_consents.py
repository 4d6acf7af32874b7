"""知情同意与保存期限: consents by text and version, requests to be erased, what is past its time; and a consent for each day
of agreement that a registration held."""

from datetime import date

from models.migrations.ddl import run

CHILD, ADULT = 14, 18  # years, as on the day of this script
AT_ONCE = 500  # volunteers read at a time
FIRST = "consent@53:2021-11-01"  # the first wording that ships
COLUMNS = (
    "entered_by", "entered_at", "revision", "state", "station_id", "volunteer_id", "kind", "text", "age", "given_by",
    "giver", "relation", "way", "given_on", "witness", "note", "ended_for",
)  # fmt: skip


def up(migrator, db):
    run(db, __file__)
    columns = ", ".join(f'"{name}"' for name in COLUMNS)
    insert = f'INSERT INTO "consent" ({columns}) VALUES ({", ".join([db.param] * len(COLUMNS))})'
    last = 0
    while rows := _some(db, last):
        for row in rows:
            db.execute_sql(insert, _consent(*row))
        last = rows[-1][0]


def _some(db, last):
    return db.execute_sql(
        "SELECT id, station_id, name, guardian_name, birth_date, consent_on, entered_by, entered_at FROM volunteer "
        f"WHERE consent_on IS NOT NULL AND id > {db.param} ORDER BY id LIMIT {AT_ONCE}",
        (last,),
    ).fetchall()


def _consent(key, station, name, guardian, birth, day, entered_by, entered_at):
    birth, day = _date(birth), _date(day)
    age = max(0, day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day)))
    kind = "guardian_child" if age < CHILD else "guardian" if age < ADULT else "registration"
    herself = kind == "registration"
    return (
        entered_by, entered_at, 0, "given", station, key, kind, FIRST, age,
        "self" if herself else "guardian", name if herself else guardian, "", "paper", day, "",
        "由原登记的知情同意日期转入", "",
    )  # fmt: skip


def _date(said):
    return said if isinstance(said, date) else date.fromisoformat(str(said)[:10])
