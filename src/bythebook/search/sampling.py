"""Proposing trials: the sampler sees what it would have seen had the search never been interrupted.

Every trial has its own sampler, seeded from the search's seed and the trial's number, over a scratch study in memory.
So a proposal is a pure function of the trials before it, and is written to the database as a whole or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import FrozenTrial, TrialState, create_trial

from bythebook.search.grid import grid
from bythebook.search.samplers import GRID, SAMPLERS
from bythebook.search.settings import SearchSettings
from bythebook.search.space import Assignment, Domain, Parameter, Space, assign, choice, label
from bythebook.search.studies import in_memory
from bythebook.search.trials import Direction
from bythebook.seeds import derived

FIXED = "fixed_params"  # where Optuna notes that a trial was enqueued


def propose(
    number: int,
    space: Space,
    settings: SearchSettings,
    before: Sequence[FrozenTrial],
    fixed: Assignment | None,
    directions: Sequence[Direction] = ("maximize",),
) -> FrozenTrial:
    """A trial that is about to run: its parameters, not yet in any database.

    Args:
        before: all trials with a smaller number, those still in flight as :func:`running` shows them.
        fixed: the point to take instead of sampling one.
        directions: of each objective.

    Raises:
        UserError: what the sampler needs is not installed.
    """
    sampler = SAMPLERS[settings.sampler](derived(settings.seed, "trial", number), settings.startup_trials)
    study = in_memory(directions, sampler)
    study.add_trials(before)
    if fixed is not None:
        study.enqueue_trial(stored(space, fixed)[0])
    trial = study.ask()
    assign(space, lambda parameter: _suggested(trial, parameter))
    drawn = study.trials[number]
    return running(drawn, {FIXED: drawn.system_attrs[FIXED]} if fixed is not None else None)


def running(trial: FrozenTrial, attributes: Mapping[str, Any] | None = None) -> FrozenTrial:
    """A trial with its parameters and without any result."""
    return create_trial(
        state=TrialState.RUNNING,
        params=trial.params,
        distributions=trial.distributions,
        system_attrs=dict(attributes or {}),
    )


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


def point(space: Space, trial: FrozenTrial) -> Assignment:
    """The point of the space that a stored trial stands for."""

    def kept(parameter: Parameter) -> Any:
        value = trial.params[parameter.name]
        return value if parameter.domain.choices is None else choice(value)

    return assign(space, kept)


def stored(space: Space, at: Assignment) -> tuple[dict[str, Any], dict[str, BaseDistribution]]:
    """The parameters and distributions by which a study stores a point of the space."""
    domains = {parameter.name: parameter.domain for parameters in space.values() for parameter in parameters}
    values = {name: value if domains[name].choices is None else label(value) for name, value in at.names.items()}
    return values, {name: distribution(domains[name]) for name in values}


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
