"""Label budgets: how many of task B's training images a net is shown, each part of every larger one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def first_labels(labels: NDArray[Any], budget: int) -> NDArray[np.int64]:
    """The positions of the first ``budget`` images, ascending, with at least one image of every class.

    In the line that budgets are cut from, the first image of each class comes first and all others follow in the order
    of the data, which is shuffled. So every budget is part of each larger one, and it is the first images as they stand
    wherever all classes are among those.

    Args:
        labels: of all images, ``(n,)``.
        budget: from the number of classes to ``n``.

    Raises:
        ValueError: the budget is smaller or larger, in a sentence.
    """
    _, first = np.unique(labels, return_index=True)
    if budget > len(labels):
        raise ValueError(f"{budget} labels asked for, but there are {len(labels)} training images.")
    if budget < len(first):
        raise ValueError(f"{budget} labels asked for, but {len(first)} classes need at least one each.")
    others = np.setdiff1d(np.arange(len(labels)), first)
    return np.sort(np.concatenate([first, others[: budget - len(first)]])).astype(np.int64)
