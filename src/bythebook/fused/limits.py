"""What compiled epochs cannot serve, found before anything is trained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bythebook.fused.program import CannotCompile
from bythebook.lazy import keras

# What a callback overrides if it wants to be called between the steps of an epoch or of a validation.
BETWEEN_STEPS = (
    *("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end"),
    *("on_test_batch_begin", "on_test_batch_end"),
)


def check_callbacks(callbacks: Sequence[Any]) -> None:
    """Raises CannotCompile if a callback wants to see more than epochs."""
    for callback in callbacks:
        wanted = [name for name in BETWEEN_STEPS if not getattr(getattr(callback, name), "_is_default", False)]
        if wanted and not _saves_by_epoch(callback):
            raise CannotCompile(f"the callback {type(callback).__name__} wants to be called at every batch")


def check_model(model: Any) -> None:
    """Raises ValueError if the model is not compiled, and CannotCompile if its optimizer is more than it says."""
    if not model.compiled:
        raise ValueError("The model must be compiled before it is trained: call its compile().")
    optimizer = model.optimizer
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        raise CannotCompile("the optimizer scales the loss")
    if not isinstance(optimizer._learning_rate, keras.Variable | keras.optimizers.schedules.LearningRateSchedule):
        raise CannotCompile("the learning rate is neither a number nor a schedule of Keras")
    if getattr(optimizer, "_exclude_from_weight_decay", None) or getattr(
        optimizer, "_exclude_from_weight_decay_pattern", None
    ):
        raise CannotCompile("the optimizer spares some weights from decay, which its configuration does not tell")
    if optimizer.built and _ids(optimizer._trainable_variables) != _ids(model.trainable_variables):
        raise CannotCompile("other layers are trainable than the optimizer began with; compile the model again")


def check_data(data: Sequence[Any], batch_size: int) -> None:
    """Raises CannotCompile if the data are more than one array of images and one of targets.

    Raises:
        ValueError: there are no images, not one target for each, or no batches.
    """
    if len(data) != 2 or not all(hasattr(part, "shape") and hasattr(part, "dtype") for part in data):
        kinds = ", ".join(type(part).__name__ for part in data)
        raise CannotCompile(f"the data must be one array of images and one of targets, not {kinds}")
    images, targets = (len(part) for part in data)
    if images != targets:
        raise ValueError(f"There must be one target for each image; given {images} images and {targets} targets.")
    if not images:
        raise ValueError("There are no images.")
    if batch_size < 1:
        raise ValueError(f"A batch must have at least one image; given batch_size={batch_size}.")


def _saves_by_epoch(callback: Any) -> bool:
    """Whether a callback is one of Keras' that listens to batches and does nothing then."""
    savers = (keras.callbacks.ModelCheckpoint, keras.callbacks.BackupAndRestore)
    return type(callback) in savers and callback.save_freq == "epoch"


def _ids(variables: Sequence[Any]) -> list[int]:
    return [id(variable) for variable in variables]
