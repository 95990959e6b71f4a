"""The choice of a champion."""

from __future__ import annotations

from bythebook.records.interval import Interval
from bythebook.records.layout import RecordPart, Several
from bythebook.records.recipe import Recipe


class Refit(Interval):
    """A shortlisted recipe after its refit; the interval is of its metric over the seeds that finished.

    Attributes:
        name: the suite's and the recipe's, with a dot between.
        values: of the metric, in the order of ``seeds``.
    """

    name: str
    suite: str
    recipe: Recipe
    seeds: list[int]
    values: list[float]


class ChampionChoice(RecordPart):
    """Which recipe was chosen, and which of its seeds represents it.

    Attributes:
        metric: what decided.
        shortlist: all that were refitted, best first.
    """

    chosen: str
    recipe: Recipe
    model_seed: int
    metric: str
    shortlist: Several[Refit]

    @property
    def winner(self) -> Refit:
        """Return what was chosen."""
        return next(refit for refit in self.shortlist if refit.name == self.chosen)
