"""A whole search: from a guideline to its trials' runs, records and what the report shows of them."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bythebook.closure import digest
from bythebook.documents import canonical_json
from bythebook.runs.engines import AUTOMATIC, EngineSettings
from bythebook.runs.executor import Executor, Observe
from bythebook.runs.fanout import complete
from bythebook.runs.run import NEUTRAL, Run
from bythebook.runs.view import View
from bythebook.search.guideline import Guideline
from bythebook.search.importance import importance
from bythebook.search.pruning import METRIC
from bythebook.search.settings import SearchSettings
from bythebook.search.storage import opened
from bythebook.search.study import Search
from bythebook.search.training import Trainer
from bythebook.search.trials import FinishedTrial

log = logging.getLogger(__name__)

# The code that decides what is proposed, pruned and told; what trains is in every run's key already.
DECIDES = ("bythebook.search.study", "bythebook.search.pruning", "bythebook.search.training")
APART = (*NEUTRAL, "bythebook.runs", "bythebook.training", "bythebook.techniques", "bythebook.network")


@dataclass(frozen=True)
class SearchOutcome:
    """What a search gives to the suite that its stage writes.

    Attributes:
        runs: one per trial, in order of number.
        records: by key, of every run.
        extra: the study's name, space, trials, importance and best trial.
    """

    runs: list[Run]
    records: dict[str, dict[str, Any]]
    extra: dict[str, Any]


def search(
    guideline: Guideline,
    view: View,
    settings: SearchSettings,
    *,
    storage: str,
    memo: Path,
    executor: Executor,
    observe: Observe,
    engine: EngineSettings = AUTOMATIC,
) -> SearchOutcome:
    """Searches a guideline's space by validation accuracy, or goes on where an earlier search was stopped.

    The outcome is the same bytes for any number of workers and however often the search was killed.

    Args:
        storage: the SQLAlchemy address of the studies, as :func:`bythebook.search.storage.sqlite_address` gives it.
        memo: the folder of finished runs.
        observe: receives the events of runs that are trained now.
        engine: how the engine of each trial is chosen.

    Raises:
        UserError: the studies cannot be opened.
        WorkerError: a trial raised or killed its worker; the search can be continued.
    """
    trainer = Trainer(guideline, view, settings, memo, executor, observe, engine)
    name = study_name(guideline, view, settings, engine)
    with opened(storage) as database:
        log.info("study %s", name)
        trials = Search(database, name, guideline.space, guideline.first, settings, trainer.evaluate).run()
    runs = [trainer.run(trial.number, trial.point.values) for trial in trials]
    pruned = {trial.result.key: trial.result.record for trial in trials if trial.result.record is not None}
    # All of these are in the memo, unless someone has emptied it since their trials finished.
    records = complete([run for run in runs if run.key not in pruned], memo, executor, observe)
    return SearchOutcome(runs, records | pruned, _extra(name, guideline, trials))


def study_name(guideline: Guideline, view: View, settings: SearchSettings, engine: EngineSettings = AUTOMATIC) -> str:
    """The guideline's name and twelve hexadecimal digits of everything that decides the study's trials.

    The budget is not part of it: more trials continue a study.
    """
    first = Run(guideline.name, settings.seed, guideline.base, view)
    decides = {
        "first": first.identity(),
        "engine": vars(engine),
        "space": guideline.declared,
        "settings": settings.model_dump(exclude={"trials"}),
        "code": digest(DECIDES, without=APART),
        "optuna": version("optuna"),
    }
    return f"{guideline.name}-{hashlib.sha256(canonical_json(decides)).hexdigest()[:12]}"


def _extra(name: str, guideline: Guideline, trials: Sequence[FinishedTrial]) -> dict[str, Any]:
    complete_ones = [trial for trial in trials if trial.result.state == "complete"]
    if not complete_ones:
        log.warning("no trial of %s was completed", name)
    best = max(complete_ones, key=lambda trial: (trial.result.value or 0.0, -trial.number), default=None)
    return {
        "study": name,
        "guideline": guideline.name,
        "space": guideline.declared,
        "trials": [
            {
                "number": trial.number,
                "state": trial.result.state,
                "params": trial.point.drawn,
                "value": trial.result.value,
                "key": trial.result.key,
                "enqueued": trial.enqueued,
            }
            for trial in trials
        ],
        "importance": importance(guideline.space, trials),
        "best": best.number if best else None,
        "metric": METRIC,
    }
