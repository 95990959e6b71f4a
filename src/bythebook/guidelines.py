"""The chapter's guidelines as rules over a resolved recipe.

A rule gives advice with its reason and its source. Advice is shown by ``bythebook check``; it never changes a recipe
and never refuses one.
"""

from __future__ import annotations

from collections.abc import Callable

from bythebook.records.recipe import Recipe, TechniqueKey

DEEP = 10  # hidden layers, from which on a plain net needs help against vanishing gradients
LARGEST_DROPOUT = 0.6
FAST_FOR_ADAPTIVE = 0.01
UNSEEN_BY_FLOAT32 = 2.0**-25  # collecting a smaller share of a number away gives the number again
WITH_MOMENTUM = ("sgd", "momentum", "nesterov")  # or one parameter away from it
ADAPTIVE = ("adam", "adamax", "adamw", "nadam", "rmsprop")

Rule = Callable[[Recipe], str | None]

_rules: list[Rule] = []


def rule(function: Rule) -> Rule:
    """Registers a rule: it returns advice for a recipe, or None."""
    _rules.append(function)
    return function


def rules() -> tuple[Rule, ...]:
    """Every registered rule."""
    return tuple(_rules)


def advice(recipe: Recipe) -> list[str]:
    """What the guidelines say about a resolved recipe, each with its source."""
    return [said for said in (check(recipe) for check in _rules) if said]


def _name(recipe: Recipe, key: TechniqueKey) -> str:
    return (recipe[key] or {}).get("name", "none")


def _self_normalizing(recipe: Recipe) -> bool:
    return _name(recipe, "activation") == "selu"


@rule
def selu_without_batch_norm(recipe: Recipe) -> str | None:
    """A self-normalizing net needs no batch norm."""
    if _self_normalizing(recipe) and recipe["normalizer"]:
        return (
            "SELU with batch norm: a self-normalizing net keeps mean 0 and deviation 1 by itself; leave batch norm out"
            " (chapter 11, guideline table; Klambauer et al. 2017)."
        )
    return None


@rule
def selu_wants_lecun(recipe: Recipe) -> str | None:
    """SELU self-normalizes only from LeCun initialization."""
    if _self_normalizing(recipe) and not _name(recipe, "initializer").startswith("lecun"):
        return (
            f"SELU with {_name(recipe, 'initializer')}: self-normalization needs lecun_normal"
            " (chapter 11, Nonsaturating Activation Functions; Klambauer et al. 2017)."
        )
    return None


@rule
def selu_wants_standardized_inputs(recipe: Recipe) -> str | None:
    """SELU self-normalizes only standardized inputs."""
    if _self_normalizing(recipe) and recipe["scaling"] != "standardized":
        return (
            "SELU on inputs in [0, 1]: self-normalization needs standardized inputs"
            " (chapter 11, Nonsaturating Activation Functions)."
        )
    return None


@rule
def selu_without_weight_penalties(recipe: Recipe) -> str | None:
    """Penalties, max-norm and plain dropout break self-normalization."""
    present = [key for key in ("regularizer", "constraint") if recipe[key]]
    if _name(recipe, "dropout") == "dropout":
        present.append("dropout (use alpha_dropout)")
    if _self_normalizing(recipe) and present:
        return (
            f"SELU with {', '.join(present)}: they break self-normalization"
            " (chapter 11, guideline table; Klambauer et al. 2017)."
        )
    return None


@rule
def he_is_for_rectifiers(recipe: Recipe) -> str | None:
    """He initialization is for ReLU and its variants, Glorot for S-shaped activations."""
    if _name(recipe, "initializer").startswith("he_") and _name(recipe, "activation") in ("tanh", "sigmoid"):
        return (
            f"He initialization with {_name(recipe, 'activation')}: S-shaped activations want Glorot"
            " (chapter 11, table of initialization; Glorot and Bengio 2010, He et al. 2015)."
        )
    return None


@rule
def augmentation_wants_plain_pixels(recipe: Recipe) -> str | None:
    """A moved pixel has the mean of another place."""
    if recipe["augmentation"] and recipe["scaling"] == "standardized":
        return (
            "augmentation of standardized images: each pixel was centred at its own place, and a moved one is not; use"
            " the scaling unit (source note S001)."
        )
    return None


@rule
def patience_within_the_run(recipe: Recipe) -> str | None:
    """Early stopping must be able to stop."""
    stopping = recipe["early_stopping"]
    if stopping and stopping["patience"] >= recipe["epochs"]:
        return (
            f"early stopping with patience {stopping['patience']} in a run of {recipe['epochs']} epochs never stops"
            " (chapter 4, Early Stopping)."
        )
    return None


@rule
def weights_start_different(recipe: Recipe) -> str | None:
    """Equal weights never become different."""
    if _name(recipe, "initializer") == "constant":
        return (
            "constant initial weights: all neurons of a layer stay equal, as if it had one neuron"
            " (chapter 11, exercise 1)."
        )
    return None


@rule
def deep_nets_want_normalization(recipe: Recipe) -> str | None:
    """A deep net needs batch norm, or to normalize itself."""
    depth = len(recipe["hidden"])
    if depth >= DEEP and not recipe["normalizer"] and not _self_normalizing(recipe):
        return (
            f"{depth} hidden layers without normalization: gradients vanish or explode; use batch norm, or SELU with"
            " LeCun initialization (chapter 11, guideline tables)."
        )
    return None


@rule
def saturating_activations_are_for_shallow_nets(recipe: Recipe) -> str | None:
    """S-shaped activations saturate, and gradients vanish through many of them."""
    depth = len(recipe["hidden"])
    if depth > 2 and _name(recipe, "activation") in ("sigmoid", "tanh"):
        return (
            f"{_name(recipe, 'activation')} in {depth} hidden layers: it saturates and gradients vanish; prefer ReLU or"
            " ELU (chapter 11, The Vanishing/Exploding Gradients Problems; Glorot and Bengio 2010)."
        )
    return None


@rule
def classes_want_cross_entropy(recipe: Recipe) -> str | None:
    """The squared error of saturated outputs has almost no gradient."""
    if _name(recipe, "loss") == "mean_squared_error":
        return (
            f"mean squared error on a {recipe['output']} output: its gradient vanishes where the output saturates; use"
            " cross-entropy (source note S004)."
        )
    return None


@rule
def one_cycle_wants_momentum(recipe: Recipe) -> str | None:
    """1cycle lowers the momentum while it raises the learning rate."""
    optimizer = _name(recipe, "optimizer")
    if _name(recipe, "schedule") == "one_cycle" and optimizer in WITH_MOMENTUM:
        return (
            f"1cycle and {optimizer}: the method also moves the momentum against the learning rate; use"
            " one_cycle_with_momentum, with the optimizer momentum or nesterov"
            " (chapter 11, Learning Rate Scheduling; Smith 2018)."
        )
    return None


@rule
def adagrad_stops_early(recipe: Recipe) -> str | None:
    """AdaGrad slows down before it arrives."""
    if _name(recipe, "optimizer") == "adagrad":
        return "AdaGrad: it often stops before a deep net has learned; prefer RMSProp or Adam (chapter 11, AdaGrad)."
    return None


@rule
def adaptive_steps_want_small_rates(recipe: Recipe) -> str | None:
    """Adaptive optimizers step by about the learning rate, whatever the gradient."""
    optimizer, rate = _name(recipe, "optimizer"), recipe["optimizer"]["learning_rate"]
    if optimizer in ADAPTIVE and rate > FAST_FOR_ADAPTIVE:
        return (
            f"{optimizer} with a learning rate of {rate:g}: each step is about that long; start from 0.001"
            " (chapter 11, Adam; Kingma and Ba 2015)."
        )
    return None


@rule
def weight_decay_that_acts(recipe: Recipe) -> str | None:
    """A decay that rounding swallows is none."""
    optimizer = recipe["optimizer"]
    share = optimizer["learning_rate"] * optimizer.get("weight_decay", 0)
    if 0 < share < UNSEEN_BY_FLOAT32:
        return (
            f"{optimizer['name']} with a weight decay of {optimizer['weight_decay']:g}: times the learning rate that is"
            f" {share:.1g} of a weight at a step, which float32 rounds away; try 0.004 (chapter 11, AdamW)."
        )
    return None


@rule
def dropout_leaves_something(recipe: Recipe) -> str | None:
    """Too much dropout underfits."""
    if recipe["dropout"] and recipe["dropout"]["rate"] > LARGEST_DROPOUT:
        return (
            f"a dropout rate of {recipe['dropout']['rate']:g}: dense layers want 0.1 to 0.5"
            " (chapter 11, Dropout; Srivastava et al. 2014)."
        )
    return None
