"""From a point of a space to the recipe that it stands for, and back from a guideline's own recipe to its point.

A recipe here may have one key more: the ``strategy`` of a guideline that is about transfer.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, cast

from bythebook import catalogue, recipe
from bythebook.errors import Problems, UserError
from bythebook.records.recipe import Recipe
from bythebook.search.space import DEPTH, STRATEGY, WIDTH, Assignment, Parameter, Space, assign, label

PROBES = 300
Check = Callable[[Mapping[str, Any]], None]


def recipe_at(base: Mapping[str, Any], values: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The resolved recipe at one point.

    Args:
        base: the guideline's own.
        values: every path that the space decides, with its value.
        where: the path shown in errors.

    Raises:
        UserError: no recipe may be so.
    """
    overrides = {path: deepcopy(value) for path, value in values.items() if path not in (DEPTH, WIDTH)}
    if DEPTH in values or WIDTH in values:
        depth, width = values.get(DEPTH, len(base["hidden"])), values.get(WIDTH) or _width(base)
        if width is None:
            raise UserError(f"{where}.{DEPTH}: the base's layers {base['hidden']} differ in width; vary {WIDTH} too.")
        overrides["hidden"] = [width] * depth
    for path, value in overrides.items():
        if path in (*recipe.FAMILY_OF, STRATEGY) and isinstance(value, str):
            overrides[path] = {"name": value}
    # A technique comes before its own arguments, wherever the space declares them.
    ordered = {path: overrides[path] for path in sorted(overrides, key=lambda path: path.count("."))}
    own = {path: value for path, value in ordered.items() if path.split(".")[0] != STRATEGY}
    found = recipe.with_overrides({key: part for key, part in base.items() if key != STRATEGY}, own, where)
    recipe.refuse_pretraining(found, where)
    if STRATEGY not in base:
        return dict(found)
    strategy = _strategy(base[STRATEGY], ordered, where)
    return {**found, "epochs": catalogue.build(STRATEGY, strategy).epochs, STRATEGY: strategy}


def without_strategy(point: Mapping[str, Any]) -> Recipe:
    """Return the recipe of what :func:`recipe_at` gives."""
    return cast(Recipe, {key: value for key, value in point.items() if key != STRATEGY})


def _strategy(base: Mapping[str, Any], ordered: Mapping[str, Any], where: str) -> dict[str, Any]:
    declared: Any = deepcopy(dict(base))
    for path, value in ordered.items():
        root, _, argument = path.partition(".")
        if path == STRATEGY:
            declared = value
        elif root == STRATEGY and isinstance(declared, dict):
            declared[argument] = value
    return catalogue.resolve(STRATEGY, declared, f"{where}.{STRATEGY}")


def _width(base: Mapping[str, Any]) -> int | None:
    widths = set(base["hidden"])
    return widths.pop() if len(widths) == 1 else None


def probe(base: Mapping[str, Any], space: Space, where: str, check: Check) -> None:
    """Proves that every point is a recipe, by the ends of ranges and all choices in many random combinations.

    Args:
        check: raises a UserError for a recipe that cannot be trained.

    Raises:
        UserError: with everything that some point is refused for.
    """
    chance = random.Random(0)
    found: dict[str, None] = {}
    for _ in range(PROBES):
        point = assign(space, lambda parameter: chance.choice(parameter.domain.extremes))
        try:
            check(recipe_at(base, point.values, where))
        except UserError as error:
            found.update(dict.fromkeys(error.problems))
    if found:
        raise UserError(*found)


def first_point(base: Mapping[str, Any], space: Space, where: str) -> Assignment:
    """The point of the space that gives the base.

    Raises:
        UserError: there is none.
    """
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
        return recipe_at(base, {path: value, **decided}, where) == base
    except UserError:
        return False


def _at(base: Mapping[str, Any], path: str) -> Any:
    value: Any = base
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
