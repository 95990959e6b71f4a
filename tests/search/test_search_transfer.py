"""Guidelines about transfer: their points are strategies too, and what cannot be reused is refused before it trains."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bythebook.documents import yaml_text
from bythebook.errors import UserError
from bythebook.runs.view import DataView
from bythebook.search.guideline import Guideline, read_guideline
from bythebook.search.planning import Planner
from bythebook.search.recipe_file import study_file
from bythebook.transfer.declaration import read_study

FILE: dict[str, Any] = {
    "question": "Which?",
    "task": "sandal_vs_shirt",
    "model_a": {"hidden": [8, 8], "activation": "elu", "initializer": "he_normal", "epochs": 3},
    "strategy": {"name": "freeze_then_finetune", "frozen_epochs": 1, "fine_tuning_epochs": 4, "reused": 2},
    "base": {"output": "sigmoid", "loss": "binary_crossentropy"},
    "space": {
        "strategy": {
            "choices": [
                "from_scratch",
                {"name": "freeze_then_finetune", "frozen_epochs": 1, "fine_tuning_epochs": 4},
                "finetune",
            ]
        },
        "strategy.reused": {"when": {"strategy": ["freeze_then_finetune", "finetune"]}, "low": 1, "high": 2},
        "optimizer.learning_rate": {"low": 0.001, "high": 0.1, "log": True},
    },
}


def read(folder: Path, **changed: Any) -> Guideline:
    path = folder / "mine.yaml"
    path.write_text(yaml_text({key: value for key, value in {**FILE, **changed}.items() if value is not None}))
    return read_guideline(path)


def refused(folder: Path, **changed: Any) -> str:
    with pytest.raises(UserError) as error:
        read(folder, **changed)
    return "\n".join(error.value.problems)


def planner(folder: Path) -> Planner:
    views = (DataView(folder, "digits", digit * 64, images=100, pixels=64) for digit in "ba")
    return Planner(read(folder), *views)


def test_a_point_is_a_recipe_and_a_strategy_on_model_as_layers(tmp_path: Path) -> None:
    made = planner(tmp_path)
    first = made.run("first", 5, made.guideline.first.values)
    assert first.strategy == FILE["strategy"] and first.recipe == made.guideline.base
    assert first.recipe["hidden"] == [8, 8] and first.recipe["activation"]["name"] == "elu"
    assert (first.view.digest[0], first.epochs, first.recipe["epochs"]) == ("b", 5, 5)
    source = made.source(5)
    assert source is not None and first.source == source.key
    assert (source.view.digest[0], source.seed, source.epochs) == ("a", 5, 3)
    values = {"strategy": "finetune", "strategy.reused": 1, "optimizer.learning_rate": 0.05}
    other = made.run("other", 5, values)
    assert other.strategy == {"name": "finetune", "epochs": 20, "reused": 1} and other.source == source.key
    assert (other.recipe["optimizer"]["learning_rate"], other.recipe["epochs"]) == (0.05, 20)


def test_from_scratch_nothing_is_reused(tmp_path: Path) -> None:
    made = planner(tmp_path)
    alone = made.run("alone", 5, {"strategy": "from_scratch", "optimizer.learning_rate": 0.05})
    assert alone.source is None and alone.strategy == {"name": "from_scratch", "epochs": 20}


def test_nothing_is_cut_short(tmp_path: Path) -> None:
    assert read(tmp_path).settings(1, 0, 1).pruner is None
    assert "mine.yaml: pruner: trials about transfer go through phases" in refused(tmp_path, pruner="median")


def test_samplers_are_not_compared(tmp_path: Path) -> None:
    text = refused(tmp_path, samplers=["tpe", "random"], trials=3)
    assert text == "mine.yaml: samplers: a search about transfer has one sampler."


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"task": None}, "mine.yaml: task: is required beside model_a and strategy"),
        ({"task": None, "model_a": None}, "mine.yaml: model_a: is required beside strategy"),
        ({"strategy": "finetun"}, "mine.yaml: strategy: unknown strategy 'finetun'. Did you mean 'finetune'?"),
        ({"model_a": {"activation": "eluu"}}, "mine.yaml: model_a.activation: unknown activation 'eluu'"),
        ({"base": {"activation": "relu"}}, "mine.yaml: base: activation: must be that of its source"),
        (
            {"strategy": {"name": "finetune", "reused": 3}, "space": {"batch_size": {"choices": [16, 32]}}},
            "reused: the net has 2 hidden layer(s); allowed: 1 to 2; given 3.",
        ),
        (
            {"space": {**FILE["space"], "strategy.reused": {"low": 1, "high": 2}}},
            "mine.yaml: space.strategy.reused: unknown key 'reused'",
        ),
        (
            {"space": {"strategy": {"choices": [FILE["strategy"], "autoencoder_then_finetune"]}}},
            "unknown strategy on a net for task A 'autoencoder_then_finetune'",
        ),
        (
            {"space": {"activation": {"choices": ["elu", "relu"]}}},
            "mine.yaml: space: activation: must be that of its source",
        ),
    ],
)
def test_what_cannot_be_reused_is_refused(tmp_path: Path, changed: Any, reason: str) -> None:
    assert reason in refused(tmp_path, **changed)


def test_a_strategy_is_searched_only_where_something_is_reused(tmp_path: Path) -> None:
    text = refused(tmp_path, task=None, model_a=None, strategy=None)
    assert "mine.yaml: space.strategy: unknown recipe path 'strategy'" in text


def test_the_file_for_transfers_is_a_study_that_names_each_strategy_once(tmp_path: Path) -> None:
    guideline = read(tmp_path)
    assert guideline.reuse is not None
    scratch, own = {"name": "from_scratch", "epochs": 5}, guideline.reuse.strategy
    found = guideline.recipe({**guideline.first.values, "optimizer.learning_rate": 0.05})
    text = study_file("Which?", guideline.reuse.model_a, found, [scratch, {**own, "reused": 1}, own])
    (tmp_path / "found.yaml").write_text(text)
    study = read_study(tmp_path / "found.yaml")
    assert study.strategies == {"from_scratch": scratch, "freeze_then_finetune": {**own, "reused": 1}}
    assert study.sources == {"task_a": guideline.reuse.model_a} and study.recipe_b == found
