"""Augmentation: images moved by whole pixels and mirrored, by draws that depend on seed and counter alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from bythebook.techniques.counter_random import position

Made = Callable[..., Any]
SIZE, MANY = 10, 4000


def images(count: int = MANY) -> np.ndarray:
    """Every pixel of an image has a number of its own."""
    return np.tile(np.arange(SIZE * SIZE, dtype=np.float32).reshape(1, SIZE, SIZE), (count, 1, 1))


def moved(made: Made, count: int = MANY, counter: int = 0, **arguments: Any) -> np.ndarray:
    layer = made("augmentation", "shift_and_flip", **arguments)
    layer.build((None, SIZE, SIZE))
    position(layer, counter)
    return np.asarray(layer(images(count), training=True))


def test_every_image_is_a_move_of_its_own_that_repeats_the_edge(made: Made) -> None:
    found = moved(made, height=0.2, width=0.3)
    rows, columns = np.arange(SIZE)[:, None], np.arange(SIZE)[None, :]
    expected = {
        (dy, dx): (np.clip(rows + dy, 0, SIZE - 1) * SIZE + np.clip(columns + dx, 0, SIZE - 1)).astype(np.float32)
        for dy in range(-2, 3)
        for dx in range(-3, 4)
    }
    counts = {move: int((found == image).all(axis=(1, 2)).sum()) for move, image in expected.items()}
    assert sum(counts.values()) == MANY
    # 35 moves, each as likely: within five deviations of 4000 / 35.
    assert all(abs(count - MANY / 35) < 5 * (MANY / 35) ** 0.5 for count in counts.values())


def test_half_of_the_images_are_mirrored_if_asked_to(made: Made) -> None:
    found = moved(made, height=0.0, width=0.0, flip=True)
    same, mirrored = ((found == image).all(axis=(1, 2)) for image in (images(1)[0], images(1)[0][:, ::-1]))
    assert (same ^ mirrored).all()
    assert abs(mirrored.mean() - 0.5) < 0.05
    assert (moved(made, height=0.0, width=0.0) == images()).all()


def test_a_net_that_predicts_sees_the_images_as_they_are(made: Made) -> None:
    layer = made("augmentation", "shift_and_flip")
    assert (np.asarray(layer(images(5))) == images(5)).all()


def test_equal_seed_and_counter_give_equal_bytes_compiled_or_not(made: Made) -> None:
    import tensorflow as tf

    layer = made("augmentation", "shift_and_flip", flip=True)
    position(layer, 3)
    compiled = tf.function(lambda x: layer(x, training=True), jit_compile=True)(tf.constant(images(50))).numpy()
    assert compiled.tobytes() == moved(made, 50, counter=3, flip=True).tobytes()
    assert compiled.tobytes() != moved(made, 50, counter=4, flip=True).tobytes()
    assert compiled.tobytes() != moved(made, 50, counter=3, flip=True, _seed=8).tobytes()


def test_what_is_no_image_is_refused(made: Made) -> None:
    with pytest.raises(ValueError, match=r"only images can be moved; the inputs have the shape \(7,\)"):
        made("augmentation", "shift_and_flip")(np.zeros((2, 7), np.float32), training=True)
