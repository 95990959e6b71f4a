"""All datasets, by name."""

from __future__ import annotations

from collections.abc import Mapping

from bythebook.datasets import dataset, sources
from bythebook.datasets.dataset import Dataset
from bythebook.errors import UserError, unknown

# Named, so that importing this module registers them.
REGISTERING = (sources,)


def datasets() -> Mapping[str, Dataset]:
    """Every registered dataset, by name."""
    return dataset.REGISTER


def find(name: str) -> Dataset:
    """The dataset called ``name``.

    Raises:
        UserError: there is none; the message lists them and the nearest.
    """
    if name not in datasets():
        raise UserError(f"dataset: {unknown('dataset', name, datasets())}")
    return datasets()[name]
