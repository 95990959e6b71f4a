"""Who proposes trials: a register of samplers, one function each, over Optuna's."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from importlib.util import find_spec

import optuna
from optuna.samplers import BaseSampler

from bythebook.errors import UserError

GRID = "grid"
TORCH = "the sampler 'gp' needs PyTorch, which is not installed: python -m pip install torch==2.13.0"
# A seed and the number of trials that are sampled at random first; the sampler.
Make = Callable[[int, int], BaseSampler]


def tpe(seed: int, startup_trials: int) -> BaseSampler:
    """Bayesian optimization by densities of good and bad trials.

    Source: Bergstra et al. 2011, "Algorithms for Hyper-Parameter Optimization"; Watanabe 2023, arXiv:2304.11127.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)  # group
        return optuna.samplers.TPESampler(
            seed=seed,
            n_startup_trials=startup_trials,
            multivariate=True,
            group=True,  # conditional parameters are sampled jointly with the ones they stand beside
            constant_liar=True,  # trials in flight keep apart
        )


def gp(seed: int, startup_trials: int) -> BaseSampler:
    """Bayesian optimization by a Gaussian process; conditional parameters are sampled at random.

    Raises:
        UserError: PyTorch, which Optuna computes it with, is not installed.

    Source: Snoek et al. 2012, "Practical Bayesian Optimization of Machine Learning Algorithms", arXiv:1206.2944.
    """
    require("gp")
    import torch

    # Sums over several threads end in other last bits, and a proposal would depend on the machine.
    torch.set_num_threads(1)
    return optuna.samplers.GPSampler(seed=seed, n_startup_trials=startup_trials, warn_independent_sampling=False)


def random(seed: int, startup_trials: int) -> BaseSampler:
    """Every point with the same probability, uniform on the scale of its range.

    Source: Bergstra and Bengio 2012, "Random StudyRunner for Hyper-Parameter Optimization".
    """
    return optuna.samplers.RandomSampler(seed=seed)


def grid(seed: int, startup_trials: int) -> BaseSampler:
    """Every point of a grid once, in random order.

    :mod:`bythebook.search.grid` names them all before the search begins, and nothing is left to sample.
    """
    return optuna.samplers.RandomSampler(seed=seed)


SAMPLERS: Mapping[str, Make] = {"tpe": tpe, "gp": gp, "random": random, GRID: grid}


def require(sampler: str) -> None:
    """Makes sure that what a sampler needs is installed.

    Raises:
        UserError: it is not.
    """
    if sampler == "gp" and find_spec("torch") is None:
        raise UserError(TORCH)
