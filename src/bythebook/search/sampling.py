"""Proposing trials: the sampler sees what it would have seen had the search never been interrupted.

Every trial has its own sampler, seeded from the search's seed and the trial's number, over a scratch study in memory.
So a proposal is a pure function of the trials before it, and is written to the database as a whole or not at all.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import FrozenTrial, TrialState, create_trial

from bythebook.search.settings import SearchSettings
from bythebook.search.space import Assignment, Domain, Parameter, Space, assign, choice, label
from bythebook.search.studies import in_memory
from bythebook.seeds import derived

FIXED = "fixed_params"  # where Optuna notes that a trial was enqueued


def propose(
    number: int, space: Space, settings: SearchSettings, before: Sequence[FrozenTrial], fixed: Assignment | None
) -> FrozenTrial:
    """A trial that is about to run: its parameters, not yet in any database.

    Args:
        before: all trials with a smaller number, those still in flight as :func:`running` shows them.
        fixed: the point to take instead of sampling one.
    """
    study = scratch(settings, number)
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


def scratch(settings: SearchSettings, number: int) -> optuna.Study:
    """An empty study in memory with the sampler of trial ``number``."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)  # group
        sampler = optuna.samplers.TPESampler(
            seed=derived(settings.seed, "trial", number),
            n_startup_trials=settings.startup_trials,
            multivariate=True,
            group=True,  # conditional parameters are sampled jointly with the ones they stand beside
            constant_liar=True,  # trials in flight keep apart
        )
    return in_memory(sampler)


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
