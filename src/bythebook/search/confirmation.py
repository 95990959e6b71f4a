"""Whether a search's winner is better than the guideline: both trained again over the same seeds.

The best of many trials with one seed each is flattered by luck. Fresh seeds take away the luck of training. What is
compared here are still the validation images on which the winner was chosen; the refits' weights are kept, so that
the evaluation can say what is left on images that chose nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bythebook import statistics
from bythebook.records.interval import Interval
from bythebook.records.run import RunRecord
from bythebook.records.search import Confirmation, ConfirmedObjective
from bythebook.runs.fanout import complete
from bythebook.runs.run import Run
from bythebook.search.guideline import Guideline
from bythebook.search.objective_values import Measurement, Values, measure_all
from bythebook.search.planning import Planner
from bythebook.search.resources import Resources
from bythebook.search.trials import FinishedTrial

GUIDELINE, WINNER = "guideline", "winner"
ABOUT = {
    GUIDELINE: "The guideline, trained over seeds that its search did not have.",
    WINNER: "What the search found, trained over the same seeds.",
}


@dataclass(frozen=True)
class ConfirmationRuns:
    """Both recipes trained over the seeds.

    Attributes:
        runs: of both, named :data:`GUIDELINE` and :data:`WINNER`, after those whose layers they reuse.
        records: by key.
        found: what it says of each objective, as a suite keeps it.
    """

    runs: list[Run]
    records: dict[str, RunRecord]
    found: Confirmation


def fresh(seeds: Sequence[int], searched: int) -> list[int]:
    """The seeds of a confirmation: of every comparison, but the one that chose the winner, which a further replaces."""
    return sorted(max(seeds) + 1 if seed == searched else seed for seed in seeds)


def confirm(
    planner: Planner,
    first: FinishedTrial,
    winner: FinishedTrial | None,
    seeds: Sequence[int],
    resources: Resources,
) -> ConfirmationRuns:
    """Trains guideline and winner over the seeds, and compares them on validation images, paired.

    A refit that diverged, or of which an objective is no finite number, is counted and enters no comparison.

    Args:
        first: trial 0, which is the guideline itself.
        winner: None where no trial is complete; the guideline then stands on both sides.
        seeds: without the search's own, as :func:`fresh` gives them.
    """
    trials = {GUIDELINE: first, WINNER: winner or first}
    planner = replace(planner, alike=len(seeds))
    guideline = planner.guideline
    runs = [
        planner.run(name, seed, trial.point.values, ABOUT[name]) for name, trial in trials.items() for seed in seeds
    ]
    sources = [source for seed in seeds if (source := planner.source(seed))]
    records = complete([*sources, *runs], resources.memo, resources.executor, resources.observe)
    names = tuple(objective.name for objective in guideline.objectives)
    measured = measure_all([Measurement(run, resources.memo, names) for run in runs], records, resources.executor)
    finite = {key: own for key, own in measured.items() if all(map(math.isfinite, own))}
    values = {name: {run.seed: finite[run.key] for run in runs if run.name == name and run.key in finite}
              for name in trials}  # fmt: skip
    searched = {name: trial.result.values for name, trial in trials.items()}
    diverged = {name: len(seeds) - len(own) for name, own in values.items()}
    return ConfirmationRuns([*sources, *runs], records, _found(guideline, values, searched, diverged))


def _found(
    guideline: Guideline,
    values: Mapping[str, Mapping[int, Values]],
    searched: Mapping[str, Values | None],
    diverged: dict[str, int],
) -> Confirmation:
    seeds = sorted(values[GUIDELINE].keys() & values[WINNER].keys())
    found = {}
    for place, objective in enumerate(guideline.objectives):
        sign = 1 if objective.direction == "maximize" else -1
        sides = {name: [values[name][seed][place] for seed in seeds] for name in (GUIDELINE, WINNER)}
        before = {name: own[place] if own else None for name, own in searched.items()}
        means = {name: statistics.interval(own) if own else None for name, own in sides.items()}
        gain = _gain(*([sign * value for value in own] for own in sides.values()))
        luck = {
            name: sign * (value - mean.mean)
            for name, value in before.items()
            if value is not None and (mean := means[name])
        }
        found[objective.name] = ConfirmedObjective(
            searched=before,
            guideline=means[GUIDELINE],
            winner=means[WINNER],
            gain=gain,
            verdict=statistics.verdict(gain) if gain else "inconclusive",
            luck=luck,
        )
    return Confirmation(seeds=seeds, diverged=diverged, objectives=found)


def _gain(guideline: list[float], winner: list[float]) -> Interval | None:
    """By how much the winner is better, paired over seeds; more is better on both sides."""
    return statistics.paired_difference(guideline, winner) if guideline else None
