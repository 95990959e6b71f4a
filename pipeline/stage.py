"""What every stage shares: folders, parameters, and how a stage ends."""

from __future__ import annotations

import fcntl
import inspect
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import bythebook
import pipeline
from bythebook.errors import BythebookError, UserError
from bythebook.lifetime import die_with_parent
from pipeline import project
from pipeline.params import Params, read_params

PARAMS = Path("params.yaml")
RECIPES, TRANSFERS, SEARCHES = Path("pipeline/recipes"), Path("pipeline/transfers"), Path("pipeline/searches")
RAW, STANDARDIZED = Path("data/raw"), Path("data/standardized")
CARDS, TASKS, WATCHED = Path("data/cards"), Path("data/tasks"), Path("data/watched")
CODE = Path("data/code")
SUITES, CHAMPION, EVALUATION = Path("runs/suites"), Path("runs/champion"), Path("runs/evaluation")
PROBES = Path("runs/probes")
# Measured outside the pipeline, whose outputs hold no clock times.
LATENCY = Path("benchmarks/latency.json")
CLAIMS, REFERENCES = Path("pipeline/claims.yaml"), Path("pipeline/references.yaml")
REPORTS, VERDICTS = Path("reports"), Path("reports/claims.json")
# Kept outside DVC's outputs, which DVC deletes before a stage runs.
WORK = project.WORK
MEMO, COMPILED, EVALUATED = WORK / "memo", WORK / "compiled", WORK / "evaluated"
DOWNLOADS, STUDIES = WORK / "downloads", WORK / "studies"

log = logging.getLogger("pipeline")


def standardized(dataset: str) -> Path:
    """The folder of a standardized dataset."""
    return STANDARDIZED / dataset


def params() -> Params:
    """The checked parameters."""
    return read_params(PARAMS)


def run(main: Callable[..., None]) -> None:
    """Runs a stage's ``main`` with the command line's arguments, and ends the process as a user would expect.

    A mistake of the user's ends with its description and status 1; Ctrl-C and SIGTERM with status 130.
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    for chatty in ("mlflow", "alembic", "optuna", "urllib3"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    signal.signal(signal.SIGTERM, _interrupt)
    die_with_parent(signal.SIGTERM)
    name = Path(sys.argv[0]).stem
    try:
        _check_arguments(main, name, sys.argv[1:])
        _check_code()
        project.share()
        stage = "@".join([name, *sys.argv[1:]])
        with _alone(stage), project.turn(stage):
            main(*sys.argv[1:])
    except BythebookError as error:
        problems = error.problems if isinstance(error, UserError) else (str(error),)
        print(f"\n{name}: cannot go on:", *(f"  {problem}" for problem in problems), sep="\n", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print(f"\n{name}: stopped. What has finished is kept.", file=sys.stderr)
        sys.exit(130)
    except OSError as error:
        print(f"\n{name}: cannot go on:\n  {error}", file=sys.stderr)
        sys.exit(1)


def _check_arguments(main: Callable[..., None], name: str, given: Sequence[str]) -> None:
    """Refuses arguments that ``main`` does not take, with what it takes."""
    signature = inspect.signature(main)
    try:
        signature.bind(*given)
    except TypeError:
        taken = signature.parameters.values()
        words = [one.name.upper() if one.default is one.empty else f"[{one.name.upper()}]" for one in taken]
        said = f"given '{' '.join(given)}'" if given else "nothing was given"
        usage = " ".join(["python -m", f"pipeline.{name}", *words])
        raise UserError(f"the arguments do not fit: {said}. Usage: {usage}") from None


def _check_code() -> None:
    """Refuses to run other code than the current folder's: what that makes would pass for this folder's."""
    code, library = (Path(module.__path__[0]).resolve() for module in (pipeline, bythebook))
    for runs, here in ((code, Path("pipeline")), (library, Path("src/bythebook"))):
        if here.is_dir() and runs != here.resolve():
            raise UserError(
                f"the code that would run is {runs}, not {here.resolve()}: PYTHONSAFEPATH, -P or PYTHONPATH hides it,"
                " or something has imported the other one first."
            )


@contextmanager
def _alone(stage: str) -> Iterator[None]:
    """Refuses to run beside another process of the same stage: two would write the same files."""
    locks = WORK / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    with (locks / stage.replace("/", "_")).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise UserError(f"stage {stage} is still running in process {holder}; wait for it or stop it.") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
