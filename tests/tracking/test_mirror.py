from __future__ import annotations

import os
from pathlib import Path

import pytest
from made_records import changed, made_timings
from made_suites import STARTED, events, made_execution, made_record, write_suite_folder
from mlflow.tracking import MlflowClient
from seen_store import Seen

from bythebook.errors import UserError
from bythebook.records.suite import Suite
from bythebook.tracking import Context, LiveTracker, publish
from bythebook.tracking.connection import connect

RECORDS = {
    "relu": [made_record("relu", 0), made_record("relu", 1)],
    "selu": [made_record("selu", 0, 3, "diverged"), made_record("selu", 1, 0, "diverged")],
}
ALL = [record for group in RECORDS.values() for record in group]
EVALUATION = {
    "runs": {
        "activations/relu/seed-0": {
            "key": ALL[0].key,
            "loss": 0.5,
            "accuracy": 0.875,
            "per_class": [0.9],
            "images": 360,
        }
    }
}


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    return write_suite_folder(tmp_path / "runs" / "activations", RECORDS)


def no_timings(key: str) -> None:
    return None


def test_a_second_time_adds_nothing(address: str, seen: Seen, suite: Path, context: Context) -> None:
    first = publish(address, [suite], EVALUATION, context, no_timings)
    assert (first["runs"], first["new"], first["measured"]) == (4, 4, 1)
    seen.assert_complete(ALL)
    child = seen.children()[ALL[0].key]
    assert (child.data.metrics["test_accuracy"], child.data.metrics["test_loss"]) == (0.875, 0.5)
    assert child.data.tags["bythebook.mirrored"] == "true"
    before = [run.to_dictionary() for run in seen.runs()]
    second = publish(address, [suite], EVALUATION, context, no_timings)
    assert [second[name] for name in ("new", "completed", "measured", "killed", "duplicates")] == [0] * 5
    assert [run.to_dictionary() for run in seen.runs()] == before
    assert seen.curve(child, "test_accuracy") == [(0, 0.875)]
    (parent,) = seen.parents()
    assert (parent.info.status, parent.data.tags["runs"]) == ("FINISHED", "2 finished, 2 diverged")


def test_a_new_metric_is_added_to_runs_that_are_there(address: str, seen: Seen, suite: Path, context: Context) -> None:
    publish(address, [suite], None, context, no_timings)
    assert publish(address, [suite], EVALUATION, context, no_timings)["measured"] == 1
    assert seen.children()[ALL[0].key].data.metrics["test_accuracy"] == 0.875


def test_live_and_mirrored_runs_are_alike(tmp_path: Path, template: Path, context: Context, suite: Path) -> None:
    shown = []
    for way in ("live", "mirrored"):
        (tmp_path / way).mkdir()
        (tmp_path / way / "mlflow.db").write_bytes(template.read_bytes())
        address = f"sqlite:///{tmp_path / way / 'mlflow.db'}"
        timings = {record.key: made_timings(record, STARTED) for record in ALL}
        if way == "live":
            with LiveTracker(address, made_execution(RECORDS), context) as observe:
                for name, group in RECORDS.items():
                    for record in group:
                        for event in events(name, record):
                            observe(event)
        else:
            publish(address, [suite], None, context, timings.get)
        runs = Seen(address).children()
        shown.append({key: _visible(run) for key, run in runs.items()})
    live, mirrored = shown
    assert live == mirrored
    assert len(live) == len(ALL)


def _visible(run) -> tuple:
    own = ("mlflow.parentRunId", "mlflow.user", "bythebook.mirrored")
    tags = {name: value for name, value in run.data.tags.items() if name not in own}
    info = (run.info.run_name, run.info.status, run.info.start_time, run.info.end_time)
    return info, run.data.params, run.data.metrics, tags, run.inputs.dataset_inputs[0].dataset.to_dictionary()


def test_what_was_trained_when_comes_from_the_timings(address: str, seen: Seen, suite: Path, context: Context) -> None:
    publish(address, [suite], None, context, {ALL[0].key: made_timings(ALL[0], STARTED)}.get)
    child = seen.children()[ALL[0].key]
    assert child.info.start_time == int(STARTED * 1000)
    assert child.info.end_time == int((STARTED + 9) * 1000)


def test_a_long_run_is_sent_in_batches(address: str, seen: Seen, tmp_path: Path, context: Context) -> None:
    record = made_record("relu", 0, epochs=450)
    suite = write_suite_folder(tmp_path / "long", {"relu": [record]})
    publish(address, [suite], None, context, no_timings)
    seen.assert_complete([record])


def test_an_edited_recipe_adds_one_run(address: str, seen: Seen, suite: Path, context: Context, tmp_path: Path) -> None:
    publish(address, [suite], None, context, no_timings)
    edited = RECORDS | {"relu": [made_record("relu", 0, rate=0.5), RECORDS["relu"][1]]}
    changed = write_suite_folder(tmp_path / "changed", edited)
    assert publish(address, [changed], None, context, no_timings)["new"] == 1
    assert len(seen.children()) == len(ALL) + 1
    assert len(seen.parents()) == 2


def test_a_search_keeps_its_parent_when_it_grows(address: str, seen: Seen, tmp_path: Path, context: Context) -> None:
    trials = {f"trial-{number:03}": [made_record("relu", 0, rate=0.1 * (number + 1))] for number in range(3)}
    for count in (2, 3):
        some = dict(list(trials.items())[:count])
        folder = write_suite_folder(tmp_path / f"search-{count}", some, "search", {"study": "default_dnn-0123"})
        publish(address, [folder], None, context, no_timings)
    assert len(seen.parents("digits/search")) == 1
    assert len(seen.children("digits/search")) == 3


def test_what_a_study_found_stands_beside_its_runs_and_is_sent_once(
    address: str, seen: Seen, tmp_path: Path, context: Context
) -> None:
    asked: list[str] = []

    def files(suite: Suite) -> dict[str, str]:
        asked.append(suite.suite)
        return {"study.json": str(suite.extra["best"]), "history.svg": "<svg/>"}

    plain = write_suite_folder(tmp_path / "plain", RECORDS)
    for number, best in enumerate((1, 1, 2)):
        extra = {"study": "default_dnn-0123", "guideline": "default_dnn", "best": best}
        folder = write_suite_folder(tmp_path / f"search-{number}", {"trial-000": [ALL[0]]}, "search", extra)
        publish(address, [plain, folder], None, context, no_timings, files=files)
    assert asked == ["search", "search"]
    (parent,) = seen.parents("digits/search")
    assert {file.path for file in seen.client.list_artifacts(parent.info.run_id)} == {"study.json", "history.svg"}
    assert "2" in Path(seen.client.download_artifacts(parent.info.run_id, "study.json")).read_text()


def test_a_pruned_run_is_completed_once_it_was_trained_to_its_end(
    address: str, seen: Seen, tmp_path: Path, context: Context
) -> None:
    whole = made_record("relu", 0)
    cut = changed(whole, status="pruned", epochs=whole.as_json()["epochs"][:2])
    for number, record in enumerate((cut, whole, cut)):
        folder = write_suite_folder(tmp_path / f"search-{number}", {"trial-000": [record]})
        publish(address, [folder], None, context, no_timings)
    seen.assert_complete([whole])


def test_duplicates_that_a_race_left_are_removed(address: str, seen: Seen, suite: Path, context: Context) -> None:
    publish(address, [suite], None, context, no_timings)
    kept = seen.children()[ALL[0].key]
    seen.client.create_run(kept.info.experiment_id, tags={"bythebook.key": ALL[0].key})
    assert publish(address, [suite], None, context, no_timings)["duplicates"] == 1
    assert seen.children()[ALL[0].key].info.run_id == kept.info.run_id


def test_a_deleted_experiment_comes_back(address: str, seen: Seen, suite: Path, context: Context) -> None:
    publish(address, [suite], None, context, no_timings)
    seen.client.delete_experiment(seen.runs()[0].info.experiment_id)
    publish(address, [suite], None, context, no_timings)
    seen.assert_complete(ALL)


def test_foreign_runs_are_left_alone(address: str, suite: Path, context: Context) -> None:
    client = MlflowClient(address)
    foreign = client.create_run(client.create_experiment("digits/activations"))
    assert publish(address, [suite], None, context, no_timings)["killed"] == 0
    assert client.get_run(foreign.info.run_id).info.status == "RUNNING"


def test_no_environment_variable_gets_into_the_store(
    address: str, suite: Path, context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_API_TOKEN", "canary-5e1f")
    publish(address, [suite], EVALUATION, context, no_timings)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.name == "record.json" and "mlruns" in path.parts for path in files)
    assert not [path for path in files if b"canary-5e1f" in path.read_bytes() or b"MY_API_TOKEN" in path.read_bytes()]


def test_a_server_that_does_not_answer_is_an_error_that_says_what_to_do(suite: Path, context: Context) -> None:
    with pytest.raises(UserError) as raised:
        publish("http://me:canary@127.0.0.1:9", [suite], None, context, no_timings)
    assert "http://me:***@127.0.0.1:9 does not answer" in str(raised.value)
    assert "make publish" in str(raised.value)
    assert "canary" not in str(raised.value)


def test_files_that_cannot_be_a_store_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("this is not a database")
    with pytest.raises(UserError, match="is not an SQLite database"):
        connect(f"sqlite:///{tmp_path / 'text.db'}")
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="cannot be written"):
        connect(f"sqlite:///{tmp_path / 'file' / 'mlflow.db'}")


def test_a_store_of_another_version_names_the_command_that_mends_it(address: str, tmp_path: Path) -> None:
    import sqlite3

    with sqlite3.connect(tmp_path / "mlflow.db") as database:
        database.execute("update alembic_version set version_num = '451aebb31d03'")
    with pytest.raises(UserError, match="mlflow db upgrade"):
        connect(address)


def test_the_settings_are_in_place_after_connecting(address: str) -> None:
    connect(address)
    assert os.environ["MLFLOW_RECORD_ENV_VARS_IN_MODEL_LOGGING"] == "false"
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
