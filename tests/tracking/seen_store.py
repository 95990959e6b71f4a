"""What a store holds, read with MLflow's own client."""

from __future__ import annotations

from mlflow.entities import Run
from mlflow.tracking import MlflowClient

from bythebook.records.run import RunRecord


class Seen:
    """A store and its runs, by experiment."""

    def __init__(self, address: str) -> None:
        self.client = MlflowClient(address)

    def runs(self, experiment: str = "digits/activations") -> list[Run]:
        found = self.client.get_experiment_by_name(experiment)
        return list(self.client.search_runs([found.experiment_id])) if found else []

    def children(self, experiment: str = "digits/activations") -> dict[str, Run]:
        """Runs by key; fails when two have the same."""
        children = [run for run in self.runs(experiment) if "bythebook.key" in run.data.tags]
        by_key = {run.data.tags["bythebook.key"]: run for run in children}
        assert len(by_key) == len(children)
        return by_key

    def parents(self, experiment: str = "digits/activations") -> list[Run]:
        return [run for run in self.runs(experiment) if "mlflow.parentRunId" not in run.data.tags]

    def curve(self, run: Run, metric: str) -> list[tuple[int, float]]:
        history = self.client.get_metric_history(run.info.run_id, metric)
        return sorted((point.step, point.value) for point in history)

    def assert_complete(self, records: list[RunRecord], experiment: str = "digits/activations") -> None:
        """Every record is there once, with every step once, and nothing claims to be running."""
        assert records
        children = self.children(experiment)
        for record in records:
            run = children[record.key]
            for name in ("loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"):
                assert self.curve(run, name) == [(epoch.epoch, epoch.values[name]) for epoch in record.epochs]
            ended_as = {"finished": "FINISHED", "diverged": "FAILED", "pruned": "KILLED"}
            assert run.info.status == ended_as[record.status]
            assert run.data.tags["bythebook.outcome"] == record.status
            assert len(run.inputs.dataset_inputs) == 1
        assert "RUNNING" not in {run.info.status for run in self.runs(experiment)}
