"""Cutting bad trials short, by the same rule whether a trial is being trained or its finished record is at hand.

The rules are Optuna's pruners over the trials whose results the trial sees. They travel with the task, so a worker
needs no database, and a decision does not depend on which of the trials in flight ends first.
"""

from __future__ import annotations

from collections.abc import Sequence

import optuna
from optuna.pruners import BasePruner
from optuna.trial import TrialState

from bythebook.records.run import Epoch, RunRecord
from bythebook.search.objectives import Objective
from bythebook.search.settings import Hyperband, Median, Pruner, SuccessiveHalving
from bythebook.search.studies import in_memory
from bythebook.search.trials import Past

STATES = {"complete": TrialState.COMPLETE, "pruned": TrialState.PRUNED}


class Rule:
    """The pruning of one trial.

    Args:
        number: of the trial.
        seen: the earlier trials whose results it sees.
        pruner: None never prunes.
        objective: what is searched by; it shows in every epoch's row.
        epochs: of the trial's recipe; its last epoch is never pruned, since nothing is left to save.
    """

    def __init__(
        self, number: int, seen: Sequence[Past], pruner: Pruner | None, objective: Objective, epochs: int
    ) -> None:
        self._metric, self._epochs, self._says = str(objective.epoch), epochs, pruner.says if pruner else ""
        self._trial = None
        if pruner is None or _knows_too_little(pruner, seen):
            return
        # Hyperband's brackets come from the study's name and the trials' numbers.
        study = in_memory(
            [objective.direction], optuna.samplers.RandomSampler(seed=0), _pruner(pruner, epochs), "pruning"
        )
        past = {trial.number: trial for trial in seen}
        for earlier in range(number):
            _again(study, past.get(earlier), decides=not isinstance(pruner, Median))
        self._trial = study.ask()

    def prunes(self, epoch: Epoch) -> str | None:
        """Return why the trial stops after an epoch, or None; call it once for each epoch in turn."""
        if self._trial is None or epoch.epoch + 1 >= self._epochs:
            return None
        self._trial.report(epoch.metrics[self._metric], epoch.epoch + 1)
        if not self._trial.should_prune():
            return None
        return f"its {self._metric} was {self._says} at epoch {epoch.epoch}"


def cut(record: RunRecord, rule: Rule) -> RunRecord:
    """Return the record that training under ``rule`` would have given, made from the record of the whole run."""
    for epoch in record.epochs:
        reason = rule.prunes(epoch)
        if reason:
            return _cut_after(record, epoch.epoch, reason)
    return record


def _knows_too_little(pruner: Pruner, seen: Sequence[Past]) -> bool:
    complete = sum(trial.state == "complete" for trial in seen)
    return isinstance(pruner, Median) and complete < pruner.startup_trials


def _pruner(pruner: Pruner, epochs: int) -> BasePruner:
    """Optuna's pruner; its steps are epochs that have been trained."""
    match pruner:
        case Median():
            return optuna.pruners.MedianPruner(pruner.startup_trials, pruner.warmup_epochs)
        case SuccessiveHalving():
            return optuna.pruners.SuccessiveHalvingPruner(pruner.min_epochs, pruner.reduction_factor)
        case Hyperband():
            return optuna.pruners.HyperbandPruner(
                pruner.min_epochs, max(epochs, pruner.min_epochs), pruner.reduction_factor
            )


def _again(study: optuna.Study, past: Past | None, decides: bool) -> None:
    """A trial told once more; one without a result to be seen takes its number alone.

    Args:
        decides: whether the pruner notes what it decides on the way, as the halving ones do.
    """
    trial = study.ask()
    if past is None:
        return
    for epoch, value in enumerate(past.curve, start=1):
        trial.report(value, epoch)
        if decides:
            trial.should_prune()
    complete = past.state == "complete"
    study.tell(trial, past.curve[-1] if complete else None, STATES[past.state])


def _cut_after(record: RunRecord, last: int, reason: str) -> RunRecord:
    epochs = record.epochs[: last + 1]
    return record.model_copy(
        update={
            "status": "pruned",
            "reason": reason,
            "phases": (record.phases[0].model_copy(update={"epochs": len(epochs)}),),
            "epochs": epochs,
            "final": epochs[-1].measures,
            "best": min(epochs, key=lambda epoch: epoch.metrics["val_loss"]).measures,
            "weights_sha256": None,
        }
    )
