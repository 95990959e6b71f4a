"""A recipe: everything that decides how one net is built and trained, except its data and its seed.

People write a recipe as a delta from the defaults; :func:`resolve` gives it in full, every technique as a mapping with
its name and all its arguments. Only resolved recipes are trained, recorded and compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bythebook import catalogue
from bythebook.errors import Problems, UserError
from bythebook.validation import validated

Units = Annotated[int, Field(ge=1, le=100_000)]
STRICT = ConfigDict(extra="forbid", strict=True, frozen=True)

# Which family of techniques each key draws from; None in a recipe means "without".
FAMILY_OF = {
    "activation": "activation",
    "initializer": "initializer",
    "output_initializer": "initializer",
    "normalizer": "normalizer",
    "regularizer": "regularizer",
    "dropout": "dropout",
    "constraint": "constraint",
    "optimizer": "optimizer",
    "schedule": "schedule",
    "clipping": "clipping",
    "loss": "loss",
}
OPTIONAL = ("normalizer", "regularizer", "dropout", "constraint", "clipping")
LOSSES_OF_OUTPUT = {
    "softmax": ("sparse_categorical_crossentropy", "categorical_crossentropy", "mean_squared_error"),
    "sigmoid": ("binary_crossentropy", "categorical_crossentropy", "mean_squared_error"),
}


class EarlyStopping(BaseModel):
    """Stop when the validation loss has not improved for ``patience`` epochs, and keep the best epoch's weights."""

    model_config = STRICT
    patience: Annotated[int, Field(ge=1)]


class Recipe(BaseModel):
    """The schema and the defaults of a recipe. Techniques are checked against the catalogue by :func:`resolve`."""

    model_config = STRICT
    hidden: Annotated[list[Units], Field(max_length=1000)] = [300, 100]
    activation: Any = "relu"
    initializer: Any = "glorot_uniform"
    output_initializer: Any = "glorot_uniform"
    output: Literal["softmax", "sigmoid"] = "softmax"
    normalizer: Any = None
    regularizer: Any = None
    dropout: Any = None
    constraint: Any = None
    optimizer: Any = "sgd"
    schedule: Any = "constant"
    clipping: Any = None
    loss: Any = "sparse_categorical_crossentropy"
    scaling: Literal["standardized", "unit"] = "standardized"
    batch_size: Annotated[int, Field(ge=1)] = 32
    epochs: Annotated[int, Field(ge=1, le=100_000)] = 10
    early_stopping: EarlyStopping | None = None


def resolve(declaration: Any, where: str) -> dict[str, Any]:
    """The full recipe that a declared delta stands for.

    Args:
        declaration: what the user wrote, a mapping.
        where: the path shown in errors, such as ``activations.yaml: recipes.relu``.

    Raises:
        UserError: with every problem found.
    """
    if not isinstance(declaration, Mapping):
        raise UserError(f"{where}: a recipe is a mapping of what differs from the defaults; given {declaration!r}.")
    problems = Problems()
    known = {key: value for key, value in declaration.items() if key in Recipe.model_fields}
    try:
        validated(Recipe, dict(declaration), where)
    except UserError as error:
        problems.extend(error)
    resolved = {name: deepcopy(field.default) for name, field in Recipe.model_fields.items()} | known
    for key, family in FAMILY_OF.items():
        if resolved[key] is None and key in OPTIONAL:
            continue
        try:
            resolved[key] = catalogue.resolve(family, resolved[key], f"{where}.{key}")
        except UserError as error:
            problems.extend(error)
    problems.raise_if_any()
    _refuse_forbidden(resolved, where)
    return resolved


def with_overrides(recipe: Mapping[str, Any], overrides: Mapping[str, Any], where: str) -> dict[str, Any]:
    """A resolved recipe with other values at dotted paths, such as ``{"optimizer.learning_rate": 0.01}``.

    Raises:
        UserError: a path leads nowhere, or the result is not a valid recipe.
    """
    changed = deepcopy(dict(recipe))
    for path, value in overrides.items():
        *parents, last = path.split(".")
        target: Any = changed
        for part in parents:
            target = target.get(part) if isinstance(target, dict) else None
        if not isinstance(target, dict):
            raise UserError(f"{where}.{path}: the recipe has nothing at '{'.'.join(parents)}' to change.")
        target[last] = deepcopy(value)
    return resolve(changed, where)


def _refuse_forbidden(recipe: Mapping[str, Any], where: str) -> None:
    loss, allowed = recipe["loss"]["name"], LOSSES_OF_OUTPUT[recipe["output"]]
    if loss not in allowed:
        raise UserError(
            f"{where}.loss: a {recipe['output']} output cannot be trained with {loss}. Allowed: {', '.join(allowed)}."
        )
