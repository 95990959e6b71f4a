"""What all tests share: one deterministic TensorFlow per process, imported only by the tests that need it."""

from __future__ import annotations

import pytest

from bythebook.lazy import LazyModule
from bythebook.training.determinism import ENVIRONMENT

# pytest asks everything in a test file whether it is a test; that question must not import TensorFlow.
LazyModule.__test__ = False  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def tensorflow() -> None:
    """This process trains as a worker does: one thread, deterministic kernels."""
    from bythebook.training.determinism import prepare_process

    prepare_process()
    import keras

    keras.utils.set_random_seed(0)


@pytest.fixture
def one_thread_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes start as a stage's do: NumPy's matrix products start no threads of their own."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
