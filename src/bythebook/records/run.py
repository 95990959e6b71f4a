"""The record of a run: what was trained, on what, how it went, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, Field

from bythebook.records.layout import RecordPart, Several, read
from bythebook.records.recipe import Recipe, Technique
from bythebook.validation import STRICT

# The layout of run records. It is part of every key: records of another layout are not found.
SCHEMA: Literal[5] = 5
RECORD, WEIGHTS = "record.json", "weights.weights.h5"
Status = Literal["finished", "diverged", "pruned"]
Layers = dict[str, list[float | None]]


class DataIdentity(RecordPart):
    """The data that a run saw, without paths.

    Attributes:
        task: the name of an A/B task, or None for the whole data set.
        side: ``a`` or ``b`` of the task, or None.
        labels: how many of the side's training images were seen; None: all.
        digest: of images, labels, statistics and task.
    """

    dataset: str
    task: str | None
    side: str | None
    labels: int | None
    digest: str


class Identity(RecordPart):
    """Everything that decides a run's bytes.

    Attributes:
        code: the digest of all code that its numbers can come from.
        environment: the versions of libraries, and the kind of machine.
        strategy: how the net was trained, on which layers, or None for all epochs from scratch.
        source: the key of the run whose lower layers were reused, or None.
        source_view: the data of that run, where the record tells how well it still does on them.
        loop: the way it was to be trained.
    """

    layout: Literal[5] = Field(alias="schema")
    recipe: Recipe
    seed: int
    data: DataIdentity
    code: str
    environment: dict[str, str]
    strategy: Technique | None
    source: str | None
    source_view: DataIdentity | None
    loop: str


class PhaseRecord(RecordPart):
    """A phase of training, on the epochs of the whole run."""

    name: str
    first_epoch: int
    epochs: int


class Measures(RecordPart):
    """Losses and accuracies after an epoch, counted from 0, by their names in Keras' logs."""

    model_config = ConfigDict(**{**STRICT, "extra": "allow"})
    __pydantic_extra__: dict[str, float]

    epoch: int

    @property
    def metrics(self) -> Mapping[str, float]:
        """Return the metrics by name, such as ``val_accuracy``."""
        return self.__pydantic_extra__


class Epoch(Measures):
    """An epoch of the learning curve.

    Attributes:
        learning_rate: of its last step.
        layers: what was seen of the hidden layers, each statistic as a list over them; None where nothing was.
    """

    learning_rate: float
    layers: Layers | None = None

    @property
    def measures(self) -> Measures:
        """Return the losses and accuracies, without what is only looked at over time."""
        return Measures.of({"epoch": self.epoch, **self.metrics})

    @property
    def values(self) -> Mapping[str, float]:
        """Return all that has one number per epoch: the metrics, and the learning rate."""
        return {**self.metrics, "learning_rate": self.learning_rate}


class RangeTestResult(RecordPart):
    """What a learning rate range test found: the rate, and points of its curve."""

    learning_rate: float
    rates: list[float]
    losses: list[float]


class SharedAccuracies(RecordPart):
    """Validation accuracies of the net whose layers were reused, shares of images.

    Attributes:
        before: before the copies were trained.
        after: had the layers been shared with the net that was trained, and not copied.
        cloned: after it, as copies were trained.
    """

    before: float
    after: float
    cloned: float


class RunRecord(RecordPart):
    """All that is known of a run that has ended; byte-stable, so without times and places.

    Attributes:
        reason: why it did not finish, or None.
        input_shape: of one image.
        classes: how many numbers its net gives for one image.
        loop: the way it was trained in the end.
        epochs: the learning curve over all phases.
        final: measures of the epoch whose weights the net has; None without a finished epoch.
        best: measures of the epoch with the lowest validation loss.
        weights_sha256: the digest of the file with its weights, or None for a run that has none.
    """

    layout: Literal[5] = Field(alias="schema")
    key: str
    status: Status
    reason: str | None
    identity: Identity
    input_shape: Several[int]
    classes: int
    parameters: int
    trainable_parameters: int
    loop: str
    phases: Several[PhaseRecord]
    epochs: Several[Epoch]
    final: Measures | None
    best: Measures | None
    range_test: RangeTestResult | None
    shared: SharedAccuracies | None
    weights_sha256: str | None

    @property
    def is_finished(self) -> bool:
        """Return whether the net was trained to its end."""
        return self.status == "finished"

    @property
    def final_metrics(self) -> Mapping[str, float]:
        """Return the metrics of the net that was kept; of a run without a finished epoch there are none."""
        return self.final.metrics if self.final else {}

    @property
    def recipe(self) -> Recipe:
        """Return the recipe that was trained."""
        return self.identity.recipe


class Timings(RecordPart):
    """When and how long a run was trained on one machine, in seconds; moments are unix times."""

    started: float
    seconds: float
    cpu_seconds: float
    compile_seconds: float
    epoch_ended: list[float]


def read_record(path: Path) -> RunRecord:
    """Return the record of a run in a file.

    Raises:
        UserError: the file cannot be read, has another layout, or is no such record.
    """
    return read(path, RunRecord, SCHEMA)
