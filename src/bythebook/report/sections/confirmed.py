"""What was left of a search's winner when it was trained again beside the guideline, on test images where it can be.

The validation images chose the winner, so what it has on them is flattered however many seeds it is trained with.
"""

from __future__ import annotations

from dataclasses import dataclass

from bythebook.records.search import ComparedSides, Confirmation, SearchFindings
from bythebook.records.suite import Suite
from bythebook.report.arms import number
from bythebook.report.searches import ReportedObjective, moved, objectives
from bythebook.report.sections.data import counted
from bythebook.report.sources import Sources
from bythebook.statistics import interval, paired_difference, verdict

WORDS = {"supported": "better", "refuted": "worse", "inconclusive": "level on these seeds"}
SIDES = ("guideline", "winner")
TESTED = {"val_accuracy": "test accuracy"}  # objectives that the evaluation measures on the test split
OF_WEIGHTS = ("multiply_adds", "zero_share")  # objectives that need no images, so none can flatter them


@dataclass(frozen=True)
class Confirmed:
    """One objective after guideline and winner were trained over the same seeds.

    Attributes:
        label: what is compared: the test accuracy, or the objective itself.
        chosen_on: that the winner was chosen on what it is compared on; empty where it was not.
        change: winner minus guideline; empty where no seed finished both.
        interval: of the change, in words; empty for fewer than two seeds.
        outcome: what that says of the winner: better, worse or level.
        tone: ``good``, ``bad`` or empty; with several objectives a worse one is a price and not bad.
        luck: by how much the trial was better than its refits are on average; empty where nobody can say.
    """

    objective: ReportedObjective
    label: str
    chosen_on: str
    guideline: str
    winner: str
    change: str
    interval: str
    outcome: str
    tone: str
    luck: str
    seeds: int

    @property
    def measure(self) -> str:
        """What is compared, and that it is flattered where it is."""
        return f"{self.label}, {self.chosen_on}" if self.chosen_on else self.label


def confirmed(sources: Sources, suite: Suite, search: SearchFindings) -> tuple[Confirmed, ...]:
    """Every objective of a search."""
    return tuple(_confirmed(sources, suite, search.confirmation, objective) for objective in objectives(search))


def diverged(search: SearchFindings) -> str:
    """How many refits are left out of the comparison, in a sentence; empty for none."""
    counts = search.confirmation.diverged
    # A winner that is the guideline has the same refits.
    sides = SIDES if moved(search) else SIDES[:1]
    told = [f"{counts[side]} of the {side}'s" for side in sides if counts[side]]
    return f"Refits that diverged and are left out: {', '.join(told)}." if told else ""


def _confirmed(sources: Sources, suite: Suite, confirmation: Confirmation, objective: ReportedObjective) -> Confirmed:
    kept = confirmation.objectives[objective.name]
    tested = _tested(sources, suite, confirmation) if objective.name in TESTED else None
    found: ComparedSides = tested or kept
    gain = found.gain
    luck, alone = kept.luck.get("winner"), len(confirmation.objectives) == 1
    return Confirmed(
        objective,
        TESTED[objective.name] if tested else objective.label,
        "" if tested or objective.name in OF_WEIGHTS else f"on the {_counted(sources, suite)} that chose it",
        objective.text(number(found.guideline)),
        objective.text(number(found.winner)),
        f"{objective.change(gain.mean)} {objective.unit}".strip() if gain else "",
        objective.changes(gain) if gain else "",
        WORDS[found.verdict],
        "good" if found.verdict == "supported" else "bad" if found.verdict == "refuted" and alone else "",
        f"{objective.change(luck)} {objective.unit}".strip() if luck is not None else "",
        gain.n if gain else 0,
    )


def _tested(sources: Sources, suite: Suite, confirmation: Confirmation) -> ComparedSides | None:
    """The refits by their accuracy on the test split; None where none was evaluated."""
    found = [[sources.test(suite.suite, side, seed) for side in SIDES] for seed in confirmation.seeds]
    pairs = [(one["accuracy"], other["accuracy"]) for one, other in found if one and other]
    if not pairs:
        return None
    guideline, winner = ([pair[side] for pair in pairs] for side in (0, 1))
    gain = paired_difference(guideline, winner)
    return ComparedSides(guideline=interval(guideline), winner=interval(winner), gain=gain, verdict=verdict(gain))


def _counted(sources: Sources, suite: Suite) -> str:
    card = next(data.card for data in sources.data if data.card["dataset"] == suite.dataset)
    return counted(card["shape"]).lower()
