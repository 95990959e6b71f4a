"""Searches that train real nets in real worker processes: the same bytes with one worker or two, killed or not."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import trained_search as trained

from bythebook.documents import read_yaml
from bythebook.records.events import Event, RunStarted
from bythebook.records.suite import read_suite
from bythebook.runs.fanout import complete
from bythebook.runs.local_executor import LocalExecutor
from bythebook.runs.memo import Memo
from bythebook.runs.run import Run
from bythebook.runs.view import DataView
from bythebook.search.objectives import objectives
from bythebook.suite import read_declaration

SCRIPT = Path(trained.__file__)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("source")
    trained.prepare(folder)
    return folder


@pytest.fixture(scope="module")
def whole(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a search that two workers ran without interruption."""
    folder = tmp_path_factory.mktemp("whole")
    events: list[dict[str, Any]] = []
    trained.run(source, folder, 2, events.append, trained.GUIDELINES)
    started = [event.key for event in events if isinstance(event, RunStarted)]
    entries = read_suite(folder / "suites" / "small").entries
    keys = {entry.key for entry in entries}
    assert sorted(key for key in started if key in keys) == sorted(keys)
    assert len(keys) < len(entries), "a recipe drawn again trained again"
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_suite_of_a_search_holds_every_trial(whole: Path) -> None:
    suite = read_suite(whole / "suites" / "small")
    trials = suite.extra["trials"]
    entries = suite.entries[-10:]
    assert [entry.name for entry in entries] == [f"trial-{number:03d}" for number in range(10)]
    assert [trial["key"] for trial in trials] == [entry.key for entry in entries]
    states = {"finished": "complete", "pruned": "pruned", "diverged": "failed"}
    assert [trial["state"] for trial in trials] == [states[entry.record.status] for entry in entries]
    assert {"complete", "pruned"} == {trial["state"] for trial in trials}
    assert [trial["enqueued"] for trial in trials] == [True] + [False] * (trained.SETTINGS.trials - 1)
    done = [trial for trial in trials if trial["state"] == "complete"]
    for trial in done:
        assert trial["values"] == {"val_accuracy": entries[trial["number"]].record.final_metrics["val_accuracy"]}
        assert entries[trial["number"]].weights is not None
    best = trials[suite.extra["best"]]
    assert best["values"]["val_accuracy"] == max(trial["values"]["val_accuracy"] for trial in done)
    first = entries[0].record.recipe
    assert (first["hidden"], first["optimizer"]["learning_rate"]) == ([12], 0.01)


def test_the_winner_is_trained_again_beside_the_guideline_and_written_as_a_recipe(whole: Path) -> None:
    suite = read_suite(whole / "suites" / "small")
    confirmed, searched = suite.entries[:-10], suite.entries[-10:]
    named = [("guideline", 0), ("guideline", 1), ("winner", 0), ("winner", 1)]
    assert [(entry.name, entry.seed) for entry in confirmed] == named
    values = [entry.record.final_metrics["val_accuracy"] for entry in confirmed]
    found = suite.extra["confirmation"]
    assert found["seeds"] == [0, 1]
    found = found["objectives"]["val_accuracy"]
    assert found["guideline"]["mean"] == pytest.approx((values[0] + values[1]) / 2)
    assert found["gain"]["mean"] == pytest.approx((values[2] + values[3] - values[0] - values[1]) / 2)
    best = suite.extra["trials"][suite.extra["best"]]["values"]["val_accuracy"]
    assert found["searched"]["winner"] == best
    assert found["luck"]["winner"] == pytest.approx(best - found["winner"]["mean"])
    declared = read_declaration(whole / "suites" / "small" / "recipes.yaml").arms
    recipes = [entry.record.recipe for entry in (searched[0], searched[suite.extra["best"]])]
    assert [(arm.name, arm.recipe) for arm in declared] == list(zip(("guideline", "winner"), recipes, strict=True))
    assert confirmed[3].record.recipe == recipes[1]


def test_a_killed_search_with_one_worker_ends_in_the_same_bytes(source: Path, whole: Path, tmp_path: Path) -> None:
    """Even though the memo has lost the first trial, whose result the study already holds."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, str(SCRIPT), str(source), str(tmp_path), "1", "5"]
    killed = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert not (tmp_path / "suites").exists()
    keys = [entry.key for entry in read_suite(whole / "suites" / "small").entries[-10:]]
    shutil.rmtree(Memo(tmp_path / "memo").directory(keys[0]))
    started: list[str] = []

    def note(event: Event) -> None:
        if isinstance(event, RunStarted):
            started.append(event.key)

    trained.run(source, tmp_path, 1, note)
    assert files(tmp_path / "suites" / "small") == files(whole / "suites" / "small")
    assert started.count(keys[0]) == 1 and len(started) > 3
    assert not {keys[1], keys[2]} & set(started)


def test_a_full_memo_and_a_lost_study_change_no_byte(source: Path, whole: Path, tmp_path: Path) -> None:
    """Trials that are pruned in this search are in the memo as finished runs, as another stage may have left them."""
    shutil.copytree(whole / "memo", tmp_path / "memo")
    pruned = [entry for entry in read_suite(whole / "suites" / "small").entries if entry.record.status == "pruned"]
    assert pruned
    view = DataView.of(source / "data")
    runs = [Run(entry.name, entry.seed, entry.record.recipe, view) for entry in pruned]
    assert {run.key for run in runs} == {entry.key for entry in pruned}
    with LocalExecutor(1, trained.ready) as executor:
        complete(runs, tmp_path / "memo", executor, lambda event: None)
    events: list[Event] = []
    trained.run(source, tmp_path, 1, events.append, trained.GUIDELINES)
    assert files(tmp_path / "suites") == files(whole / "suites")
    assert not [event for event in events if isinstance(event, RunStarted)]


def test_a_search_by_several_objectives_hands_on_its_pareto_front(whole: Path) -> None:
    suite = read_suite(whole / "suites" / "several")
    extra, names = suite.extra, [objective["name"] for objective in suite.extra["objectives"]]
    assert sorted([*names, "val_loss"]) == sorted(objectives())
    assert [trial["state"] for trial in extra["trials"]] == ["complete"] * 5
    sizes = {entry.name: entry.record.recipe["hidden"] for entry in suite.entries}
    for trial in extra["trials"]:
        assert list(trial["values"]) == sorted(names)
        (units,) = sizes[f"trial-{trial['number']:03d}"]
        assert trial["values"]["multiply_adds"] == 36 * units + units * 3
        assert 0 <= trial["values"]["zero_share"] < trial["values"]["thresholded_accuracy"] <= 1
    assert extra["best"] in extra["pareto"]
    assert extra["confirmation"]["objectives"]["multiply_adds"]["gain"]["mean"] > 0


def test_a_search_about_transfer_reuses_layers_of_one_net_for_each_seed(whole: Path) -> None:
    suite = read_suite(whole / "suites" / "transfer")
    named = suite.by_name()
    sources = {entry.seed: entry.key for entry in named["model_a"]}
    assert sorted(sources) == [0, 1]
    for name in ("guideline", "winner"):
        for entry in named[name]:
            identity = entry.record.identity
            scratch = (identity.strategy or {})["name"] == "from_scratch"
            assert identity.source == (None if scratch else sources[entry.seed])
    trials = [named[f"trial-{number:03d}"][0].record for number in range(4)]
    assert [phase.name for phase in trials[0].phases] == ["frozen", "fine_tuning"]
    assert len({(str(trial.identity.strategy)) for trial in trials}) > 1
    assert {trial["state"] for trial in suite.extra["trials"]} == {"complete"}
    study = read_yaml(whole / "suites" / "transfer" / "study.yaml")
    assert study["model_a"] == {"hidden": [8, 6], "activation": "elu", "batch_size": 16, "epochs": 1}
    assert study["strategies"][0] == {"name": "from_scratch", "epochs": 2}
    assert study["strategies"][1]["name"] == "freeze_then_finetune" and study["model_b"] == {}


def test_samplers_are_compared_over_the_seeds_and_share_runs(whole: Path) -> None:
    suite = read_suite(whole / "suites" / "samplers")
    curves = suite.extra["samplers"]
    assert {name: [len(curve) for curve in own] for name, own in curves.items()} == {"grid": [3, 3], "random": [3, 3]}
    assert all(curve == sorted(curve) for own in curves.values() for curve in own)
    assert suite.extra["measured"]["seeds"] == [0, 1]
    for name, own in curves.items():
        assert suite.extra["measured"]["arms"][name]["best"] == [curve[-1] for curve in own]
        best = suite.by_name()[f"best_of_{name}"]
        assert [entry.record.final_metrics["val_accuracy"] for entry in best] == [curve[-1] for curve in own]
