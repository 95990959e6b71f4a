"""Bringing MLflow up to date with run records and documents on disk; a second time it finds nothing to do."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bythebook.documents import canonical_json
from bythebook.records.run import Timings
from bythebook.records.suite import Entry, Suite, read_suite
from bythebook.tracking import contents
from bythebook.tracking.child import RECORD, Child
from bythebook.tracking.connection import Store, connect, explained, repeated
from bythebook.tracking.context import Context
from bythebook.tracking.document import Document
from bythebook.tracking.document_mirror import mirror_documents
from bythebook.tracking.execution import Execution, Planned
from bythebook.tracking.experiment import Experiment
from bythebook.tracking.tags import PARENT, REASON, RUNNING, STUDY, is_abandoned, is_written_elsewhere

MIRRORED = {"bythebook.mirrored": "true"}
FindTimings = Callable[[str], Timings | None]
Files = Callable[[Suite], Mapping[str, str]]
COUNTS = ("runs", "new", "completed", "measured", "documents", "killed", "duplicates")


def publish(
    address: str,
    suite_directories: Sequence[Path],
    evaluation: Mapping[str, Any] | None,
    context: Context,
    timings: FindTimings,
    documents: Sequence[Document] = (),
    files: Files | None = None,
) -> dict[str, Any]:
    """Adds to MLflow every run record that it lacks, completes what was interrupted, adds test metrics and documents.

    Args:
        address: the store, as :func:`bythebook.tracking.addresses.resolve` gives it.
        suite_directories: folders with a ``suite.json``.
        evaluation: the content of ``evaluation.json``, or None when there is none yet.
        context: what new runs are tagged with.
        timings: when a run was trained, by its key; None where this machine does not know.
        documents: verdicts of claims and measurements of probes.
        files: what belongs to a study's parent run, texts by name; asked for when MLflow lacks them.

    Returns:
        counts: ``runs`` on disk, of them ``new`` in MLflow, ``completed`` and ``measured`` (test metrics added);
        ``documents`` added; ``killed`` runs whose process is gone; ``duplicates`` removed; and ``experiments``, the
        runs and documents of each.

    Raises:
        UserError: a suite cannot be read, or the store does not answer.
    """
    suites = [read_suite(directory) for directory in suite_directories]
    measured = (evaluation or {}).get("runs", {})
    store = connect(address)
    counts: Counter[str] = Counter(dict.fromkeys(COUNTS, 0))
    with explained(address):
        for suite in suites:
            repeated(_SuiteMirror(store, suite, context, measured, timings, counts, files).bring_up_to_date)
        repeated(lambda: mirror_documents(store, documents, context, counts))
        counts["killed"] += repeated(lambda: _sweep(store))
    experiments = {suite.experiment: len(suite.entries) for suite in suites}
    return {**counts, "experiments": experiments | Counter(document.experiment for document in documents)}


class _SuiteMirror:
    def __init__(
        self,
        store: Store,
        suite: Suite,
        context: Context,
        measured: Mapping[str, Any],
        timings: FindTimings,
        counts: Counter[str],
        files: Files | None,
    ) -> None:
        self._files = files
        self._store, self._suite, self._context = store, suite, context
        self._measured, self._timings, self._counts = measured, timings, counts
        self._execution = Execution.of_suite(suite)
        self._moments = {
            entry.key: contents.moments(entry.record, timings(entry.key), _written(entry)) for entry in suite.entries
        }

    def bring_up_to_date(self) -> None:
        """Mirrors one suite; safe to repeat."""
        experiment = Experiment(self._store, self._execution, self._context)
        self._counts["duplicates"] += experiment.remove_duplicates()
        for entry in self._suite.entries:
            self._mirror(experiment, entry)
        self._end_parent(experiment)
        self._counts["runs"] += len(self._suite.entries)

    def _mirror(self, experiment: Experiment, entry: Entry) -> None:
        child = experiment.child(entry.key)
        if child and child.is_written_elsewhere:
            return
        is_new = child is None
        if child is None:
            parent = experiment.open_parent(self._span()[0])
            child = experiment.open_child(Planned.of_entry(entry), parent, self._moments[entry.key][0], MIRRORED)
        if child.lacks(entry.record):
            child.close(entry.record, self._timings(entry.key), _written(entry))
            self._counts["new" if is_new else "completed"] += 1
        test = contents.test_metrics(self._measured.get(f"{self._suite.suite}/{entry.name}/seed-{entry.seed}", {}))
        if child.add_values(test, time.time()):
            self._counts["measured"] += 1

    def _end_parent(self, experiment: Experiment) -> None:
        parent = experiment.parent()
        if parent is None or not self._moments or is_written_elsewhere(parent):
            return
        records = [entry.record for entry in self._suite.entries]
        summary = Child(self._store, parent)
        summary.add_values(contents.parent_metrics(records), self._span()[1])
        summary.add_tags(contents.parent_tags(records))
        self._add_files(summary, parent.data.tags.get(STUDY))
        if parent.info.status != "FINISHED":
            experiment.end_parent(parent.info.run_id, "FINISHED", self._span()[1])

    def _add_files(self, summary: Child, known: str | None) -> None:
        """What belongs to a study, unless the parent has it: the digest of what the study found tells."""
        if self._files is None or "guideline" not in self._suite.extra:
            return
        digest = hashlib.sha256(canonical_json(self._suite.extra)).hexdigest()
        if digest != known:
            for name, text in self._files(self._suite).items():
                summary.add_file(name, text)
            summary.add_tags({STUDY: digest})

    def _span(self) -> tuple[float, float]:
        """When the first of the runs started and the last one ended, in unix seconds."""
        moments = self._moments.values()
        return min(moment[0] for moment in moments), max(moment[2] for moment in moments)


def _written(entry: Entry) -> float:
    """When the record was written to this disk, unix seconds: what stands for times that nobody here knows."""
    return (entry.directory / RECORD).stat().st_mtime


def _sweep(store: Store) -> int:
    """Ends the runs that claim to be running though their process is gone; returns how many."""
    swept = 0
    running = {run.info.run_id: run for run in store.runs(store.experiment_ids(), f"attributes.status = '{RUNNING}'")}
    for run in running.values():
        if is_abandoned(run, running.get(run.data.tags.get(PARENT)), time.time()):
            store.client.set_tag(run.info.run_id, REASON, "its process was killed")
            store.client.set_terminated(run.info.run_id, "KILLED")
            swept += 1
    return swept
