"""Whether recipes can be compared: they may differ in the factor that a claim is about, and in nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from bythebook.claims.comparison import Comparison
from bythebook.claims.declaration import Claim
from bythebook.errors import Problems, unknown


def unfair(comparison: Comparison, recipes: Mapping[str, Mapping[str, Any]]) -> str | None:
    """Why these recipes are no comparison, in a sentence; None if they are one.

    Args:
        recipes: resolved recipes by arm; arms that are not among them, as sides of a probe, are not looked at.
    """
    compared = {arm: recipes[name] for arm in comparison.arms if (name := arm.partition("@")[0]) in recipes}
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
    """Notes every arm whose suite is declared and has no such recipe."""
    suites = {arm.partition("/")[0] for arm in recipes}
    for name in (arm.partition("@")[0] for arm in arms):
        if name.partition("/")[0] in suites and name not in recipes:
            problems.add(place, unknown("recipe", name, recipes))
