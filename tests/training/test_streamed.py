"""Data that stay on disk give the numbers that the same data in memory give."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bythebook import network, recipe
from bythebook.techniques.strategies import Phase
from bythebook.training.train import Outcome, Split, train

pytestmark = pytest.mark.usefixtures("tensorflow")
CLASSES = 3


def split(seed: int, n: int, folder: Path | None = None) -> Split:
    random = np.random.default_rng(seed)
    labels = random.integers(0, CLASSES, n)
    images = random.normal(size=(n, 4, 4)).astype(np.float32) + labels[:, None, None].astype(np.float32)
    if folder is not None:
        np.save(folder / f"{seed}.npy", images)
        images = np.load(folder / f"{seed}.npy", mmap_mode="r")
    return Split(images, labels.astype(np.int64))


DELTAS: dict[str, dict[str, Any]] = {
    "dropout": {"dropout": "dropout", "dropout_on": "last_hidden"},
    "batch norm and 1cycle": {"normalizer": "batch_norm_after", "schedule": "one_cycle"},
}


def run(loop: str, name: str, folder: Path | None = None) -> tuple[list[np.ndarray], Outcome]:
    resolved = recipe.resolve({"hidden": [8], "batch_size": 16, "optimizer": "adam", **DELTAS[name]}, "r")
    model = network.build(resolved, (4, 4), CLASSES, 0)
    data = split(1, 150, folder), split(2, 1010, folder)
    outcome = train(model, resolved, (Phase("fit", 3),), *data, CLASSES, 0, lambda row: None, loop)
    return model.get_weights(), outcome


@pytest.fixture(scope="module")
def from_disk(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[list[np.ndarray], Outcome]]:
    """Trains on data that stay on disk, once for each of ``DELTAS``."""
    return cache(lambda name: run("streamed", name, tmp_path_factory.mktemp("streamed")))


@pytest.mark.parametrize("name", DELTAS)
def test_it_gives_the_bytes_of_the_plain_path(name: str, from_disk: Any) -> None:
    (plain_weights, plain), (weights, streamed) = run("plain", name), from_disk(name)
    assert streamed.rows == plain.rows
    assert (plain.loop, streamed.loop) == ("plain", "streamed")
    assert [array.tobytes() for array in weights] == [array.tobytes() for array in plain_weights]


def test_it_gives_the_numbers_of_the_fused_path(from_disk: Any) -> None:
    (fused_weights, fused), (weights, streamed) = run("fused", "dropout"), from_disk("dropout")
    assert fused.loop == "fused"
    for mine, yours in zip(fused.rows, streamed.rows, strict=True):
        # Sums in another order, over 30 steps of Adam.
        assert mine == pytest.approx(yours, rel=1e-4, abs=1e-5)
    assert max(np.abs(a - b).max() for a, b in zip(fused_weights, weights, strict=True)) < 1e-4
