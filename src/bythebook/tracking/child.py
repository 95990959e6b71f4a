"""One run in MLflow, to which only what it lacks is added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bythebook.documents import canonical_json
from bythebook.process import Process
from bythebook.records.run import Epoch, Identity, RunRecord, Timings
from bythebook.tracking import contents
from bythebook.tracking.connection import Store
from bythebook.tracking.library import mlflow
from bythebook.tracking.tags import OUTCOME, PROCESS, REASON, RUNNING, is_written_elsewhere

if TYPE_CHECKING:
    from mlflow.entities import Metric, Run

METRICS_PER_BATCH = 1000
PARAMETERS_PER_BATCH = 100
RECORD = "record.json"


class Child:
    """A run: of a recipe with a seed, of a suite, or of a document.

    Args:
        store: the connection.
        run: the run as MLflow has it; what is added later is remembered here.
    """

    def __init__(self, store: Store, run: Run) -> None:
        self._client, self._run = store.client, run
        self.id = str(run.info.run_id)
        self._values: dict[str, float] = dict(run.data.metrics)
        self._steps: dict[str, set[int]] = {}

    @property
    def is_complete(self) -> bool:
        """Whether MLflow has everything of it."""
        return OUTCOME in self._run.data.tags

    @property
    def is_written_elsewhere(self) -> bool:
        """Whether another process is writing it now."""
        return is_written_elsewhere(self._run)

    def lacks(self, record: RunRecord) -> bool:
        """Whether there is something to add: it is incomplete, or was pruned and has been trained to its end since."""
        outcome = self._run.data.tags.get(OUTCOME)
        return outcome is None or (outcome == "pruned" and record.status != "pruned")

    def resume(self) -> None:
        """Takes over a run that another process left, or goes on with one's own."""
        here = str(Process.here())
        if self._run.data.tags.get(PROCESS) != here:
            self._client.set_tag(self.id, PROCESS, here)
        if self._run.info.status != RUNNING:
            self._client.update_run(self.id, status=RUNNING)
        self._clear_reason()

    def describe(self, identity: Identity) -> None:
        """Adds parameters, digests and the data it is trained on."""
        entities = mlflow("mlflow.entities")
        known = self._run.data
        parameters = [
            entities.Param(name, value)
            for name, value in contents.parameters(identity).items()
            if name not in known.params
        ]
        for start in range(0, len(parameters), PARAMETERS_PER_BATCH):
            self._client.log_batch(self.id, params=parameters[start : start + PARAMETERS_PER_BATCH])
        known.params.update({parameter.key: parameter.value for parameter in parameters})
        self.add_tags(contents.identity_tags(identity))
        if not (self._run.inputs and self._run.inputs.dataset_inputs):
            data = entities.Dataset(**contents.data_input(identity))
            used_for = entities.InputTag("mlflow.data.context", "training")
            self._client.log_inputs(self.id, datasets=[entities.DatasetInput(data, [used_for])])

    def add_epochs(self, epochs: Sequence[Epoch], ended: Sequence[float]) -> int:
        """Adds the epochs that are missing; returns how many metric values were sent.

        Args:
            epochs: of a run record.
            ended: when each of them ended, unix seconds.
        """
        batch = [
            self._metric(name, value, epoch.epoch, at)
            for epoch, at in zip(epochs, ended, strict=True)
            for name, value in contents.epoch_metrics(epoch).items()
            if epoch.epoch not in self._known_steps(name)
        ]
        self._send(batch)
        for metric in batch:
            self._steps[metric.key].add(metric.step)
        return len(batch)

    def add_values(self, values: Mapping[str, float], at: float) -> int:
        """Adds single numbers that are missing or differ; returns how many were sent."""
        batch = [self._metric(name, value, 0, at) for name, value in values.items() if self._values.get(name) != value]
        self._send(batch)
        self._values.update({metric.key: metric.value for metric in batch})
        return len(batch)

    def add_tags(self, tags: Mapping[str, str]) -> None:
        """Adds tags that are missing or differ."""
        entities, known = mlflow("mlflow.entities"), self._run.data.tags
        batch = [entities.RunTag(name, value) for name, value in tags.items() if known.get(name) != value]
        if batch:
            self._client.log_batch(self.id, tags=batch)
            known.update(tags)

    def close(self, record: RunRecord, timings: Timings | None, unknown: float) -> None:
        """Completes the run from its record and ends it as it ended.

        Args:
            timings: when it was trained, if this machine knows.
            unknown: the unix seconds that stand for the unknown times.
        """
        _, ended, finished = contents.moments(record, timings, unknown)
        self._clear_reason()
        self.describe(record.identity)
        self.add_epochs(record.epochs, ended)
        self.add_values(contents.closing_metrics(record, timings), finished)
        self.add_file(RECORD, canonical_json(record.as_json()).decode())
        self.end(contents.STATUSES[record.status], finished, contents.closing_tags(record))

    def abandon(self, reason: str, at: float) -> None:
        """Ends a run whose stage ended before it."""
        self.end("KILLED", at, {REASON: reason})

    def add_file(self, name: str, text: str) -> None:
        """Adds a file, or replaces it."""
        self._client.log_text(self.id, text, name)

    def end(self, status: str, at: float, tags: Mapping[str, str]) -> None:
        """Ends the run; ``at`` in unix seconds. It is complete if the outcome is among the tags."""
        # The status before the tags: the outcome tag is the last word, so a run cut off here is completed next time.
        self._client.set_terminated(self.id, status, int(at * 1000))
        self.add_tags(tags)

    def _clear_reason(self) -> None:
        if self._run.data.tags.pop(REASON, None) is not None:
            self._client.delete_tag(self.id, REASON)

    def _known_steps(self, name: str) -> set[int]:
        if name not in self._steps:
            history = self._client.get_metric_history(self.id, name) if name in self._values else []
            self._steps[name] = {metric.step for metric in history}
        return self._steps[name]

    def _metric(self, name: str, value: float, step: int, at: float) -> Metric:
        found: Metric = mlflow("mlflow.entities").Metric(name, value, int(at * 1000), step)
        return found

    def _send(self, metrics: Sequence[Metric]) -> None:
        for start in range(0, len(metrics), METRICS_PER_BATCH):
            self._client.log_batch(self.id, metrics=metrics[start : start + METRICS_PER_BATCH])
