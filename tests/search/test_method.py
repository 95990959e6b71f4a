"""What a guideline's file says of its search: what is left out has a default, and what cannot be is refused at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bythebook.documents import yaml_text
from bythebook.errors import UserError
from bythebook.search import samplers
from bythebook.search.guideline import Guideline, read_guideline
from bythebook.search.settings import Hyperband, Median, SuccessiveHalving

SPACE: dict[str, Any] = {"optimizer.learning_rate": {"low": 0.001, "high": 0.1, "log": True}}


def read(folder: Path, space: Any = SPACE, **said: Any) -> Guideline:
    path = folder / "mine.yaml"
    path.write_text(yaml_text({"question": "Which?", "base": {}, "space": space, **said}))
    return read_guideline(path)


def refused(folder: Path, space: Any = SPACE, **said: Any) -> str:
    with pytest.raises(UserError) as error:
        read(folder, space, **said)
    return "\n".join(error.value.problems)


def test_what_is_not_said_is_a_bayesian_search_by_accuracy_with_median_pruning(tmp_path: Path) -> None:
    guideline = read(tmp_path)
    assert [objective.name for objective in guideline.objectives] == ["val_accuracy"]
    settings = guideline.settings(trials=40, seed=1, in_flight=3)
    assert (settings.trials, settings.seed, settings.in_flight) == (40, 1, 3)
    assert settings.sampler == "tpe" and settings.pruner == Median()


@pytest.mark.parametrize(
    ("said", "pruner"),
    [
        ({"pruner": None}, None),
        ({"pruner": "median"}, Median()),
        ({"pruner": {"name": "median", "warmup_epochs": 2}}, Median(warmup_epochs=2)),
        ({"pruner": {"name": "successive_halving", "reduction_factor": 4}}, SuccessiveHalving(reduction_factor=4)),
        ({"pruner": "hyperband", "objectives": ["val_loss"]}, Hyperband()),
        ({"objectives": ["zero_share"]}, None),
        ({"objectives": ["val_accuracy", "zero_share"], "tolerance": 0.1}, None),
    ],
)
def test_the_pruner_is_the_files_or_follows_from_its_objectives(tmp_path: Path, said: Any, pruner: Any) -> None:
    assert read(tmp_path, **said).settings(1, 0, 1).pruner == pruner


def test_a_files_own_budget_comes_before_the_parameters(tmp_path: Path) -> None:
    assert read(tmp_path, trials=7).settings(trials=40, seed=0, in_flight=1).trials == 7


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    text = refused(
        tmp_path,
        {**SPACE, "epochs": {"low": 9, "high": 3}},
        objectives=["val_acuracy", "zero_share", "zero_share"],
        sampler="tpee",
        pruner={"name": "hyperbond"},
    )
    for expected in [
        "mine.yaml: space.epochs: 'low' must be below 'high'; given low 9 and high 3.",
        "mine.yaml: objectives: unknown objective 'val_acuracy'. Did you mean 'val_accuracy'?",
        "mine.yaml: objectives: 'zero_share' stands twice.",
        "mine.yaml: tolerance: is required with several objectives",
        "mine.yaml: sampler: unknown sampler 'tpee'. Did you mean 'tpe'?",
        "mine.yaml: pruner: trials are cut short by one objective",
        "mine.yaml: pruner: unknown pruner 'hyperbond'. Did you mean 'hyperband'?",
    ]:
        assert expected in text
    assert len(text.splitlines()) == 7


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"objectives": []}, "objectives: is empty"),
        ({"tolerance": 0.1}, "tolerance: needs several objectives"),
        ({"objectives": ["val_loss", "mc_ece"], "tolerance": -1.0}, "tolerance: input should be greater than or equal"),
        ({"objectives": ["zero_share"], "pruner": "median"}, "(val_accuracy, val_loss); 'zero_share' is measured at"),
        ({"pruner": {"name": "hyperband", "reduction_factor": 1}}, "pruner.reduction_factor: input should be greater"),
        ({"pruner": {"name": "median", "warmup": 1}}, "unknown key 'warmup'. Did you mean 'warmup_epochs'?"),
        ({"pruner": 3}, "pruner: 3 does not name a pruner"),
        ({"trials": 0}, "trials: input should be greater than or equal to 1"),
        ({"samplers": ["tpe"], "trials": 3}, "samplers: a comparison needs at least two"),
        ({"samplers": ["tpe", "tpe", "rand"], "trials": 3}, "unknown sampler 'rand'. Did you mean 'random'?"),
        ({"samplers": ["tpe", "random"]}, "trials: is required where samplers are compared"),
        ({"samplers": ["tpe", "random"], "sampler": "tpe", "trials": 3}, "a file says either 'sampler', or 'samplers'"),
        (
            {"samplers": ["tpe", "random"], "trials": 3, "objectives": ["val_loss", "mc_ece"], "tolerance": 0.1},
            "samplers: are compared by one objective",
        ),
        ({"sampler": "grid"}, "a grid takes every 'step' of a range, or 'grid' values of it; the range from 0.001 to"),
        ({"samplers": ["grid", "tpe"], "trials": 3}, "a grid takes every 'step' of a range"),
    ],
)
def test_a_method_that_cannot_be_is_refused(tmp_path: Path, said: Any, reason: str) -> None:
    assert reason in refused(tmp_path, **said)


def test_a_grid_that_is_too_large_is_refused_before_anything_trains(tmp_path: Path) -> None:
    space = {"n_hidden": {"low": 1, "high": 200}, "n_units": {"low": 1, "high": 300}}
    with pytest.raises(UserError, match=r"mine.yaml: space: the grid has more than 10,000 points"):
        read(tmp_path, space, sampler="grid", base={"hidden": [100, 100]})


def test_a_sampler_whose_library_is_missing_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samplers, "find_spec", lambda name: None)
    assert "mine.yaml: sampler: the sampler 'gp' needs PyTorch" in refused(tmp_path, sampler="gp")


def test_a_space_of_fixed_values_leaves_nothing_to_search(tmp_path: Path) -> None:
    assert "mine.yaml: space: leaves nothing to search" in refused(tmp_path, {"epochs": {"value": 10}})


@pytest.mark.parametrize(
    ("domain", "reason"),
    [
        ({"low": 1, "high": 4, "grid": 1}, "grid: input should be greater than or equal to 2"),
        (
            {"low": 1, "high": 4, "grid": 3, "step": 1},
            "either every 'step' of a range or 'grid' values of it, not both",
        ),
        ({"choices": [5, 10], "grid": 2}, "'grid' belongs to a range"),
    ],
)
def test_a_grids_values_belong_to_a_range(tmp_path: Path, domain: Any, reason: str) -> None:
    assert reason in refused(tmp_path, {"epochs": domain})
