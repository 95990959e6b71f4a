from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bythebook import recipe, suite
from bythebook import techniques as techniques
from bythebook.errors import UserError
from bythebook.overrides import Overrides


def problems(declaration: Any) -> tuple[str, ...]:
    with pytest.raises(UserError) as raised:
        recipe.resolve(declaration, "s.yaml: recipes.r")
    return raised.value.problems


def test_a_delta_is_resolved_in_full() -> None:
    resolved = recipe.resolve({"activation": "leaky_relu", "epochs": 3}, "r")
    assert resolved["activation"] == {"name": "leaky_relu", "negative_slope": 0.2}
    assert resolved["optimizer"] == {"name": "sgd", "learning_rate": 0.01}
    assert resolved["epochs"] == 3
    assert resolved["dropout"] is None
    assert set(resolved) == set(recipe.Recipe.__annotations__)


def test_a_resolved_recipe_resolves_to_itself() -> None:
    declared = {
        "regularizer": "l2",
        "early_stopping": {"patience": 3},
        "hidden": [5, {"layers": 2, "units": 4}],
        "augmentation": "shift_and_flip",
        "observe": ["layers"],
        "schedule": "piecewise",
        "clipping": "clip_norm",
    }
    once = recipe.resolve(declared, "r")
    assert recipe.resolve(once, "r") == once


def test_defaults_are_not_shared_between_recipes() -> None:
    first = recipe.resolve({}, "r")
    first["hidden"].append(7)
    assert recipe.resolve({}, "r")["hidden"] == [300, 100]


def test_every_problem_is_reported_at_once_with_path_given_allowed_and_nearest() -> None:
    found = problems(
        {
            "activaton": "relu",
            "epochs": 0,
            "activation": "rulu",
            "optimizer": {"name": "sgd", "learning_rate": -1},
            "initializer": {"name": "he_normal", "scale": 2},
            "hidden": [300, "100"],
        }
    )
    text = "\n".join(found)
    assert len(found) == 6, text
    assert "recipes.r.activaton: unknown key 'activaton'. Did you mean 'activation'?" in text
    assert "recipes.r.epochs: input should be greater than or equal to 1; given 0." in text
    assert "recipes.r.activation: unknown activation 'rulu'. Did you mean 'relu'?" in text
    assert "recipes.r.optimizer.learning_rate: input should be greater than 0; given -1." in text
    assert "recipes.r.initializer.scale: unknown key 'scale'" in text
    assert "recipes.r.hidden.1: input should be a valid integer, at least 1, at most 100000; given '100'." in text


def test_a_net_that_reconstructs_has_defaults_of_its_own() -> None:
    for scaling, output in (("unit", "sigmoid"), ("standardized", "linear")):
        resolved = recipe.resolve({"target": "reconstruction", "scaling": scaling}, "r")
        assert (resolved["output"], resolved["loss"]) == (output, {"name": "mean_squared_error"})
        assert recipe.resolve(resolved, "r") == resolved
    assert recipe.resolve({"target": "reconstruction", "scaling": "unit", "output": "linear"}, "r")
    assert recipe.resolve({"target": "rotation", "scaling": "unit"}, "r")["output"] == "softmax"


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"target": "reconstruction", "output": "sigmoid"}, "output: a sigmoid output cannot give standardized pixels"),
        ({"target": "reconstruction", "output": "softmax", "scaling": "unit"}, "Allowed: linear, sigmoid."),
        ({"target": "reconstruction", "loss": "binary_crossentropy"}, "loss: pixels are reconstructed with mean_squ"),
        ({"output": "linear", "loss": "mean_squared_error"}, "output: a linear output cannot give probabilities"),
        ({"target": "rotation"}, "scaling: the statistics of upright pixels give away how an image was turned"),
        ({"target": "rotations"}, "target"),
    ],
)
def test_a_target_that_cannot_be_is_refused(declared: dict[str, Any], said: str) -> None:
    assert any(said in problem for problem in problems(declared))


def test_only_a_transfer_pretrains(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text("question: Which?\nrecipes: {a: {target: reconstruction}, b: {}}\n")
    with pytest.raises(UserError, match="recipes.a.target: only a transfer pretrains; allowed here: labels"):
        suite.read_declaration(path)


def test_a_stack_stands_for_so_many_layers() -> None:
    declared = {"hidden": [300, {"layers": 3, "units": 100}, 10]}
    assert recipe.resolve(declared, "r")["hidden"] == [300, 100, 100, 100, 10]
    said = problems({"hidden": [{"layers": 0, "unit": 100}, {"layers": 2, "units": 5}], "epochs": 0})
    assert [problem.split(": ")[1] for problem in said] == [
        "recipes.r.hidden.0.layers",
        "recipes.r.hidden.0.units",
        "recipes.r.hidden.0.unit",
        "recipes.r.epochs",
    ]
    assert "Did you mean 'units'" in said[2]
    assert "at most 1000" in problems({"hidden": [{"layers": 600, "units": 1}] * 2})[0]


def test_options_of_early_stopping_and_of_the_range_test_are_resolved() -> None:
    resolved = recipe.resolve({"early_stopping": {"patience": 3}, "range_test": {"highest": 1.0}}, "r")
    assert resolved["early_stopping"] == {"patience": 3, "restore_best": True}
    assert resolved["range_test"] == {"lowest": 1e-5, "highest": 1.0}


def test_what_does_not_go_together_is_refused_at_once() -> None:
    said = problems(
        {
            "optimizer": "adam",
            "schedule": "one_cycle_with_momentum",
            "range_test": {"lowest": 1.0, "highest": 0.1},
            "loss": "binary_crossentropy",
        }
    )
    assert len(said) == 3
    assert "schedule: adam has no momentum to cycle. Allowed with it: momentum, nesterov." in said[1]
    assert "range_test: 'lowest' must be below 'highest'; given 1 and 0.1." in said[2]
    assert recipe.resolve({"optimizer": "momentum", "schedule": "one_cycle_with_momentum"}, "r")


@pytest.mark.parametrize(
    ("output", "loss"),
    [("softmax", "binary_crossentropy"), ("sigmoid", "sparse_categorical_crossentropy")],
)
def test_losses_that_do_not_fit_the_output_are_refused(output: str, loss: str) -> None:
    (said,) = problems({"output": output, "loss": loss})
    assert said.startswith("s.yaml: recipes.r.loss: a") and loss in said and "Allowed:" in said


def test_both_clippings_cannot_be_named() -> None:
    assert "does not name a clipping" in problems({"clipping": ["clip_norm", "clip_value"]})[0]


def test_overrides_change_dotted_paths_and_are_checked() -> None:
    base = recipe.resolve({"optimizer": "momentum"}, "r")
    changed = recipe.with_overrides(base, {"optimizer.learning_rate": 0.5, "epochs": 2}, "r")
    assert (changed["optimizer"]["learning_rate"], changed["epochs"]) == (0.5, 2)
    assert base["optimizer"]["learning_rate"] == 0.01
    with pytest.raises(UserError, match=r"unknown key 'momentun'. Did you mean 'momentum'"):
        recipe.with_overrides(base, {"optimizer.momentun": 0.5}, "r")
    with pytest.raises(UserError, match=r"nothing at 'dropout'[^\n]*\n[^\n]*nothing at 'clipping'"):
        recipe.with_overrides(base, {"dropout.rate": 0.5, "clipping.norm": 1.0}, "r")


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    return path


def test_a_suite_is_read_in_order_with_its_defaults(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "question: Which?\ndefaults: {epochs: 4}\nrecipes:\n  b: {about: B., activation: elu}\n  a: {epochs: 5}\n",
    )
    declared = suite.read_declaration(path, Overrides({"batch_size": 8}))
    assert (declared.name, declared.question) == ("mine", "Which?")
    assert [(arm.name, arm.about, arm.recipe["epochs"], arm.recipe["batch_size"]) for arm in declared.arms] == [
        ("b", "B.", 4, 8),
        ("a", "", 5, 8),
    ]


def test_all_problems_of_a_suite_come_together(tmp_path: Path) -> None:
    path = write(tmp_path, "quesion: Which?\nrecipes:\n  Bad-Name: {}\n  a: {epocs: 1}\n  b: 3\n  c: {about: 4}\n")
    with pytest.raises(UserError) as raised:
        suite.read_declaration(path)
    text = str(raised.value)
    for part in (
        "'quesion'",
        "Did you mean 'question'",
        "question: is required",
        "Bad-Name",
        "'epocs'",
        "given 3",
        ".about",
    ):
        assert part in text, text


def test_a_suite_without_recipes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="recipes: is empty"):
        suite.read_declaration(write(tmp_path, "question: Which?\nrecipes: {}\n"))


def test_a_smaller_budget_shortens_every_recipe_and_leaves_none_without_an_epoch(tmp_path: Path) -> None:
    path = write(tmp_path, "question: Which?\nrecipes: {a: {epochs: 10}, b: {epochs: 1}, c: {epochs: 7}}\n")
    declared = suite.read_declaration(path)
    assert [arm.recipe["epochs"] for arm in declared.shortened(0.4).arms] == [4, 1, 3]
    assert declared.shortened(1.0) == declared
