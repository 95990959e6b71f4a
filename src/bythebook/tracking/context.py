"""Where results come from: the commit, the stage and the process that write them."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from bythebook.process import Process


@dataclass(frozen=True)
class Context:
    """What every run of this process is tagged with.

    Attributes:
        commit: the commit of the working tree, or None outside a repository.
        dirty: whether tracked files differ from that commit.
        stage: the stage that writes; ``publish`` writes what other stages have trained.
        dvc_experiment: the name of the DVC experiment that runs the stage, or None.
    """

    commit: str | None
    dirty: bool
    stage: str
    dvc_experiment: str | None = None

    @classmethod
    def of(cls, root: Path, stage: str, dvc_experiment: str | None = None) -> Context:
        """The context of a stage that runs in the working tree ``root``."""
        commit = _git(root, "rev-parse", "HEAD")
        changes = _git(root, "status", "--porcelain", "--untracked-files=no") if commit else None
        return cls(commit or None, bool(changes), stage, dvc_experiment)

    def tags(self) -> dict[str, str]:
        """The context as MLflow tags; the ``mlflow.`` ones fill the columns of its UI."""
        tags = {
            "mlflow.source.name": self.stage,
            "mlflow.source.type": "PROJECT",
            "bythebook.process": str(Process.here()),
        }
        if self.commit:
            tags |= {"mlflow.source.git.commit": self.commit, "git.dirty": str(self.dirty).lower()}
        if self.dvc_experiment:
            tags["dvc.experiment"] = self.dvc_experiment
        return tags


def _git(root: Path, *arguments: str) -> str | None:
    try:
        command = ["git", "-C", str(root), "--no-optional-locks", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
