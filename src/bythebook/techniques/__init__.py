"""The techniques of the chapter, one file per family.

Importing this package fills the register of :mod:`bythebook.catalogue`; it does not import TensorFlow. Every technique
documents itself in the same four parts: what it is in one line, ``Formula:``, ``Prefer:`` (when the chapter advises it)
and ``Source:``.
"""

from bythebook.techniques import (
    activations,
    augmentations,
    clipping,
    constraints,
    dropouts,
    initializers,
    losses,
    normalizers,
    optimizers,
    regularizers,
    schedules,
    strategies,
)

__all__ = [
    "activations",
    "augmentations",
    "clipping",
    "constraints",
    "dropouts",
    "initializers",
    "losses",
    "normalizers",
    "optimizers",
    "regularizers",
    "schedules",
    "strategies",
]
