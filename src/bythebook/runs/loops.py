"""Which loop trains each of a stage's runs: decided together, because runs of one shape share a compiled program."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bythebook.documents import canonical_json
from bythebook.runs.run import Run
from bythebook.training.loop_choice import choose_loop

log = logging.getLogger(__name__)

# What the compiled epoch takes as inputs: runs that differ only in these share it.
ARGUMENTS_THAT_ARE_INPUTS = ("optimizer", "dropout", "regularizer", "constraint", "clipping")
WITHOUT_SHAPE = ("schedule", "epochs", "early_stopping", "scaling", "initializer", "output_initializer")
BYTES_PER_VALUE = 4


@dataclass(frozen=True)
class LoopSettings:
    """How the loop that trains a run is chosen.

    Attributes:
        loop: ``auto``, ``fused`` or ``plain``.
        resident_gib: training images that are larger than this, in GiB of float32, are streamed from disk.
    """

    loop: str = "auto"
    resident_gib: float = 4.0


AUTOMATIC = LoopSettings()


def with_loops(runs: Sequence[Run], settings: LoopSettings = AUTOMATIC) -> list[Run]:
    """The same runs, each with the loop that trains it.

    Args:
        runs: everything a stage declares, whether or not the memo has it: the choice must not depend on that.
    """
    shapes = [program_shape(run) for run in runs]
    sharing = Counter(shapes)
    chosen = []
    for run, shape in zip(runs, shapes, strict=True):
        if run.view.images * run.view.pixels * BYTES_PER_VALUE > settings.resident_gib * 2**30:
            log.info("%s is streamed from disk: more than %s GiB", run.view.dataset, settings.resident_gib)
            chosen.append(replace(run, loop="streamed"))
            continue
        phases = len(run.phases)
        choice = choose_loop(
            run.recipe, run.view.images, run.view.pixels, run.epochs, sharing[shape], settings.loop, phases
        )
        log.debug("%s seed %s: %s, %s", run.name, run.seed, choice.loop, choice.reason)
        chosen.append(replace(run, loop=choice.loop))
    return chosen


def program_shape(run: Run) -> str:
    """What runs have in common that can share compiled programs: besides the net also how much data, and what of it.

    Not which data: so runs on tasks of one size count together.
    """
    recipe: dict[str, Any] = {name: value for name, value in run.recipe.items() if name not in WITHOUT_SHAPE}
    for name in ARGUMENTS_THAT_ARE_INPUTS:
        if recipe.get(name):
            recipe[name] = {key: bool(value) if key != "name" else value for key, value in recipe[name].items()}
    phases = [[phase.frozen, phase.decay == 1] for phase in run.phases]
    return canonical_json([recipe, phases, run.view.dataset, run.view.side, run.view.images]).decode()
