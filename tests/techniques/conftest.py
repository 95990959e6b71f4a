"""What the tests of the techniques share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import bythebook.techniques  # noqa: F401  (fills the register)
from bythebook.catalogue import build, resolve

# What the program itself gives to the techniques that ask for it.
GIVEN: dict[str, Any] = {"_seed": 7, "_learning_rate": 0.05, "_steps_per_epoch": 10, "_epochs": 25}


@pytest.fixture(scope="session")
def made() -> Callable[..., Any]:
    """Builds the technique ``name`` of ``family``: recipe arguments by name, the program's own with underscore."""

    def make(family: str, name: str, **arguments: Any) -> Any:
        given = {key: value for key, value in arguments.items() if key.startswith("_")}
        declared = {key: value for key, value in arguments.items() if not key.startswith("_")}
        return build(family, resolve(family, {"name": name, **declared}, "test"), **{**GIVEN, **given})

    return make


@pytest.fixture(scope="session", autouse=True)
def _deterministic(tensorflow: None) -> None:
    """Techniques are tried as a worker uses them."""
