"""Overrides: what is wrong with them is told once, where they stand, and not where the recipes do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bythebook import techniques as techniques  # fills the catalogue
from bythebook.documents import yaml_text
from bythebook.errors import UserError
from bythebook.overrides import Overrides
from bythebook.search.guideline import read_guideline
from bythebook.suite import read_declaration
from bythebook.transfer.declaration import read_study

WHERE = "params.yaml: overrides"
SUITE = {"question": "Which?", "recipes": {"plain": {}, "dropped": {"dropout": "dropout"}, "other": {"epochs": 3}}}
STRATEGIES = [{"name": "from_scratch", "epochs": 3}, {"name": "frozen", "epochs": 3}]
STUDY = {"question": "Which?", "strategies": STRATEGIES, "model_a": {}, "model_b": {}}
GUIDELINE = {"question": "Which?", "base": {}, "space": {"batch_size": {"low": 16, "high": 64}}}
READERS = [(read_declaration, SUITE), (read_study, STUDY), (read_guideline, GUIDELINE)]


def written(folder: Path, content: object, name: str = "mine") -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(yaml_text(content))
    return path


@pytest.mark.parametrize(("read", "content"), READERS)
def test_what_is_wrong_for_every_recipe_is_told_once_where_it_stands(
    tmp_path: Path, read: Callable[..., Any], content: Any
) -> None:
    path = written(tmp_path, content)
    with pytest.raises(UserError) as error:
        read(path, Overrides({"optimizer.learnin_rate": 0.1}, WHERE))
    (said,) = error.value.problems
    assert said.startswith(f"{WHERE}.optimizer.learnin_rate: unknown key 'learnin_rate'. Did you mean 'learning_rate'?")
    assert "Wrong for" not in said
    assert read(path, Overrides({"optimizer.learning_rate": 0.1}, WHERE)) != read(path)


def test_what_is_wrong_for_some_recipes_names_how_many_and_the_first(tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        read_declaration(written(tmp_path, SUITE), Overrides({"dropout.rate": 0.5}, WHERE))
    (said,) = error.value.problems
    nothing = f"{WHERE}.dropout.rate: the recipe has nothing at 'dropout' to change."
    assert said == f"{nothing} Wrong for 2 of 3 recipes, first mine.yaml: recipes.plain."


def test_recipes_that_allow_other_names_are_told_of_one_mistake(tmp_path: Path) -> None:
    content = {**SUITE, "recipes": {"plain": {}, "fast": {"optimizer": "momentum"}}}
    with pytest.raises(UserError) as error:
        read_declaration(written(tmp_path, content), Overrides({"optimizer.learnin_rate": 0.1}, WHERE))
    (said,) = error.value.problems
    assert said.endswith("Allowed: learning_rate. Wrong for 2 of 2 recipes, first mine.yaml: recipes.plain.")


def test_problems_of_a_file_and_of_overrides_come_together(tmp_path: Path) -> None:
    content = {**SUITE, "recipes": {"bad": {"activation": "rulu"}, "good": {}}}
    with pytest.raises(UserError) as error:
        read_declaration(written(tmp_path, content), Overrides({"epochs": 0, "target": "rotation"}, WHERE))
    of_file, *of_overrides = error.value.problems
    assert of_file.startswith("mine.yaml: recipes.bad.activation: unknown activation 'rulu'")
    assert of_overrides[0].startswith(f"{WHERE}.epochs: input should be greater than or equal to 1; given 0.")


def test_files_read_together_are_told_together(tmp_path: Path) -> None:
    overrides = Overrides({"dropout.rate": 0.5}, WHERE)
    with pytest.raises(UserError) as error, overrides.report_once():
        for name in ("a", "b"):
            read_declaration(written(tmp_path, SUITE, name), overrides)
    (said,) = error.value.problems
    assert said.endswith("Wrong for 4 of 6 recipes, first a.yaml: recipes.plain.")
    with pytest.raises(UserError, match="Wrong for 2 of 3 recipes"):
        read_declaration(tmp_path / "a.yaml", overrides)


def test_nothing_but_a_transfer_is_overridden_to_pretrain(tmp_path: Path) -> None:
    values = {"target": "rotation", "scaling": "unit"}
    with pytest.raises(UserError) as error:
        read_declaration(written(tmp_path, SUITE), Overrides(values, WHERE))
    assert error.value.problems == (
        f"{WHERE}.target: only a transfer pretrains; allowed here: labels; given rotation.",
    )
