from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bythebook import network, recipe
from bythebook import techniques as techniques
from bythebook.techniques.strategies import Phase
from bythebook.training.batches import Feed
from bythebook.training.learning_curve import Row, StopRun
from bythebook.training.train import Split, train

pytestmark = pytest.mark.usefixtures("tensorflow")
CLASSES = 3


def split(seed: int, n: int) -> Split:
    """Blobs that a small net can tell apart."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, CLASSES, n)
    images = random.normal(size=(n, 4, 4)).astype(np.float32) + labels[:, None, None].astype(np.float32)
    return Split(images, labels.astype(np.int64))


TRAINING, VALIDATION = split(1, 150), split(2, 60)


def run(delta: dict[str, Any], phases: tuple[Phase, ...] = (Phase("fit", 3),), seed: int = 0, stop_at: int = 99) -> Any:
    resolved = recipe.resolve({"hidden": [8], "batch_size": 16, "optimizer": "adam", **delta}, "r")
    model = network.build(resolved, (4, 4), CLASSES, seed)

    def on_epoch(row: Row) -> None:
        if row["epoch"] == stop_at:
            raise StopRun("pruned", "for the test")

    return model, train(model, resolved, phases, TRAINING, VALIDATION, CLASSES, seed, on_epoch)


def test_equal_seeds_give_equal_bytes_and_other_seeds_do_not() -> None:
    delta = {"dropout": "dropout", "dropout_on": "last_hidden"}
    (first, one), (second, two), (_, other) = (run(delta, seed=seed) for seed in (0, 0, 1))
    assert one.rows == two.rows
    assert one.rows != other.rows
    for mine, yours in zip(first.get_weights(), second.get_weights(), strict=True):
        assert mine.tobytes() == yours.tobytes()


def test_it_gives_what_plain_keras_gives() -> None:
    """The same first weights and batches through ``fit`` as a notebook writes it."""
    import keras

    model, outcome = run({"optimizer": {"name": "sgd", "learning_rate": 0.1}})
    plain = keras.Sequential(
        [
            keras.Input((4, 4)),
            keras.layers.Flatten(),
            keras.layers.Dense(8, activation="relu"),
            keras.layers.Dense(CLASSES, activation="softmax"),
        ]
    )
    plain.set_weights(network.build(recipe.resolve({"hidden": [8]}, "r"), (4, 4), CLASSES, 0).get_weights())
    plain.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    plain.optimizer.learning_rate = 0.1
    feed = Feed(TRAINING.images, TRAINING.labels, 16, 0)
    for epoch in range(3):
        feed.epoch = epoch
        order = feed.order()
        logs = plain.fit(
            TRAINING.images[order],
            TRAINING.labels[order],
            batch_size=16,
            shuffle=False,
            validation_data=(VALIDATION.images, VALIDATION.labels),
            verbose=0,
        ).history
        for name, (value,) in logs.items():
            assert outcome.rows[epoch][name] == pytest.approx(value, rel=1e-5)
    assert outcome.rows[-1]["loss"] < outcome.rows[0]["loss"]


def test_the_order_is_a_permutation_of_every_image_and_changes_with_the_epoch() -> None:
    feed = Feed(TRAINING.images, TRAINING.labels, 16, 5)
    first = feed.order()
    assert sorted(first) == list(range(150))
    assert feed.steps == 10
    batches = list(feed.dataset())
    assert [len(labels) for _, labels in batches] == [16] * 9 + [6]
    assert np.array_equal(np.concatenate([labels for _, labels in batches]), TRAINING.labels[first])
    feed.epoch = 1
    assert not np.array_equal(feed.order(), first)


def test_phases_share_one_epoch_axis_and_a_frozen_phase_moves_only_the_head() -> None:
    model, outcome = run({}, (Phase("frozen", 2, frozen=None),))
    untouched = network.build(recipe.resolve({"hidden": [8]}, "r"), (4, 4), CLASSES, 0)
    assert np.array_equal(model.get_layer("dense_1").kernel, untouched.get_layer("dense_1").kernel)
    assert not np.array_equal(model.get_layer("head").kernel, untouched.get_layer("head").kernel)

    model, outcome = run({}, (Phase("frozen", 2, frozen=None), Phase("fine_tuning", 3)))
    assert [row["epoch"] for row in outcome.rows] == [0, 1, 2, 3, 4]
    assert outcome.phases == [
        {"name": "frozen", "first_epoch": 0, "epochs": 2},
        {"name": "fine_tuning", "first_epoch": 2, "epochs": 3},
    ]
    assert outcome.kept == 4
    # Recompiled after unfreezing: otherwise Keras would go on training the head alone.
    assert not np.array_equal(model.get_layer("dense_1").kernel, untouched.get_layer("dense_1").kernel)


def test_a_diverging_run_ends_as_diverged_with_its_reason() -> None:
    _, outcome = run({"optimizer": {"name": "sgd", "learning_rate": 1e30}, "activation": "linear"})
    assert outcome.status == "diverged"
    assert "became nan in epoch" in outcome.reason or "became inf in epoch" in outcome.reason
    assert len(outcome.rows) < 3


def test_a_callback_can_stop_a_run() -> None:
    _, outcome = run({}, stop_at=1)
    assert (outcome.status, outcome.reason, len(outcome.rows)) == ("pruned", "for the test", 2)
    assert outcome.phases == [{"name": "fit", "first_epoch": 0, "epochs": 2}]


def test_early_stopping_keeps_the_best_weights() -> None:
    model, outcome = run(
        {"early_stopping": {"patience": 2}, "optimizer": {"name": "adam", "learning_rate": 0.3}, "epochs": 30},
        (Phase("fit", 30),),
    )
    losses = [row["val_loss"] for row in outcome.rows]
    assert outcome.kept == int(np.argmin(losses))
    assert len(losses) == outcome.kept + 3 < 30
    loss, _ = model.evaluate(VALIDATION.images, VALIDATION.labels, verbose=0)
    assert loss == pytest.approx(losses[outcome.kept], rel=1e-4)
