"""What the tests of the datasets share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from made_web import WebServer


@pytest.fixture
def web() -> Iterator[WebServer]:
    """A web server on this machine, for the time of one test."""
    server = WebServer()
    yield server
    server.close()
