"""Every recipe that the project declares keeps the contract: it is checked, builds, trains an epoch and comes back."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bythebook import network, recipe
from bythebook.documents import canonical_json
from bythebook.search.guideline import read_guideline
from bythebook.suite import read_declaration
from bythebook.techniques.strategies import Phase
from bythebook.training import pretext
from bythebook.training.train import Split, train
from bythebook.transfer.declaration import read_study

pytestmark = pytest.mark.usefixtures("tensorflow")
PIPELINE = Path(__file__).resolve().parents[2] / "pipeline"
SEEDED = np.random.default_rng(0)
DATA = Split(SEEDED.normal(size=(64, 8, 8)).astype(np.float32), np.arange(64) % 10)
PAIR = Split(DATA.images, np.arange(64) % 2)


@cache
def declared() -> dict[str, tuple[dict[str, Any], int]]:
    """Every declared recipe with the number of its classes, by where it stands."""
    found: dict[str, tuple[dict[str, Any], int]] = {}
    for path in sorted((PIPELINE / "recipes").glob("*.yaml")):
        found |= {f"{path.stem}.{arm.name}": (arm.recipe, 10) for arm in read_declaration(path).arms}
    for path in sorted((PIPELINE / "transfers").glob("*.yaml")):
        study = read_study(path)
        found |= {f"{path.stem}.{source}": (recipe, 10) for source, recipe in study.sources.items()}
        found[f"{path.stem}.b"] = (study.recipe_b, 2)
    for path in sorted((PIPELINE / "searches").glob("*.yaml")):
        found[f"{path.stem}.base"] = (read_guideline(path).base, 10)
    return found


def small(declaration: dict[str, Any]) -> dict[str, Any]:
    """The recipe with two layers, as little as still is a deep net."""
    return {**declaration, "hidden": [16, 16], "batch_size": 32}


def structure(value: Any) -> Any:
    """A part of a recipe without its numbers: parts that look the same are built and trained in the same way."""
    if isinstance(value, dict):
        return {key: structure(part) for key, part in value.items()}
    if isinstance(value, list):
        return [structure(part) for part in value]
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else value


@cache
def kinds() -> dict[str, tuple[dict[str, Any], int]]:
    """As few small recipes as together have every part that a declared recipe has: always the one that adds most."""
    recipes = {name: (small(declaration), classes) for name, (declaration, classes) in declared().items()}
    parts = {
        name: {canonical_json([key, structure(value), classes]) for key, value in shown.items()}
        for name, (shown, classes) in recipes.items()
    }
    missing = {part for own in parts.values() for part in own}
    found = {}
    while missing:
        name = max(parts, key=lambda name: len(parts[name] & missing))
        found[name] = recipes[name]
        missing -= parts[name]
    return found


def test_there_are_suites_of_at_least_five_recipes() -> None:
    suites = Counter(name.partition(".")[0] for name in declared())
    assert sum(count >= 5 for count in suites.values()) >= 10


def test_declared_recipes_are_resolved() -> None:
    assert declared()
    assert not [
        name for name, (declaration, _) in declared().items() if recipe.resolve(declaration, name) != declaration
    ]
    assert not [name for name, (declaration, _) in declared().items() if not canonical_json(declaration)]


@pytest.mark.parametrize("name", kinds())
def test_a_declared_recipe_trains_and_its_weights_come_back(name: str, tmp_path: Path) -> None:
    declaration, classes = kinds()[name]
    data = pretext.with_targets(declaration["target"], DATA if classes == 10 else PAIR, 0, "training")
    outputs = pretext.outputs_of(declaration["target"], classes, 64)
    model = network.build(declaration, (8, 8), outputs, seed=0)
    outcome = train(model, declaration, (Phase("fit", 1),), data, data, outputs, 0, lambda row: None)
    assert outcome.status == "finished", outcome.reason
    assert 0 <= outcome.rows[0].get("val_accuracy", 0) <= 1
    assert outcome.rows[0]["learning_rate"] > 0
    model.save_weights(tmp_path / "w.weights.h5")
    again = network.build(declaration, (8, 8), outputs, seed=1)
    again.load_weights(tmp_path / "w.weights.h5")
    for mine, yours in zip(model.get_weights(), again.get_weights(), strict=True):
        assert np.array_equal(mine, yours)
    assert np.asarray(model(data.images)) == pytest.approx(np.asarray(again(data.images)), abs=1e-5)
