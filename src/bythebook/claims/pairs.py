"""Comparisons of one or two arms: a difference, a ratio, equality, a level, a share of the seeds."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from bythebook.claims.comparison import DIFFERENCE, SHARE, Comparison, Positive
from bythebook.claims.finding import Finding, above, share, within
from bythebook.claims.measurements import CHOSEN_BY, Measurements

Portion = Annotated[float, Field(ge=0, le=1)]


class Difference(Comparison):
    """``more`` has the larger value, by more than ``margin``: paired over seeds.

    A side may list several recipes, such as one net at several learning rates; its best on validation stands for it.
    A run that diverged counts as ``diverged``, such as the accuracy of a guess, or not at all; in that choice, too. A
    seed with which both sides diverged says nothing of how they differ.
    """

    ENDS: ClassVar = {"margin": DIFFERENCE, "diverged": SHARE}
    kind: Literal["difference"]
    more: str | list[str]
    less: str | list[str]
    margin: float = 0.0
    diverged: float | None = None

    @property
    def arms(self) -> tuple[str, ...]:
        """All of both sides."""
        return *_listed(self.more), *_listed(self.less)

    @property
    def asked(self) -> list[tuple[str, str]]:
        """Also what the best of several is chosen by."""
        several = [arm for side in map(_listed, (self.more, self.less)) if len(side) > 1 for arm in side]
        return [*super().asked, *((arm, CHOSEN_BY) for arm in several)]

    def find(self, measured: Measurements) -> Finding:
        """The mean of the paired differences."""
        chosen = [measured.best(_listed(side), self.diverged) for side in (self.more, self.less)]
        more, less = measured.paired(chosen, self.by, self.diverged)
        note = "" if set(chosen) == set(self.arms) else f"chosen on validation: {' and '.join(chosen)}"
        step = max(measured.step(arm, self.by) for arm in chosen)
        return above([a - b for a, b in zip(more, less, strict=True)], self.margin, note, step)


class Ratio(Comparison):
    """``more`` is more than ``times`` as large as ``less``: paired over seeds, on a log scale.

    With ``at_most``, it is also less than so many times as large.
    """

    kind: Literal["ratio"]
    more: str
    less: str
    times: Positive = 1.0
    at_most: Positive | None = None

    @model_validator(mode="after")
    def _leaves_room(self) -> Ratio:
        if self.at_most is not None and self.at_most <= self.times:
            raise ValueError("'at_most' must be larger than 'times'")
        return self

    @property
    def arms(self) -> tuple[str, ...]:
        """Both."""
        return self.more, self.less

    def find(self, measured: Measurements) -> Finding:
        """The geometric mean of the paired ratios."""
        more, less = measured.paired(self.arms, self.by)
        if min([*more, *less], default=1) <= 0:
            return Finding(n=len(more), note="a ratio needs values above zero")
        logs = [math.log(a / b) for a, b in zip(more, less, strict=True)]
        # A step from x changes log x by step / x.
        steps = (measured.step(arm, self.by) for arm in self.arms)
        step = max(own / min(values, default=1) for own, values in zip(steps, (more, less), strict=True))
        if self.at_most is None:
            return above(logs, math.log(self.times), step=step).exponential()
        return within(logs, math.log(self.times), math.log(self.at_most), step=step).exponential()


class Equal(Comparison):
    """``first`` and ``second`` differ by less than ``within``: paired over seeds."""

    ENDS: ClassVar = {"within": DIFFERENCE}
    kind: Literal["equal"]
    first: str
    second: str
    within: Positive

    @property
    def arms(self) -> tuple[str, ...]:
        """Both."""
        return self.first, self.second

    def find(self, measured: Measurements) -> Finding:
        """The mean of ``first - second``."""
        first, second = measured.paired(self.arms, self.by)
        step = max(measured.step(arm, self.by) for arm in self.arms)
        return within([a - b for a, b in zip(first, second, strict=True)], -self.within, self.within, step=step)


class Level(Comparison):
    """The mean of one arm lies where it is said to lie."""

    ENDS: ClassVar = {"at_least": SHARE, "at_most": SHARE}
    kind: Literal["level"]
    of: str
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _has_a_bound(self) -> Level:
        if self.at_least is None and self.at_most is None:
            raise ValueError("a level needs 'at_least', 'at_most' or both")
        return self

    @property
    def arms(self) -> tuple[str, ...]:
        """The one."""
        return (self.of,)

    def find(self, measured: Measurements) -> Finding:
        """The mean over seeds."""
        (values,), step = measured.paired(self.arms, self.by), measured.step(self.of, self.by)
        if self.at_least is not None and self.at_most is not None:
            return within(values, self.at_least, self.at_most, step=step)
        if self.at_least is not None:
            return above(values, self.at_least, step=step)
        return above([-value for value in values], -float(self.at_most or 0), step=step).negated()


class Share(Comparison):
    """More than ``more_than`` (or less than ``less_than``) of the seeds reach ``at_least``."""

    ENDS: ClassVar = {"at_least": SHARE}
    kind: Literal["share"]
    of: str
    at_least: float
    more_than: Portion | None = None
    less_than: Portion | None = None

    @model_validator(mode="after")
    def _has_one_bound(self) -> Share:
        if (self.more_than is None) == (self.less_than is None):
            raise ValueError("a share needs either 'more_than' or 'less_than'")
        return self

    @property
    def arms(self) -> tuple[str, ...]:
        """The one."""
        return (self.of,)

    def find(self, measured: Measurements) -> Finding:
        """The share of seeds; a run that diverged reaches nothing."""
        values = measured.by_seed(self.of, self.by).values()
        reached, n = sum(value >= self.at_least for value in values), len(values) + measured.stopped(self.of)
        if self.more_than is not None:
            return share(reached, n, self.more_than)
        found = share(reached, n, float(self.less_than or 0))
        return replace(found, p_for=found.p_against, p_against=found.p_for)


def _listed(side: str | list[str]) -> list[str]:
    return [side] if isinstance(side, str) else side
