"""How sure a number is: intervals, paired differences and verdicts.

SciPy's statistics take half a second to import, which whoever only looks must not pay for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bythebook.records.interval import Interval
from bythebook.records.study import Verdict

LEVEL = 0.95
RESAMPLES = 10_000
# Values that differ by less than this share of themselves are equal: what is left is rounding.
ROUNDING = 1e-12


def interval(values: Sequence[float], level: float = LEVEL) -> Interval:
    """The mean of repeated measurements with its t interval.

    Args:
        values: one number per seed.
        level: the confidence level in (0, 1).

    Raises:
        ValueError: there are no values.
    """
    if not len(values):
        raise ValueError("an interval needs at least one value")
    sample = np.asarray(values, dtype=np.float64)
    mean, n = float(sample.mean()), int(sample.size)
    if n < 2:
        return Interval(mean=mean, low=None, high=None, n=n, level=level)
    from scipy import stats

    half = float(stats.t.ppf((1 + level) / 2, n - 1) * sample.std(ddof=1) / math.sqrt(n))
    return Interval(mean=mean, low=mean - half, high=mean + half, n=n, level=level)


def paired_difference(before: Sequence[float], after: Sequence[float], level: float = LEVEL) -> Interval:
    """The mean of ``after - before`` over pairs (same seed, same data), with its t interval as :func:`interval`.

    Raises:
        ValueError: the two have different lengths, or none.
    """
    if len(before) != len(after):
        raise ValueError(f"pairs need equal lengths, given {len(before)} and {len(after)}")
    return interval((np.asarray(after, np.float64) - np.asarray(before, np.float64)).tolist(), level)


def verdict(difference: Interval) -> Verdict:
    """``supported`` when the whole interval is above zero, ``refuted`` when below, else ``inconclusive``."""
    if difference.ends is None:
        return "inconclusive"
    low, high = difference.ends
    return "supported" if low > 0 else "refuted" if high < 0 else "inconclusive"


def proportion_interval(successes: int, n: int, level: float = LEVEL) -> Interval:
    """A share of ``n`` independent cases with its Wilson interval, as :func:`interval` gives it.

    Source: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", 1927.
    """
    from scipy import stats

    found = stats.binomtest(successes, n).proportion_ci(confidence_level=level, method="wilson")
    return Interval(mean=successes / n, low=float(found.low), high=float(found.high), n=n, level=level)


def one_sided(values: Sequence[float], bound: float = 0.0, step: float = 0.0) -> tuple[float, float] | None:
    """How probable a mean at least so far above ``bound`` is if the true one is not above it, and the same for below.

    One-sided t tests of repeated measurements, such as paired differences; without any spread the sign alone decides.

    Args:
        values: one number per seed.
        step: what they are counted in, such as a share of one image of all. Values that look alike because they are
            rounded to it have at least the spread of that rounding.

    Returns:
        Two p values, or None for fewer than two measurements.
    """
    sample = np.asarray(values, dtype=np.float64)
    if sample.size < 2:
        return None
    apart = float(sample.mean()) - bound
    spread = max(0.0 if all_equal(sample) else float(sample.std(ddof=1)), step / math.sqrt(12))
    if not spread:
        return (0.0 if apart > 0 else 1.0), (0.0 if apart < 0 else 1.0)
    from scipy import stats

    t, freedom = apart / spread * math.sqrt(sample.size), sample.size - 1
    return float(stats.t.sf(t, freedom)), float(stats.t.cdf(t, freedom))


def all_equal(sample: NDArray[np.float64]) -> bool:
    """Whether what differs between measurements is rounding."""
    return bool(np.ptp(sample) <= ROUNDING * np.abs(sample).max())


def corrected(sides: Sequence[tuple[float, float] | None]) -> list[float | None]:
    """The two-sided p value of each comparison, corrected for all of them: few of those called sure are chance.

    Args:
        sides: both one-sided p values, as :func:`one_sided` gives them.

    Source: Y. Benjamini and Y. Hochberg, "Controlling the False Discovery Rate", 1995.
    """
    from scipy import stats

    tested = [min(1.0, 2 * min(both)) for both in sides if both is not None]
    adjusted = iter(stats.false_discovery_control(tested).tolist() if tested else ())
    return [None if both is None else float(next(adjusted)) for both in sides]


def decided(p: float | None, sides: tuple[float, float] | None, level: float = LEVEL) -> Verdict:
    """``supported`` or ``refuted``, whichever is the more probable, where ``p`` says that it is no chance.

    Args:
        p: the corrected p value.
        sides: of an effect above and of one below, as :func:`one_sided` gives them.
    """
    if p is None or sides is None or p > 1 - level:
        return "inconclusive"
    return "supported" if sides[0] < sides[1] else "refuted"


def interval_over_pairs(
    values: Sequence[Mapping[int, float]], pairs: Sequence[tuple[str, ...]], level: float = LEVEL
) -> Interval:
    """The mean over pairs of classes with its interval, as :func:`interval` gives it; ``n`` counts pairs.

    Neither pairs that share a class nor values that share a seed are independent. The variance is what comes from pairs
    (the products of all residuals whose pairs share a class, at least that of independent values) and what comes from
    seeds (the spread of their means over pairs), less what is counted in both: the noise that each value has of its
    own. Degrees of freedom are those of the classes or of the seeds, whichever are fewer.

    Args:
        values: for each pair seed to value, at least one; pairs may lack seeds.
        pairs: the classes of each.

    Source: P. M. Aronow, C. Samii and V. A. Assenova, "Cluster-Robust Variance Estimation for Dyadic Data", 2015;
        A. C. Cameron, J. B. Gelbach and D. L. Miller, "Robust Inference With Multiway Clustering", 2011.
    """
    means = np.array([np.mean(list(own.values())) for own in values], np.float64)
    plain, seeds = interval(means.tolist(), level), sorted(set().union(*values))
    n, mean = plain.n, plain.mean
    if n < 2 or len(seeds) < 2:
        return plain.model_copy(update={"low": None, "high": None})
    from scipy import stats

    members = [set(pair) for pair in pairs]
    residuals = means - mean
    linked = np.array([[bool(one & other) for other in members] for one in members])
    of_pairs = max(float(residuals @ linked @ residuals) / n**2, float(residuals.var(ddof=1)) / n)
    of_seeds, of_both = _seed_variances(np.array([[own.get(seed, np.nan) for seed in seeds] for own in values]))
    variance = max(of_pairs, of_seeds, of_pairs + of_seeds - of_both)
    freedom = min(n, len(set().union(*members)), len(seeds)) - 1
    half = float(stats.t.ppf((1 + level) / 2, freedom)) * math.sqrt(variance)
    return plain.model_copy(update={"low": mean - half, "high": mean + half})


def _seed_variances(values: NDArray[np.float64]) -> tuple[float, float]:
    """How much the mean over pairs of ``values``, ``(pairs, seeds)``, varies by seeds, and by noise of single values.

    Missing values are NaN. What every value adds to the mean is weighted, so that a pair counts once whatever it lacks.
    """
    n, seeds = values.shape
    apart = values - np.nanmean(values, axis=1, keepdims=True)
    noise = apart - np.nanmean(apart, axis=0)
    weights = 1 / (n * np.isfinite(values).sum(axis=1, keepdims=True))
    of_seeds = float((np.nansum(apart * weights, axis=0) ** 2).sum()) * seeds / (seeds - 1)
    of_both = float(np.nansum((noise * weights) ** 2)) * n * seeds / ((n - 1) * (seeds - 1))
    return of_seeds, of_both


def resamples(n: int) -> NDArray[np.int64]:
    """Bootstrap resamples of ``n`` measurements, the same ones every time: positions ``(RESAMPLES, n)``."""
    return np.random.default_rng(0).integers(0, n, (RESAMPLES, n))


def percentile_interval(found: NDArray[np.float64], n: int, level: float = LEVEL) -> tuple[float, float]:
    """The ends of the percentile bootstrap interval, expanded by what few measurements make it too narrow.

    Args:
        found: the statistic of every resample, ``(RESAMPLES,)``.
        n: how many measurements were resampled, at least two.

    Source: T. C. Hesterberg, "What Teachers Should Know About the Bootstrap", 2015.
    """
    from scipy import stats

    tail = float(stats.norm.cdf(-math.sqrt(n / (n - 1)) * stats.t.ppf((1 + level) / 2, n - 1)))
    low, high = np.quantile(found, [tail, 1 - tail])
    return float(low), float(high)
