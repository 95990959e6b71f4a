"""From a run to its trained net: everything that its numbers come from, and nothing that keeps or tells them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bythebook import network
from bythebook.runs import reuse
from bythebook.runs.loading import load_splits
from bythebook.runs.memo import Memo
from bythebook.runs.run import Run, strategy_of
from bythebook.target import LABELS
from bythebook.training import pretext
from bythebook.training.checkpoint import Checkpoint
from bythebook.training.learning_curve import OnEpoch, Row, StopRun, measures
from bythebook.training.train import Outcome, Split, train


@dataclass(frozen=True)
class Trained:
    """A net and how it came about.

    Attributes:
        model: the Keras model.
        shape: of one image.
        outputs: how many numbers it gives for one image.
        final: the metrics of the epoch whose weights it has; None without a finished epoch.
        best: the metrics of the epoch with the lowest validation loss.
        parameters: how many numbers its weights are.
        trainable_parameters: how many of them the last phase changes.
        shared: how well the net whose layers it reuses still does, where the run is to tell.
    """

    model: Any
    shape: tuple[int, ...]
    outputs: int
    outcome: Outcome
    final: Row | None
    best: Row | None
    parameters: int
    trainable_parameters: int
    shared: dict[str, float] | None


def trained(run: Run, memo: Memo, arrays: Path, on_epoch: OnEpoch, checkpoint: Checkpoint) -> Trained:
    """Build the net of a run and train it, or on from where the checkpoint left it.

    Args:
        memo: where the run is whose layers are reused.
        arrays: the folder of scaled images.
        on_epoch: called with each epoch's row; it may raise ``StopRun``.

    Raises:
        UserError: the net whose layers it reuses is gone, or they do not fit.
    """
    training, validation, outputs = _asked(run, arrays)
    shape = training.images.shape[1:]
    strategy = strategy_of(run.recipe, run.strategy)
    model, shared = network.build(run.recipe, shape, outputs, run.seed), None
    try:
        source = reuse.lend(run, strategy, model, memo, arrays) if strategy.source != "none" else None
        phases = strategy.on(len(run.recipe["hidden"]))
        outcome = train(
            model, run.recipe, phases, training, validation, outputs, run.seed, on_epoch, run.loop, checkpoint
        )
        if source and outcome.status == "finished":
            shared = source.after(model)
    except StopRun as stop:
        outcome = Outcome(stop.status, stop.reason, [], [], None, run.loop)
    rows = outcome.rows
    return Trained(
        model,
        shape,
        outputs,
        outcome,
        final=None if outcome.kept is None else measures(rows[outcome.kept]),
        best=measures(min(rows, key=lambda row: float(row["val_loss"]))) if rows else None,
        parameters=model.count_params(),
        trainable_parameters=sum(math.prod(weight.shape) for weight in model.trainable_variables),
        shared=shared,
    )


def _asked(run: Run, arrays: Path) -> tuple[Split, Split, int]:
    """Return the run's data with what its net is asked about them, and how many numbers the net answers with."""
    target = run.recipe["target"]
    training, validation, classes = load_splits(run.view, run.recipe["scaling"], arrays)
    if target == LABELS:
        return training, validation, classes
    outputs = pretext.outputs_of(target, classes, math.prod(training.images.shape[1:]))
    return (
        pretext.with_targets(target, training, run.seed, "training"),
        pretext.with_targets(target, validation, run.seed, "validation"),
        outputs,
    )
