"""Losses. Each returns a Keras loss over probabilities (not logits) that averages over the batch."""

from __future__ import annotations

from typing import Any

from bythebook.catalogue import technique
from bythebook.lazy import keras


@technique("loss")
def sparse_categorical_crossentropy() -> Any:
    """Cross-entropy of one class among several; labels are class numbers, shape ``(n,)``.

    Formula: -log p[y]
    Prefer: for exclusive classes given as numbers, with a softmax output.
    Source: chapter 10, "Compiling the Model".
    """
    return keras.losses.SparseCategoricalCrossentropy()


@technique("loss")
def categorical_crossentropy() -> Any:
    """Cross-entropy of one class among several; labels are one-hot, shape ``(n, classes)``.

    Formula: -sum y log(p / sum p)
    Prefer: for exclusive classes given as one-hot rows, with a softmax output.
    Source: chapter 10, "Compiling the Model".
    """
    return keras.losses.CategoricalCrossentropy()


@technique("loss")
def binary_crossentropy() -> Any:
    """Cross-entropy of independent yes/no outputs; labels are 0 or 1 in the shape of the outputs.

    Formula: mean over outputs of -(y log p + (1 - y) log(1 - p))
    Prefer: for two classes, with one sigmoid output.
    Source: chapter 10, "Compiling the Model".
    """
    return keras.losses.BinaryCrossentropy()


@technique("loss")
def mean_squared_error() -> Any:
    """Mean squared difference; labels have the shape of the outputs (one-hot for classes).

    Formula: mean over outputs of (y - p)^2
    Prefer: for regression; with sigmoid outputs it learns slower than cross-entropy, which is why it is here.
    Source: chapter 10, "Regression MLPs".
    """
    return keras.losses.MeanSquaredError()
