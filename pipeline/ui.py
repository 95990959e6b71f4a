"""Opens the MLflow UI for this computer alone: ``python -m pipeline.ui [PORT]``, or ``make ui``."""

import os
from pathlib import Path

from bythebook.tracking import user_interface
from bythebook.tracking.server import checked_port
from pipeline import mlflow_settings, stage

EXAMPLE = 5001


def main(port: str | None = None) -> None:
    """Becomes the server.

    Raises:
        UserError: ``port`` is not a port's number, or the runs are on a server already.
    """
    chosen = None if port is None else checked_port(port, EXAMPLE)
    server = user_interface(mlflow_settings.address(), Path("mlruns").absolute(), port=chosen)
    print(f"ui: {server.url} (Ctrl-C ends it)", flush=True)
    os.execve(server.command[0], server.command, {**os.environ, **server.settings})


if __name__ == "__main__":
    stage.run(main)
