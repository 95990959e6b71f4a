"""MLflow itself, imported at its first use and kept quiet.

Importing it takes a second or more, so only code that is about to talk to a store asks for it.
"""

from __future__ import annotations

import importlib
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# No retries inside the client: it would repeat "create run" as well and leave two runs behind
# (mlflow/mlflow#8238). Deliveries are repeated here instead, and look before they create.
DEFAULTS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_DISABLE_AGENT_HINT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
}
ALWAYS = {
    "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
    "MLFLOW_RECORD_ENV_VARS_IN_MODEL_LOGGING": "false",
}


def mlflow(module: str = "mlflow") -> Any:
    """An MLflow module, such as ``mlflow.entities``, imported with this program's settings in place."""
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
    os.environ.update(ALWAYS)
    found = importlib.import_module(module)
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # What it logs with a traceback it raises as well, and that is told in one sentence.
    logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)
    return found


@contextmanager
def process_wide(address: str) -> Iterator[None]:
    """Makes ``address`` MLflow's process-wide store for a moment.

    A SQL registry reads the model that is being registered from there, whatever store its client was made for. MLflow
    also writes the address to an environment variable, which is put back.
    """
    variable = mlflow("mlflow.environment_variables").MLFLOW_TRACKING_URI
    before = variable.get_raw()
    mlflow().set_tracking_uri(address)
    try:
        yield
    finally:
        mlflow().set_tracking_uri(None)
        if before is not None:
            variable.set(before)
