"""Transfer: does a net for task B gain from the layers of a net for task A?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bythebook.report.arms import Arm, arms
from bythebook.report.figures.curves import Curve, curves
from bythebook.report.figures.transfer import SCRATCH, TRANSFERRED, paired
from bythebook.report.sections.runs import RunTable, run_table
from bythebook.report.sources import Sources
from bythebook.report.wording import slug
from bythebook.runs.suite import Suite

VERDICTS = {
    "supported": "Transfer helps",
    "refuted": "Transfer hurts",
    "inconclusive": "No clear difference",
}


@dataclass(frozen=True)
class TaskVerdict:
    """One A/B task under one strategy.

    Attributes:
        split: where the verdict was measured: ``test``, or ``validation`` when the task was not evaluated.
        task: what ``task.json`` says, or None.
        scratch: interval of the accuracy without transfer, ``transferred`` of that with it, ``difference`` of the
            paired differences; all None where no seed finished both.
        error_ratio: the error from scratch divided by the error with transfer, or None.
    """

    anchor: str
    strategy: str
    name: str
    task: Mapping[str, Any] | None
    split: str
    verdict: str
    scratch: Mapping[str, Any] | None
    transferred: Mapping[str, Any] | None
    difference: Mapping[str, Any] | None
    error_ratio: float | None
    picture: str
    curves: str
    phases: tuple[Mapping[str, Any], ...]
    legend: tuple[Curve, ...]
    arms: tuple[Arm, ...]

    @property
    def headline(self) -> str:
        """The verdict in words."""
        return VERDICTS[self.verdict] if self.difference else "Not judged"

    @property
    def sides(self) -> dict[str, str]:
        """The classes of A and of B, with their data sets where these are two."""
        parts = {side: self.task[side] for side in ("a", "b")} if self.task else {}
        of_two = len({part.get("dataset") for part in parts.values()}) > 1
        return {
            side: (f"{part['dataset']}: " if of_two else "") + ", ".join(part["names"]) for side, part in parts.items()
        }

    @property
    def left_out(self) -> int:
        """How many images were taken out of A because they stand in B too."""
        dropped = self.task["checks"].get("dropped", {}) if self.task else {}
        return sum(dropped.get("shared_with_b", {}).values())


@dataclass(frozen=True)
class TransferSection:
    """What a strategy's section shows."""

    anchor: str
    name: str
    question: str
    tasks: tuple[TaskVerdict, ...]
    runs: RunTable


def transfer_section(sources: Sources, suite: Suite) -> TransferSection:
    """One strategy on all its tasks."""
    strategy = suite.extra["strategy"]
    found = {arm.name: arm for arm in arms(sources, suite)}
    tasks = tuple(_verdict(sources, suite, strategy, name, task, found) for name, task in suite.extra["tasks"].items())
    return TransferSection(slug(suite.suite), strategy, suite.question, tasks, run_table(sources, suite))


def _verdict(
    sources: Sources, suite: Suite, strategy: str, name: str, task: Mapping[str, Any], found: Mapping[str, Arm]
) -> TaskVerdict:
    anchor = slug("transfer", strategy, name)
    own = {role: found[arm] for role, arm in task["arms"].items()}
    measured = sources.evaluation["transfer"].get(f"{strategy}/{name}")
    judged, split = (measured, "test") if measured else (task["verdict"], "validation")
    values = {role: _by_seed(sources, suite, own[role], split) for role in ("scratch", "transferred")}
    lines = (
        Curve("from scratch", SCRATCH, "solid", own["scratch"].entries),
        Curve("transferred", TRANSFERRED, "solid", own["transferred"].entries),
    )
    phases = own["transferred"].entries[0].record["phases"]
    return TaskVerdict(
        anchor,
        strategy,
        name,
        sources.tasks.get(name),
        split,
        judged["verdict"],
        judged["scratch"],
        judged["transferred"],
        judged["difference"],
        judged.get("error_ratio"),
        paired(f"{anchor}-paired", values["scratch"], values["transferred"], split) if judged["difference"] else "",
        curves(f"{anchor}-curves", lines, "val_accuracy", phases),
        tuple(phases),
        lines,
        tuple(replace(arm, name=role.replace("_", " ")) for role, arm in own.items()),
    )


def _by_seed(sources: Sources, suite: Suite, arm: Arm, split: str) -> dict[int, float]:
    if split == "validation":
        return arm.by_seed()
    tests = {entry.seed: sources.test(suite.suite, arm.name, entry.seed) for entry in arm.finished}
    return {seed: float(test["accuracy"]) for seed, test in tests.items() if test}
