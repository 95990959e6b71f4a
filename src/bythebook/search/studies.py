"""Optuna studies as this package makes them: by accuracy, and without a word about each trial."""

from __future__ import annotations

from typing import Final

import optuna
from optuna.pruners import BasePruner
from optuna.samplers import BaseSampler
from optuna.storages import BaseStorage

DIRECTION: Final = "maximize"


def in_memory(sampler: BaseSampler | None = None, pruner: BasePruner | None = None) -> optuna.Study:
    """An empty study that nothing keeps."""
    _quiet()
    return optuna.create_study(direction=DIRECTION, sampler=sampler, pruner=pruner)


def kept(storage: BaseStorage, name: str) -> optuna.Study:
    """The study of that name in a database, made when it is missing."""
    _quiet()
    return optuna.create_study(storage=storage, study_name=name, direction=DIRECTION, load_if_exists=True)


def _quiet() -> None:
    """Optuna tells of every trial, those of the sampler's scratch studies included; the stages have their own log."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
