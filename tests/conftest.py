"""What all tests share: one deterministic TensorFlow per process, imported only by the tests that need it."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def tensorflow() -> None:
    """This process trains as a worker does: one thread, deterministic kernels."""
    from bythebook.training.determinism import prepare_process

    prepare_process()
    import keras

    keras.utils.set_random_seed(0)
