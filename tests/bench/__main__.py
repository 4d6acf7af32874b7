"""`make bench`: every `bench_*.py` beside this file, each a process of its own. Fails when one fails.

Figures are medians and ratios; what is asserted in a bench is what does not depend on the machine.
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main() -> None:
    failed = []
    for bench in sorted(HERE.glob("bench_*.py")):
        print(f"\n== {bench.stem}", flush=True)
        if subprocess.run([sys.executable, bench, *sys.argv[1:]], cwd=HERE.parents[1], check=False).returncode:
            failed.append(bench.stem)
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
