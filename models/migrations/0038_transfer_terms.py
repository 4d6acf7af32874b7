"""异地转移: from when on a package is unlocked without the receiver's word, and the policy that says so; and which of the
people who arrive lead others there.

Until now it was fifteen days after the package's term for everybody.
"""

from models.migrations.ddl import run


def up(migrator, db):
    run(db, __file__)
