"""Import of records against the bare statements and the bare reading; peak memory at two sizes.

    python tests/bench/bench_import.py [ROWS]        20,000 where none is given

Each run is a process of its own, so that peak memory is its own.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

BIG = Path(__file__).parents[1] / "big_import.py"
SMALL = 2_000
GROWS = 4  # times the memory that ten times as many rows may take


def run(rows: int) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, BIG, folder, str(rows), "bare"], capture_output=True, text=True, check=True
        )
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    small, large = run(SMALL), run(rows)
    taken, bare = rows / large["take"], rows / large["bare"]
    print(
        f"{rows:,} records: read {rows / large['read']:,.0f}/s, looked at {rows / large['preview']:,.0f}/s, "
        f"taken {taken:,.0f}/s"
    )
    print(
        f"looking takes {large['preview'] / large['read']:.1f} times the bare reading, "
        f"taking {large['take'] / large['bare']:.1f} times the bare inserts ({bare:,.0f}/s)"
    )
    print(f"peak memory {small['peak']:.0f} MiB at {SMALL:,} rows, {large['peak']:.0f} MiB at {rows:,}")
    assert large["peak"] < GROWS * small["peak"], "memory grows with the table"


if __name__ == "__main__":
    main()
