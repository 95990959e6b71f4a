"""The tags by which this program finds its own runs again, and what they say of a run's state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bythebook.tracking.processes import is_alive, own_process

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
    process = run.data.tags.get(PROCESS)
    return run.info.status == RUNNING and process not in (None, own_process()) and is_alive(str(process)) is True


def is_abandoned(run: Run) -> bool:
    """Whether the run claims to be running though its process on this host is gone."""
    process = run.data.tags.get(PROCESS)
    return run.info.status == RUNNING and process is not None and is_alive(process) is False
