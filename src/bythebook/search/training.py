"""Training a search's trials: the memo first, the executor for the rest, and one result for one recipe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bythebook.runs.engines import AUTOMATIC, EngineSettings, with_engines
from bythebook.runs.executor import Executor, Observe
from bythebook.runs.fanout import announce, expected
from bythebook.runs.memo import Memo
from bythebook.runs.run import Run, View
from bythebook.runs.training_run import TrainingTask, train_run
from bythebook.search.guideline import Guideline
from bythebook.search.pruning import METRIC, MedianRule, cut
from bythebook.search.settings import PrunerSettings, SearchSettings
from bythebook.search.trials import Curve, FinishedTrial, State, TrialResult, TrialTask
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

    def evaluate(self, tasks: Sequence[TrialTask], finished: Sequence[FinishedTrial]) -> list[TrialResult]:
        """The result of every task.

        A recipe drawn again is not trained again: it has the result of its first trial. A finished run in the memo is
        cut where the rule would have stopped it, so a full memo changes no result.
        """
        known = {trial.result.key: trial.result for trial in reversed(finished)}
        runs = {task.number: self.run(task.number, task.values) for task in tasks}
        keys = {number: run.key for number, run in runs.items()}
        kept, missing = Memo(self.memo), {}
        for task in tasks:
            key = keys[task.number]
            if key in known or key in missing:
                continue
            wanted = PrunedTask(TrainingTask(runs[task.number], self.memo), task.history, self.settings.pruner)
            record = kept.record(key)
            if record is None:
                missing[key] = wanted
            else:
                known[key] = _result(cut(record, wanted.rule))
        records = self._train(list(missing.values()), max((task.number for task in tasks), default=0) + 1)
        known.update({record["key"]: _result(record) for record in records})
        return [known[keys[task.number]] for task in tasks]

    def _train(self, tasks: Sequence[PrunedTask], asked: int) -> list[dict[str, Any]]:
        """The records of ``tasks``; ``asked`` trials have been asked by now."""
        later = max(0, self.settings.trials - asked)
        announce([task.training.run for task in tasks], self.observe, later)
        return self.executor.map(train_trial, tasks, self.observe, lambda task: expected(task.training.run))


def _result(record: dict[str, Any]) -> TrialResult:
    """What a record means for the study.

    The objective is the validation accuracy of the weights the run keeps - with early stopping those of the epoch with
    the lowest validation loss - and not the best accuracy of any epoch, which luck alone raises with their number.
    """
    state = STATES[record["status"]]
    curve = tuple(row[METRIC] for row in record["epochs"])
    value = record["final"][METRIC] if state == "complete" else None
    return TrialResult(state, value, curve, record["key"], record if state == "pruned" else None)
