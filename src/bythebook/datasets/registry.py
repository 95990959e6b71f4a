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


def check_free(name: str) -> None:
    """Makes sure that a data set of the user's own can have a name.

    Raises:
        UserError: it is the name of a registered one.
    """
    if name in datasets():
        raise UserError(f"datasets.{name}: is the name of a registered dataset, which has no source; choose another.")


def find(name: str) -> Dataset:
    """The dataset called ``name``.

    Raises:
        UserError: there is none; the message lists them and the nearest.
    """
    if name not in datasets():
        raise UserError(f"dataset: {unknown('dataset', name, datasets())} One of your own declares its source.")
    return datasets()[name]
