"""Whether recipes can be compared: they may differ in the factor that a claim is about, and in nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from bythebook.claims.comparison import Comparison
from bythebook.claims.declaration import Claim
from bythebook.errors import Problems, unknown


def unfair(comparison: Comparison, recipes: Mapping[str, Mapping[str, Any]]) -> str | None:
    """Why these recipes are no comparison, in a sentence; None if they are one.

    Args:
        recipes: resolved recipes by arm; arms that are not among them, as sides of a probe, are not looked at.
    """
    named = [arm.partition("@")[0] for arm in comparison.arms]
    compared = {arm: recipes[arm] for name in named for arm in _matching(name, recipes)}
    for key in sorted({key for recipe in compared.values() for key in recipe} - set(comparison.factor)):
        values = [recipe.get(key) for recipe in compared.values()]
        if any(value != values[0] for value in values):
            allowed = ", ".join(comparison.factor) or "nothing"
            return f"is not a comparison: {', '.join(compared)} differ in '{key}', and may differ in {allowed}."
    return None


def check_declared(
    claims: Sequence[Claim], recipes: Mapping[str, Mapping[str, Any]], where: str, problems: Problems
) -> None:
    """Notes every recipe that a claim names and its suite does not have, and every comparison that is none.

    Args:
        recipes: the resolved recipes of all declared suites, by ``suite/recipe``.
        where: the file of the claims.
    """
    for claim in claims:
        for index, comparison in enumerate(claim.comparisons):
            place = f"{where}: {claim.name}.comparisons.{index}"
            check_named(comparison.arms, recipes, place, problems)
            if sentence := unfair(comparison, recipes):
                problems.add(place, sentence)


def check_named(arms: Iterable[str], recipes: Collection[str], place: str, problems: Problems) -> None:
    """Notes every arm whose suite is declared, and on that task if it has tasks, and has no such recipe."""
    declared = {group for arm in recipes for group in (arm.partition("/")[0], _group(arm))}
    for name in (arm.partition("@")[0] for arm in arms):
        group = name.partition("/")[0] if "*" in name else _group(name)
        if group in declared and not _matching(name, recipes):
            problems.add(place, unknown("recipe", name, recipes))


def _matching(name: str, recipes: Collection[str]) -> list[str]:
    """The recipe of that name; with a ``*`` in it, of every name that it stands for."""
    if "*" in name:
        return [arm for arm in recipes if fnmatchcase(arm, name)]
    return [name] if name in recipes else []


def _group(arm: str) -> str:
    """``suite``, or ``suite/task`` of an arm of a study."""
    return arm.partition(".")[0] if "." in arm else arm.partition("/")[0]
