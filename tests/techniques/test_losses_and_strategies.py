"""Losses with known values, and what a transfer strategy plans."""

from __future__ import annotations

from collections.abc import Callable
from math import log
from typing import Any

import numpy as np
import pytest

from bythebook.catalogue import resolve, techniques
from bythebook.errors import UserError
from bythebook.techniques.strategies import Phase, Strategy

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


def test_every_strategy_lasts_as_long_by_default(made: Made) -> None:
    assert techniques("strategy")
    assert {name: made("strategy", name).epochs for name in techniques("strategy")} == dict.fromkeys(
        techniques("strategy"), 20
    )


def test_freeze_then_finetune_plans_the_two_phases_of_the_chapter(made: Made) -> None:
    declared = (Phase("frozen", 4, frozen=None), Phase("fine_tuning", 16, frozen=0))
    assert made("strategy", "freeze_then_finetune") == Strategy("task_a", None, declared)
    strategy = made("strategy", "freeze_then_finetune", frozen_epochs=1, fine_tuning_epochs=2)
    assert [phase.epochs for phase in strategy.phases] == [1, 2]
    assert [phase.frozen for phase in strategy.on(5)] == [5, 0]


def test_what_the_layers_were_pretrained_for_is_all_that_differs(made: Made) -> None:
    sources = {"task_a": "freeze_then_finetune", "reconstruction": "autoencoder_then_finetune"}
    sources["rotation"] = "auxiliary_then_finetune"
    phases = made("strategy", "freeze_then_finetune").phases
    for source, name in sources.items():
        assert made("strategy", name, reused=2) == Strategy(source, 2, phases)  # type: ignore[arg-type]


def test_frozen_layers_never_learn_and_those_that_are_not_reused_do(made: Made) -> None:
    assert made("strategy", "frozen").on(5) == (Phase("frozen", 20, frozen=5),)
    assert made("strategy", "frozen", reused=3, epochs=7).on(5) == (Phase("frozen", 7, frozen=3),)


@pytest.mark.parametrize(
    ("reused", "hidden", "plan"),
    [
        (None, 5, [(2, 5), (2, 4), (2, 3), (2, 2), (2, 1), (10, 0)]),
        (3, 5, [(2, 3), (2, 2), (2, 1), (14, 0)]),
        (None, 1, [(2, 1), (18, 0)]),
        (None, 100, [*((2, 100 - count) for count in range(9)), (2, 0)]),
    ],
)
def test_gradual_unfreezing_begins_at_the_top(made: Made, reused: Any, hidden: int, plan: Any) -> None:
    phases = made("strategy", "gradual_unfreezing", reused=reused).on(hidden)
    assert [(phase.epochs, phase.frozen) for phase in phases] == plan
    assert sum(phase.epochs for phase in phases) == 20
    assert (phases[0].name, phases[-1].name) == ("frozen", "fine_tuning")


def test_gradual_unfreezing_with_hardly_any_time_trains_everything(made: Made) -> None:
    assert made("strategy", "gradual_unfreezing", epochs=1).on(5) == (Phase("fine_tuning", 1),)


def test_discriminative_rates_fall_from_layer_to_layer(made: Made) -> None:
    (phase,) = made("strategy", "discriminative_rates", divided_by=4.0).phases
    assert (phase.frozen, phase.rate, phase.decay) == (0, 1.0, 0.25)


def test_a_net_without_so_many_layers_is_refused(made: Made) -> None:
    strategy = made("strategy", "finetune", reused=3)
    assert strategy.reused_of(3) == 3
    for hidden, allowed in ((2, "allowed: 1 to 2; given 3"), (0, "no hidden layer")):
        with pytest.raises(UserError, match=allowed):
            strategy.on(hidden)
    assert made("strategy", "from_scratch").reused_of(0) == 0


def test_the_last_phase_stays_whatever_it_unfreezes() -> None:
    phases = (Phase("a", 1, frozen=-1), Phase("b", 2, frozen=-4), Phase("c", 3, frozen=-9))
    assert Strategy("task_a", 2, phases).on(2) == (Phase("a", 1, frozen=1), Phase("c", 5, frozen=0))


@pytest.mark.parametrize("argument", ["frozen_epochs", "fine_tuning_epochs"])
def test_a_phase_lasts_at_least_one_epoch(argument: str) -> None:
    with pytest.raises(UserError, match=argument):
        resolve("strategy", {"name": "freeze_then_finetune", argument: 0}, "here")
