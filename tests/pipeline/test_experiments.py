"""Experiments that DVC runs beside the project: their own code, and the project's memo, searches and MLflow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from copies import Copy, refused, wait_for
from source_code import ROOT

from bythebook.documents import read_yaml
from bythebook.search.storage import sqlite_address
from pipeline import mlflow_settings, optuna_settings, project, stage, workspace
from pipeline.params_file import read_params

PROBE = Path("src/bythebook/probes/clipping.py")
MEASURED = "return (first * second).sum(axis=1) / (np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1))"


class Repository:
    """A project in a Git repository, from which the environment that runs it is installed, too."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        overrides = workspace.merged(read_yaml(ROOT / "pipeline" / "demo.yaml"), {"probes": ["clipping"]})
        workspace.create(ROOT, folder, overrides)
        config = workspace.DVC_CONFIG.replace("    no_scm = true\n", "")
        (folder / ".dvc" / "config").write_text(config.format(site=folder / ".dvc" / "tmp" / "site"))
        (folder / ".dvc" / ".gitignore").write_text("/tmp\n/cache\n")
        (folder / ".gitignore").write_bytes((ROOT / ".gitignore").read_bytes())
        for words in ("init -q", "config user.name me", "config user.email me@localhost", "add -A", "commit -qm all"):
            self.git(*words.split())

    def git(self, *arguments: str) -> str:
        return self._said("git", *arguments)

    def dvc(self, *arguments: str) -> str:
        return self._said(sys.executable, "-m", "dvc", *arguments)

    def _said(self, *command: str) -> str:
        installed = os.pathsep.join([str(self.folder), str(self.folder / "src")])
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        variables = {**os.environ, "PYTHONPATH": installed, "PATH": path}
        done = subprocess.run(command, cwd=self.folder, env=variables, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def experiments(self) -> dict[str, str]:
        """The commits of the experiments that have ended well, by name."""
        listed = self.git("for-each-ref", "--format=%(refname:lstrip=-1) %(objectname)", "refs/exps").splitlines()
        return dict(line.split() for line in listed)

    def edit(self, answer: float) -> None:
        """Lets the probe measure this number, whatever it looks at."""
        text = self.git("show", f"HEAD:{PROBE}")
        assert MEASURED in text
        (self.folder / PROBE).write_text(text.replace(MEASURED, f"return np.full(len(first), {answer})"))

    def measured(self) -> set[float]:
        """What the probe's file in the folder says."""
        arms = json.loads((self.folder / "runs" / "probes" / "clipping.json").read_text())["arms"]
        return {value for metrics in arms.values() for value in metrics["cosine"]}


def test_queued_experiments_give_the_results_of_their_own_code(tmp_path: Path) -> None:
    repository = Repository(tmp_path.resolve() / "project")
    answers = {"quarter": 0.25, "half": 0.5}
    for name, answer in answers.items():
        repository.edit(answer)
        repository.dvc("exp", "run", "--queue", "--name", name, "probe")
    try:
        repository.dvc("queue", "start", "-j", "2")
        wait_for(lambda: answers.keys() <= repository.experiments().keys())
    finally:
        repository.dvc("queue", "stop", "--kill")
    assert not (repository.folder / "runs").exists()
    # They took turns in the project's folder, and locked their outputs in their own.
    assert (repository.folder / stage.WORK / project.TURNS / "probe").is_file()
    assert not (repository.folder / stage.WORK / "locks").exists()
    for name, answer in answers.items():
        repository.git("checkout", "-q", "--force", repository.experiments()[name])
        repository.dvc("checkout", "runs/probes")
        assert f"{answer})" in (repository.folder / PROBE).read_text()
        assert repository.measured() == {answer}, name


def test_an_experiment_keeps_everything_but_its_outputs_in_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, experiment = tmp_path / "project", tmp_path / "project" / ".dvc" / "tmp" / "exps" / "standalone" / "tmp1"
    experiment.mkdir(parents=True)
    params = read_params(ROOT / "params.yaml")
    monkeypatch.chdir(home)
    address, studies = mlflow_settings.address(), Path(optuna_settings.address(params).removeprefix("sqlite:///"))
    assert project.folder() == home and not project.is_experiment()
    project.share()
    assert not stage.WORK.exists()

    monkeypatch.chdir(experiment)
    assert project.folder() == home and project.is_experiment()
    for _ in range(2):
        project.share()
    assert mlflow_settings.address() == address == f"sqlite:///{home / 'mlflow.db'}"
    for kept in (stage.MEMO, stage.COMPILED, stage.EVALUATED, stage.DOWNLOADS, stage.STUDIES):
        assert kept.resolve() == home / kept
    assert Path(sqlite_address(stage.STUDIES).removeprefix("sqlite:///")).resolve() == studies


def test_what_the_pipeline_keeps_is_shared_but_for_locks(finished: Copy) -> None:
    kept = {path.name for path in (finished.folder / stage.WORK).iterdir() if path.is_dir()}
    assert kept <= {*project.SHARED, "locks"}
    assert {"memo", "arrays", "evaluated", "studies"} <= kept


def test_the_command_looks_at_the_project_of_the_current_folder_with_its_code(tmp_path: Path) -> None:
    """As it does where the environment was installed from another copy."""
    workspace.create(ROOT, tmp_path / "project", {})
    technique = tmp_path / "project" / "src" / "bythebook" / "techniques" / "activations.py"
    technique.write_text(technique.read_text().replace('"""Rectified linear unit.', '"""The code of this folder.'))
    script = tmp_path / "bythebook"
    script.write_text("import sys\nfrom pipeline.command import main\nsys.exit(main())\n")
    installed = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}"}
    command = [sys.executable, str(script), "show", "relu"]
    for folder, said in ((tmp_path / "project", "The code of this folder."), (ROOT, "Rectified linear unit.")):
        done = subprocess.run(command, cwd=folder, env=installed, capture_output=True, text=True)
        assert said in done.stdout, done.stderr
    done = subprocess.run(command, cwd=tmp_path, env=installed, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"there is no project in {tmp_path}: it has no params.yaml. Change into a project's folder.\n"


def test_the_code_of_another_folder_is_refused(tmp_path: Path) -> None:
    copies = [Copy(tmp_path / name, {}) for name in ("one", "other")]
    for copy in copies:
        workspace.create(ROOT, copy.folder, {})
    one, other = (copy.folder for copy in copies)
    begin = f"import sys, runpy; sys.path.insert(0, {str(other / 'src')!r}); import bythebook; "
    imported = [sys.executable, "-c", f"{begin}runpy.run_module('pipeline.code', run_name='__main__')"]
    hidden = {**os.environ, "PYTHONSAFEPATH": "1", "PYTHONPATH": str(other)}
    for command, environment, code in (
        (imported, None, "src/bythebook"),
        ([sys.executable, "-m", "pipeline.code"], hidden, "pipeline"),
    ):
        done = subprocess.run(command, cwd=one, env=environment, capture_output=True, text=True)
        refused(done, f"the code that would run is {other / code}, not {one / code}")
    assert not (one / "data" / "code").exists()
