"""工作站建设、典型宣传: the checklist, duties, supports, self-checks, spot-checks; stories, meetings, follow-ups."""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
