"""Which waiting task a free worker starts: long ones first, and those whose shape the worker has compiled."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Expectation:
    """What a task will take.

    Attributes:
        seconds: how long it will run; only the ratio between tasks counts.
        group: tasks of one group share what a worker has to get ready once, such as a compiled program.
        memory: bytes that a worker needs of its own while it runs the task.
        shared: bytes that all workers have in common, by a name for what they hold.
    """

    seconds: float = 1.0
    group: str = ""
    memory: int = 0
    shared: tuple[tuple[str, int], ...] = field(default=())


Expect = Callable[[Any], Expectation]


class TaskQueue:
    """The waiting tasks, and which of them goes next.

    A task that alone takes more than half of what is left for each worker goes at once, the longest first: started
    late it would be the one that everybody waits for. Otherwise a worker takes a task of a group that it has served,
    then one of a group that nobody has served, then any; the longest of them each time. A free worker always gets a
    task while one waits.

    Args:
        workers: how many tasks run at a time.
        expected: what the first tasks will take, by number.
    """

    def __init__(self, workers: int, expected: Sequence[Expectation] = ()) -> None:
        self._workers = workers
        self._expected: list[Expectation] = []
        self._waiting: set[int] = set()
        self.add(expected)

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, expected: Sequence[Expectation]) -> None:
        """Lets further tasks wait, numbered on from those there were."""
        self._waiting.update(range(len(self._expected), len(self._expected) + len(expected)))
        self._expected += expected

    def next(self, own: Set[str] = frozenset(), others: Set[str] = frozenset()) -> int:
        """Takes the number of the task that a free worker starts.

        Args:
            own: the groups that this worker has served.
            others: the groups that other workers have served.

        Raises:
            ValueError: no task waits.
        """

        def rank(index: int) -> int:
            group = self._expected[index].group
            return 0 if group in own else 2 if group in others else 1

        def longest(index: int) -> float:
            return -self._expected[index].seconds

        urgent = min(self._waiting, key=lambda index: (longest(index), rank(index), index))
        left = sum(self._expected[index].seconds for index in self._waiting) / self._workers
        if self._expected[urgent].seconds > left / 2:
            chosen = urgent
        else:
            chosen = min(self._waiting, key=lambda index: (rank(index), longest(index), index))
        self._waiting.remove(chosen)
        return chosen

    def put_back(self, index: int) -> None:
        """Lets a started task wait again, because its worker died."""
        self._waiting.add(index)
