"""What registers tell of a function: the first line of its documentation."""

from __future__ import annotations

import inspect


def first_line(documented: object) -> str:
    """The first line of an object's documentation; empty where there is none."""
    return (inspect.getdoc(documented) or "").split("\n", 1)[0]
