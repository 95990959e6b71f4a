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
PARENT = "mlflow.parentRunId"
REASON = "reason"
# When the process that writes a parent run was last known to live, unix seconds by its clock.
SEEN = "bythebook.seen"
RUNNING = "RUNNING"
# A process of which nothing else can be known counts as gone when it has been silent for so long.
SILENT_SECONDS = 3600.0


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


def is_abandoned(run: Run, parent: Run | None, now: float) -> bool:
    """Return whether the run claims to be running though its process is gone.

    Args:
        parent: its parent if that is running, too: its process says every minute that it lives.
        now: unix seconds.
    """
    writer = _writer(run)
    if writer is None:
        return False
    ended = writer.has_ended()
    if ended is not None:
        return ended
    signs = [max(one.info.start_time / 1000, float(one.data.tags.get(SEEN, 0))) for one in (run, parent) if one]
    return now - max(signs) > SILENT_SECONDS


def _writer(run: Run) -> Process | None:
    """The process that a running run says is writing it."""
    named = run.data.tags.get(PROCESS)
    return Process.of(named) if named and run.info.status == RUNNING else None
