"""What a worker process does for one run: load, build, train, keep."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bythebook.fused import program_cache
from bythebook.lazy import keras
from bythebook.records.events import EpochEnded, Observe, RunEnded, RunStarted
from bythebook.records.run import (
    SCHEMA,
    Epoch,
    Measures,
    PhaseRecord,
    RangeTestResult,
    RunRecord,
    SharedAccuracies,
    Timings,
)
from bythebook.runs.memo import Memo
from bythebook.runs.run import Run
from bythebook.runs.trained import Trained, trained
from bythebook.training.checkpoint import Checkpoint
from bythebook.training.learning_curve import Row

CHECKPOINTS, ARRAYS = "checkpoints", "arrays"
OnEpoch = Callable[[Epoch], None]


@dataclass(frozen=True)
class TrainingTask:
    """A run to be trained, and the folder of the memo that keeps it."""

    run: Run
    memo: Path


def train_run(task: TrainingTask, emit: Observe, on_epoch: OnEpoch | None = None) -> RunRecord:
    """Train one run and return its record.

    Finished and diverged runs are kept in the memo. A pruned run is not: where it stopped depends on other runs.

    Args:
        emit: receives the events of the run.
        on_epoch: called with each epoch after it was emitted; may raise ``StopRun``.
    """
    run, key, memo = task.run, task.run.key, Memo(task.memo)
    started, cpu, ended = time.time(), time.process_time(), []
    clock, compiled = time.monotonic(), program_cache.compile_seconds()
    checkpoint = Checkpoint(task.memo.parent / CHECKPOINTS / f"{key}.npz")
    emit(RunStarted(key, run.name, run.seed, started, run.identity))

    def report(row: Row) -> None:
        ended.append(time.time())
        epoch = Epoch.of(row)
        emit(EpochEnded(key, epoch, ended[-1]))
        if on_epoch:
            on_epoch(epoch)

    net = trained(run, memo, task.memo.parent / ARRAYS, report, checkpoint)
    record = _record(run, net)
    timings = Timings(
        started=started,
        seconds=time.monotonic() - clock,
        cpu_seconds=time.process_time() - cpu,
        compile_seconds=program_cache.compile_seconds() - compiled,
        epoch_ended=ended,
    )
    if net.outcome.status != "pruned":
        record = memo.keep(record, timings, net.model.save_weights if net.outcome.status == "finished" else None)
    checkpoint.remove()
    emit(RunEnded(key, record, timings))
    # Only Keras' numbering of names starts anew: compiled programs stay, and collecting garbage would take longer.
    keras.backend.clear_session(free_memory=False)
    return record


def _record(run: Run, net: Trained) -> RunRecord:
    outcome = net.outcome
    return RunRecord(
        schema=SCHEMA,
        key=run.key,
        status=outcome.status,
        reason=outcome.reason,
        identity=run.identity,
        input_shape=net.shape,
        classes=net.outputs,
        parameters=net.parameters,
        trainable_parameters=net.trainable_parameters,
        loop=outcome.loop,
        phases=tuple(PhaseRecord.of(phase) for phase in outcome.phases),
        epochs=tuple(Epoch.of(row) for row in outcome.rows),
        final=Measures.of(net.final) if net.final else None,
        best=Measures.of(net.best) if net.best else None,
        range_test=RangeTestResult.of(outcome.range_test) if outcome.range_test else None,
        shared=SharedAccuracies.of(net.shared) if net.shared else None,
        weights_sha256=None,
    )
