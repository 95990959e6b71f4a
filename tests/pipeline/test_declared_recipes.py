"""Every recipe that the project declares keeps the contract: it is checked, builds, trains an epoch and comes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bythebook import network, recipe
from bythebook.documents import canonical_json
from bythebook.search.guideline import read_guideline
from bythebook.suite import read_declaration
from bythebook.techniques.strategies import Phase
from bythebook.training.engine import Split, train
from bythebook.transfer import read_protocol

pytestmark = pytest.mark.usefixtures("tensorflow")
PIPELINE = Path(__file__).resolve().parents[2] / "pipeline"
SEEDED = np.random.default_rng(0)
DATA = Split(SEEDED.normal(size=(64, 8, 8)).astype(np.float32), np.arange(64) % 10)
PAIR = Split(DATA.images, np.arange(64) % 2)


def declared() -> dict[str, tuple[dict[str, Any], int]]:
    """Every declared recipe with the number of its classes, by where it stands."""
    found: dict[str, tuple[dict[str, Any], int]] = {}
    for path in sorted((PIPELINE / "recipes").glob("*.yaml")):
        found |= {f"{path.stem}.{arm.name}": (arm.recipe, 10) for arm in read_declaration(path).arms}
    for path in sorted((PIPELINE / "transfers").glob("*.yaml")):
        protocol = read_protocol(path)
        found |= {f"{path.stem}.a": (protocol.recipe_a, 10), f"{path.stem}.b": (protocol.recipe_b, 2)}
    for path in sorted((PIPELINE / "searches").glob("*.yaml")):
        found[f"{path.stem}.base"] = (read_guideline(path).base, 10)
    return found


def test_there_are_suites_of_at_least_five_recipes() -> None:
    names = list(declared())
    for suite in ("initialization", "activations"):
        assert len([name for name in names if name.startswith(f"{suite}.")]) >= 5


@pytest.mark.parametrize("name", declared())
def test_a_declared_recipe_trains_and_its_weights_come_back(name: str, tmp_path: Path) -> None:
    declaration, classes = declared()[name]
    assert recipe.resolve(declaration, name) == declaration
    assert canonical_json(declaration)
    data = DATA if classes == 10 else PAIR
    model = network.build(declaration, (8, 8), classes, seed=0)
    outcome = train(model, declaration, (Phase("fit", 1),), data, data, classes, 0, lambda row: None)
    assert outcome.status == "finished", outcome.reason
    assert 0 <= outcome.rows[0]["val_accuracy"] <= 1
    model.save_weights(tmp_path / "w.weights.h5")
    again = network.build(declaration, (8, 8), classes, seed=1)
    again.load_weights(tmp_path / "w.weights.h5")
    for mine, yours in zip(model.get_weights(), again.get_weights(), strict=True):
        assert np.array_equal(mine, yours)
    assert model.predict(data.images, verbose=0) == pytest.approx(again.predict(data.images, verbose=0), abs=1e-5)
