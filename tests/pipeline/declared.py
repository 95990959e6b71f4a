"""The project's declarations in a folder of their own, to be changed; files that did not change are read once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bythebook.errors import Problems, UserError
from bythebook.overrides import Overrides
from pipeline import declarations, stage

ROOT = Path(__file__).resolve().parents[2]
_read: dict[tuple[str, bytes], tuple[Any, list[str]]] = {}


def declared_files() -> list[Path]:
    """Every file of declarations, relative to the project."""
    folders = (stage.RECIPES, stage.TRANSFERS, stage.SEARCHES)
    found = [path.relative_to(ROOT) for folder in folders for path in (ROOT / folder).glob("*.yaml")]
    return [stage.PARAMS, stage.CLAIMS, stage.REFERENCES, *sorted(found)]


def made_project(folder: Path, patch: pytest.MonkeyPatch) -> Path:
    """Return ``folder`` with the project's declarations, as the current one.

    What reads recipes and searches keeps what it read, by the file's content: that takes most of the time.
    """
    for path in (*declared_files(), stage.LATENCY):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, folder / path)
    patch.chdir(folder)
    for name in ("read_declaration", "read_study", "read_guideline", "sound_claims", "sound_references"):
        patch.setattr(declarations, name, _kept(getattr(declarations, name)))
    return folder


def _kept(read: Callable[[Path, Any], Any]) -> Callable[[Path, Any], Any]:
    """``read``, which is asked once for a file's content: with overrides that change nothing, or noting problems."""

    def kept(path: Path, also: Overrides | Problems) -> Any:
        if not path.is_file() or (isinstance(also, Overrides) and also.values):
            return read(path, also)
        key = str(path), path.read_bytes()
        if key not in _read:
            problems, found = Problems(), None
            with problems.collecting():
                found = read(path, problems if isinstance(also, Problems) else also)
            _read[key] = found, problems.found
        found, wrong = _read[key]
        if isinstance(also, Problems):
            also.found += wrong
        elif wrong:
            raise UserError(*wrong)
        return found

    return kept
