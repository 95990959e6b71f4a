"""A mean of repeated measurements and how sure it is."""

from __future__ import annotations

from bythebook.records.layout import RecordPart


class Interval(RecordPart):
    """A mean with its interval.

    Attributes:
        low: the lower end; None for fewer than two values, because one says nothing about its spread.
        high: the upper end, or None.
        n: how many values there are.
        level: the confidence level in (0, 1).
    """

    mean: float
    low: float | None
    high: float | None
    n: int
    level: float

    @property
    def opposite(self) -> Interval:
        """Return the interval of the same values with the other sign."""
        low, high = (None if end is None else -end for end in (self.high, self.low))
        return self.model_copy(update={"mean": -self.mean, "low": low, "high": high})

    @property
    def ends(self) -> tuple[float, float] | None:
        """Return both ends, or None where there are none."""
        return None if self.low is None or self.high is None else (self.low, self.high)
