"""Samplers compared: each searches the same space on the same budget, again and again with other seeds.

A repetition's seed is the sampler's and the training's, so repetitions of two samplers with one seed are a pair: the
same nets have the same accuracy in both. Recipes that several studies draw are trained once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import fmean

from bythebook.records.search import Direction, SamplerComparison, SamplerMeasures
from bythebook.runs.fanout import complete
from bythebook.runs.run import Run
from bythebook.search.method import SAMPLER_METRICS
from bythebook.search.outcome import SearchOutcome, study_name
from bythebook.search.pareto import winner
from bythebook.search.planning import Planner
from bythebook.search.resources import Resources
from bythebook.search.run_study import run_study
from bythebook.search.settings import SearchSettings
from bythebook.search.training import Trainer
from bythebook.search.trials import FinishedTrial


def compare(planner: Planner, settings: SearchSettings, seeds: Sequence[int], resources: Resources) -> SearchOutcome:
    """StudyRunner once for every sampler and seed; arguments and errors as of :func:`bythebook.search.search.search`.

    The suite keeps the best run of every study, named by its sampler. No trial takes the guideline's own point: where
    the samplers begin is theirs.
    """
    studies: dict[str, list[list[FinishedTrial]]] = {}
    runs: list[Run] = []
    guideline = planner.guideline
    (objective,) = guideline.objectives
    planner = replace(planner, alike=settings.trials)
    for sampler in guideline.method.samplers:
        for seed in seeds:
            own = settings.model_copy(update={"sampler": sampler, "seed": seed})
            trainer = Trainer(planner, own, resources, f"{sampler}-{seed}")
            trials = run_study(study_name(planner, own, f"{guideline.name}-{sampler}-{seed}"), trainer, None)
            studies.setdefault(sampler, []).append(trials)
            if best := winner(guideline.objectives, trials):
                runs.append(_named(trainer.run(best.number, best.point.values), sampler))
    # All of these are in the memo, unless someone has emptied it since.
    records = complete(runs, resources.memo, resources.executor, resources.observe)
    found = curves(studies, objective.direction, settings.trials)
    return SearchOutcome(runs, records, _findings(planner, settings, seeds, found).as_json())


def curves(
    studies: Mapping[str, Sequence[Sequence[FinishedTrial]]], direction: Direction, budget: int
) -> dict[str, list[list[float]]]:
    """The best value of every study after each trial of the budget, by sampler; a grid that has ended stays there.

    Before a study's first trial is complete it is the worst that any sampler's trial with that seed reached: a number
    that was measured, and the same for all samplers. A study of which no trial is complete has no values.

    Args:
        studies: the trials of each sampler's studies, in the order of the seeds.
    """
    worst = min if direction == "maximize" else max
    values = {sampler: [_values(trials) for trials in own] for sampler, own in studies.items()}
    pairs = zip(*values.values(), strict=True)
    floors = [worst((value for own in pair for value in own if value is not None), default=None) for pair in pairs]
    return {
        sampler: [_best_so_far(one, floor, direction, budget) for one, floor in zip(own, floors, strict=True)]
        for sampler, own in values.items()
    }


def _values(trials: Sequence[FinishedTrial]) -> list[float | None]:
    return [None if trial.result.values is None else trial.result.values[0] for trial in trials]


def _best_so_far(values: Sequence[float | None], floor: float | None, direction: Direction, budget: int) -> list[float]:
    if floor is None or all(value is None for value in values):
        return []
    choose = max if direction == "maximize" else min
    found, best = [], floor
    for place in range(budget):
        value = values[place] if place < len(values) else None
        best = best if value is None else choose(best, value)
        found.append(best)
    return found


def _named(run: Run, sampler: str) -> Run:
    about = f"The best that the sampler {sampler} found with this seed."
    return replace(run, name=f"best_of_{sampler}", about=about)


def _findings(
    planner: Planner, settings: SearchSettings, seeds: Sequence[int], found: dict[str, list[list[float]]]
) -> SamplerComparison:
    guideline = planner.guideline
    complete = [
        place for place, _ in enumerate(seeds) if all(found[sampler][place] for sampler in guideline.method.samplers)
    ]
    arms = {
        sampler: dict(
            zip(
                SAMPLER_METRICS,
                ([own[place][-1] for place in complete], [fmean(own[place]) for place in complete]),
                strict=True,
            )
        )
        for sampler, own in found.items()
    }
    return SamplerComparison(
        study=study_name(planner, settings),
        guideline=guideline.name,
        space=guideline.declared,
        objectives=tuple(objective.described() for objective in guideline.objectives),
        samplers=found,
        budget=settings.trials,
        measured=SamplerMeasures(seeds=[seeds[place] for place in complete], arms=arms),
    )
