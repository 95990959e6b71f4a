"""Opens Optuna's dashboard for this computer alone: ``python -m pipeline.dashboard [PORT]``, or ``make dashboard``."""

from bythebook.errors import UserError
from bythebook.search.dashboard import serve
from bythebook.tracking.server import LOOPBACK, checked_port, free_port
from pipeline import optuna_settings, stage

FIRST_PORT = 8080


def main(port: str | None = None) -> None:
    """Serves it until Ctrl-C.

    Raises:
        UserError: ``port`` is not a port's number, or there are no studies yet.
    """
    chosen = free_port(LOOPBACK, FIRST_PORT) if port is None else checked_port(port, FIRST_PORT)
    address = optuna_settings.address(stage.params())
    if address == optuna_settings.own() and not any(stage.STUDIES.glob("*.db")):
        raise UserError("there are no studies yet: `make repro` makes some.")
    serve(
        address,
        LOOPBACK,
        chosen,
        lambda: print(f"dashboard: http://{LOOPBACK}:{chosen}/dashboard/ (Ctrl-C ends it)", flush=True),
    )


if __name__ == "__main__":
    stage.run(main)
