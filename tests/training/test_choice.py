from __future__ import annotations

from typing import Any

import pytest

from bythebook import recipe
from bythebook import techniques as techniques
from bythebook.training.choice import ENGINES, choose

FASHION = {"images": 55_000, "pixels": 784, "epochs": 10}
DIGITS = {"images": 1_297, "pixels": 64, "epochs": 10}


def resolved(**delta: Any) -> dict[str, Any]:
    return recipe.resolve({"hidden": [300, 100], **delta}, "r")


def test_much_data_is_compiled_and_little_data_is_not() -> None:
    assert choose(resolved(), **FASHION).loop == "fused"
    assert choose(resolved(), **{**FASHION, "images": 200}).loop == "plain"


def test_what_many_runs_share_is_compiled_sooner() -> None:
    assert choose(resolved(), **DIGITS, runs=1).loop == "plain"
    assert choose(resolved(), **DIGITS, runs=5).loop == "fused"


@pytest.mark.parametrize("wanted", [engine for engine in ENGINES if engine != "auto"])
@pytest.mark.parametrize("data", [FASHION, DIGITS])
def test_it_can_be_forced(wanted: str, data: dict[str, int]) -> None:
    choice = choose(resolved(), **data, wanted=wanted)
    assert choice.loop == wanted
    assert "asked for" in choice.reason


def test_every_phase_is_compiled_for_itself() -> None:
    few = {**DIGITS, "runs": 2, "epochs": 16}
    assert choose(resolved(), **few).loop == "fused"
    assert choose(resolved(), **few, phases=9).loop == "fused"
    assert choose(resolved(), **{**few, "runs": 1}, phases=1).loop == "plain"
    seconds = [choose(resolved(), **few, phases=phases).reason for phases in (1, 9)]
    assert seconds[0] != seconds[1]


def test_the_reason_names_the_predicted_costs() -> None:
    reason = choose(resolved(), **FASHION, runs=3).reason
    assert reason.startswith("3 run(s) of this shape with 17190 steps")
    assert "s fused" in reason and "s plain" in reason


def test_longer_runs_are_predicted_to_be_longer() -> None:
    base = choose(resolved(), **FASHION).seconds
    longer = [
        choose(resolved(), **{**FASHION, "epochs": 20}).seconds,
        choose(resolved(hidden=[1000, 1000]), **FASHION).seconds,
        choose(resolved(batch_size=16), **FASHION).seconds,
        choose(resolved(hidden=[300] * 20, normalizer="batch_norm_after"), **FASHION).seconds,
        choose(resolved(), **FASHION, wanted="plain").seconds,
    ]
    assert base > 0
    assert all(seconds > base for seconds in longer)
