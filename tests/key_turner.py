"""Seals everything anew in a process of its own, and says how far it is: started by `test_keys`, to be killed."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from models import keys
from models.base import connect, database
from models.fields import keyring

if __name__ == "__main__":
    url, *given = sys.argv[1:]
    keyring.open(*map(bytes.fromhex, given))
    connect(url)
    database.connect()
    keys.BATCH = 2
    keys.rotate(lambda name, done, rows: (sys.stdout.write(f"{name} {done} {rows}\n"), sys.stdout.flush()))
    sys.stdout.write("done\n")
