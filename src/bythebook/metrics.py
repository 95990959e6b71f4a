"""What predictions are worth: accuracy, likelihood, calibration and who is mistaken for whom."""

from __future__ import annotations

from typing import Any

import numpy as np

from bythebook.statistics import proportion_interval

BINS = 15


def describe(probabilities: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Every metric of one model on one set of images.

    Args:
        probabilities: float ``(n, classes)``, rows sum to 1.
        labels: int64 ``(n,)``.

    Returns:
        ``accuracy`` with its Wilson interval, ``nll``, ``ece``, ``per_class`` accuracies, the ``confusion`` matrix
        (rows are true classes) and the number of ``images``.
    """
    predicted = probabilities.argmax(axis=1)
    confusion = confusion_matrix(predicted, labels, probabilities.shape[1])
    share = proportion_interval(int((predicted == labels).sum()), len(labels))
    return {
        "images": len(labels),
        "accuracy": share["mean"],
        "accuracy_low": share["low"],
        "accuracy_high": share["high"],
        "nll": negative_log_likelihood(probabilities, labels),
        "ece": expected_calibration_error(probabilities, labels),
        "per_class": [float(row[i] / row.sum()) if row.sum() else None for i, row in enumerate(confusion)],
        "confusion": confusion.tolist(),
    }


def confusion_matrix(predicted: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """Counts int64 ``(classes, classes)``: row is the true class, column the predicted one."""
    return np.bincount(labels * classes + predicted, minlength=classes * classes).reshape(classes, classes)


def negative_log_likelihood(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The mean of ``-log p(true class)`` in nats; a probability of zero counts as the smallest float32."""
    own = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return float(-np.log(np.maximum(own, np.finfo(np.float32).tiny)).mean())


def expected_calibration_error(probabilities: np.ndarray, labels: np.ndarray, bins: int = BINS) -> float:
    """The mean distance between confidence and accuracy over equal bins of confidence, weighted by their images.

    Source: C. Guo et al., "On Calibration of Modern Neural Networks", 2017.
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    correct = (probabilities.argmax(axis=1) == labels).astype(np.float64)
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = np.bincount(place, weights=confidence - correct, minlength=bins)
    return float(np.abs(gaps).sum() / len(labels))
