"""A module's source taken apart: what it defines, what it imports, and what happens when it is imported."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from bythebook.closure import absolute, is_for_type_checker, is_remark

Definition = tuple[ast.stmt, ...]


@dataclass(frozen=True)
class Imported:
    """What a name was imported as: a module, or an attribute of one."""

    module: str
    attribute: str | None = None

    @property
    def dotted(self) -> str:
        """The name as one would import it."""
        return f"{self.module}.{self.attribute}" if self.attribute else self.module


@dataclass(frozen=True)
class Module:
    """One source file.

    Attributes:
        definitions: by name, the statements of the module that bind it; a name that is bound twice has both.
        imports: by local name, at the level of the module.
        effects: statements that bind nothing and still run when the module is imported.
    """

    name: str
    package: str
    definitions: Mapping[str, Definition]
    imports: Mapping[str, Imported]
    effects: Definition = field(default=())


def read_module(name: str, path: Path) -> Module:
    """Return the module in ``path``, read again when the file has changed.

    Raises:
        SyntaxError: the file is not Python.
    """
    stat = path.stat()
    return _read(name, path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=1024)
def _read(name: str, path: Path, modified: int, size: int) -> Module:
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    definitions: dict[str, list[ast.stmt]] = {}
    imports: dict[str, Imported] = {}
    effects: list[ast.stmt] = []
    for statement in _running(tree.body):
        if isinstance(statement, ast.Import | ast.ImportFrom):
            imports |= imported_by(statement, package)
            continue
        bound = list(bound_by(statement))
        for each in bound:
            definitions.setdefault(each, []).append(statement)
        if not bound or not isinstance(statement, SIMPLE):
            effects.append(statement)
    return Module(name, package, {key: tuple(value) for key, value in definitions.items()}, imports, tuple(effects))


SIMPLE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign, ast.AugAssign)


def imported_by(statement: ast.Import | ast.ImportFrom, package: str) -> dict[str, Imported]:
    """Return what each name that an import binds stands for.

    Args:
        package: the package of the module that it stands in, for relative imports.
    """
    if isinstance(statement, ast.Import):
        return {
            alias.asname or alias.name.partition(".")[0]: Imported(
                alias.name if alias.asname else alias.name.partition(".")[0]
            )
            for alias in statement.names
        }
    source = absolute(statement, package)
    return {alias.asname or alias.name: Imported(source, alias.name) for alias in statement.names}


def bound_by(node: ast.AST) -> Iterator[str]:
    """Yield the names that a statement binds in its own scope, those of statements within it included."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
        return
    if isinstance(node, ast.Lambda):
        return
    if isinstance(node, COMPREHENSIONS):
        # Their own names are theirs, but `:=` within them binds outside.
        yield from (each.target.id for each in ast.walk(node) if isinstance(each, ast.NamedExpr))
        return
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
        yield node.id
    if isinstance(node, ast.AnnAssign) and node.value is None:
        return
    if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
        yield node.name
    if isinstance(node, ast.MatchMapping) and node.rest:
        yield node.rest
    for child in ast.iter_child_nodes(node):
        yield from bound_by(child)


COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def _running(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements that run when the module is imported by another one, without lone strings."""
    for statement in body:
        if isinstance(statement, ast.If) and is_for_type_checker(statement):
            yield from _running(statement.orelse)
        elif not (is_remark(statement) or isinstance(statement, ast.Pass) or _is_main(statement)):
            yield statement


def _is_main(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and ast.unparse(statement.test) == "__name__ == '__main__'"
