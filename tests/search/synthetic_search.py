"""A search whose trials are formulas: a real study, sampler, pruner and executor, and no neural net."""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from made_records import made_rows, run_record

from bythebook.records.events import Event, ignore_events
from bythebook.records.run import Epoch
from bythebook.records.search import Direction
from bythebook.runs.local_executor import LocalExecutor
from bythebook.search.mirror import Mirror
from bythebook.search.objectives import objectives
from bythebook.search.pruning import Rule
from bythebook.search.settings import Median, Pruner, SearchSettings
from bythebook.search.space import Assignment, Space, assign
from bythebook.search.space_validation import read_space
from bythebook.search.storage import sqlite_address
from bythebook.search.study_runner import StudyRunner
from bythebook.search.told import ToldTrials
from bythebook.search.trials import FinishedTrial, Then, TrialResult, TrialTask

EPOCHS = 6
PRUNER = Median(startup_trials=3, warmup_epochs=2)
SETTINGS = SearchSettings(trials=18, seed=7, in_flight=4, startup_trials=6, pruner=PRUNER)
DECLARED: dict[str, Any] = {
    "n_hidden": {"low": 1, "high": 5},
    "activation": {"choices": ["relu", "elu", {"name": "leaky_relu", "negative_slope": 0.1}]},
    "normalizer": [
        {"when": {"n_hidden": [4, 5]}, "choices": ["batch_norm_after", None]},
        {"value": None},
    ],
    "optimizer.learning_rate": {"low": 1e-4, "high": 1.0, "log": True},
}
SPACE = read_space(DECLARED, "test: space")
OWN = {"n_hidden": 2, "activation": "elu", "optimizer.learning_rate": 0.01}
FIRST: Assignment = assign(SPACE, lambda parameter: OWN[parameter.path])


def train(task: TrialTask, emit: Callable[[Event], None], pruner: Pruner = PRUNER) -> TrialResult:
    """A learning curve that is better near a rate of 0.03 and three layers; a rate above 0.5 diverges."""
    key = hashlib.sha256(json.dumps(task.values, sort_keys=True).encode()).hexdigest()
    rate, depth = task.values["optimizer.learning_rate"], task.values["n_hidden"]
    emit({"event": "started", "key": key, "number": task.number, "pid": os.getpid()})
    if rate > 0.5:
        return TrialResult("failed", None, (0.1,), key)
    best = 0.9 - 0.1 * math.log10(rate / 0.03) ** 2 - 0.02 * abs(depth - 3)
    rule, curve = Rule(task.number, task.seen, pruner, objectives()["val_accuracy"], EPOCHS), []
    for epoch in range(EPOCHS):
        curve.append(best * (1 - 0.5 ** (epoch + 1)))
        seen = {"epoch": epoch, "val_accuracy": curve[-1], "learning_rate": rate}
        if rule.prunes(Epoch.of(seen)):
            record = run_record(rows=made_rows([1 - value for value in curve]), status="pruned")
            return TrialResult("pruned", None, tuple(curve), key, record)
    return TrialResult("complete", (curve[-1],), tuple(curve), key)


def in_process(tasks: Sequence[TrialTask], finished: Sequence[FinishedTrial], then: Then) -> None:
    """Trains here, one after the other."""
    waiting = deque(tasks)
    while waiting:
        task = waiting.popleft()
        waiting += then(task.number, train(task, ignore_events))


def after(number: int, action: Callable[[], None]) -> Any:
    """Trains here, and does something when so many trials have ended, before that is told."""
    ended = 0

    def count() -> None:
        nonlocal ended
        ended += 1
        if ended == number:
            action()

    return each(count)


def each(action: Callable[[], None]) -> Any:
    """Trains here, and does something whenever a trial has ended, before that is told."""

    def evaluate(tasks: Sequence[TrialTask], finished: Sequence[FinishedTrial], then: Then) -> None:
        def act(number: int, result: TrialResult) -> Sequence[TrialTask]:
            action()
            return then(number, result)

        in_process(tasks, finished, act)

    return evaluate


def run(
    folder: Path,
    settings: SearchSettings = SETTINGS,
    evaluate: Any = in_process,
    name: str = "synthetic",
    first: Assignment = FIRST,
    space: Space = SPACE,
    directions: Sequence[Direction] = ("maximize",),
    address: str | None = None,
) -> list[FinishedTrial]:
    """Brings the study in a folder to its budget; a second objective is the number of layers.

    The dashboard's studies are at an address, or in the folder.
    """

    def trained(tasks: Sequence[TrialTask], finished: Sequence[FinishedTrial], then: Then) -> None:
        depths = {task.number: float(task.values["n_hidden"]) for task in tasks}

        def follow(number: int, result: TrialResult) -> Sequence[TrialTask]:
            both = None if result.values is None else (*result.values, depths[number])
            following = then(number, replace(result, values=both, curve=()))
            depths.update({task.number: float(task.values["n_hidden"]) for task in following})
            return following

        evaluate(tasks, finished, follow)

    told, mirror = ToldTrials(folder / "told", name), Mirror(address or sqlite_address(folder), name, directions)
    trainer = trained if len(directions) > 1 else evaluate
    return StudyRunner(told, mirror, space, first, settings, trainer, directions).run()


def nothing() -> None:
    """What workers have to prepare."""


def with_workers(count: int, function: Any = train) -> Any:
    """Trains in worker processes, through the executor that training uses."""
    return through(LocalExecutor(count, nothing), function=function)


def through(executor: Any, observe: Callable[[Event], None] = ignore_events, function: Any = train) -> Any:
    """Trains through an executor, which is closed then."""

    def evaluate(tasks: Sequence[TrialTask], finished: Sequence[FinishedTrial], then: Then) -> None:
        numbers = [task.number for task in tasks]

        def follow(index: int, result: TrialResult) -> Sequence[TrialTask]:
            following = then(numbers[index], result)
            numbers.extend(task.number for task in following)
            return following

        with executor:
            executor.map(function, tasks, observe, then=follow)

    return evaluate
