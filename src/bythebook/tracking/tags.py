"""The tags by which this program finds its own runs again, and what they say of a run's state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bythebook.process import Process

if TYPE_CHECKING:
    from mlflow.entities import Run

KEY = "bythebook.key"
GROUP = "bythebook.group"
OUTCOME = "bythebook.outcome"
PROCESS = "bythebook.process"
STUDY = "bythebook.study"
REASON = "reason"
RUNNING = "RUNNING"


def place(run: Run) -> str:
    """What a run is found by: its key, or its group if it is a parent; empty if it is not ours."""
    for tag in (KEY, GROUP):
        if tag in run.data.tags:
            return f"{tag}={run.data.tags[tag]}"
    return ""


def best(same: Sequence[Run]) -> Run:
    """Of several runs with one key the one to keep: the complete one, else the fullest, else the oldest."""
    return max(same, key=lambda run: (OUTCOME in run.data.tags, len(run.data.metrics), -run.info.start_time))


def is_written_elsewhere(run: Run) -> bool:
    """Whether another process that is known to live is writing the run now."""
    writer = _writer(run)
    return writer is not None and writer != Process.here() and writer.has_ended() is False


def is_abandoned(run: Run) -> bool:
    """Whether the run claims to be running though its process is known to be gone."""
    writer = _writer(run)
    return writer is not None and writer.has_ended() is True


def _writer(run: Run) -> Process | None:
    """The process that a running run says is writing it."""
    named = run.data.tags.get(PROCESS)
    return Process.of(named) if named and run.info.status == RUNNING else None
