"""A run and its key: a run is a pure function of recipe, seed, data, code and environment."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from bythebook import catalogue
from bythebook import techniques as techniques  # fills the catalogue
from bythebook.closure import digest
from bythebook.documents import canonical_json, read_json
from bythebook.techniques.strategies import Phase, Strategy
from bythebook.training.determinism import environment

# The modules whose code can change a number; what they import counts too.
NUMERIC = ("bythebook.runs.training_run", "bythebook.network", "bythebook.training.engine", "bythebook.datasets.splits")
# Imported by them, but unable to change a number: how files are read and written, and how mistakes are found and told.
NEUTRAL = (
    *("bythebook.errors", "bythebook.validation", "bythebook.files", "bythebook.documents"),
    *("bythebook.runs.memo", "bythebook.closure"),
)


@dataclass(frozen=True)
class View:
    """The data a run sees: a whole dataset, or one side of an A/B task.

    Attributes:
        directory: the folder of standardized data.
        dataset: the dataset's name.
        digest: the digest of the training and validation images, labels, statistics and task.
        task: the folder of the task's index files, or None for the whole dataset.
        side: ``a`` or ``b``, or None.
        images: how many training images it has.
        pixels: values per image.
    """

    directory: Path
    dataset: str
    digest: str
    task: Path | None = None
    side: str | None = None
    images: int = 0
    pixels: int = 0

    @classmethod
    def of(cls, directory: Path, task: Path | None = None, side: str | None = None) -> View:
        """The view of a folder of standardized data, with the digests that its card and its task file declare.

        The task may be about another data set, which lies beside that folder.
        """
        card = read_json(directory / "card.json")
        own, images = card["training_digest"], card["splits"]["train"]["images"]
        if task is not None and side is not None:
            declared = read_json(task / "task.json")
            named = declared[side].get("dataset", card["dataset"])
            if named != card["dataset"]:
                return cls.of(directory.parent / named, task, side)
            own = hashlib.sha256(f"{own} {declared['digest']} {side}".encode()).hexdigest()
            images = declared[side]["train"]
        return cls(directory, card["dataset"], own, task, side, images, math.prod(card["shape"]))

    def declaration(self) -> dict[str, Any]:
        """The view as a run record states it, without paths."""
        return {
            "dataset": self.dataset,
            "task": self.task.name if self.task else None,
            "side": self.side,
            "digest": self.digest,
        }


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
