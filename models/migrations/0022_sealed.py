"""走访情况加密: what a visit found is sealed as the other confidences are; what was written in clear is sealed now."""

from models.fields import keyring

STEP = 500  # rows read at once
PLACE = "visit.found"


def up(migrator, db):
    last, mark = 0, db.param
    read = f'SELECT "id", "found" FROM "visit" WHERE "id" > {mark} ORDER BY "id" LIMIT {STEP}'
    while rows := db.execute_sql(read, (last,)).fetchall():
        for key, found in rows:
            if found:
                sealed = keyring.seal(found, PLACE)
                db.execute_sql(f'UPDATE "visit" SET "found" = {mark} WHERE "id" = {mark}', (sealed, key))
        last = rows[-1][0]
