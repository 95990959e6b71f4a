"""Runs left running by a process that nobody can ask: of a container that is gone, or of before a restart."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from made_suites import events, made_execution, made_record
from mlflow.tracking import MlflowClient
from seen_store import Seen

from bythebook.process import Process
from bythebook.tracking import Context, LiveTracker, delivery, live, publish
from bythebook.tracking.tags import PARENT, PROCESS, SEEN, SILENT_SECONDS

ELSEWHERE = str(replace(Process.here(), place="a container", host="far"))


def ended(address: str, context: Context) -> int:
    return publish(address, [], None, context, lambda key: None)["killed"]


def started(client: MlflowClient, seconds_ago: float, **tags: str) -> str:
    """A run that was left running, and its id."""
    at = int((time.time() - seconds_ago) * 1000)
    return client.create_run("0", at, {PROCESS: ELSEWHERE, **tags}).info.run_id


def test_a_run_of_a_container_is_ended_when_its_stage_has_been_silent(
    address: str, seen: Seen, context: Context
) -> None:
    client, late = seen.client, 2 * SILENT_SECONDS
    parent = started(client, late, **{SEEN: str(int(time.time() - SILENT_SECONDS / 2))})
    child = started(client, late, **{PARENT: parent})
    started(client, SILENT_SECONDS / 2)
    assert ended(address, context) == 0
    client.set_tag(parent, SEEN, str(int(time.time() - late)))
    assert ended(address, context) == 2
    assert {client.get_run(run).info.status for run in (parent, child)} == {"KILLED"}


def test_a_stage_shows_that_it_lives_while_nothing_else_is_sent(
    address: str, seen: Seen, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "QUIET_SECONDS", 0.05)
    monkeypatch.setattr(live, "SHOW_LIFE_SECONDS", 0.0)
    record = made_record("relu", 0)
    with LiveTracker(address, made_execution({"relu": [record]}), context) as observe:
        observe(next(iter(events("relu", record))))
        before, end = set(), time.monotonic() + 30
        while len(before) < 3:
            assert time.monotonic() < end
            before |= {run.data.tags.get(SEEN) for run in seen.parents()}
            time.sleep(0.1)
    assert abs(max(int(shown) for shown in before - {None}) - time.time()) < SILENT_SECONDS / 10
