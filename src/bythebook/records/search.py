"""What searches found: trials, what mattered, the winner's confirmation, and how samplers compare."""

from __future__ import annotations

from typing import Any, Literal

from bythebook.records.interval import Interval
from bythebook.records.layout import RecordPart, Several
from bythebook.records.run import RunRecord
from bythebook.records.study import Verdict

Direction = Literal["maximize", "minimize"]
ObjectiveKind = Literal["share", "count", "number"]
TrialState = Literal["complete", "pruned", "failed"]


class SearchedObjective(RecordPart):
    """What was searched by.

    Attributes:
        label: what readers are told.
        kind: how values are written.
        about: the first line of its documentation.
    """

    name: str
    label: str
    direction: Direction
    kind: ObjectiveKind
    about: str


class Trial(RecordPart):
    """One trial.

    Attributes:
        params: every path that was drawn, with its value.
        values: of each objective, by name; None for a trial that is not complete.
        key: of its run.
        enqueued: whether its point was set beforehand, as the guideline's own is.
    """

    number: int
    state: TrialState
    params: dict[str, Any]
    values: dict[str, float] | None
    key: str
    enqueued: bool

    def value(self, objective: str) -> float:
        """Return what a complete trial reached.

        Raises:
            ValueError: it is not complete.
        """
        if self.values is None:
            raise ValueError(f"trial {self.number} is not complete")
        return self.values[objective]


class ToldTrial(RecordPart):
    """A trial of a study whose result is known, as the study keeps it.

    Attributes:
        params: what the sampler drew, by parameter; a choice by its label.
        enqueued: whether its point was set beforehand.
        values: the objectives of a complete trial, in the order of the guideline, else None.
        curve: the objective after each epoch, where one is to be seen by pruners.
        key: of its run.
        record: the run's record where nothing else keeps it, as for a pruned trial; else None.
    """

    params: dict[str, str | int | float]
    enqueued: bool
    state: TrialState
    values: list[float] | None
    curve: list[float]
    key: str
    record: RunRecord | None


class ComparedSides(RecordPart):
    """The guideline's refits beside the winner's.

    Attributes:
        gain: by how much the winner is better, paired over seeds; None where no seed finished both.
        verdict: on the claim that it is better.
    """

    guideline: Interval | None
    winner: Interval | None
    gain: Interval | None
    verdict: Verdict


class ConfirmedObjective(ComparedSides):
    """One objective of guideline and winner, trained again over the same seeds.

    Attributes:
        searched: what the search itself found, by side; None where it found nothing.
        luck: by how much that is better than the mean of the refits, by side.
    """

    searched: dict[str, float | None]
    luck: dict[str, float]


class Confirmation(RecordPart):
    """What was left of a search's winner when it was trained again beside the guideline.

    Attributes:
        seeds: with which both finished.
        diverged: how many refits are left out, by side.
        objectives: by name.
    """

    seeds: list[int]
    diverged: dict[str, int]
    objectives: dict[str, ConfirmedObjective]


class SearchFindings(RecordPart):
    """A search that hands on a winner.

    Attributes:
        study: its name, which tells everything that decides its trials.
        guideline: the name of what it searched around.
        space: as it was declared.
        objectives: the most important first.
        tolerance: how much of the first objective may be given away for the second.
        importance: by objective, the share of each path.
        best: the number of the best trial; None while none is complete.
        pareto: the numbers of the trials that no other beats.
    """

    study: str
    guideline: str
    space: dict[str, Any]
    objectives: Several[SearchedObjective]
    tolerance: float
    sampler: str
    pruner: str | None
    trials: Several[Trial]
    importance: dict[str, dict[str, float]]
    best: int | None
    pareto: list[int]
    confirmation: Confirmation


class SamplerMeasures(RecordPart):
    """What repetitions of samplers reached, those seeds that all of them finished.

    Attributes:
        arms: by sampler and metric, one value for each seed.
    """

    seeds: list[int]
    arms: dict[str, dict[str, list[float]]]


class SamplerComparison(RecordPart):
    """A search by several samplers, each over several seeds.

    Attributes:
        samplers: by sampler and repetition the best value so far, by trial; empty for one that nothing came of.
        budget: trials of each repetition.
    """

    study: str
    guideline: str
    space: dict[str, Any]
    objectives: Several[SearchedObjective]
    samplers: dict[str, list[list[float]]]
    budget: int
    measured: SamplerMeasures
