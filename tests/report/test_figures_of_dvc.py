"""The summary, the metrics and the plots: what DVC and a terminal show."""

from __future__ import annotations

import csv
import json
import math
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from made_results import SUITES, TASKS, Results
from made_searches import SAMPLERS

from bythebook.documents import read_json, read_yaml, write_json

ROOT = Path(__file__).resolve().parents[2]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_metrics_are_few_named_stably_and_finite(results: Results, report: Path) -> None:
    metrics = read_json(report / "metrics.json")
    assert set(metrics) == {"dataset", "runs", "suites", "transfer", "search", "champion"}
    evaluation = read_json(results.evaluation / "evaluation.json")
    assert metrics["champion"]["test_accuracy"] == pytest.approx(evaluation["champion"]["accuracy"], abs=1e-6)
    assert {name: set(found) for name, found in metrics["suites"].items()} == {k: set(v) for k, v in SUITES.items()}
    assert set(metrics["transfer"]["freeze_then_finetune"]["tasks"]) == set(TASKS)
    search = metrics["search"]["default_dnn"]
    assert search["best"]["val_accuracy"] >= search["guideline"]["val_accuracy"]
    assert search["refitted"]["val_accuracy"]["gain"] == pytest.approx(0.004, abs=1e-6)
    assert metrics["search"]["low_latency"]["best"]["multiply_adds"] == 794 * 32
    assert set(metrics["search"]["samplers"]) == set(SAMPLERS)
    assert metrics["runs"] == {"finished": 115, "diverged": 4, "pruned": 3}


def test_plots_hold_every_epoch_trial_and_class(results: Results, report: Path) -> None:
    curves = rows(report / "plots" / "learning_curves.csv")
    expected = 0
    for folder in results.suites[:3]:
        index = read_json(folder / "suite.json")
        expected += sum(len(read_json(folder / run["path"] / "record.json")["epochs"]) for run in index["runs"])
    assert len(curves) == expected > 500
    assert all(math.isfinite(float(row["val_accuracy"])) for row in curves)
    history = rows(report / "plots" / "search_history.csv")
    assert [row["guideline"] for row in history] == ["default_dnn"] * 16 + ["low_latency"] * 12
    for own in (history[:16], history[16:]):
        best = [float(row["best_so_far"]) for row in own]
        assert best == sorted(best)
    confusion = rows(report / "plots" / "confusion.csv")
    assert len(confusion) == 100
    assert sum(int(row["images"]) for row in confusion) == 1500


def test_the_summary_stands_in_columns(report: Path) -> None:
    lines = (report / "summary.md").read_text().splitlines()
    tables: list[list[str]] = [[]]
    for line in lines:
        if line.startswith("|"):
            tables[-1].append(line)
        elif tables[-1]:
            tables.append([])
    tables = [table for table in tables if table]
    assert len(tables) == 8
    for table in tables:
        assert len({len(line) for line in table}) == 1
    assert "\n\n\n" not in "\n".join(lines)


@pytest.fixture(scope="module")
def repository(report: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DVC project that holds the report and the blocks that ``dvc.yaml`` has for it."""
    root = tmp_path_factory.mktemp("repository")
    shutil.copytree(report, root / "reports")
    shutil.copytree(ROOT / "pipeline" / "plots", root / "pipeline" / "plots")
    declared = read_yaml(ROOT / "dvc.yaml")
    write_json(root / "dvc.yaml", {block: declared[block] for block in ("metrics", "plots")})
    dvc(root, "init", "--no-scm", "-q")
    return root


def dvc(root: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "dvc", *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_dvc_shows_the_metrics(repository: Path) -> None:
    shown = json.loads(dvc(repository, "metrics", "show", "--json"))
    (files,) = (revision["data"] for revision in shown.values())
    assert files["reports/metrics.json"]["data"] == read_json(repository / "reports" / "metrics.json")
    assert "champion.test_accuracy" in dvc(repository, "metrics", "show", "--md")


def test_dvc_draws_every_plot(repository: Path) -> None:
    data = json.loads(dvc(repository, "plots", "show", "--json", "-o", "shown"))["data"]
    assert set(data) == {"Learning curves", "Recipes on test images", "Search history", "Confusion matrix"}
    for name, (plot,) in data.items():
        specification = plot["content"] if isinstance(plot["content"], dict) else json.loads(plot["content"])
        assert "<DVC_METRIC_" not in json.dumps(specification), name
        assert specification["data"]["values"], name
    page = dvc(repository, "plots", "show", "-o", "page")
    assert "index.html" in page
    drawn = (repository / "page" / "index.html").read_text()
    assert all(name in drawn for name in ("leaky_relu", "validation_accuracy", "predicted"))
