"""A copy of the pipeline with its own parameters, data and results, in its own folder.

The demo and the end-to-end tests run there, so that they leave the project's outputs alone. What a copy has computed
stays in it: bringing the copy up to date again makes DVC run only what has changed since.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from bythebook.documents import read_yaml
from bythebook.files import write_bytes
from bythebook.lifetime import die_with_parent
from pipeline import watchlist

FILES = ("dvc.yaml", "data/dvc.yaml", ".dvcignore")
# What a copy can do without.
OPTIONAL_FILES = ("benchmarks/latency.json",)
FOLDERS = ("pipeline", "src")
EVERYTHING = "*"
# State of DVC's own, which it would otherwise keep outside the folder, is kept inside.
DVC_CONFIG = (
    '[core]\n    no_scm = true\n    analytics = false\n    check_update = false\n    site_cache_dir = "{site}"\n'
)
PARAMS = "# Made from {source} and overrides: edits are lost when the copy is brought up to date.\n"


def create(root: Path, target: Path, overrides: Mapping[str, Any]) -> None:
    """Makes ``target`` a copy of the pipeline in ``root``, or brings an earlier copy up to date.

    Code and parameters follow ``root``; data, runs, the memo and DVC's cache of an earlier copy stay.

    Args:
        overrides: what differs from ``root``'s ``params.yaml``, merged by :func:`merged`.

    Raises:
        UserError: ``params.yaml`` is missing or not YAML.
        OSError: ``target`` cannot be written.
    """
    parameters = merged(read_yaml(root / "params.yaml"), overrides)
    for folder in FOLDERS:
        _mirror(root / folder, target / folder)
    for name in FILES:
        _write(target / name, (root / name).read_bytes())
    for name in OPTIONAL_FILES:
        if (root / name).is_file():
            _write(target / name, (root / name).read_bytes())
        else:
            (target / name).unlink(missing_ok=True)
    watchlist.write(parameters, target / "data" / "watched")
    _write(target / "params.yaml", PARAMS.format(source=root / "params.yaml").encode() + _yaml(parameters))
    _write(target / ".dvc" / "config", DVC_CONFIG.format(site=target.resolve() / ".dvc" / "tmp" / "site").encode())


def merged(base: Any, overrides: Any) -> Any:
    """``base`` with ``overrides`` laid over it: mappings are merged key by key, everything else is replaced.

    A null that stands over a mapping removes that key, so that ``tasks: {mine: {...}, theirs: null}`` exchanges one
    task for another; over anything else null is a value like any other. ``"*": null`` removes all keys that were there.
    """
    if not isinstance(overrides, Mapping):
        return overrides
    result = dict(base) if isinstance(base, Mapping) and EVERYTHING not in overrides else {}
    for key, value in overrides.items():
        if key == EVERYTHING:
            continue
        if value is None and isinstance(result.get(key), Mapping):
            del result[key]
        else:
            result[key] = merged(result.get(key), value)
    return result


def start(
    target: Path, *arguments: str, environment: Mapping[str, str] | None = None, **popen: Any
) -> subprocess.Popen[Any]:
    """Starts ``dvc repro`` in a copy, with the copy's own code and this interpreter's programs.

    When this process dies, it ends too.

    Args:
        arguments: further arguments of ``dvc repro``, such as stage names or ``--force``.
        environment: variables to set on top of this process's.
        popen: passed on to :class:`subprocess.Popen`; without it the output goes where this process's goes.
    """
    variables = {**os.environ, **(environment or {})}
    variables["PYTHONPATH"] = _prepended(variables.get("PYTHONPATH"), target / "src", target)
    variables["PATH"] = _prepended(variables.get("PATH"), Path(sys.executable).parent)
    command = [sys.executable, "-m", "dvc", "--wait-for-lock", "repro", *arguments]
    tied = partial(die_with_parent, signal.SIGTERM, os.getpid())
    return subprocess.Popen(command, cwd=target, env=variables, preexec_fn=tied, **popen)


def repro(target: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> int:
    """Runs ``dvc repro`` in a copy to its end, output streaming, and returns its exit status (0: all is well)."""
    with start(target, *arguments, environment=environment) as process:
        return process.wait()


def _mirror(source: Path, target: Path) -> None:
    """Makes the files below ``target`` those below ``source``; unchanged ones are not touched."""
    wanted = {path.relative_to(source) for path in source.rglob("*") if path.is_file() and _is_source(path)}
    for relative in wanted:
        _write(target / relative, (source / relative).read_bytes())
    for path in target.rglob("*"):
        if path.is_file() and _is_source(path) and path.relative_to(target) not in wanted:
            path.unlink()


def _is_source(path: Path) -> bool:
    return "__pycache__" not in path.parts and path.suffix != ".part"


def _write(path: Path, content: bytes) -> None:
    """Writes a file whose content is new; one that is up to date keeps its time, so that DVC need not read it again."""
    if not path.is_file() or path.read_bytes() != content:
        write_bytes(path, content)


def _yaml(value: Any) -> bytes:
    writer = YAML()
    writer.default_flow_style = False
    buffer = BytesIO()
    writer.dump(value, buffer)
    return buffer.getvalue()


def _prepended(rest: str | None, *folders: Path) -> str:
    return os.pathsep.join([*(str(folder.absolute()) for folder in folders), *([rest] if rest else [])])
