"""A copy is tried in a process of its own: read through, brought to today's schema, its account verified.

Of its own, because the models of this one point at the real database and people are working in it.
"""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models import audit_checks, schema
from models.base import connect, database, on_postgres
from models.copies import figures, first_line
from models.fields import keyring
from models.verifying import verify

ROOT = Path(__file__).parents[1]
FAULTS_SAID = 20


@dataclass(frozen=True)
class Tried:
    """What a copy came to: its figures as it is, the scripts that it then took, why it could not take them, and what
    `verify` says of it; ``broken`` when the file itself does not hold together."""

    figures: dict[str, Any] = field(default_factory=dict)
    applied: list[str] = field(default_factory=list)
    upgrade_fault: str = ""
    faults: list[str] = field(default_factory=list)
    broken: str = ""


def rehearse(url: str, then: dict[str, Any] | None = None) -> Tried:
    """Try the copy at this URL, and change it: it is a scratch place. ``then``, where all went well, is done to it last
    (see `models.restoring.settle`)."""
    asked = {"url": url, "data_keys": [key.hex() for key in keyring.given], "scripts": str(schema.MIGRATIONS), "then": then}
    done = subprocess.run(
        [sys.executable, "-m", "models.rehearsal"], input=json.dumps(asked).encode(), capture_output=True, cwd=ROOT,
        check=False,
    )  # fmt: skip
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        return Tried(broken=said[-1] if said else str(done.returncode))
    return Tried(**json.loads(done.stdout))


def _main(asked: dict[str, Any]) -> dict[str, Any]:
    keyring.open(*map(bytes.fromhex, asked["data_keys"]))
    schema.MIGRATIONS = Path(asked["scripts"])
    connect(asked["url"])
    with database.connection_context():
        if not on_postgres():
            (whole,) = database.execute_sql("PRAGMA integrity_check(1)").fetchone()
            if whole != "ok":
                return {"broken": whole}
        said: dict[str, Any] = {"figures": figures(database.obj)}
        try:
            said["applied"] = schema.upgrade()
        except Exception as error:  # whatever a script stumbles over, it is told in words
            return said | {"upgrade_fault": f"{type(error).__name__}: {first_line(error)}"}
        wrong = [*verify(), *audit_checks.verify()[1]]
        said["faults"] = [f"{fault.where}：{fault.says}" for fault in wrong[:FAULTS_SAID]]
        if asked["then"] is not None:
            from models.restoring import settle

            settle(**asked["then"])
    return said


if __name__ == "__main__":
    json.dump(_main(json.load(sys.stdin)), sys.stdout)
