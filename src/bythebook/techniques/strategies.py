"""Strategies: where a net's lower layers come from, and how the net is then trained on task B, phase by phase.

All last 20 epochs by default, as the book's does, so that arms are compared at equal numbers of steps. ``reused`` is
the number of hidden layers that are taken over, counted from the input; None takes them all. The head is always new.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from pydantic import Field

from bythebook.catalogue import technique
from bythebook.errors import UserError
from bythebook.techniques.ranges import Count

# What a net was trained for whose layers are reused; the first stands for a net's own initial weights.
Source = Literal["none", "task_a", "reconstruction", "rotation"]
NONE: Source = "none"
TASK_A: Source = "task_a"
Layers = Count | None
Divisor = Annotated[float, Field(ge=1, allow_inf_nan=False)]


@dataclass(frozen=True)
class Phase:
    """One stretch of epochs with the same layers trainable. Each begins with a fresh optimizer and schedule.

    Attributes:
        name: what records call it.
        epochs: how many epochs it lasts.
        frozen: which of the reused layers stay as they are: ``reused[:frozen]``, counted from the input. So 0 freezes
            none, 2 the two lowest, -1 all but the topmost, None all.
        rate: a factor on the recipe's learning rate.
        decay: every hidden layer learns at this factor of the rate of the layer above it; the head learns at the rate.
    """

    name: str
    epochs: int
    frozen: int | None = 0
    rate: float = 1.0
    decay: float = 1.0


@dataclass(frozen=True)
class Strategy:
    """A strategy with its arguments.

    Attributes:
        source: what the net was trained for whose lower layers are reused: ``none`` (its own initial weights),
            ``task_a`` (the labels of task A), ``reconstruction`` (its own images) or ``rotation``.
        reused: how many hidden layers are reused, counted from the input; None for all of them.
        phases: as they are declared, for a net of any depth.
    """

    source: Source
    reused: int | None
    phases: tuple[Phase, ...]

    @property
    def epochs(self) -> int:
        """Epochs over all phases."""
        return sum(phase.epochs for phase in self.phases)

    def reused_of(self, hidden: int) -> int:
        """How many layers of a net with ``hidden`` hidden layers are reused.

        Raises:
            UserError: it has fewer than are to be reused.
        """
        if self.source == NONE:
            return 0
        reused = hidden if self.reused is None else self.reused
        if not 1 <= reused <= hidden:
            if not hidden:
                raise UserError("reused: the net has no hidden layer that could be reused.")
            raise UserError(f"reused: the net has {hidden} hidden layer(s); allowed: 1 to {hidden}; given {reused}.")
        return reused

    def on(self, hidden: int) -> tuple[Phase, ...]:
        """The phases on a net with ``hidden`` hidden layers, each with ``frozen`` as the number of frozen layers.

        A phase that is to unfreeze more layers than are reused is part of the one after it.

        Raises:
            UserError: the net has fewer layers than are to be reused.
        """
        reused, joined = self.reused_of(hidden), 0
        phases: list[Phase] = []
        for phase in self.phases:
            kept = len(range(reused)[: phase.frozen])
            if (phase.frozen or 0) < 0 and kept == 0 and phase is not self.phases[-1]:
                joined += phase.epochs
                continue
            phases.append(replace(phase, epochs=phase.epochs + joined, frozen=kept))
            joined = 0
        return tuple(phases)


@technique("strategy")
def from_scratch(epochs: Count = 20) -> Strategy:
    """Reuses nothing: the net starts from its initial weights.

    Formula: epochs with all layers trainable
    Prefer: as the control, and when task B has many labels or is unlike task A.
    Source: chapter 11, "Transfer Learning with Keras" (model B).
    """
    return Strategy(NONE, None, (Phase("fit", epochs),))


@technique("strategy")
def frozen(epochs: Count = 20, reused: Layers = None) -> Strategy:
    """Trains only what is new; the reused layers stay as they are.

    Formula: epochs with only the layers above the reused ones trainable
    Prefer: when task B has very few labels, or model A must stay as it is; weaker where B differs from A.
    Source: Yosinski et al. 2014, arXiv:1411.1792; chapter 11, "Reusing Pretrained Layers".
    """
    return Strategy(TASK_A, reused, (Phase("frozen", epochs, frozen=None),))


@technique("strategy")
def freeze_then_finetune(frozen_epochs: Count = 4, fine_tuning_epochs: Count = 16, reused: Layers = None) -> Strategy:
    """Trains the new head on frozen copied layers first, then everything.

    Formula: frozen_epochs with only the head trainable, recompile, fine_tuning_epochs with all layers trainable
    Prefer: when task B has few labels and task A is similar; the new head's first large errors spare the copied layers.
    Source: chapter 11, "Transfer Learning with Keras".
    """
    return Strategy(TASK_A, reused, _freeze_first(frozen_epochs, fine_tuning_epochs))


@technique("strategy")
def finetune(epochs: Count = 20, reused: Layers = None) -> Strategy:
    """Trains everything at once, from copied layers and a new head.

    Formula: epochs with all layers trainable
    Prefer: as the control of freezing first; the new head's first large errors reach the copied layers.
    Source: Yosinski et al. 2014, arXiv:1411.1792; chapter 11, "Transfer Learning with Keras".
    """
    return Strategy(TASK_A, reused, (Phase("fine_tuning", epochs),))


@technique("strategy")
def gradual_unfreezing(epochs_per_layer: Count = 2, epochs: Count = 20, reused: Layers = None) -> Strategy:
    """Unfreezes the reused layers one by one, the topmost first, and trains everything at last.

    Formula: epochs_per_layer with the head alone, as many with one more layer each, the rest of epochs with all layers
    Prefer: when the top layers must change much and the lower ones hold what both tasks share.
    Source: Howard and Ruder 2018, arXiv:1801.06146, section 3.3; chapter 11, "Reusing Pretrained Layers".
    """
    steps = (epochs - 1) // epochs_per_layer
    partly = [Phase(f"unfrozen_{count}", epochs_per_layer, frozen=-count) for count in range(1, steps)]
    head = [Phase("frozen", epochs_per_layer, frozen=None)] if steps else []
    return Strategy(TASK_A, reused, (*head, *partly, Phase("fine_tuning", epochs - steps * epochs_per_layer)))


@technique("strategy")
def discriminative_rates(divided_by: Divisor = 2.6, epochs: Count = 20, reused: Layers = None) -> Strategy:
    """Trains everything at once, every layer at a fraction of the rate of the layer above it.

    Formula: rate of the layer d layers below the head = rate / divided_by ** d
    Prefer: when lower layers should change less than upper ones, without a phase in which they cannot change at all.
    Source: Howard and Ruder 2018, arXiv:1801.06146, section 3.2.
    """
    return Strategy(TASK_A, reused, (Phase("fine_tuning", epochs, decay=1 / divided_by),))


@technique("strategy")
def autoencoder_then_finetune(
    frozen_epochs: Count = 4, fine_tuning_epochs: Count = 16, reused: Layers = None
) -> Strategy:
    """Reuses the lower layers of a net that learned to reconstruct unlabelled images, as freeze_then_finetune does.

    Formula: pretraining: minimize the mean of (pixels - output)^2; then the phases of freeze_then_finetune
    Prefer: when there are few labels, many unlabelled images and no similar model.
    Source: Hinton and Salakhutdinov 2006, doi:10.1126/science.1127647; chapter 11, "Unsupervised Pretraining".
    """
    return Strategy("reconstruction", reused, _freeze_first(frozen_epochs, fine_tuning_epochs))


@technique("strategy")
def auxiliary_then_finetune(
    frozen_epochs: Count = 4, fine_tuning_epochs: Count = 16, reused: Layers = None
) -> Strategy:
    """Reuses the lower layers of a net that learned how images were turned, as freeze_then_finetune does.

    Formula: pretraining: tell rotations by 0, 90, 180 and 270 degrees apart; then the phases of freeze_then_finetune
    Prefer: when labels of the task are rare, and those of an auxiliary task can be generated from its images.
    Source: Gidaris et al. 2018, arXiv:1803.07728; chapter 11, "Pretraining on an Auxiliary Task".
    """
    return Strategy("rotation", reused, _freeze_first(frozen_epochs, fine_tuning_epochs))


def _freeze_first(frozen_epochs: int, fine_tuning_epochs: int) -> tuple[Phase, ...]:
    return Phase("frozen", frozen_epochs, frozen=None), Phase("fine_tuning", fine_tuning_epochs)
