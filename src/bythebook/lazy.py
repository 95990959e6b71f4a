"""Keras, imported at its first use.

Importing TensorFlow takes seconds. Code that only looks at techniques (their names, arguments and documentation) must
not pay for it, so modules take ``keras`` from here instead of importing it.
"""

from __future__ import annotations

import importlib
from typing import Any


class LazyModule:
    """Stands for a module and imports it when an attribute is first asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(importlib.import_module(self._name), attribute)


keras: Any = LazyModule("keras")
