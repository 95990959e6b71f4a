"""The search itself: trials proposed and told by one process, the same however often it is killed.

So many trials are in flight at a time. One is proposed when the trial that many numbers before it has been told, and it
sees results up to that one and parameters alone of those between, whatever else has ended by then. Results are told in
the order of numbers. So what a proposal sees depends on neither workers nor time. Each write to the database is whole:
a trial appears with all its parameters, and a result is told after its curve. After a kill, trials still running are
trained again (the memo has those that had finished) and missing ones are proposed as they would have been. That one
process at a time does so, :mod:`bythebook.search.ownership` sees to.
"""

from __future__ import annotations

from collections.abc import Sequence

from optuna.trial import FrozenTrial, TrialState

from bythebook.records.run import RunRecord
from bythebook.search.lasting import LastingStorage
from bythebook.search.ownership import owned
from bythebook.search.samplers import GRID
from bythebook.search.sampling import FIXED, beforehand, point, propose, running
from bythebook.search.settings import SearchSettings
from bythebook.search.space import Assignment, Space
from bythebook.search.studies import kept
from bythebook.search.trials import Curve, Direction, Evaluate, FinishedTrial, Past, State, TrialResult, TrialTask

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
        first: the point that trial 0 takes; None samples it like any other.
        evaluate: trains tasks, and those that follow from each result.
        directions: ``maximize`` or ``minimize`` for each objective.

    Raises:
        UserError: the space has more points than a grid may have.
    """

    def __init__(
        self,
        storage: LastingStorage,
        name: str,
        space: Space,
        first: Assignment | None,
        settings: SearchSettings,
        evaluate: Evaluate,
        directions: Sequence[Direction] = ("maximize",),
    ) -> None:
        self._storage, self._space, self._settings = storage, space, settings
        self._evaluate, self._directions = evaluate, directions
        self._set = beforehand(space, settings, first)
        # A grid may end before the budget.
        self._trials = min(settings.trials, len(self._set)) if settings.sampler == GRID else settings.trials
        self._study = kept(storage, name, directions)
        self._study_id = storage.get_study_id_from_name(name)
        # Trials are told, and started, in the order of their numbers: these are the next ones of each.
        self._told = self._started = 0
        self._results: dict[int, TrialResult] = {}

    def run(self) -> list[FinishedTrial]:
        """Brings the study to its budget and returns that many trials, its first ones, all finished.

        Raises:
            UserError: another process searches it, or the database stays away.
        """
        with owned(self._storage, self._study_id):
            return self._searched()

    def _searched(self) -> list[FinishedTrial]:
        trials = self._study.trials
        self._told = next((trial.number for trial in trials if not trial.state.is_finished()), len(trials))
        self._started = self._told
        self._results = {}
        finished = [self._finished(trial) for trial in trials[: self._told]]
        if ready := self._ready():
            self._evaluate(ready, finished, self._take)
        return [self._finished(trial) for trial in self._study.trials[: self._trials]]

    def _take(self, number: int, result: TrialResult) -> list[TrialTask]:
        """Notes a result, tells what can be told, and returns the trials that may start now."""
        self._results[number] = result
        while self._told in self._results:
            self._tell(self._told, self._results.pop(self._told))
            self._told += 1
        return self._ready()

    def _ready(self) -> list[TrialTask]:
        """The trials in flight that have not started, proposed if they have not been."""
        numbers = range(self._started, min(self._told + self._settings.in_flight, self._trials))
        self._started = max(self._started, numbers.stop)
        return [self._task(number) for number in numbers]

    def _task(self, number: int) -> TrialTask:
        if number == len(self._study.trials):
            self._propose(number)
        trials = self._study.trials
        seen = trials[: self._seen_by(number)]
        return TrialTask(number, point(self._space, trials[number]).values, _past(seen))

    def _propose(self, number: int) -> None:
        trials, seen = self._study.trials, self._seen_by(number)
        before = [*trials[:seen], *(running(trial) for trial in trials[seen:number])]
        fixed = self._set[number] if number < len(self._set) else None
        proposed = propose(number, self._space, self._settings, before, fixed, self._directions)
        # The storage makes it as this one or not at all.
        proposed.number = number
        self._study.add_trial(proposed)

    def _seen_by(self, number: int) -> int:
        """How many trials, from the first on, a trial sees the results of."""
        return max(0, number - self._settings.in_flight + 1)

    def _tell(self, number: int, result: TrialResult) -> None:
        trial_id = self._storage.get_trial_id_from_study_id_trial_number(self._study_id, number)
        for step, value in enumerate(result.curve):
            self._storage.set_trial_intermediate_value(trial_id, step, value)
        self._storage.set_trial_user_attr(trial_id, "key", result.key)
        self._storage.set_trial_user_attr(trial_id, "record", result.record.as_json() if result.record else None)
        self._study.tell(number, result.values, state=TOLD[result.state], skip_if_finished=True)

    def _finished(self, trial: FrozenTrial) -> FinishedTrial:
        state = STATES[trial.state]
        # Optuna gives a pruned trial its last intermediate value; it is no objective of a finished run.
        values = tuple(trial.values) if state == "complete" else None
        kept = trial.user_attrs["record"]
        record = RunRecord.of(kept) if kept else None
        result = TrialResult(state, values, _curve(trial), trial.user_attrs["key"], record)
        return FinishedTrial(trial.number, point(self._space, trial), FIXED in trial.system_attrs, result)


def _past(trials: Sequence[FrozenTrial]) -> tuple[Past, ...]:
    told = ((trial.number, STATES[trial.state], _curve(trial)) for trial in trials)
    return tuple(Past(number, state, curve) for number, state, curve in told if state != "failed" and curve)


def _curve(trial: FrozenTrial) -> Curve:
    return tuple(trial.intermediate_values[step] for step in sorted(trial.intermediate_values))
