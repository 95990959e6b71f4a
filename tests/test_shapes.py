"""What a recipe asks of the shape of its examples, found before anything trains."""

from __future__ import annotations

from typing import Any

import pytest

from bythebook import recipe
from bythebook.shapes import shape_problem

MOVING, TURNING = {"augmentation": "shift_and_flip"}, {"target": "rotation", "scaling": "unit"}


@pytest.mark.parametrize(
    ("delta", "shape", "said"),
    [
        (MOVING, (12,), "augmentation moves grey images, and these are lines of a table."),
        (MOVING, (None, None, 3), "augmentation moves grey images, and these are images in colour."),
        (MOVING, (28, 28, 3), "and these are images in colour of 28 by 28 pixels."),
        (TURNING, (12,), "to tell how images were turned, they must be square, and these are lines of a table."),
        (TURNING, (4, 16), "they must be square, and these are images of 4 by 16 pixels."),
    ],
)
def test_what_does_not_fit_is_said(delta: dict[str, Any], shape: tuple[int | None, ...], said: str) -> None:
    found = shape_problem(recipe.resolve(delta, "r"), shape)
    assert found and found.endswith(said)


@pytest.mark.parametrize(
    ("delta", "shape"),
    [
        ({}, (12,)),
        ({"target": "reconstruction"}, (4, 16, 3)),
        (MOVING, (4, 16)),
        (TURNING, (28, 28, 3)),
        (TURNING, (None, None)),
    ],
)
def test_what_fits_passes(delta: dict[str, Any], shape: tuple[int | None, ...]) -> None:
    assert shape_problem(recipe.resolve(delta, "r"), shape) is None
