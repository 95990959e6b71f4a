"""The targets, and whether the results reach them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.figures import Figure, Section, compile_share, cpu, memory_gb, of_contender, ratio, wall

# Growth counts as linear up to this much more: two runs of the same program differ by as much.
LINEAR = 1.05


@dataclass(frozen=True)
class Target:
    """What is to be reached.

    Attributes:
        name: of the target.
        section: the question whose results answer it.
        asks: what is measured, for readers.
        limit: the number to reach.
        at_most: whether the measured number must not exceed the limit; else it must not fall below.
        unit: written after numbers: ``x``, ``%`` or ``GB``.
        value: the measured figure of a section; None if what it needs was not measured.
    """

    name: str
    section: str
    asks: str
    limit: float
    at_most: bool
    unit: str
    value: Callable[[Section], Figure | None]

    def number(self, value: float) -> str:
        """A value as readers see it."""
        return f"{value * 100:.1f} %" if self.unit == "%" else f"{value:.3f} {self.unit}"

    @property
    def wanted(self) -> str:
        """The limit as readers see it."""
        return f"{'≤' if self.at_most else '≥'} {self.number(self.limit)}"


@dataclass(frozen=True)
class Verdict:
    """A target and what was measured; ``figure`` is None where it was not."""

    target: Target
    figure: Figure | None

    @property
    def reached(self) -> bool | None:
        """Whether the median reaches the limit; None if nothing was measured."""
        if self.figure is None:
            return None
        value, limit = self.figure.median, self.target.limit
        return value <= limit if self.target.at_most else value >= limit

    @property
    def word(self) -> str:
        """``reached``, ``missed`` or ``not measured``."""
        return {True: "reached", False: "**missed**", None: "not measured"}[self.reached]


def verdicts(results: Mapping[str, Any]) -> list[Verdict]:
    """One verdict per target, in their order."""
    sections = results["questions"]
    return [
        Verdict(target, target.value(sections[target.section]) if target.section in sections else None)
        for target in TARGETS
    ]


def _against_fit(section: Section) -> Figure | None:
    return ratio(section, "engine", "fit", cpu)


def _share_of_floor(section: Section) -> Figure | None:
    return ratio(section, "floor", "engine", cpu)


def _against_serial(section: Section) -> Figure | None:
    return ratio(section, "product", "serial_fit", wall)


def _compiling(section: Section) -> Figure | None:
    return of_contender(section, "product", compile_share(section))


def _tracking(section: Section) -> Figure | None:
    """The share of the tracked stage's wall time that the untracked one does without."""
    rest = ratio(section, "untracked", "product", wall)
    return None if rest is None else Figure(1 - rest.median, 1 - rest.high, 1 - rest.low, rest.count)


def _memory(section: Section) -> Figure | None:
    return of_contender(section, "product", memory_gb)


def _growth(factor: int, value: Callable[[dict[str, Any]], float]) -> Callable[[Section], Figure | None]:
    """The cost at so many times as much, over so many times the cost."""

    def measured(section: Section) -> Figure | None:
        found = ratio(section, str(factor), "1", value)
        if found is None:
            return None
        return Figure(found.median / factor, found.low / factor, found.high / factor, found.count)

    return measured


def _speedup(section: Section) -> Figure | None:
    """The wall time of two workers, over half of one worker's."""
    found = ratio(section, "2", "1", wall)
    return None if found is None else Figure(found.median * 2, found.low * 2, found.high * 2, found.count)


def _epoch(name: str, asks: str, limit: float) -> Target:
    return Target(name, f"epoch_{name}", f"CPU-s per epoch against `fit`: {asks}", limit, True, "x", _against_fit)


TARGETS = (
    _epoch("model_a", "model A's net", 0.22),
    _epoch("deep", "20 layers of 100, batch norm, Nadam", 0.20),
    _epoch("dropout", "300-100, dropout 0.2, max-norm", 0.35),
    _epoch("alpha_dropout", "300-100, alpha dropout", 0.35),
    Target("floor", "floor", "share of the floor, model A's net", 0.60, False, "%", _share_of_floor),
    Target("suite", "suite", "wall time of the suite against `fit` run after run", 0.125, True, "x", _against_serial),
    Target(
        "search", "search", "wall time of the search against `fit` trial by trial", 0.25, True, "x", _against_serial
    ),
    Target("compile", "suite", "compiling, as a share of the suite's wall time", 0.10, True, "%", _compiling),
    Target("tracking", "suite", "tracking, as a share of the suite's wall time", 0.03, True, "%", _tracking),
    Target("memory", "suite", "memory of the suite with two workers", 3.0, True, "GB", _memory),
    Target("data", "growth_data", "4 x the data: CPU-s over four times as much", LINEAR, True, "x", _growth(4, cpu)),
    Target(
        "runs", "growth_runs", "4 x the runs: wall time over four times as much", LINEAR, True, "x", _growth(4, wall)
    ),
    Target("workers", "growth_workers", "2 workers: wall time over half of one's", LINEAR, True, "x", _speedup),
)
