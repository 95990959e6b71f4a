"""A study on a server that goes away, searched by processes that die or come second: each trial is made once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest
import synthetic_search as synthetic
from optuna.exceptions import StorageInternalError
from optuna.storages import RDBStorage
from optuna.trial import TrialState, create_trial
from postgresql import Server
from sqlalchemy.exc import OperationalError

from bythebook.errors import UserError
from bythebook.records.events import Event
from bythebook.runs.local_executor import LocalExecutor
from bythebook.search import lasting, ownership
from bythebook.search.storage import opened
from bythebook.search.studies import kept
from bythebook.search.trials import FinishedTrial, Then, TrialResult, TrialTask

pytestmark = pytest.mark.xdist_group("postgresql")
TRIALS = synthetic.SETTINGS.trials
Row = tuple[Any, ...]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[FinishedTrial]:
    """The trials of an undisturbed search."""
    return synthetic.run(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def address(postgresql: Server, request: pytest.FixtureRequest) -> str:
    return postgresql.create(request.node.name[:60])


def told(address: str, statement: str, *values: Any) -> list[Row]:
    """What the database answers to a statement."""
    with psycopg.connect(address, autocommit=True) as connection:
        cursor = connection.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def assert_each_once(address: str) -> None:
    rows = told(address, "select number, state from trials order by number")
    assert [number for number, _ in rows] == list(range(TRIALS))
    assert {state for _, state in rows} <= {"COMPLETE", "PRUNED", "FAIL"}


def after(number: int, action: Callable[[], None]) -> Any:
    """Trains here, and does something when so many trials have ended."""

    def evaluate(tasks: Sequence[TrialTask], finished: Sequence[FinishedTrial], then: Then) -> None:
        ended = 0

        def count(which: int, result: TrialResult) -> Sequence[TrialTask]:
            nonlocal ended
            ended += 1
            if ended == number:
                action()
            return then(which, result)

        synthetic.in_process(tasks, finished, count)

    return evaluate


def test_a_server_that_is_killed_and_started_again_costs_no_trial(
    postgresql: Server, address: str, whole: list[FinishedTrial], caplog: pytest.LogCaptureFixture
) -> None:
    back = threading.Thread(target=lambda: (time.sleep(1), postgresql.start()))

    def crash() -> None:
        postgresql.kill()
        back.start()

    trials = synthetic.run(address, evaluate=after(5, crash))
    back.join()
    assert trials == whole
    assert_each_once(address)
    assert [record.getMessage() for record in caplog.records if record.name.startswith("bythebook")] == [
        f"the studies at 127.0.0.1:{postgresql.port}/{address.rpartition('/')[2]} do not answer; trying again for 120 s"
    ]


def test_a_server_that_stays_away_ends_the_search_which_goes_on_later(
    postgresql: Server, address: str, whole: list[FinishedTrial], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lasting, "PATIENCE", 0.5)
    try:
        with pytest.raises(
            UserError, match=r"the studies at 127\.0\.0\.1:\d+/.* cannot be read or written: "
        ) as caught:
            synthetic.run(address, evaluate=after(5, postgresql.kill))
    finally:
        postgresql.start()
    assert postgresql.password not in str(caught.value)
    assert synthetic.run(address) == whole
    assert_each_once(address)


def test_writes_whose_answers_are_lost_are_made_once(
    address: str, whole: list[FinishedTrial], monkeypatch: pytest.MonkeyPatch
) -> None:
    written = {"_create_new_trial": 0, "set_trial_state_values": 0, "set_trial_user_attr": 0}

    def losing(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def write(self: Any, *arguments: Any, **options: Any) -> Any:
            answer = original(self, *arguments, **options)
            written[name] += 1
            if written[name] % 5 == 3:
                raise StorageInternalError from OperationalError("commit", {}, Exception("connection lost"))
            return answer

        return write

    monkeypatch.setattr(lasting, "PAUSE", 0.0)
    for name in written:
        monkeypatch.setattr(RDBStorage, name, losing(name, getattr(RDBStorage, name)))
    assert synthetic.run(address) == whole
    assert min(written.values()) >= TRIALS
    assert_each_once(address)


@pytest.fixture
def waiting(address: str) -> Iterator[subprocess.Popen[str]]:
    """Another process in the middle of a search."""
    script = Path(__file__).with_name("lasting_search.py")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, str(script), address, "7"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == f"[{process.pid}]\n"
        yield process
        process.kill()


def test_a_second_search_waits_for_the_first_to_die_and_then_takes_over(
    address: str, whole: list[FinishedTrial], waiting: subprocess.Popen[str]
) -> None:
    refusal = rf"is being searched by another process, {waiting.pid} on "
    with pytest.raises(UserError, match=refusal) as caught:
        synthetic.run(address)
    assert address.split(":")[2].split("@")[0] not in str(caught.value)
    # Killed, but on another machine as far as this one knows.
    waiting.kill()
    waiting.wait()
    for word in ("host", "place"):
        move = f'replace(value_json, \'"{word}": "\', \'"{word}": "another \')'
        told(address, f"update trial_system_attributes set value_json = {move} where key = 'driver'")
    with pytest.raises(UserError, match=refusal):
        synthetic.run(address)
    assert told(address, "select count(*) from trials where state = 'RUNNING'") == [(4,)]
    told(address, "update trial_heartbeats set heartbeat = heartbeat - interval '61 seconds'")
    assert synthetic.run(address) == whole
    assert_each_once(address)


def test_what_a_killed_search_left_is_taken_over_at_once_on_its_machine(
    address: str, whole: list[FinishedTrial], waiting: subprocess.Popen[str]
) -> None:
    waiting.send_signal(signal.SIGKILL)
    assert waiting.wait() == -signal.SIGKILL
    assert synthetic.run(address) == whole
    assert_each_once(address)


def test_a_search_that_was_interrupted_leaves_its_trials_to_any(address: str, whole: list[FinishedTrial]) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        synthetic.run(address, evaluate=after(5, interrupt))
    names = told(address, "select value_json from trial_system_attributes natural join trials where state = 'RUNNING'")
    assert names == [("null",)] * 4
    assert synthetic.run(address) == whole


def test_trials_in_flight_have_heartbeats(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ownership, "INTERVAL", 0.05)
    beating = "select count(*) from trial_heartbeats natural join trials where state = 'RUNNING'"

    def look() -> None:
        told(address, "update trial_heartbeats set heartbeat = heartbeat - interval '2 hours'")
        assert told(address, beating) == [(4,)]
        end = time.monotonic() + 30
        while told(address, f"{beating} and heartbeat > now() - interval '1 hour'") != [(4,)]:
            assert time.monotonic() < end, "no heartbeat"

    synthetic.run(address, evaluate=after(5, look))


def test_of_two_that_make_the_same_trial_one_is_refused(address: str) -> None:
    with opened(address) as one, opened(address) as two:
        study_id = one.get_study_id_from_name(kept(one, "study", ["maximize"]).study_name)
        trial = create_trial(state=TrialState.RUNNING)
        trial.number = 0
        first = one.create_new_trial(study_id, trial)
        with pytest.raises(UserError, match="being searched by another process"):
            two.create_new_trial(study_id, trial)
        assert one.create_new_trial(study_id, trial) == first
    assert told(address, "select number from trials") == [(0,)]


def test_a_worker_that_is_killed_costs_no_trial(tmp_path: Path, whole: list[FinishedTrial]) -> None:
    killed: list[int] = []

    def kill(event: Event) -> None:
        if len(killed) < 2 and event["number"] >= 6 * len(killed):
            killed.append(event["pid"])
            os.kill(event["pid"], signal.SIGKILL)

    executor = LocalExecutor(2, synthetic.nothing)
    assert synthetic.run(tmp_path, evaluate=synthetic.through(executor, kill)) == whole
    assert len(set(killed)) == 2


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
