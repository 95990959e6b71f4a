"""A transfer study as one YAML file declares it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from bythebook import catalogue
from bythebook import techniques as techniques  # fills the catalogue
from bythebook.datasets.pairs import Cut, cut_of
from bythebook.documents import read_yaml
from bythebook.errors import Problems, UserError
from bythebook.overrides import Overrides
from bythebook.records.recipe import Recipe, Technique
from bythebook.techniques.strategies import NONE, TASK_A
from bythebook.transfer.findings import BASELINE
from bythebook.validation import STRICT, validated

TASK_B = "task_b"


class StudyFile(BaseModel):
    """What a study's file may hold; ``pairs`` and ``labels`` are read by :mod:`bythebook.datasets.pairs`."""

    model_config = STRICT
    question: str
    strategies: Any
    model_a: dict[str, Any]
    model_b: dict[str, Any]
    pretraining: dict[str, Any] = {}
    follow_model_a: bool = False
    pairs: Any = None
    labels: Any = None


@dataclass(frozen=True)
class Study:
    """A transfer study, resolved.

    Attributes:
        cut: the tasks it is run on, and the label budgets of task B.
        strategies: by name, as the catalogue resolves them, first the baseline that the others are compared with.
        sources: the recipe of every net whose layers a strategy reuses: ``task_a``, ``reconstruction``, ``rotation``.
        recipe_b: of all nets for task B; its epochs are those of every strategy.
        follow_model_a: whether records say how well model A would do with its layers as task B leaves them.
    """

    name: str
    question: str
    cut: Cut
    strategies: Mapping[str, Technique]
    sources: Mapping[str, Recipe]
    recipe_b: Recipe
    follow_model_a: bool = False

    @property
    def recipes(self) -> dict[str, Recipe]:
        """Every recipe that it trains, by what it is for."""
        return {**self.sources, TASK_B: self.recipe_b}


def read_study(path: Path, overrides: Overrides | None = None) -> Study:
    """Reads and resolves a study's file; its stem is the study's name.

    Args:
        overrides: applied last to all recipes.

    Raises:
        UserError: with every problem of the file, and of the overrides.
    """
    where, content = path.name, read_yaml(path)
    if not isinstance(content, Mapping):
        raise UserError(f"{where}: a study is a mapping with {', '.join(StudyFile.model_fields)}.")
    problems = Problems()
    given = dict(content)
    # What the file does have is looked at all the same, so that the user is told everything at once.
    with problems.collecting():
        validated(StudyFile, given, where)
    cut = cut_of(given, where, problems)
    strategies = _strategies(given.get("strategies"), where, problems) if "strategies" in given else {}
    recipes = _recipes(given, strategies, overrides or Overrides(), where, problems)
    problems.raise_if_any()
    built = {name: catalogue.build("strategy", resolved) for name, resolved in strategies.items()}
    _check_together(built, recipes, where, problems)
    problems.raise_if_any()
    recipe_b: Recipe = {**recipes.pop(TASK_B), "epochs": built[BASELINE].epochs}
    follow = given.get("follow_model_a", False)
    return Study(path.stem, given["question"], cut, strategies, recipes, recipe_b, follow)


def _strategies(given: Any, where: str, problems: Problems) -> dict[str, Technique]:
    """The strategies by name, the baseline first."""
    here = f"{where}: strategies"
    if not isinstance(given, list) or not given:
        problems.add(here, f"a list is expected, {BASELINE} and what is compared with it; given {given!r}.")
        return {}
    found = []
    for index, declared in enumerate(given):
        with problems.collecting():
            found.append(catalogue.resolve("strategy", declared, f"{here}.{index}"))
    named = {strategy["name"]: strategy for strategy in found}
    for name, count in Counter(strategy["name"] for strategy in found).items():
        if count > 1:
            problems.add(here, f"{name} stands {count} times; a strategy stands once.")
    if len(found) == len(given) and BASELINE not in named:
        problems.add(here, f"{BASELINE} is missing, which all others are compared with.")
    elif len(found) == len(given) and len(named) < 2:
        problems.add(here, f"{BASELINE} alone compares nothing; name at least one more.")
    return dict(sorted(named.items(), key=lambda item: item[0] != BASELINE))


def _recipes(
    given: Mapping[str, Any],
    strategies: Mapping[str, Mapping[str, Any]],
    overrides: Overrides,
    where: str,
    problems: Problems,
) -> dict[str, Recipe]:
    """The resolved recipe of every source that a strategy names, and of ``task_b``."""
    # Whatever is no mapping was told of before.
    model_a, model_b, unlabelled = (
        dict(part) if isinstance(part := given.get(key), Mapping) else {}
        for key in ("model_a", "model_b", "pretraining")
    )
    deltas = {TASK_A: ("model_a", model_a), TASK_B: ("model_b", {**model_a, **model_b})}
    for strategy in strategies.values():
        source = catalogue.build("strategy", strategy).source
        if source not in (NONE, TASK_A):
            deltas[source] = ("pretraining", {**model_a, **unlabelled, "target": source})
    found = {}
    with problems.collecting(), overrides.report_once():
        for part, (key, delta) in deltas.items():
            with problems.collecting():
                found[part] = overrides.recipe(delta, f"{where}: {key}", pretrains=key == "pretraining")
    return found


def _check_together(
    built: Mapping[str, Any], recipes: Mapping[str, Mapping[str, Any]], where: str, problems: Problems
) -> None:
    """Notes what makes strategies and recipes no fair comparison, or impossible."""
    for part, key in ((TASK_B, "model_b"), ("reconstruction", "pretraining"), ("rotation", "pretraining")):
        if part in recipes and recipes[part]["hidden"] != recipes[TASK_A]["hidden"]:
            problems.add(f"{where}: {key}.hidden", "lower layers can be copied only between equal stacks of layers.")
    epochs = {name: strategy.epochs for name, strategy in built.items()}
    if len(set(epochs.values())) > 1:
        listed = ", ".join(f"{name} {count}" for name, count in epochs.items())
        problems.add(f"{where}: strategies", f"are compared after equally many epochs on task B; given {listed}.")
    for name, strategy in built.items():
        try:
            strategy.reused_of(len(recipes[TASK_B]["hidden"]))
        except UserError as error:
            problems.add(f"{where}: strategies.{name}", str(error))
