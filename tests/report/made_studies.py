"""Made-up transfer studies: one strategy on two tasks, several numbers of labels, and pairs of classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

BASELINE = "from_scratch"


@dataclass(frozen=True)
class MadeStudy:
    """A study, with the accuracy that each arm is made to have: for every task by strategy, one level per budget."""

    name: str
    question: str
    labels: tuple[int, ...]
    tasks: dict[str, dict[str, Sequence[float]]]
    classes: dict[str, tuple[int, int]]
    declared: tuple[str, ...]


PROTOCOL = MadeStudy(
    "freeze_then_finetune",
    "With 200 images of task B, does it pay to start from the layers of a net for task A?",
    (200,),
    {
        "sandal_vs_shirt": {BASELINE: [0.955], "freeze_then_finetune": [0.979]},
        "tshirt_vs_pullover": {BASELINE: [0.938], "freeze_then_finetune": [0.941]},
    },
    {"sandal_vs_shirt": (5, 6), "tshirt_vs_pullover": (0, 2)},
    ("sandal_vs_shirt", "tshirt_vs_pullover"),
)
STRATEGIES = MadeStudy(
    "strategies",
    "Which strategy is best?",
    (200,),
    {"sandal_vs_shirt": {BASELINE: [0.955], "frozen": [0.931], "freeze_then_finetune": [0.979], "finetune": [0.975]}},
    {"sandal_vs_shirt": (5, 6)},
    ("sandal_vs_shirt",),
)
CURVE = MadeStudy(
    "label_curve",
    "How many labels does transfer save?",
    (20, 100, 500),
    {
        "sandal_vs_shirt": {
            BASELINE: [0.86, 0.93, 0.97],
            "frozen": [0.93, 0.94, 0.95],
            "freeze_then_finetune": [0.92, 0.965, 0.985],
        }
    },
    {"sandal_vs_shirt": (5, 6)},
    ("sandal_vs_shirt",),
)


def of_pairs(classes: int) -> MadeStudy:
    """A study of every pair of so many classes, one of them declared; the higher the classes, the smaller the gain."""
    tasks, members = {}, {}
    for first, second in combinations(range(classes), 2):
        name = "sandal_vs_shirt" if (first, second) == (0, 1) else f"pair_{first}_{second}"
        members[name] = (first, second)
        tasks[name] = {BASELINE: [0.94], "freeze_then_finetune": [0.97 - 0.005 * (first + second)]}
    question = "Does transfer help on every pair of classes?"
    return MadeStudy("all_pairs", question, (200,), tasks, members, ("sandal_vs_shirt",))
