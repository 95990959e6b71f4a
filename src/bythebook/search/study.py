"""The search itself: rounds of trials, proposed and told by one process, the same however often it is killed.

A round's trials are proposed one after the other, then trained side by side, then told in the order of their numbers.
What a proposal sees - results of earlier rounds, parameters of its own - depends on neither workers nor time. Each
write to the database is whole: a trial appears with all its parameters, and a result is told after its curve. After a
kill, trials still running are trained again (the memo has those that had finished) and missing ones are proposed as
they would have been.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, TrialState

from bythebook.search.sampling import FIXED, point, propose, running
from bythebook.search.settings import SearchSettings
from bythebook.search.space import Assignment, Space
from bythebook.search.studies import kept
from bythebook.search.trials import Curve, Evaluate, FinishedTrial, State, TrialResult, TrialTask

log = logging.getLogger(__name__)

STATES: dict[TrialState, State] = {
    TrialState.COMPLETE: "complete",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "failed",
}
TOLD = {state: told for told, state in STATES.items()}


class Search:
    """One study and what decides its trials.

    Args:
        storage: the database; only this process writes the study.
        name: equal names must mean equal space, first point, settings (but for the budget) and objective.
        first: the point that trial 0 takes.
        evaluate: trains tasks and returns their results in the same order.
    """

    def __init__(
        self,
        storage: RDBStorage,
        name: str,
        space: Space,
        first: Assignment,
        settings: SearchSettings,
        evaluate: Evaluate,
    ) -> None:
        self._storage, self._space, self._first, self._settings = storage, space, first, settings
        self._evaluate = evaluate
        self._study = kept(storage, name)
        self._study_id = storage.get_study_id_from_name(name)

    def run(self) -> list[FinishedTrial]:
        """Brings the study to its budget and returns its first ``settings.trials`` trials, all finished."""
        budget, size = self._settings.trials, self._settings.round_size
        for start in range(0, budget, size):
            numbers = range(start, min(start + size, budget))
            for number in range(len(self._study.trials), numbers.stop):
                self._propose(number)
            self._train([number for number in numbers if self._study.trials[number].state == TrialState.RUNNING])
        return [self._finished(trial) for trial in self._study.trials[:budget]]

    def _propose(self, number: int) -> None:
        trials, start = self._study.trials, self._round_of(number)
        before = [*trials[:start], *(running(trial) for trial in trials[start:number])]
        fixed = self._first if number == 0 else None
        self._study.add_trial(propose(number, self._space, self._settings, before, fixed))

    def _train(self, numbers: Sequence[int]) -> None:
        if not numbers:
            return
        trials = self._study.trials
        history = _curves(trials[: self._round_of(numbers[0])])
        tasks = [TrialTask(number, point(self._space, trials[number]).values, history) for number in numbers]
        done = [self._finished(trial) for trial in trials[: numbers[-1]] if trial.state.is_finished()]
        log.info("trials %d to %d of %d", numbers[0], numbers[-1], self._settings.trials)
        for number, result in zip(numbers, self._evaluate(tasks, done), strict=True):
            self._tell(number, result)

    def _tell(self, number: int, result: TrialResult) -> None:
        trial_id = self._storage.get_trial_id_from_study_id_trial_number(self._study_id, number)
        for step, value in enumerate(result.curve):
            self._storage.set_trial_intermediate_value(trial_id, step, value)
        self._storage.set_trial_user_attr(trial_id, "key", result.key)
        self._storage.set_trial_user_attr(trial_id, "record", result.record)
        self._study.tell(number, result.value, state=TOLD[result.state])

    def _finished(self, trial: FrozenTrial) -> FinishedTrial:
        state = STATES[trial.state]
        # Optuna gives a pruned trial its last intermediate value; it is no objective of a finished run.
        value = trial.value if state == "complete" else None
        result = TrialResult(state, value, _curve(trial), trial.user_attrs["key"], trial.user_attrs["record"])
        return FinishedTrial(trial.number, point(self._space, trial), FIXED in trial.system_attrs, result)

    def _round_of(self, number: int) -> int:
        return number - number % self._settings.round_size


def _curves(trials: Sequence[FrozenTrial]) -> tuple[Curve, ...]:
    return tuple(_curve(trial) for trial in trials if trial.state == TrialState.COMPLETE)


def _curve(trial: FrozenTrial) -> Curve:
    return tuple(trial.intermediate_values[step] for step in sorted(trial.intermediate_values))
