"""Reusing the lower layers of another run's net."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from bythebook import metrics, network
from bythebook.errors import Problems, UserError
from bythebook.records.recipe import Recipe
from bythebook.records.run import WEIGHTS
from bythebook.runs.loading import load_model, load_splits
from bythebook.runs.memo import Memo
from bythebook.runs.run import Run
from bythebook.target import LABELS
from bythebook.techniques.strategies import TASK_A, Strategy
from bythebook.training.learning_curve import StopRun
from bythebook.training.train import Split

# A layer is worth something only behind the inputs and with the activation that it was trained with.
SAME: tuple[Literal["scaling", "activation", "normalizer"], ...] = ("scaling", "activation", "normalizer")


def check(run: Run, source: Mapping[str, Any]) -> None:
    """Lets a run pass that can reuse the layers of a net of the recipe ``source``.

    Raises:
        UserError: with everything that forbids it.
    """
    problems, plan = Problems(), run.plan
    try:
        reused = plan.reused_of(len(run.recipe["hidden"]))
    except UserError as error:
        raise UserError(f"{run.name}: {error}") from error
    own, given = run.recipe["hidden"][:reused], source["hidden"][:reused]
    if own != given:
        problems.add(f"{run.name}: hidden", f"its reused layers are {own} wide, those of its source {given}.")
    for key in SAME:
        if run.recipe[key] != source[key]:
            problems.add(f"{run.name}: {key}", f"must be that of its source, {source[key]}; given {run.recipe[key]}.")
    if source["target"] != _target_of(plan):
        problems.add(
            f"{run.name}: strategy",
            f"reuses a net that was trained for {_target_of(plan)}; its source was for {source['target']}.",
        )
    if run.source_view and source["target"] != LABELS:
        problems.add(f"{run.name}: source", f"has no accuracy: it was trained for {source['target']}.")
    problems.raise_if_any()


def lend(run: Run, strategy: Strategy, model: Any, memo: Memo, arrays: Path) -> Watched | None:
    """Give ``model`` the layers that its strategy reuses; return their source, if the record is to tell of it.

    Raises:
        UserError: the memo has lost the source, or its layers do not fit.
        StopRun: the source has diverged.
    """
    record = memo.record(run.source) if run.source else None
    # Not kept as a result: what a run gives must not depend on what the memo holds.
    if record is None:
        raise UserError(f"{run.name}: the net whose layers it reuses is no longer in the memo; start again.")
    if record.status != "finished":
        raise StopRun("diverged", "the run whose layers it reuses has not finished")
    recipe, reused = record.recipe, strategy.reused_of(len(run.recipe["hidden"]))
    check(run, recipe)
    donor = load_model(record, memo.directory(record.key) / WEIGHTS)
    copy_lower_layers(model, donor, reused)
    if run.source_view is None:
        return None
    if run.source_view.digest != record.identity.data.digest:
        raise ValueError(f"{run.name}: source_view is not what its source was trained on")
    _, validation, classes = load_splits(run.source_view, recipe["scaling"], arrays)
    return Watched(donor, reused, recipe, validation, classes)


def copy_lower_layers(model: Any, donor: Any, reused: int) -> None:
    """Gives ``model`` the weights of the first ``reused`` hidden layers of ``donor``, which keeps its own."""
    blocks = zip(network.hidden_blocks(model)[:reused], network.hidden_blocks(donor)[:reused], strict=True)
    for own, given in blocks:
        # Dropout and augmentation have no weights, and need not be the same.
        pairs = zip((layer for layer in own if layer.weights), (layer for layer in given if layer.weights), strict=True)
        for layer, donated in pairs:
            layer.set_weights(donated.get_weights())


class Watched:
    """The net whose layers are reused, asked before and after they were trained on how well it does.

    Args:
        model: the source, in memory; its file stays as it is.
        reused: how many of its lower layers are reused.
        recipe: the source's.
        validation: the source's validation images and labels.
    """

    def __init__(self, model: Any, reused: int, recipe: Recipe, validation: Split, classes: int) -> None:
        self._model, self._reused, self._recipe = model, reused, recipe
        self._validation, self._classes = validation, classes
        self._before = self._accuracy()

    def after(self, model: Any) -> dict[str, float]:
        """The source's validation accuracies, shares of images.

        Args:
            model: the net that was trained on copies of the source's layers.

        Returns:
            ``before`` the training; ``cloned``, after it, as copies were trained; and ``after`` it if the layers had
            been shared, as in Keras' ``Sequential(model_a.layers[:-1])``: the trained layers below the source's head.
        """
        cloned = self._accuracy()
        copy_lower_layers(self._model, model, self._reused)
        return {"before": self._before, "after": self._accuracy(), "cloned": cloned}

    def _accuracy(self) -> float:
        found = network.predicted(self._model, self._recipe, self._validation.images, self._classes)
        return metrics.accuracy(found, self._validation.labels)


def _target_of(plan: Strategy) -> str:
    return LABELS if plan.source == TASK_A else plan.source
