"""The shape of a compiled model: what decides its compiled program, and nothing that is an input of it."""

from __future__ import annotations

from typing import Any

from bythebook.documents import canonical_json
from bythebook.fused.custom_objects import custom_objects
from bythebook.fused.hyperparameters import only_signs
from bythebook.lazy import keras

# Inputs of the program, or settings of Keras' own loop.
INPUTS = ("seed", "learning_rate", "steps_per_execution", "jit_compile", "run_eagerly", "auto_scale_loss")
INITIALIZER = "_initializer"


def shape_of(model: Any, *arrays: Any) -> bytes:
    """A key: models with equal keys can share a program on arrays of the same shapes.

    Weights, what they start from, learning rate and hyperparameters are inputs of a program and do not count.

    Args:
        model: a compiled Keras model.
        arrays: whatever else is compiled in, such as the shapes of the data; must be JSON.

    Raises:
        Exception: whatever Keras raises for a part that has no configuration, or :func:`custom_objects` for a name.
    """
    own = sorted((name, id(part)) for name, part in custom_objects(model).items())
    # Layers of a plain stack refer to each other by their place alone, so their names do not matter.
    names = () if type(model) is keras.Sequential else ("name",)
    with only_signs(model):
        layers = _stripped(model.get_config(), names)
        compiled = _stripped(model.get_compile_config(), ("name",))
    # Keras numbers the names of optimizers; those of metrics are the names of logs.
    compiled["optimizer"]["config"].pop("name", None)
    trainable = [layer.trainable for layer in model._flatten_layers()]
    return canonical_json([type(model).__name__, layers, compiled, trainable, own, list(arrays)])


def settings_of(optimizer: dict[str, Any]) -> dict[str, Any]:
    """A serialized optimizer with a plain learning rate in place of a schedule."""
    return {**optimizer, "config": {**optimizer["config"], "learning_rate": 0.0}}


def _stripped(config: Any, names: tuple[str, ...], own: bool = False) -> Any:
    if isinstance(config, dict):
        own = _is_own(config.get("registered_name")) if "registered_name" in config else own
        return {
            key: _stripped(value, names, own)
            for key, value in config.items()
            if (own or not _is_input(key)) and (key != "name" or "name" in names)
        }
    if isinstance(config, list | tuple):
        return [_stripped(value, names, own) for value in config]
    return config if isinstance(config, str | int | float | bool | None) else repr(config)


def _is_input(key: str) -> bool:
    return key in INPUTS or key.endswith(INITIALIZER)


def _is_own(registered: str | None) -> bool:
    """Whether a part is its author's own, of which only he knows what he does with a seed."""
    return registered is not None and not registered.startswith("bythebook>")
