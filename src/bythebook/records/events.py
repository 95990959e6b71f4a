"""What workers tell while they train: events that progress lines and the mirror in MLflow observe."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bythebook.records.run import Epoch, Identity, RunRecord, Timings


@dataclass(frozen=True)
class Expected:
    """What a run is expected to take."""

    seconds: float
    epochs: int


@dataclass(frozen=True)
class RunsAnnounced:
    """Runs are about to be trained.

    Attributes:
        runs: what each is expected to take, by key.
        later: how many more may be announced after these have finished.
    """

    runs: Mapping[str, Expected]
    later: int = 0


@dataclass(frozen=True)
class RunStarted:
    """A run has started.

    Attributes:
        at: when, in unix seconds.
        identity: what decides its bytes; None where the run is only evaluated.
    """

    key: str
    name: str
    seed: int
    at: float
    identity: Identity | None = None


@dataclass(frozen=True)
class EpochEnded:
    """A run has finished an epoch, at a time in unix seconds."""

    key: str
    epoch: Epoch
    at: float


@dataclass(frozen=True)
class RunEnded:
    """A run has been trained, or stopped."""

    key: str
    record: RunRecord
    timings: Timings


@dataclass(frozen=True)
class RunEvaluated:
    """A trained run has been asked about the test images."""

    key: str
    accuracy: float
    seconds: float


Event = RunsAnnounced | RunStarted | EpochEnded | RunEnded | RunEvaluated
Observe = Callable[[Event], None]


def ignore_events(event: Event) -> None:
    """Observe nothing, for tasks that emit no events."""
