"""A stage that logs the first half of its runs and then waits to be killed; started as a process of its own.

Arguments: the address of the store.
"""

from __future__ import annotations

import sys
import time

# Before there is a second thread: two that import it at the same time can each find it half-made.
import sqlalchemy as sqlalchemy
from made_suites import events, made_execution, made_record
from mlflow.tracking import MlflowClient

from bythebook.tracking import Context, LiveTracker

RECORDS = {"relu": [made_record("relu", 0), made_record("relu", 1)], "elu": [made_record("elu", 0)]}


def main(address: str) -> None:
    first, second = RECORDS["relu"]
    with LiveTracker(address, made_execution(RECORDS), Context(None, False, "train@activations")) as observe:
        for event in [*events("relu", first), *list(events("relu", second))[:3]]:
            observe(event)
        client = MlflowClient(address)
        while not _has_steps(client, second.key, 2):
            time.sleep(0.05)
        print("half-way", flush=True)
        sys.stdin.read()


def _has_steps(client: MlflowClient, key: str, steps: int) -> bool:
    experiment = client.get_experiment_by_name("digits/activations")
    runs = client.search_runs([experiment.experiment_id], f"tags.`bythebook.key` = '{key}'") if experiment else []
    return any(len(client.get_metric_history(run.info.run_id, "loss")) == steps for run in runs)


if __name__ == "__main__":
    main(sys.argv[1])
