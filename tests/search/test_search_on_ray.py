"""A search whose trials are trained on a Ray cluster: who dies in its middle costs no trial."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
import synthetic_search as synthetic

from bythebook.records.events import Event
from bythebook.runs.cluster.executor import RayExecutor

pytestmark = pytest.mark.xdist_group("ray")


def ended(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_killed_driver_and_a_killed_worker_cost_no_trial(cluster: Any, tmp_path: Path) -> None:
    """First the driver, with which its workers end; then a worker of the driver that goes on."""
    whole = synthetic.run(tmp_path / "whole")
    folder, elsewhere = tmp_path / "search", str(tmp_path / "elsewhere")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    script = Path(__file__).with_name("waiting_search.py")
    command = [sys.executable, str(script), str(folder), "6", cluster.address, elsewhere]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as driver:
        assert driver.stdout is not None
        driver_and_workers = json.loads(driver.stdout.readline())
        driver.kill()
    # The second worker may not have been ready in time to train one of them.
    assert len(driver_and_workers) in (2, 3) and driver.returncode == -signal.SIGKILL
    assert len(list((folder / "told" / "synthetic").glob("*.json"))) < synthetic.SETTINGS.trials
    end = time.monotonic() + 60
    while not all(map(ended, driver_and_workers)):
        assert time.monotonic() < end, "a worker outlives its driver"
        time.sleep(0.05)

    killed: list[int] = []

    def kill(event: Event) -> None:
        if not killed and event["number"] > 9:
            killed.append(event["pid"])
            os.kill(event["pid"], signal.SIGKILL)

    executor = RayExecutor(2, synthetic.nothing, cluster.address, elsewhere)
    assert synthetic.run(folder, evaluate=synthetic.through(executor, kill)) == whole
    assert len(killed) == 1
