"""How sure a number is: intervals, paired differences and verdicts.

SciPy's statistics take half a second to import, which whoever only looks must not pay for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

LEVEL = 0.95


def interval(values: Sequence[float], level: float = LEVEL) -> dict[str, Any]:
    """The mean of repeated measurements with its t interval.

    Args:
        values: one number per seed.
        level: the confidence level in (0, 1).

    Returns:
        ``{"mean", "low", "high", "n", "level"}``; ``low`` and ``high`` are None for fewer than two values, because one
        measurement says nothing about its spread.

    Raises:
        ValueError: there are no values.
    """
    if not len(values):
        raise ValueError("an interval needs at least one value")
    sample = np.asarray(values, dtype=np.float64)
    mean, n = float(sample.mean()), int(sample.size)
    if n < 2:
        return {"mean": mean, "low": None, "high": None, "n": n, "level": level}
    from scipy import stats

    half = float(stats.t.ppf((1 + level) / 2, n - 1) * sample.std(ddof=1) / math.sqrt(n))
    return {"mean": mean, "low": mean - half, "high": mean + half, "n": n, "level": level}


def paired_difference(before: Sequence[float], after: Sequence[float], level: float = LEVEL) -> dict[str, Any]:
    """The mean of ``after - before`` over pairs (same seed, same data), with its t interval as :func:`interval`.

    Raises:
        ValueError: the two have different lengths, or none.
    """
    if len(before) != len(after):
        raise ValueError(f"pairs need equal lengths, given {len(before)} and {len(after)}")
    return interval((np.asarray(after, np.float64) - np.asarray(before, np.float64)).tolist(), level)


def verdict(difference: dict[str, Any]) -> str:
    """``supported`` when the whole interval is above zero, ``refuted`` when below, else ``inconclusive``."""
    if difference["low"] is None:
        return "inconclusive"
    if difference["low"] > 0:
        return "supported"
    return "refuted" if difference["high"] < 0 else "inconclusive"


def proportion_interval(successes: int, n: int, level: float = LEVEL) -> dict[str, Any]:
    """A share of ``n`` independent cases with its Wilson interval, as :func:`interval` gives it.

    Source: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", 1927.
    """
    from scipy import stats

    found = stats.binomtest(successes, n).proportion_ci(confidence_level=level, method="wilson")
    return {"mean": successes / n, "low": float(found.low), "high": float(found.high), "n": n, "level": level}
