from __future__ import annotations

from typing import Any

import pytest

from bythebook import recipe
from bythebook import techniques as techniques
from bythebook.training.loop_choice import WANTED, choose_loop

FASHION = {"images": 55_000, "pixels": 784, "epochs": 10}
DIGITS = {"images": 1_297, "pixels": 64, "epochs": 10}


def resolved(**delta: Any) -> dict[str, Any]:
    return recipe.resolve({"hidden": [300, 100], **delta}, "r")


def test_much_data_is_compiled_and_little_data_is_not() -> None:
    assert choose_loop(resolved(), **FASHION).loop == "fused"
    assert choose_loop(resolved(), **{**FASHION, "images": 200}).loop == "plain"


def test_what_many_runs_share_is_compiled_sooner() -> None:
    assert choose_loop(resolved(), **DIGITS, runs=1).loop == "plain"
    assert choose_loop(resolved(), **DIGITS, runs=5).loop == "fused"


@pytest.mark.parametrize("wanted", [loop for loop in WANTED if loop != "auto"])
@pytest.mark.parametrize("data", [FASHION, DIGITS])
def test_it_can_be_forced(wanted: str, data: dict[str, int]) -> None:
    choice = choose_loop(resolved(), **data, wanted=wanted)
    assert choice.loop == wanted
    assert "asked for" in choice.reason


def test_every_phase_is_compiled_for_itself() -> None:
    few = {**DIGITS, "runs": 2, "epochs": 16}
    assert choose_loop(resolved(), **few).loop == "fused"
    assert choose_loop(resolved(), **few, phases=9).loop == "fused"
    assert choose_loop(resolved(), **{**few, "runs": 1}, phases=1).loop == "plain"
    seconds = [choose_loop(resolved(), **few, phases=phases).reason for phases in (1, 9)]
    assert seconds[0] != seconds[1]


def test_the_reason_names_the_predicted_costs() -> None:
    reason = choose_loop(resolved(), **FASHION, runs=3).reason
    assert reason.startswith("3 run(s) of this shape with 17190 steps")
    assert "s fused" in reason and "s plain" in reason


def test_longer_runs_are_predicted_to_be_longer() -> None:
    base = choose_loop(resolved(), **FASHION).seconds
    longer = [
        choose_loop(resolved(), **{**FASHION, "epochs": 20}).seconds,
        choose_loop(resolved(hidden=[1000, 1000]), **FASHION).seconds,
        choose_loop(resolved(batch_size=16), **FASHION).seconds,
        choose_loop(resolved(hidden=[300] * 20, normalizer="batch_norm_after"), **FASHION).seconds,
        choose_loop(resolved(), **FASHION, wanted="plain").seconds,
    ]
    assert base > 0
    assert all(seconds > base for seconds in longer)
