"""A worker of a Ray cluster, as the executor sees it and as its process does. Ray is only what they are given of it."""

from __future__ import annotations

import os
import queue
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bythebook.errors import UserError
from bythebook.records.events import Event, ignore_events
from bythebook.runs.cluster.task_files import DriverSide, Item, TaskFiles, WorkerSide, files_of_task
from bythebook.runs.executor import Function, Worker
from bythebook.runs.workers import Prepare, answer
from bythebook.training.determinism import environment

ALIVE_SECONDS = 60.0
# What a worker says: its kind, its content, and the files that come home with it.
Said = tuple[str, Any, dict[str, bytes]]


class RayWorker(Worker):
    """An actor, and what it has been asked for: to get ready, or the stream of what it says of a task."""

    def __init__(self, ray: Any, actor: Any, driver: DriverSide, starting: Any) -> None:
        super().__init__(ready=False)
        self._ray, self._actor, self._driver = ray, actor, driver
        self.asked, self._files, self._end = starting, TaskFiles(), "it was ended"

    def send(self, function: Function, task: Any) -> None:
        """Hands it a task and the files that belong to it; an ``OSError`` says that it has died."""
        try:
            self._ray.get(self._actor.lives.remote(), timeout=ALIVE_SECONDS)
        except self._ray.exceptions.RayError as error:
            self._end = _told(error)
            raise ConnectionResetError from error
        self._files = files_of_task(task)
        work = self._actor.work.options(num_returns="streaming")
        self.asked = work.remote(function, task, self._files, self._driver.pack(self._files))

    def receive(self) -> tuple[str, Any]:
        """What it says next, once its files have come home; an ``EOFError`` says that it has died."""
        try:
            said = self._ray.get(self.asked if not self.ready else next(self.asked))
        except self._ray.exceptions.RayTaskError as error:
            return "error", str(error)
        except (self._ray.exceptions.RayError, StopIteration) as error:
            self._end = _told(error)
            raise EOFError from error
        kind, content, brought = said
        self._driver.unpack(self._files, brought)
        return kind, content

    def discard(self) -> str:
        """Ends it, if it has not ended."""
        self._ray.kill(self._actor, no_restart=True)
        return self._end


class WorkerActor:
    """What runs in a worker's process.

    Args:
        get: gives back what the driver put into Ray's object store.
    """

    def __init__(self, get: Callable[[Any], bytes]) -> None:
        self._side = WorkerSide(get)

    def lives(self) -> None:
        """Answers."""

    def prepare(self, prepare: Prepare, place: str, wanted: Mapping[str, str]) -> Said:
        """Gets ready in its folder; refuses if the version of a library on which results depend is another one."""

        def ready(*_: Any) -> None:
            found, host = environment(), socket.gethostname()
            others = [f"{name} {found[name]}, not {here}" for name, here in wanted.items() if found[name] != here]
            if others:
                raise UserError(f"{host}, a machine of the cluster, has not what is here: {'; '.join(others)}.")
            folder = Path(place).expanduser()
            folder.mkdir(parents=True, exist_ok=True)
            os.chdir(folder)
            prepare()

        kind, content = answer(ready, None, ignore_events)
        return ("ready" if kind == "result" else kind), content, {}

    def work(self, function: Function, task: Any, files: TaskFiles, items: Sequence[Item]) -> Iterator[Said]:
        """Runs a task in a thread of its own, and says what it says."""
        said: queue.SimpleQueue[Said] = queue.SimpleQueue()

        def run(*_: Any) -> tuple[Any, dict[str, bytes]]:
            return self._side.run(files, items, lambda: function(task, emit))

        def emit(event: Event) -> None:
            said.put(("event", event, {}))

        def finish() -> None:
            kind, content = answer(run, None, ignore_events)
            said.put((kind, *content) if kind == "result" else (kind, content, {}))

        threading.Thread(target=finish, daemon=True).start()
        while (message := said.get())[0] == "event":
            yield message
        yield message
        self._side.clear(files)


def _told(error: BaseException) -> str:
    """Why a worker ended, in one sentence."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    because = [line for line in lines if line.startswith(("The actor is dead because", "The actor died because"))]
    return (because or lines or [type(error).__name__])[0].partition(" Some common causes")[0][:300].rstrip(".")
