"""Comparisons over all tasks of a transfer study: on how many one strategy is ahead, whether one task stands out."""

from __future__ import annotations

from dataclasses import replace
from statistics import fmean
from typing import Literal

from pydantic import model_validator

from bythebook.claims.comparison import Comparison
from bythebook.claims.finding import Finding, above, share
from bythebook.claims.measured import Measured
from bythebook.claims.pairs import Portion
from bythebook.statistics import corrected, decided, one_sided

ANY = "*"


class OverTasks(Comparison):
    """What comparisons over tasks have: two arms in which ``*`` stands for the task."""

    more: str
    less: str

    @model_validator(mode="after")
    def _stand_for_tasks(self) -> OverTasks:
        if not all(side.partition("/")[2].startswith(f"{ANY}.") for side in (self.more, self.less)):
            raise ValueError("'more' and 'less' need a * in the place of the task, as in suite/*.frozen.200")
        return self

    @property
    def arms(self) -> tuple[str, ...]:
        """Both, of every task."""
        return self.more, self.less

    def gains(self, measured: Measured) -> dict[str, dict[int, float]]:
        """By task and seed, how much more ``more`` has; only what both sides finished."""
        found = {}
        for task in measured.tasks(self.more):
            more, less = (measured.by_seed(side.replace(ANY, task), self.by) for side in (self.more, self.less))
            found[task] = {seed: more[seed] - less[seed] for seed in sorted(more.keys() & less.keys())}
        return found


class Tasks(OverTasks):
    """On more than ``more_than`` (or less than ``less_than``) of the tasks, ``more`` has the larger value for sure.

    For sure is what the paired differences over seeds say, corrected for the number of tasks.
    """

    kind: Literal["tasks"]
    more_than: Portion | None = None
    less_than: Portion | None = None

    @model_validator(mode="after")
    def _has_one_bound(self) -> Tasks:
        if (self.more_than is None) == (self.less_than is None):
            raise ValueError("a share of tasks needs either 'more_than' or 'less_than'")
        return self

    def find(self, measured: Measured) -> Finding:
        """The share of tasks; those that nothing can be said about count as others."""
        sides = [
            one_sided(list(gains.values()), step=measured.step(self.more.replace(ANY, task), self.by))
            for task, gains in self.gains(measured).items()
        ]
        if not any(sides):
            return Finding(n=len(sides), note="no task has two seeds that finished on both sides")
        judged = [decided(p, both) for p, both in zip(corrected(sides), sides, strict=True)]
        note = f"ahead on {judged.count('supported')}, behind on {judged.count('refuted')} of {len(judged)}"
        bound = self.less_than if self.more_than is None else self.more_than
        found = share(judged.count("supported"), len(judged), float(bound or 0), note)
        return found if self.more_than is not None else replace(found, p_for=found.p_against, p_against=found.p_for)


class Standout(OverTasks):
    """What ``more`` has more than ``less`` is larger on one task than the mean of it on all others."""

    kind: Literal["standout"]
    of: str

    @property
    def arms(self) -> tuple[str, ...]:
        """Both, of the one task and of every task."""
        return *(side.replace(ANY, self.of) for side in (self.more, self.less)), self.more, self.less

    def find(self, measured: Measured) -> Finding:
        """The mean over seeds of the task's gain less the mean gain of the others."""
        gains = self.gains(measured)
        own = gains.pop(self.of)
        others = {seed: [gain[seed] for gain in gains.values() if seed in gain] for seed in own}
        apart = [own[seed] - fmean(others[seed]) for seed in own if others[seed]]
        means = [fmean(gain.values()) for gain in gains.values() if gain]
        rank = 1 + sum(mean > fmean(own.values()) for mean in means) if own else 0
        return above(apart, 0.0, f"the gain is number {rank} of {len(means) + 1}" if own else "")
