from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bythebook import recipe
from bythebook import techniques as techniques
from bythebook.runs.loops import LoopSettings, with_loops
from bythebook.runs.run import Run
from bythebook.runs.view import DataView

SMALL = DataView(Path(), "digits", "0", images=1_297, pixels=64)
LARGE = DataView(Path(), "fashion_mnist", "1", images=55_000, pixels=784)


def runs(view: DataView, seeds: int = 1, **delta: Any) -> list[Run]:
    declared = recipe.resolve({"hidden": [300, 100], "epochs": 10, **delta}, "r")
    return [Run("r", seed, declared, view) for seed in range(seeds)]


def loops(planned: list[Run], settings: LoopSettings | None = None) -> list[str]:
    return [run.loop for run in with_loops(planned, settings or LoopSettings())]


def test_it_depends_on_the_data_and_on_what_shares_the_shape() -> None:
    assert loops(runs(LARGE)) == ["fused"]
    assert loops(runs(SMALL)) == ["plain"]
    assert loops(runs(SMALL, seeds=5)) == ["fused"] * 5


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ({"optimizer": {"name": "momentum", "learning_rate": 0.1}}, {"optimizer": {"name": "momentum"}}, True),
        ({"dropout": {"name": "dropout", "rate": 0.1}}, {"dropout": {"name": "dropout", "rate": 0.5}}, True),
        ({"schedule": "one_cycle"}, {"initializer": "he_normal"}, True),
        ({"activation": "elu"}, {"activation": "selu"}, False),
        ({"hidden": [300, 100]}, {"hidden": [300, 101]}, False),
        ({"dropout": "dropout"}, {}, False),
    ],
)
def test_runs_that_differ_in_inputs_only_count_together(one: Any, other: Any, shared: bool) -> None:
    planned = [*runs(SMALL, **one), *runs(SMALL, **other)]
    assert set(loops(planned)) == ({"fused"} if shared else {"plain"})


def test_the_loop_is_part_of_the_key() -> None:
    fused, plain = (with_loops(runs(LARGE), LoopSettings(path))[0] for path in ("fused", "plain"))
    assert fused.key != plain.key
    assert fused.identity.loop == "fused"


def test_data_larger_than_allowed_are_streamed(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    size = LARGE.images * LARGE.pixels * 4 / 2**30
    assert loops(runs(LARGE), LoopSettings(resident_gib=size * 1.01)) == ["fused"]
    assert loops(runs(LARGE), LoopSettings(resident_gib=size * 0.99)) == ["streamed"]
    assert "fashion_mnist is streamed from disk" in caplog.text
