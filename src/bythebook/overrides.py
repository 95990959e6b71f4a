"""Values that take the place of those of every recipe which is read with them, whatever its file says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from bythebook import recipe
from bythebook.errors import Problems, UserError
from bythebook.records.recipe import Recipe


class Overrides:
    """Other values at dotted paths of recipes, applied last, and what is wrong with them.

    A wrong path is wrong for many recipes. It is one mistake in one place, so it is told once for all recipes that are
    read within a block of :meth:`report_once`.

    Args:
        values: dotted recipe path to value, such as ``{"optimizer.learning_rate": 0.01}``.
        where: the place shown in errors, such as ``params.yaml: overrides``.
    """

    def __init__(self, values: Mapping[str, Any] | None = None, where: str = "overrides") -> None:
        self.values = dict(values or {})
        self.where = where
        self._blocks = 0
        self._read = 0
        self._refused: dict[str, list[tuple[str, str]]] = {}  # mistake to recipes and what is said of each

    @contextmanager
    def report_once(self) -> Iterator[None]:
        """A block at whose end everything is raised that is wrong with the overrides; of nested ones, the outermost.

        Raises:
            UserError: with that, after the problems of an error that ended the block.
        """
        problems = Problems()
        self._blocks += 1
        try:
            with problems.collecting():
                yield
        finally:
            self._blocks -= 1
        if not self._blocks:
            problems.found += self._told()
        problems.raise_if_any()

    def recipe(self, declaration: Any, where: str, *, pretrains: bool = False) -> Recipe:
        """The full recipe that a declared delta stands for, with these values.

        A recipe that they do not fit is given without them within a block, which then ends with an error.

        Args:
            declaration: what the user wrote, a mapping.
            where: the path shown in errors, such as ``activations.yaml: recipes.relu``.
            pretrains: whether it may learn something else than labels.

        Raises:
            UserError: with every problem of the declaration.
        """
        with self.report_once():
            declared = self._checked(recipe.resolve(declaration, where), where, pretrains)
            if not self.values:
                return declared
            self._read += 1
            try:
                return self._checked(recipe.with_overrides(declared, self.values, self.where), self.where, pretrains)
            except UserError as error:
                for problem in error.problems:
                    # Recipes with other techniques allow other names; the mistake is the same.
                    mistake = problem.partition(" Allowed: ")[0]
                    self._refused.setdefault(mistake, []).append((where, problem))
        return declared

    def _checked(self, resolved: Recipe, where: str, pretrains: bool) -> Recipe:
        if not pretrains:
            recipe.refuse_pretraining(resolved, where)
        return resolved

    def _told(self) -> list[str]:
        """What is wrong, each mistake once, and for how many recipes unless it is the same for all of them."""
        told = []
        for refused in self._refused.values():
            where, problem = refused[0]
            alike = len(refused) == self._read and all(other == problem for _, other in refused)
            told.append(
                problem if alike else f"{problem} Wrong for {len(refused)} of {self._read} recipes, first {where}."
            )
        self._read, self._refused = 0, {}
        return told
