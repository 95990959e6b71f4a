"""Choosing the champion: by validation images alone, over every recipe trained on the full task, after a refit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bythebook import statistics
from bythebook.documents import canonical_json
from bythebook.errors import UserError
from bythebook.records.champion import ChampionChoice, Refit
from bythebook.records.recipe import Recipe
from bythebook.records.run import RunRecord
from bythebook.records.suite import Suite
from bythebook.runs.loops import AUTOMATIC, LoopSettings, with_loops
from bythebook.runs.run import Run
from bythebook.runs.view import DataView
from bythebook.target import LABELS

METRIC = "val_accuracy"


@dataclass(frozen=True)
class Candidate:
    """A recipe that was trained on the full task.

    Attributes:
        mean: its mean validation accuracy over the seeds it was trained with so far and finished.
        finished: the share of them that finished.
    """

    name: str
    suite: str
    recipe: Recipe
    mean: float
    finished: float = 1.0


def shortlist(suites: Sequence[Suite], dataset: str, size: int) -> list[Candidate]:
    """The ``size`` best different recipes on a dataset by mean validation accuracy, best first.

    Those of which the largest share of seeds finished come first, as the mean of what survived flatters a recipe.
    A search's best trial had one seed and many rivals, so its figure is flattered; the refit of the whole list over the
    same seeds is what decides.

    Raises:
        UserError: no run on the full task has finished.
    """
    found: dict[bytes, Candidate] = {}
    for suite in (suite for suite in suites if suite.dataset == dataset):
        for name, entries in suite.by_name().items():
            finished = [entry for entry in entries if _counts(entry.record)]
            if not finished:
                continue
            mean = statistics.interval([entry.record.final_metrics[METRIC] for entry in finished]).mean
            recipe, stable = finished[0].record.recipe, len(finished) / len(entries)
            candidate = Candidate(f"{suite.suite}.{name}", suite.suite, recipe, mean, stable)
            found.setdefault(canonical_json(recipe), candidate)
    if not found:
        raise UserError(f"champion: no run on all of {dataset} has finished; there is nothing to choose from.")
    return sorted(found.values(), key=lambda each: (-each.finished, -each.mean, each.name))[:size]


def plan(
    candidates: Sequence[Candidate], view: DataView, seeds: Sequence[int], loops: LoopSettings = AUTOMATIC
) -> list[Run]:
    """The refit: every candidate with every seed."""
    about = "Shortlisted by mean validation accuracy."
    runs = [Run(candidate.name, seed, candidate.recipe, view, about) for candidate in candidates for seed in seeds]
    return with_loops(runs, loops)


def choose(candidates: Sequence[Candidate], runs: Sequence[Run], records: Mapping[str, RunRecord]) -> ChampionChoice:
    """Return the candidate with the best mean validation accuracy after the refit, and the seed that represents it.

    Those of which the most seeds finished come first, as in :func:`shortlist`.

    Raises:
        UserError: no refit has finished.
    """
    refits = []
    for candidate in candidates:
        values = {
            run.seed: records[run.key].final_metrics[METRIC]
            for run in runs
            if run.name == candidate.name and records[run.key].is_finished
        }
        if values:
            refits.append(_refit(candidate, values))
    if not refits:
        raise UserError("champion: every refit diverged; there is nothing to choose from.")
    refits.sort(key=lambda refit: (-len(refit.seeds), -refit.mean, refit.name))
    best = refits[0]
    seed = max(zip(best.values, best.seeds, strict=True), key=lambda pair: (pair[0], -pair[1]))[1]
    return ChampionChoice(chosen=best.name, recipe=best.recipe, model_seed=seed, metric=METRIC, shortlist=tuple(refits))


def _refit(candidate: Candidate, values: Mapping[int, float]) -> Refit:
    seeds = sorted(values)
    ordered = [values[seed] for seed in seeds]
    return Refit(
        name=candidate.name,
        suite=candidate.suite,
        recipe=candidate.recipe,
        seeds=seeds,
        values=ordered,
        **dict(statistics.interval(ordered)),
    )


def _counts(record: RunRecord) -> bool:
    """Whether a run is one of a net for the full task that its recipe alone makes again."""
    identity = record.identity
    alone = identity.strategy is None and identity.recipe["target"] == LABELS
    return record.is_finished and identity.data.task is None and alone
