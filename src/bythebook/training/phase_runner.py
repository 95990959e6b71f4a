"""One model's way through its phases: what it has done so far, kept in a checkpoint and taken up again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bythebook.lazy import keras
from bythebook.techniques.counter_random import position
from bythebook.training.batches import Feed
from bythebook.training.checkpoint import Checkpoint, TrainingProgress, keeper
from bythebook.training.learning_curve import LearningCurve, Row
from bythebook.training.loops import TrainingLoop


class PhaseRunner:
    """The phases of a run.

    Args:
        model: trained in place.
        feed: the training data.
        path: the way through a phase.
        curve: takes the row of each epoch, over all phases.
        checkpoint: where the state is kept between epochs, if anywhere.
    """

    def __init__(
        self, model: Any, feed: Feed, path: TrainingLoop, curve: LearningCurve, checkpoint: Checkpoint | None
    ) -> None:
        self._model, self._feed, self._path, self._curve = model, feed, path, curve
        self._checkpoint = checkpoint
        self._resumed: TrainingProgress | None = None
        self.phases: list[dict[str, Any]] = []

    @property
    def rows(self) -> list[Row]:
        """The rows of all epochs so far."""
        return self._curve.rows

    def resume(self) -> None:
        """Takes up what the checkpoint has: its rows go through the curve once more."""
        self._resumed = self._checkpoint.read() if self._checkpoint else None
        if self._resumed:
            self.phases = self._resumed.phases
            for row in self._resumed.rows:
                self._curve.take(row)

    def is_behind(self, index: int) -> bool:
        """Whether the phase was finished before the run was cut off."""
        return self._resumed is not None and index < self._resumed.phase

    def run(self, index: int, phase: Any, callbacks: Sequence[Any]) -> int:
        """Trains the compiled model through a phase, and returns the number of the phase's first row."""
        resumed = self._resumed if self._resumed and self._resumed.phase == index else None
        done = resumed.epochs if resumed else 0
        first = len(self.rows) - done
        if resumed is None:
            self.phases.append({"name": phase.name, "first_epoch": first, "epochs": phase.epochs})
        watching = [self._starter(), self._curve.callback(), *callbacks]
        if self._checkpoint:
            if resumed:
                self._model.optimizer.build(self._model.trainable_variables)
                self._checkpoint.restore(self._model)

            def progress(epochs: int) -> TrainingProgress:
                return TrainingProgress(index, epochs, self.rows, self.phases)

            watching.append(keeper(self._checkpoint, callbacks, resumed is not None, progress))
        self._path.fit(self._model, done, phase.epochs, watching)
        self.phases[-1]["epochs"] = len(self.rows) - first
        return first

    def cut(self) -> None:
        """Ends the present phase at the last finished epoch."""
        if self.phases:
            self.phases[-1]["epochs"] = len(self.rows) - self.phases[-1]["first_epoch"]

    def _starter(self) -> Any:
        """The Keras callback that sets, at the start of an epoch, everything that is random in it."""
        course = self

        class Starter(keras.callbacks.Callback):
            def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
                course._feed.epoch = len(course.rows)
                position(self.model, course._feed.epoch * course._feed.steps)

        return Starter()
