"""Optuna studies as this package makes them, without a word about each trial."""

from __future__ import annotations

from collections.abc import Sequence

import optuna
from optuna.pruners import BasePruner
from optuna.samplers import BaseSampler
from optuna.storages import BaseStorage

from bythebook.records.search import Direction


def in_memory(
    directions: Sequence[Direction],
    sampler: BaseSampler | None = None,
    pruner: BasePruner | None = None,
    name: str | None = None,
) -> optuna.Study:
    """An empty study that nothing keeps.

    Args:
        directions: of each objective.
    """
    _quiet()
    return optuna.create_study(directions=directions, sampler=sampler, pruner=pruner, study_name=name)


def kept(storage: BaseStorage, name: str, directions: Sequence[Direction]) -> optuna.Study:
    """The study of that name in a database, made when it is missing."""
    _quiet()
    return optuna.create_study(storage=storage, study_name=name, directions=directions, load_if_exists=True)


def _quiet() -> None:
    """Optuna tells of every trial, those of the sampler's scratch studies included; the stages have their own log."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
