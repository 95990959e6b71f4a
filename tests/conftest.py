"""What all tests share: one deterministic TensorFlow per process, a Ray cluster and a PostgreSQL server.

Each is started by the tests that need it alone.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from postgresql import Server, served


@pytest.fixture(scope="session")
def tensorflow() -> None:
    """This process trains as a worker does: one thread, deterministic kernels."""
    from bythebook.training.determinism import prepare_process

    prepare_process()
    import keras

    keras.utils.set_random_seed(0)


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
