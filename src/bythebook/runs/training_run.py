"""What a worker process does for one run: load, build, train, keep."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bythebook import network
from bythebook.datasets import shared
from bythebook.errors import UserError
from bythebook.lazy import keras
from bythebook.runs import reuse
from bythebook.runs.memo import WEIGHTS, Memo
from bythebook.runs.run import Run
from bythebook.training import pretext, programs
from bythebook.training.checkpoint import Checkpoint
from bythebook.training.curve import OnEpoch, Row, StopRun, measures
from bythebook.training.engine import Outcome, Split, train

if TYPE_CHECKING:
    from bythebook.runs.view import View

SCHEMA = 4
CHECKPOINTS, ARRAYS = "checkpoints", "arrays"
Emit = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class TrainingTask:
    """A run to be trained, and the folder of the memo that keeps it."""

    run: Run
    memo: Path


def train_run(task: TrainingTask, emit: Emit, on_epoch: OnEpoch | None = None) -> dict[str, Any]:
    """Trains one run and returns its record.

    Finished and diverged runs are kept in the memo. A pruned run is not: where it stopped depends on other runs.

    Args:
        emit: receives the events ``started``, ``epoch`` and ``finished``.
        on_epoch: called with each epoch's row after it was emitted; may raise ``StopRun``.
    """
    run, key, memo = task.run, task.run.key, Memo(task.memo)
    started, cpu, ended = time.time(), time.process_time(), []
    clock, compiled = time.monotonic(), programs.compile_seconds()
    checkpoint = Checkpoint(task.memo.parent / CHECKPOINTS / f"{key}.npz")
    emit(
        {"event": "started", "key": key, "identity": run.identity(), "name": run.name, "seed": run.seed, "at": started}
    )

    def report(row: Row) -> None:
        ended.append(time.time())
        emit({"event": "epoch", "key": key, "row": row, "at": ended[-1]})
        if on_epoch:
            on_epoch(row)

    arrays = task.memo.parent / ARRAYS
    training, validation, outputs = _posed(run, arrays)
    shape, of_source = training.images.shape[1:], None
    model = network.build(run.recipe, shape, outputs, run.seed)
    try:
        source = _lend(memo, run, model, arrays)
        outcome = train(
            model, run.recipe, run.phases, training, validation, outputs, run.seed, report, run.engine, checkpoint
        )
        if source and outcome.status == "finished":
            of_source = source.after(model)
    except StopRun as stop:
        outcome = Outcome(stop.status, stop.reason, [], [], None, run.engine)
    record = {**_record(run, key, model, outcome), "input_shape": list(shape), "classes": outputs, "shared": of_source}
    timings = {
        "started": started,
        "seconds": time.monotonic() - clock,
        "cpu_seconds": time.process_time() - cpu,
        "compile_seconds": programs.compile_seconds() - compiled,
        "epoch_ended": ended,
    }
    if outcome.status != "pruned":
        record = memo.keep(record, timings, model.save_weights if outcome.status == "finished" else None)
    checkpoint.remove()
    emit({"event": "finished", "key": key, "record": record, "timings": timings})
    # Only Keras' numbering of names starts anew: compiled programs stay, and collecting garbage would take longer.
    keras.backend.clear_session(free_memory=False)
    return record


def load_model(record: dict[str, Any], weights: Path) -> Any:
    """The trained model of a record, rebuilt from its recipe and its saved weights."""
    identity = record["identity"]
    model = network.build(identity["recipe"], tuple(record["input_shape"]), record["classes"], identity["seed"])
    model.load_weights(weights)
    return model


def _lend(memo: Memo, run: Run, model: Any, arrays: Path) -> reuse.Watched | None:
    """Gives ``model`` the layers that its strategy reuses; returns their source, if the record is to tell of it."""
    plan = run.plan
    if plan.source == "none":
        return None
    record = memo.record(run.source) if run.source else None
    # Not kept as a result: what a run gives must not depend on what the memo holds.
    if record is None:
        raise UserError(f"{run.name}: the net whose layers it reuses is no longer in the memo; start again.")
    if record["status"] != "finished":
        raise StopRun("diverged", "the run whose layers it reuses has not finished")
    recipe, reused = record["identity"]["recipe"], plan.reused_of(len(run.recipe["hidden"]))
    reuse.check(run, recipe)
    donor = load_model(record, memo.directory(record["key"]) / WEIGHTS)
    reuse.copy_lower_layers(model, donor, reused)
    if run.source_view is None:
        return None
    if run.source_view.declaration() != record["identity"]["data"]:
        raise ValueError(f"{run.name}: source_view is not what its source was trained on")
    _, validation, classes = _data(run.source_view, recipe["scaling"], arrays)
    return reuse.Watched(donor, reused, recipe, validation, classes)


def _posed(run: Run, arrays: Path) -> tuple[Split, Split, int]:
    """The run's data with what its net is asked about them, and how many numbers the net answers with."""
    target = run.recipe["target"]
    training, validation, classes = _data(run.view, run.recipe["scaling"], arrays)
    outputs = pretext.outputs_of(target, classes, math.prod(training.images.shape[1:]))
    parts = (("training", training), ("validation", validation))
    training, validation = (pretext.posed(target, split, run.seed, part) for part, split in parts)
    return training, validation, outputs


@lru_cache(maxsize=shared.KEPT)
def _data(view: View, scaling: str, arrays: Path) -> tuple[Split, Split, int]:
    loaded = shared.load(arrays, view.digest, view.directory, scaling, view.task, view.side, view.labels)
    training, validation = (Split(part.images, part.labels) for part in loaded)
    return training, validation, len(loaded[0].classes)


def _record(run: Run, key: str, model: Any, outcome: Outcome) -> dict[str, Any]:
    rows = outcome.rows
    best = min(range(len(rows)), key=lambda index: rows[index]["val_loss"]) if rows else None
    return {
        "schema": SCHEMA,
        "key": key,
        "status": outcome.status,
        "reason": outcome.reason,
        "identity": run.identity(),
        "parameters": model.count_params(),
        "trainable_parameters": sum(int(weight.shape.num_elements()) for weight in model.trainable_variables),
        "engine": outcome.engine,
        "phases": outcome.phases,
        "epochs": rows,
        "final": None if outcome.kept is None else measures(rows[outcome.kept]),
        "best": None if best is None else measures(rows[best]),
        "range_test": outcome.range_test,
        "weights_sha256": None,
    }
