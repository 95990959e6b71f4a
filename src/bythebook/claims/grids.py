"""Comparisons of whole grids of learning rates: how wide the useful window is, how far up it reaches, what is best."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from bythebook.claims.comparison import DIFFERENCE, SHARE, Comparison, Positive
from bythebook.claims.finding import Finding, above, within
from bythebook.claims.measurements import FOUND_RATE, Measurements

Grid = Annotated[list[str], Field(min_length=2)]


class Window(Comparison):
    """More of ``wide`` than of ``narrow`` come within ``tolerance`` of the best of their own grid."""

    ENDS: ClassVar = {"tolerance": DIFFERENCE}
    kind: Literal["window"]
    wide: Grid
    narrow: Grid
    tolerance: Positive

    @property
    def arms(self) -> tuple[str, ...]:
        """Both grids."""
        return *self.wide, *self.narrow

    def find(self, measured: Measurements) -> Finding:
        """The mean over seeds of how many more; what diverged is not within."""
        wide, narrow = (self._counts(measured, grid) for grid in (self.wide, self.narrow))
        return above([wide[seed] - narrow[seed] for seed in sorted(wide.keys() & narrow.keys())], 0.0)

    def _counts(self, measured: Measurements, grid: list[str]) -> dict[int, int]:
        values = [measured.by_seed(arm, self.by) for arm in grid]
        found = {}
        for seed in set().union(*values):
            own = [value[seed] for value in values if seed in value]
            found[seed] = sum(value >= max(own) - self.tolerance for value in own)
        return found


class Near(Comparison):
    """The learning rate that ``of`` found by its range test is within a factor ``times`` of the best of a grid.

    The best is, for every seed, the rate whose run has the highest ``by``.
    """

    kind: Literal["near"]
    of: str
    grid: Grid
    rates: list[Positive]
    times: Annotated[float, Field(gt=1)]

    @model_validator(mode="after")
    def _belongs_together(self) -> Near:
        if len(self.grid) != len(self.rates):
            raise ValueError("'grid' and 'rates' need equal lengths")
        return self

    @property
    def arms(self) -> tuple[str, ...]:
        """What found a rate, and the grid."""
        return self.of, *self.grid

    @property
    def asked(self) -> list[tuple[str, str]]:
        """A rate of what found one, and ``by`` of the grid."""
        return [(self.of, FOUND_RATE), *((arm, self.by) for arm in self.grid)]

    def find(self, measured: Measurements) -> Finding:
        """The geometric mean over seeds of the found rate over the best."""
        found = measured.by_seed(self.of, FOUND_RATE)
        values = [measured.by_seed(arm, self.by) for arm in self.grid]
        logs = []
        for seed, rate in sorted(found.items()):
            reached = [own.get(seed, -math.inf) for own in values]
            if max(reached) > -math.inf:
                logs.append(math.log(rate / self.rates[reached.index(max(reached))]))
        return within(logs, -math.log(self.times), math.log(self.times)).exponential()


class Largest(Comparison):
    """The largest rate that still learns is more than ``times`` as large in ``larger`` as in ``smaller``.

    A net learns when ``by`` is at least ``at_least``; where none does, the rate counts as half the smallest.
    """

    ENDS: ClassVar = {"at_least": SHARE}
    kind: Literal["largest"]
    larger: Grid
    smaller: Grid
    rates: list[Positive]
    at_least: float
    times: Positive = 1.0

    @model_validator(mode="after")
    def _belongs_together(self) -> Largest:
        if not len(self.larger) == len(self.smaller) == len(self.rates):
            raise ValueError("'larger', 'smaller' and 'rates' need equal lengths")
        return self

    @property
    def arms(self) -> tuple[str, ...]:
        """Both grids."""
        return *self.larger, *self.smaller

    def find(self, measured: Measurements) -> Finding:
        """The geometric mean over seeds of the ratio of the two largest rates."""
        seeds = sorted(set().union(*(measured.by_seed(arm, self.by) for arm in self.arms)))
        logs = [
            math.log(self._reach(measured, self.larger, seed) / self._reach(measured, self.smaller, seed))
            for seed in seeds
        ]
        return above(logs, math.log(self.times)).exponential()

    def _reach(self, measured: Measurements, grid: list[str], seed: int) -> float:
        values = [measured.by_seed(arm, self.by).get(seed, -math.inf) for arm in grid]
        learned = [rate for rate, value in zip(self.rates, values, strict=True) if value >= self.at_least]
        return max(learned, default=min(self.rates) / 2)
