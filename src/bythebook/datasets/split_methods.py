"""Cutting one part of a set of labelled images off the rest."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bythebook.datasets.labelled import Labelled
from bythebook.errors import UserError, unknown


def cut(part: Labelled, count: int, method: str, seed: int, where: str, keep: int = 1) -> tuple[Labelled, Labelled]:
    """``count`` images of ``part``, and the rest; both keep their order.

    Args:
        method: one of :data:`METHODS`: ``first`` takes the first images, as the book does; ``stratified`` draws from
            every class in proportion, with ``seed``, and at least one, where ``count`` and the classes allow it.
        where: the parameter named in errors.
        keep: how many images of every class a stratified cut leaves, where that is possible.

    Raises:
        UserError: the method does not exist, or ``count`` leaves nothing on one side.
    """
    if method not in METHODS:
        raise UserError(f"{where}: {unknown('method', method, METHODS)}")
    if not 0 < count < len(part):
        raise UserError(f"{where}: {count} images asked for; allowed: 1 to {len(part) - 1} (there are {len(part)}).")
    chosen = METHODS[method](part.labels, count, seed, keep)
    return part.take(chosen), part.take(~chosen)


def _first(labels: NDArray[np.int64], count: int, seed: int, keep: int) -> NDArray[np.bool_]:
    return np.arange(len(labels)) < count


def _stratified(labels: NDArray[np.int64], count: int, seed: int, keep: int) -> NDArray[np.bool_]:
    generator = np.random.default_rng(seed)
    chosen = np.zeros(len(labels), dtype=bool)
    for label, share in enumerate(_shares(np.bincount(labels), count, keep)):
        members = np.flatnonzero(labels == label)
        chosen[generator.permutation(members)[:share]] = True
    return chosen


def _shares(sizes: NDArray[np.int64], count: int, keep: int) -> NDArray[np.int64]:
    """``count`` divided over the classes in proportion to their ``sizes``, by largest remainder; none goes without."""
    exact = sizes * count
    shares = exact // sizes.sum()
    remainders = exact % sizes.sum()
    by_remainder = np.argsort(-remainders, kind="stable")
    shares[by_remainder[: count - shares.sum()]] += 1
    most = np.maximum(sizes - keep, 0)
    least = np.minimum(most, 1)
    return _within(shares, least, most) if least.sum() <= count <= most.sum() else shares


def _within(shares: NDArray[np.int64], least: NDArray[np.int64], most: NDArray[np.int64]) -> NDArray[np.int64]:
    """``shares`` brought between their bounds; what that adds or takes comes from the classes with most room for it."""
    found = np.clip(shares, least, most)
    while missing := shares.sum() - found.sum():
        room = most - found if missing > 0 else found - least
        found[np.argmax(room)] += np.sign(missing)
    return found


METHODS: dict[str, Callable[[NDArray[np.int64], int, int, int], NDArray[np.bool_]]] = {
    "first": _first,
    "stratified": _stratified,
}
