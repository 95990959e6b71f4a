"""Worker processes: the one seam through which many runs are spread over cores (and, later, machines)."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Any, Protocol

from bythebook.errors import BythebookError, UserError
from bythebook.runs import memory
from bythebook.runs.schedule import Expect, Expectation, Schedule
from bythebook.runs.workers import Mother, Prepare, Process, spawned

log = logging.getLogger(__name__)

Event = dict[str, Any]
Observe = Callable[[Event], None]
Function = Callable[[Any, Observe], Any]
# What follows from a task's number and its result: further tasks, numbered on from those there are.
Then = Callable[[int, Any], Sequence[Any]]
ATTEMPTS = 2


def nobody(event: Event) -> None:
    """Observes nothing, for tasks that emit no events."""


class WorkerError(BythebookError):
    """A task raised, or killed its worker process more than once."""


class Executor(Protocol):
    """Runs a module-level function over tasks, somewhere else."""

    def map(
        self,
        function: Function,
        tasks: Sequence[Any],
        observe: Observe,
        expect: Expect | None = None,
        then: Then | None = None,
    ) -> list[Any]:
        """Results in the order of ``tasks``; events that the function emits reach ``observe`` in this process.

        Args:
            expect: what a task will take; it decides when a task starts and never what it gives.
            then: called in this process with every result as it arrives; the tasks that it returns are run as well.
        """
        ...


@dataclass
class _Worker:
    process: Process
    served: set[str] = field(default_factory=set)


@dataclass
class _Round:
    """The state of one map."""

    function: Function
    observe: Observe
    schedule: Schedule
    tasks: list[Any] = field(default_factory=list)
    expected: list[Expectation] = field(default_factory=list)
    attempts: list[int] = field(default_factory=list)
    results: dict[int, Any] = field(default_factory=dict)
    busy: dict[Connection, int] = field(default_factory=dict)


class LocalExecutor:
    """Warm worker processes on this machine, started when first needed and kept until :meth:`close`.

    A worker that dies is replaced and its task is tried once more. A task that raises ends the whole map with its
    traceback. With Ctrl-C, or when this process dies, the workers end too.

    Args:
        workers: how many processes, each with one thread.
        prepare: called before the first task, in every worker or once in the process that workers are forked from.
        fork: whether workers are forked from one prepared process; by default on Linux, if there are several.
    """

    def __init__(self, workers: int, prepare: Prepare, fork: bool | None = None) -> None:
        self._workers, self._prepare = workers, prepare
        self._fork = sys.platform == "linux" and workers > 1 if fork is None else fork
        self._mother: Mother | None = None
        self._pool: dict[Connection, _Worker] = {}
        self._admitted = 0

    def __enter__(self) -> LocalExecutor:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Ends the workers."""
        for worker in self._pool.values():
            worker.process.terminate()
        for connection, worker in self._pool.items():
            worker.process.join()
            connection.close()
        self._pool.clear()
        self._admitted = 0
        self._end_mother()

    def map(
        self,
        function: Function,
        tasks: Sequence[Any],
        observe: Observe,
        expect: Expect | None = None,
        then: Then | None = None,
    ) -> list[Any]:
        """Runs ``function(task, emit)`` for every task.

        Raises:
            UserError: the tasks need more memory than there is (none of them has started then), or a task refused what
                it was given, or could not read or write its files.
            WorkerError: a task raised anything else, or its worker died twice, or no worker can be started.
        """
        round_ = _Round(function, observe, Schedule(self._workers))
        try:
            self._add(tasks, expect, round_)
            while len(round_.results) < len(round_.tasks):
                for connection in self._idle(round_.busy, len(round_.schedule)):
                    self._send(connection, round_)
                # Nobody is busy if every worker turned out to be dead; waiting for nobody would not end.
                ready = wait(list(round_.busy)) if round_.busy else []
                for connection in [connection for connection in round_.busy if connection in ready]:
                    index = self._receive(connection, round_)
                    if then and index is not None:
                        self._add(then(index, round_.results[index]), expect, round_)
        except BaseException:
            self.close()
            raise
        return [round_.results[index] for index in range(len(round_.tasks))]

    def _add(self, tasks: Sequence[Any], expect: Expect | None, round_: _Round) -> None:
        expected = [expect(task) if expect else Expectation() for task in tasks]
        round_.tasks += tasks
        round_.expected += expected
        round_.attempts += [0] * len(tasks)
        if expect and tasks:
            self._admit(memory.Plan.of(round_.expected, self._workers, self._fork))
        round_.schedule.add(expected)

    def _admit(self, plan: memory.Plan) -> None:
        # Warm workers keep what earlier tasks took: that much is neither free nor needed again.
        plan.refuse_beyond(memory.free() + self._admitted)
        self._admitted = max(self._admitted, plan.total)

    def _idle(self, busy: dict[Connection, int], wanted: int) -> list[Connection]:
        idle = [connection for connection in self._pool if connection not in busy]
        while len(idle) < wanted and len(self._pool) < self._workers:
            idle.append(self._start())
        return idle[:wanted]

    def _start(self) -> Connection:
        connection, process = (self._forked() if self._fork else None) or spawned(self._prepare)
        self._pool[connection] = _Worker(process)
        return connection

    def _forked(self) -> tuple[Connection, Process] | None:
        for _ in range(ATTEMPTS):
            try:
                self._mother = self._mother or Mother(self._prepare)
                started = self._mother.fork()
            except OSError as error:
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

    def _send(self, connection: Connection, round_: _Round) -> None:
        worker = self._pool[connection]
        others = {group for other in self._pool.values() if other is not worker for group in other.served}
        index = round_.schedule.next(worker.served, others)
        try:
            connection.send((round_.function, round_.tasks[index]))
        except OSError:
            # It died while it had nothing to do.
            self._bury(connection)
            round_.schedule.put_back(index)
            return
        round_.attempts[index] += 1
        round_.busy[connection] = index
        worker.served.add(round_.expected[index].group)

    def _receive(self, connection: Connection, round_: _Round) -> int | None:
        """Takes what a worker says; the number of the task if that was its result."""
        try:
            kind, content = connection.recv()
        except (EOFError, ConnectionResetError):
            self._retry(connection, round_)
            return None
        if kind == "event":
            round_.observe(content)
        elif kind == "result":
            index = round_.busy.pop(connection)
            round_.results[index] = content
            return index
        elif kind == "refused":
            raise UserError(*content)
        else:
            raise WorkerError(f"a worker failed:\n{content}")
        return None

    def _retry(self, connection: Connection, round_: _Round) -> None:
        index = round_.busy.pop(connection)
        status = self._bury(connection)
        if round_.attempts[index] >= ATTEMPTS:
            raise WorkerError(f"a worker process died {ATTEMPTS} times on the same task (exit code {status})")
        log.warning("a worker process died (exit code %s); its run starts again in a new one", status)
        round_.schedule.put_back(index)

    def _bury(self, connection: Connection) -> int | None:
        process = self._pool.pop(connection).process
        process.join()
        connection.close()
        return process.exitcode
