"""A guideline: the recipe a rule of thumb recommends, and the space around it that keeps to the rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bythebook import catalogue, recipe, shapes
from bythebook.documents import read_yaml
from bythebook.errors import Problems, UserError
from bythebook.search import reusing
from bythebook.search.checks import read_space
from bythebook.search.method import Method, MethodFile, read_method
from bythebook.search.objectives import Objective
from bythebook.search.points import first_point, probe, recipe_at
from bythebook.search.reusing import Reuse, read_reuse
from bythebook.search.settings import SearchSettings
from bythebook.search.space import STRATEGY, Assignment, Space
from bythebook.validation import validated


class GuidelineFile(MethodFile):
    """What a guideline's file may hold; ``question`` is for readers and changes no number.

    Attributes:
        base: what the guideline recommends; about transfer, what task B's net changes in model A's recipe.
        task: an A/B task, with ``model_a`` and ``strategy``: trials learn task B on layers of a net for task A.
    """

    question: str
    base: dict[str, Any]
    space: dict[str, Any]
    task: str | None = None
    model_a: dict[str, Any] | None = None
    strategy: Any = None


@dataclass(frozen=True)
class Guideline:
    """A guideline as its file declares it.

    Attributes:
        name: the file's stem.
        question: what its search answers.
        base: the resolved recipe that the guideline recommends; trial 0.
        space: what a search varies.
        declared: the space as the file has it.
        first: the point of the space that gives ``base``.
        method: how it is searched.
        reuse: what trials reuse, or None for nets that start from their initial weights on the whole data set.
    """

    name: str
    question: str
    base: dict[str, Any]
    space: Space
    declared: dict[str, Any]
    first: Assignment
    method: Method
    reuse: Reuse | None = None

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """What it is searched by, the most important first."""
        return self.method.objectives

    def misfit(self, shape: Sequence[int | None]) -> str | None:
        """Why nets of some point cannot be trained on examples of this shape, in a sentence; None if all can."""
        # As if every augmentation that can be were there: whichever it is, it asks the same of the shape.
        moving = any(path.partition(".")[0] == "augmentation" for path in self.space)
        recipes = [{**self.base, "augmentation": self.base["augmentation"] or moving}]
        recipes += [self.reuse.model_a] if self.reuse else []
        return next((said for own in recipes if (said := shapes.misfit(own, shape))), None)

    def settings(self, trials: int, seed: int, in_flight: int) -> SearchSettings:
        """The knobs of its search; ``trials`` is the budget of a guideline that names none of its own."""
        method = self.method
        return SearchSettings(
            trials=method.trials or trials,
            seed=seed,
            in_flight=in_flight,
            sampler=method.sampler,
            pruner=method.pruner,
        )

    def recipe(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The resolved recipe at one point of the space."""
        return {key: value for key, value in self._at(values).items() if key != STRATEGY}

    def strategy(self, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """The resolved strategy at one point; None where nothing is reused."""
        return self._at(values).get(STRATEGY)

    def _at(self, values: Mapping[str, Any]) -> dict[str, Any]:
        whole = {**self.base, STRATEGY: self.reuse.strategy} if self.reuse else self.base
        return recipe_at(whole, values, self.name)


def read_guideline(path: Path, overrides: Mapping[str, Any] | None = None) -> Guideline:
    """Reads a guideline's file and proves that its space can be searched.

    The proof tries the ends of every range and every choice in many random combinations, so that a value or a
    combination no recipe may have is refused here and not in the middle of a search.

    Args:
        path: the YAML file; its stem is the guideline's name.
        overrides: dotted recipe path to value, applied to the base and to model A; a path that the space varies is
            refused.

    Raises:
        UserError: with every problem of the file.
    """
    where = path.name
    content = validated(GuidelineFile, read_yaml(path), where)
    problems = Problems()
    reuse = read_reuse(content.model_dump(include=set(reusing.KEYS)), overrides, where, problems)
    base = _base({**(content.model_a or {}), **content.base}, overrides, where, problems)
    space, method = None, None
    try:
        space = read_space(content.space, f"{where}: space", (STRATEGY,) if reuse else ())
    except UserError as error:
        problems.extend(error)
    try:
        method = read_method(content, space, where, reuse is not None)
    except UserError as error:
        problems.extend(error)
    for overridden in sorted(set(overrides or ()) & set(space or ())):
        problems.add(f"{where}: space.{overridden}", "is searched and cannot be overridden as well.")
    problems.raise_if_any()
    assert base is not None and space is not None and method is not None
    whole, place = base, f"{where}: space"
    if reuse:
        base = {**base, "epochs": catalogue.build(STRATEGY, reuse.strategy).epochs}
        whole = {**base, STRATEGY: reuse.strategy}
        reusing.check(whole, reuse.model_a, f"{where}: base")
    probe(whole, space, place, lambda found: reusing.check(found, reuse.model_a, place) if reuse else None)
    first = first_point(whole, space, place)
    return Guideline(path.stem, content.question, base, space, content.space, first, method, reuse)


def _base(
    declared: Mapping[str, Any], overrides: Mapping[str, Any] | None, where: str, problems: Problems
) -> dict[str, Any] | None:
    try:
        base = recipe.resolve(declared, f"{where}: base")
        base = recipe.with_overrides(base, overrides, where) if overrides else base
        recipe.refuse_pretraining(base, f"{where}: base")
    except UserError as error:
        problems.extend(error)
        return None
    return base
