"""How much memory this process has had at most."""

import resource
from pathlib import Path

STATUS = Path("/proc/self/status")


def mib() -> float:
    """MiB. `getrusage` hands the peak of whoever started the process on to it, so that a small one begun by a large test
    process looks large; Linux's own account begins anew with the program."""
    if STATUS.exists():
        return next(int(line.split()[1]) for line in STATUS.read_text().splitlines() if line.startswith("VmHWM")) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
