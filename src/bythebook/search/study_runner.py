"""The search itself: trials proposed and told by one process, the same however often it is killed.

So many trials are in flight at a time. One is proposed when the trial that many numbers before it has been told, and it
sees results up to that one and parameters alone of those between, whatever else has ended by then. Results are told in
the order of numbers. So what a proposal sees depends on neither workers nor time. What was told is kept in a file for
each trial. After a kill, those are read and the others proposed as they were; the memo has those that had finished.
"""

from __future__ import annotations

from collections.abc import Sequence

from optuna.trial import FrozenTrial, TrialState, create_trial

from bythebook.records.search import Direction, ToldTrial
from bythebook.search.mirror import Mirror
from bythebook.search.samplers import GRID
from bythebook.search.sampling import Proposals, beforehand, point, stored
from bythebook.search.settings import SearchSettings
from bythebook.search.space import Assignment, Space
from bythebook.search.told import ToldTrials
from bythebook.search.trials import Evaluate, FinishedTrial, Past, TrialResult, TrialTask

STATES = {"complete": TrialState.COMPLETE, "pruned": TrialState.PRUNED, "failed": TrialState.FAIL}


class StudyRunner:
    """One study and what decides its trials.

    Args:
        told: where the study keeps its trials. A study of one name must always have equal space, first point, settings
            (but for the budget) and objectives.
        mirror: what shows them to people.
        first: the point that trial 0 takes; None samples it like any other.
        evaluate: trains tasks, and those that follow from each result.
        directions: ``maximize`` or ``minimize`` for each objective.

    Raises:
        UserError: the space has more points than a grid may have.
    """

    def __init__(
        self,
        told: ToldTrials,
        mirror: Mirror,
        space: Space,
        first: Assignment | None,
        settings: SearchSettings,
        evaluate: Evaluate,
        directions: Sequence[Direction] = ("maximize",),
    ) -> None:
        self._files, self._mirror = told, mirror
        self._space, self._settings, self._evaluate = space, settings, evaluate
        self._set = beforehand(space, settings, first)
        # A grid may end before the budget.
        self._budget = min(settings.trials, len(self._set)) if settings.sampler == GRID else settings.trials
        self._proposals = Proposals(space, settings, directions)
        self._told: list[FinishedTrial] = []
        self._shown: list[FrozenTrial] = []
        # The points of trials that have been told, and of those in flight.
        self._points: list[Assignment] = []
        self._started = 0
        self._results: dict[int, TrialResult] = {}

    def run(self) -> list[FinishedTrial]:
        """Bring the study to its budget and return that many trials, its first ones.

        Raises:
            UserError: another process searches it.
        """
        with self._files.held():
            for number, trial in enumerate(self._files.read()):
                self._note(_finished(self._space, number, trial))
            self._started = len(self._told)
            if ready := self._ready():
                self._evaluate(ready, tuple(self._told), self._take)
            self._mirror.add(self._shown, last=True)
        return self._told[: self._budget]

    def _take(self, number: int, result: TrialResult) -> list[TrialTask]:
        """Note a result, tell what can be told, and return the trials that may start now."""
        self._results[number] = result
        while (next_one := len(self._told)) in self._results:
            at = self._points[next_one]
            trial = FinishedTrial(next_one, at, next_one < len(self._set), self._results.pop(next_one))
            self._files.write(next_one, _kept(self._space, trial))
            self._note(trial)
        self._mirror.add(self._shown)
        return self._ready()

    def _note(self, trial: FinishedTrial) -> None:
        self._told.append(trial)
        self._shown.append(_shown(self._space, trial))
        self._points[trial.number :] = [trial.point, *self._points[trial.number + 1 :]]

    def _ready(self) -> list[TrialTask]:
        """Return the trials in flight that have not started, proposed if they have not been."""
        numbers = range(self._started, min(len(self._told) + self._settings.in_flight, self._budget))
        self._started = max(self._started, numbers.stop)
        return [self._task(number) for number in numbers]

    def _task(self, number: int) -> TrialTask:
        # How many trials, from the first on, it sees the results of.
        seen = max(0, number - self._settings.in_flight + 1)
        fixed = self._set[number] if number < len(self._set) else None
        at = self._proposals.propose(number, self._shown[:seen], self._points[seen:number], fixed)
        self._points[number:] = [at]
        return TrialTask(number, at.values, _past(self._told[:seen]))


def _past(trials: Sequence[FinishedTrial]) -> tuple[Past, ...]:
    told = ((trial.number, trial.result.state, trial.result.curve) for trial in trials)
    return tuple(Past(number, state, curve) for number, state, curve in told if state != "failed" and curve)


def _kept(space: Space, trial: FinishedTrial) -> ToldTrial:
    """Return a trial as its file has it."""
    result = trial.result
    return ToldTrial(
        params=stored(space, trial.point)[0],
        enqueued=trial.enqueued,
        state=result.state,
        values=None if result.values is None else list(result.values),
        curve=list(result.curve),
        key=result.key,
        record=result.record,
    )


def _finished(space: Space, number: int, told: ToldTrial) -> FinishedTrial:
    """Return the trial that a file has."""
    values = None if told.values is None else tuple(told.values)
    result = TrialResult(told.state, values, tuple(told.curve), told.key, told.record)
    return FinishedTrial(number, point(space, told.params), told.enqueued, result)


def _shown(space: Space, trial: FinishedTrial) -> FrozenTrial:
    """Return a trial as Optuna has it, for samplers and for the dashboard."""
    params, distributions = stored(space, trial.point)
    result = trial.result
    # Optuna gives a pruned trial its last intermediate value.
    values = list(result.values) if result.values else list(result.curve[-1:]) if result.state == "pruned" else None
    return create_trial(
        state=STATES[result.state],
        values=values or None,
        params=params,
        distributions=distributions,
        intermediate_values=dict(enumerate(result.curve)),
        user_attrs={"key": result.key},
    )
