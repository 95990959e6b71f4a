"""A search space as data: which recipe paths vary, over what, and under which conditions.

Each dotted recipe path has one domain, or a list of them of which the first whose condition holds applies::

    activation: {choices: [elu, {name: leaky_relu, negative_slope: 0.1}]}
    optimizer.learning_rate: {low: 0.001, high: 0.1, log: true}
    normalizer:
      - {when: {n_hidden: [4, 5]}, choices: [batch_norm_after, null]}
      - {value: null}

Two paths are not recipe keys: ``n_hidden`` and ``n_units`` stand for ``hidden: [n_units] * n_hidden``. A third one,
``strategy``, is how a guideline about transfer reuses layers.
A condition looks at paths declared above it; a technique may be named there without its arguments.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, Field

from bythebook.validation import STRICT

DEPTH, WIDTH, STRATEGY = "n_hidden", "n_units", "strategy"
Number = Annotated[int | float, Field(allow_inf_nan=False)]


class Domain(BaseModel):
    """What a path may be: ``choices``, a range from ``low`` to ``high``, or one fixed ``value``.

    A grid takes every ``step`` of a range, or ``grid`` values from end to end.
    """

    model_config = STRICT
    low: Number | None = None
    high: Number | None = None
    step: Number | None = None
    log: bool = False
    grid: Annotated[int, Field(ge=2)] | None = None
    choices: list[Any] | None = None
    value: Any = None
    when: dict[str, list[Any]] = {}

    @property
    def fixed(self) -> bool:
        """Whether it names one value, so that nothing is sampled."""
        return "value" in self.model_fields_set

    @property
    def whole(self) -> bool:
        """Whether a range holds whole numbers only."""
        return all(isinstance(bound, int) for bound in (self.low, self.high, self.step or 1))

    @property
    def extremes(self) -> list[Any]:
        """Every choice, or the ends of the range."""
        if self.fixed:
            return [self.value]
        return list(self.choices) if self.choices is not None else [self.low, self.high]

    def holds(self, value: Any) -> bool:
        """Whether ``value``, as a condition names it, is one this domain can give."""
        if self.fixed or self.choices is not None:
            return any(names(value, own) for own in self.extremes)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        assert self.low is not None and self.high is not None
        if not self.low <= value <= self.high:
            return False
        steps = (value - self.low) / (self.step or 1)
        return (self.step is None and not self.whole) or abs(steps - round(steps)) < 1e-9


@dataclass(frozen=True)
class Parameter:
    """One domain of one path; ``name`` tells the several domains of a path apart."""

    path: str
    name: str
    domain: Domain


Space = Mapping[str, tuple[Parameter, ...]]


@dataclass(frozen=True)
class Assignment:
    """One point of a space.

    Attributes:
        values: every path the space decides, with its value.
        drawn: the part of ``values`` that was sampled and not fixed.
        names: the names of the parameters that were sampled, with their values.
    """

    values: dict[str, Any]
    drawn: dict[str, Any]
    names: dict[str, Any]


def build(declared: Mapping[str, list[Domain]]) -> Space:
    """The space of checked domains."""
    return {path: tuple(_parameters(path, domains)) for path, domains in declared.items()}


def assign(space: Space, draw: Callable[[Parameter], Any]) -> Assignment:
    """Walks the space from top to bottom and asks ``draw`` for a value wherever one is sampled."""
    values: dict[str, Any] = {}
    names: dict[str, Any] = {}
    drawn: dict[str, Any] = {}
    for path, parameters in space.items():
        active = next((parameter for parameter in parameters if met(parameter.domain, values)), None)
        if active is None:
            continue
        if active.domain.fixed:
            values[path] = active.domain.value
        else:
            values[path] = drawn[path] = names[active.name] = draw(active)
    return Assignment(values, drawn, names)


def met(domain: Domain, values: Mapping[str, Any]) -> bool:
    """Whether a domain's condition holds; a path that was not assigned meets none."""
    return all(
        path in values and any(names(value, values[path]) for value in allowed) for path, allowed in domain.when.items()
    )


def names(value: Any, own: Any) -> bool:
    """Whether ``value`` in a condition means ``own``: the same, or the bare name of a technique with arguments."""
    return label(value) == label(own) or (isinstance(own, Mapping) and value == own.get("name"))


def label(value: Any) -> str:
    """A choice as a text that stands for it in the study, where choices must be primitive."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def choice(text: str) -> Any:
    """The choice a :func:`label` stands for."""
    return json.loads(text)


def _parameters(path: str, domains: list[Domain]) -> Iterator[Parameter]:
    for domain in domains:
        condition = ", ".join(f"{key} in {label(allowed)}" for key, allowed in domain.when.items())
        yield Parameter(path, f"{path} [{condition}]" if condition and len(domains) > 1 else path, domain)
