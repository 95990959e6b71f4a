"""Takes the digests of the code that every stage runs. Reads pipeline and src/bythebook, writes data/code/<stage>.json.

DVC runs the stage when anything in those folders or an installed library has changed; the digests and versions then say
to each stage after it whether code of its own has. `dvc.lock` need not list hundreds of files for every stage.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from bythebook.closure import closure, imports
from bythebook.documents import write_json
from bythebook.errors import UserError
from pipeline import stage
from pipeline.libraries import DISTRIBUTIONS, installed

ROOTS = {"bythebook": Path("src/bythebook"), "pipeline": Path("pipeline")}
# An observer changes no number: what only these bring in is no dependency of a stage.
OBSERVERS = ("bythebook.tracking", "pipeline.mlflow_settings", "pipeline.progress")
PYTHON = (".py", ".pyc")
# Libraries that a module imports by a name in a string.
BY_NAME = {"bythebook.lazy": {"keras"}}
# Keras computes with TensorFlow, and both with NumPy: who uses one of them uses all.
TRAINING = {"keras", "tensorflow"}
# What the module of every stage ends with.
RUNS = "stage.run(main)"


def main() -> None:
    """Writes, for every stage, the sha256 of each file that its module brings in, and the libraries' versions."""
    for name in stages():
        module = f"pipeline.{name}"
        digests = {path.as_posix(): sha256(path.read_bytes()).hexdigest() for path in files(module)}
        versions = {library: installed(library) for library in sorted(libraries(module))}
        write_json(stage.CODE / f"{name}.json", {"files": digests, "libraries": versions})


def stages(folder: Path = ROOTS["pipeline"]) -> list[str]:
    """The names of the modules in ``folder`` that are run as a stage."""
    return sorted(path.stem for path in folder.glob("*.py") if path.read_text(encoding="utf-8").endswith(f"{RUNS}\n"))


def files(module: str, roots: Mapping[str, Path] = ROOTS) -> list[Path]:
    """The files that running a module reads: the modules it imports, and what else lies in the library's packages among
    them, such as templates.

    Args:
        roots: the folders of ``bythebook`` and ``pipeline``.

    Raises:
        UserError: a file is not Python.
        ValueError: an import names a module that is not there.
    """
    code = _modules(module, roots)
    packages = {path.parent for path in code.values() if path.name == "__init__.py"}
    others = (path for path in roots["bythebook"].rglob("*.*") if path.suffix not in PYTHON)
    return sorted({*code.values(), *(path for path in others if _package(path) in packages)})


def libraries(module: str, roots: Mapping[str, Path] = ROOTS) -> set[str]:
    """Return what running a module imports of the libraries that are installed, by the names in imports.

    Raises:
        UserError: one is not among :data:`pipeline.libraries.DISTRIBUTIONS`; or a file is not Python.
    """
    found: set[str] = set()
    for name, path in _modules(module, roots).items():
        for library in {whole.partition(".")[0] for whole in imports(name, path, roots)}:
            if library in roots or library in sys.stdlib_module_names:
                continue
            if library not in DISTRIBUTIONS:
                raise UserError(f"{path}: imports '{library}', whose distribution pipeline/libraries.py has to name.")
            found.add(library)
        found |= BY_NAME.get(name, set())
    return found | {*TRAINING, "numpy"} if found & TRAINING else found


def _modules(module: str, roots: Mapping[str, Path]) -> dict[str, Path]:
    try:
        return closure([module], roots, OBSERVERS)
    except SyntaxError as error:
        raise UserError(f"{error.filename}, line {error.lineno}: {error.msg}") from error


def _package(path: Path) -> Path:
    """The folder of the package that a file lies in."""
    return next(folder for folder in path.parents if (folder / "__init__.py").is_file())


if __name__ == "__main__":
    stage.run(main)
