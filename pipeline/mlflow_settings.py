"""Where results are tracked, and where they come from."""

from __future__ import annotations

import os
from pathlib import Path

from bythebook.tracking import Context, resolve
from pipeline import project


def address() -> str:
    """Return the MLflow address: the user's ``MLFLOW_TRACKING_URI``, or a SQLite file in the project's folder."""
    return resolve(os.environ.get("MLFLOW_TRACKING_URI"), project.folder())


def context(stage: str) -> Context:
    """What this stage's runs are tagged with."""
    return Context.of(Path.cwd(), stage, os.environ.get("DVC_EXP_NAME"))
