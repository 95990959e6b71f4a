"""Strategies: how the layers copied from model A are trained on task B, as a sequence of phases."""

from __future__ import annotations

from dataclasses import dataclass

from bythebook.catalogue import technique
from bythebook.techniques.ranges import Count


@dataclass(frozen=True)
class Phase:
    """One stretch of epochs with the same layers trainable. The net is recompiled between phases.

    Attributes:
        name: what records call it.
        epochs: how many epochs it lasts.
        frozen: whether the layers copied from model A stay as they are.
    """

    name: str
    epochs: int
    frozen: bool = False


@technique("strategy")
def freeze_then_finetune(frozen_epochs: Count = 4, fine_tuning_epochs: Count = 16) -> tuple[Phase, ...]:
    """Trains the new head on frozen copied layers first, then everything.

    Formula: frozen_epochs with only the head trainable, recompile, fine_tuning_epochs with all layers trainable
    Prefer: when task B has few labels and task A is similar; the new head's first large errors spare the copied layers.
    Source: chapter 11, "Transfer Learning with Keras".
    """
    return Phase("frozen", frozen_epochs, frozen=True), Phase("fine_tuning", fine_tuning_epochs)
