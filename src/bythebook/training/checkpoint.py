"""The state of a run in its middle, so that a killed run goes on from its last epoch to the same bytes.

Besides weights and the optimizer's state that takes the random state, the order of the data (a function of the epoch)
and what callbacks remember, such as how long early stopping has waited.
"""

from __future__ import annotations

import io
import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from bythebook.files import write_bytes
from bythebook.lazy import keras

log = logging.getLogger(__name__)

# Shorter runs are as soon trained again, and never pay for writing.
EVERY_SECONDS = 10.0
Row = dict[str, Any]


@dataclass(frozen=True)
class TrainingProgress:
    """How far a run has come.

    Attributes:
        phase: the index of the phase it is in.
        epochs: epochs done in that phase.
        rows: the rows of all epochs done.
        phases: the phases begun so far, as a run record states them.
    """

    phase: int
    epochs: int
    rows: list[Row]
    phases: list[dict[str, Any]]


class Checkpoint:
    """One run's file.

    Args:
        path: where it is kept.
        every: the fewest seconds between two writings.
    """

    def __init__(self, path: Path, every: float = EVERY_SECONDS) -> None:
        self._path, self._every, self._last = path, every, time.monotonic()
        self._arrays: dict[str, np.ndarray] = {}
        self._memories: list[dict[str, Any]] = []

    def read(self) -> TrainingProgress | None:
        """How far the run had come, if it was cut off; a damaged file counts as none."""
        if not self._path.is_file():
            return None
        try:
            # Opened here, since NumPy leaves a damaged archive open.
            with self._path.open("rb") as file, np.load(file) as content:
                self._arrays = {name: content[name] for name in content.files if name != "progress"}
                written = json.loads(str(content["progress"]))
            self._memories = written.pop("callbacks")
            return TrainingProgress(**written)
        except (OSError, EOFError, ValueError, KeyError, TypeError, BadZipFile) as error:
            log.warning("the checkpoint %s is damaged (%s); the run starts again", self._path, error)
            self.remove()
            return None

    def restore(self, model: Any) -> None:
        """Gives what :meth:`read` found to a compiled model."""
        for index, variable in enumerate(_variables(model)):
            variable.assign(self._arrays[f"variable_{index}"])

    def remember(self, callbacks: Sequence[Any]) -> None:
        """Gives callbacks back what they remembered; call it after they were told that training begins."""
        for number, (callback, memory) in enumerate(zip(callbacks, self._memories, strict=True)):
            for name, value in memory.items():
                setattr(callback, name, value)
            for name in [name for name in self._arrays if name.startswith(f"callback_{number}/")]:
                attribute, index = name.split("/")[1:]
                weights = getattr(callback, attribute) if int(index) else []
                setattr(callback, attribute, [*weights, self._arrays[name]])

    def write(self, model: Any, callbacks: Sequence[Any], progress: TrainingProgress) -> None:
        """Writes the state, unless the last writing was a moment ago."""
        if time.monotonic() - self._last < self._every:
            return
        arrays = {f"variable_{index}": np.asarray(variable) for index, variable in enumerate(_variables(model))}
        memories = []
        for number, callback in enumerate(callbacks):
            simple, weights = _memory(callback)
            memories.append(simple)
            arrays |= {f"callback_{number}/{name}": array for name, array in weights.items()}
        content = io.BytesIO()
        arrays["progress"] = np.array(json.dumps({**vars(progress), "callbacks": memories}))
        np.savez(content, allow_pickle=False, **arrays)
        write_bytes(self._path, content.getvalue())
        self._last = time.monotonic()

    def remove(self) -> None:
        """Forgets the run's middle, at its end."""
        self._path.unlink(missing_ok=True)


def keeper(
    checkpoint: Checkpoint, callbacks: Sequence[Any], resumed: bool, progress: Callable[[int], TrainingProgress]
) -> Any:
    """The Keras callback, to be the last one, that writes the checkpoint and gives callbacks their memory back.

    Args:
        callbacks: those whose memory counts.
        resumed: whether this phase goes on from the checkpoint.
        progress: gives how far the run has come, from the number of epochs done in this phase.
    """

    class Keeper(keras.callbacks.Callback):
        def on_train_begin(self, logs: Any = None) -> None:
            if resumed:
                checkpoint.remember(callbacks)

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            # A run that is about to stop is as good as finished; resumed, it would train one epoch more.
            if not self.model.stop_training:
                checkpoint.write(self.model, callbacks, progress(epoch + 1))

    return Keeper()


def _variables(model: Any) -> list[Any]:
    return [*model.variables, *model.optimizer.variables]


def _memory(callback: Any) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """What a callback remembers: plain values, and lists of weights by ``attribute/index``."""
    simple: dict[str, Any] = {}
    weights: dict[str, np.ndarray] = {}
    for name, value in vars(callback).items():
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, bool | int | float | str) or value is None:
            simple[name] = value
        elif isinstance(value, list) and value and all(isinstance(part, np.ndarray) for part in value):
            weights |= {f"{name}/{index}": part for index, part in enumerate(value)}
    return simple, weights
