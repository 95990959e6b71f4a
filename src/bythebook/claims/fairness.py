"""Whether recipes can be compared: they may differ in the factor that a claim is about, and in nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bythebook.claims.comparison import Comparison
from bythebook.claims.declaration import Claim
from bythebook.claims.measurable import Measurable
from bythebook.errors import Problems


def unfair(comparison: Comparison, recipes: Mapping[str, Mapping[str, Any]]) -> str | None:
    """Why these recipes are no comparison, in a sentence; None if they are one.

    Args:
        recipes: resolved recipes by arm; arms that are not among them, as sides of a probe, are not looked at.
    """
    named = [arm.partition("@")[0] for arm in comparison.arms]
    compared = {arm: recipes[arm] for name in named for arm in Measurable(recipes).matching(name)}
    for key in sorted({key for recipe in compared.values() for key in recipe} - set(comparison.factor)):
        values = [recipe.get(key) for recipe in compared.values()]
        if any(value != values[0] for value in values):
            allowed = ", ".join(comparison.factor) or "nothing"
            return f"is not a comparison: {', '.join(compared)} differ in '{key}', and may differ in {allowed}."
    return None


def check_declared(claims: Sequence[Claim], measurable: Measurable, where: str, problems: Problems) -> None:
    """Notes every arm and metric that a claim names and that will not be measured, and comparisons that are none.

    Args:
        where: the file of the claims.
    """
    for claim in claims:
        for index, comparison in enumerate(claim.comparisons):
            place = f"{where}: {claim.name}.comparisons.{index}"
            said = dict.fromkeys(said for asked in comparison.asked for said in measurable.problems(*asked))
            for sentence in said:
                problems.add(place, sentence)
            if unfairness := unfair(comparison, measurable.recipes):
                problems.add(place, unfairness)
