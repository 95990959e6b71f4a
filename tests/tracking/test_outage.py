"""A real MLflow server on loopback that dies while runs are being trained."""

from __future__ import annotations

import logging
import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from made_suites import events, made_execution, made_record, write_suite_folder
from mlflow_server import kill, served
from seen_store import Seen

from bythebook.tracking import Context, LiveTracker, publish
from bythebook.tracking.server import free_port

RECORDS = {"relu": [made_record("relu", 0), made_record("relu", 1)], "elu": [made_record("elu", 0)]}


def threads_that_connect(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The name of the thread for every connection that is tried from now on."""
    asking: list[str] = []
    connect = socket.socket.connect

    def noted(self: socket.socket, address: Any) -> None:
        asking.append(threading.current_thread().name)
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", noted)
    return asking


def test_a_server_that_dies_midway_costs_nothing(
    address: str,
    seen: Seen,
    context: Context,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    port = free_port("127.0.0.1", 5600)
    url = f"http://127.0.0.1:{port}"
    (finished, cut_off), (unseen,) = RECORDS["relu"], RECORDS["elu"]
    suite = write_suite_folder(tmp_path / "activations", RECORDS)
    with (
        served(address, port, tmp_path) as group,
        caplog.at_level(logging.WARNING, "bythebook"),
        LiveTracker(url, made_execution(RECORDS), context) as observe,
    ):
        stream = list(events("relu", cut_off))
        for event in [*events("relu", finished), *stream[:3]]:
            observe(event)
        while (run := seen.children().get(cut_off.key)) is None or len(seen.curve(run, "loss")) < 2:
            time.sleep(0.05)
        kill(group)
        asking = threads_that_connect(monkeypatch)
        for event in [*stream[3:], *events("elu", unseen)]:
            observe(event)
    # Training, which is this thread, has waited for no answer; and not every event has been tried in vain.
    assert set(asking) == {"tracking"}
    assert len(asking) < len(stream)
    assert [entry.getMessage() for entry in caplog.records if entry.name.startswith("bythebook")] == [
        f"the tracking server {url} does not answer; training goes on, runs are recorded on disk, "
        "and `make publish` mirrors them later."
    ]
    assert seen.children()[cut_off.key].info.status == "RUNNING"

    with served(address, port, tmp_path):
        first = publish(url, [suite], None, context, lambda key: None)
        second = publish(url, [suite], None, context, lambda key: None)
    assert (first["new"], first["completed"]) == (1, 1)
    assert (second["new"], second["completed"], second["measured"]) == (0, 0, 0)
    seen.assert_complete([*RECORDS["relu"], *RECORDS["elu"]])
    assert [run.info.status for run in seen.parents()] == ["FINISHED"]
    assert list((tmp_path / "served").rglob("record.json"))
