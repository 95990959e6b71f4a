"""Runs synthetic searches that kill themselves with SIGKILL; prints, as JSON, what was left and what it became.

Usage: killed_search.py FOLDER TRIALS WRITES... - for each number of WRITES a search of its own is killed just before
that write, again and again as it resumes, until a start gets by with fewer; or once only, if TRIALS is
written with a leading "once:".
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import sqlalchemy
import synthetic_search as synthetic


def attempt(folder: Path, trials: int, writes: int | None) -> bool:
    """One process that searches, killed before write number ``writes``; whether it reached its end."""
    child = os.fork()
    if child == 0:
        if writes is not None:
            counting(writes)
        found = synthetic.run(folder, synthetic.SETTINGS.model_copy(update={"trials": trials}))
        (folder / "trials.json").write_text(json.dumps([plain(trial) for trial in found]))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return False
    assert status == 0, f"the search failed with status {status}"
    return True


def counting(limit: int) -> None:
    """Has this process die before so many files are moved to their places or database writes are made."""
    done, replace = 0, os.replace

    def count() -> None:
        nonlocal done
        done += 1
        if done >= limit:
            os.kill(os.getpid(), signal.SIGKILL)

    def moved(*arguments: Any) -> None:
        count()
        replace(*arguments)

    os.replace = moved
    sqlalchemy.event.listen(sqlalchemy.engine.Engine, "commit", lambda connection: count())


def plain(trial: synthetic.FinishedTrial) -> Any:
    """A finished trial as JSON gives it back."""
    result = {**vars(trial.result), "record": trial.result.record and trial.result.record.as_json()}
    return [trial.number, trial.point.names, trial.enqueued, *result.values()]


def main(folder: Path, trials: str, writes: list[int]) -> dict[int, dict[str, Any]]:
    """The kills and the trials of every search."""
    once, budget = trials.startswith("once:"), int(trials.removeprefix("once:"))
    report = {}
    for limit in writes:
        own = folder / f"writes-{limit}"
        own.mkdir()
        kills = 0
        while not attempt(own, budget, None if once and kills else limit):
            kills += 1
        report[limit] = {"kills": kills, "trials": json.loads((own / "trials.json").read_text())}
    return report


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2], [int(given) for given in sys.argv[3:]])))
