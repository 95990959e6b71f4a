"""What passes between a study and whoever trains its trials."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bythebook.records.run import RunRecord
from bythebook.records.search import TrialState
from bythebook.search.space import Assignment

Curve = tuple[float, ...]


@dataclass(frozen=True)
class Past:
    """An earlier trial, complete or pruned, as a later one sees it: the objective after each of its epochs."""

    number: int
    state: TrialState
    curve: Curve


@dataclass(frozen=True)
class TrialTask:
    """A trial to be trained.

    Attributes:
        number: its place in the study.
        values: every recipe path that the space decides, with its value.
        seen: the earlier trials whose results it sees, but for failed ones.
    """

    number: int
    values: dict[str, Any]
    seen: tuple[Past, ...]


@dataclass(frozen=True)
class TrialResult:
    """What training a trial gave.

    Attributes:
        state: ``complete``, ``pruned`` or ``failed``.
        values: the objectives of a complete trial, in the order of the guideline, else None.
        curve: the objective after each epoch; with several objectives, or one that no epoch shows, empty.
        key: the key of the trial's run.
        record: the run's record where nothing else keeps it, as for a pruned trial; else None.
    """

    state: TrialState
    values: tuple[float, ...] | None
    curve: Curve
    key: str
    record: RunRecord | None = None


@dataclass(frozen=True)
class FinishedTrial:
    """A trial and its result; ``enqueued`` says whether its point was set beforehand, as trial 0's is."""

    number: int
    point: Assignment
    enqueued: bool
    result: TrialResult


# Takes the result of a trial; the trials that may start because of it.
Then = Callable[[int, TrialResult], Sequence[TrialTask]]
# Trains tasks and whatever follows from their results; also given: the trials that had finished before, in order of
# number, for recipes that are drawn again.
Evaluate = Callable[[Sequence[TrialTask], Sequence[FinishedTrial], Then], None]
