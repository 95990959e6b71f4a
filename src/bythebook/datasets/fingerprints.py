"""Images compared by content, so that a copy of an image is recognised wherever it stands."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIZE = 16


def fingerprints(images: NDArray[Any]) -> NDArray[np.uint8]:
    """The BLAKE2b digest of every image's pixels, or of every line's features: ``(n, ...)`` to ``(n, 16)`` uint8."""
    digests = [hashlib.blake2b(np.ascontiguousarray(image).data, digest_size=SIZE).digest() for image in images]
    return np.frombuffer(b"".join(digests), dtype=np.uint8).reshape(-1, SIZE)


def stand_in(prints: NDArray[np.uint8], *others: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """For each of ``prints`` ``(n, 16)``: does an image of equal content stand in any of ``others``?"""
    known: set[bytes] = set().union(*(_contents(other) for other in others))
    return np.array([content in known for content in _contents(prints)], dtype=bool)


def duplicates(prints: Mapping[str, NDArray[np.uint8]]) -> dict[str, dict[str, int]]:
    """How many images repeat another one of their split, and how many contents each pair of splits shares.

    Returns:
        ``{"within": {split: images beyond the first of their content}, "across": {"one-other": shared contents}}``.
    """
    contents = {split: _contents(own) for split, own in prints.items()}
    return {
        "within": {split: len(own) - len(set(own)) for split, own in contents.items()},
        "across": {f"{a}-{b}": len(set(contents[a]) & set(contents[b])) for a, b in combinations(contents, 2)},
    }


def _contents(prints: NDArray[np.uint8]) -> list[bytes]:
    joined = np.ascontiguousarray(prints).tobytes()
    return [joined[start : start + SIZE] for start in range(0, len(joined), SIZE)]
