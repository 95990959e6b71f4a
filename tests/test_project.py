"""The project's own files: commands, lock, workflows, what git keeps and what it must not hold."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from configparser import ConfigParser
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from source_code import ROOT, imported, modules, stages

from bythebook.documents import read_yaml

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TARGETS = (
    *("setup", "demo", "test", "repro", "pull", "publish", "ui", "dashboard"),
    *("gate", "check", "bench", "latency", "lock"),
)
# By a name in a string, and for the images that lie in it.
NOT_IMPORTED = {"mlflow", "scikit-learn"}
# Put together here, so that this file does not hold them.
FORBIDDEN = re.compile(
    "|".join(["index" + "-url", "/sim" + "ple/", r"(?<![\w.~})-])/(work|ro" + r"ot|home/\w+|Users/\w+)/"])
)


def run(*command: str, where: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True)


def locked() -> dict[str, str]:
    """The lock's text by package."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    blocks = [block for block in re.split(r"^(?=\S)", text, flags=re.MULTILINE) if block.strip()]
    return {re.split(r"[=\[ ]", block, maxsplit=1)[0].lower(): block for block in blocks}


def commands(workflow: Path) -> list[str]:
    jobs = read_yaml(workflow)["jobs"].values()
    return [step["run"] for job in jobs for step in job["steps"] if "run" in step]


def test_the_lock_pins_every_package_by_hash() -> None:
    assert len(locked()) > 100
    for name, block in locked().items():
        assert re.match(r"\S+==[\w.+!]+", block), name
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), name


def test_the_lock_names_no_host() -> None:
    assert not [name for name, block in locked().items() if re.search(r"://|^-|@ ", block, flags=re.MULTILINE)]


def test_the_lock_holds_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    assert wanted
    for requirement in wanted:
        name, pin = re.fullmatch(r"([\w.-]+)(?:\[\w+\])?(==\S+|>=\S+)", requirement).groups()  # type: ignore[union-attr]
        name = re.sub(r"[-_.]+", "-", name)
        assert name in locked()
        assert pin.startswith(">=") or f"{name}{pin} " in locked()[name]


def test_the_project_asks_for_what_it_imports_and_for_nothing_else() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["ray"], *extras["gp"]]
    names = {other.partition(".")[0] for module in modules() for other in imported(module)}
    of = packages_distributions()
    found = {
        of.get(name, [name])[0].lower().replace("_", "-")
        for name in names - sys.stdlib_module_names - {"bythebook", "pipeline"}
    }
    assert found | NOT_IMPORTED == {re.split("[=>]", requirement)[0] for requirement in wanted}


@pytest.mark.parametrize("target", TARGETS)
def test_make_knows_the_target_and_the_modules_that_it_runs(target: str) -> None:
    done = run("make", "--dry-run", target)
    assert done.returncode == 0, done.stderr
    assert not {name for name in re.findall(r"-m (pipeline\.\w+)", done.stdout) if name not in modules()}


def test_make_lists_every_target() -> None:
    listed = set(re.findall(r"^  make (\w+)", run("make").stdout, flags=re.MULTILINE))
    assert listed == {"help", *TARGETS}


def test_make_says_which_python_it_needs(tmp_path: Path) -> None:
    old = tmp_path / "old-python"
    old.write_text(
        f'#!/bin/sh\nexec {sys.executable} -c "import sys; sys.version_info = (3, 9, 6); exec(sys.argv[1])" "$2"\n'
    )
    old.chmod(0o755)
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    done = run("make", "setup", "PYTHON=./old-python", where=tmp_path)
    assert done.returncode != 0
    assert "is Python 3.9, and TensorFlow 2.21 needs 3.11, 3.12 or 3.13" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_ci_runs_exactly_make_test() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert [line for line in script.read_text(encoding="utf-8").splitlines() if "make" in line] == ["exec make test"]


def test_workflows_follow_their_schema(tmp_path: Path) -> None:
    assert {path.name for path in WORKFLOWS} == {"ci.yml", "scheduled.yml"}
    checker = (sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows")
    done = run(*checker, *map(str, WORKFLOWS))
    assert done.returncode == 0, done.stdout + done.stderr
    broken = tmp_path / "broken.yml"
    broken.write_text(WORKFLOWS[0].read_text(encoding="utf-8").replace("runs-on:", "run-on:"))
    assert run(*checker, str(broken)).returncode == 1


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_run_make_targets_with_least_rights(workflow: Path) -> None:
    assert commands(workflow)
    assert not [command for command in commands(workflow) if command.removeprefix("make ") not in TARGETS]
    content = read_yaml(workflow)
    assert content["permissions"] == {"contents": "read"}
    assert content["concurrency"]["group"]
    steps = [step for job in content["jobs"].values() for step in job["steps"]]
    assert not [step for step in steps if "uses" in step and not re.fullmatch(r"[\w-]+/[\w-]+@v\d+", step["uses"])]


def test_the_schedule_reproduces_and_gates_and_keeps_the_report() -> None:
    workflow = ROOT / ".github" / "workflows" / "scheduled.yml"
    assert commands(workflow) == ["make pull", "make repro", "make gate"]
    content = read_yaml(workflow)
    assert set(content["on"]) == {"schedule", "workflow_dispatch"}
    last = content["jobs"]["repro"]["steps"][-1]
    assert (last["if"], last["with"]["path"]) == ("always()", "reports/")


def test_pre_commit_takes_its_configuration() -> None:
    done = run(sys.executable, "-m", "pre_commit", "validate-config", ".pre-commit-config.yaml")
    assert done.returncode == 0, done.stdout


def test_dvc_is_set_up_without_analytics_and_remotes() -> None:
    config = ConfigParser()
    config.read(ROOT / ".dvc" / "config")
    assert config.sections() == ["core"]
    assert config["core"]["analytics"] == "false"


def outputs() -> dict[str, bool]:
    """Every output in dvc.yaml, and whether DVC's cache holds it (so that git must not)."""
    found = {}
    for declaration in stages().values():
        for entry in [entry for kind in ("outs", "metrics", "plots") for entry in declaration.get(kind, [])]:
            options: Any
            path, options = next(iter(entry.items())) if isinstance(entry, dict) else (entry, {})
            found[re.sub(r"\$\{.*?\}", "one", path)] = options.get("cache", True)
    return found


def test_git_ignores_what_dvc_keeps_and_keeps_the_rest() -> None:
    assert outputs()
    ignored = {path for path in outputs() if run("git", "check-ignore", "--quiet", "--no-index", path).returncode == 0}
    assert ignored == {path for path, cached in outputs().items() if cached}


@pytest.mark.parametrize(
    "path", [".venv/bin/python", ".work/demo/dvc.lock", "mlflow.db", "mlruns/1", "src/a/__pycache__/b"]
)
def test_git_ignores_what_the_commands_make(path: str) -> None:
    assert run("git", "check-ignore", "--quiet", "--no-index", path).returncode == 0


def test_no_file_names_this_machine_or_a_package_host() -> None:
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").stdout.split("\0")
    files = [ROOT / name for name in listed if name and (ROOT / name).is_file()]
    assert len(files) > 40
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line}"
        for path in files
        for number, line in enumerate(path.read_bytes().decode("utf-8", errors="replace").splitlines(), 1)
        if FORBIDDEN.search(line)
    ]
    assert not found
