"""Training a search's trials: the memo first, the executor for the rest, and one result for one recipe."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bythebook.runs.engines import AUTOMATIC, EngineSettings, with_engines
from bythebook.runs.executor import Executor, Observe
from bythebook.runs.fanout import announce, expected
from bythebook.runs.memo import Memo
from bythebook.runs.run import Run
from bythebook.runs.schedule import Expectation
from bythebook.runs.training_run import TrainingTask, train_run
from bythebook.runs.view import View
from bythebook.search.guideline import Guideline
from bythebook.search.pruning import METRIC, MedianRule, cut
from bythebook.search.settings import PrunerSettings, SearchSettings
from bythebook.search.trials import Curve, FinishedTrial, State, Then, TrialResult, TrialTask
from bythebook.training.curve import Row, StopRun

STATES: dict[str, State] = {"finished": "complete", "pruned": "pruned", "diverged": "failed"}


@dataclass(frozen=True)
class PrunedTask:
    """A run to be trained under the median rule; it carries the rule's whole knowledge to the worker."""

    training: TrainingTask
    history: tuple[Curve, ...]
    pruner: PrunerSettings | None

    @property
    def rule(self) -> MedianRule:
        """The rule at the first epoch."""
        return MedianRule(self.history, self.pruner, self.training.run.recipe["epochs"])


def train_trial(task: PrunedTask, emit: Observe) -> dict[str, Any]:
    """Trains one trial in a worker process and returns its record, which the memo keeps unless it was pruned."""
    rule = task.rule

    def stop_if_pruned(row: Row) -> None:
        reason = rule.prunes(row)
        if reason:
            raise StopRun("pruned", reason)

    return train_run(task.training, emit, stop_if_pruned)


@dataclass(frozen=True)
class Trainer:
    """Trains the trials of one search.

    Attributes:
        memo: the folder of finished runs.
        observe: receives the events of runs that are trained now.
        engine: how the engine of each trial is chosen; each trial is a shape of its own.
    """

    guideline: Guideline
    view: View
    settings: SearchSettings
    memo: Path
    executor: Executor
    observe: Observe
    engine: EngineSettings = AUTOMATIC

    def run(self, number: int, values: dict[str, Any]) -> Run:
        """The run of a trial."""
        about = "the guideline itself" if number == 0 else f"trial {number} of the search"
        run = Run(f"trial-{number:03d}", self.settings.seed, self.guideline.recipe(values), self.view, about)
        return with_engines([run], self.engine)[0]

    def evaluate(self, tasks: Sequence[TrialTask], finished: Sequence[FinishedTrial], then: Then) -> None:
        """Trains tasks and whatever follows from their results.

        A recipe drawn again is not trained again: it has the result of its first trial. A finished run in the memo is
        cut where the rule would have stopped it, so a full memo changes no result.
        """
        flow = _Flow(self, finished, then)
        first = flow.admit(tasks)
        self.executor.map(train_trial, first, self.observe, _expected, lambda _, record: flow.take(record))


class _Flow:
    """The trials of one search on their way: answered at once where their result is known, else to be trained."""

    def __init__(self, trainer: Trainer, finished: Sequence[FinishedTrial], then: Then) -> None:
        self._trainer, self._then, self._memo = trainer, then, Memo(trainer.memo)
        self._known = {trial.result.key: trial.result for trial in reversed(finished)}
        self._in_training: dict[str, list[int]] = {}

    def admit(self, tasks: Sequence[TrialTask]) -> list[PrunedTask]:
        """What has to be trained of ``tasks`` and of those that follow from results that are known."""
        waiting, missing, asked = deque(tasks), [], 0
        while waiting:
            task = waiting.popleft()
            asked = task.number + 1
            run = self._trainer.run(task.number, task.values)
            wanted = PrunedTask(TrainingTask(run, self._trainer.memo), task.history, self._trainer.settings.pruner)
            key = run.key
            if key in self._in_training:
                self._in_training[key].append(task.number)
            elif (result := self._result(key, wanted)) is not None:
                waiting += self._then(task.number, result)
            else:
                self._in_training[key] = [task.number]
                missing.append(wanted)
        if missing:
            later = max(0, self._trainer.settings.trials - asked)
            announce([wanted.training.run for wanted in missing], self._trainer.observe, later)
        return missing

    def take(self, record: dict[str, Any]) -> list[PrunedTask]:
        """Notes what training gave for every trial with that recipe; what has to be trained because of it."""
        key = record["key"]
        self._known[key] = _result(record)
        following: list[TrialTask] = []
        for number in self._in_training.pop(key):
            following += self._then(number, self._known[key])
        return self.admit(following)

    def _result(self, key: str, wanted: PrunedTask) -> TrialResult | None:
        if key not in self._known and (record := self._memo.record(key)) is not None:
            self._known[key] = _result(cut(record, wanted.rule))
        return self._known.get(key)


def _expected(task: PrunedTask) -> Expectation:
    # The oldest trial goes first, however long the others take: those that see its result wait for it.
    return replace(expected(task.training.run), seconds=1.0, group="")


def _result(record: dict[str, Any]) -> TrialResult:
    """What a record means for the study.

    The objective is the validation accuracy of the weights the run keeps - with early stopping those of the epoch with
    the lowest validation loss - and not the best accuracy of any epoch, which luck alone raises with their number.
    """
    state = STATES[record["status"]]
    curve = tuple(row[METRIC] for row in record["epochs"])
    value = record["final"][METRIC] if state == "complete" else None
    return TrialResult(state, value, curve, record["key"], record if state == "pruned" else None)
