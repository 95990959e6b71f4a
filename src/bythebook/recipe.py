"""A recipe: everything that decides how one net is built and trained, except its data and its seed.

People write a recipe as a delta from the defaults; :func:`resolve` gives it in full, every technique as a mapping with
its name and all its arguments. Only resolved recipes are trained, recorded and compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, Field

from bythebook import catalogue
from bythebook.errors import Problems, UserError
from bythebook.records.recipe import Recipe, TechniqueKey
from bythebook.target import LABELS, RECONSTRUCTION, ROTATION, Target
from bythebook.validation import STRICT, validated

DEEPEST, WIDEST = 1000, 100_000
Units = Annotated[int, Field(ge=1, le=WIDEST)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]

# Which family of techniques each key draws from; None in a recipe means "without".
FAMILY_OF: Mapping[TechniqueKey, str] = {
    "activation": "activation",
    "initializer": "initializer",
    "output_initializer": "initializer",
    "bias_initializer": "initializer",
    "augmentation": "augmentation",
    "normalizer": "normalizer",
    "regularizer": "regularizer",
    "dropout": "dropout",
    "constraint": "constraint",
    "optimizer": "optimizer",
    "schedule": "schedule",
    "clipping": "clipping",
    "loss": "loss",
}
OPTIONAL = ("augmentation", "normalizer", "regularizer", "dropout", "constraint", "clipping")
LOSSES_OF_OUTPUT = {
    "softmax": ("sparse_categorical_crossentropy", "categorical_crossentropy", "mean_squared_error"),
    "sigmoid": ("binary_crossentropy", "categorical_crossentropy", "mean_squared_error"),
    "linear": ("mean_squared_error",),
}


class Stack(BaseModel):
    """So many hidden layers of the same width, for nets that nobody wants to write out."""

    model_config = STRICT
    layers: Annotated[int, Field(ge=1, le=DEEPEST)]
    units: Units


class EarlyStopping(BaseModel):
    """Stop when the validation loss has not improved for ``patience`` epochs.

    Attributes:
        restore_best: whether the weights of the best epoch are kept, and not those of the last.
    """

    model_config = STRICT
    patience: Annotated[int, Field(ge=1)]
    restore_best: bool = True


class RangeTest(BaseModel):
    """Train one epoch while the learning rate grows from ``lowest`` to ``highest``, and take what was found.

    The found rate takes the place of the optimizer's; see :mod:`bythebook.training.range_test`.
    """

    model_config = STRICT
    lowest: Positive = 1e-5
    highest: Positive = 10.0


class RecipeSchema(BaseModel):
    """The schema and the defaults of a recipe. Techniques are checked against the catalogue by :func:`resolve`.

    Attributes:
        target: what is asked of an image: its label; or, to pretrain lower layers without labels, its own pixels, or by
            how many quarters it was turned. To reconstruct, the output is a sigmoid or linear unit for every pixel.
        hidden: the width of each hidden layer; people may write ``{layers: 99, units: 100}`` for 99 of them.
        regularize_output: whether ``regularizer`` and ``constraint`` hold for the output layer too.
        dropout_on: which signals lose units: the inputs and every hidden layer's, or the hidden layers' alone, or
            only the last one's.
        range_test: find the learning rate first.
        observe: what is noted of every epoch besides loss and accuracy: statistics of each layer, and how much the
            loss varies from step to step.
    """

    model_config = STRICT
    target: Target = LABELS
    hidden: Annotated[list[Units], Field(max_length=DEEPEST)] = [300, 100]
    activation: Any = "relu"
    initializer: Any = "glorot_uniform"
    output_initializer: Any = "glorot_uniform"
    bias_initializer: Any = {"name": "constant", "value": 0.0}
    output: Literal["softmax", "sigmoid", "linear"] = "softmax"
    augmentation: Any = None
    normalizer: Any = None
    regularizer: Any = None
    constraint: Any = None
    regularize_output: bool = True
    dropout: Any = None
    dropout_on: Literal["everywhere", "hidden", "last_hidden"] = "everywhere"
    optimizer: Any = "sgd"
    schedule: Any = "constant"
    clipping: Any = None
    loss: Any = "sparse_categorical_crossentropy"
    scaling: Literal["standardized", "unit"] = "standardized"
    batch_size: Annotated[int, Field(ge=1)] = 32
    epochs: Annotated[int, Field(ge=1, le=100_000)] = 10
    early_stopping: EarlyStopping | None = None
    range_test: RangeTest | None = None
    observe: list[Literal["layers", "steps"]] = []


def resolve(declaration: Any, where: str) -> Recipe:
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
    declaration = {**_of_target(declaration), **declaration, **_written_out(declaration, where, problems)}
    try:
        resolved = validated(RecipeSchema, declaration, where).model_dump()
    except UserError as error:
        # Techniques are looked at all the same, so that the user is told everything at once.
        problems.extend(error)
        known = {key: value for key, value in declaration.items() if key in RecipeSchema.model_fields}
        resolved = {name: field.default for name, field in RecipeSchema.model_fields.items()} | known
    for key, family in FAMILY_OF.items():
        if resolved[key] is None and key in OPTIONAL:
            continue
        with problems.collecting():
            resolved[key] = catalogue.resolve(family, resolved[key], f"{where}.{key}")
    problems.raise_if_any()
    found = cast(Recipe, resolved)
    _refuse_forbidden(found, where)
    return found


def with_overrides(recipe: Mapping[str, object], overrides: Mapping[str, Any], where: str) -> Recipe:
    """A resolved recipe with other values at dotted paths, such as ``{"optimizer.learning_rate": 0.01}``.

    Raises:
        UserError: a path leads nowhere, or the result is not a valid recipe.
    """
    changed, problems = deepcopy(dict(recipe)), Problems()
    for path, value in overrides.items():
        *parents, last = path.split(".")
        target: Any = changed
        for part in parents:
            target = target.get(part) if isinstance(target, dict) else None
        if isinstance(target, dict):
            target[last] = deepcopy(value)
        else:
            problems.add(f"{where}.{path}", f"the recipe has nothing at '{'.'.join(parents)}' to change.")
    problems.raise_if_any()
    return resolve(changed, where)


def refuse_pretraining(recipe: Recipe, where: str) -> None:
    """Lets a resolved recipe pass if it learns labels.

    Raises:
        UserError: it does not.
    """
    if recipe["target"] != LABELS:
        raise UserError(f"{where}.target: only a transfer pretrains; allowed here: {LABELS}; given {recipe['target']}.")


def _of_target(declaration: Mapping[str, Any]) -> dict[str, Any]:
    """Defaults of a recipe that reconstructs pixels; those of the schema are for classes."""
    if declaration.get("target") != RECONSTRUCTION:
        return {}
    output = "sigmoid" if declaration.get("scaling") == "unit" else "linear"
    return {"output": output, "loss": "mean_squared_error"}


def _written_out(declaration: Mapping[str, Any], where: str, problems: Problems) -> dict[str, Any]:
    """The key ``hidden``, if it is declared as a list, with each of its stacks as so many widths."""
    declared = declaration.get("hidden")
    if not isinstance(declared, list):
        return {}
    widths: list[Any] = []
    for index, entry in enumerate(declared):
        if not isinstance(entry, Mapping):
            widths.append(entry)
            continue
        with problems.collecting():
            stack = validated(Stack, dict(entry), f"{where}.hidden.{index}")
            widths += [stack.units] * stack.layers
    return {"hidden": widths}


def _refuse_forbidden(recipe: Recipe, where: str) -> None:
    problems = Problems()
    _refuse_target(recipe, where, problems)
    loss, allowed = recipe["loss"]["name"], LOSSES_OF_OUTPUT[recipe["output"]]
    if loss not in allowed:
        problems.add(
            f"{where}.loss",
            f"a {recipe['output']} output cannot be trained with {loss}. Allowed: {', '.join(allowed)}.",
        )
    if "lowest_momentum" in recipe["schedule"] and "momentum" not in recipe["optimizer"]:
        problems.add(
            f"{where}.schedule",
            f"{recipe['optimizer']['name']} has no momentum to cycle. Allowed with it: momentum, nesterov.",
        )
    if (tested := recipe["range_test"]) and tested["lowest"] >= tested["highest"]:
        problems.add(
            f"{where}.range_test",
            f"'lowest' must be below 'highest'; given {tested['lowest']:g} and {tested['highest']:g}.",
        )
    problems.raise_if_any()


def _refuse_target(recipe: Recipe, where: str, problems: Problems) -> None:
    target, output, unit = recipe["target"], recipe["output"], recipe["scaling"] == "unit"
    allowed = ("linear", "sigmoid")[: 1 + unit] if target == RECONSTRUCTION else ("softmax", "sigmoid")
    if output not in allowed:
        what = f"{recipe['scaling']} pixels" if target == RECONSTRUCTION else "probabilities of classes"
        problems.add(f"{where}.output", f"a {output} output cannot give {what}. Allowed: {', '.join(allowed)}.")
    if target == RECONSTRUCTION and recipe["loss"]["name"] != "mean_squared_error":
        problems.add(f"{where}.loss", "pixels are reconstructed with mean_squared_error alone.")
    if target == ROTATION and not unit:
        problems.add(
            f"{where}.scaling", "the statistics of upright pixels give away how an image was turned. Allowed: unit."
        )
