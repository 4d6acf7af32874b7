"""组织培训: trainings, attendances, qualifications, backbones and yearly plans; and which attendance an entry comes from."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
