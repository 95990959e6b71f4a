"""A definition as text that says what it does and not what its parts are called.

Locals are numbered, other definitions are references, annotations, docstrings, log messages and the texts of errors are
left out. What others know by name keeps it: attributes, methods, and parameters that somebody may give by name.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable
from dataclasses import dataclass, field

from bythebook.closure import is_for_type_checker, is_remark
from bythebook.code import scopes
from bythebook.code.modules import COMPREHENSIONS, Definition, Module, imported_by
from bythebook.code.program import CUT, Meaning, Program, Reference
from bythebook.code.scopes import Scope


@dataclass(frozen=True)
class Parameter:
    """A parameter in the signature of a function of a module."""

    name: str


@dataclass(frozen=True)
class Keyword:
    """A parameter as a call of a definition names it."""

    reference: Reference
    name: str


Token = str | Reference | Parameter | Keyword


@dataclass
class NormalForm:
    """What a definition does.

    Attributes:
        tokens: its text, with references to others in it.
        escaping: definitions that it hands on, so that they may be called with parameters by name.
        parameters: of a plain function of a module, the names of its parameters; else None.
    """

    tokens: list[Token] = field(default_factory=list)
    escaping: set[Reference] = field(default_factory=set)
    parameters: tuple[str, ...] | None = None


def normal_form(statements: Definition, module: Module, program: Program) -> NormalForm:
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
    return writer.form


# Bases that do nothing with the name of a class that has no other one.
NAMELESS = {"typing.Protocol", "typing.Generic", "abc.ABC"}
# Annotations that a dataclass acts on.
ACTED_ON = ("ClassVar", "InitVar", "KW_ONLY")
LOGGING = "logging.getLogger"
SAID = {"debug", "info", "warning", "error", "exception", "critical"}


class _Writer:
    def __init__(self, module: Module, program: Program) -> None:
        self._module, self._program = module, program
        self.form = NormalForm()
        self._numbers: dict[tuple[int, str], int] = {}
        self._scopes: list[Scope] = []  # alive, so that no other one gets the place that tells them apart
        self._trying = 0

    def write(self, node: ast.AST, scope: Scope | None) -> None:
        if isinstance(node, ast.Name | ast.Attribute):
            self._name(node, scope)
        elif isinstance(node, ast.Call):
            self._call(node, scope)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            self.function(node, scope, named=True, local=True)
        elif isinstance(node, ast.Lambda):
            self._say("Lambda")
            inner = self._keep(scopes.of_function(node, scope, self._module.package))
            self._signature(node.args, scope, inner, verbatim=True)
            self.write(node.body, inner)
        elif isinstance(node, ast.ClassDef):
            self._class(node, scope)
        elif isinstance(node, COMPREHENSIONS):
            self._comprehension(node, scope)
        elif isinstance(node, ast.stmt):
            self._statement(node, scope)
        else:
            self._fields(node, scope)

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

    def _fields(self, node: ast.AST, scope: Scope | None) -> None:
        self._say(type(node).__name__ + "(")
        if isinstance(node, ast.Constant):
            self._say(repr(node.value))
        elif not isinstance(node, ast.expr_context):
            for name, value in ast.iter_fields(node):
                if value is None or value == [] or name in ("kind", "type_comment", "type_params"):
                    continue
                self._say(f"{name}=")
                for part in value if isinstance(value, list) else [value]:
                    if isinstance(part, ast.AST):
                        self.write(part, scope)
                    elif isinstance(part, str) and name in ("name", "rest"):
                        self._local(part, scope)  # of an exception, or of a pattern
                    else:
                        self._say(repr(part))
        self._say(")")

    def _body(self, body: Iterable[ast.stmt], scope: Scope | None) -> None:
        self._say("[")
        for statement in body:
            self.write(statement, scope)
        self._say("]")

    def _signature(self, given: ast.arguments, scope: Scope | None, inner: Scope, verbatim: bool) -> None:
        groups = (given.posonlyargs, given.args, [given.vararg], given.kwonlyargs, [given.kwarg])
        for group in groups:
            for argument in group:
                if argument is not None:
                    self._take(argument.arg if verbatim else Parameter(argument.arg))
                    self._local(argument.arg, inner)
            self._say(";")
        for default in (*given.defaults, *given.kw_defaults):
            if default is None:
                self._say("required")
            else:
                self.write(default, scope)

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

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, scope: Scope | None
    ) -> None:
        self._say(type(node).__name__ + "(")
        inner = self._keep(scopes.of_comprehension(node.generators, scope))
        for number, each in enumerate(node.generators):
            # The first is evaluated outside.
            self.write(each.iter, inner if number else scope)
            self.write(each.target, inner)
            for condition in each.ifs:
                self._say("if")
                self.write(condition, inner)
            self._say("async" if each.is_async else ";")
        for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
            self.write(part, inner)
        self._say(")")

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

    def _call(self, node: ast.Call, scope: Scope | None) -> None:
        called = self._meaning(node.func, scope)
        self._say("Call(")
        if isinstance(called, Reference) and called.name and all(keyword.arg for keyword in node.keywords):
            self._take(called)
        else:
            self.write(node.func, scope)
        for argument in node.args:
            self._say(",")
            self.write(argument, scope)
        for keyword in node.keywords:
            self._say(", **" if keyword.arg is None else ", ")
            if keyword.arg is not None:
                self._take(Keyword(called, keyword.arg) if isinstance(called, Reference) else keyword.arg)
                self._say("=")
            self.write(keyword.value, scope)
        self._say(")")

    def _name(self, node: ast.Name | ast.Attribute, scope: Scope | None) -> None:
        meaning = self._meaning(node, scope)
        if isinstance(meaning, Reference):
            self.form.escaping.add(meaning)
        if meaning is not None:
            self._take(meaning)
        elif isinstance(node, ast.Name):
            self._local(node.id, scope)
        else:
            self.write(node.value, scope)
            self._say(f".{node.attr}")

    def _meaning(self, node: ast.AST, scope: Scope | None) -> Meaning | None:
        """Return what a name, or an attribute of a module, stands for; None for a local and whatever else."""
        if isinstance(node, ast.Name):
            owner = scope.owner(node.id) if scope else None
            if owner is None:
                return self._program.meaning(self._module, node.id)
            return self._program.imported(owner.imports[node.id]) if node.id in owner.imports else None
        if isinstance(node, ast.Attribute):
            base = self._meaning(node.value, scope)
            if isinstance(base, Reference):
                return None if base.name else self._program.attribute(base.module, node.attr)
            return base if base in (None, CUT) else f"{base}.{node.attr}"
        return None

    def _local(self, name: str, scope: Scope | None) -> None:
        owner = scope.owner(name) if scope else None
        if owner is None:
            self._take(self._program.meaning(self._module, name))
        elif owner.of_class:
            self._say(f"#{name}")
        else:
            self._say(f"${self._numbers.setdefault((id(owner), name), len(self._numbers))}")

    def _keep(self, scope: Scope) -> Scope:
        self._scopes.append(scope)
        return scope

    def _take(self, token: Token) -> None:
        self.form.tokens.append(token)

    def _say(self, text: str) -> None:
        self.form.tokens.append(text)


def _is_exception(name: str) -> bool:
    kind = getattr(builtins, name, None)
    return isinstance(kind, type) and issubclass(kind, BaseException)
