"""Guidelines: the shipped ones can be searched, trial 0 is the guideline itself, and bad ones are refused."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

import bythebook.techniques  # noqa: F401  (fills the register)
from bythebook.errors import UserError
from bythebook.guidelines import advice
from bythebook.overrides import Overrides
from bythebook.search.guideline import Guideline, read_guideline
from bythebook.search.space import Parameter, assign

SEARCHES = sorted((Path(__file__).parents[2] / "pipeline" / "searches").glob("*.yaml"))
DEFAULT = next(path for path in SEARCHES if path.stem == "default_dnn")


def any_value(chance: random.Random, parameter: Parameter) -> object:
    domain = parameter.domain
    if domain.choices is not None:
        return chance.choice(domain.choices)
    assert domain.low is not None and domain.high is not None
    if domain.whole:
        return chance.randrange(int(domain.low), int(domain.high) + 1, int(domain.step or 1))
    return chance.uniform(domain.low, domain.high)


def test_there_are_guidelines() -> None:
    assert len(SEARCHES) >= 5


@pytest.mark.parametrize("path", SEARCHES, ids=lambda path: path.stem)
def test_the_first_point_of_a_guideline_is_its_base(path: Path) -> None:
    guideline = read_guideline(path)
    assert guideline.recipe(guideline.first.values) == guideline.base
    assert advice(guideline.base) == []


@pytest.mark.parametrize("path", SEARCHES, ids=lambda path: path.stem)
def test_every_point_of_a_guideline_is_a_valid_recipe_that_keeps_to_the_rules(path: Path) -> None:
    guideline, chance = read_guideline(path), random.Random(1)
    for _ in range(300):
        recipe = guideline.recipe(assign(guideline.space, lambda parameter: any_value(chance, parameter)).values)
        assert advice(recipe) == []
        assert len(set(recipe["hidden"])) == 1 or "n_units" not in guideline.space


def test_the_default_net_normalizes_when_it_is_deep_and_only_then() -> None:
    guideline = read_guideline(DEFAULT)
    shallow = {**guideline.first.values, "n_hidden": 3, "normalizer": None}
    assert guideline.recipe(shallow)["hidden"] == [100] * 3
    chance, depths = random.Random(2), set()
    for _ in range(200):
        recipe = guideline.recipe(assign(guideline.space, lambda parameter: any_value(chance, parameter)).values)
        depths.add(len(recipe["hidden"]))
        assert (recipe["normalizer"] is not None) == (len(recipe["hidden"]) > 3)
    assert depths == set(range(1, 9))


def test_a_self_normalizing_net_never_gets_what_its_guideline_forbids() -> None:
    """The rules of the chapter's table, each as a value that no point of the space has."""
    guideline = read_guideline(DEFAULT.with_stem("self_normalizing"))
    chance, seen = random.Random(3), set()
    for _ in range(200):
        recipe = guideline.recipe(assign(guideline.space, lambda parameter: any_value(chance, parameter)).values)
        kept = recipe["activation"]["name"], recipe["initializer"]["name"], recipe["scaling"]
        assert kept == ("selu", "lecun_normal", "standardized")
        assert recipe["normalizer"] is recipe["regularizer"] is recipe["constraint"] is None
        seen.add((recipe["dropout"] or {"name": None})["name"])
    assert seen == {None, "alpha_dropout"}


def test_reading_a_recipe_leaves_the_space_as_it_was() -> None:
    guideline = read_guideline(DEFAULT)
    before = str(guideline.space)
    guideline.recipe(guideline.first.values)
    assert str(guideline.space) == before == str(read_guideline(DEFAULT).space)


def test_overrides_change_the_base_and_nothing_that_is_searched() -> None:
    assert read_guideline(DEFAULT, Overrides({"epochs": 2})).base["epochs"] == 2
    with pytest.raises(UserError, match=r"space.n_units: is searched and cannot be overridden"):
        read_guideline(DEFAULT, Overrides({"n_units": 10}))


def written(folder: Path, base: str, space: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(f"question: Which?\nbase: {base}\nspace: {space}\n")
    return path


def read(folder: Path, base: str, space: str) -> Guideline:
    return read_guideline(written(folder, base, space))


def refused(folder: Path, base: str, space: str) -> str:
    with pytest.raises(UserError) as error:
        read(folder, base, space)
    return "\n".join(error.value.problems)


def test_problems_of_base_and_space_are_reported_together(tmp_path: Path) -> None:
    text = refused(tmp_path, "{activation: eluu}", "{n_units: {low: 3, high: 1}}")
    assert "mine.yaml: base.activation: unknown activation 'eluu'. Did you mean 'elu'?" in text
    assert "mine.yaml: space.n_units: 'low' must be below 'high'" in text


def test_values_no_recipe_may_have_are_refused_before_anything_trains(tmp_path: Path) -> None:
    rate = "optimizer.learning_rate: {low: -1.0, high: 1.0}"
    space = f"{{optimizer: {{choices: [sgd, adem]}}, {rate}, output: {{choices: [tanh]}}}}"
    text = refused(tmp_path, "{}", space)
    assert "space.optimizer: unknown optimizer 'adem'. Did you mean 'adam'?" in text
    assert "space.optimizer.learning_rate: input should be greater than 0; given -1.0." in text
    assert "space.output" in text


def test_combinations_no_recipe_may_have_are_refused_before_anything_trains(tmp_path: Path) -> None:
    space = "{optimizer: {choices: [sgd, momentum]}, optimizer.momentum: {low: 0.5, high: 0.9}}"
    text = refused(tmp_path, "{optimizer: momentum}", space)
    assert "space.optimizer.momentum: unknown key 'momentum'" in text
    conditional = space.replace("{low:", "{when: {optimizer: [momentum]}, low:")
    assert read(tmp_path, "{optimizer: momentum}", conditional).first.values["optimizer.momentum"] == 0.9


@pytest.mark.parametrize(
    ("base", "space", "reason"),
    [
        ("{epochs: 5}", "{epochs: {low: 10, high: 20}}", "space.epochs: does not hold the base's own value 5."),
        ("{}", "{activation: {choices: [elu, selu]}}", "space.activation: does not hold the base's own value"),
        ("{hidden: [30, 20]}", "{n_hidden: {low: 1, high: 3}}", "differ in width; vary n_units too"),
        (
            "{hidden: [30, 20]}",
            "{n_hidden: {low: 1, high: 3}, n_units: {low: 10, high: 50}}",
            "space.n_units: does not",
        ),
        (
            "{}",
            "{epochs: {low: 1, high: 20}, dropout: {value: dropout}}",
            'space.dropout: says "dropout" where the base',
        ),
    ],
)
def test_a_space_without_its_own_guideline_is_refused(tmp_path: Path, base: str, space: str, reason: str) -> None:
    assert reason in refused(tmp_path, base, space)


def test_a_guideline_has_a_question_a_base_and_a_space(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("base: {}\nspaces: {}\n")
    with pytest.raises(UserError) as error:
        read_guideline(path)
    text = "\n".join(error.value.problems)
    assert "mine.yaml: question: is required" in text and "Did you mean 'space'?" in text
    path.write_text("- question\n")
    with pytest.raises(UserError, match=r"mine.yaml: a guideline is a mapping with 'question', 'base' and 'space'"):
        read_guideline(path)


def test_a_mistake_in_one_part_of_a_file_hides_none_in_another(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "questoin: Which?\nsampler: tpee\nmodel_a: 3\nstrategy: finetun\nbase: {activation: eluu}\n"
        "space: {n_units: {low: 3, high: 1}}\n"
    )
    with pytest.raises(UserError) as error:
        read_guideline(path)
    expected = [
        "mine.yaml: question: is required",
        "mine.yaml: model_a: input should be a valid dictionary; given 3.",
        "mine.yaml: questoin: unknown key 'questoin'. Did you mean 'question'?",
        "mine.yaml: task: is required beside",
        "mine.yaml: strategy: unknown strategy 'finetun'. Did you mean 'finetune'?",
        "mine.yaml: base.activation: unknown activation 'eluu'. Did you mean 'elu'?",
        "mine.yaml: space.n_units: 'low' must be below 'high'",
        "mine.yaml: sampler: unknown sampler 'tpee'. Did you mean 'tpe'?",
    ]
    said = error.value.problems
    assert len(said) == len(expected)
    assert [part for part in expected if not any(sentence.startswith(part) for sentence in said)] == []


@pytest.mark.parametrize("wrong", ["trials: 0", "samplers: tpe", "space: 3"])
def test_what_does_not_fit_the_schema_is_told_once(tmp_path: Path, wrong: str) -> None:
    space = "" if "space" in wrong else "space: {n_units: {low: 1, high: 3}}"
    path = tmp_path / "mine.yaml"
    path.write_text(f"question: Which?\nbase: {{activation: eluu}}\n{space}\n{wrong}\n")
    with pytest.raises(UserError) as error:
        read_guideline(path)
    of_schema, of_base = error.value.problems
    assert of_schema.startswith(f"mine.yaml: {wrong.partition(':')[0]}: ") and "'eluu'" in of_base
