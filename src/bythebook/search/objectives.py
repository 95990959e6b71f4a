"""What a search can ask of a trained net: a register of objectives, one function each.

An objective is measured on the validation images, from a run's record and its weights, and is the same number on every
day: so it may be written to outputs, and a study gives the same trials wherever it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bythebook import metrics
from bythebook.docstrings import first_line
from bythebook.inference import folding, sparsity
from bythebook.records.search import Direction, ObjectiveKind, SearchedObjective
from bythebook.search.trained_net import TrainedNet

# How people write it: a share of images or weights in percent, a whole number, any other number.
Function = Callable[[TrainedNet], float]


@dataclass(frozen=True)
class Objective:
    """One registered objective.

    Attributes:
        name: the name guidelines use.
        label: what readers are told.
        measure: the function that measures it.
        epoch: the metric of an epoch's row that shows it while the net trains; None for one that only weights tell.
            The record has the former, and a pruner can go by it.
    """

    name: str
    label: str
    direction: Direction
    kind: ObjectiveKind
    measure: Function
    epoch: str | None

    @property
    def about(self) -> str:
        """The first line of its documentation."""
        return first_line(self.measure)

    def described(self) -> SearchedObjective:
        """Return what a suite says of it."""
        return SearchedObjective(
            name=self.name, label=self.label, direction=self.direction, kind=self.kind, about=self.about
        )


_register: dict[str, Objective] = {}


def objective(
    label: str, direction: Direction, kind: ObjectiveKind, epoch: str | None = None
) -> Callable[[Function], Function]:
    """Registers the decorated function under its own name.

    Raises:
        ValueError: the name is taken.
    """

    def register(function: Function) -> Function:
        name = function.__name__
        if name in _register:
            raise ValueError(f"objective '{name}' is registered twice")
        _register[name] = Objective(name, label, direction, kind, function, epoch)
        return function

    return register


def objectives() -> Mapping[str, Objective]:
    """Every registered objective, by name."""
    return _register


@objective("validation accuracy", "maximize", "share", epoch="val_accuracy")
def val_accuracy(net: TrainedNet) -> float:
    """Validation accuracy of the weights that the run keeps.

    With early stopping those are of the epoch with the lowest validation loss; the best accuracy of any epoch would
    grow by luck alone with the number of epochs.
    """
    return net.record.final_metrics["val_accuracy"]


@objective("validation loss", "minimize", "number", epoch="val_loss")
def val_loss(net: TrainedNet) -> float:
    """Validation loss of the weights that the run keeps, penalties included."""
    return net.record.final_metrics["val_loss"]


@objective("accuracy without tiny weights", "maximize", "share")
def thresholded_accuracy(net: TrainedNet) -> float:
    """Validation accuracy after weights below 0.001 are set to zero."""
    return metrics.accuracy(net.predicted(sparsity.thresholded(net.model)), net.labels)


@objective("share of zero weights", "maximize", "share")
def zero_share(net: TrainedNet) -> float:
    """Share of the layers' weights that are below 0.001 and set to zero."""
    return sparsity.zero_share(net.model)


@objective("multiply-adds of a prediction", "minimize", "count")
def multiply_adds(net: TrainedNet) -> float:
    """Multiply-adds of one prediction, batch norm folded away.

    They stand for the latency at batch 1, which is a clock time and differs from day to day.
    """
    return float(folding.multiply_adds(net.model))


@objective("negative log likelihood", "minimize", "number")
def mc_nll(net: TrainedNet) -> float:
    """Negative log likelihood of the validation labels under Monte Carlo dropout, in nats.

    Source: Y. Gal and Z. Ghahramani, "Dropout as a Bayesian Approximation", 2016.
    """
    return metrics.negative_log_likelihood(net.sampled, net.labels)


@objective("calibration error", "minimize", "number")
def mc_ece(net: TrainedNet) -> float:
    """Expected calibration error on validation images under Monte Carlo dropout.

    Source: C. Guo et al., "On Calibration of Modern Neural Networks", 2017.
    """
    return metrics.expected_calibration_error(net.sampled, net.labels)
