"""Training a search's trials: the memo first, the executor for the rest, and one result for one recipe."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bythebook.records.events import Observe
from bythebook.records.run import Epoch, RunRecord
from bythebook.records.search import TrialState
from bythebook.runs.fanout import announce, expected
from bythebook.runs.memo import Memo
from bythebook.runs.run import Run
from bythebook.runs.task_queue import Expectation
from bythebook.runs.training_run import TrainingTask, train_run
from bythebook.search.objective_values import Measurement, Values, known, measured
from bythebook.search.objectives import objectives
from bythebook.search.planning import Planner
from bythebook.search.pruning import Rule, cut
from bythebook.search.resources import Resources
from bythebook.search.settings import Pruner, SearchSettings
from bythebook.search.trials import FinishedTrial, Past, Then, TrialResult, TrialTask
from bythebook.training.learning_curve import StopRun

STATES: dict[str, TrialState] = {"finished": "complete", "pruned": "pruned", "diverged": "failed"}
# What a worker gives back: the record, and the objectives of a run that finished.
TrainedTrial = tuple[RunRecord, Values | None]


@dataclass(frozen=True)
class TrialRun:
    """A run to be trained under a pruner and to be measured; it carries all that the pruner sees to the worker."""

    run: Run
    memo: Path
    names: tuple[str, ...]
    number: int
    seen: tuple[Past, ...]
    pruner: Pruner | None

    @property
    def rule(self) -> Rule:
        """The pruning at the first epoch."""
        objective = objectives()[self.names[0]]
        return Rule(self.number, self.seen, self.pruner, objective, self.run.epochs)

    @property
    def measurement(self) -> Measurement:
        """What is measured of it, once it has finished."""
        return Measurement(self.run, self.memo, self.names)


def train_trial(task: TrialRun, emit: Observe) -> TrainedTrial:
    """Trains one trial in a worker process, if the memo lacks it, and measures it.

    The memo keeps its record unless it was pruned.
    """
    rule = task.rule

    def stop_if_pruned(epoch: Epoch) -> None:
        reason = rule.prunes(epoch)
        if reason:
            raise StopRun("pruned", reason)

    before = Memo(task.memo).record(task.run.key)
    if before is not None:
        record = cut(before, rule)
    else:
        record = train_run(TrainingTask(task.run, task.memo), emit, stop_if_pruned)
    return record, measured(task.measurement, record) if record.is_finished else None


@dataclass(frozen=True)
class Trainer:
    """Trains the trials of one search.

    Attributes:
        prefix: what stands before the number in a trial's name.
    """

    planner: Planner
    settings: SearchSettings
    resources: Resources
    prefix: str = "trial"

    def run(self, number: int, values: dict[str, Any]) -> Run:
        """The run of a trial."""
        own = values == self.planner.guideline.first.values
        about = "the guideline itself" if own else f"trial {number} of the search"
        return self.planner.run(f"{self.prefix}-{number:03d}", self.settings.seed, values, about)

    def evaluate(self, tasks: Sequence[TrialTask], finished: Sequence[FinishedTrial], then: Then) -> None:
        """Trains tasks and whatever follows from their results.

        A recipe drawn again is not trained again: it has the result of its first trial. A finished run in the memo is
        cut where the rule would have stopped it, so a full memo changes no result.
        """
        flow = _Flow(self, finished, then)
        first = flow.admit(tasks)
        resources = self.resources
        resources.executor.map(train_trial, first, resources.observe, _expected, lambda _, trained: flow.take(*trained))


class _Flow:
    """The trials of one search on their way: answered at once where their result is known, else to be trained."""

    def __init__(self, trainer: Trainer, finished: Sequence[FinishedTrial], then: Then) -> None:
        self._trainer, self._then, self._memo = trainer, then, Memo(trainer.resources.memo)
        self._names = tuple(objective.name for objective in trainer.planner.guideline.objectives)
        self._known = {trial.result.key: trial.result for trial in reversed(finished)}
        self._in_training: dict[str, list[int]] = {}

    def admit(self, tasks: Sequence[TrialTask]) -> list[TrialRun]:
        """What has to be trained, or only measured, of ``tasks`` and of those that follow from known results."""
        waiting, missing, asked, untrained = deque(tasks), [], 0, []
        while waiting:
            task = waiting.popleft()
            asked = task.number + 1
            trainer = self._trainer
            run = trainer.run(task.number, task.values)
            wanted = TrialRun(run, trainer.resources.memo, self._names, task.number, task.seen, trainer.settings.pruner)
            key = run.key
            if key in self._in_training:
                self._in_training[key].append(task.number)
                continue
            record = None if key in self._known else self._memo.record(key)
            if record is not None and (result := self._looked_up(wanted, cut(record, wanted.rule))):
                self._known[key] = result
            if key in self._known:
                waiting += self._then(task.number, self._known[key])
                continue
            self._in_training[key] = [task.number]
            missing.append(wanted)
            untrained += [] if record is not None else [run]
        if untrained:
            announce(untrained, self._trainer.resources.observe, max(0, self._trainer.settings.trials - asked))
        return missing

    def take(self, record: RunRecord, values: Values | None) -> list[TrialRun]:
        """Notes what training gave for every trial with that recipe; what has to be trained because of it."""
        key = record.key
        self._known[key] = self._result(record, values)
        following: list[TrialTask] = []
        for number in self._in_training.pop(key):
            following += self._then(number, self._known[key])
        return self.admit(following)

    def _looked_up(self, wanted: TrialRun, record: RunRecord) -> TrialResult | None:
        """What a record in the memo means; None if its net has to be measured first."""
        if record.status != "finished":
            return self._result(record, None)
        values = known(wanted.measurement, record)
        return None if values is None else self._result(record, values)

    def _result(self, record: RunRecord, values: Values | None) -> TrialResult:
        """What a record means for the study."""
        state = STATES[record.status]
        if values is not None and any(map(math.isnan, values)):
            state, values = "failed", None
        shown = objectives()[self._names[0]].epoch if len(self._names) == 1 else None
        curve = tuple(epoch.metrics[shown] for epoch in record.epochs) if shown else ()
        return TrialResult(state, values, curve, record.key, record if state == "pruned" else None)


def _expected(task: TrialRun) -> Expectation:
    # The oldest trial goes first, however long the others take: those that see its result wait for it.
    return replace(expected(task.run), seconds=1.0, group="")
