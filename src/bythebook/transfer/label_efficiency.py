"""What labels are worth: how many a net from scratch needs for the error that transfer reaches with fewer."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bythebook.records.study import LabelWorth
from bythebook.statistics import percentile_interval, resamples


def worth(scratch: Mapping[int, Mapping[int, float]], reached: Mapping[int, float]) -> LabelWorth | None:
    """The number of labels at which the mean error from scratch falls to the mean of ``reached``.

    Between two budgets the error is taken to follow a straight line over the logarithm of the labels; an error that
    rises with more labels counts as the lowest one before. The interval resamples seeds, which both sides share.

    Args:
        scratch: label budget to seed to error from scratch, at least two budgets.
        reached: seed to error of what is compared.

    Returns:
        None where no seed has all of them.
    """
    budgets = sorted(scratch)
    seeds = sorted(set(reached).intersection(*(scratch[labels] for labels in budgets)))
    if not seeds:
        return None
    errors = np.array([[scratch[labels][seed] for labels in budgets] for seed in seeds])
    targets = np.array([reached[seed] for seed in seeds])
    whole = _crossings(budgets, errors.mean(axis=0)[None], targets.mean()[None])
    low, high = None, None
    if len(seeds) > 1:
        drawn = resamples(len(seeds))
        crossings = _crossings(budgets, errors[drawn].mean(axis=1), targets[drawn].mean(axis=1))
        low, high = percentile_interval(crossings, len(seeds))
    return LabelWorth(
        labels=float(whole[0]), low=low, high=high, smallest=budgets[0], largest=budgets[-1], n=len(seeds)
    )


def _crossings(budgets: list[int], errors: NDArray[np.float64], targets: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where each of ``errors``, ``(r, budgets)``, falls to its target, ``(r,)``: labels from first to last budget."""
    best = np.minimum.accumulate(errors, axis=1)
    there = best <= targets[:, None]
    after = np.maximum(there.argmax(axis=1), 1)
    rows, logs = np.arange(len(best)), np.log(budgets)
    fall = best[rows, after - 1] - best[rows, after]
    share = np.divide(best[rows, after - 1] - targets, fall, out=np.zeros(len(best)), where=fall > 0)
    # Beyond both budgets the line means nothing, and what lies there is not used.
    between = np.exp(logs[after - 1] + np.clip(share, 0, 1) * (logs[after] - logs[after - 1]))
    return np.where(there[:, 0], budgets[0], np.where(there.any(axis=1), between, budgets[-1]))
