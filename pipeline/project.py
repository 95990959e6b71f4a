"""The project that a folder belongs to, and what its experiments share with it.

``dvc exp run --queue`` and ``--temp`` run in copies below the project's ``.dvc/tmp/exps``, which DVC removes later.
Such a copy has code, parameters and outputs of its own. What is kept beside the outputs is the project's: runs are
trained once, and searches and MLflow show them all. A working tree of Git is a project by itself.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WORK = Path(".work")
# Everything below .work but the locks of stages, which guard the outputs of one folder.
TURNS = "turns"
SHARED = ("arrays", "checkpoints", "compiled", "downloads", "evaluated", "measured", "memo", "studies", "told", TURNS)
EXPERIMENTS = (".dvc", "tmp", "exps")

log = logging.getLogger("pipeline")


def folder() -> Path:
    """Return the project's folder: the current one, or the one that an experiment's folder was copied from."""
    here = Path.cwd()
    copied = (above.parents[len(EXPERIMENTS) - 1] for above in here.parents if above.parts[-3:] == EXPERIMENTS)
    return next(copied, here)


def is_experiment() -> bool:
    """Return whether the current folder is a copy that DVC has made for an experiment."""
    return folder() != Path.cwd()


def share() -> None:
    """Link what the project keeps into an experiment's folder.

    Links keep the paths relative, by which files of tasks travel to other machines.

    Raises:
        OSError: a folder cannot be made.
    """
    if not is_experiment():
        return
    WORK.mkdir(exist_ok=True)
    for name in SHARED:
        kept = folder() / WORK / name
        kept.mkdir(parents=True, exist_ok=True)
        link = WORK / name
        if not link.is_symlink():
            link.symlink_to(kept, target_is_directory=True)


@contextmanager
def turn(stage: str) -> Iterator[None]:
    """Wait until no other experiment of the project runs this stage, and keep others waiting while the block runs.

    They would train the same runs. Waiting costs no time: every stage has workers for all cores.
    """
    turns = WORK / TURNS
    turns.mkdir(parents=True, exist_ok=True)
    with (turns / stage.replace("/", "_")).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            log.info("%s: waiting for the same stage of another experiment, in process %s", stage, holder)
            fcntl.flock(lock, fcntl.LOCK_EX)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
