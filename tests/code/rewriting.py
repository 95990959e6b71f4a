"""Edits of source code: such as change what it does, and such as change names, places and remarks alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from copy import deepcopy

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
PREFIX = "renamed_"


def changes(statement: ast.stmt) -> Iterator[ast.stmt]:
    """Yield copies of what binds a name of a module, each with other code in one place."""
    if isinstance(statement, ast.ClassDef):
        for index, member in enumerate(statement.body):
            if isinstance(member, ast.FunctionDef):
                changed = deepcopy(statement)
                changed.body[index] = _longer(member)
                yield changed
        changed = deepcopy(statement)
        changed.body.append(ast.parse("further = 1").body[0])
        yield changed
    elif isinstance(statement, ast.FunctionDef):
        yield _longer(statement)
    elif isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value:
        changed = deepcopy(statement)
        changed.value = ast.Tuple([statement.value, ast.Constant(1)], ast.Load())
        yield changed


def _longer(function: ast.FunctionDef) -> ast.FunctionDef:
    changed = deepcopy(function)
    changed.body.insert(0, ast.parse("further = 1").body[0])
    return changed


class Renamed(ast.NodeTransformer):
    """Renames every local of functions, and every private definition of the module."""

    def __init__(self, module: ast.Module) -> None:
        self._shared = {alias.asname or alias.name for node in ast.walk(module) for alias in _aliases(node)}
        self._shared |= {name for statement in module.body for name in _bound(statement)}
        self._private = {
            node.name
            for node in module.body
            if isinstance(node, ast.FunctionDef) and node.name.startswith("_") and not node.decorator_list
        }
        self._locals: set[str] = set()

    def visit_Module(self, node: ast.Module) -> ast.AST:
        self.generic_visit(node)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        if node.name in self._private and not self._locals:
            node.name = f"{PREFIX}{node.name}"
        outermost, before = not self._locals, self._locals
        if outermost:
            parameters = {one.arg for inner in ast.walk(node) for one in _parameters(inner)}
            stored = {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
            handled = {one.name for one in ast.walk(node) if isinstance(one, ast.ExceptHandler) and one.name}
            said = {name for one in ast.walk(node) if isinstance(one, ast.Global) for name in one.names}
            in_class = {
                name
                for one in ast.walk(node)
                if isinstance(one, ast.ClassDef)
                for part in one.body
                for name in _bound(part)
            }
            self._locals = (stored | handled) - parameters - said - self._shared - in_class
        self.generic_visit(node)
        self._locals = before
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in self._locals or node.id in self._private:
            node.id = f"{PREFIX}{node.id}"
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        if node.name in self._locals:
            node.name = f"{PREFIX}{node.name}"
        self.generic_visit(node)
        return node

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.AST:
        node.names = [f"{PREFIX}{name}" if name in self._locals else name for name in node.names]
        return node


class Stripped(ast.NodeTransformer):
    """Takes docstrings and annotations out of functions, and docstrings out of classes and modules."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.returns = None
        for parameter in _parameters(node):
            parameter.annotation = None
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        lone = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return ast.Pass() if lone else node


def reversed_order(module: ast.Module) -> ast.Module:
    """Return the module with its functions in the opposite order, at its end."""
    functions = [node for node in module.body if isinstance(node, ast.FunctionDef)]
    others = [node for node in module.body if not isinstance(node, ast.FunctionDef)]
    return ast.Module([*others, *reversed(functions)], [])


def _parameters(node: ast.AST) -> list[ast.arg]:
    if not isinstance(node, ast.FunctionDef | ast.Lambda):
        return []
    given = node.args
    several = [one for one in (given.vararg, given.kwarg) if one]
    return [*given.posonlyargs, *given.args, *given.kwonlyargs, *several]


def _aliases(node: ast.AST) -> list[ast.alias]:
    return node.names if isinstance(node, ast.Import | ast.ImportFrom) else []


def _bound(statement: ast.AST) -> set[str]:
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    return {one.id for one in ast.walk(statement) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
