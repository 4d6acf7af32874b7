"""The bench of the public site runs whole: a few people for a few seconds, no error, every kind of page looked at."""

import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parent / "bench" / "bench_public.py"


def test_a_few_readers_and_writers_meet_no_error_and_everything_is_looked_at(tmp_path):
    asked = [sys.executable, str(BENCH), "--seconds", "5", "--readers", "6", "--writers", "10"]
    ran = subprocess.run(asked, cwd=BENCH.parents[2], capture_output=True, text=True, check=False, timeout=300)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ", 0 errors;" in ran.stdout and "looked at 20 of 20 kinds" in ran.stdout, ran.stdout
