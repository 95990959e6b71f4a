"""Worker processes on this machine."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from multiprocessing.connection import Connection, wait
from typing import Any

from bythebook.runs import memory
from bythebook.runs.executor import ATTEMPTS, Function, PoolExecutor, Worker, WorkerError
from bythebook.runs.task_queue import Expectation
from bythebook.runs.workers import ForkServer, Prepare, WorkerProcess, spawned

log = logging.getLogger(__name__)


class LocalWorker(Worker):
    """A process at the other end of a connection, which keeps a task until the process is ready for it."""

    def __init__(self, connection: Connection, process: WorkerProcess) -> None:
        super().__init__(ready=True)
        self.connection, self.process = connection, process

    def send(self, function: Function, task: Any) -> None:
        """Hands it a task; an ``OSError`` says that it has died."""
        self.connection.send((function, task))

    def receive(self) -> tuple[str, Any]:
        """What it says next; an ``EOFError`` says that it has died."""
        said: tuple[str, Any] = self.connection.recv()
        return said

    def discard(self) -> str:
        """Waits for its end."""
        self.process.join()
        self.connection.close()
        return f"exit code {self.process.exitcode}"


class LocalExecutor(PoolExecutor[LocalWorker]):
    """Worker processes on this machine, each with one thread. With Ctrl-C, or when this process dies, they end too.

    Args:
        workers: how many processes.
        prepare: called before the first task, in every worker or once in the process that workers are forked from.
        fork: whether workers are forked from one prepared process; by default on Linux, if there are several.
    """

    def __init__(self, workers: int, prepare: Prepare, fork: bool | None = None) -> None:
        super().__init__(workers)
        self._prepare = prepare
        self._fork = sys.platform == "linux" and workers > 1 if fork is None else fork
        self._mother: ForkServer | None = None
        self._free: int | None = None

    def __enter__(self) -> LocalExecutor:
        return self

    def close(self) -> None:
        """Ends the workers; a later map starts new ones."""
        for worker in self._pool:
            worker.process.terminate()
        for worker in self._pool:
            worker.discard()
        self._pool.clear()
        self._free = None
        self._end_mother()

    def _wait(self, workers: Sequence[LocalWorker]) -> Sequence[LocalWorker]:
        ready = wait([worker.connection for worker in workers])
        return [worker for worker in workers if worker.connection in ready]

    def _admit(self, expected: Sequence[Expectation]) -> None:
        # Warm workers keep what earlier tasks took, and a plan counts it again: what was free before them counts.
        if self._free is None:
            self._free = memory.free()
        memory.MemoryPlan.of(expected, self._workers, self._fork).refuse_beyond(self._free)

    def _start(self) -> LocalWorker:
        return LocalWorker(*((self._forked() if self._fork else None) or spawned(self._prepare)))

    def _forked(self) -> tuple[Connection, WorkerProcess] | None:
        for _ in range(ATTEMPTS):
            try:
                self._mother = self._mother or ForkServer(self._prepare)
                started = self._mother.fork()
            except (OSError, EOFError) as error:
                log.debug("the process that workers are forked from has to be started again: %s", error)
                self._end_mother()
                continue
            if started is None:
                log.debug("workers are started from nothing: what they need to get ready has started threads")
                self._fork = False
                self._end_mother()
            return started
        raise WorkerError("no worker process can be started")

    def _end_mother(self) -> None:
        if self._mother is not None:
            self._mother.end()
            self._mother = None
