"""All modules of the program, and what a name in one of them stands for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from bythebook.closure import source_of
from bythebook.code.modules import Imported, Module, read_module

# In the place of a definition's name: what runs when the module is imported.
EFFECTS = "<effects>"
# In the place of a definition: all that is said of what was cut away.
CUT = "_"


@dataclass(frozen=True)
class CodeReference:
    """A definition, or a whole module."""

    module: str
    name: str | None = None

    @property
    def dotted(self) -> str:
        """The name as one would import it."""
        return f"{self.module}.{self.name}" if self.name else self.module


# What a name stands for: something of the program's, or text: what was cut away, a third party's, a builtin.
Meaning = CodeReference | str


class SourceTree:
    """The modules under some roots.

    Args:
        roots: top package to its folder; everything else is a third party's.
        cut: modules and definitions, as dotted names, that nothing is asked about, with all below them.
    """

    def __init__(self, roots: Mapping[str, Path], cut: Collection[str] = ()) -> None:
        self._roots, self._cut = roots, frozenset(cut)

    def module(self, name: str) -> Module | None:
        """Return a module, or None where there is none of that name under the roots."""
        path = source_of(name, self._roots)
        return read_module(name, path) if path else None

    def brought_in_by(self, name: str) -> list[Module]:
        """Return a module, the packages on the way to it, and what their imports bring in when they run."""
        found: dict[str, Module] = {}
        waiting = [name]
        while waiting:
            parts = waiting.pop().split(".")
            for each in (".".join(parts[: count + 1]) for count in range(len(parts))):
                module = None if each in found or self._is_cut(each) else self.module(each)
                if module is not None:
                    found[each] = module
                    own = (one for one in module.imports.values() if self.is_own(one.module))
                    waiting += [part for one in own for part in (one.module, one.dotted)]
        return list(found.values())

    def is_own(self, name: str) -> bool:
        """Return whether a dotted name lies under the roots."""
        return name.partition(".")[0] in self._roots

    def find(self, dotted: str) -> CodeReference:
        """Return the definition with a dotted name.

        Raises:
            ValueError: there is none.
        """
        module, _, name = dotted.rpartition(".")
        found = self.attribute(module, name)
        if not isinstance(found, CodeReference) or found.name is None:
            raise ValueError(f"there is no definition '{dotted}'")
        return found

    def meaning(self, module: Module, name: str) -> Meaning:
        """Return what a name that no function binds stands for in a module."""
        if name in module.definitions:
            return self._kept(CodeReference(module.name, name))
        return self.imported(module.imports[name]) if name in module.imports else name

    def imported(self, given: Imported) -> Meaning:
        """Return what an import gives."""
        if not self.is_own(given.module):
            return given.dotted
        return (
            self.attribute(given.module, given.attribute)
            if given.attribute
            else self._kept(CodeReference(given.module))
        )

    def attribute(self, module: str, name: str) -> Meaning:
        """Return what ``name`` of a module of the program stands for."""
        read = self.module(module)
        if read is not None and (name in read.definitions or name in read.imports):
            return self.meaning(read, name)
        if self.module(f"{module}.{name}") is not None:
            return self._kept(CodeReference(f"{module}.{name}"))
        return self._kept(CodeReference(module, name)) if self._is_cut(f"{module}.{name}") else f"{module}.{name}"

    def _kept(self, reference: CodeReference) -> Meaning:
        return CUT if self._is_cut(reference.dotted) else reference

    def _is_cut(self, dotted: str) -> bool:
        parts = dotted.split(".")
        return any(".".join(parts[: count + 1]) in self._cut for count in range(len(parts)))
