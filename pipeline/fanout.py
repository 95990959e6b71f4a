"""Worker processes for a stage, and what watches their runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from bythebook.lazy import keras
from bythebook.records.events import Event, Observe, RunsAnnounced
from bythebook.records.suite import Heading
from bythebook.runs.executor import Executor
from bythebook.runs.local_executor import LocalExecutor
from bythebook.runs.run import Run
from bythebook.runs.workers import Prepare
from bythebook.tracking import Execution, LiveTracker, Planned
from bythebook.training.determinism import ENVIRONMENT, prepare_process
from pipeline import mlflow_settings, stage, temporary
from pipeline.params import Params
from pipeline.progress import Progress

# Keras imports them where it finds them, for what no worker does, and they are a third of the time that it takes.
UNUSED = ("matplotlib", "pandas", "sklearn")


def trainers() -> None:
    """Everything that takes time before a first run, done once where workers are forked from one process."""
    with hidden(*UNUSED):
        prepare_process(stage.COMPILED)
        # Its first use imports it.
        keras.version()


def plain() -> None:
    """Workers that train nothing are ready as they are."""


@contextmanager
def hidden(*names: str) -> Iterator[None]:
    """Lets imports of these modules fail for the time of the block, as where they are not installed."""
    unseen = [name for name in names if name not in sys.modules]
    for name in unseen:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        for name in unseen:
            del sys.modules[name]


@contextmanager
def workers(params: Params, prepare: Prepare = trainers) -> Iterator[Executor]:
    """Workers, here or on a cluster, for the time of the block, each made ready by ``prepare``."""
    # NumPy's BLAS reads its number of threads when it is imported, which in a worker comes before anything else.
    os.environ.update(ENVIRONMENT)
    with here(params.workers, prepare) if params.executor == "local" else _on_ray(params, prepare) as executor:
        yield executor


@contextmanager
def here(count: int, prepare: Prepare) -> Iterator[Executor]:
    """Workers on this machine, whose temporary files go with them."""
    with temporary.own_folder(), LocalExecutor(count, prepare) as executor:
        yield executor


def _on_ray(params: Params, prepare: Prepare) -> AbstractContextManager[Executor]:
    from bythebook.runs.cluster.executor import RayExecutor

    # Ray would report how it is used to its makers.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    code = [Path(__file__).resolve().parent]
    return RayExecutor(params.workers, prepare, params.ray.address, params.ray.folder, code, ENVIRONMENT)


@contextmanager
def watched(heading: Heading, runs: Sequence[Run], study: str | None = None) -> Iterator[Observe]:
    """An observer of runs, for the time of the block: progress for the user, live tracking for MLflow."""
    planned = [Planned(run.key, run.name, run.seed, run.about, run.tags, run.identity) for run in runs]
    execution = Execution.of(heading, planned, study)
    with (
        Progress(heading.stage) as progress,
        LiveTracker(mlflow_settings.address(), execution, mlflow_settings.context(heading.stage)) as tracker,
    ):

        def observe(event: Event) -> None:
            progress(event)
            if not isinstance(event, RunsAnnounced):
                tracker(event)
            elif event.runs:
                tracker.prepare()

        yield observe
