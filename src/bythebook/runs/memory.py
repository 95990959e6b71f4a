"""The memory that a set of tasks will need, known before the first of them starts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from bythebook.errors import UserError
from bythebook.fused.fit import VALIDATION_BATCH
from bythebook.records.recipe import Recipe
from bythebook.runs.task_queue import Expectation

MB = 1 << 20
# Proportional set sizes (PSS: shared pages divided among their users) on Linux with TensorFlow 2.21, rounded up. To
# measure them again, sum memory_full_info().pss of psutil over the processes below a stage that trains a small net.
# A process that has imported TensorFlow and Keras, from which workers are forked:
MOTHER = 650 * MB
# A worker that has compiled and trained a dozen small nets, forked from it or started from nothing:
FORKED, SPAWNED = 350 * MB, 1000 * MB
# The stage's own process, when it has begun to talk to MLflow:
STAGE = 250 * MB

# Data sets that a worker keeps at hand (bythebook.datasets.array_cache); what it has used before can leave memory.
VIEWS = 4
NUMBER = 4
# Numbers kept for every weight: itself, its copy in the compiled program, its gradient, its best value so far, at most
# three of an optimizer's, and one while they are updated.
PER_WEIGHT = 8
# Numbers kept for every unit and image of a batch: its output, its gradient, and one between layers.
PER_OUTPUT = 3


@dataclass(frozen=True)
class MemoryPlan:
    """What a set of tasks needs, in bytes.

    Attributes:
        workers: how many tasks run at a time.
        start: what is there once, before any worker.
        each: a worker before its first task.
        largest: what the most demanding task adds to its worker.
        shared: what all workers have in common at any one time.
    """

    workers: int
    start: int
    each: int
    largest: int
    shared: int

    @classmethod
    def of(cls, expected: Sequence[Expectation], workers: int, forked: bool) -> MemoryPlan:
        """The plan for tasks on at most ``workers`` processes."""
        sizes = sorted(size for _, size in {share for expectation in expected for share in expectation.shared})
        return cls(
            workers=min(workers, len(expected)),
            start=STAGE + (MOTHER if forked else 0),
            each=FORKED if forked else SPAWNED,
            largest=max((expectation.memory for expectation in expected), default=0),
            shared=sum(sizes[-workers * VIEWS :]),
        )

    @property
    def total(self) -> int:
        """All of it."""
        return self.start + self.shared + self.workers * (self.each + self.largest)

    def refuse_beyond(self, free: int) -> None:
        """Lets the plan pass if it fits into ``free`` bytes.

        Raises:
            UserError: it does not; with the numbers, and what would fit.
        """
        if self.total <= free:
            return
        once, one = self.start + self.shared, self.each + self.largest
        fitting = max(0, (free - once) // one)
        hint = (
            f"{fitting} would fit: set workers to {fitting}."
            if fitting
            else f"Not even one fits, with {_gb(once + one)}: free some memory, or make nets or batches smaller."
        )
        raise UserError(
            f"not enough memory for {self.workers} workers: each needs {_gb(one)} ({_gb(self.each)} to be there and "
            f"{_gb(self.largest)} for the largest net), together they need {_gb(self.shared)} for images and "
            f"{_gb(self.start)} to start from, in all {_gb(self.total)}; {_gb(free)} is free. {hint}"
        )

    def refuse_elsewhere(self, offered: int | None) -> None:
        """Lets the plan pass if a worker fits into the memory of the largest machine of a cluster, if that is known.

        Raises:
            UserError: it does not.
        """
        one = self.shared + self.each + self.largest
        if offered is not None and one > offered:
            raise UserError(
                f"not enough memory for a worker: it needs {_gb(one)} ({_gb(self.each)} to be there, "
                f"{_gb(self.largest)} for the largest net and {_gb(self.shared)} for images), and the largest "
                f"machine of the cluster offers {_gb(offered)}. Add a larger one, or make nets or batches smaller."
            )


def net(recipe: Recipe, pixels: int, classes: int) -> int:
    """Bytes that training a recipe's net needs besides its data.

    Args:
        recipe: a resolved recipe.
        pixels: values per image.
        classes: units of the output layer.
    """
    widths = [pixels, *recipe["hidden"], classes]
    weights = sum((before + 1) * after for before, after in zip(widths, widths[1:], strict=False))
    if recipe["normalizer"]:
        weights += 4 * sum(widths)
    outputs = max(recipe["batch_size"], VALIDATION_BATCH) * sum(widths)
    return NUMBER * (PER_WEIGHT * weights + PER_OUTPUT * outputs)


def free(groups: Path = Path("/sys/fs/cgroup"), own: Path = Path("/proc/self/cgroup")) -> int:
    """Bytes that this process and its children can still take: what the machine has, or a container's limit leaves.

    Args:
        groups: where Linux mounts control groups, of version 1 or 2.
        own: the file that names this process's groups.
    """
    return max(0, min([int(psutil.virtual_memory().available), *_left(groups, own)]))


def _left(groups: Path, own: Path) -> Iterator[int]:
    """What each limit on this process's groups, and on the groups around them, leaves."""
    lines = own.read_text().splitlines() if own.is_file() else []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers not in ("", "memory"):
            continue
        root = groups / controllers
        names = ("memory.max", "memory.current", "inactive_file")
        if controllers:
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        folder = root / path.lstrip("/")
        for group in [folder, *(parent for parent in folder.parents if parent.is_relative_to(root))]:
            limit = group / names[0]
            if limit.is_file() and limit.read_text().strip() != "max":
                used = int((group / names[1]).read_text())
                yield int(limit.read_text()) - used + _reclaimable(group / "memory.stat", names[2])


def _reclaimable(statistics: Path, name: str) -> int:
    """Pages of files that the kernel drops when a group needs memory; they count as used."""
    lines = statistics.read_text().splitlines() if statistics.is_file() else []
    return sum(int(line.split()[1]) for line in lines if line.split()[0] == name)


def _gb(size: int) -> str:
    return f"{size / (1 << 30):.2f} GB"
