"""A run and its key: a run is a pure function of recipe, seed, data, code and environment."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from bythebook import catalogue
from bythebook import techniques as techniques  # fills the catalogue
from bythebook.closure import digest
from bythebook.documents import canonical_json
from bythebook.techniques.strategies import Phase, Strategy
from bythebook.training.determinism import environment

if TYPE_CHECKING:
    from bythebook.runs.view import View

# The modules whose code can change a number; what they import counts too.
NUMERIC = ("bythebook.runs.training_run", "bythebook.network", "bythebook.training.engine", "bythebook.datasets.splits")
# Imported by them, but unable to change a number: how files are read and written, and how mistakes are found and told.
NEUTRAL = (
    *("bythebook.errors", "bythebook.validation", "bythebook.files", "bythebook.documents", "bythebook.docstrings"),
    *("bythebook.runs.memo", "bythebook.closure"),
)


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
        engine: ``fused``, ``plain`` or ``streamed``, the way it is trained; results differ in their last bits.
    """

    name: str
    seed: int
    recipe: Mapping[str, Any]
    view: View
    about: str = ""
    strategy: Mapping[str, Any] | None = None
    source: str | None = None
    source_view: View | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    engine: str = "plain"

    def identity(self) -> dict[str, Any]:
        """Everything that decides the run's bytes."""
        return {
            "recipe": dict(self.recipe),
            "seed": self.seed,
            "data": self.view.declaration(),
            "code": code_digest(),
            "environment": environment(),
            "strategy": dict(self.strategy) if self.strategy else None,
            "source": self.source,
            "source_view": self.source_view.declaration() if self.source_view else None,
            "engine": self.engine,
        }

    @property
    def epochs(self) -> int:
        """Epochs over all phases."""
        return self.plan.epochs

    @property
    def plan(self) -> Strategy:
        """The strategy it is trained by; without one, all of the recipe's epochs from its initial weights."""
        if self.strategy is None:
            return Strategy("none", None, (Phase("fit", int(self.recipe["epochs"])),))
        strategy: Strategy = catalogue.build("strategy", self.strategy)
        return strategy

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The phases that its net goes through.

        Raises:
            UserError: the net has fewer layers than the strategy reuses.
        """
        return self.plan.on(len(self.recipe["hidden"]))

    @property
    def key(self) -> str:
        """64 hexadecimal digits: equal keys mean byte-equal records."""
        return hashlib.sha256(canonical_json(self.identity())).hexdigest()


@cache
def code_digest() -> str:
    """The digest of the code that can change a number; comments and documentation do not count."""
    return digest(NUMERIC, without=NEUTRAL)
