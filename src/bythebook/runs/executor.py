"""Running many tasks somewhere else: the one seam through which runs are spread over cores and machines."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Generic, Protocol, TypeVar

from bythebook.errors import BythebookError, UserError
from bythebook.records.events import Observe
from bythebook.runs.task_queue import Expect, Expectation, TaskQueue

log = logging.getLogger(__name__)

Function = Callable[[Any, Observe], Any]
# What follows from a task's number and its result: further tasks, numbered on from those there are.
Then = Callable[[int, Any], Sequence[Any]]
ATTEMPTS = 2


class WorkerError(BythebookError):
    """A task raised, or killed its worker process more than once, or no worker can be started."""


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


class Worker(ABC):
    """One worker as a pool sees it: it takes a task at a time, and says what comes of it.

    Attributes:
        ready: whether it can take a task; one that cannot yet says ``("ready", None)`` when it can.
        served: the groups of the tasks that it was sent.
    """

    def __init__(self, ready: bool) -> None:
        self.ready = ready
        self.served: set[str] = set()

    @abstractmethod
    def send(self, function: Function, task: Any) -> None:
        """Hands it a task.

        Raises:
            OSError: it has died.
        """

    @abstractmethod
    def receive(self) -> tuple[str, Any]:
        """What it says next: an event, or what :func:`bythebook.runs.workers.answer` gives.

        Raises:
            EOFError: it has died.
        """

    @abstractmethod
    def discard(self) -> str:
        """Clears away what is left of one that has died, and says how it ended."""


W = TypeVar("W", bound=Worker)


@dataclass
class _Round(Generic[W]):
    """The state of one map."""

    function: Function
    observe: Observe
    schedule: TaskQueue
    tasks: list[Any] = field(default_factory=list)
    expected: list[Expectation] = field(default_factory=list)
    attempts: list[int] = field(default_factory=list)
    results: dict[int, Any] = field(default_factory=dict)
    busy: dict[W, int] = field(default_factory=dict)


class PoolExecutor(ABC, Generic[W]):
    """Warm workers of one kind, started when first needed and kept until :meth:`close`.

    A worker that dies is replaced and its task is tried once more. A task that raises ends the whole map with its
    traceback.

    Args:
        workers: how many there are at most.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool: list[W] = []
        self._failed_starts = 0

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """Ends the workers; a later map starts new ones."""

    @abstractmethod
    def _start(self) -> W:
        """A new worker."""

    @abstractmethod
    def _wait(self, workers: Sequence[W]) -> Sequence[W]:
        """Waits until some of ``workers`` have something to say, or have died, and gives those."""

    @abstractmethod
    def _admit(self, expected: Sequence[Expectation]) -> None:
        """Lets tasks pass whose expected memory is there.

        Raises:
            UserError: it is not.
        """

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
        round_: _Round[W] = _Round(function, observe, TaskQueue(self._workers))
        try:
            self._add(tasks, expect, round_)
            while len(round_.results) < len(round_.tasks):
                for worker in self._idle(round_):
                    self._send(worker, round_)
                # Nobody is busy if every worker turned out to be dead; waiting for nobody would not end.
                heard = [worker for worker in self._pool if worker in round_.busy or not worker.ready]
                for worker in self._wait(heard) if heard else ():
                    index = self._receive(worker, round_)
                    if then and index is not None:
                        self._add(then(index, round_.results[index]), expect, round_)
        except BaseException:
            self.close()
            raise
        return [round_.results[index] for index in range(len(round_.tasks))]

    def _add(self, tasks: Sequence[Any], expect: Expect | None, round_: _Round[W]) -> None:
        expected = [expect(task) if expect else Expectation() for task in tasks]
        round_.tasks += tasks
        round_.expected += expected
        round_.attempts += [0] * len(tasks)
        if expect and tasks:
            self._admit(round_.expected)
        round_.schedule.add(expected)

    def _idle(self, round_: _Round[W]) -> list[W]:
        """Workers for the waiting tasks, new ones included as long as there may be more."""
        wanted = len(round_.schedule)
        free = [worker for worker in self._pool if worker not in round_.busy]
        while len(free) < wanted and len(self._pool) < self._workers:
            free.append(self._start())
            self._pool.append(free[-1])
        return [worker for worker in free if worker.ready][:wanted]

    def _send(self, worker: W, round_: _Round[W]) -> None:
        others = {group for other in self._pool if other is not worker for group in other.served}
        index = round_.schedule.next(worker.served, others)
        try:
            worker.send(round_.function, round_.tasks[index])
        except OSError:
            # It died while it had nothing to do.
            self._bury(worker)
            round_.schedule.put_back(index)
            return
        round_.attempts[index] += 1
        round_.busy[worker] = index
        worker.served.add(round_.expected[index].group)

    def _receive(self, worker: W, round_: _Round[W]) -> int | None:
        """Takes what a worker says; the number of the task if that was its result."""
        try:
            kind, content = worker.receive()
        except (EOFError, ConnectionResetError):
            self._retry(worker, round_)
            return None
        if kind == "event":
            round_.observe(content)
        elif kind == "ready":
            worker.ready, self._failed_starts = True, 0
        elif kind == "result":
            index = round_.busy.pop(worker)
            round_.results[index] = content
            return index
        elif kind == "refused":
            raise UserError(*content)
        else:
            raise WorkerError(f"a worker failed:\n{content}")
        return None

    def _retry(self, worker: W, round_: _Round[W]) -> None:
        status = self._bury(worker)
        index = round_.busy.pop(worker, None)
        if index is None:
            self._failed_starts += 1
            if self._failed_starts >= ATTEMPTS:
                raise WorkerError(f"no worker can be started: {ATTEMPTS} died before they were ready ({status})")
            return
        if round_.attempts[index] >= ATTEMPTS:
            raise WorkerError(f"a worker process died {ATTEMPTS} times on the same task ({status})")
        log.warning("a worker process died (%s); its run starts again in a new one", status)
        round_.schedule.put_back(index)

    def _bury(self, worker: W) -> str:
        self._pool.remove(worker)
        return worker.discard()
