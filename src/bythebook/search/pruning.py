"""Cutting bad trials short, by the same rule whether a trial is being trained or its finished record is at hand.

The rule is Optuna's median pruner over the complete trials whose results the trial sees. They travel with the task, so
a worker needs no database, and the decision does not depend on which of the trials in flight ends first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import optuna
from optuna.trial import create_trial

from bythebook.search.settings import PrunerSettings
from bythebook.search.studies import in_memory
from bythebook.search.trials import Curve
from bythebook.training.curve import measures

METRIC = "val_accuracy"


class MedianRule:
    """The pruning of one trial.

    Args:
        history: curves of complete trials.
        settings: None never prunes.
        epochs: of the trial's recipe; its last epoch is never pruned, since nothing is left to save.
    """

    def __init__(self, history: Sequence[Curve], settings: PrunerSettings | None, epochs: int) -> None:
        self._epochs, self._trial = epochs, None
        if settings is None or len(history) < settings.startup_trials:
            return
        pruner = optuna.pruners.MedianPruner(
            n_startup_trials=settings.startup_trials, n_warmup_steps=settings.warmup_epochs - 1
        )
        sampler = optuna.samplers.RandomSampler(seed=0)  # samples nothing
        study = in_memory(sampler, pruner)
        for curve in history:
            study.add_trial(create_trial(value=curve[-1], intermediate_values=dict(enumerate(curve))))
        self._trial = study.ask()

    def prunes(self, row: dict[str, Any]) -> str | None:
        """Why the trial stops after the epoch of ``row``, or None; call it once for each epoch in turn."""
        if self._trial is None or row["epoch"] + 1 >= self._epochs:
            return None
        self._trial.report(row[METRIC], row["epoch"])
        if not self._trial.should_prune():
            return None
        return f"validation accuracy was below the median of earlier trials at epoch {row['epoch']}"


def cut(record: dict[str, Any], rule: MedianRule) -> dict[str, Any]:
    """The record that training under ``rule`` would have given, made from the record of the whole run."""
    for row in record["epochs"]:
        reason = rule.prunes(row)
        if reason:
            return _cut_after(record, row["epoch"], reason)
    return record


def _cut_after(record: dict[str, Any], last: int, reason: str) -> dict[str, Any]:
    rows = record["epochs"][: last + 1]
    phase = {**record["phases"][0], "epochs": len(rows)}
    return {
        **record,
        "status": "pruned",
        "reason": reason,
        "phases": [phase],
        "epochs": rows,
        "final": measures(rows[-1]),
        "best": measures(min(rows, key=lambda row: row["val_loss"])),
        "weights_sha256": None,
    }
