"""From a resolved recipe to a Keras model: a plain stack of dense layers, as the chapter builds them."""

from __future__ import annotations

from typing import Any

import numpy as np

from bythebook import catalogue
from bythebook import techniques as techniques  # fills the catalogue
from bythebook.lazy import keras
from bythebook.records.recipe import InitializerKey, Recipe, TechniqueKey
from bythebook.seeds import derived
from bythebook.target import RECONSTRUCTION

HIDDEN = "dense_"
HEAD = "head"
HEAD_NORMALIZATION = "head_normalization"
OUTPUT = "output"
PREDICTED_TOGETHER = 1000


def build(recipe: Recipe, shape: tuple[int, ...], classes: int, seed: int) -> Any:
    """The model of a recipe, with its initial weights, not compiled.

    Args:
        recipe: a resolved recipe.
        shape: the shape of one image, without the batch.
        classes: the number of classes; a sigmoid output over two classes is one unit. Of a net that reconstructs
            images, the number of their pixels.
        seed: the run's seed; every layer's initializer and dropout draw from seeds derived from it.

    Returns:
        A ``keras.Sequential`` from float32 ``(batch, *shape)`` to float32 ``(batch, outputs)``.
    """
    normalizer = _optional(recipe, "normalizer")
    layers = [keras.Input(shape, name="image")]
    if recipe["augmentation"]:
        layers.append(catalogue.build("augmentation", recipe["augmentation"], _seed=derived(seed, "augmentation")))
    layers.append(keras.layers.Flatten(name="flatten"))
    if normalizer and normalizer.inputs:
        layers.append(normalizer.make())
    for index, units in enumerate(recipe["hidden"], start=1):
        layers += _hidden(recipe, units, index, seed, normalizer)
    layers += _dropout(recipe, len(recipe["hidden"]) + 1, seed)
    return keras.Sequential([*layers, *_head(recipe, outputs(recipe, classes), seed, normalizer)])


def is_of_head(layer: Any) -> bool:
    """Whether a layer belongs to the output, which no other task can reuse."""
    return layer.name in (HEAD, HEAD_NORMALIZATION, OUTPUT)


def hidden_blocks(model: Any) -> list[list[Any]]:
    """The layers below the head by hidden layer, from the input on.

    Each has its Dense layer, named ``dense_1`` and so on, and what follows up to the next; what stands before the first
    one belongs to it. A net without hidden layers has none.
    """
    blocks: list[list[Any]] = []
    before: list[Any] = []
    for layer in (layer for layer in model.layers if not is_of_head(layer)):
        if layer.name == f"{HIDDEN}{len(blocks) + 1}":
            blocks.append([*before, layer])
            before = []
        else:
            (blocks[-1] if blocks else before).append(layer)
    return blocks


def outputs(recipe: Recipe, classes: int) -> int:
    """The number of output units."""
    alone = recipe["output"] == "sigmoid" and classes == 2 and recipe["target"] != RECONSTRUCTION
    return 1 if alone else classes


def targets(recipe: Recipe, labels: np.ndarray, classes: int) -> np.ndarray:
    """Labels in the form that the recipe's loss wants.

    Args:
        labels: int64 ``(n,)`` in ``range(classes)``; pixels float32 ``(n, classes)`` to be reconstructed.

    Returns:
        int64 ``(n,)`` for a sparse loss, float32 ``(n, 1)`` for one sigmoid unit, else one-hot ``(n, classes)``; pixels
        as they are.
    """
    if recipe["loss"]["name"].startswith("sparse") or recipe["target"] == RECONSTRUCTION:
        return labels
    if outputs(recipe, classes) == 1:
        return labels.astype(np.float32)[:, None]
    return np.eye(classes, dtype=np.float32)[labels]


def probabilities(recipe: Recipe, raw: np.ndarray, classes: int) -> np.ndarray:
    """Class probabilities float32 ``(n, classes)`` from the model's outputs.

    Independent sigmoids are normalised. Where a net says nothing, as all of them are 0 or one is no number, all classes
    are equally probable.
    """
    if outputs(recipe, classes) == 1:
        raw = np.concatenate([1 - raw, raw], axis=1)
    total = raw.sum(axis=1, keepdims=True)
    says = np.isfinite(total) & (total > 0)
    return np.where(says, raw / np.where(says, total, 1), np.float32(1 / classes))


def predicted(model: Any, recipe: Recipe, images: np.ndarray, classes: int) -> np.ndarray:
    """The class probabilities float32 ``(n, classes)`` that a model of the recipe gives to ``images``."""
    return probabilities(recipe, model.predict(images, batch_size=PREDICTED_TOGETHER, verbose=0), classes)


def _hidden(recipe: Recipe, units: int, index: int, seed: int, normalizer: Any) -> list[Any]:
    dense = keras.layers.Dense(
        units,
        use_bias=normalizer is None or normalizer.dense_bias,
        kernel_initializer=_initializer(recipe, "initializer", seed, f"{HIDDEN}{index}"),
        bias_initializer=_initializer(recipe, "bias_initializer", seed, f"{HIDDEN}{index}_bias"),
        kernel_regularizer=_optional(recipe, "regularizer"),
        kernel_constraint=_optional(recipe, "constraint"),
        name=f"{HIDDEN}{index}",
    )
    activation = catalogue.build("activation", recipe["activation"], _seed=derived(seed, "activation", index))
    rest = [activation]
    if normalizer:
        rest.insert(0 if normalizer.position == "before" else 1, normalizer.make())
    return [*_dropout(recipe, index, seed), dense, *rest]


def _head(recipe: Recipe, units: int, seed: int, normalizer: Any) -> list[Any]:
    limited = recipe["regularize_output"]
    normalized = normalizer is not None and normalizer.outputs
    dense = keras.layers.Dense(
        units,
        activation=None if normalized else recipe["output"],
        use_bias=not normalized or normalizer.dense_bias,
        kernel_initializer=_initializer(recipe, "output_initializer", seed, HEAD),
        bias_initializer=_initializer(recipe, "bias_initializer", seed, f"{HEAD}_bias"),
        kernel_regularizer=_optional(recipe, "regularizer") if limited else None,
        kernel_constraint=_optional(recipe, "constraint") if limited else None,
        name=HEAD,
    )
    if not normalized:
        return [dense]
    return [dense, normalizer.make(HEAD_NORMALIZATION), keras.layers.Activation(recipe["output"], name=OUTPUT)]


def _dropout(recipe: Recipe, index: int, seed: int) -> list[Any]:
    """What drops units of the signal into the ``index``-th layer of weights, counted from 1."""
    first = {"everywhere": 1, "hidden": 2, "last_hidden": len(recipe["hidden"]) + 1}[recipe["dropout_on"]]
    if recipe["dropout"] is None or index < first:
        return []
    return [catalogue.build("dropout", recipe["dropout"], _seed=derived(seed, "dropout", index))]


def _initializer(recipe: Recipe, key: InitializerKey, seed: int, layer: str) -> Any:
    return catalogue.build("initializer", recipe[key], _seed=derived(seed, "initializer", layer))


def _optional(recipe: Recipe, key: TechniqueKey) -> Any:
    # The condition does not tell mypy that there is one.
    return catalogue.build(key, recipe[key]) if recipe[key] else None  # type: ignore[arg-type]
