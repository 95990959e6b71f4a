"""Data sets of the user's own: what is wrong with a block, what DVC watches, and the stages that read it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from copies import Copy, write_marks
from ruamel.yaml import YAML

from bythebook.documents import read_yaml
from bythebook.errors import Problems, UserError
from pipeline import cli, declarations, prepare, stage, watchlist, workspace
from pipeline.params_file import read_params

ROOT = Path(__file__).resolve().parents[2]
FOLDER = {"source": {"folder": "marks"}, "validation": 0.2, "test": 0.2}
BETWEEN = {"a": {"dataset": "fashion_mnist", "classes": "all"}, "b": {"dataset": "mine", "classes": ["cross", "bar"]}}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Mapping[str, Any]], None]:
    """Makes the working folder a project with these overrides, and with marks to read."""
    (tmp_path / "pipeline").symlink_to(ROOT / "pipeline")
    write_marks(tmp_path / "marks", 4)
    monkeypatch.chdir(tmp_path)

    def declare(overrides: Mapping[str, Any]) -> None:
        YAML().dump(workspace.merged(read_yaml(ROOT / "params.yaml"), overrides), tmp_path / "params.yaml")

    return declare


def told() -> str:
    """What ``bythebook check`` says of the data, which is the first part of what it says."""
    problems = Problems()
    try:
        declarations.check_data(read_params(stage.PARAMS), problems)
    except UserError as error:
        problems.extend(error)
    return "\n".join(problems.found)


def test_a_good_block_and_a_task_on_it_pass(
    project: Callable[..., None], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    np.savez("arrays.npz", images=np.zeros((6, 2, 2), np.uint8), labels=np.arange(6) % 2)
    Path("table.csv").write_text("x,y,kind\n" + "1,2,a\n2,1,b\n" * 3)
    project(
        {
            "datasets": {
                "mine": {**FOLDER, "size": [28, 28], "mode": "grey", "mixed": "convert", "unreadable": 0.05},
                "arrays": {**FOLDER, "source": {"npz": str(tmp_path / "arrays.npz")}},
                "table": {**FOLDER, "source": {"csv": {"table": "table.csv", "label": "kind", "ignore": ["y"]}}},
            },
            "tasks": {"clothes_to_mine": {**BETWEEN, "overlap": 0.2}, "by_name": {"classes": ["Bag", 3], "samples": 9}},
        }
    )
    assert cli.main(["check"]) == 0, capsys.readouterr().err
    assert read_params(stage.PARAMS).declared("mine").splits == {
        "method": "stratified",
        "validation": 0.2,
        "test": 0.2,
        "seed": 42,
        "drop_duplicates": True,
    }


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ({"source": {"folder": "mark"}}, "datasets.mine: mark: no such folder. Did you mean 'marks'?"),
        ({"source": {"folder": "params.yaml"}}, "params.yaml: is a file; a folder is expected."),
        ({"source": {"folder": "marks/bar"}}, "datasets.mine: marks/bar: 4 images stand outside of a class's folder"),
        ({"source": {"npz": "none.npz"}}, "datasets.mine: none.npz: no such file."),
        ({"source": {"idx": {"images": "i", "labels": "l"}}}, "datasets.mine: i: no such file."),
        ({"source": {"csv": {"table": "t.csv", "label": "kind"}}}, "datasets.mine: t.csv: no such file."),
        ({"source": {"csv": {"table": "t.csv"}}}, "datasets.mine.source.csv.label: is required and was not given."),
        (
            {"source": {"folder": "marks", "npz": "x"}},
            "exactly one of folder, npz, idx, csv is expected; given folder, npz.",
        ),
        ({"source": {}}, "exactly one of folder, npz, idx, csv is expected; given none."),
        ({"source": {"foldr": "marks"}}, "datasets.mine.source.foldr: unknown key 'foldr'. Did you mean 'folder'?"),
        ({"size": [28]}, "datasets.mine.size: list should have at least 2 items"),
        ({"size": [28, 0]}, "datasets.mine.size.1: input should be greater than or equal to 1; given 0."),
        ({"mode": "gray"}, "datasets.mine.mode: input should be 'grey' or 'rgb'; given 'gray'."),
        ({"mixed": "crop"}, "datasets.mine.mixed: input should be 'refuse' or 'convert'; given 'crop'."),
        ({"unreadable": 1.5}, "datasets.mine.unreadable: input should be less than 1; given 1.5."),
        ({"validation": 1.5}, "datasets.mine.validation: a number of images, or a share of them above 0 and below 1"),
        (
            {"test": None},
            "datasets.mine: test: your own data have no test part; a number of images or a share is expected.",
        ),
        (
            {"source": {"csv": {"table": "t", "label": "l"}}, "mode": "rgb"},
            "datasets.mine: mode: is said only of images",
        ),
        ({"source": {"npz": "x"}, "unreadable": 0.1}, "datasets.mine: unreadable: is said only of a folder of images."),
    ],
)
def test_a_mistake_in_a_block_is_found_before_anything_runs(
    project: Callable[..., None], block: dict[str, Any], said: str
) -> None:
    project({"datasets": {"mine": {**FOLDER, **block}}})
    assert said in told()
    assert {path.name for path in Path().iterdir()} == {"marks", "params.yaml", "pipeline"}


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"datasets": {"mnist": FOLDER}}, "datasets.mnist: is the name of a registered dataset, which has no source"),
        ({"datasets": {"my-marks": FOLDER}}, "params.yaml: datasets: 'my-marks' cannot be a name; allowed: letters,"),
        ({"datasets": {"new": {"validation": 3, "test": 3}}}, "unknown dataset 'new'."),
        (
            {"datasets": {"fashion_mnist": {"size": [8, 8]}}},
            "datasets.fashion_mnist: size: is said only of images of your own.",
        ),
        (
            {"tasks": {"t": {**BETWEEN, "samples": 3}}},
            "tasks.t: classes and samples are expected, or a and b (and overlap)",
        ),
        (
            {"tasks": {"t": {"classes": "Bag", "samples": 3}}},
            "tasks.t.classes: a list of classes, by number or by name,",
        ),
        ({"tasks": {"t": {"classes": [[1], 2], "samples": 3}}}, "tasks.t.classes: a list of classes"),
        (
            {"tasks": {"t": {**BETWEEN, "b": {"dataset": "mien", "classes": "all"}}}},
            "params.yaml: tasks.t.b.dataset: unknown dataset 'mien'. Did you mean 'mine'?",
        ),
        (
            {"tasks": {"t": {**BETWEEN, "b": {"dataset": "mine", "classes": ["cros", "bar"]}}}},
            "params.yaml: tasks.t.b.classes: unknown class 'cros'. Did you mean 'cross'?",
        ),
    ],
)
def test_a_mistake_in_what_uses_it_is_found_too(
    project: Callable[..., None], overrides: dict[str, Any], said: str
) -> None:
    Path("table.csv").write_text("x,kind\n" + "1,a\n2,b\n" * 3)
    table = {**FOLDER, "source": {"csv": {"table": "table.csv", "label": "kind"}}}
    project(workspace.merged({"datasets": {"mine": FOLDER, "table": table}}, overrides))
    assert said in told()


def test_the_command_says_it_without_a_traceback(
    project: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("table.csv").write_text("x,kind\n" + "1,a\n2,b\n" * 3)
    table = {**FOLDER, "source": {"csv": {"table": "table.csv", "label": "kind"}}}
    wrong = {**FOLDER, "source": {"folder": "mark"}}
    project({"datasets": {"table": table, "mine": wrong}, "suites": {"augmentation": {"dataset": "table"}}})
    assert cli.main(["check"]) == 1
    said = capsys.readouterr().err
    assert "datasets.mine: mark: no such folder. Did you mean 'marks'?" in said and "Traceback" not in said
    assert "suites: augmentation.flips, on table: augmentation moves grey images" in said


def test_dvc_watches_every_path_that_is_declared_and_no_other(project: Callable[..., None], tmp_path: Path) -> None:
    sources = {
        "one": {"folder": "marks"},
        "two": {"npz": "/data/x.npz"},
        "three": {"idx": {"images": "i.gz", "labels": "l.gz"}},
        "four": {"csv": {"table": "t.csv", "label": "kind"}},
    }
    project({"datasets": {name: {**FOLDER, "source": source} for name, source in sources.items()}})
    assert prepare.main() == 0
    expected = {"one": "marks", "two": "/data/x.npz", "three-images": "i.gz", "three-labels": "l.gz", "four": "t.csv"}
    assert read_yaml(stage.WATCHED / watchlist.LIST) == {"watched": expected}
    assert watchlist.path(stage.WATCHED, "three-labels") == Path("l.gz")
    watchlist.check(stage.PARAMS, stage.WATCHED)
    project({})
    assert prepare.main() == 0
    assert read_yaml(stage.WATCHED / watchlist.LIST) == {"watched": {}}
    # What the project itself has, for its own parameters.
    assert (stage.WATCHED / watchlist.LIST).read_bytes() == (ROOT / stage.WATCHED / watchlist.LIST).read_bytes()


def test_the_block_in_the_readme_is_good(project: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    (shown,) = re.findall(r"```yaml\n(dataset: .+?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL)
    folders = {"/data/parts": ("bolt", "nut"), "/data/defects": ("crack", "dent")}
    for folder, classes in folders.items():
        write_marks(Path(folder[1:]), 3)
        for old, new in zip(("bar", "cross"), classes, strict=True):
            (Path(folder[1:]) / old).rename(Path(folder[1:]) / new)
        assert folder in shown
        shown = shown.replace(folder, folder[1:])
    project({})
    blocks = YAML(typ="safe").load(shown)
    YAML().dump(read_yaml(stage.PARAMS) | blocks, stage.PARAMS)
    assert cli.main(["check"]) == 0, capsys.readouterr().err
    assert watchlist.listed(blocks) == {"parts": "data/parts", "defects": "data/defects"}


@pytest.mark.parametrize("content", ["", "datasets: 3", "datasets: {a: {source: {folder: [1]}}, b: 2, c: {source: x}}"])
def test_parameters_that_are_wrong_are_left_to_those_who_check_them(content: str) -> None:
    assert watchlist.listed(YAML(typ="safe").load(content)) == {}


@pytest.mark.xdist_group("pipeline")
def test_the_pipeline_goes_from_a_folder_of_images_to_a_verdict(finished: Copy) -> None:
    task = json.loads((finished.folder / "data" / "tasks" / "digits_to_marks" / "task.json").read_text())
    assert (task["a"]["dataset"], task["b"]["dataset"], task["b"]["names"]) == ("digits", "marks", ["bar", "cross"])
    evaluation = json.loads((finished.folder / "runs" / "evaluation" / "evaluation.json").read_text())
    judged = evaluation["transfer"]["transfer_freeze_then_finetune"]["arms"]
    assert [len(arm["seeds"]) for arm in judged if arm["task"] == "digits_to_marks"] == [2, 2]
    card = json.loads((finished.folder / "data" / "cards" / "marks" / "card.json").read_text())
    runs = {path: run for path, run in evaluation["runs"].items() if "digits_to_marks" in path}
    assert len(runs) == 6
    for path, run in runs.items():
        of_a = "model_a" in path
        assert run["classes"] == (list("0123456789") if of_a else ["bar", "cross"])
        assert run["images"] == (300 if of_a else card["splits"]["test"]["images"])
    shown = (finished.folder / "reports" / "index.html").read_text()
    assert "A: digits: 0, 1, 2" in shown and "B: marks: bar, cross" in shown
    assert "unreadable.png" in shown and "1 resized" in shown


@pytest.mark.xdist_group("pipeline")
def test_dvc_notices_a_file_that_is_new(finished: Copy) -> None:
    new = write_marks(finished.folder / "data" / "own" / "marks", 1, first=500)
    try:
        changed = finished.dvc("status", "watch@marks")
    finally:
        for file in new:
            file.unlink()
    assert "watch@marks" in changed and "data/own/marks" in changed
    assert "up to date" in finished.dvc("status", "watch@marks")


def test_a_source_that_is_damaged_stops_the_stage_and_leaves_nothing(made_copy: Callable[..., Copy]) -> None:
    copy = made_copy("own", {"datasets": {"marks": {**FOLDER, "source": {"folder": "data/own/marks"}}}})
    folder = copy.folder / "data" / "own" / "marks"
    write_marks(folder, 3)
    (folder / "bar" / "0.png").write_bytes(b"no image")
    done = copy.run("download", "marks")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "datasets.marks: data/own/marks: 1 of 6 image files cannot be read, 16.7%" in done.stderr
    assert not (copy.folder / "data" / "raw").exists()
    (copy.folder / "data" / "watched" / watchlist.LIST).write_text("watched: {}\n")
    done = copy.run("download", "marks")
    assert done.returncode == 1
    assert "data/watched/paths.yaml: is older than params.yaml, so DVC does not see all of your data" in done.stderr
