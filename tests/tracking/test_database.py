from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bythebook.errors import UserError
from bythebook.tracking.connection import connect

CONNECT = "import sys; from bythebook.tracking.connection import connect; connect(sys.argv[1])"


def half_made(folder: Path) -> Path | None:
    """The database MLflow is making its tables in, once it has some."""
    return next((file for file in folder.rglob("made.db") if file.stat().st_size > 100_000), None)


def test_a_process_killed_while_it_makes_the_tables_leaves_no_broken_database(tmp_path: Path) -> None:
    database = tmp_path / "mlflow.db"
    address = f"sqlite:///{database}"
    with subprocess.Popen([sys.executable, "-c", CONNECT, address]) as process:
        deadline = time.monotonic() + 60
        while half_made(tmp_path) is None:
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.001)
        process.kill()
    assert not database.exists() or not database.stat().st_size
    assert connect(address).experiment_ids() == ["0"]


def test_several_processes_may_make_it_at_once(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'mlflow.db'}"
    with ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda _: subprocess.run([sys.executable, "-c", CONNECT, address]), range(2)))
    assert [process.returncode for process in done] == [0, 0]
    assert [file.name for file in tmp_path.iterdir()] == ["mlflow.db"]


def test_a_database_of_something_else_is_told_in_one_sentence(tmp_path: Path) -> None:
    database = tmp_path / "mlflow.db"
    with sqlite3.connect(database) as connection:
        connection.execute("create table experiments (name text)")
    with pytest.raises(UserError, match="cannot be used: .*experiments") as caught:
        connect(f"sqlite:///{database}")
    assert "\n" not in str(caught.value)
