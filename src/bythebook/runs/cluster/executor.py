"""Workers of a Ray cluster: the same executor on more than one machine.

A worker is an actor in a process of its own, which keeps what it has compiled for later tasks. It works in a folder of
its own machine, into which the files of its tasks travel; what the memo gets travels back
(:mod:`bythebook.runs.cluster.task_files`). The code travels too: a machine of the cluster needs the libraries alone.
"""

from __future__ import annotations

import hashlib
import logging
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bythebook.errors import UserError
from bythebook.runs import memory
from bythebook.runs.cluster.task_files import DriverSide
from bythebook.runs.cluster.worker import RayWorker, WorkerActor
from bythebook.runs.executor import PoolExecutor, WorkerError
from bythebook.runs.task_queue import Expectation
from bythebook.runs.workers import Prepare
from bythebook.training.determinism import environment

log = logging.getLogger(__name__)

REQUIREMENT = "ray==2.60.0"
PACKAGE = Path(__file__).resolve().parents[1]
CONNECT_SECONDS = 30.0
NOTICE_SECONDS, START_SECONDS = 30.0, 600.0
# Ray waits for minutes for a cluster that does not answer, and may end the process: another one tries first.
TRIAL = """
import sys, ray
try:
    ray.init(address=sys.argv[1], log_to_driver=False, logging_level="ERROR")
except BaseException as error:
    sys.exit(print(" ".join(f"{error}".split())) or 1)
"""


class RayExecutor(PoolExecutor[RayWorker]):
    """Workers on the machines of a Ray cluster, one processor each. When this process dies, Ray ends them.

    The cluster is joined when there is something to do.

    Args:
        workers: how many there are at most; those for whom no processor is free wait for one.
        prepare: called once in every worker, in its folder.
        address: ``auto`` for the cluster that this machine is part of, the ``host:port`` of its head, or None for one
            on this machine that ends with this process.
        folder: where workers keep their files, on each machine; ``~`` is the home there.
        code: the folders of packages that travel to the workers together with this one.
        variables: environment variables of the workers.
        patience: seconds until a cluster that does not answer is given up.
    """

    def __init__(
        self,
        workers: int,
        prepare: Prepare,
        address: str | None,
        folder: str,
        code: Sequence[Path] = (),
        variables: Mapping[str, str] | None = None,
        patience: float = CONNECT_SECONDS,
    ) -> None:
        super().__init__(workers)
        self._prepare, self._address, self._patience = prepare, address, patience
        project = f"{socket.gethostname()} {Path.cwd()}"
        self._place = f"{folder}/{hashlib.sha256(project.encode()).hexdigest()[:12]}"
        self._runtime = {
            "py_modules": [str(path) for path in (PACKAGE, *code)],
            "env_vars": dict(variables or {}),
            "excludes": ["__pycache__"],
        }
        self._ray: Any = None
        self._known = False
        self._home = DriverSide(lambda part: part)
        self._memory = 0

    def __enter__(self) -> RayExecutor:
        return self

    def close(self) -> None:
        """Ends the workers and leaves the cluster; a later map joins it again."""
        for worker in self._pool:
            worker.discard()
        self._pool.clear()
        if self._ray is not None:
            self._ray.shutdown()
            self._ray = None

    def _joined(self) -> Any:
        """Ray, connected with the cluster."""
        if self._ray is None:
            ray = _imported()
            if self._address and not self._known:
                _try(self._address, self._patience)
                self._known = True
            options = {"address": self._address} if self._address else {"address": "local", "num_cpus": self._workers}
            before = signal.getsignal(signal.SIGTERM)
            try:
                ray.init(**options, runtime_env=self._runtime, log_to_driver=False, logging_level="ERROR")
            except (ConnectionError, RuntimeError) as error:
                raise _refusal(self._address, " ".join(str(error).split())) from None
            finally:
                signal.signal(signal.SIGTERM, before)
            self._ray, self._home = ray, DriverSide(ray.put)
        return self._ray

    def _start(self) -> RayWorker:
        ray = self._joined()
        actor = (
            ray.remote(WorkerActor)
            .options(num_cpus=1, memory=self._memory, max_restarts=0, max_task_retries=0)
            .remote(ray.get)
        )
        return RayWorker(ray, actor, self._home, actor.prepare.remote(self._prepare, self._place, environment()))

    def _wait(self, workers: Sequence[RayWorker]) -> Sequence[RayWorker]:
        asked = [worker.asked for worker in workers]
        begun = time.monotonic()
        while not self._ray.wait(asked, num_returns=1, timeout=NOTICE_SECONDS)[0]:
            if not any(worker.ready for worker in workers):
                self._complain(time.monotonic() - begun)
        said, _ = self._ray.wait(asked, num_returns=len(asked), timeout=0)
        return [worker for worker in workers if worker.asked in said]

    def _complain(self, seconds: float) -> None:
        free = self._ray.available_resources().get("CPU", 0)
        every = self._ray.cluster_resources().get("CPU", 0)
        said = f"no worker has started for {seconds:.0f} s: {free:g} of the cluster's {every:g} processors are free"
        if seconds > START_SECONDS:
            raise WorkerError(f"{said}.")
        log.warning("%s; waiting for one", said)

    def _admit(self, expected: Sequence[Expectation]) -> None:
        plan = memory.MemoryPlan.of(expected, 1, forked=False)
        nodes = [node["Resources"] for node in self._joined().nodes() if node["Alive"]]
        plan.refuse_elsewhere(max((int(node.get("memory", 0)) for node in nodes if node.get("CPU")), default=None))
        # Workers that are there keep what they have; new ones find a machine that has it.
        self._memory = plan.each + plan.largest


def _imported() -> Any:
    try:
        import ray
    except ImportError:
        raise UserError(
            f"the executor 'ray' needs Ray, which is not installed: run `pip install \"{REQUIREMENT}\"`, here and on "
            "every machine of the cluster."
        ) from None
    return ray


def _try(address: str, patience: float) -> None:
    """Lets an address pass at which a cluster answers in time.

    Raises:
        UserError: none does.
    """
    began = time.monotonic()
    try:
        if address != "auto":
            host, _, port = address.rpartition(":")
            socket.create_connection((host, int(port)), patience).close()
        left = max(1.0, patience - (time.monotonic() - began))
        command = [sys.executable, "-c", TRIAL, address]
        done = subprocess.run(command, capture_output=True, text=True, timeout=left, check=False)
    except (TimeoutError, subprocess.TimeoutExpired):
        raise _refusal(address, f"it does not answer within {patience:g} s") from None
    except OSError as error:
        raise _refusal(address, str(error.strerror or error)) from None
    if done.returncode and "Unauthenticated" in done.stderr:
        raise _refusal(address, "it asks for a token: have the RAY_AUTH_MODE, and the token, of its machines")
    if done.returncode:
        raise _refusal(address, done.stdout.strip())


def _refusal(address: str | None, reason: str) -> UserError:
    where = {None: "for this process", "auto": "of this machine"}.get(address, f"at {address}")
    return UserError(
        f"the Ray cluster {where} cannot be joined: {reason.rstrip('.')}. `ray start --head` starts one, and `ray "
        "start --address=HOST:PORT` makes a machine part of it, as this one has to be."
    )
