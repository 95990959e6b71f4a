"""Optuna's database is a mirror: it gets every trial once, and a search goes on without it."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import optuna
import psycopg
import pytest
import synthetic_search as synthetic
from optuna.trial import FrozenTrial, TrialState, create_trial
from postgresql import Server

from bythebook.errors import UserError
from bythebook.search import mirror
from bythebook.search.mirror import Mirror
from bythebook.search.storage import opened, sqlite_address
from bythebook.search.trials import FinishedTrial

pytestmark = pytest.mark.xdist_group("postgresql")
TRIALS = synthetic.SETTINGS.trials


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[FinishedTrial]:
    """The trials of an undisturbed search."""
    return synthetic.run(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def address(postgresql: Server, request: pytest.FixtureRequest) -> str:
    return postgresql.create(request.node.name[:60])


def shown(address: str) -> list[FrozenTrial]:
    with opened(address) as storage:
        (name,) = optuna.get_all_study_names(storage)
        return optuna.load_study(study_name=name, storage=storage).trials


def assert_complete(address: str, whole: list[FinishedTrial]) -> None:
    """Every trial once, with its state, its parameters and its curve."""
    trials = shown(address)
    assert [trial.number for trial in trials] == [trial.number for trial in whole]
    states = {"complete": TrialState.COMPLETE, "pruned": TrialState.PRUNED, "failed": TrialState.FAIL}
    assert [trial.state for trial in trials] == [states[trial.result.state] for trial in whole]
    assert [tuple(trial.intermediate_values.values()) for trial in trials] == [trial.result.curve for trial in whole]
    assert [trial.user_attrs["key"] for trial in trials] == [trial.result.key for trial in whole]
    assert [set(trial.params) for trial in trials] == [set(trial.point.names) for trial in whole]


def warnings_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name.startswith("bythebook")]


def test_every_trial_is_shown_once_however_often_it_is_added(tmp_path: Path, whole: list[FinishedTrial]) -> None:
    for _ in range(2):
        assert synthetic.run(tmp_path) == whole
        assert_complete(sqlite_address(tmp_path), whole)


@pytest.mark.parametrize("where", ["sqlite", "postgresql"])
def test_a_database_that_is_deleted_midway_is_made_again(
    tmp_path: Path, address: str, whole: list[FinishedTrial], where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "SECONDS", 0.0)
    database = address if where == "postgresql" else sqlite_address(tmp_path)
    seen: list[int] = []

    def delete() -> None:
        seen.append(len(shown(database)))
        if where == "sqlite":
            (tmp_path / "studies.db").unlink()
        else:
            with psycopg.connect(address, autocommit=True) as connection:
                connection.execute("drop schema public cascade; create schema public")

    assert synthetic.run(tmp_path, evaluate=synthetic.after(9, delete), address=database) == whole
    assert seen == [8]
    assert_complete(database, whole)


def test_a_server_that_is_killed_and_started_again_gets_what_it_missed(
    tmp_path: Path,
    postgresql: Server,
    address: str,
    whole: list[FinishedTrial],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(mirror, "SECONDS", 0.0)
    ended = 0

    def crash() -> None:
        nonlocal ended
        ended += 1
        if ended == 5:
            postgresql.kill()
        elif ended == 12:
            postgresql.start()

    assert synthetic.run(tmp_path, evaluate=synthetic.each(crash), address=address) == whole
    (said,) = warnings_of(caplog)
    assert "the search goes on without them" in said and postgresql.password not in said
    assert_complete(address, whole)


def test_a_server_that_stays_away_is_told_once_and_is_brought_up_to_date_later(
    tmp_path: Path, postgresql: Server, address: str, whole: list[FinishedTrial], caplog: pytest.LogCaptureFixture
) -> None:
    postgresql.kill()
    try:
        assert synthetic.run(tmp_path, address=address) == whole
    finally:
        postgresql.start()
    (said,) = warnings_of(caplog)
    assert f"127.0.0.1:{postgresql.port}" in said and postgresql.password not in said
    assert synthetic.run(tmp_path, address=address) == whole
    assert_complete(address, whole)


def test_two_that_add_the_same_trials_at_once_add_each_once(address: str) -> None:
    trials = [create_trial(state=TrialState.COMPLETE, value=number / 10) for number in range(10)]
    mirrors = [Mirror(address, "study", ["maximize"]) for _ in range(4)]
    threads = [threading.Thread(target=one.add, args=(trials, True)) for one in mirrors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(trial.value for trial in shown(address)) == Counter(number / 10 for number in range(10))


def test_an_address_of_no_database_is_refused_before_anything_is_trained(tmp_path: Path) -> None:
    def nothing(*given: Any) -> None:
        raise AssertionError("trained")

    with pytest.raises(UserError, match="cannot be kept there"):
        synthetic.run(tmp_path, evaluate=nothing, address="mysql://me:canary@host/x")


def test_what_keeps_studies_from_being_opened_is_said_without_the_password(
    postgresql: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(address: str) -> str:
        with pytest.raises(UserError) as caught, opened(address):
            raise AssertionError("opened")
        assert "canary" not in str(caught.value) and "\n" not in str(caught.value)
        return str(caught.value)

    where = f"127.0.0.1:{postgresql.port}"
    wrong = refused(postgresql.address("postgres", "canary"))
    assert wrong.startswith(f"the studies at {where}/postgres cannot be opened: ")
    assert 'password authentication failed for user "book"' in wrong
    assert 'database "none" does not exist' in refused(postgresql.address("none"))
    assert "cannot be kept there (mysql). Allowed: sqlite:///PATH or postgresql" in refused("mysql://me:canary@host/x")
    assert "(no address)" in refused("canary")
    assert "is no address. Allowed" in refused("postgresql://me:canary@host:port/x")
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert 'pip install "psycopg[binary]"' in refused(postgresql.address("postgres", "canary"))
