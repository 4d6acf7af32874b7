"""兑换条件、转赠、捐赠和受助: what an exchange was judged on, gifts and donations, and grants from a station's pool."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
