"""Arms timed in turns, so that a slow moment of the machine is everybody's."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

Item = TypeVar("Item")


def rotated(items: Sequence[Item], by: int) -> list[Item]:
    """The items from another one on, so that over several repetitions nobody is always the first."""
    first = by % len(items)
    return [*items[first:], *items[:first]]


def milliseconds(
    calls: Mapping[str, Callable[[], Any]], rounds: int, calls_a_round: int, repetition: int, share: float = 0.5
) -> dict[str, float]:
    """What one call takes, by the wall clock: the median over all rounds, after a first call that may compile.

    Args:
        calls: by arm.
        rounds: how often every arm has its turn.
        calls_a_round: how often an arm is called in its turn: caches hold what it needs after the first call.
        repetition: which of the arms begins.
        share: of the calls, how many take no longer; a half gives the median.
    """
    for call in calls.values():
        call()
    taken: dict[str, list[float]] = {arm: [] for arm in calls}
    for _ in range(rounds):
        for arm in rotated(list(calls), repetition):
            for _ in range(calls_a_round):
                began = time.perf_counter()
                calls[arm]()
                taken[arm].append(time.perf_counter() - began)
    return {arm: float(np.quantile(values, share)) * 1000 for arm, values in taken.items()}
