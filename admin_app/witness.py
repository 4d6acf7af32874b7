"""The ends of the audit log's chains, kept outside the database: what is cut off at an end shows by them.

They stand in a file of the instance and, as one digest, in the server's log. ``verify --heads FILE`` holds the log
against a copy kept elsewhere, and writes one.
"""

import hashlib
import json
import logging
from pathlib import Path

from models import audit_checks, clock
from models.audit_checks import Broken, Heads

log = logging.getLogger("station")
NAME = "audit_heads.json"  # in the instance's folder


def read(path: Path) -> Heads:
    """The heads as they were written; none where there is no such file. Raises ``ValueError`` for another kind of file."""
    if not path.exists():
        return {}
    try:
        said = json.loads(path.read_text("utf-8"))
        return {int(chain): (int(seq), str(sealed)) for chain, (seq, sealed) in said.items()}
    except (ValueError, TypeError, AttributeError):
        raise ValueError(f"{path} 不是链尾文件。") from None


def write(path: Path, heads: Heads) -> None:
    """Put the heads in the place of the file, whole or not at all."""
    half = path.with_suffix(".half")
    half.write_text(_text(heads), "utf-8")
    half.chmod(0o600)
    half.replace(path)


def summary(heads: Heads) -> str:
    """One digest of all heads, short enough to be read out or noted down."""
    return hashlib.sha256(_text(heads).encode()).hexdigest()[:16]


def watch(instance: Path) -> list[Broken]:
    """Re-read the log, hold it against the heads kept last, keep what was found, and, where all fits, the heads."""
    path = instance / NAME
    heads = audit_checks.heads()  # before the reading: it finds them all, and perhaps more
    count, faults = audit_checks.verify(read(path))
    audit_checks.keep(count, faults)
    if not faults:
        write(path, heads)
        log.info("the audit log fits: %s traces, heads %s", count, summary(heads))
    for fault in faults:
        log.error("the audit log does not fit: %s %s", fault.where, fault.says)
    return faults


def put_aside(instance: Path) -> str:
    """After a restore the heads kept last are those of another history: they are kept beside, and written anew by the
    next reading. What the file is called then; blank where there was none."""
    path = instance / NAME
    if not path.exists():
        return ""
    aside = path.with_name(f"{path.stem}-before-restore-{clock.wall():%Y%m%d-%H%M%S}.json")
    path.replace(aside)
    log.warning("the database was restored: the heads of the audit log before it are in %s", aside.name)
    return aside.name


def _text(heads: Heads) -> str:
    return json.dumps({str(chain): list(end) for chain, end in sorted(heads.items())}, indent=0)
