"""From starting the server on a database that is there to the first page it answers."""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[2]
RUNS = 5
GOAL, GIVE_UP = 5.0, 60.0  # seconds


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        first, *later = [start(folder, load=not n) for n in range(RUNS + 1)]
    took = statistics.median(later)
    print(
        f"empty database to first page {first:.2f} s; existing database {took:.2f} s (median of {RUNS}); goal {GOAL:.0f} s"
    )


def start(folder: str, *, load: bool) -> float:
    """Seconds until `/login` answers; the server is ended again, once the demo station is there where it loads one."""
    port = _free_port()
    said = {**os.environ, "INSTANCE": folder, "PORT": str(port), "DATABASE_URL": f"sqlite:///{folder}/station.db"}
    begun = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "-m", "admin_app.server"], cwd=ROOT, env=said, stdout=subprocess.DEVNULL
    )
    try:
        while not _answers(port):
            assert server.poll() is None, "the server ended before it answered"
            assert time.perf_counter() - begun < GIVE_UP, "no answer"
            time.sleep(0.02)
        took = time.perf_counter() - begun
        while load and not _answers(port, "/healthz"):
            time.sleep(0.2)
        return took
    finally:
        server.terminate()
        server.wait(30)


def _answers(port: int, path: str = "/login") -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=GIVE_UP) as page:
            return page.status == 200
    except (urllib.error.URLError, ConnectionError):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    main()
