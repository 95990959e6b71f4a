"""Numbers out of the answers: medians, their spread, and ratios of contenders that were measured in turns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

Section = dict[str, Any]
Answer = dict[str, Any]
Value = Callable[[Answer], float | None]


@dataclass(frozen=True)
class Figure:
    """A median over repetitions, and its smallest and largest value."""

    median: float
    low: float
    high: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Figure:
        """The figure of at least one value."""
        return cls(median(values), min(values), max(values), len(values))

    def text(self, digits: int = 2, scale: float = 1.0) -> str:
        """``1.23 (1.20-1.31)``."""
        middle, low, high = (f"{value * scale:.{digits}f}" for value in (self.median, self.low, self.high))
        return f"{middle} ({low}-{high})"


def cpu(answer: Answer) -> float:
    """CPU seconds: of a steady epoch (the median of its process), else of the whole process."""
    return median(span["cpu"] for span in answer["steady"]) if "steady" in answer else answer["process"]["cpu"]


def wall(answer: Answer) -> float:
    """Wall seconds of the same."""
    return median(span["wall"] for span in answer["steady"]) if "steady" in answer else answer["process"]["wall"]


def of_contender(section: Section, contender: str, value: Value) -> Figure | None:
    """A value over the repetitions of a contender; None if it was not measured."""
    found = [value(answer) for answer in section["answers"] if answer["contender"] == contender]
    known = [one for one in found if one is not None]
    return Figure.of(known) if known else None


def ratio(section: Section, upper: str, lower: str, value: Value) -> Figure | None:
    """The ratio of two contenders' medians; its spread is that of the ratios within each repetition."""
    above, below = of_contender(section, upper, value), of_contender(section, lower, value)
    if above is None or below is None:
        return None
    by_turn: dict[int, dict[str, float]] = {}
    for answer in section["answers"]:
        if answer["contender"] in (upper, lower) and (one := value(answer)) is not None:
            by_turn.setdefault(answer["repetition"], {})[answer["contender"]] = one
    pairs = [turn[upper] / turn[lower] for turn in by_turn.values() if len(turn) == 2]
    middle = above.median / below.median
    return Figure(middle, min([*pairs, middle]), max([*pairs, middle]), len(pairs))


def compile_share(section: Section) -> Value:
    """Of a stage's wall time, the share its workers compiled: the sum over runs, spread over the workers."""

    def share(answer: Answer) -> float | None:
        seconds = [run["compile_seconds"] for run in answer.get("runs", [])]
        if not seconds or None in seconds:
            return None
        return float(sum(seconds) / section["workers"] / answer["process"]["wall"])

    return share


def memory_gb(answer: Answer) -> float | None:
    """The highest memory of a stage and its workers in GB, shared pages counted once."""
    return float(answer["memory"]["pss"]) / 1e9 if "memory" in answer else None
