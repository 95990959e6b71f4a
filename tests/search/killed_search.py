"""Runs synthetic searches that kill themselves with SIGKILL; prints, as JSON, what was left and what it became.

Usage: killed_search.py FOLDER TRIALS COMMITS... - for each number of COMMITS a search of its own is killed just before
that database commit, again and again as it resumes, until a start gets by with fewer; or once only, if TRIALS is
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

committed = 0


def attempt(folder: Path, trials: int, commits: int | None) -> bool:
    """One process that searches, killed before commit number ``commits``; whether it reached its end."""
    child = os.fork()
    if child == 0:
        if commits is not None:
            sqlalchemy.event.listen(sqlalchemy.engine.Engine, "commit", lambda connection: die_at(commits))
        found = synthetic.run(folder, synthetic.SETTINGS.model_copy(update={"trials": trials}))
        (folder / "trials.json").write_text(json.dumps([plain(trial) for trial in found]))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return False
    assert status == 0, f"the search failed with status {status}"
    return True


def die_at(commits: int) -> None:
    """Counts the commit that is about to be made, and dies when it is the last one allowed."""
    global committed
    committed += 1
    if committed >= commits:
        os.kill(os.getpid(), signal.SIGKILL)


def plain(trial: synthetic.FinishedTrial) -> Any:
    """A finished trial as JSON gives it back."""
    return [trial.number, trial.point.names, trial.enqueued, *vars(trial.result).values()]


def main(folder: Path, trials: str, commits: list[int]) -> dict[int, dict[str, Any]]:
    """The kills and the trials of every search."""
    once, budget = trials.startswith("once:"), int(trials.removeprefix("once:"))
    report = {}
    for limit in commits:
        own = folder / f"commits-{limit}"
        own.mkdir()
        kills = 0
        while not attempt(own, budget, None if once and kills else limit):
            kills += 1
        report[limit] = {"kills": kills, "trials": json.loads((own / "trials.json").read_text())}
    return report


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2], [int(given) for given in sys.argv[3:]])))
