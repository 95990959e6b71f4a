"""What of a model is its author's own: classes and functions that are neither Keras' nor this program's.

Keras copies a model by way of its configuration, which knows such parts by name only. So the names must lead to the
very objects that the model has, and a program may not serve a model whose parts are others of the same name.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Any

from bythebook.lazy import keras

KNOWN = ("keras", "bythebook")


def custom_objects(model: Any) -> dict[str, Any]:
    """The author's classes and functions in a compiled model, by the names under which Keras looks them up.

    Raises:
        ValueError: a name stands for two of them, or for a function of Keras as well.
    """
    found: dict[str, Any] = {}
    # The learning rates are inputs of a program, wherever they come from.
    compiled = {name: part for name, part in model._compile_config.config.items() if name != "optimizer"}
    for part in _parts([model, *model._flatten_layers(), type(model.optimizer), compiled], _kinds(), set()):
        name = keras.saving.get_registered_name(part)
        if found.setdefault(name, part) is not part:
            raise ValueError(f"two different parts of it have the name '{name}'")
        if isinstance(part, types.FunctionType) and _is_of_keras(name):
            raise ValueError(f"its function '{name}' has the name of one of Keras")
    return found


def _parts(thing: Any, kinds: tuple[type, ...], seen: set[int]) -> Iterator[Any]:
    if isinstance(thing, types.FunctionType | type):
        if thing.__module__.split(".")[0] not in KNOWN:
            yield thing
    elif isinstance(thing, dict):
        yield from _parts(list(thing.values()), kinds, seen)
    elif isinstance(thing, list | tuple):
        for entry in thing:
            yield from _parts(entry, kinds, seen)
    elif isinstance(thing, kinds) and id(thing) not in seen:
        seen.add(id(thing))
        yield from _parts([type(thing), vars(thing)], kinds, seen)


def _kinds() -> tuple[type, ...]:
    return (
        *(keras.layers.Layer, keras.losses.Loss, keras.metrics.Metric),
        *(keras.regularizers.Regularizer, keras.constraints.Constraint, keras.initializers.Initializer),
    )


def _is_of_keras(name: str) -> bool:
    places = (keras.activations, keras.losses, keras.metrics, keras.initializers, keras.regularizers)
    return any(hasattr(place, name) for place in places)
