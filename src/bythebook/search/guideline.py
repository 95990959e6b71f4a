"""A guideline: the recipe a rule of thumb recommends, and the space around it that keeps to the rule."""

from __future__ import annotations

import random
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from bythebook import recipe
from bythebook.documents import read_yaml
from bythebook.errors import Problems, UserError
from bythebook.search.checks import read_space
from bythebook.search.space import DEPTH, WIDTH, Assignment, Parameter, Space, assign, label
from bythebook.validation import validated

PROBES = 300


class GuidelineFile(BaseModel):
    """What a guideline's file may hold; ``question`` is for readers and changes no number."""

    model_config = recipe.STRICT
    question: str
    base: dict[str, Any]
    space: dict[str, Any]


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
    """

    name: str
    question: str
    base: dict[str, Any]
    space: Space
    declared: dict[str, Any]
    first: Assignment

    def recipe(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The resolved recipe at one point of the space."""
        return _recipe(self.base, values, self.name)


def read_guideline(path: Path, overrides: Mapping[str, Any] | None = None) -> Guideline:
    """Reads a guideline's file and proves that its space can be searched.

    The proof tries the ends of every range and every choice in many random combinations, so that a value or a
    combination no recipe may have is refused here and not in the middle of a search.

    Args:
        path: the YAML file; its stem is the guideline's name.
        overrides: dotted recipe path to value, applied to the base; a path that the space varies is refused.

    Raises:
        UserError: with every problem of the file.
    """
    where = path.name
    content = validated(GuidelineFile, read_yaml(path), where)
    problems = Problems()
    base, space = None, None
    try:
        base = recipe.resolve(content.base, f"{where}: base")
        base = recipe.with_overrides(base, overrides, where) if overrides else base
        recipe.refuse_pretraining(base, f"{where}: base")
    except UserError as error:
        problems.extend(error)
    try:
        space = read_space(content.space, f"{where}: space")
    except UserError as error:
        problems.extend(error)
    for overridden in sorted(set(overrides or ()) & set(space or ())):
        problems.add(f"{where}: space.{overridden}", "is searched and cannot be overridden as well.")
    problems.raise_if_any()
    assert base is not None and space is not None
    _probe(base, space, f"{where}: space")
    return Guideline(path.stem, content.question, base, space, content.space, _first(base, space, f"{where}: space"))


def _recipe(base: Mapping[str, Any], values: Mapping[str, Any], where: str) -> dict[str, Any]:
    overrides = {path: deepcopy(value) for path, value in values.items() if path not in (DEPTH, WIDTH)}
    if DEPTH in values or WIDTH in values:
        depth, width = values.get(DEPTH, len(base["hidden"])), values.get(WIDTH) or _width(base)
        if width is None:
            raise UserError(f"{where}.{DEPTH}: the base's layers {base['hidden']} differ in width; vary {WIDTH} too.")
        overrides["hidden"] = [width] * depth
    for path, value in overrides.items():
        if path in recipe.FAMILY_OF and isinstance(value, str):
            overrides[path] = {"name": value}
    # A technique comes before its own arguments, wherever the space declares them.
    ordered = sorted(overrides, key=lambda path: path.count("."))
    found = recipe.with_overrides(base, {path: overrides[path] for path in ordered}, where)
    recipe.refuse_pretraining(found, where)
    return found


def _width(base: Mapping[str, Any]) -> int | None:
    widths = set(base["hidden"])
    return widths.pop() if len(widths) == 1 else None


def _probe(base: Mapping[str, Any], space: Space, where: str) -> None:
    chance = random.Random(0)
    found: dict[str, None] = {}
    for _ in range(PROBES):
        point = assign(space, lambda parameter: chance.choice(parameter.domain.extremes))
        try:
            _recipe(base, point.values, where)
        except UserError as error:
            found.update(dict.fromkeys(error.problems))
    if found:
        raise UserError(*found)


def _first(base: Mapping[str, Any], space: Space, where: str) -> Assignment:
    """The point of the space that gives the base."""
    problems = Problems()

    def own(parameter: Parameter) -> Any:
        value = _own_value(base, space, parameter, where)
        if not parameter.domain.holds(value):
            problems.add(f"{where}.{parameter.path}", f"does not hold the base's own value {label(value)}.")
        return value

    point = assign(space, own)
    problems.raise_if_any()
    for path, value in point.values.items():
        if path not in point.drawn and not _gives(base, space, path, value, where):
            problems.add(f"{where}.{path}", f"says {label(value)} where the base has {label(_at(base, path))}.")
    problems.raise_if_any()
    return point


def _own_value(base: Mapping[str, Any], space: Space, parameter: Parameter, where: str) -> Any:
    """The base's value of a parameter, as the space writes it."""
    if parameter.path == DEPTH:
        return len(base["hidden"])
    if parameter.path == WIDTH:
        return _width(base)
    options = parameter.domain.choices or ()
    same = (option for option in options if _gives(base, space, parameter.path, option, where))
    return next(same, _at(base, parameter.path))


def _gives(base: Mapping[str, Any], space: Space, path: str, value: Any, where: str) -> bool:
    """Whether the base has this value, leaving aside a technique's arguments that the space decides elsewhere."""
    arguments = {part: _at(base, part) for part in space if part.startswith(f"{path}.")}
    decided = {part: own for part, own in arguments.items() if own is not None}
    try:
        return _recipe(base, {path: value, **decided}, where) == base
    except UserError:
        return False


def _at(base: Mapping[str, Any], path: str) -> Any:
    value: Any = base
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
