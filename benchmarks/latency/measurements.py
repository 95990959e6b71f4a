"""One repetition: every arm timed in this process, which is prepared as the pipeline's workers are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.clock import Clock
from benchmarks.contenders import BATCH, engine
from benchmarks.contenders.keras_fit import SEED
from benchmarks.data import Data, load
from benchmarks.figures import wall
from benchmarks.latency import arms
from benchmarks.latency.turns import milliseconds, rotated
from benchmarks.nets import Net
from bythebook import network
from bythebook.inference import folding, montecarlo

PREDICTED = 1000


@dataclass(frozen=True)
class Effort:
    """How much a repetition times.

    Attributes:
        images: training images of an epoch, and at least those that are predicted.
        epochs: timed ones, after the one that compiles.
        single: rounds, and calls in each, of predictions of one image.
        many: the same of predictions of many images.
    """

    images: int
    epochs: int
    single: tuple[int, int]
    many: tuple[int, int]


FULL = Effort(images=12_800, epochs=5, single=(10, 50), many=(5, 4))
QUICK = Effort(images=1280, epochs=1, single=(1, 5), many=(1, 1))


def measured(effort: Effort, repetition: int) -> dict[str, dict[str, float]]:
    """Every metric of every arm, as :data:`benchmarks.latency.arms.METRICS` lists them."""
    data = load(None, effort.images)
    found: dict[str, dict[str, float]] = {}
    for metric, measure in MEASUREMENTS:
        for arm, value in measure(data, effort, repetition).items():
            found.setdefault(arm, {})[metric] = value
    return found


def forward(data: Data, effort: Effort, repetition: int) -> dict[str, float]:
    """One image through a net of each activation."""
    calls = {arm: compiled(_model(net, data), data.x[:1]) for arm, net in arms.ACTIVATIONS.items()}
    return milliseconds(calls, *effort.single, repetition)


def folded(data: Data, effort: Effort, repetition: int) -> dict[str, float]:
    """One image through a net with batch norm, and with batch norm folded away."""
    model = _model(arms.EPOCHS["epoch_batch_norm"], data)
    calls = {
        arms.NORMALIZED: compiled(model, data.x[:1]),
        arms.FOLDED: compiled(folding.folded(model), data.x[:1]),
    }
    return milliseconds(calls, *effort.single, repetition)


def tail(data: Data, effort: Effort, repetition: int) -> dict[str, float]:
    """One image through folded nets of several sizes: what 19 of 20 predictions take at most."""
    nets = {arm: folding.folded(_model(net, data)) for arm, net in arms.SIZES.items()}
    calls = {arm: compiled(net, data.x[:1]) for arm, net in nets.items()}
    return milliseconds(calls, *effort.single, repetition, share=0.95)


def work(data: Data, effort: Effort, repetition: int) -> dict[str, float]:
    """The multiply-adds of the same nets."""
    return {arm: float(folding.multiply_adds(_model(net, data))) for arm, net in arms.SIZES.items()}


def prediction(data: Data, effort: Effort, repetition: int) -> dict[str, float]:
    """1,000 images: predicted once, without dropout and with it, and many times by Monte Carlo dropout."""
    models = {arm: _model(net, data) for arm, net in arms.DROPOUT.items()}
    images, sampled = data.x[:PREDICTED], montecarlo.predictor(models["dropout"])
    calls: dict[str, Callable[[], Any]] = {arm: compiled(model, images) for arm, model in models.items()}
    calls |= {arm: _sampling(sampled, images, passes) for arm, passes in arms.PASSES.items()}
    return milliseconds(calls, *effort.many, repetition)


def epoch(data: Data, effort: Effort, repetition: int) -> dict[str, float]:
    """Seconds of a steady epoch of the engine, without and with batch norm."""
    return _epochs(arms.EPOCHS.items(), data, effort, repetition)


def step(data: Data, effort: Effort, repetition: int) -> dict[str, float]:
    """Milliseconds of a training step inside an epoch of the engine, with each activation."""
    steps = -(-len(data.x) // BATCH)
    seconds = _epochs(arms.ACTIVATIONS.items(), data, effort, repetition)
    return {arm: value / steps * 1000 for arm, value in seconds.items()}


MEASUREMENTS = (
    (arms.FORWARD, forward),
    (arms.FORWARD, folded),
    (arms.TAIL, tail),
    (arms.WORK, work),
    (arms.PREDICTION, prediction),
    (arms.STEP, step),
    (arms.EPOCH, epoch),
)


def compiled(model: Any, images: np.ndarray) -> Callable[[], np.ndarray]:
    """A call that predicts the images, float32 ``(n, h, w)``, by one compiled program, as Keras predicts unasked."""
    import tensorflow as tf

    program = tf.function(lambda signal: model(signal, training=False), jit_compile=True, autograph=False)
    held = tf.constant(images)

    def call() -> np.ndarray:
        outputs: np.ndarray = program(held).numpy()
        return outputs

    return call


def _sampling(sampled: Callable[..., np.ndarray], images: np.ndarray, passes: int) -> Callable[[], np.ndarray]:
    return lambda: sampled(images, passes)


def _model(net: Net, data: Data) -> Any:
    return network.build(net.recipe, data.x.shape[1:], data.classes, SEED)


def _epochs(nets: Iterable[tuple[str, Net]], data: Data, effort: Effort, repetition: int) -> dict[str, float]:
    """The median wall seconds of the epochs after the first, which compiles, of one net after the other."""
    found = {}
    for arm, net in rotated(list(nets), repetition):
        clock = Clock()
        engine.train(net, data, 1 + effort.epochs, clock, validation=False)
        found[arm] = wall(clock.answer())
    return found
