"""Small programs, written to a folder, whose code is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from bythebook.code.digest import Code, Reach

ROOT = "package"


def write(folder: Path, files: Mapping[str, str]) -> dict[str, Path]:
    """The roots of a package made of these files."""
    for name, text in {"__init__.py": "", **files}.items():
        path = folder / ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
    return {ROOT: folder / ROOT}


def reach(folder: Path, files: Mapping[str, str], *names: str, cut: tuple[str, ...] = ()) -> Reach:
    """What the definitions ``names`` of such a package can reach."""
    return Code(cut, write(folder, files)).reach([f"{ROOT}.{name}" for name in names])


def digest(folder: Path, text: str, name: str = "f", **others: str) -> str:
    """The digest of one definition of a module, beside other modules."""
    files = {"m.py": text, **{f"{other}.py": source for other, source in others.items()}}
    return reach(folder / str(abs(hash((text, *others.items())))), files, f"m.{name}").digest
