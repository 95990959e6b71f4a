"""A process that fans tasks out: run by itself, to be interrupted or killed.

Usage: fanned_out.py FOLDER fork|spawn - every worker leaves a file named by its process number and sleeps.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from bythebook.records.events import Observe
from bythebook.runs.local_executor import LocalExecutor


def nothing() -> None:
    """These workers need no preparation."""


def sleep_and_tell(folder: Path, emit: Observe) -> None:
    (folder / str(os.getpid())).touch()
    time.sleep(600)


def main(folder: Path, fork: bool) -> None:
    # What a shell starts in the background ignores Ctrl-C, and hands that down to what it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with LocalExecutor(2, nothing, fork) as executor:
        executor.map(sleep_and_tell, [folder] * 2, print)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] == "fork")
