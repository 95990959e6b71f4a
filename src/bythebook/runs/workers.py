"""A worker process: what it does, and how one is started, from nothing or as the fork of one that is warm."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle, send_handle
from pathlib import Path
from typing import Any, Protocol

from bythebook.errors import UserError
from bythebook.lifetime import die_with_parent
from bythebook.records.events import Event, Observe

log = logging.getLogger(__name__)

Prepare = Callable[[], None]


class WorkerProcess(Protocol):
    """What the executor asks of a process; ``multiprocessing.Process`` is one."""

    @property
    def exitcode(self) -> int | None:
        """Its exit status, negative for a signal; None while it runs or if nobody knows."""
        ...

    def terminate(self) -> None:
        """Asks it to end."""
        ...

    def join(self) -> None:
        """Waits until it has ended."""
        ...


def spawned(prepare: Prepare) -> tuple[Connection, WorkerProcess]:
    """A worker process started from nothing, and the connection to it."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_spawned, args=(theirs, prepare, os.getpid()), daemon=True)
    process.start()
    theirs.close()
    return ours, process


class ForkServer:
    """A process that has made everything ready once and is forked for every worker.

    A fork is safe only while a process has one thread, so she counts hers after ``prepare`` and refuses if there are
    more. When this process dies, she dies, and her workers with her.

    Args:
        prepare: called once in her.
    """

    def __init__(self, prepare: Prepare) -> None:
        context = multiprocessing.get_context("spawn")
        self._control, theirs = context.Pipe()
        self._process = context.Process(target=_mother, args=(theirs, prepare, os.getpid()), daemon=True)
        self._process.start()
        theirs.close()

    @property
    def lives(self) -> bool:
        """Whether she has not ended."""
        return self._process.is_alive()

    def fork(self) -> tuple[Connection, WorkerProcess] | None:
        """A worker process and the connection to it; None if forking is not safe.

        Raises:
            OSError, EOFError: she has died.
        """
        ours, theirs = multiprocessing.Pipe()
        with theirs:
            try:
                self._control.send(None)
                send_handle(self._control, theirs.fileno(), self._process.pid)
                pid = self._control.recv()
            except BaseException:
                ours.close()
                raise
        if pid is None:
            ours.close()
            return None
        return ours, Forked(pid, self)

    def reap(self, pid: int) -> int | None:
        """Waits for one of her workers to end and gives its exit status; None if she has died herself."""
        try:
            self._control.send(pid)
            status: int = self._control.recv()
        except (OSError, EOFError):
            return None
        return status

    def end(self) -> None:
        """Ends her; her workers must have ended before."""
        self._process.kill()
        self._process.join()
        self._control.close()


class Forked:
    """A worker that is a child of :class:`ForkServer`."""

    def __init__(self, pid: int, mother: ForkServer) -> None:
        self._pid, self._mother = pid, mother
        self.exitcode: int | None = None

    def terminate(self) -> None:
        """Asks it to end."""
        # While she lives, its number is its own until :meth:`join`; when she has died, it has been killed.
        if self._mother.lives:
            os.kill(self._pid, signal.SIGTERM)

    def join(self) -> None:
        """Waits until it has ended."""
        self.exitcode = self._mother.reap(self._pid)


def _spawned(connection: Connection, prepare: Prepare, parent: int) -> None:
    _tie_to_parent(parent)
    prepare()
    _work(connection)


def _mother(control: Connection, prepare: Prepare, parent: int) -> None:
    """Forks a worker whenever she is sent None and a connection, and reaps the one whose number she is sent."""
    _tie_to_parent(parent)
    prepare()
    # A collector that visits what she has made would copy all of it into each worker.
    gc.collect()
    gc.freeze()
    while True:
        pid = control.recv()
        if pid is not None:
            control.send(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            continue
        with Connection(recv_handle(control)) as connection:
            control.send(_forked(control, connection) if threads() == 1 else None)


def _forked(control: Connection, connection: Connection) -> int:
    """Forks a worker; returns its number in the mother, and never in the worker."""
    mother = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        _tie_to_parent(mother)
        control.close()
        _work(connection)
        status = 0
    except Exception:
        log.exception("a worker process failed")
    finally:
        os._exit(status)


def _tie_to_parent(parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    die_with_parent(signal.SIGKILL, parent)


def threads() -> int:
    """How many threads this process has, libraries' included; on systems that do not say, Python's alone."""
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.is_dir() else threading.active_count()


def _work(connection: Connection) -> None:
    """Takes tasks until the other side hangs up."""

    def emit(event: Event) -> None:
        connection.send(("event", event))

    while True:
        try:
            function, task = connection.recv()
        except EOFError:
            return
        connection.send(answer(function, task, emit))


def answer(function: Callable[[Any, Observe], Any], task: Any, emit: Observe) -> tuple[str, Any]:
    """What a worker says of a task: its kind and its content.

    Returns:
        ``result`` and what the function gave; ``refused`` and a user's problems; ``error`` and a traceback.
    """
    try:
        return "result", function(task, emit)
    except UserError as error:
        return "refused", error.problems
    except OSError as error:
        return "refused", (f"a worker cannot read or write its files: {error}",)
    except Exception:
        return "error", traceback.format_exc()
