"""The project's own source, read for the tests that hold its walls."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import Any

from bythebook.closure import closure, imports
from bythebook.documents import read_yaml
from pipeline.code import OBSERVERS

ROOT = Path(__file__).resolve().parent.parent
ROOTS = {"bythebook": ROOT / "src" / "bythebook", "pipeline": ROOT / "pipeline"}


@cache
def modules() -> dict[str, Path]:
    """Every module of the project, by dotted name."""
    found = {}
    for package, folder in ROOTS.items():
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder).with_suffix("").parts
            found[".".join([package, *(part for part in parts if part != "__init__")])] = path
    assert len(found) > 40, "the project's source was not found"
    return found


@cache
def library() -> dict[str, Path]:
    """Every module of the library."""
    return {name: path for name, path in modules().items() if within(name, "bythebook")}


def within(name: str, *packages: str) -> bool:
    """Whether a module is one of ``packages`` or lies below one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


@cache
def imported(name: str) -> frozenset[str]:
    """What a module imports itself, of the project and of third parties."""
    return frozenset(imports(name, modules()[name], ROOTS)) - {name}


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """The syntax of a file, docstrings and other lone strings left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    remarks = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return tuple(node for node in ast.walk(tree) if id(node) not in remarks)


@cache
def strings(path: Path) -> tuple[str, ...]:
    """Every string that stands in a file's code."""
    constants = (node.value for node in nodes(path) if isinstance(node, ast.Constant))
    return tuple(value for value in constants if isinstance(value, str))


@cache
def names(path: Path) -> tuple[str, ...]:
    """Every name and dotted name that a file's code uses."""
    return tuple(ast.unparse(node) for node in nodes(path) if isinstance(node, ast.Name | ast.Attribute))


@cache
def stages() -> dict[str, dict[str, Any]]:
    """The stages of dvc.yaml, a ``foreach`` stage once, as its ``do`` declares it."""
    declared = read_yaml(ROOT / "dvc.yaml")["stages"]
    return {name: stage.get("do", stage) for name, stage in declared.items()}


def module_of(stage: str) -> str:
    """The module that a stage runs."""
    words = stages()[stage]["cmd"].split()
    return words[words.index("-m") + 1]


def code_of(stage: str) -> dict[str, Path]:
    """The modules whose code a stage's outputs depend on."""
    return closure([module_of(stage)], ROOTS, OBSERVERS)
