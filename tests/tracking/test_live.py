from __future__ import annotations

import logging
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import live_stage
import pytest
from made_suites import events, made_execution, made_record, write_suite_folder
from seen_store import Seen

from bythebook.process import Process
from bythebook.records.events import RunStarted
from bythebook.tracking import Context, LiveTracker, publish
from bythebook.tracking.child import Child
from bythebook.tracking.live import EPOCHS_SECONDS, Recorder


def test_runs_appear_under_one_parent_with_everything(address: str, seen: Seen, context: Context) -> None:
    records = {
        "relu": [made_record("relu", seed) for seed in range(2)],
        "selu": [made_record("selu", 0, 3, "diverged")],
    }
    with LiveTracker(address, made_execution(records), context) as observe:
        for name, group in records.items():
            for record in group:
                for event in events(name, record):
                    observe(event)
    seen.assert_complete([record for group in records.values() for record in group])
    (parent,) = seen.parents()
    assert (parent.info.run_name, parent.info.status) == ("activations", "FINISHED")
    child = seen.children()[records["relu"][1].key]
    assert child.info.run_name == "relu/seed-1"
    assert child.data.tags["mlflow.parentRunId"] == parent.info.run_id
    assert child.data.params["activation"] == "relu"
    assert child.data.params["optimizer.momentum"] == "0.9"
    assert child.data.params["regularizer"] == "none"
    assert child.data.params["seed"] == "1"
    expected = {
        "mlflow.source.git.commit": "c0ffee",
        "git.dirty": "true",
        "dvc.stage": "train@activations",
        "dvc.experiment": "exp-lively",
        "recipe": "relu",
    }
    assert expected.items() <= child.data.tags.items()
    assert child.data.metrics["system/seconds"] == 9.0
    assert [file.path for file in seen.client.list_artifacts(child.info.run_id)] == ["record.json"]
    diverged = seen.children()[records["selu"][0].key]
    assert diverged.data.tags["reason"] == "loss became NaN in epoch 4"


def test_epochs_are_visible_while_training_goes_on(address: str, seen: Seen, context: Context) -> None:
    record = made_record("relu", 0)
    stream = list(events("relu", record))
    with LiveTracker(address, made_execution({"relu": [record]}), context) as observe:
        for event in stream[:3]:
            observe(event)
        _wait_until(lambda: any(len(seen.curve(run, "loss")) == 2 for run in seen.children().values()))
        assert seen.children()[record.key].info.status == "RUNNING"
        for event in stream[3:]:
            observe(event)
    seen.assert_complete([record])


def test_fast_epochs_are_written_several_at_a_time_and_none_is_lost(
    address: str, seen: Seen, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = made_record("relu", 0, epochs=5)
    begin, *epochs, _ = events("relu", record)
    written = []
    monkeypatch.setattr(Child, "add_epochs", lambda child, rows, ended: written.append([row.epoch for row in rows]))
    recorder = Recorder(address, made_execution({"relu": [record]}), context)
    recorder.record(begin)
    for number, event in enumerate(epochs, start=1):
        recorder.record(replace(event, at=begin.at + number * 0.4 * EPOCHS_SECONDS))
    assert written == [[0, 1, 2]]
    recorder.end("KILLED", "interrupted", begin.at + 9)
    assert written == [[0, 1, 2], [3, 4]]


def test_a_stage_with_nothing_to_train_never_connects(tmp_path: Path, context: Context) -> None:
    address = f"sqlite:///{tmp_path / 'none.db'}"
    with LiveTracker(address, made_execution({"relu": [made_record("relu", 0)]}), context):
        pass
    assert not (tmp_path / "none.db").exists()


def test_a_prepared_tracker_is_connected_before_the_first_event(address: str, seen: Seen, context: Context) -> None:
    record = made_record("relu", 0)
    with LiveTracker(address, made_execution({"relu": [record]}), context) as observe:
        observe.prepare()
        _wait_until(lambda: seen.client.get_experiment_by_name("digits/activations") is not None)
        assert not seen.parents()
        for event in events("relu", record):
            observe(event)
    seen.assert_complete([record])


def test_a_prepared_stage_without_runs_leaves_none(address: str, seen: Seen, context: Context) -> None:
    with LiveTracker(address, made_execution({"relu": [made_record("relu", 0)]}), context) as observe:
        observe.prepare()
    assert not seen.parents()


def test_a_run_that_starts_again_in_a_new_worker_is_logged_once(address: str, seen: Seen, context: Context) -> None:
    record = made_record("relu", 0)
    stream = list(events("relu", record))
    with LiveTracker(address, made_execution({"relu": [record]}), context) as observe:
        for event in [*stream[:4], *stream]:
            observe(event)
    seen.assert_complete([record])


def test_unplanned_runs_are_described_when_they_start_or_end(address: str, seen: Seen, context: Context) -> None:
    records = [made_record("relu", 0), made_record("elu", 0, 2, "pruned")]
    with LiveTracker(address, made_execution({}), context) as observe:
        for name, record in zip(("trial-000", "trial-001"), records, strict=True):
            for event in events(name, record):
                is_known = isinstance(event, RunStarted) and name == "trial-000"
                observe(replace(event, identity=record.identity) if is_known else event)
    seen.assert_complete(records)
    assert all(run.data.params["batch_size"] == "32" for run in seen.children().values())


@pytest.mark.parametrize(
    ("raised", "status", "reason"),
    [(KeyboardInterrupt, "KILLED", "interrupted"), (RuntimeError, "FAILED", "the stage failed")],
)
def test_a_stage_that_ends_badly_says_so_and_can_be_resumed(
    address: str, seen: Seen, context: Context, raised: type[BaseException], status: str, reason: str
) -> None:
    record = made_record("relu", 0)
    execution, stream = made_execution({"relu": [record]}), list(events("relu", record))
    with pytest.raises(raised), LiveTracker(address, execution, context) as observe:
        for event in stream[:3]:
            observe(event)
        raise raised
    (parent,), child = seen.parents(), seen.children()[record.key]
    assert (parent.info.status, child.info.status, child.data.tags["reason"]) == (status, "KILLED", reason)
    with LiveTracker(address, execution, context) as observe:
        for event in stream:
            observe(event)
    seen.assert_complete([record])
    assert "reason" not in seen.children()[record.key].data.tags
    assert [run.info.status for run in seen.parents()] == ["FINISHED"]


def test_kill_and_rerun_leaves_one_run_per_key_and_each_step_once(
    address: str, seen: Seen, context: Context, tmp_path: Path
) -> None:
    command = [sys.executable, live_stage.__file__, address]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as stage:
        assert stage.stdout is not None
        assert stage.stdout.readline() == "half-way\n"
        stage.kill()
    records = live_stage.RECORDS
    finished, cut_off = records["relu"]
    before = seen.children()
    assert before[finished.key].info.status == "FINISHED"
    assert before[cut_off.key].info.status == "RUNNING"

    # The finished run is in the memo; the stage trains the one that was cut off and the one that had not begun.
    with LiveTracker(address, made_execution(records), context) as observe:
        for name, record in (("relu", cut_off), ("elu", records["elu"][0])):
            for event in events(name, record):
                observe(event)
    seen.assert_complete([*records["relu"], *records["elu"]])
    assert [run.info.status for run in seen.parents()] == ["FINISHED"]
    after = seen.children()
    assert {key: after[key].info.run_id for key in before} == {key: run.info.run_id for key, run in before.items()}
    suite = write_suite_folder(tmp_path / "activations", records)
    assert publish(address, [suite], None, context, lambda key: None)["new"] == 0


def test_a_killed_stage_that_is_never_rerun_is_swept(address: str, seen: Seen, context: Context) -> None:
    command = [sys.executable, live_stage.__file__, address]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as stage:
        assert stage.stdout is not None
        stage.stdout.readline()
        assert publish(address, [], None, context, lambda key: None)["killed"] == 0
        stage.kill()
    assert publish(address, [], None, context, lambda key: None)["killed"] == 2
    assert {run.info.status for run in seen.runs()} == {"KILLED", "FINISHED"}


def test_a_run_of_a_container_with_the_same_name_is_not_swept(address: str, seen: Seen, context: Context) -> None:
    records = live_stage.RECORDS
    with LiveTracker(address, made_execution(records), context) as observe:
        for event in events("relu", records["relu"][0]):
            observe(event)
    (parent,) = seen.parents()
    gone = replace(Process.here(), place="a container", pid=2**22 + 1)
    seen.client.update_run(parent.info.run_id, status="RUNNING")
    seen.client.set_tag(parent.info.run_id, "bythebook.process", str(gone))
    assert publish(address, [], None, context, lambda key: None)["killed"] == 0
    seen.client.set_tag(parent.info.run_id, "bythebook.process", str(replace(gone, place=Process.here().place)))
    assert publish(address, [], None, context, lambda key: None)["killed"] == 1


@pytest.mark.parametrize("scheme", ["postgresql", "http"])
def test_a_store_that_does_not_answer_is_told_once_and_hides_its_password(
    scheme: str, context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    record = made_record("relu", 0)
    with (
        caplog.at_level(logging.WARNING, "bythebook"),
        LiveTracker(f"{scheme}://me:canary@127.0.0.1:9/runs", made_execution({"relu": [record]}), context) as observe,
    ):
        for event in events("relu", record):
            observe(event)
    (warning,) = [entry.getMessage() for entry in caplog.records if entry.name.startswith("bythebook")]
    assert f"{scheme}://me:***@127.0.0.1:9/runs does not answer" in warning
    assert "`make publish` mirrors them later" in warning
    assert "canary" not in caplog.text


def _wait_until(condition, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)
