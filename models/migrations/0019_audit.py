"""操作日志成链: where a request came from, and a keyed chain through the traces of each station, the older ones linked."""

from peewee import PostgresqlDatabase

from models.audit import GENESIS, HOUSE, TrailKey, digest
from models.migrations.ddl import run

AT_ONCE = 1000  # traces read and linked in one statement: SQLite takes 32,766 values
READ = (
    'SELECT "id", "at", "account", "who", "role", "station", "division", "table_name", "row_key", "action", "reason", '
    '"before", "after" FROM "trail" WHERE "id" > {p} ORDER BY "id" LIMIT {p}'
)
LINK = (
    'UPDATE "trail" SET "chain" = one.column2, "seq" = one.column3, "hash" = one.column4 FROM (VALUES {rows}) AS one '
    'WHERE "trail"."id" = one.column1'
)
ROW = "(CAST({p} AS BIGINT), CAST({p} AS BIGINT), CAST({p} AS BIGINT), CAST({p} AS VARCHAR(64)))"


def up(migrator, db):
    run(db, __file__)
    _let_go(db)
    _link(db)
    db.execute_sql('CREATE UNIQUE INDEX "trail_chain_seq" ON "trail" ("chain", "seq")')


def _let_go(db) -> None:
    """Take the triggers off for once; `models.schema.upgrade` puts them back in the same transaction."""
    if isinstance(db, PostgresqlDatabase):
        db.execute_sql('DROP TRIGGER IF EXISTS trail_append_only ON "trail"')
    else:
        db.execute_sql("DROP TRIGGER IF EXISTS trail_no_update")


def _link(db) -> None:
    """Chain the traces that there are, in the order in which they were written, a page at a time."""
    heads: dict[int, tuple[int, str]] = {}
    last, key = 0, ""
    while True:
        page = db.execute_sql(READ.format(p=db.param), (last, AT_ONCE)).fetchall()
        if not page:
            break
        key = key or TrailKey.made()
        linked: list = []
        for number, *said in page:
            chain = said[4] or HOUSE
            seq, before = heads.get(chain, (0, GENESIS))
            seq += 1
            sealed = digest(key, before, [chain, seq, *said, "", "", ""])
            heads[chain] = (seq, sealed)
            linked += [number, chain, seq, sealed]
        rows = ", ".join([ROW.format(p=db.param)] * len(page))
        db.execute_sql(LINK.format(rows=rows), linked)
        last = page[-1][0]
    for chain, (seq, sealed) in sorted(heads.items()):
        db.execute_sql(
            f'INSERT INTO "trail_head" ("chain", "seq", "hash") VALUES ({db.param}, {db.param}, {db.param})',
            (chain, seq, sealed),
        )
