"""A resolved recipe, as training reads it and records keep it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import with_config
from typing_extensions import TypedDict

from bythebook.validation import STRICT

# A technique with its name and all of its arguments.
Technique = dict[str, Any]


InitializerKey = Literal["initializer", "output_initializer", "bias_initializer"]
# The keys of a recipe that name a technique.
TechniqueKey = Literal[
    "activation",
    "initializer",
    "output_initializer",
    "bias_initializer",
    "augmentation",
    "normalizer",
    "regularizer",
    "dropout",
    "constraint",
    "optimizer",
    "schedule",
    "clipping",
    "loss",
]


@with_config(STRICT)
class EarlyStoppingSettings(TypedDict):
    """When training stops before its last epoch."""

    patience: int
    restore_best: bool


@with_config(STRICT)
class RangeTestSettings(TypedDict):
    """The learning rates between which one is looked for."""

    lowest: float
    highest: float


@with_config(STRICT)
class Recipe(TypedDict):
    """Everything that decides how one net is built and trained, except its data and its seed.

    :class:`bythebook.recipe.RecipeSchema` says what each key means; None means "without".
    """

    target: Literal["labels", "reconstruction", "rotation"]
    hidden: list[int]
    activation: Technique
    initializer: Technique
    output_initializer: Technique
    bias_initializer: Technique
    output: Literal["softmax", "sigmoid", "linear"]
    augmentation: Technique | None
    normalizer: Technique | None
    regularizer: Technique | None
    constraint: Technique | None
    regularize_output: bool
    dropout: Technique | None
    dropout_on: Literal["everywhere", "hidden", "last_hidden"]
    optimizer: Technique
    schedule: Technique
    clipping: Technique | None
    loss: Technique
    scaling: Literal["standardized", "unit"]
    batch_size: int
    epochs: int
    early_stopping: EarlyStoppingSettings | None
    range_test: RangeTestSettings | None
    observe: list[Literal["layers", "steps"]]
