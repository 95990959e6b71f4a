"""Which definitions of the program are entered while something runs."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from bythebook.closure import BYTHEBOOK

ROOT = BYTHEBOOK["bythebook"]


def entered_by(work: Callable[[], Any]) -> set[str]:
    """Return the dotted names of the definitions of modules whose code ``work`` enters."""
    seen: set[CodeType] = set()

    def note(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call":
            seen.add(frame.f_code)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return {name for code in seen if (name := _definition(code))}


def _definition(code: CodeType) -> str | None:
    path = Path(code.co_filename)
    # Modules and the bodies of classes run when they are imported; what dataclasses make has no file.
    if ROOT not in path.parents or not code.co_flags & inspect.CO_OPTIMIZED:
        return None
    parts = (ROOT.name, *path.relative_to(ROOT).with_suffix("").parts)
    module = ".".join(part for part in parts if part != "__init__")
    return f"{module}.{code.co_qualname.partition('.')[0]}"
