"""The digest of all code that some definitions can reach."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bythebook.closure import BYTHEBOOK
from bythebook.code.expressions import Keyword, NormalForm, SignatureName, Token
from bythebook.code.modules import Module
from bythebook.code.normal_form import normal_form
from bythebook.code.source_tree import CUT, EFFECTS, CodeReference, SourceTree


@dataclass(frozen=True)
class Reach:
    """What some definitions can reach.

    Attributes:
        definitions: dotted names, those asked for first, then each in the order in which it is first named.
        digest: sha256 of what they do, 64 hexadecimal digits. What they and their locals are called, and where they
            stand, does not count.
    """

    definitions: tuple[str, ...]
    digest: str


class Code:
    """The program's code, of which parts are cut away.

    Args:
        cut: modules and definitions that cannot change a number, as dotted names, with all below them.
        roots: top package to its folder.
    """

    def __init__(self, cut: Collection[str] = (), roots: Mapping[str, Path] = BYTHEBOOK) -> None:
        self._program = SourceTree(roots, cut)
        self._forms: dict[CodeReference, NormalForm] = {}
        self._loose: dict[str, list[CodeReference]] = {}

    def reach(self, definitions: Iterable[str], without: Collection[str] = ()) -> Reach:
        """Return what ``definitions``, dotted names, can reach.

        Args:
            without: modules to leave out this time, as dotted names.

        Classes count with all their methods. What is reached by a name that is only known when the program runs, such
        as a technique's, has to be among ``definitions``.

        Raises:
            ValueError: one of them does not exist.
            SyntaxError: a file is not Python.
        """
        asked = [self._program.find(name) for name in definitions]
        places: dict[CodeReference, int] = {}
        escaping = set(asked)
        waiting = _place(asked, places)
        for reference in waiting:  # grows while it is read
            form = self._form(reference)
            escaping |= form.escaping
            named = (*_references(form), *self._effects(reference))
            waiting += _place((one for one in named if not _within(one, without)), places)
        total = hashlib.sha256()
        for reference in places:
            words = (self._word(token, reference, places, escaping) for token in self._form(reference).tokens)
            total.update(f"{' '.join(words)}\0".encode())
        return Reach(tuple(reference.dotted for reference in places), total.hexdigest())

    def _form(self, reference: CodeReference) -> NormalForm:
        if reference not in self._forms:
            self._forms[reference] = self._made(reference)
        return self._forms[reference]

    def _made(self, reference: CodeReference) -> NormalForm:
        module = self._module(reference)
        if reference.name is None:
            # A module that is handed on as a value: whoever gets it may use all of it.
            tokens: list[Token] = []
            for name in module.definitions:
                tokens += [name, CodeReference(module.name, name)]
            return NormalForm(tokens)
        if reference.name == EFFECTS:
            return normal_form(module.effects, module, self._program)
        return normal_form(module.definitions[reference.name], module, self._program)

    def _effects(self, reference: CodeReference) -> list[CodeReference]:
        """Return what else has run before a definition can: loose statements of all modules that its own brings in."""
        if reference.name == EFFECTS:
            return []
        if reference.module not in self._loose:
            brought = self._program.brought_in_by(reference.module)
            self._loose[reference.module] = [
                CodeReference(module.name, EFFECTS) for module in brought if module.effects
            ]
        return self._loose[reference.module]

    def _module(self, reference: CodeReference) -> Module:
        module = self._program.module(reference.module)
        assert module is not None
        return module

    def _word(
        self, token: Token, own: CodeReference, places: Mapping[CodeReference, int], escaping: Collection[CodeReference]
    ) -> str:
        if isinstance(token, CodeReference):
            return f"@{places[token]}" if token in places else CUT
        if isinstance(token, SignatureName):
            return token.name if own in escaping else ":"
        if isinstance(token, Keyword):
            known = self._form(token.reference).parameters
            if known is not None and token.name in known and token.reference not in escaping:
                return f":{known.index(token.name)}"
            return token.name
        return token


def _references(form: NormalForm) -> Iterable[CodeReference]:
    return (token for token in form.tokens if isinstance(token, CodeReference))


def _place(given: Iterable[CodeReference], places: dict[CodeReference, int]) -> list[CodeReference]:
    """Give places to references that have none, and return those."""
    new = [reference for reference in dict.fromkeys(given) if reference not in places]
    places.update((reference, len(places) + number) for number, reference in enumerate(new))
    return new


def _within(reference: CodeReference, modules: Collection[str]) -> bool:
    return any(reference.module == module or reference.module.startswith(f"{module}.") for module in modules)
