"""Whether results got worse since the metrics that were committed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bythebook.errors import Problems, UserError, unknown

# Of these less is better, of every other metric more; the last word of a metric's name tells.
LESS_IS_BETTER = ("loss", "nll", "ece")


@dataclass(frozen=True)
class MetricComparison:
    """One metric then and now.

    Attributes:
        tolerance: how far the metric may get worse, in its own unit.
        committed: None when it was not measured then, and there is nothing to compare with.
        current: None when it is not measured any more, which is a regression.
    """

    metric: str
    tolerance: float
    committed: float | None
    current: float | None

    @property
    def change(self) -> float | None:
        """Now minus then."""
        if self.committed is None or self.current is None:
            return None
        return self.current - self.committed

    @property
    def regressed(self) -> bool:
        """Whether the metric is worse than then by more than the tolerance, or gone."""
        if self.committed is None:
            return False
        if self.change is None:
            return True
        worsening = self.change if self.metric.endswith(LESS_IS_BETTER) else -self.change
        # A move of exactly the tolerance is allowed, whatever its last binary digit.
        return worsening > self.tolerance + 1e-12


def compare(
    current: Mapping[str, Any], committed: Mapping[str, Any], tolerances: Mapping[str, float]
) -> list[MetricComparison]:
    """Every metric that has a tolerance, then and now.

    Args:
        current: metrics as the report stage writes them, nested.
        committed: the same of the commit to compare with.
        tolerances: dotted metric, such as ``champion.test_accuracy``, to its tolerance.

    Raises:
        UserError: a metric is in neither, or the two are of different datasets.
    """
    if current.get("dataset") != committed.get("dataset"):
        shown = f"of {committed.get('dataset')}, the current ones of {current.get('dataset')}"
        raise UserError(f"gate: the committed metrics are {shown}; they cannot be compared.")
    now, then = _flat(current), _flat(committed)
    problems = Problems()
    for metric in tolerances:
        if metric not in now and metric not in then:
            problems.add("gate", unknown("metric", metric, {**now, **then}))
    problems.raise_if_any()
    return [
        MetricComparison(metric, allowed, then.get(metric), now.get(metric)) for metric, allowed in tolerances.items()
    ]


def _flat(nested: Mapping[str, Any], prefix: str = "") -> dict[str, float]:
    found: dict[str, float] = {}
    for key, value in nested.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{prefix}{key}.")
        elif isinstance(value, int | float):
            found[f"{prefix}{key}"] = float(value)
    return found
