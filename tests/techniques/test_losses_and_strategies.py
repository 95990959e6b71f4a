"""Losses with known values, and what a transfer strategy plans."""

from __future__ import annotations

from collections.abc import Callable
from math import log
from typing import Any

import numpy as np
import pytest

from bythebook.catalogue import resolve
from bythebook.errors import UserError
from bythebook.techniques.strategies import Phase

Made = Callable[..., Any]
PREDICTED = np.array([[0.9, 0.8, 0.1]], "float32")
ONE_HOT = np.array([[0.0, 1.0, 0.0]], "float32")


@pytest.mark.parametrize(
    ("name", "labels", "predicted", "expected"),
    [
        ("binary_crossentropy", ONE_HOT, PREDICTED, 0.8770),
        ("categorical_crossentropy", ONE_HOT, PREDICTED, -log(0.8 / 1.8)),
        ("mean_squared_error", ONE_HOT, PREDICTED, (0.81 + 0.04 + 0.01) / 3),
        ("sparse_categorical_crossentropy", np.array([1, 0]), [[0.2, 0.8], [0.5, 0.5]], -(log(0.8) + log(0.5)) / 2),
        ("binary_crossentropy", np.array([[1.0], [0.0]]), [[0.8], [0.5]], -(log(0.8) + log(0.5)) / 2),
    ],
)
def test_losses(made: Made, name: str, labels: np.ndarray, predicted: Any, expected: float) -> None:
    assert float(made("loss", name)(labels, np.array(predicted, "float32"))) == pytest.approx(expected, abs=1e-4)


def test_freeze_then_finetune_plans_the_two_phases_of_the_chapter(made: Made) -> None:
    assert made("strategy", "freeze_then_finetune") == (
        Phase("frozen", 4, frozen=True),
        Phase("fine_tuning", 16, frozen=False),
    )
    phases = made("strategy", "freeze_then_finetune", frozen_epochs=1, fine_tuning_epochs=2)
    assert [phase.epochs for phase in phases] == [1, 2]


@pytest.mark.parametrize("argument", ["frozen_epochs", "fine_tuning_epochs"])
def test_a_phase_lasts_at_least_one_epoch(argument: str) -> None:
    with pytest.raises(UserError, match=argument):
        resolve("strategy", {"name": "freeze_then_finetune", argument: 0}, "here")
