"""What a worker process does for one run: load, build, train, keep."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bythebook.lazy import keras
from bythebook.runs.memo import SCHEMA, Memo
from bythebook.runs.run import Run
from bythebook.runs.trained import Trained, trained
from bythebook.training import programs
from bythebook.training.checkpoint import Checkpoint
from bythebook.training.curve import OnEpoch, Row

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
    emit({"event": "started", "key": key, "identity": run.identity, "name": run.name, "seed": run.seed, "at": started})

    def report(row: Row) -> None:
        ended.append(time.time())
        emit({"event": "epoch", "key": key, "row": row, "at": ended[-1]})
        if on_epoch:
            on_epoch(row)

    net = trained(run, memo, task.memo.parent / ARRAYS, report, checkpoint)
    record = _record(run, net)
    timings = {
        "started": started,
        "seconds": time.monotonic() - clock,
        "cpu_seconds": time.process_time() - cpu,
        "compile_seconds": programs.compile_seconds() - compiled,
        "epoch_ended": ended,
    }
    if net.outcome.status != "pruned":
        record = memo.keep(record, timings, net.model.save_weights if net.outcome.status == "finished" else None)
    checkpoint.remove()
    emit({"event": "finished", "key": key, "record": record, "timings": timings})
    # Only Keras' numbering of names starts anew: compiled programs stay, and collecting garbage would take longer.
    keras.backend.clear_session(free_memory=False)
    return record


def _record(run: Run, net: Trained) -> dict[str, Any]:
    """Return the run record, in the layout whose number is :data:`bythebook.runs.memo.SCHEMA`."""
    return {
        "schema": SCHEMA,
        "key": run.key,
        "status": net.outcome.status,
        "reason": net.outcome.reason,
        "identity": run.identity,
        "input_shape": list(net.shape),
        "classes": net.outputs,
        "parameters": net.parameters,
        "trainable_parameters": net.trainable_parameters,
        "loop": net.outcome.loop,
        "phases": net.outcome.phases,
        "epochs": net.outcome.rows,
        "final": net.final,
        "best": net.best,
        "range_test": net.outcome.range_test,
        "shared": net.shared,
        "weights_sha256": None,
    }
