"""The register of probes, and what one hands on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bythebook.docstrings import first_line

Arms = Mapping[str, Mapping[str, Sequence[float] | np.ndarray]]
Measure = Callable[[Sequence[int]], Arms]


@dataclass(frozen=True)
class Probe:
    """One registered probe.

    Attributes:
        name: the function's name.
        seeds: how many seeds it is run with.
        sides: what it measures, its arms.
        metrics: what it measures of each of them.
        measure: seeds to arm to metric to one value per seed.
        keras: whether it works with Keras, and not with NumPy alone.
    """

    name: str
    seeds: int
    sides: tuple[str, ...]
    metrics: tuple[str, ...]
    measure: Measure
    keras: bool = False

    @property
    def question(self) -> str:
        """The first line of its documentation."""
        return first_line(self.measure)

    def run(self) -> dict[str, Any]:
        """Measures, and gives what claims are judged by, in plain values.

        Raises:
            ValueError: it measured something else than it declares.
        """
        seeds = list(range(self.seeds))
        arms = {
            arm: {metric: [float(value) for value in values] for metric, values in metrics.items()}
            for arm, metrics in self.measure(seeds).items()
        }
        if {arm: set(metrics) for arm, metrics in arms.items()} != dict.fromkeys(self.sides, set(self.metrics)):
            raise ValueError(f"probe '{self.name}' measured other sides or metrics than it declares")
        return {"probe": self.name, "question": self.question, "seeds": seeds, "arms": arms}


_register: dict[str, Probe] = {}


def probe(
    seeds: int, sides: Iterable[str], metrics: Iterable[str], keras: bool = False
) -> Callable[[Measure], Measure]:
    """Registers the decorated function as a probe; arguments as in :class:`Probe`."""

    def register(function: Measure) -> Measure:
        name = function.__name__
        if name in _register:
            raise ValueError(f"probe '{name}' is registered twice")
        _register[name] = Probe(name, seeds, tuple(sides), tuple(metrics), function, keras)
        return function

    return register


def probes() -> Mapping[str, Probe]:
    """Every registered probe, by name."""
    return dict(sorted(_register.items()))
