"""A definition as text that says what it does and not what its parts are called.

Locals are numbered, other definitions are references, annotations, docstrings, log messages and the texts of errors are
left out. What others know by name keeps it: attributes, methods, and parameters that somebody may give by name.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable

from bythebook.closure import is_for_type_checker, is_remark
from bythebook.code import scopes
from bythebook.code.expressions import ExpressionWriter, NormalForm, Token
from bythebook.code.modules import Definition, Module, imported_by
from bythebook.code.scopes import Scope
from bythebook.code.source_tree import CUT, SourceTree


def normal_form(statements: Definition, module: Module, program: SourceTree) -> NormalForm:
    """Return the normal form of what binds one name of a module."""
    writer = _Writer(module, program)
    plain = len(statements) == 1 and isinstance(statements[0], ast.FunctionDef) and not statements[0].decorator_list
    for statement in statements:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            writer.function(statement, None, named=not plain)
        else:
            writer.write(statement, None)
    if plain:
        assert isinstance(statements[0], ast.FunctionDef)
        given = statements[0].args
        writer.form.parameters = tuple(each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs))
    writer.form.tokens = _joined(writer.form.tokens)
    return writer.form


# Bases that do nothing with the name of a class that has no other one.
NAMELESS = {"typing.Protocol", "typing.Generic", "abc.ABC"}
# Annotations that a dataclass acts on.
ACTED_ON = ("ClassVar", "InitVar", "KW_ONLY")
LOGGING = "logging.getLogger"
SAID = {"debug", "info", "warning", "error", "exception", "critical"}


class _Writer(ExpressionWriter):
    """Writes statements: definitions, and all that a function's body may hold."""

    def __init__(self, module: Module, program: SourceTree) -> None:
        super().__init__(module, program)
        self._trying = 0

    def write(self, node: ast.AST, scope: Scope | None) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            self.function(node, scope, named=True, local=True)
        elif isinstance(node, ast.ClassDef):
            self._class(node, scope)
        elif isinstance(node, ast.stmt):
            self._statement(node, scope)
        else:
            super().write(node, scope)

    def function(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope | None, named: bool, local: bool = False
    ) -> None:
        for decorator in node.decorator_list:
            self._say("decorator")
            self.write(decorator, scope)
        self._say(type(node).__name__)
        if local:
            self._local(node.name, scope)
        inner = self._keep(scopes.of_function(node, scope, self._module.package))
        self._signature(node.args, scope, inner, verbatim=named)
        self._body(node.body, inner)

    def _statement(self, node: ast.stmt, scope: Scope | None) -> None:
        if is_remark(node) or isinstance(node, ast.Pass | ast.Global | ast.Nonlocal):
            return
        if isinstance(node, ast.Import | ast.ImportFrom):
            self._import(node, scope)
        elif isinstance(node, ast.AnnAssign):
            self._annotated(node, scope)
        elif isinstance(node, ast.If) and is_for_type_checker(node):
            self._body(node.orelse, scope)
        elif isinstance(node, ast.Raise):
            self._raise(node, scope)
        elif not self._is_logging(node, scope):
            self._trying += isinstance(node, ast.Try)
            self._fields(node, scope)
            self._trying -= isinstance(node, ast.Try)

    def _body(self, body: Iterable[ast.stmt], scope: Scope | None) -> None:
        self._say("[")
        for statement in body:
            self.write(statement, scope)
        self._say("]")

    def _class(self, node: ast.ClassDef, scope: Scope | None) -> None:
        for decorator in node.decorator_list:
            self._say("decorator")
            self.write(decorator, scope)
        self._say("ClassDef")
        if scope is not None:
            self._local(node.name, scope)
        if any(self._meaning(base, scope) not in NAMELESS for base in node.bases):
            self._say(node.name)
        for part in (*node.bases, *node.keywords):
            self.write(part, scope)
        inner = self._keep(scopes.of_class(node, scope))
        self._body(node.body, inner)

    def _annotated(self, node: ast.AnnAssign, scope: Scope | None) -> None:
        of_class = scope is not None and scope.of_class
        if node.value is None and not of_class:
            return
        acted_on = [word for word in ACTED_ON if word in ast.unparse(node.annotation)]
        if of_class:
            self._say(" ".join(["field", *acted_on]))
        self._say("Assign(")
        self._say("targets=")
        if of_class and isinstance(node.target, ast.Name):
            self._say(node.target.id)
        else:
            self.write(node.target, scope)
        if node.value is not None:
            self._say("value=")
            self.write(node.value, scope)
        self._say(")")

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope | None) -> None:
        """Say what is imported where that may fail or bind a local; elsewhere the uses of a name say it."""
        for name, what in imported_by(node, self._module.package).items():
            bound = scope is not None and name in scope.names
            if bound or self._trying or scope is None:
                self._say("import")
                self._take(self._program.imported(what))
                if bound:
                    self._local(name, scope)

    def _raise(self, node: ast.Raise, scope: Scope | None) -> None:
        called = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        meaning = self._meaning(called, scope) if called is not None else None
        if meaning == CUT or (isinstance(meaning, str) and _is_exception(meaning)):
            self._say(f"Raise {meaning}")
        else:
            self._fields(node, scope)

    def _is_logging(self, node: ast.stmt, scope: Scope | None) -> bool:
        """Return whether a statement only calls a method of the module's logger."""
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
            return False
        called = node.value.func
        if not (isinstance(called, ast.Attribute) and called.attr in SAID and isinstance(called.value, ast.Name)):
            return False
        made = [
            self._meaning(statement.value.func, None)
            for statement in self._module.definitions.get(called.value.id, ())
            if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call)
        ]
        return made == [LOGGING] and (scope is None or scope.owner(called.value.id) is None)


def _is_exception(name: str) -> bool:
    kind = getattr(builtins, name, None)
    return isinstance(kind, type) and issubclass(kind, BaseException)


def _joined(tokens: Iterable[Token]) -> list[Token]:
    """Return the tokens with all neighbouring texts as one."""
    found: list[Token] = []
    for token in tokens:
        if found and isinstance(token, str) and isinstance(found[-1], str):
            found[-1] += f" {token}"
        else:
            found.append(token)
    return found
