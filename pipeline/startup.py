"""Ending a stage well from its first moment, before its module has been imported.

What a stage imports takes seconds. When DVC is killed in that time the stage must not go on as an orphan, and Ctrl-C is
no mistake to be shown with a traceback. Nothing but the standard library may be imported here.
"""

from __future__ import annotations

import os
import signal
import sys

from bythebook.lifetime import die_with_parent

# Modules that are run as `python -m pipeline.X` and are no stages: what they start may outlive a terminal.
FREE = ("cli", "demo", "prepare")
# DVC sets it for the commands that it runs.
BELOW_DVC = "DVC_STAGE"
SIGNALS = (signal.SIGINT, signal.SIGTERM)
STOPPED = 130


def begin() -> None:
    """Tie this process to the one that started it, if it is one that ``python -m`` has just begun as a stage."""
    name = _module()
    if name is None:
        return
    for number in SIGNALS:
        # One that is ignored, as in the background of a script, stays so.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda *_: _stop(name))
    if name not in FREE:
        die_with_parent(signal.SIGTERM)
        if _is_orphan():
            _stop(name)


def until_interrupted() -> None:
    """Let Ctrl-C and SIGTERM raise ``KeyboardInterrupt`` from here on, where something is there to catch it."""
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def _module() -> str | None:
    """Return the name of the module below ``pipeline`` that ``python -m`` is about to run, or None."""
    if sys.argv[:1] != ["-m"]:
        return None
    package, _, name = sys.orig_argv[sys.orig_argv.index("-m") + 1].partition(".")
    return name if package == "pipeline" and name else None


def _is_orphan() -> bool:
    """Return whether the DVC that started this process has died before the kernel was asked to tell.

    DVC runs a command in its own process group; whoever adopts an orphan is in another one. Of a process that was put
    into a group of its own nothing can be known.
    """
    if BELOW_DVC not in os.environ or os.getpgrp() == os.getpid():
        return False
    try:
        return os.getpgid(os.getppid()) != os.getpgrp()
    except ProcessLookupError:
        return True


def _stop(name: str) -> None:
    # Not by an exception: an import may catch it, or be left half-done and complain.
    os.write(sys.stderr.fileno(), f"\n{name}: stopped.\n".encode())
    os._exit(STOPPED)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
