"""A whole search: from a guideline to its trials, the winner's confirmation, and what the report shows of them."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from bythebook import catalogue
from bythebook.records.search import Confirmation, SearchFindings, Trial
from bythebook.runs.fanout import complete
from bythebook.search.comparison import compare
from bythebook.search.confirmation import ABOUT, GUIDELINE, WINNER, confirm, fresh
from bythebook.search.guideline import Guideline
from bythebook.search.importance import importance
from bythebook.search.outcome import SearchOutcome, study_name
from bythebook.search.pareto import front, winner
from bythebook.search.planning import Planner
from bythebook.search.recipe_file import RECIPES, STUDY, recipe_file, study_file
from bythebook.search.resources import Resources
from bythebook.search.run_study import run_study
from bythebook.search.settings import SearchSettings
from bythebook.search.space import STRATEGY
from bythebook.search.training import Trainer
from bythebook.search.trials import FinishedTrial

log = logging.getLogger(__name__)


def search(planner: Planner, settings: SearchSettings, seeds: Sequence[int], resources: Resources) -> SearchOutcome:
    """StudyRunner a guideline's space by its objectives, or go on where an earlier search was stopped.

    A guideline that compares samplers is searched by each of them, once for every seed. The outcome is the same bytes
    for any number of workers and however often the search was killed.

    Args:
        seeds: over which the winner is trained again beside the guideline; another replaces the search's own.

    Raises:
        UserError: another process searches it, the address of the dashboard's studies is none, or what the sampler
            needs is not installed.
        WorkerError: a trial raised or killed its worker; the search can be continued.
    """
    guideline = planner.guideline
    if guideline.method.samplers:
        return compare(planner, settings, seeds, resources)
    if source := planner.source(settings.seed):
        complete([source], resources.memo, resources.executor, resources.observe)
    trainer = Trainer(planner, settings, resources)
    name = study_name(planner, settings)
    trials = run_study(name, trainer, guideline.first)
    runs = [trainer.run(trial.number, trial.point.values) for trial in trials]
    pruned = {trial.result.key: trial.result.record for trial in trials if trial.result.record is not None}
    # All of these are in the memo, unless someone has emptied it since their trials finished.
    finished = [run for run in runs if run.key not in pruned]
    records = complete(finished, resources.memo, resources.executor, resources.observe)
    best = winner(guideline.objectives, trials, guideline.method.tolerance)
    if best is None:
        log.warning("no trial of %s was completed", name)
    confirmed = confirm(planner, trials[0], best, fresh(seeds, settings.seed), resources)
    found = _findings(name, guideline, settings, trials, best, confirmed.found)
    return SearchOutcome(
        [*confirmed.runs, *runs],
        confirmed.records | records | pruned,
        found.as_json(),
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


def _findings(
    name: str,
    guideline: Guideline,
    settings: SearchSettings,
    trials: Sequence[FinishedTrial],
    best: FinishedTrial | None,
    confirmation: Confirmation,
) -> SearchFindings:
    names = [objective.name for objective in guideline.objectives]
    return SearchFindings(
        study=name,
        guideline=guideline.name,
        space=guideline.declared,
        objectives=tuple(objective.described() for objective in guideline.objectives),
        tolerance=guideline.method.tolerance,
        sampler=settings.sampler,
        pruner=settings.pruner.name if settings.pruner else None,
        trials=tuple(_trial(names, trial) for trial in trials),
        importance={
            objective.name: importance(guideline.space, trials, objective.direction, place)
            for place, objective in enumerate(guideline.objectives)
        },
        best=best.number if best else None,
        pareto=[trial.number for trial in front(guideline.objectives, trials)],
        confirmation=confirmation,
    )


def _trial(names: Sequence[str], trial: FinishedTrial) -> Trial:
    result = trial.result
    return Trial(
        number=trial.number,
        state=result.state,
        params=trial.point.drawn,
        values=None if result.values is None else dict(zip(names, result.values, strict=True)),
        key=result.key,
        enqueued=trial.enqueued,
    )
