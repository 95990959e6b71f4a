"""A process that searches a synthetic study and waits in its middle: run by itself, to be killed.

Usage: waiting_search.py FOLDER TRIALS [CLUSTER ELSEWHERE] - when as many trials have been told, prints the processes
that trained them, and waits. With a Ray cluster its workers train, in a folder.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import synthetic_search as synthetic

from bythebook.records.events import Event
from bythebook.runs.cluster.executor import RayExecutor


def main(folder: str, trials: int, cluster: str | None = None, elsewhere: str = "") -> None:
    """Searches, and stops in the middle."""
    pids = {os.getpid()}
    inner = synthetic.in_process
    if cluster is not None:
        executor = RayExecutor(2, synthetic.nothing, cluster, elsewhere)
        inner = synthetic.through(executor, lambda event: pids.add(pid_of(event)))

    def evaluate(tasks: Any, finished: Any, then: synthetic.Then) -> None:
        told = 0

        def wait(number: int, result: synthetic.TrialResult) -> Sequence[synthetic.TrialTask]:
            nonlocal told
            following = then(number, result)
            told += 1
            if told == trials:
                print(json.dumps(sorted(pids)), flush=True)
                time.sleep(600)
            return following

        inner(tasks, finished, wait)

    synthetic.run(Path(folder), synthetic.SETTINGS, evaluate)


def pid_of(event: Event) -> int:
    """The process that sent an event."""
    pid: int = event["pid"]
    return pid


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
