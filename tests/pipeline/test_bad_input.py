"""A user's mistakes, each through the stage that meets it: a clear error, no traceback, nothing half-written."""

from __future__ import annotations

import gzip
import os
import resource
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from copies import Copy, refused

from bythebook.process import Process


@pytest.fixture(scope="module")
def copy(made_copy: Callable[..., Copy]) -> Copy:
    """A copy that has its data."""
    made = made_copy("mistakes")
    for stage in (("download", "digits"), ("standardize", "digits"), ("split_tasks",)):
        done = made.run(*stage)
        assert done.returncode == 0, done.stderr
    return made


@contextmanager
def edited(path: Path, edits: Mapping[str, str]) -> Iterator[None]:
    """A file in which the first of every old text is a new one, for the time of the block."""
    original = content = path.read_text()
    for old, new in edits.items():
        assert old in content
        content = content.replace(old, new, 1)
    try:
        path.write_text(content)
        yield
    finally:
        path.write_text(original)


def with_params(copy: Copy, old: str, new: str, stage: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    with edited(copy.folder / "params.yaml", {old: new}):
        return copy.run(stage, *arguments)


@pytest.mark.parametrize(
    ("edits", "parts"),
    [
        (
            {
                "dataset: digits": "dataset: digit",
                "activations:\n    dataset: digits": "activations:\n    dataset: digit",
                "budget: small": "budget: smal",
                "tasks:\n  - three_vs_eight": "tasks:\n  - three_vs_nine",
            },
            [
                "params.yaml: dataset: unknown dataset 'digit'. Did you mean 'digits'?",
                "params.yaml: suites.activations.dataset: unknown dataset 'digit'. Did you mean 'digits'?",
                "params.yaml: budget: unknown budget 'smal'. Did you mean 'small'?",
                "unknown task 'three_vs_nine'. Did you mean",
            ],
        ),
        (
            {"workers: 2": "wokers: 2", "mlflow_ui: http://": "mlflow_ui: "},
            [
                *["unknown key 'wokers'. Did you mean 'workers'?", "workers: is required"],
                *["mlflow_ui: an address such as http://", "given '127.0.0.1:5000'."],
            ],
        ),
        ({"mlflow_ui: http://": "mlflow_ui: http://me:canary@"}, ["mlflow_ui: an address without user name"]),
        ({"workers: 2": "workers: 2\nworkers: 3"}, ["params.yaml, line", "duplicate key"]),
        ({"workers: 2": "workers: ["}, ["params.yaml, line", "not YAML"]),
        (
            {"- 3\n    - 8": "- 3\n    - 3\n    - 12"},
            ["tasks.three_vs_eight.classes", "[12] do not exist", "[3] are given more"],
        ),
    ],
)
def test_mistakes_in_params(copy: Copy, edits: dict[str, str], parts: list[str]) -> None:
    """All at once, by the stage and by ``bythebook check``."""
    before = copy.outputs()
    with edited(copy.folder / "params.yaml", edits):
        refused(copy.run("split_tasks"), "split_tasks: cannot go on:", *parts)
        refused(copy.run("cli", "check"), *parts)
    assert copy.outputs() == before


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        (
            "question: Q\nrecipes: {a: {activaton: relu, epochs: 0}, b: {optimizer: {name: sgd, learning_rate: -1}},"
            " c: {loss: binary_crossentropy}}",
            [
                *["'activaton'. Did you mean 'activation'?", "a.epochs: ", "given 0"],
                *["greater than 0; given -1", "Allowed: sparse"],
            ],
        ),
        ("question: Q\nrecipes: {a: {}}\nrecipes: {b: {}}", ["activations.yaml, line 3", "duplicate key"]),
        ("{{{", ["activations.yaml, line 1", "not YAML"]),
    ],
)
def test_mistakes_in_recipes_are_found_before_anything_trains(copy: Copy, content: str, parts: list[str]) -> None:
    path = copy.folder / "pipeline" / "recipes" / "activations.yaml"
    original, before = path.read_bytes(), copy.outputs()
    try:
        path.write_text(content)
        refused(copy.run("train", "activations"), *parts)
        checked = copy.run("cli", "check")
        refused(checked, *parts)
    finally:
        path.write_bytes(original)
    assert copy.outputs() == before
    assert copy.memo() == {}


@pytest.mark.parametrize(
    ("edits", "parts"),
    [
        (
            {"activations/elu": "activations/eluu", "factor: [activation, initializer]": "factor: [activation]"},
            [
                *["claims.yaml: C-05.comparisons.0", "Did you mean 'activations/elu'?"],
                *["is not a comparison", "differ in 'initializer'"],
            ],
        ),
        (
            {"kind: share, of: xor/relu": "kind: shar, of: xor/relu"},
            ["C-01.comparisons.0.kind", "Did you mean 'share'?"],
        ),
        ({"C-02:": "C-01:"}, ["claims.yaml, line", "duplicate key"]),
    ],
)
def test_mistakes_in_claims(copy: Copy, edits: dict[str, str], parts: list[str]) -> None:
    with edited(copy.folder / "pipeline" / "claims.yaml", edits):
        refused(copy.run("cli", "check"), *parts)


def test_an_unknown_probe_is_named(copy: Copy) -> None:
    for arguments in (("probe",), ("cli", "check")):
        refused(with_params(copy, "- clipping", "- cliping", *arguments), "Did you mean 'clipping'?")


def test_a_suite_that_has_no_file_is_named(copy: Copy) -> None:
    said = "Did you mean 'activations'?"
    refused(with_params(copy, "  activations:\n", "  activation:\n", "cli", "check"), said)
    left_out = "trials: 3\n    leave_out: [activation]"
    refused(with_params(copy, "trials: 3", left_out, "cli", "check"), "params.yaml: budgets.small.leave_out", said)
    refused(copy.run("train", "activation"), "unknown suite 'activation'. " + said)


def test_without_network_or_mirror_the_error_names_both_ways_out(copy: Copy) -> None:
    """The public addresses are stood in for by ports where nobody listens."""
    sources = copy.folder / "src" / "bythebook" / "datasets" / "sources.py"
    original = sources.read_text()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}/"
    try:
        lines = [f'"{nobody}",' if line.strip().startswith('"http') else line for line in original.splitlines()]
        sources.write_text("\n".join(lines))
        assert nobody in sources.read_text()
        done = copy.run("download", "mnist")
    finally:
        sources.write_text(original)
    refused(done, "mirror", "BYTHEBOOK_MIRROR", "make demo")
    assert not (copy.folder / "data" / "raw" / "mnist").exists()


def test_a_mirror_with_damaged_files_is_refused(copy: Copy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mnist").mkdir()
    (tmp_path / "mnist" / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(b"no images")[:-4])
    monkeypatch.setenv("BYTHEBOOK_MIRROR", str(tmp_path))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    done = copy.run("download", "mnist")
    refused(done, "train-images-idx3-ubyte.gz", str(tmp_path))
    assert not (copy.folder / "data" / "raw" / "mnist").exists()


@pytest.mark.parametrize(
    ("stage", "named"), [(("standardize", "digits"), "data/standardized"), (("train", "activations"), ".work/arrays")]
)
def test_a_full_disk_ends_with_its_reason_and_leaves_what_was_there(
    copy: Copy, stage: tuple[str, ...], named: str
) -> None:
    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    before = copy.outputs()
    variables = {**os.environ, "PYTHONPATH": f"{copy.folder / 'src'}:{copy.folder}"}
    done = subprocess.run(
        [sys.executable, "-m", f"pipeline.{stage[0]}", *stage[1:]],
        cwd=copy.folder,
        env=variables,
        capture_output=True,
        text=True,
        preexec_fn=small_files,
        check=False,
    )
    refused(done, f"{stage[0]}: cannot go on:", named)
    assert copy.outputs() == before
    assert copy.memo() == {}


def test_a_folder_that_cannot_be_written_is_named(copy: Copy) -> None:
    raw = copy.folder / "data" / "tasks"
    aside = raw.rename(copy.folder / "aside")
    raw.write_text("a file where a folder should be")
    try:
        refused(copy.run("split_tasks"), "split_tasks: cannot go on:", "data/tasks")
    finally:
        raw.unlink()
        aside.rename(raw)


def test_two_of_one_stage_do_not_run_side_by_side(copy: Copy) -> None:
    import fcntl

    with (copy.folder / ".work" / "locks" / "split_tasks").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.truncate(0)
        lock.write(f"{Process.here()}\n{Process.parent()}\n")
        lock.flush()
        refused(copy.run("split_tasks"), f"stage split_tasks is still running in process {os.getpid()}; wait")
        elsewhere = replace(Process.here(), place="a container", host="far")
        lock.truncate(0)
        lock.write(f"{elsewhere}\n{elsewhere}\n")
        lock.flush()
        refused(copy.run("split_tasks"), f"stage split_tasks is still running in process {os.getpid()} on far; wait")
