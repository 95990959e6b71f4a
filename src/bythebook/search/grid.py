"""The points of a grid over a space: every combination that its conditions allow."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import islice
from typing import Any

from bythebook.errors import UserError
from bythebook.search.space import Assignment, Domain, Parameter, Space, assign
from bythebook.seeds import derived

LARGEST = 10_000


def grid(space: Space, seed: int) -> list[Assignment]:
    """Every point once, in an order that the seed shuffles: a budget that ends before the grid is a fair part of it.

    Raises:
        UserError: there are more than :data:`LARGEST`.
    """
    found = list(islice(_points(space), LARGEST + 1))
    if len(found) > LARGEST:
        raise UserError(f"the grid has more than {LARGEST:,} points; give fewer choices or values.")
    random.Random(derived(seed, "grid")).shuffle(found)
    return found


def values(domain: Domain) -> list[Any] | None:
    """What a grid takes from a domain that is sampled; None from a range that does not say how many values."""
    if domain.choices is not None:
        return list(domain.choices)
    assert domain.low is not None and domain.high is not None
    if domain.grid is not None:
        return _spread(domain, domain.grid)
    step = domain.step or (1 if domain.whole and not domain.log else None)
    if step is None:
        return None
    return [domain.low + index * step for index in range(round((domain.high - domain.low) / step) + 1)]


def _spread(domain: Domain, count: int) -> list[Any]:
    """So many values from end to end, evenly on the range's scale, ascending; of whole numbers each once."""
    low, high = float(domain.low or 0), float(domain.high or 0)
    shares = [index / (count - 1) for index in range(count)]
    found = [low * (high / low) ** share if domain.log else low + (high - low) * share for share in shares]
    found[-1] = high  # but for rounding
    return list(dict.fromkeys(round(value) for value in found)) if domain.whole else found


def _points(space: Space) -> Iterator[Assignment]:
    """Depth first: the last digits count up first, and a digit that a condition adds begins at zero."""
    digits: list[int] = []
    while True:
        sizes: list[int] = []

        def draw(parameter: Parameter, sizes: list[int] = sizes) -> Any:
            choices = values(parameter.domain)
            assert choices is not None
            sizes.append(len(choices))
            if len(digits) < len(sizes):
                digits.append(0)
            return choices[digits[len(sizes) - 1]]

        yield assign(space, draw)
        while digits and digits[-1] + 1 == sizes[len(digits) - 1]:
            digits.pop()
        if not digits:
            return
        digits[-1] += 1
