"""What a recipe asks to have noted of every epoch, besides loss and accuracy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bythebook import catalogue, network
from bythebook.fused.tensors import tensor_of
from bythebook.lazy import keras
from bythebook.records.recipe import Recipe

# Enough for a mean and a deviation, and one small pass per epoch.
SAMPLE = 1000
# A unit whose answers to all images of the sample vary less than this is dead: nothing can be learned from it.
STILL = 1e-7

Layers = dict[str, list[float | None]]
Look = Callable[[], Layers]


def of_steps(recipe: Recipe) -> list[Any]:
    """Return the metric of how much the loss varies from step to step."""
    from bythebook.training.step_noise import StepNoise

    return [StepNoise(catalogue.build("loss", recipe["loss"]))]


def of_layers(model: Any, recipe: Recipe, held_out: tuple[np.ndarray, np.ndarray]) -> Look | None:
    """Return what looks at the hidden layers; None for a net without any.

    Args:
        model: as :func:`bythebook.network.build` gives it; looked at as it is at each call.
        held_out: images and targets; the first :data:`SAMPLE` of them are looked at, without dropout.

    Returns:
        A function that gives, each as a list over the hidden layers from the inputs on, of their activations the
        ``activation_mean`` and ``activation_deviation`` over images and units, the ``dead_share`` of units, and the
        ``gradient_norm`` of the loss by the layer's kernel. A number that is none becomes None.
    """
    if not recipe["hidden"]:
        return None
    import tensorflow as tf

    images, targets = (tensor_of(part[:SAMPLE]) for part in held_out)
    kernels = [layer.kernel.value for layer in model.layers if _is_hidden(layer)]

    @tf.function(autograph=False)
    def looked() -> dict[str, Any]:
        with tf.GradientTape() as tape:
            # In a frozen phase the kernels are not trainable, and would not be watched.
            tape.watch(kernels)
            output, activations = _through(model, images)
            loss = model.compute_loss(images, targets, output, training=False)
        spread = [tf.math.reduce_std(signal, axis=0) for signal in activations]
        return {
            "activation_mean": tf.stack([tf.reduce_mean(signal) for signal in activations]),
            "activation_deviation": tf.stack([tf.math.reduce_std(signal) for signal in activations]),
            "dead_share": tf.stack([tf.reduce_mean(tf.cast(own < STILL, tf.float32)) for own in spread]),
            "gradient_norm": tf.stack([tf.norm(gradient) for gradient in tape.gradient(loss, kernels)]),
        }

    return lambda: {name: [_number(value) for value in values.numpy()] for name, values in looked().items()}


def _through(model: Any, signal: Any) -> tuple[Any, list[Any]]:
    """The model's output, and the output of every hidden layer's activation."""
    activations: list[Any] = []
    weighted = False
    for layer in model.layers:
        signal = layer(signal)
        if _is_hidden(layer):
            weighted = True
        elif weighted and not isinstance(layer, keras.layers.BatchNormalization):
            activations.append(signal)
            weighted = False
    return signal, activations


def _number(value: np.floating[Any]) -> float | None:
    return float(value) if np.isfinite(value) else None


def _is_hidden(layer: Any) -> bool:
    return bool(layer.name.startswith(network.HIDDEN))
