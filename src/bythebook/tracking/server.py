"""The command that opens MLflow's user interface."""

from __future__ import annotations

import ipaddress
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bythebook.errors import UserError
from bythebook.passwords import hide
from bythebook.tracking import addresses
from bythebook.tracking.library import ALWAYS, DEFAULTS

LOOPBACK = "127.0.0.1"
FIRST_PORT = 5000
PORTS_TRIED = 100
HIGHEST_PORT = 65535
# The list of experiments, with the views for model training instead of those for language models.
START = "#/experiments?workflowType=machine_learning"
# The tracking server alone: no job execution, no gateway to language models.
SETTINGS = {
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "MLFLOW_ENABLE_AI_GATEWAY": "false",
    "MLFLOW_DISABLE_TELEMETRY": DEFAULTS["MLFLOW_DISABLE_TELEMETRY"],
    "MLFLOW_DISABLE_AGENT_HINT": DEFAULTS["MLFLOW_DISABLE_AGENT_HINT"],
}


@dataclass(frozen=True)
class Server:
    """How to start the user interface.

    Attributes:
        command: the program and its arguments.
        settings: environment variables to add; the store's address is among them, so that no password is seen in a
            list of processes.
        url: where it will be.
    """

    command: list[str]
    settings: Mapping[str, str]
    url: str


def user_interface(
    address: str, artifacts: Path, host: str = LOOPBACK, port: int | None = None, auth: bool = False
) -> Server:
    """The server that shows the store at ``address``.

    Args:
        address: the store, as :func:`bythebook.tracking.addresses.resolve` gives it.
        artifacts: the folder for files of experiments that are made in the user interface.
        port: None means 5000, or the next one that is free.
        auth: whether users must log in (MLflow's ``basic-auth``).

    Raises:
        UserError: the store is a server itself, or others could reach an interface without a login.
    """
    if addresses.scheme(address) in ("http", "https"):
        raise UserError(f"the runs are on the tracking server {hide(address)}: open that address instead.")
    if not auth and not is_loopback(host):
        raise UserError(
            f"host '{host}' can be reached from other computers, and without a login everyone there could read, "
            f"change and delete runs. Use {LOOPBACK}, or switch the login on."
        )
    chosen = port if port is not None else free_port(host)
    command = [sys.executable, "-m", "mlflow", "server", "--host", host, "--port", str(chosen), "--workers", "1"]
    settings = {
        **SETTINGS,
        **ALWAYS,
        "MLFLOW_BACKEND_STORE_URI": address,
        "MLFLOW_ARTIFACTS_DESTINATION": str(artifacts),
    }
    return Server(
        [*command, *(["--app-name", "basic-auth"] if auth else [])], settings, f"http://{host}:{chosen}/{START}"
    )


def is_loopback(host: str) -> bool:
    """Whether only this computer can reach a server on ``host``."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def checked_port(text: str, example: int) -> int:
    """The port that a user's ``text`` names; ``example`` is one to suggest.

    Raises:
        UserError: it names none.
    """
    if text.isdecimal() and len(text) <= len(str(HIGHEST_PORT)) and 1 <= int(text) <= HIGHEST_PORT:
        return int(text)
    raise UserError(f"'{text}' is not a port: give a number from 1 to {HIGHEST_PORT}, such as {example}.")


def free_port(host: str, first: int = FIRST_PORT) -> int:
    """The first port from ``first`` on that nobody listens on.

    Raises:
        UserError: none of the next hundred is free, or the host is not this computer's.
    """
    for port in range(first, first + PORTS_TRIED):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
                return port
            except OSError:
                continue
    raise UserError(f"no free port on {host} from {first} to {first + PORTS_TRIED - 1}.")
