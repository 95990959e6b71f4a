"""What a worker process does for one run: load, build, train, keep."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from bythebook import catalogue, network
from bythebook.datasets import shared
from bythebook.lazy import keras
from bythebook.runs.memo import WEIGHTS, Memo
from bythebook.runs.run import Run, View
from bythebook.techniques.strategies import Phase, Strategy
from bythebook.training import programs
from bythebook.training.checkpoint import Checkpoint
from bythebook.training.curve import OnEpoch, Row, StopRun, measures
from bythebook.training.engine import Outcome, Split, train

SCHEMA = 3
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

    training, validation, classes = _data(run.view, run.recipe["scaling"], task.memo.parent / ARRAYS)
    shape = training.images.shape[1:]
    model = network.build(run.recipe, shape, classes, run.seed)
    try:
        phases = _phases(model, memo, run)
        outcome = train(
            model, run.recipe, phases, training, validation, classes, run.seed, report, run.engine, checkpoint
        )
    except StopRun as stop:
        outcome = Outcome(stop.status, stop.reason, [], [], None, run.engine)
    record = {**_record(run, key, model, outcome), "input_shape": list(shape), "classes": classes}
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


def _phases(model: Any, memo: Memo, run: Run) -> tuple[Phase, ...]:
    if run.strategy is None:
        return (Phase("fit", run.recipe["epochs"]),)
    strategy: Strategy = catalogue.build("strategy", run.strategy)
    hidden = len(run.recipe["hidden"])
    if strategy.source != "none":
        _reuse_lower_layers(model, memo, run.source or "", strategy.reused_of(hidden))
    return strategy.on(hidden)


def _reuse_lower_layers(model: Any, memo: Memo, key: str, reused: int) -> None:
    """Copies the weights of the source's first ``reused`` hidden layers; the source itself stays as it is on disk."""
    source = memo.record(key)
    if source is None or source["status"] != "finished":
        raise StopRun("diverged", "the run whose layers it reuses has not finished")
    donor = load_model(source, memo.directory(key) / WEIGHTS)
    blocks = zip(network.hidden_blocks(model)[:reused], network.hidden_blocks(donor)[:reused], strict=True)
    for own, donated in ((own, donated) for block in blocks for own, donated in zip(*block, strict=True)):
        own.set_weights(donated.get_weights())


@lru_cache(maxsize=4)
def _data(view: View, scaling: str, arrays: Path) -> tuple[Split, Split, int]:
    loaded = shared.load(arrays, view.digest, view.directory, scaling, view.task, view.side)
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
