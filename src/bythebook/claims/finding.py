"""What one comparison found: an effect, how sure it is, and how probable it would be if the claim were wrong."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bythebook.statistics import LEVEL, RESAMPLES, all_equal, interval, one_sided, proportion_interval


@dataclass(frozen=True)
class Finding:
    """What one comparison found.

    Attributes:
        effect: the measured effect, such as a mean difference; None where nothing could be measured.
        low: the lower end of its 95% interval; None for fewer than two seeds.
        high: the upper end.
        bootstrap: the ends of the 95% percentile bootstrap interval (B. Efron, 1979), which assumes no distribution.
        size: Cohen's d_z, the mean of the paired differences in their own deviations; None where they do not vary.
        n: pairs, or runs, that were measured.
        p_for: how probable an effect at least as favourable is, were the claim wrong.
        p_against: how probable an effect at least as unfavourable is, were the claim right.
        note: what a reader should know of it.
    """

    effect: float | None = None
    low: float | None = None
    high: float | None = None
    bootstrap: tuple[float, float] | None = None
    size: float | None = None
    n: int = 0
    p_for: float | None = None
    p_against: float | None = None
    note: str = ""

    @property
    def sides(self) -> tuple[float, float] | None:
        """How probable it is on both sides, as :func:`bythebook.statistics.one_sided` says."""
        return None if self.p_for is None or self.p_against is None else (self.p_for, self.p_against)

    def exponential(self) -> Finding:
        """A finding on a log scale as one of ratios."""
        return self._converted(math.exp)

    def negated(self) -> Finding:
        """A finding of negated values as one of the values themselves."""
        turned = self._converted(lambda value: 0.0 - value)
        ends = turned.bootstrap[::-1] if turned.bootstrap else None
        size = None if self.size is None else -self.size
        return replace(turned, low=turned.high, high=turned.low, bootstrap=ends, size=size)

    def clipped(self, lowest: float, highest: float) -> Finding:
        """A finding whose interval ends where values can lie; a t interval knows no bounds."""
        low, high = (None if end is None else min(max(end, lowest), highest) for end in (self.low, self.high))
        return replace(self, low=low, high=high)

    def _converted(self, convert: Callable[[float], float]) -> Finding:
        effect, low, high = (None if end is None else convert(end) for end in (self.effect, self.low, self.high))
        ends = (convert(self.bootstrap[0]), convert(self.bootstrap[1])) if self.bootstrap else None
        return replace(self, effect=effect, low=low, high=high, bootstrap=ends)


def above(values: Sequence[float], bound: float, note: str = "", step: float = 0.0) -> Finding:
    """Whether the mean of repeated measurements lies above ``bound``: one-sided t tests of both directions.

    Args:
        values: one number per seed, such as paired differences.
        step: what they are counted in, as :func:`bythebook.statistics.one_sided` takes it.
    """
    sample = np.asarray(values, dtype=np.float64)
    return Finding(**_described(sample, bound), **_sides(sample, bound, step), note=_explained(sample, note))


def within(values: Sequence[float], low: float, high: float, note: str = "", step: float = 0.0) -> Finding:
    """Whether the mean lies between two bounds: two one-sided tests (D. J. Schuirmann, 1987).

    Args:
        step: as of :func:`above`.
    """
    sample = np.asarray(values, dtype=np.float64)
    sides: dict[str, Any] = {}
    if sample.size > 1:
        over, under = _sides(sample, low, step), _sides(sample, high, step)
        sides = {
            "p_for": max(over["p_for"], under["p_against"]),
            "p_against": min(over["p_against"], under["p_for"]),
        }
    return Finding(**_described(sample, (low + high) / 2), **sides, note=_explained(sample, note))


def share(successes: int, n: int, bound: float, note: str = "") -> Finding:
    """Whether more than a share ``bound`` of all runs succeeds: exact binomial tests, Wilson's interval."""
    if not n:
        return Finding(note=note or "nothing was measured")
    from scipy import stats

    ends = proportion_interval(successes, n)
    return Finding(
        effect=ends.mean,
        low=ends.low,
        high=ends.high,
        n=n,
        p_for=float(stats.binomtest(successes, n, bound, alternative="greater").pvalue),
        p_against=float(stats.binomtest(successes, n, bound, alternative="less").pvalue),
        note=note,
    )


def _described(sample: np.ndarray, reference: float) -> dict[str, Any]:
    if sample.size < 2:
        return {"effect": float(sample[0]), "n": 1} if sample.size else {}
    from scipy import stats

    deviation = 0.0 if all_equal(sample) else float(sample.std(ddof=1))
    ends = interval(sample.tolist(), LEVEL)
    resampled = stats.bootstrap((sample,), np.mean, n_resamples=RESAMPLES, method="percentile", rng=0)
    return {
        "effect": ends.mean,
        "low": ends.low,
        "high": ends.high,
        "bootstrap": (float(resampled.confidence_interval.low), float(resampled.confidence_interval.high)),
        "size": (ends.mean - reference) / deviation if deviation > 0 else None,
        "n": int(sample.size),
    }


def _sides(sample: np.ndarray, bound: float, step: float) -> dict[str, Any]:
    found = one_sided(sample.tolist(), bound, step)
    return {} if found is None else dict(zip(("p_for", "p_against"), found, strict=True))


def _explained(sample: np.ndarray, note: str) -> str:
    if not sample.size:
        return note or "no seed finished on both sides"
    return "one seed only, which says nothing about chance" if sample.size == 1 else note
