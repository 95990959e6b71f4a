"""What a search found as a file that people could have written: it stands in the pipeline's folders as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from bythebook import catalogue, recipe
from bythebook.documents import yaml_text
from bythebook.records.recipe import Recipe

# For pipeline/recipes, and for pipeline/transfers.
RECIPES, STUDY = "recipes.yaml", "study.yaml"
FAMILIES = {str(key): family for key, family in recipe.FAMILY_OF.items()}


def recipe_file(question: str, recipes: Mapping[str, tuple[str, Recipe]]) -> str:
    """YAML as :func:`bythebook.suite.read_declaration` reads it.

    Args:
        recipes: by name, a sentence about each and the resolved recipe.
    """
    declared = {name: {"about": about, **delta(resolved)} for name, (about, resolved) in recipes.items()}
    return yaml_text({"question": question, "recipes": declared})


def study_file(question: str, model_a: Recipe, model_b: Recipe, strategies: Sequence[Mapping[str, Any]]) -> str:
    """YAML of a transfer study that compares strategies.

    Args:
        model_a: the resolved recipe for task A.
        model_b: the one for task B; its epochs are the strategies'.
        strategies: resolved; of several with one name the first stands.
    """
    named = {strategy["name"]: strategy for strategy in reversed(strategies)}
    of_a = dict(model_a)
    differs = {key: value for key, value in model_b.items() if value != of_a[key] and key != "epochs"}
    return yaml_text(
        {
            "question": question,
            "strategies": [_technique("strategy", strategy) for strategy in reversed(named.values())],
            "model_a": delta(model_a),
            "model_b": {key: _written(key, value) for key, value in differs.items()},
        }
    )


def delta(resolved: Recipe) -> dict[str, Any]:
    """What differs from the defaults, as people write it: it resolves to the same recipe."""
    defaults = dict(recipe.resolve({}, "defaults"))
    differs = {key: value for key, value in resolved.items() if value != defaults[key]}
    return {key: _written(key, value) for key, value in differs.items()}


def _written(key: str, value: Any) -> Any:
    if key == "hidden":
        return [_stack(units, len(list(same))) for units, same in groupby(value)]
    if key in FAMILIES and isinstance(value, Mapping):
        return _technique(FAMILIES[key], value)
    return value


def _stack(units: int, layers: int) -> Any:
    return {"layers": layers, "units": units} if layers > 1 else units


def _technique(family: str, value: Mapping[str, Any]) -> Any:
    """A bare name, or a mapping with the arguments that are not the technique's own defaults."""
    own = catalogue.techniques(family)[value["name"]].defaults
    arguments = {key: part for key, part in value.items() if key != "name" and (key not in own or own[key] != part)}
    return {"name": value["name"], **arguments} if arguments else value["name"]
