"""A tracking server whose store is a PostgreSQL database, as several machines share one."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_suites import made_record, write_suite_folder
from mlflow_server import served
from postgresql import Server
from seen_store import Seen

from bythebook.errors import UserError
from bythebook.tracking import Context, publish
from bythebook.tracking.connection import connect
from bythebook.tracking.server import free_port

pytestmark = pytest.mark.xdist_group("postgresql")


def test_runs_are_mirrored_to_a_server_on_postgresql(postgresql: Server, context: Context, tmp_path: Path) -> None:
    records = {"relu": [made_record("relu", 0)], "elu": [made_record("elu", 0)]}
    suite = write_suite_folder(tmp_path / "activations", records)
    address, port = postgresql.create("mlflow"), free_port("127.0.0.1", 5700)
    with served(address, port, tmp_path):
        url = f"http://127.0.0.1:{port}"
        first, second = (publish(url, [suite], None, context, lambda key: None) for _ in range(2))
    assert (first["new"], second["new"]) == (2, 0)
    Seen(address).assert_complete([*records["relu"], *records["elu"]])


def test_a_wrong_password_is_told_and_not_shown(postgresql: Server) -> None:
    with pytest.raises(UserError, match="password authentication failed") as caught:
        connect(postgresql.address("postgres", "canary"))
    assert "canary" not in str(caught.value)
