"""物资出入库: the book of the shelves; what lies on each today is its first move."""

from models import clock
from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
    mark, now = db.param, clock.now()
    db.execute_sql(
        'INSERT INTO "stock_move" ("entered_at", "revision", "station_id", "item_id", "day", "kind", "source", '
        '"change", "remains", "note", "handler") '
        f"""SELECT {mark}, 0, "station_id", "id", {mark}, 'opening', '', "stock", "stock", '', '系统' """
        'FROM "reward_item" WHERE "stock" > 0 ORDER BY "id"',
        (now if mark == "%s" else str(now), now.date() if mark == "%s" else str(now.date())),
    )
