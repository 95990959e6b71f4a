"""One MLflow experiment: finds runs by key, creates those that it lacks, and adds to each what it lacks.

Live tracking and the mirror both go through here, so a run looks the same whichever wrote it, and whatever was
interrupted is completed instead of repeated.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bythebook.process import Process
from bythebook.tracking.child import Child
from bythebook.tracking.connection import Store
from bythebook.tracking.context import Context
from bythebook.tracking.execution import Execution, Planned
from bythebook.tracking.index import Index
from bythebook.tracking.tags import GROUP, KEY, PARENT, PROCESS, RUNNING, SEEN

if TYPE_CHECKING:
    from mlflow.entities import Run


class Experiment:
    """The runs of one dataset and suite.

    Args:
        store: the connection.
        execution: the suite; its experiment is created if it does not exist.
        context: what new and resumed runs are tagged with.
    """

    def __init__(self, store: Store, execution: Execution, context: Context) -> None:
        self.store, self._execution = store, execution
        self._tags = context.tags() | {"dvc.stage": execution.stage}
        self.id = store.experiment(execution.experiment, execution.question)
        self._runs = Index(store, self.id)

    def child(self, key: str) -> Child | None:
        """The run with this key, or None."""
        found = self._runs.find(KEY, key)
        return Child(self.store, found) if found else None

    def open_child(
        self, planned: Planned, parent: str, started: float, extra: Mapping[str, str] | None = None
    ) -> Child:
        """The run with this key, which is created if need be, with what is known of it already.

        Args:
            parent: the id of the parent run.
            started: unix seconds; counts for a new run.
            extra: more tags for a new run.
        """
        child = self.child(planned.key)
        if child is None:
            tags = self._tags | dict(planned.tags) | dict(extra or {})
            tags |= {KEY: planned.key, "recipe": planned.name, "seed": str(planned.seed), PARENT: parent}
            if planned.about:
                tags["mlflow.note.content"] = planned.about
            child = Child(self.store, self._runs.create(planned.title, tags, started))
        if planned.identity is not None and not child.is_complete:
            child.describe(planned.identity)
        return child

    def parent(self) -> Run | None:
        """The parent run of the execution, or None."""
        return self._runs.find(GROUP, self._execution.group)

    def open_parent(self, started: float) -> str:
        """The id of the parent run, which is created if need be; ``started`` in unix seconds counts for a new one."""
        found = self.parent()
        if found is None:
            tags = self._tags | {
                GROUP: self._execution.group,
                "mlflow.note.content": self._execution.question,
            }
            found = self._runs.create(self._execution.suite, tags, started)
        return str(found.info.run_id)

    def resume_parent(self, run_id: str) -> None:
        """Marks a parent run as being written by this process."""
        self.store.client.set_tag(run_id, PROCESS, str(Process.here()))
        self.store.client.update_run(run_id, status=RUNNING)

    def see_parent(self, run_id: str, at: float) -> None:
        """Note that the process which writes a parent run lived ``at``, in unix seconds."""
        self.store.client.set_tag(run_id, SEEN, str(int(at)))

    def end_parent(self, run_id: str, status: str, at: float) -> None:
        """Ends a parent run; ``at`` in unix seconds."""
        self.store.client.set_terminated(run_id, status, int(at * 1000))

    def remove_duplicates(self) -> int:
        """Deletes, of several runs with one key, all but the best; returns how many."""
        return self._runs.remove_duplicates()
