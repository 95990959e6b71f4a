"""A suite of recipes that answers one question, as one YAML file declares it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from bythebook.documents import read_yaml
from bythebook.errors import Problems, UserError
from bythebook.overrides import Overrides
from bythebook.records.recipe import Recipe
from bythebook.validation import STRICT, validated

NAME = re.compile(r"[a-z][a-z0-9_]*")


class SuiteFile(BaseModel):
    """What a suite's file may hold; ``question`` and every recipe's ``about`` are for readers and retrain nothing."""

    model_config = STRICT
    question: str
    defaults: dict[str, Any] = {}
    recipes: dict[str, Any]


@dataclass(frozen=True)
class NamedRecipe:
    """One recipe of a suite, resolved."""

    name: str
    about: str
    recipe: Recipe


@dataclass(frozen=True)
class SuiteDeclaration:
    """A suite's question and its recipes in the order of its file."""

    name: str
    question: str
    arms: tuple[NamedRecipe, ...]

    def shortened(self, share: float) -> SuiteDeclaration:
        """The same with a share in (0, 1] of every recipe's epochs, rounded, at least one."""
        arms = [
            replace(arm, recipe={**arm.recipe, "epochs": max(1, round(share * arm.recipe["epochs"]))})
            for arm in self.arms
        ]
        return replace(self, arms=tuple(arms))


def read_declaration(path: Path, overrides: Overrides | None = None) -> SuiteDeclaration:
    """Reads and resolves a suite's file.

    Args:
        path: the YAML file; its stem is the suite's name.
        overrides: applied last to every recipe.

    Raises:
        UserError: with every problem of the file, and of the overrides.
    """
    where, overrides = path.name, overrides or Overrides()
    content = read_yaml(path)
    problems = Problems()
    if not isinstance(content, Mapping):
        raise UserError(f"{where}: a suite is a mapping with 'question', 'defaults' and 'recipes'.")
    with problems.collecting():
        validated(SuiteFile, dict(content), where)
    defaults, declared = content.get("defaults") or {}, content.get("recipes")
    arms = []
    with problems.collecting(), overrides.report_once():
        for name, delta in declared.items() if isinstance(declared, Mapping) else ():
            with problems.collecting():
                arms.append(_arm(str(name), delta, defaults, overrides, f"{where}: recipes.{name}"))
    if isinstance(declared, Mapping) and not declared:
        problems.add(f"{where}: recipes", "is empty; a suite compares at least one recipe.")
    problems.raise_if_any()
    return SuiteDeclaration(path.stem, content["question"], tuple(arms))


def _arm(name: str, delta: Any, defaults: Any, overrides: Overrides, where: str) -> NamedRecipe:
    if not NAME.fullmatch(name):
        raise UserError(f"{where}: a recipe's name is lower-case letters, digits and underscores; given '{name}'.")
    if not isinstance(delta, Mapping) or not isinstance(defaults, Mapping):
        raise UserError(f"{where}: a recipe is a mapping of what differs from the defaults; given {delta!r}.")
    about = delta.get("about", "")
    if not isinstance(about, str):
        raise UserError(f"{where}.about: must be a text; given {about!r}.")
    own = {key: value for key, value in delta.items() if key != "about"}
    return NamedRecipe(name, about, overrides.recipe({**defaults, **own}, where))
