"""What a recipe asks of the shape of its examples."""

from __future__ import annotations

from collections.abc import Sequence

from bythebook.records.recipe import Recipe
from bythebook.target import ROTATION


def shape_problem(recipe: Recipe, shape: Sequence[int | None]) -> str | None:
    """Why no net of a recipe can be trained on examples of this shape, in a sentence; None if one can.

    Args:
        recipe: a resolved recipe.
        shape: of one example, ``(height, width)``, ``(height, width, 3)`` or ``(features,)``; None for a size that is
            not known yet.
    """
    if recipe["augmentation"] and len(shape) != 2:
        return f"augmentation moves grey images, and these are {_described(shape)}."
    if recipe["target"] == ROTATION and (len(shape) == 1 or shape[0] != shape[1]):
        return f"to tell how images were turned, they must be square, and these are {_described(shape)}."
    return None


def _described(shape: Sequence[int | None]) -> str:
    if len(shape) == 1:
        return "lines of a table"
    colour = " in colour" if len(shape) == 3 else ""
    return f"images{colour}" if shape[0] is None else f"images{colour} of {shape[0]} by {shape[1]} pixels"
