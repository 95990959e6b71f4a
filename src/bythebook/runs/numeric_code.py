"""Which code a net's numbers come from: the loop that trains it, and the techniques that its recipe names.

Code that is only entered where a recipe asks for it, such as a range test, counts for those recipes alone. The test
that watches real runs makes sure that nothing else is entered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from bythebook import catalogue
from bythebook import techniques as techniques  # fills the catalogue
from bythebook.code.numeric import numeric_digest
from bythebook.recipe import FAMILY_OF
from bythebook.records.recipe import Recipe, Technique
from bythebook.target import LABELS
from bythebook.training.loops import LOOPS

# Entered where a recipe asks for it, by `_asked_for`, and left out elsewhere.
OPTIONAL = (
    *("bythebook.training.pretext", "bythebook.training.range_test", "bythebook.training.observation"),
    *("bythebook.training.rates_by_depth", "bythebook.runs.reuse"),
)
# What every run goes through.
TRAINING = (
    *("bythebook.runs.trained.trained", "bythebook.training.determinism.prepare_process"),
    "bythebook.training.checkpoint.Checkpoint",
)


def code_of_run(recipe: Recipe, strategy: Technique | None, loop: str) -> str:
    """Return the digest of all code that a run's numbers can come from, 64 hexadecimal digits.

    Args:
        recipe: a resolved recipe.
        strategy: a resolved strategy, or None where nothing is reused.
        loop: the way it is trained, a name in :data:`bythebook.training.loops.LOOPS`.
    """
    definitions = (*TRAINING, *entered(recipe, strategy, loop))
    return numeric_digest(definitions, left_out(definitions))


def code_of_net(recipe: Recipe, *further: str) -> str:
    """Return the digest of the code that ``further``, dotted names, can reach with a trained net of a recipe."""
    return numeric_digest((*further, *techniques_of(recipe)))


def entered(recipe: Recipe, strategy: Technique | None, loop: str) -> tuple[str, ...]:
    """Return the dotted names of what a recipe, a strategy and a loop add to what every run goes through."""
    named = techniques_of(recipe)
    if strategy:
        named = (*named, _technique("strategy", strategy))
    return (*named, *_asked_for(recipe, strategy, loop))


def techniques_of(recipe: Recipe) -> tuple[str, ...]:
    """Return the dotted names of the techniques that a resolved recipe names, each once."""
    named = ((family, recipe[key]) for key, family in FAMILY_OF.items())
    return tuple(dict.fromkeys(_technique(family, technique) for family, technique in named if technique))


def left_out(definitions: Collection[str]) -> tuple[str, ...]:
    """Return the optional modules that none of ``definitions`` is part of."""
    return tuple(module for module in OPTIONAL if not any(name.startswith(f"{module}.") for name in definitions))


def _asked_for(recipe: Recipe, strategy: Technique | None, loop: str) -> Iterator[str]:
    yield _dotted(LOOPS[loop])
    if recipe["target"] != LABELS:
        yield from ("bythebook.training.pretext.with_targets", "bythebook.training.pretext.outputs_of")
    if recipe["range_test"]:
        yield "bythebook.training.range_test.find"
    if "steps" in recipe["observe"]:
        yield "bythebook.training.observation.of_steps"
    if "layers" in recipe["observe"]:
        yield "bythebook.training.observation.of_layers"
    if strategy:
        plan = catalogue.build("strategy", strategy)
        if plan.source != "none":
            yield from ("bythebook.runs.reuse.lend", "bythebook.runs.reuse.Watched")
        if any(phase.decay != 1 for phase in plan.phases):
            yield "bythebook.training.rates_by_depth.slowed"


def _technique(family: str, declared: Technique) -> str:
    return _dotted(catalogue.techniques(family)[declared["name"]].build)


def _dotted(thing: Any) -> str:
    return f"{thing.__module__}.{thing.__qualname__}"
