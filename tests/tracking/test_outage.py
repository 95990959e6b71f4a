"""A real MLflow server on loopback that dies while runs are being trained."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from made_suites import events, made_execution, made_record, write_suite_folder
from seen_store import Seen

from bythebook.tracking import Context, LiveTracker, publish, user_interface
from bythebook.tracking.server import free_port

RECORDS = {"relu": [made_record("relu", 0), made_record("relu", 1)], "elu": [made_record("elu", 0)]}


@contextmanager
def served(address: str, port: int, folder: Path) -> Iterator[int]:
    """A server for the store; yields the id of its process group once it answers."""
    server = user_interface(address, folder / "served", port=port)
    variables = {**os.environ, **server.settings}
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(
            server.command, env=variables, stdout=log, stderr=log, start_new_session=True, cwd=folder
        )
    try:
        while not _answers(port):
            assert process.poll() is None, (folder / "server.log").read_text()
            time.sleep(0.1)
        yield process.pid
    finally:
        kill(process.pid)
        process.wait()


def kill(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1) as answer:
            return answer.status == 200
    except OSError:
        return False


def test_a_server_that_dies_midway_costs_nothing(
    address: str, seen: Seen, context: Context, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    port = free_port("127.0.0.1", 5600)
    url = f"http://127.0.0.1:{port}"
    (finished, cut_off), (unseen,) = RECORDS["relu"], RECORDS["elu"]
    suite = write_suite_folder(tmp_path / "activations", RECORDS)
    with served(address, port, tmp_path) as group, caplog.at_level(logging.WARNING, "bythebook"):
        with LiveTracker(url, made_execution(RECORDS), context) as observe:
            stream = list(events("relu", cut_off))
            for event in [*events("relu", finished), *stream[:3]]:
                observe(event)
            while (run := seen.children().get(cut_off["key"])) is None or len(seen.curve(run, "loss")) < 2:
                time.sleep(0.05)
            kill(group)
            before = time.monotonic()
            for event in [*stream[3:], *events("elu", unseen)]:
                observe(event)
            assert time.monotonic() - before < 0.5
        assert time.monotonic() - before < 10
    assert [entry.getMessage() for entry in caplog.records if entry.name.startswith("bythebook")] == [
        f"the tracking server {url} does not answer; training goes on, runs are recorded on disk, "
        "and `make publish` mirrors them later."
    ]
    assert seen.children()[cut_off["key"]].info.status == "RUNNING"

    with served(address, port, tmp_path):
        first = publish(url, [suite], None, context, lambda key: None)
        second = publish(url, [suite], None, context, lambda key: None)
    assert (first["new"], first["completed"]) == (1, 1)
    assert (second["new"], second["completed"], second["measured"]) == (0, 0, 0)
    seen.assert_complete([*RECORDS["relu"], *RECORDS["elu"]])
    assert [run.info.status for run in seen.parents()] == ["FINISHED"]
    assert list((tmp_path / "served").rglob("record.json"))
