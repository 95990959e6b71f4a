"""What a stage's runs have told so far, and what follows from it: how many, how far, how long still."""

from __future__ import annotations

from dataclasses import dataclass

from bythebook.records.events import EpochEnded, Event, Expected, RunEnded, RunEvaluated, RunsAnnounced, RunStarted


@dataclass
class Running:
    """A run that is being trained.

    Attributes:
        title: its name and seed.
        epoch: how many epochs it has finished.
        epochs: how many it has at most; 0 if nobody announced it.
        accuracy: on the validation images, after its last finished epoch.
    """

    title: str
    epoch: int
    epochs: int
    accuracy: float | None = None

    @property
    def share(self) -> float:
        """How much of it is done, between 0 and 1."""
        return min(1.0, self.epoch / self.epochs) if self.epochs else 0.0

    def __str__(self) -> str:
        reached = "" if self.accuracy is None else f", validation accuracy {self.accuracy:.4f}"
        return f"{self.title}: epoch {self.epoch}/{self.epochs or '?'}{reached}"


class Tally:
    """Counts events of runs. Times are in seconds on any clock that runs forward."""

    def __init__(self) -> None:
        self.done = 0
        self.running: dict[str, Running] = {}
        self.began: float | None = None
        self.worked = 0.0
        self.compiled: float | None = None
        self._announced: dict[str, Expected] = {}
        self._finished: dict[str, str] = {}
        self._later = 0

    def take(self, event: Event, now: float) -> None:
        """Counts an event."""
        match event:
            case RunsAnnounced():
                self._announced |= event.runs
                self._later = event.later
            case RunStarted():
                self.began = now if self.began is None else self.began
                announced = self._announced.get(event.key)
                epochs = announced.epochs if announced else 0
                self.running[event.key] = Running(f"{event.name} seed {event.seed}", 0, epochs)
            case EpochEnded() if event.key in self.running:
                running = self.running[event.key]
                running.epoch, running.accuracy = event.epoch.epoch + 1, event.epoch.metrics.get("val_accuracy")
            case RunEnded():
                self._finish(event.key, event.timings.seconds)
                self.compiled = (self.compiled or 0.0) + event.timings.compile_seconds
            case RunEvaluated():
                self._finish(event.key, event.seconds)

    def _finish(self, key: str, seconds: float) -> None:
        self.done += 1
        self._finished[key] = self.running.pop(key).title
        self.worked += seconds

    def title(self, key: str) -> str:
        """The name and seed of a run that has started."""
        return self._finished[key] if key in self._finished else self.running[key].title

    @property
    def total(self) -> int:
        """How many runs there are, as far as it is known."""
        return max(len(self._announced) + self._later, self.done + len(self.running))

    @property
    def share(self) -> float:
        """How much of the expected work is done, between 0 and 1."""
        seconds = {key: announced.seconds for key, announced in self._announced.items()}
        if not seconds or not sum(seconds.values()):
            return 0.0
        done = sum(seconds.get(key, 0.0) for key in self._finished)
        done += sum(seconds.get(key, 0.0) * running.share for key, running in self.running.items())
        # Of runs that nobody knows yet it is expected that they take as long as the others.
        return min(1.0, done / (sum(seconds.values()) * (1 + self._later / len(seconds))))

    def elapsed(self, now: float) -> float:
        """Seconds since the first run started."""
        return 0.0 if self.began is None else now - self.began

    def left(self, now: float) -> float | None:
        """Seconds until the last run ends, from the expected work that is left; None while nothing is done."""
        return self.elapsed(now) * (1 - self.share) / self.share if self.share else None

    def place(self, now: float) -> str:
        """How far the stage is: ``3/21 (about 2 min left)``."""
        left = self.left(now)
        return f"{self.done}/{self.total}" + ("" if left is None else f" (about {duration(left)} left)")


def duration(seconds: float) -> str:
    """Seconds for people: ``40 s``, ``3 min 20 s``, ``2 h 05 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
