"""Comparisons over several arms or over whole learning curves: an order, a power law, who is there sooner."""

from __future__ import annotations

import math
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from bythebook.claims.comparison import Comparison, Positive
from bythebook.claims.finding import LEVEL, Finding, above, within
from bythebook.claims.measurements import Measurements
from bythebook.records.run import RunRecord


class Order(Comparison):
    """The values fall in the given order: Kendall's tau of every seed, and whether it exceeds ``agreement``.

    Source: M. G. Kendall, "A New Measure of Rank Correlation", 1938.
    """

    kind: Literal["order"]
    best_first: Annotated[list[str], Field(min_length=3)]
    larger_is_better: bool = True
    agreement: Annotated[float, Field(ge=-1, lt=1)] = 0.5

    @property
    def arms(self) -> tuple[str, ...]:
        """All, as claimed."""
        return tuple(self.best_first)

    def find(self, measured: Measurements) -> Finding:
        """The mean of tau over seeds: 1 is the claimed order, -1 its reverse."""
        from scipy import stats

        values = np.asarray(measured.paired(self.arms, self.by))
        sign = -1 if self.larger_is_better else 1
        claimed = range(len(self.arms))
        taus = [float(np.nan_to_num(stats.kendalltau(claimed, sign * seed).statistic)) for seed in values.T]
        return above(taus, self.agreement, f"found: {self._found(values)}").clipped(-1, 1)

    def _found(self, values: np.ndarray) -> str:
        if not values.size:
            return "nothing"
        means = dict(zip(self.arms, values.mean(axis=1), strict=True))
        ranked = sorted(means, key=lambda arm: means[arm], reverse=self.larger_is_better)
        return " > ".join(arm.rpartition("/")[2] for arm in ranked)


class Steadier(Comparison):
    """``steadier`` varies less from seed to seed than ``other``: the ratio of their variances, by an F test."""

    kind: Literal["steadier"]
    steadier: str
    other: str

    @property
    def arms(self) -> tuple[str, ...]:
        """Both."""
        return self.steadier, self.other

    def find(self, measured: Measurements) -> Finding:
        """The variance of ``other`` over that of ``steadier``, with its F interval."""
        steady, other = (list(measured.by_seed(arm, self.by).values()) for arm in self.arms)
        if min(len(steady), len(other)) < 2 or np.var(steady) == 0:
            return Finding(n=len(steady), note="variances need two seeds that differ")
        from scipy import stats

        ratio, freedom = float(np.var(other, ddof=1) / np.var(steady, ddof=1)), (len(other) - 1, len(steady) - 1)
        low, high = stats.f.ppf([(1 + LEVEL) / 2, (1 - LEVEL) / 2], *freedom)
        over = float(stats.f.sf(ratio, *freedom))
        return Finding(
            ratio,
            ratio / float(low),
            ratio / float(high),
            n=min(len(steady), len(other)),
            p_for=over,
            p_against=1 - over,
        )


class Slope(Comparison):
    """``by`` is a power of ``against``: the slope on log scales lies within ``tolerance`` of ``exponent``."""

    kind: Literal["slope"]
    of: Annotated[list[str], Field(min_length=3)]
    against: list[Positive]
    exponent: float
    tolerance: Positive

    @model_validator(mode="after")
    def _belongs_together(self) -> Slope:
        if len(self.of) != len(self.against):
            raise ValueError("'of' and 'against' need equal lengths")
        return self

    @property
    def arms(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(self.of)

    def find(self, measured: Measurements) -> Finding:
        """The mean over seeds of the slope of log ``by`` over log ``against``."""
        values = np.asarray(measured.paired(self.arms, self.by))
        if values.size and values.min() <= 0:
            return Finding(n=values.shape[1], note="a power law needs values above zero")
        from scipy import stats

        slopes = [float(stats.linregress(np.log(self.against), np.log(seed)).slope) for seed in values.T]
        return within(slopes, self.exponent - self.tolerance, self.exponent + self.tolerance)


class Sooner(Comparison):
    """``faster`` reaches the best value of ``slower`` in less than ``share`` of the epochs that ``slower`` took."""

    kind: Literal["sooner"]
    by: Literal["val_loss", "loss"] = "val_loss"
    faster: str
    slower: str
    share: Positive = 1.0

    @property
    def arms(self) -> tuple[str, ...]:
        """Both."""
        return self.faster, self.slower

    @property
    def asked(self) -> list[tuple[str, str]]:
        """Curves are of runs alone."""
        return [(arm, "validation_loss" if self.by == "val_loss" else "training_loss") for arm in self.arms]

    def find(self, measured: Measurements) -> Finding:
        """The geometric mean of the ratio of epochs, ``slower`` to ``faster``; never reached counts as one run more."""
        curves = [{entry.seed: self._curve(entry.record) for entry in measured.runs.get(arm, ())} for arm in self.arms]
        logs = []
        for seed in sorted(curves[0].keys() & curves[1].keys()):
            fast, slow = curves[0][seed], curves[1][seed]
            if not fast or not slow:
                continue
            reached = next((epoch for epoch, value in enumerate(fast, 1) if value <= min(slow)), len(fast) + 1)
            logs.append(math.log((slow.index(min(slow)) + 1) / reached))
        return above(logs, math.log(1 / self.share)).exponential()

    def _curve(self, record: RunRecord) -> list[float]:
        return [epoch.metrics[self.by] for epoch in record.epochs] if record.is_finished else []
