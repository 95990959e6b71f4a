"""The chapter's guidelines as rules over a resolved recipe.

A rule gives advice with its reason and its source. Advice is shown by ``bythebook check``; it never changes a recipe
and never refuses one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Rule = Callable[[Mapping[str, Any]], str | None]

_rules: list[Rule] = []


def rule(function: Rule) -> Rule:
    """Registers a rule: it returns advice for a recipe, or None."""
    _rules.append(function)
    return function


def rules() -> tuple[Rule, ...]:
    """Every registered rule."""
    return tuple(_rules)


def advice(recipe: Mapping[str, Any]) -> list[str]:
    """What the guidelines say about a resolved recipe, each with its source."""
    return [said for said in (check(recipe) for check in _rules) if said]


def _name(recipe: Mapping[str, Any], key: str) -> str:
    return (recipe[key] or {}).get("name", "none")


def _self_normalizing(recipe: Mapping[str, Any]) -> bool:
    return _name(recipe, "activation") == "selu"


@rule
def selu_without_batch_norm(recipe: Mapping[str, Any]) -> str | None:
    """A self-normalising net needs no batch norm."""
    if _self_normalizing(recipe) and recipe["normalizer"]:
        return (
            "SELU with batch norm: a self-normalising net keeps mean 0 and deviation 1 by itself; leave batch norm out"
            " (chapter 11, guideline table; Klambauer et al. 2017)."
        )
    return None


@rule
def selu_wants_lecun(recipe: Mapping[str, Any]) -> str | None:
    """SELU self-normalises only from LeCun initialisation."""
    if _self_normalizing(recipe) and not _name(recipe, "initializer").startswith("lecun"):
        return (
            f"SELU with {_name(recipe, 'initializer')}: self-normalisation needs lecun_normal"
            " (chapter 11, Nonsaturating Activation Functions; Klambauer et al. 2017)."
        )
    return None


@rule
def selu_wants_standardized_inputs(recipe: Mapping[str, Any]) -> str | None:
    """SELU self-normalises only standardised inputs."""
    if _self_normalizing(recipe) and recipe["scaling"] != "standardized":
        return (
            "SELU on inputs in [0, 1]: self-normalisation needs standardised inputs"
            " (chapter 11, Nonsaturating Activation Functions)."
        )
    return None


@rule
def selu_without_weight_penalties(recipe: Mapping[str, Any]) -> str | None:
    """Penalties, max-norm and plain dropout break self-normalisation."""
    present = [key for key in ("regularizer", "constraint") if recipe[key]]
    if _name(recipe, "dropout") == "dropout":
        present.append("dropout (use alpha_dropout)")
    if _self_normalizing(recipe) and present:
        return (
            f"SELU with {', '.join(present)}: they break self-normalisation"
            " (chapter 11, guideline table; Klambauer et al. 2017)."
        )
    return None


@rule
def he_is_for_rectifiers(recipe: Mapping[str, Any]) -> str | None:
    """He initialisation is for ReLU and its variants, Glorot for S-shaped activations."""
    if _name(recipe, "initializer").startswith("he_") and _name(recipe, "activation") in ("tanh", "sigmoid"):
        return (
            f"He initialisation with {_name(recipe, 'activation')}: S-shaped activations want Glorot"
            " (chapter 11, table of initialisation; Glorot and Bengio 2010, He et al. 2015)."
        )
    return None


@rule
def patience_within_the_run(recipe: Mapping[str, Any]) -> str | None:
    """Early stopping must be able to stop."""
    stopping = recipe["early_stopping"]
    if stopping and stopping["patience"] >= recipe["epochs"]:
        return (
            f"early stopping with patience {stopping['patience']} in a run of {recipe['epochs']} epochs never stops"
            " (chapter 4, Early Stopping)."
        )
    return None
