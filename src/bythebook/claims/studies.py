"""Comparisons over all tasks of a transfer study: on how many one strategy is ahead, whether one task stands out."""

from __future__ import annotations

from dataclasses import replace
from statistics import fmean
from typing import Literal

from pydantic import model_validator

from bythebook.claims.comparison import Comparison
from bythebook.claims.finding import Finding, above, share
from bythebook.claims.measurements import Measurements
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

    def gains(self, measured: Measurements) -> dict[str, dict[int, float]]:
        """By task and seed, how much more ``more`` has; only what both sides finished."""
        found = {}
        for task in measured.tasks(self.more):
            more, less = (measured.by_seed(side.replace(ANY, task), self.by) for side in (self.more, self.less))
            found[task] = {seed: more[seed] - less[seed] for seed in sorted(more.keys() & less.keys())}
        return found


class Tasks(OverTasks):
    """On more than ``more_than`` (or less than ``less_than``) of the tasks, ``more`` has the larger value for sure.

    For sure is what the paired differences over seeds say, corrected for the number of tasks. Tasks that they leave
    open may be of either kind, so what is said has to hold whichever they are: few seeds are no evidence.
    """

    kind: Literal["tasks"]
    more_than: Portion | None = None
    less_than: Portion | None = None

    @model_validator(mode="after")
    def _has_one_bound(self) -> Tasks:
        if (self.more_than is None) == (self.less_than is None):
            raise ValueError("a share of tasks needs either 'more_than' or 'less_than'")
        return self

    def find(self, measured: Measurements) -> Finding:
        """The share of tasks that are ahead; the interval reaches up to where all those left open are, too."""
        sides = [
            one_sided(list(gains.values()), step=measured.step(self.more.replace(ANY, task), self.by))
            for task, gains in self.gains(measured).items()
        ]
        if not any(sides):
            return Finding(n=len(sides), note="no task has two seeds that finished on both sides")
        judged = [decided(p, both) for p, both in zip(corrected(sides), sides, strict=True)]
        ahead, behind = judged.count("supported"), judged.count("refuted")
        note = f"ahead on {ahead}, behind on {behind} of {len(judged)}"
        bound = float((self.less_than if self.more_than is None else self.more_than) or 0)
        fewest, most = (share(number, len(judged), bound, note) for number in (ahead, len(judged) - behind))
        over, under = fewest.p_for, most.p_against
        p_for, p_against = (under, over) if self.more_than is None else (over, under)
        return replace(fewest, high=most.high, p_for=p_for, p_against=p_against)


class Standout(OverTasks):
    """What ``more`` has more than ``less`` is larger on one task than the mean of it on all others."""

    kind: Literal["standout"]
    of: str

    @property
    def arms(self) -> tuple[str, ...]:
        """Both, of the one task and of every task."""
        return *(side.replace(ANY, self.of) for side in (self.more, self.less)), self.more, self.less

    def find(self, measured: Measurements) -> Finding:
        """The mean over seeds of the task's gain less the mean gain of the others."""
        gains = self.gains(measured)
        own = gains.pop(self.of)
        others = {seed: [gain[seed] for gain in gains.values() if seed in gain] for seed in own}
        apart = [own[seed] - fmean(others[seed]) for seed in own if others[seed]]
        means = [fmean(gain.values()) for gain in gains.values() if gain]
        rank = 1 + sum(mean > fmean(own.values()) for mean in means) if own else 0
        note = f"the gain is number {rank} of {len(means) + 1}" if own else ""
        return above(apart, 0.0, note, measured.step(self.more.replace(ANY, self.of), self.by))
