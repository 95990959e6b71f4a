"""A guideline: the recipe a rule of thumb recommends, and the space around it that keeps to the rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bythebook import catalogue, shapes
from bythebook.documents import read_yaml
from bythebook.errors import Problems, UserError
from bythebook.overrides import Overrides
from bythebook.records.recipe import Recipe
from bythebook.search import transfer_settings
from bythebook.search.method import Method, MethodFile, read_method
from bythebook.search.objectives import Objective
from bythebook.search.points import first_point, probe, recipe_at, without_strategy
from bythebook.search.settings import SearchSettings
from bythebook.search.space import STRATEGY, Assignment, Space
from bythebook.search.space_validation import read_space
from bythebook.search.transfer_settings import Reuse, read_reuse
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
    base: Recipe
    space: Space
    declared: dict[str, Any]
    first: Assignment
    method: Method
    reuse: Reuse | None = None

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """What it is searched by, the most important first."""
        return self.method.objectives

    def shape_problem(self, shape: Sequence[int | None]) -> str | None:
        """Why nets of some point cannot be trained on examples of this shape, in a sentence; None if all can."""
        # As if every augmentation that can be were there: whichever it is, it asks the same of the shape.
        moving = any(path.partition(".")[0] == "augmentation" for path in self.space)
        augmentation = self.base["augmentation"] or ({"name": "any"} if moving else None)
        recipes: list[Recipe] = [{**self.base, "augmentation": augmentation}]
        recipes += [self.reuse.model_a] if self.reuse else []
        return next((said for own in recipes if (said := shapes.shape_problem(own, shape))), None)

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

    def recipe(self, values: Mapping[str, Any]) -> Recipe:
        """The resolved recipe at one point of the space."""
        return without_strategy(self._at(values))

    def strategy(self, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """The resolved strategy at one point; None where nothing is reused."""
        return self._at(values).get(STRATEGY)

    def _at(self, values: Mapping[str, Any]) -> dict[str, Any]:
        whole = {**self.base, STRATEGY: self.reuse.strategy} if self.reuse else self.base
        return recipe_at(whole, values, self.name)


def read_guideline(path: Path, overrides: Overrides | None = None) -> Guideline:
    """Reads a guideline's file and proves that its space can be searched.

    The proof tries the ends of every range and every choice in many random combinations, so that a value or a
    combination no recipe may have is refused here and not in the middle of a search.

    Args:
        path: the YAML file; its stem is the guideline's name.
        overrides: applied last to the base and to model A; a path that the space varies is refused.

    Raises:
        UserError: with every problem of the file, and of the overrides.
    """
    where, content, overrides = path.name, read_yaml(path), overrides or Overrides()
    if not isinstance(content, Mapping):
        raise UserError(f"{where}: a guideline is a mapping with 'question', 'base' and 'space'.")
    problems, given = Problems(), dict(content)
    # What the file does have is looked at all the same, so that the user is told everything at once.
    with problems.collecting():
        validated(GuidelineFile, given, where)
    about_transfer = any(given.get(key) is not None for key in transfer_settings.KEYS)
    model_a = _mapping(given, "model_a")
    reuse, base, space, method = None, None, None, None
    with problems.collecting(), overrides.report_once():
        reuse = read_reuse({**given, "model_a": model_a}, overrides, where, problems)
        base = overrides.recipe({**(model_a or {}), **(_mapping(given, "base") or {})}, f"{where}: base")
    with problems.collecting():
        if isinstance(given.get("space"), Mapping):
            space = read_space(given["space"], f"{where}: space", (STRATEGY,) if about_transfer else ())
    with problems.collecting():
        method = _method(given, space, where, about_transfer)
    for overridden in sorted(set(overrides.values) & set(space or ())):
        problems.add(f"{where}: space.{overridden}", "is searched and cannot be overridden as well.")
    problems.raise_if_any()
    assert base is not None and space is not None and method is not None
    if reuse:
        base = {**base, "epochs": catalogue.build(STRATEGY, reuse.strategy).epochs}
    first = _proven(base, space, reuse, where)
    return Guideline(path.stem, given["question"], base, space, given["space"], first, method, reuse)


def _mapping(given: Mapping[str, Any], key: str) -> dict[str, Any] | None:
    """A part of the file, None if it has none; whatever is no mapping was told of before, and is empty here."""
    part = given.get(key)
    return None if part is None else dict(part) if isinstance(part, Mapping) else {}


def _proven(base: Mapping[str, Any], space: Space, reuse: Reuse | None, where: str) -> Assignment:
    """The point that gives the base, once every point has been found to be a recipe that can be trained."""
    whole, place = base, f"{where}: space"
    if reuse:
        whole = {**base, STRATEGY: reuse.strategy}
        transfer_settings.check(whole, reuse.model_a, f"{where}: base")
    probe(whole, space, place, lambda found: transfer_settings.check(found, reuse.model_a, place) if reuse else None)
    return first_point(whole, space, place)


def _method(given: Mapping[str, Any], space: Space | None, where: str, in_phases: bool) -> Method | None:
    """How it is searched; None if what the file says of it does not fit the schema, which was told before."""
    try:
        declared = MethodFile.model_validate({key: given[key] for key in MethodFile.model_fields if key in given})
    except ValidationError:
        return None
    return read_method(declared, space, where, in_phases)
