"""Opens the MLflow UI for this computer alone: ``python -m pipeline.ui [PORT]``, or ``make ui``."""

import os
from pathlib import Path

from bythebook.errors import UserError
from bythebook.tracking import user_interface
from pipeline import stage, tracked


def main(port: str | None = None) -> None:
    """Becomes the server.

    Raises:
        UserError: ``port`` is not a number, or the runs are on a server already.
    """
    if port is not None and not port.isdecimal():
        raise UserError(f"'{port}' is not a port: give a number, such as 5001.")
    server = user_interface(tracked.address(), Path("mlruns").absolute(), port=int(port) if port else None)
    print(f"ui: {server.url} (Ctrl-C ends it)", flush=True)
    os.execve(server.command[0], server.command, {**os.environ, **server.settings})


if __name__ == "__main__":
    stage.run(main)
