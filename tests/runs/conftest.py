"""What tests of workers share."""

from __future__ import annotations

import pytest

from bythebook.training.determinism import ENVIRONMENT


@pytest.fixture
def one_thread_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes start as a stage's do: NumPy's matrix products start no threads of their own."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
