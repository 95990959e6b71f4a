"""Planning and completing a set of runs: what the memo has is reused, what it lacks is trained."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from bythebook.datasets.storage import load_array
from bythebook.documents import read_json
from bythebook.errors import Problems, UserError
from bythebook.records.events import Expected, Observe, RunsAnnounced
from bythebook.records.run import RunRecord
from bythebook.runs import memory, reuse
from bythebook.runs.executor import Executor
from bythebook.runs.loops import AUTOMATIC, LoopSettings, program_shape, with_loops
from bythebook.runs.memo import Memo
from bythebook.runs.run import Run
from bythebook.runs.task_queue import Expectation
from bythebook.runs.training_run import TrainingTask, train_run
from bythebook.runs.view import DataView
from bythebook.shapes import shape_problem
from bythebook.suite import SuiteDeclaration
from bythebook.target import ROTATION
from bythebook.training import pretext
from bythebook.training.loop_choice import choose_loop

log = logging.getLogger(__name__)


def planned(
    declaration: SuiteDeclaration, view: DataView, seeds: Sequence[int], loops: LoopSettings = AUTOMATIC
) -> list[Run]:
    """Every recipe of a suite with every seed, each with the loop that trains it."""
    runs = [Run(arm.name, seed, arm.recipe, view, arm.about) for arm in declaration.arms for seed in seeds]
    return with_loops(runs, loops)


def complete(runs: Sequence[Run], memo: Path, executor: Executor, observe: Observe) -> dict[str, RunRecord]:
    """The record of every run, by key, training the ones that are missing, each after the run whose layers it reuses.

    Args:
        memo: the memo's folder.
        observe: receives the events of the runs that are trained.

    Raises:
        UserError: with every run that cannot be: its source's layers do not fit, or the data's shape does not.
    """
    kept = Memo(memo)
    kept.tell_of_earlier_layouts()
    wanted = {run.key: run for run in runs}
    _check(wanted)
    records = {key: record for key in wanted if (record := kept.record(key)) is not None}
    missing = [run for key, run in wanted.items() if key not in records]
    log.info("%d runs: %d already trained, %d to train", len(wanted), len(records), len(missing))
    announce(missing, observe)
    for wave in waves(missing):
        tasks = [TrainingTask(run, memo) for run in wave]
        trained = executor.map(train_run, tasks, observe, lambda task: expected(task.run))
        records |= {record.key: record for record in trained}
    return records


def announce(runs: Sequence[Run], observe: Observe, later: int = 0) -> None:
    """Tells an observer which runs are about to be trained, and how long each is expected to take.

    Args:
        later: how many more may be announced after these have finished.
    """
    observe(RunsAnnounced({run.key: Expected(expected(run).seconds, run.epochs) for run in runs}, later))


def expected(run: Run) -> Expectation:
    """What training a run will take: its predicted time, the program it compiles, and its memory."""
    view, loop = run.view, run.loop
    seconds = choose_loop(run.recipe, view.images, view.pixels, run.epochs, wanted=loop).seconds
    validation, classes = _sizes(view)
    images = memory.NUMBER * (view.images + validation) * view.pixels
    target = run.recipe["target"]
    own = memory.net(run.recipe, view.pixels, pretext.outputs_of(target, classes, view.pixels))
    if target == ROTATION:
        own += images
    shared = () if loop == "streamed" else ((f"{view.digest} {run.recipe['scaling']}", images),)
    return Expectation(seconds, program_shape(run), own, shared)


def _check(wanted: Mapping[str, Run]) -> None:
    problems = Problems()
    for run in wanted.values():
        if said := shape_problem(run.recipe, run.view.shape):
            problems.add(f"{run.name}, on {run.view.dataset}", said)
        try:
            if source := wanted.get(run.source or ""):
                reuse.check(run, source.recipe)
        except UserError as error:
            problems.extend(error)
    problems.found = list(dict.fromkeys(problems.found))  # seeds of one arm have the same
    problems.raise_if_any()


@lru_cache(maxsize=64)
def _sizes(view: DataView) -> tuple[int, int]:
    """The validation images and the classes of a view's whole data set."""
    validation = load_array(view.directory / "validation" / "labels.npy")
    return len(validation), len(read_json(view.directory / "card.json")["classes"])


def waves(missing: Sequence[Run]) -> list[list[Run]]:
    """The runs in groups, each after all that its runs reuse layers of; a source that is not among them is there."""
    waiting = {run.key: run for run in missing}
    found: list[list[Run]] = []
    while waiting:
        # A key holds its source's key, so that no run can be its own source's source.
        ready = {key: run for key, run in waiting.items() if run.source not in waiting}
        found.append(list(ready.values()))
        waiting = {key: run for key, run in waiting.items() if key not in ready}
    return found
