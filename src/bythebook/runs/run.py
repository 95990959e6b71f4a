"""A run and its key: a run is a pure function of recipe, seed, data, code and environment."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from bythebook import catalogue
from bythebook.documents import canonical_json
from bythebook.records.recipe import Recipe, Technique
from bythebook.records.run import SCHEMA, Identity
from bythebook.runs.numeric_code import code_of_run
from bythebook.techniques.strategies import Phase, Strategy
from bythebook.training.determinism import environment

if TYPE_CHECKING:
    from bythebook.runs.view import DataView


@dataclass(frozen=True)
class Run:
    """One net to be trained.

    Attributes:
        name: the recipe's name within its suite; not part of the key.
        about: a sentence for readers; not part of the key.
        strategy: how the net is trained, on which layers (a resolved ``strategy``), or None for the recipe's epochs
            from scratch.
        source: the key of the run whose lower layers are reused, or None.
        source_view: the data of the source, where the record is to say how well the source still does on them once its
            layers were trained on; None where not.
        tags: marks that other stages look for; not part of the key.
        loop: ``fused``, ``plain`` or ``streamed``, the way it is trained; results differ in their last bits.
    """

    name: str
    seed: int
    recipe: Recipe
    view: DataView
    about: str = ""
    strategy: Technique | None = None
    source: str | None = None
    source_view: DataView | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    loop: str = "plain"

    @cached_property
    def identity(self) -> Identity:
        """Everything that decides the run's bytes."""
        return Identity(
            schema=SCHEMA,
            recipe=self.recipe,
            seed=self.seed,
            data=self.view.identity,
            code=code_of_run(self.recipe, self.strategy, self.loop),
            environment=environment(),
            strategy=self.strategy,
            source=self.source,
            source_view=self.source_view.identity if self.source_view else None,
            loop=self.loop,
        )

    @property
    def epochs(self) -> int:
        """Epochs over all phases."""
        return self.plan.epochs

    @property
    def plan(self) -> Strategy:
        """The strategy it is trained by; without one, all of the recipe's epochs from its initial weights."""
        return strategy_of(self.recipe, self.strategy)

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The phases that its net goes through.

        Raises:
            UserError: the net has fewer layers than the strategy reuses.
        """
        return self.plan.on(len(self.recipe["hidden"]))

    @cached_property
    def key(self) -> str:
        """64 hexadecimal digits: equal keys mean byte-equal records."""
        return hashlib.sha256(canonical_json(self.identity.as_json())).hexdigest()


def strategy_of(recipe: Recipe, declared: Technique | None) -> Strategy:
    """Return the strategy that is declared; without one, all of the recipe's epochs from its initial weights."""
    if declared is None:
        return Strategy("none", None, (Phase("fit", int(recipe["epochs"])),))
    strategy: Strategy = catalogue.build("strategy", declared)
    return strategy
