"""The whole pipeline, run once by DVC: what it leaves, and what happens when something changes."""

from __future__ import annotations

import json
import socket
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from copies import LIBRARIES, Copy, refused

from bythebook.files import sha256_of
from bythebook.records.suite import read_suite
from pipeline import workspace

pytestmark = pytest.mark.xdist_group("pipeline")


def store(copy: Copy) -> Any:
    from mlflow import MlflowClient

    return MlflowClient(f"sqlite:///{copy.folder / 'mlflow.db'}")


def tracked(copy: Copy) -> dict[str, list[Any]]:
    """Every MLflow run, by experiment."""
    client = store(copy)
    experiments = [found for found in client.search_experiments() if found.name != "Default"]
    return {found.name: list(client.search_runs([found.experiment_id], max_results=1000)) for found in experiments}


def test_it_leaves_a_report_and_every_run_with_its_record(finished: Copy) -> None:
    outputs = finished.outputs()
    for name in ("reports/index.html", "reports/summary.md", "reports/metrics.json", "reports/published.json"):
        assert outputs[name], name
    suites = [read_suite(path.parent) for path in (finished.folder / "runs").rglob("suite.json")]
    assert {suite.suite for suite in suites} == {
        "initialization",
        "activations",
        "transfer_freeze_then_finetune",
        "transfer_all_pairs",
        "search_default_dnn",
        "champion",
    }
    entries = [entry for suite in suites for entry in suite.entries]
    assert len(entries) > 30
    for entry in entries:
        assert entry.record.status in ("finished", "pruned"), entry.record.reason
        assert (entry.weights is not None) == entry.record.is_finished


def test_the_index_of_a_suite_stands_for_all_its_files_and_each_record_for_its_weights(finished: Copy) -> None:
    suites = list((finished.folder / "runs" / "suites").iterdir())
    assert len(suites) == 5
    for suite in suites:
        index = json.loads((finished.folder / "runs" / "index" / f"{suite.name}.json").read_text())
        files = {path.relative_to(suite).as_posix(): path for path in suite.rglob("*") if path.is_file()}
        weights = {name for name in files if name.endswith("weights.weights.h5")}
        assert index == {name: sha256_of(files[name]) for name in files.keys() - weights} and weights
        for name in weights:
            record = json.loads(files[name].with_name("record.json").read_text())
            assert record["weights_sha256"] == sha256_of(files[name])


def test_claims_are_judged_by_what_ran_and_the_others_say_what_they_wait_for(finished: Copy) -> None:
    claims = json.loads(finished.outputs()["reports/claims.json"])["claims"]
    assert len(claims) == 55
    judged = {name: claim["verdict"] for name, claim in claims.items() if claim["comparisons"]}
    assert judged["C-45"] == "supported"
    assert {"C-05", "C-49"} <= judged.keys() and "C-01" not in judged
    assert claims["C-01"]["waits_for"] == "suites or probes that were not run here: xor"
    assert all(claim["waits_for"] for name, claim in claims.items() if name not in judged)


def test_the_test_split_is_judged_for_every_run_with_weights(finished: Copy) -> None:
    evaluation = json.loads(finished.outputs()["runs/evaluation/evaluation.json"])
    suites = [read_suite(path.parent) for path in (finished.folder / "runs").rglob("suite.json")]
    weighted = {f"{suite.suite}/{e.name}/seed-{e.seed}" for suite in suites for e in suite.entries if e.weights}
    assert set(evaluation["runs"]) == weighted
    assert len(weighted) > 30
    for result in evaluation["runs"].values():
        assert 0 <= result["accuracy_low"] <= result["accuracy"] <= result["accuracy_high"] <= 1
        assert sum(map(sum, result["confusion"])) == result["images"]


def test_what_was_evaluated_is_not_evaluated_again_unless_it_is_damaged(finished: Copy) -> None:
    before = finished.outputs()
    kept = sorted((finished.folder / ".work" / "evaluated").rglob("*.json"))
    assert len(kept) > 30
    kept[0].write_text('{"accuracy":')
    done = finished.run("evaluate")
    assert done.returncode == 0, done.stderr
    # The champion's mistakes are images, which are not kept.
    count = len(kept) + 1
    assert f"{count} runs: {count - 2} already evaluated, 2 to evaluate" in done.stderr
    assert f"evaluate  2/{count}" not in done.stderr and "evaluate  2/2" in done.stderr
    assert "is damaged: it counts as missing" in done.stderr and "test accuracy" in done.stderr
    assert finished.outputs() == before


def test_mlflow_has_every_run_once_complete_and_honest(finished: Copy) -> None:
    client, experiments = store(finished), tracked(finished)
    (verdicts,), measured = experiments.pop("claims"), experiments.pop("probes")
    assert (verdicts.data.tags["claim.C-45"], verdicts.data.tags["datasets"]) == ("supported", "digits")
    assert {run.info.run_name for run in measured} == {"clipping", "symmetry"}
    assert {run.info.status for run in (verdicts, *measured)} == {"FINISHED"}
    assert set(experiments) >= {"digits/activations", "digits/initialization", "digits/champion"}
    keys = Counter(
        run.data.tags["bythebook.key"]
        for runs in experiments.values()
        for run in runs
        if "bythebook.key" in run.data.tags
    )
    assert len(keys) > 30
    for name, runs in experiments.items():
        parents = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
        assert len(parents) == 1, name
        own = Counter(run.data.tags.get("bythebook.key") for run in runs if run not in parents)
        assert set(own.values()) == {1}, name
        for run in runs:
            assert run.info.status in ("FINISHED", "KILLED"), (name, run.info.run_name)
            if run not in parents:
                assert run.data.tags["mlflow.parentRunId"] == parents[0].info.run_id
                assert run.inputs.dataset_inputs[0].dataset.digest
    for run in experiments["digits/activations"]:
        if "bythebook.key" in run.data.tags:
            history = client.get_metric_history(run.info.run_id, "val_accuracy")
            assert [point.step for point in history] == [0, 1]
            assert "test_accuracy" in run.data.metrics
    version = client.get_model_version_by_alias("bythebook-digits", "champion")
    assert int(version.version) == 1


def test_the_registered_model_predicts_from_pixels(
    finished: Copy, monkeypatch: pytest.MonkeyPatch, tensorflow: None
) -> None:
    import mlflow

    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{finished.folder / 'mlflow.db'}")
    model = mlflow.pyfunc.load_model("models:/bythebook-digits@champion")
    pixels = np.load(finished.folder / "data" / "standardized" / "digits" / "validation" / "images.npy")[:3]
    assert pixels.dtype == np.uint8
    probabilities = np.asarray(model.predict(pixels))
    assert probabilities.shape == (3, 10)
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert "uint8" in str(model.metadata.signature)


def test_dvc_shows_metrics_and_plots(finished: Copy) -> None:
    assert "accuracy" in finished.dvc("metrics", "show")
    page = finished.dvc("plots", "show", "--out", "plots_page").strip().removeprefix("file://")
    assert "vega" in Path(page).read_text(encoding="utf-8").lower()


def test_a_second_repro_does_nothing(finished: Copy) -> None:
    before = finished.outputs()
    done = finished.repro()
    assert done.returncode == 0
    assert done.stages_run == [LIBRARIES]
    assert finished.outputs() == before


def test_publishing_again_adds_nothing(finished: Copy) -> None:
    before = {name: len(runs) for name, runs in tracked(finished).items()}
    done = finished.run("publish")
    assert done.returncode == 0, done.stderr
    assert {name: len(runs) for name, runs in tracked(finished).items()} == before
    assert len(store(finished).search_model_versions("name='bythebook-digits'")) == 1


def test_results_from_the_run_cache_are_mirrored_into_an_empty_mlflow(finished: Copy) -> None:
    """As after ``dvc pull`` on a colleague's machine: no memo, no MLflow, but the outputs."""
    db = finished.folder / "mlflow.db"
    expected = {name: len(runs) for name, runs in tracked(finished).items()}
    db.rename(finished.folder / "aside.db")
    (finished.folder / ".work" / "memo").rename(finished.folder / ".work" / "aside")
    try:
        done = finished.run("publish")
        assert done.returncode == 0, done.stderr
        assert {name: len(runs) for name, runs in tracked(finished).items()} == expected
    finally:
        (finished.folder / ".work" / "aside").rename(finished.folder / ".work" / "memo")
        (finished.folder / "aside.db").replace(db)


def test_only_recipes_that_were_edited_are_trained_and_one_that_diverges_does_not_stop_the_suite(
    finished: Copy,
) -> None:
    recipes = finished.folder / "pipeline" / "recipes" / "activations.yaml"
    original, before = recipes.read_text(), finished.memo()
    explosive = "  explosive:\n    activation: linear\n    initializer: {name: random_normal, deviation: 1.0e+30}\n"
    assert "activation: tanh" in original
    try:
        recipes.write_text(original.replace("activation: tanh", "activation: mish") + explosive)
        done = finished.repro("train@activations")
        assert done.returncode == 0, done.stdout
        after = finished.memo()
        assert {key: after[key] for key in before} == before
        assert len(after) == len(before) + 4
        assert "16 runs: 12 already trained, 4 to train" in done.stdout
        assert "diverged" in done.stdout
        entries = read_suite(finished.folder / "runs" / "suites" / "activations").by_name()
        assert [entry.record.status for entry in entries.pop("explosive")] == ["diverged", "diverged"]
        assert len(entries) == 7
        assert all(entry.record.is_finished for arm in entries.values() for entry in arm)
    finally:
        recipes.write_text(original)
        assert finished.repro("train@activations").returncode == 0


def test_a_suite_that_the_budget_leaves_out_is_not_run_and_its_claims_wait(finished: Copy) -> None:
    params, verdicts = finished.folder / "params.yaml", finished.folder / "reports" / "claims.json"
    original, judged = params.read_text(), verdicts.read_bytes()
    assert "trials: 3" in original
    try:
        params.write_text(original.replace("trials: 3", "trials: 3\n    leave_out: [activations]"))
        for stage in (("train", "activations"), ("claims",)):
            done = finished.run(*stage)
            assert done.returncode == 0, done.stderr
        assert read_suite(finished.folder / "runs" / "suites" / "activations").entries == ()
        waits = json.loads(verdicts.read_text())["claims"]["C-05"]["waits_for"]
        assert waits == "suites or probes that were not run here: activations"
    finally:
        params.write_text(original)
        assert finished.repro("claims").returncode == 0
    assert verdicts.read_bytes() == judged


def test_a_copy_that_is_brought_up_to_date_keeps_its_results(finished: Copy) -> None:
    workspace.create(Path(__file__).resolve().parents[2], finished.folder, finished.overrides)
    assert finished.repro().stages_run == [LIBRARIES]


def test_publish_says_when_mlflow_does_not_answer(finished: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://user:geheim@127.0.0.1:{free.getsockname()[1]}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    done = finished.run("publish")
    refused(done, "127.0.0.1")
    assert "geheim" not in done.stdout + done.stderr
