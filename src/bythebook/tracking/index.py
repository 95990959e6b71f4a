"""The runs of one experiment, found by their tags, so that none is created twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bythebook.tracking.connection import Store
from bythebook.tracking.tags import best, is_written_elsewhere, place

if TYPE_CHECKING:
    from mlflow.entities import Run


class Index:
    """What MLflow has of an experiment; read at first use, and again when that may have changed.

    Args:
        store: the connection.
        experiment_id: the experiment.
    """

    def __init__(self, store: Store, experiment_id: str) -> None:
        self._store, self._experiment_id = store, experiment_id
        self._runs: dict[str, list[Run]] | None = None

    def find(self, tag: str, value: str) -> Run | None:
        """The run that this tag identifies, of several the best; or None."""
        found = self._by_place().get(f"{tag}={value}")
        return best(found) if found else None

    def create(self, name: str, tags: Mapping[str, str], started: float) -> Run:
        """A new run; ``started`` in unix seconds."""
        try:
            run = self._store.client.create_run(self._experiment_id, int(started * 1000), dict(tags), run_name=name)
        except Exception:
            # The server may have created it before it fell silent: look again before the next attempt.
            self._runs = None
            raise
        self._by_place().setdefault(place(run), []).append(run)
        return run

    def remove_duplicates(self) -> int:
        """Deletes, of several runs with one key, all but the best; returns how many.

        Two appear when two computers write one run to a shared server at the same moment.
        """
        removed = 0
        for where, same in self._by_place().items():
            kept = best(same)
            for run in same if where else ():
                if run is not kept and not is_written_elsewhere(run):
                    self._store.client.delete_run(run.info.run_id)
                    removed += 1
        if removed:
            self._runs = None
        return removed

    def _by_place(self) -> dict[str, list[Run]]:
        if self._runs is None:
            runs: dict[str, list[Run]] = {}
            for run in self._store.runs([self._experiment_id]):
                runs.setdefault(place(run), []).append(run)
            self._runs = runs
        return self._runs
