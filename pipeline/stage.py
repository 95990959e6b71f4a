"""What every stage shares: folders, parameters, and how a stage ends."""

from __future__ import annotations

import inspect
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import bythebook
import pipeline
from bythebook.errors import BythebookError, UserError
from bythebook.files import remove_older, sweep
from bythebook.locks import locked
from pipeline import project, startup
from pipeline.params import Params
from pipeline.params_file import read_params

PARAMS = Path("params.yaml")
RECIPES, TRANSFERS, SEARCHES = Path("pipeline/recipes"), Path("pipeline/transfers"), Path("pipeline/searches")
RAW, STANDARDIZED = Path("data/raw"), Path("data/standardized")
CARDS, TASKS, WATCHED = Path("data/cards"), Path("data/tasks"), Path("data/watched")
CODE = Path("data/code")
SUITES, CHAMPION, EVALUATION = Path("runs/suites"), Path("runs/champion"), Path("runs/evaluation")
INDEX, PROBES = Path("runs/index"), Path("runs/probes")
# Measurements outside the pipeline, whose outputs hold no clock times.
LATENCY = Path("benchmarks/latency.json")
CLAIMS, REFERENCES = Path("pipeline/claims.yaml"), Path("pipeline/references.yaml")
REPORTS, VERDICTS = Path("reports"), Path("reports/claims.json")
# Kept outside DVC's outputs, which DVC deletes before a stage runs.
WORK = project.WORK
MEMO, COMPILED, EVALUATED = WORK / "memo", WORK / "compiled", WORK / "evaluated"
DOWNLOADS, TOLD, STUDIES = WORK / "downloads", WORK / "told", WORK / "studies"
CHECKPOINTS = WORK / "checkpoints"
# Where the project writes, and what in there is not its own.
SWEPT, COPIES_AND_OWN = (WORK, Path("data"), Path("runs"), REPORTS), (WORK / "demo", WORK / "bench", Path("data/own"))

# A run goes on from its checkpoint for this long; after that it starts again.
FORGOTTEN_SECONDS = 30 * 24 * 3600.0

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
    startup.until_interrupted()
    name = Path(sys.argv[0]).stem
    try:
        _check_arguments(main, name, sys.argv[1:])
        _check_code()
        project.share()
        stage = "@".join([name, *sys.argv[1:]])
        with (
            locked(WORK / "locks" / stage.replace("/", "_"), f"stage {stage}", "is still running"),
            project.turn(stage),
        ):
            _tidy()
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


def _tidy() -> None:
    """Remove what killed processes have left, and the middles of runs to which nobody has come back."""
    for folder in SWEPT:
        sweep(folder, but=COPIES_AND_OWN)
    remove_older(CHECKPOINTS, FORGOTTEN_SECONDS)


def _check_code() -> None:
    """Refuses to run other code than the current folder's: what that makes would pass for this folder's."""
    code, library = (Path(module.__path__[0]).resolve() for module in (pipeline, bythebook))
    for runs, here in ((code, Path("pipeline")), (library, Path("src/bythebook"))):
        if here.is_dir() and runs != here.resolve():
            raise UserError(
                f"the code that would run is {runs}, not {here.resolve()}: PYTHONSAFEPATH, -P or PYTHONPATH hides it,"
                " or something has imported the other one first."
            )
