"""Samplers compared: each searches the same space on the same budget, again and again with other seeds.

A repetition's seed is the sampler's and the training's, so repetitions of two samplers with one seed are a pair: the
same nets have the same accuracy in both. Recipes that several studies draw are trained once.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

from bythebook.runs.executor import Executor, Observe
from bythebook.runs.fanout import complete
from bythebook.runs.run import Run
from bythebook.search.outcome import SearchOutcome, study_name
from bythebook.search.pareto import winner
from bythebook.search.planning import Planner
from bythebook.search.settings import SearchSettings
from bythebook.search.storage import opened
from bythebook.search.study import Search
from bythebook.search.training import Trainer
from bythebook.search.trials import Direction, FinishedTrial

log = logging.getLogger(__name__)


def compare(
    planner: Planner,
    settings: SearchSettings,
    seeds: Sequence[int],
    storage: str,
    *,
    memo: Path,
    executor: Executor,
    observe: Observe,
) -> SearchOutcome:
    """Searches once for every sampler and seed; arguments and errors as of :func:`bythebook.search.search.search`.

    The suite keeps the best run of every study, named by its sampler. No trial takes the guideline's own point: where
    the samplers begin is theirs.
    """
    curves: dict[str, list[list[float]]] = {}
    runs: list[Run] = []
    guideline = planner.guideline
    (objective,) = guideline.objectives
    planner = replace(planner, alike=settings.trials)
    with opened(storage) as database:
        for sampler in guideline.method.samplers:
            for seed in seeds:
                own = settings.model_copy(update={"sampler": sampler, "seed": seed})
                name = study_name(planner, own, f"{guideline.name}-{sampler}-{seed}")
                trainer = Trainer(planner, own, memo, executor, observe, f"{sampler}-{seed}")
                log.info("study %s", name)
                evaluate, directions = trainer.evaluate, [objective.direction]
                trials = Search(database, name, guideline.space, None, own, evaluate, directions).run()
                curves.setdefault(sampler, []).append(best_so_far(trials, objective.direction, own.trials))
                if best := winner(guideline.objectives, trials):
                    runs.append(_named(trainer.run(best.number, best.point.values), sampler))
    # All of these are in the memo, unless someone has emptied it since.
    records = complete(runs, memo, executor, observe)
    return SearchOutcome(runs, records, _extra(planner, settings, seeds, curves))


def best_so_far(trials: Sequence[FinishedTrial], direction: Direction, budget: int) -> list[float]:
    """The best value after each trial of the budget; a grid that has ended stays where it is.

    Before a first trial is complete it is the worst that any trial of this study reached, so that a sampler is not
    judged by a number that nobody measured.
    """
    choose, worst = (max, min) if direction == "maximize" else (min, max)
    values = [None if trial.result.values is None else trial.result.values[0] for trial in trials]
    reached = [value for value in values if value is not None]
    if not reached:
        return []
    found, best = [], worst(reached)
    for place in range(budget):
        value = values[place] if place < len(values) else None
        best = best if value is None else choose(best, value)
        found.append(best)
    return found


def _named(run: Run, sampler: str) -> Run:
    about = f"The best that the sampler {sampler} found with this seed."
    return replace(run, name=f"best_of_{sampler}", about=about)


def _extra(
    planner: Planner, settings: SearchSettings, seeds: Sequence[int], curves: dict[str, list[list[float]]]
) -> dict[str, Any]:
    guideline = planner.guideline
    complete = [
        place for place, _ in enumerate(seeds) if all(curves[sampler][place] for sampler in guideline.method.samplers)
    ]
    arms = {
        sampler: {
            "best": [own[place][-1] for place in complete],
            "mean_best_so_far": [fmean(own[place]) for place in complete],
        }
        for sampler, own in curves.items()
    }
    return {
        "study": study_name(planner, settings),
        "guideline": guideline.name,
        "space": guideline.declared,
        "objectives": [objective.described() for objective in guideline.objectives],
        "samplers": curves,
        "budget": settings.trials,
        "measured": {"seeds": [seeds[place] for place in complete], "arms": arms},
    }
