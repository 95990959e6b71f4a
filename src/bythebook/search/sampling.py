"""Proposing trials: the sampler sees what it would have seen had the search never been interrupted.

Every trial has its own sampler, seeded from the search's seed and the trial's number. So a proposal is a pure function
of the trials before it, and a search that goes on proposes what it would have proposed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import FrozenTrial, TrialState, create_trial

from bythebook.records.search import Direction
from bythebook.search.grid import grid
from bythebook.search.samplers import GRID, SAMPLERS
from bythebook.search.settings import SearchSettings
from bythebook.search.space import Assignment, Domain, Parameter, Space, assign, choice, label
from bythebook.search.studies import in_memory
from bythebook.seeds import derived


class Proposals:
    """The sampler and the study that it learns from, which grows by the trials that are told.

    Optuna numbers trials as they are added. So that a sampler finds those that are told before those in flight, each in
    the order of numbers, the ones in flight are added for each proposal and then withdrawn, as the proposed one is: a
    failed trial is one that no sampler looks at.

    Args:
        directions: of each objective.
    """

    def __init__(self, space: Space, settings: SearchSettings, directions: Sequence[Direction]) -> None:
        self._space, self._settings = space, settings
        self._study = in_memory(directions)
        self._told = self._added = 0

    def propose(
        self, number: int, told: Sequence[FrozenTrial], in_flight: Sequence[Assignment], fixed: Assignment | None
    ) -> Assignment:
        """Return the point that a trial takes.

        Args:
            told: the trials whose results it sees, the first ones of the study; never fewer than the time before.
            in_flight: the points of the trials between those and this one.
            fixed: the point to take instead of sampling one.

        Raises:
            UserError: what the sampler needs is not installed.
        """
        if fixed is not None:
            return point(self._space, stored(self._space, fixed)[0])
        settings = self._settings
        self._study.sampler = SAMPLERS[settings.sampler](
            derived(settings.seed, "trial", number), settings.startup_trials
        )
        self._add(told[self._told :])
        self._told = len(told)
        running = [self._add([_running(self._space, at)]) for at in in_flight]
        trial = self._study.ask()
        self._added += 1
        drawn = assign(self._space, lambda parameter: _suggested(trial, parameter))
        for withdrawn in (trial.number, *running):
            self._study.tell(withdrawn, state=TrialState.FAIL)
        return drawn

    def _add(self, trials: Sequence[FrozenTrial]) -> int:
        """Add trials; return the number of the last."""
        self._study.add_trials(trials)
        self._added += len(trials)
        return self._added - 1


def _running(space: Space, at: Assignment) -> FrozenTrial:
    params, distributions = stored(space, at)
    return create_trial(state=TrialState.RUNNING, params=params, distributions=distributions)


def beforehand(space: Space, settings: SearchSettings, first: Assignment | None) -> list[Assignment]:
    """The points that are set before the search begins: the guideline's own, and all of a grid.

    Args:
        first: what trial 0 takes, or None where it is sampled like any other.

    Raises:
        UserError: the grid has too many points.
    """
    own = [] if first is None else [first]
    if settings.sampler != GRID:
        return own
    return [*own, *(point for point in grid(space, settings.seed) if point not in own)]


def point(space: Space, params: Mapping[str, Any]) -> Assignment:
    """Return the point of the space that stored parameters stand for."""

    def kept(parameter: Parameter) -> Any:
        value = params[parameter.name]
        return value if parameter.domain.choices is None else choice(value)

    return assign(space, kept)


def stored(space: Space, at: Assignment) -> tuple[dict[str, Any], dict[str, BaseDistribution]]:
    """The parameters and distributions by which a study stores a point of the space."""
    domains = {parameter.name: parameter.domain for parameters in space.values() for parameter in parameters}
    kinds = {name: distribution(domains[name]) for name in at.names}
    return {name: _plain(kinds[name], value) for name, value in at.names.items()}, kinds


def _plain(kind: BaseDistribution, value: Any) -> str | int | float:
    """Return a value as Optuna keeps it: a choice by its label, a number of a range with decimals as such."""
    if isinstance(kind, CategoricalDistribution):
        return label(value)
    return float(value) if isinstance(kind, FloatDistribution) else int(value)


def distribution(domain: Domain) -> BaseDistribution:
    """Optuna's name for what a sampled domain may be."""
    if domain.choices is not None:
        return CategoricalDistribution([label(value) for value in domain.choices])
    assert domain.low is not None and domain.high is not None
    if domain.whole:
        return IntDistribution(int(domain.low), int(domain.high), log=domain.log, step=int(domain.step or 1))
    return FloatDistribution(float(domain.low), float(domain.high), log=domain.log, step=domain.step)


def _suggested(trial: optuna.Trial, parameter: Parameter) -> Any:
    kind = distribution(parameter.domain)
    if isinstance(kind, CategoricalDistribution):
        return choice(str(trial.suggest_categorical(parameter.name, kind.choices)))
    if isinstance(kind, IntDistribution):
        return trial.suggest_int(parameter.name, kind.low, kind.high, step=kind.step, log=kind.log)
    assert isinstance(kind, FloatDistribution)
    return trial.suggest_float(parameter.name, kind.low, kind.high, step=kind.step, log=kind.log)
