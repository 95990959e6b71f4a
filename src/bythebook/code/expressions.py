"""Expressions as tokens: what is computed, without what its parts are called."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from bythebook.code import scopes
from bythebook.code.modules import COMPREHENSIONS, Module
from bythebook.code.scopes import Scope
from bythebook.code.source_tree import CUT, CodeReference, Meaning, SourceTree


@dataclass(frozen=True)
class SignatureName:
    """A parameter in the signature of a function of a module."""

    name: str


@dataclass(frozen=True)
class Keyword:
    """A parameter as a call of a definition names it."""

    reference: CodeReference
    name: str


Token = str | CodeReference | SignatureName | Keyword


@dataclass
class NormalForm:
    """What a definition does.

    Attributes:
        tokens: its text, with references to others in it.
        escaping: definitions that it hands on, so that they may be called with parameters by name.
        parameters: of a plain function of a module, the names of its parameters; else None.
    """

    tokens: list[Token] = field(default_factory=list)
    escaping: set[CodeReference] = field(default_factory=set)
    parameters: tuple[str, ...] | None = None


class ExpressionWriter:
    """Writes expressions into :attr:`form`.

    Args:
        module: where they stand.
    """

    def __init__(self, module: Module, program: SourceTree) -> None:
        self._module, self._program = module, program
        self.form = NormalForm()
        self._numbers: dict[tuple[int, str], int] = {}
        self._scopes: list[Scope] = []  # alive, so that no other one gets the place that tells them apart

    def write(self, node: ast.AST, scope: Scope | None) -> None:
        """Write a node of a syntax tree that stands in ``scope``, None for the module's own."""
        if isinstance(node, ast.Name | ast.Attribute):
            self._name(node, scope)
        elif isinstance(node, ast.Call):
            self._call(node, scope)
        elif isinstance(node, ast.Lambda):
            self._lambda(node, scope)
        elif isinstance(node, COMPREHENSIONS):
            self._comprehension(node, scope)
        else:
            self._fields(node, scope)

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

    def _name(self, node: ast.Name | ast.Attribute, scope: Scope | None) -> None:
        meaning = self._meaning(node, scope)
        if isinstance(meaning, CodeReference):
            self.form.escaping.add(meaning)
        if meaning is not None:
            self._take(meaning)
        elif isinstance(node, ast.Name):
            self._local(node.id, scope)
        else:
            self.write(node.value, scope)
            self._say(f".{node.attr}")

    def _call(self, node: ast.Call, scope: Scope | None) -> None:
        called = self._meaning(node.func, scope)
        self._say("Call(")
        if isinstance(called, CodeReference) and called.name and all(keyword.arg for keyword in node.keywords):
            self._take(called)
        else:
            self.write(node.func, scope)
        for argument in node.args:
            self._say(",")
            self.write(argument, scope)
        for keyword in node.keywords:
            self._say(", **" if keyword.arg is None else ", ")
            if keyword.arg is not None:
                self._take(Keyword(called, keyword.arg) if isinstance(called, CodeReference) else keyword.arg)
                self._say("=")
            self.write(keyword.value, scope)
        self._say(")")

    def _lambda(self, node: ast.Lambda, scope: Scope | None) -> None:
        self._say("Lambda")
        inner = self._keep(scopes.of_function(node, scope, self._module.package))
        self._signature(node.args, scope, inner, verbatim=True)
        self.write(node.body, inner)

    def _signature(self, given: ast.arguments, scope: Scope | None, inner: Scope, verbatim: bool) -> None:
        groups = (given.posonlyargs, given.args, [given.vararg], given.kwonlyargs, [given.kwarg])
        for group in groups:
            for argument in group:
                if argument is not None:
                    self._take(argument.arg if verbatim else SignatureName(argument.arg))
                    self._local(argument.arg, inner)
            self._say(";")
        for default in (*given.defaults, *given.kw_defaults):
            if default is None:
                self._say("required")
            else:
                self.write(default, scope)

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

    def _meaning(self, node: ast.AST, scope: Scope | None) -> Meaning | None:
        """Return what a name, or an attribute of a module, stands for; None for a local and whatever else."""
        if isinstance(node, ast.Name):
            owner = scope.owner(node.id) if scope else None
            if owner is None:
                return self._program.meaning(self._module, node.id)
            return self._program.imported(owner.imports[node.id]) if node.id in owner.imports else None
        if isinstance(node, ast.Attribute):
            base = self._meaning(node.value, scope)
            if isinstance(base, CodeReference):
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
