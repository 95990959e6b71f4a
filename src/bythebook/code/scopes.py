"""Which names are whose: the scopes of functions, comprehensions and classes."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bythebook.code.modules import Imported, bound_by, imported_by

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
APART = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass
class Scope:
    """The names that a function, a comprehension or a class binds.

    Attributes:
        outer: the scope around it that its names are looked up in next; None for the module's.
        names: what it binds.
        imports: what it binds by an import and by nothing else.
        of_class: whether the names are attributes, which keep their names.
    """

    outer: Scope | None
    names: frozenset[str]
    imports: Mapping[str, Imported] = field(default_factory=dict)
    of_class: bool = False

    def owner(self, name: str) -> Scope | None:
        """Return the scope that binds a name that is used in this one, or None if no function does."""
        scope: Scope | None = self
        while scope is not None and name not in scope.names and name not in scope.imports:
            scope = scope.outer
        return scope

    @property
    def visible(self) -> Scope | None:
        """The scope that functions within this one look their names up in: names of a class are not seen there."""
        return self.outer if self.of_class else self


def of_function(node: Function, outer: Scope | None, package: str) -> Scope:
    """Return the scope of a function's parameters and locals."""
    body = [node.body] if isinstance(node, ast.Lambda) else node.body
    elsewhere = {name for each in _within(body) if isinstance(each, ast.Global | ast.Nonlocal) for name in each.names}
    bound = {name for part in body for name in bound_by(part)}
    names = (bound | {argument.arg for argument in arguments(node.args)}) - elsewhere
    imports: dict[str, Imported] = {}
    for each in _within(body):
        if isinstance(each, ast.Import | ast.ImportFrom):
            imports |= imported_by(each, package)
    inner = outer.visible if outer else None
    return Scope(inner, frozenset(names), {name: what for name, what in imports.items() if name not in names})


def of_comprehension(generators: Iterable[ast.comprehension], outer: Scope | None) -> Scope:
    """Return the scope of what a comprehension runs over."""
    return Scope(
        outer.visible if outer else None, frozenset(name for each in generators for name in bound_by(each.target))
    )


def of_class(node: ast.ClassDef, outer: Scope | None) -> Scope:
    """Return the scope of a class's body."""
    return Scope(outer, frozenset(name for part in node.body for name in bound_by(part)), of_class=True)


def arguments(given: ast.arguments) -> list[ast.arg]:
    """Return all parameters in their order."""
    several = (*([given.vararg] if given.vararg else []), *([given.kwarg] if given.kwarg else []))
    return [*given.posonlyargs, *given.args, *given.kwonlyargs, *several]


def _within(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Yield every node of a function's body that is not part of a function or class within it."""
    for node in body:
        yield node
        if not isinstance(node, APART):
            yield from _within(ast.iter_child_nodes(node))
