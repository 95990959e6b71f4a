"""The browser that tests open pages in: a Chromium or Chrome that is installed, or Playwright's own.

``python -m tests.chromium`` sees to it that there is one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ON_MACOS = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
# A browser that is tested with files from the disk asks nobody for updates.
QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic")


def executable(playwright: Playwright) -> str | None:
    """The browser that is there, or None."""
    installed = [path for name in NAMES if (path := shutil.which(name))]
    places = (*installed, ON_MACOS, playwright.chromium.executable_path)
    return next((str(place) for place in places if Path(place).exists()), None)


@contextmanager
def opened() -> Iterator[Browser]:
    """A browser without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable(playwright), chromium_sandbox=os.geteuid() != 0, args=list(QUIET)
        )
        yield browser
        browser.close()


def main() -> None:
    """Installs a browser where there is none: Debian's as root, Playwright's own for everyone else."""
    with sync_playwright() as playwright:
        if executable(playwright):
            return
    print("test: installing Chromium, which the tests of the report's page need", flush=True)
    if os.geteuid() == 0 and shutil.which("apt-get"):
        apt = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
        commands = [[*apt, "update"], [*apt, "install", "--yes", "--no-install-recommends", "chromium"]]
    else:
        commands = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    for command in commands:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        if subprocess.run(command, stdout=subprocess.DEVNULL, env=environment, check=False).returncode:
            raise SystemExit(f"test: `{' '.join(command)}` failed; install Chromium or Chrome yourself, then go on.")


if __name__ == "__main__":
    main()
