"""What all tests share: who runs them, one deterministic TensorFlow per process, a Ray cluster, a PostgreSQL server.

Each of these is started by the tests that need it alone.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from postgresql import Server, served

from bythebook.lazy import LazyModule
from bythebook.training.determinism import ENVIRONMENT

# What is made once in a process and takes long, and the group of the tests that ask for it.
MADE_ONCE = {"finished": "pipeline", "cluster": "ray", "postgresql": "postgresql", "report": "report"}
# Tests that share what takes long to make - a copy of the pipeline, trained nets, compiled programs - are run by one
# process: the group of this name, or a file. They start before all others, the longest first, so that no process is
# left alone with a long one at the end.
TOGETHER = (
    "pipeline",
    "ray",
    "training/test_parity.py",
    "postgresql",
    "runs/test_fanout.py",
    "search/test_search_training.py",
    "training/test_fused_models.py",
    "training/test_strategies.py",
    "training/test_shared_programs.py",
    "training/test_checkpoint.py",
    "training/test_fused_callbacks.py",
    "runs/test_reuse.py",
    "pipeline/test_bad_input.py",
    "training/test_fused_bad_input.py",
    "training/test_own_parts.py",
    "training/test_observation.py",
    "training/test_engine.py",
    "training/test_range_test.py",
    "training/test_streamed.py",
    "tracking/test_registry.py",
    "pipeline/test_bad_studies.py",
    "report",
    "probes/test_probes.py",
    "code/test_whole_program.py",
    "report/test_studies.py",
    "report/test_claims.py",
    "runs/test_numeric_code.py",
)
HERE = Path(__file__).parent

# pytest asks everything in a test file whether it is a test; that question must not import TensorFlow.
LazyModule.__test__ = False  # type: ignore[attr-defined]


def pytest_configure(config: pytest.Config) -> None:
    """Groups of tests start in the order of the tests, set below, and not by their size; NumPy has one thread."""
    config.option.loadscopereorder = False
    # Programs that tests start find what tests share.
    os.environ["PYTHONPATH"] = os.pathsep.join([str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])])
    # Matrices are small here: threads of NumPy's would wait for each other longer than they work. They are switched off
    # for this process alone; what it starts has to see to that by itself.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENBLAS_NUM_THREADS", "1")
        import numpy  # noqa: F401 (it looks once)


# Before xdist looks for the groups.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {}
    for item in items:
        place = _group(item) or item.path.relative_to(HERE).as_posix()
        if place in TOGETHER and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(item.path.stem if place.endswith(".py") else place))
        places[item] = TOGETHER.index(place) if place in TOGETHER else len(TOGETHER)
    items.sort(key=places.__getitem__)


def _group(item: pytest.Item) -> str | None:
    """The group that a test says it belongs to, or that of what it asks for."""
    if mark := item.get_closest_marker("xdist_group"):
        return str(mark.args[0])
    asked = getattr(item, "fixturenames", ())
    return next((group for name, group in MADE_ONCE.items() if name in asked), None)


@pytest.fixture(scope="session")
def tensorflow() -> None:
    """This process trains as a worker does: one thread, deterministic kernels."""
    from bythebook.training.determinism import prepare_process

    prepare_process()
    import keras

    keras.utils.set_random_seed(0)


@pytest.fixture
def one_thread_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes start as a stage's do: NumPy's matrix products start no threads of their own."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Any]:
    """A Ray cluster of two machines on this one, with a processor each, that asks for a token.

    Tests that use it belong to the xdist group ``ray``.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_AUTH_MODE", "token")
        patch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))
        # Tests' own modules do not travel.
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        from ray.cluster_utils import Cluster

        made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
        try:
            made.add_node(num_cpus=1)
            yield made
        finally:
            made.shutdown()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server on this machine, for this computer alone.

    Tests that use it belong to the xdist group ``postgresql``, or ``ray`` if they need both.
    """
    with served() as server:
        yield server
