"""Runs in MLflow while they are being trained."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from types import TracebackType

from bythebook.records.events import EpochEnded, Event, RunEnded, RunStarted
from bythebook.records.run import RunRecord, Timings
from bythebook.tracking.child import Child
from bythebook.tracking.connection import connect, unusable
from bythebook.tracking.context import Context
from bythebook.tracking.delivery import Action, Delivery
from bythebook.tracking.execution import Execution, Planned
from bythebook.tracking.experiment import Experiment

log = logging.getLogger(__name__)

DRAIN_SECONDS = 20.0  # that the end of a stage may wait for what is not sent yet
SHOW_LIFE_SECONDS = 60.0  # between two notes that this process lives
# Epochs of a run are written this often at most: a write takes time that training on the same cores would use.
EPOCHS_SECONDS = 2.0


class LiveTracker:
    """Mirrors one execution of a stage into MLflow while it runs: an observer for the executor.

    Nothing happens before :meth:`prepare` or the first event, so a stage that finds everything in the memo never
    connects. A store that does not answer neither stops nor slows the stage: one warning, and the runs are mirrored by
    ``publish`` later.

    Args:
        address: the store, as :func:`bythebook.tracking.addresses.resolve` gives it.
        execution: the suite and its planned runs; others may come, and are described by their first event's
            ``identity`` or, without it, when they end.
        context: what the runs are tagged with.
    """

    def __init__(self, address: str, execution: Execution, context: Context) -> None:
        self._address = address
        self._recorder = Recorder(address, execution, context)
        self._delivery: Delivery | None = None

    def __enter__(self) -> LiveTracker:
        return self

    def prepare(self) -> None:
        """Connects in the background: importing MLflow takes seconds, which pass while workers get ready."""
        self._send(self._recorder.connect)

    def __call__(self, event: Event) -> None:
        """Takes an event and returns at once."""
        self._send(lambda: self._recorder.record(event))

    def _send(self, action: Action) -> None:
        if self._delivery is None:
            self._delivery = Delivery(self._warn, self._recorder.show_life)
        self._delivery.send(action)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._delivery is None:
            return
        interrupted = kind is not None and not issubclass(kind, Exception)
        status = "KILLED" if interrupted else "FAILED" if kind else "FINISHED"
        reason = "interrupted" if interrupted else "the stage failed" if kind else "the stage ended before it"
        now = time.time()
        self._delivery.send(lambda: self._recorder.end(status, reason, now))
        self._delivery.close(DRAIN_SECONDS)

    def _warn(self, error: BaseException) -> None:
        log.warning(
            "%s; training goes on, runs are recorded on disk, and `make publish` mirrors them later.",
            unusable(self._address, error),
        )


@dataclass
class Live:
    """A run that is being trained.

    Attributes:
        written: when its epochs were last written, unix seconds; at first when it started.
        waiting: the events of epochs since, by number of the epoch.
    """

    child: Child
    written: float
    waiting: dict[int, EpochEnded] = field(default_factory=dict)

    def add(self, event: EpochEnded) -> None:
        """Takes an epoch, and writes those that wait if the last ones were written long enough ago."""
        self.waiting[event.epoch.epoch] = event
        if event.at - self.written >= EPOCHS_SECONDS:
            self.write()
            self.written = event.at

    def write(self) -> None:
        """Writes the epochs that wait."""
        events = list(self.waiting.values())
        self.child.add_epochs([event.epoch for event in events], [event.at for event in events])
        self.waiting.clear()


class Recorder:
    """Turns events into runs. Every method is safe to repeat after it failed half-way."""

    def __init__(self, address: str, execution: Execution, context: Context) -> None:
        self._address, self._execution, self._context = address, execution, context
        self._planned = {planned.key: planned for planned in execution.planned}
        self._experiment: Experiment | None = None
        self._parent: str | None = None
        self._open: dict[str, Live] = {}
        self._shown = 0.0

    def connect(self) -> Experiment:
        """The experiment; connects when first asked."""
        if self._experiment is None:
            store = connect(self._address)
            self._experiment = Experiment(store, self._execution, self._context)
        return self._experiment

    def record(self, event: Event) -> None:
        """Writes one event."""
        match event:
            case RunStarted():
                unplanned = Planned(event.key, event.name, event.seed, identity=event.identity)
                self._start(self._planned.get(event.key) or unplanned, event.at)
            case EpochEnded() if event.key in self._open:
                self._open[event.key].add(event)
            case RunEnded():
                self._finish(event.record, event.timings)
        self.show_life()

    def show_life(self) -> None:
        """Note in the parent that this process lives, for those who cannot see it; now and then is enough."""
        if self._experiment and self._parent and time.time() - self._shown >= SHOW_LIFE_SECONDS:
            self._shown = time.time()
            self._experiment.see_parent(self._parent, self._shown)

    def end(self, status: str, reason: str, at: float) -> None:
        """Ends the parent, and the children that have not ended."""
        for key, live in list(self._open.items()):
            live.write()
            live.child.abandon(reason, at)
            del self._open[key]
        if self._experiment and self._parent:
            self._experiment.end_parent(self._parent, status, at)

    def _start(self, planned: Planned, at: float) -> None:
        experiment, parent = self._place(at)
        child = experiment.child(planned.key)
        if child and (child.is_complete or child.is_written_elsewhere):
            return
        live = self._open.get(planned.key) or Live(experiment.open_child(planned, parent, at), at)
        live.child.resume()
        self._open[planned.key] = live

    def _finish(self, record: RunRecord, timings: Timings) -> None:
        key = record.key
        experiment, parent = self._place(timings.started)
        planned = self._planned.get(key) or Planned(key, key[:12], record.identity.seed)
        live = self._open.get(key)
        child = live.child if live else experiment.open_child(planned, parent, timings.started)
        if child.lacks(record) and not child.is_written_elsewhere:
            child.close(record, timings, timings.started)
        self._open.pop(key, None)

    def _place(self, at: float) -> tuple[Experiment, str]:
        """The experiment and the parent's id, which is opened when first asked."""
        experiment = self.connect()
        if self._parent is None:
            parent = experiment.open_parent(at)
            experiment.resume_parent(parent)
            self._parent = parent
        return experiment, self._parent
