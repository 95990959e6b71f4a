"""The programs a process has compiled, each kept for later models of its shape."""

from __future__ import annotations

import logging
from collections import OrderedDict
from typing import Any

from bythebook.fused.program import CannotCompile, Program
from bythebook.fused.shape import shape_of

log = logging.getLogger(__name__)

# Templates hold weights and compiled code; more shapes than this seldom come back.
KEPT = 16
_programs: OrderedDict[bytes, Program] = OrderedDict()
_seconds = 0.0


def program_for(model: Any, images: Any, targets: Any, batch_size: int) -> Program:
    """The program for a compiled and built model, made and compiled at the first call for its shape.

    Args:
        images: tensor ``(n, ...)``; its shape and type are compiled in, like those of the targets.
        targets: tensor ``(n, ...)``.

    Raises:
        CannotCompile: a part of the model has no configuration, or cannot be compiled.
    """
    global _seconds
    try:
        key = shape_of(model, *((list(part.shape), part.dtype.name) for part in (images, targets)), batch_size)
    except Exception as error:
        raise CannotCompile(f"the model cannot be told by its configuration: {error}") from error
    program = _programs.pop(key, None)
    if program is None:
        program = Program(model)
        program.compile(images, targets, batch_size)
        _seconds += program.compile_seconds
    _programs[key] = program
    while len(_programs) > KEPT:
        _programs.popitem(last=False)
    return program


def compile_seconds() -> float:
    """Seconds this process has spent on compiling so far."""
    return _seconds


def compiled() -> int:
    """How many programs this process keeps."""
    return len(_programs)


def forget() -> None:
    """Drops every program, and the memory it holds."""
    _programs.clear()
