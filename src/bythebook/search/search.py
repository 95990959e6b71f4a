"""A whole search: from a guideline to its trials, the winner's confirmation, and what the report shows of them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bythebook import catalogue
from bythebook.records.events import Observe
from bythebook.runs.executor import Executor
from bythebook.runs.fanout import complete
from bythebook.search import comparison
from bythebook.search.confirmation import ABOUT, GUIDELINE, WINNER, confirm, fresh
from bythebook.search.guideline import Guideline
from bythebook.search.importance import importance
from bythebook.search.outcome import SearchOutcome, study_name
from bythebook.search.pareto import front, winner
from bythebook.search.planning import Planner
from bythebook.search.recipe_file import RECIPES, STUDY, recipe_file, study_file
from bythebook.search.settings import SearchSettings
from bythebook.search.space import STRATEGY
from bythebook.search.storage import opened
from bythebook.search.study import Search
from bythebook.search.training import Trainer
from bythebook.search.trials import FinishedTrial

log = logging.getLogger(__name__)


def search(
    planner: Planner,
    settings: SearchSettings,
    seeds: Sequence[int],
    *,
    storage: str,
    memo: Path,
    executor: Executor,
    observe: Observe,
) -> SearchOutcome:
    """Searches a guideline's space by its objectives, or goes on where an earlier search was stopped.

    A guideline that compares samplers is searched by each of them, once for every seed. The outcome is the same bytes
    for any number of workers and however often the search was killed.

    Args:
        seeds: over which the winner is trained again beside the guideline; another replaces the search's own.
        storage: the SQLAlchemy address of the studies, as :func:`bythebook.search.storage.sqlite_address` gives it.
        memo: the folder of finished runs.
        observe: receives the events of runs that are trained now.

    Raises:
        UserError: the studies cannot be opened, or what the sampler needs is not installed.
        WorkerError: a trial raised or killed its worker; the search can be continued.
    """
    guideline = planner.guideline
    if guideline.method.samplers:
        return comparison.compare(planner, settings, seeds, storage, memo=memo, executor=executor, observe=observe)
    if source := planner.source(settings.seed):
        complete([source], memo, executor, observe)
    trainer = Trainer(planner, settings, memo, executor, observe)
    name = study_name(planner, settings)
    directions = [objective.direction for objective in guideline.objectives]
    with opened(storage) as database:
        log.info("study %s", name)
        first = guideline.first
        trials = Search(database, name, guideline.space, first, settings, trainer.evaluate, directions).run()
    runs = [trainer.run(trial.number, trial.point.values) for trial in trials]
    pruned = {trial.result.key: trial.result.record for trial in trials if trial.result.record is not None}
    # All of these are in the memo, unless someone has emptied it since their trials finished.
    records = complete([run for run in runs if run.key not in pruned], memo, executor, observe)
    best = winner(guideline.objectives, trials, guideline.method.tolerance)
    if best is None:
        log.warning("no trial of %s was completed", name)
    confirmed = confirm(planner, trials[0], best, fresh(seeds, settings.seed), memo, executor, observe)
    extra = {**_extra(name, guideline, settings, trials, best), "confirmation": confirmed.found}
    return SearchOutcome(
        [*confirmed.runs, *runs],
        confirmed.records | records | pruned,
        extra,
        _files(guideline, best or trials[0], name),
    )


def _files(guideline: Guideline, best: FinishedTrial, study: str) -> dict[str, str]:
    """Guideline and winner as a file for ``pipeline/recipes``, or as a study for ``pipeline/transfers``."""
    values = best.point.values
    if (reuse := guideline.reuse) and (strategy := guideline.strategy(values)):
        scratch = catalogue.resolve(STRATEGY, {"name": "from_scratch", "epochs": guideline.base["epochs"]}, STRATEGY)
        strategies = [scratch, strategy, reuse.strategy]
        return {STUDY: study_file(guideline.question, reuse.model_a, guideline.recipe(values), strategies)}
    found = {
        GUIDELINE: (ABOUT[GUIDELINE], guideline.base),
        WINNER: (f"Trial {best.number} of the study {study}.", guideline.recipe(values)),
    }
    return {RECIPES: recipe_file(guideline.question, found)}


def _extra(
    name: str,
    guideline: Guideline,
    settings: SearchSettings,
    trials: Sequence[FinishedTrial],
    best: FinishedTrial | None,
) -> dict[str, Any]:
    names = [objective.name for objective in guideline.objectives]
    return {
        "study": name,
        "guideline": guideline.name,
        "space": guideline.declared,
        "objectives": [objective.described() for objective in guideline.objectives],
        "tolerance": guideline.method.tolerance,
        "sampler": settings.sampler,
        "pruner": settings.pruner.name if settings.pruner else None,
        "trials": [_trial(names, trial) for trial in trials],
        "importance": {
            objective.name: importance(guideline.space, trials, objective.direction, place)
            for place, objective in enumerate(guideline.objectives)
        },
        "best": best.number if best else None,
        "pareto": [trial.number for trial in front(guideline.objectives, trials)],
    }


def _trial(names: Sequence[str], trial: FinishedTrial) -> dict[str, Any]:
    result = trial.result
    return {
        "number": trial.number,
        "state": result.state,
        "params": trial.point.drawn,
        "values": None if result.values is None else dict(zip(names, result.values, strict=True)),
        "key": result.key,
        "enqueued": trial.enqueued,
    }
