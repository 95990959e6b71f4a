from __future__ import annotations

import socket
from pathlib import Path

import pytest

from bythebook.errors import UserError
from bythebook.tracking import user_interface
from bythebook.tracking.server import checked_port, free_port


def test_it_listens_on_loopback_and_runs_no_jobs(tmp_path: Path) -> None:
    server = user_interface(f"sqlite:///{tmp_path}/mlflow.db", tmp_path)
    assert server.command[server.command.index("--host") + 1] == "127.0.0.1"
    assert server.url.startswith("http://127.0.0.1:")
    assert server.settings["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] == "false"
    assert server.settings["MLFLOW_ENABLE_AI_GATEWAY"] == "false"


def test_a_password_is_not_seen_in_the_list_of_processes(tmp_path: Path) -> None:
    server = user_interface("postgresql://me:canary@host/runs", tmp_path)
    assert not [word for word in server.command if "canary" in word]
    assert server.settings["MLFLOW_BACKEND_STORE_URI"] == "postgresql://me:canary@host/runs"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org"])
def test_other_computers_need_a_login(host: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="can be reached from other computers"):
        user_interface("sqlite:////a.db", tmp_path, host=host, port=5000)
    server = user_interface("sqlite:////a.db", tmp_path, host=host, port=5000, auth=True)
    assert server.command[-2:] == ["--app-name", "basic-auth"]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost", "::1"])
def test_loopback_needs_none(host: str, tmp_path: Path) -> None:
    assert "--app-name" not in user_interface("sqlite:////a.db", tmp_path, host=host, port=5000).command


def test_a_port_is_a_number_that_there_is() -> None:
    assert (checked_port("1", 5001), checked_port("65535", 5001)) == (1, 65535)
    for text in ("", "0", "65536", "99999", "9" * 5000, "-1", "80a", "8.0"):
        with pytest.raises(UserError, match=f"^'{text}' is not a port: give a number from 1 to 65535, such as 5001"):
            checked_port(text, 5001)


def test_a_taken_port_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert port < free_port("127.0.0.1", port) <= port + 100


def test_a_tracking_server_is_its_own_interface(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"http://me:\*\*\*@host:5000: open that address"):
        user_interface("http://me:canary@host:5000", tmp_path)
