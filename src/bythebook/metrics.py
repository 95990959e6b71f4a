"""What predictions are worth: accuracy, likelihood, calibration and who is mistaken for whom."""

from __future__ import annotations

from typing import Any

import numpy as np

from bythebook.statistics import proportion_interval

BINS = 15
# Shares of the images that a model that may abstain still answers, the surest first.
COVERAGES = (0.5, 0.8, 0.9, 0.95, 1.0)


def describe(probabilities: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Every metric of one model on one set of images.

    Args:
        probabilities: float ``(n, classes)``, rows sum to 1.
        labels: int64 ``(n,)``.

    Returns:
        ``accuracy`` with its Wilson interval, ``nll``, ``brier``, ``ece``, ``error_auroc``, accuracies at ``coverage``,
        ``per_class`` accuracies, the ``confusion`` matrix (rows are true classes) and the number of ``images``.
    """
    predicted = probabilities.argmax(axis=1)
    confusion = confusion_matrix(predicted, labels, probabilities.shape[1])
    share = proportion_interval(int((predicted == labels).sum()), len(labels))
    return {
        "images": len(labels),
        "accuracy": share.mean,
        "accuracy_low": share.low,
        "accuracy_high": share.high,
        "nll": negative_log_likelihood(probabilities, labels),
        "brier": brier_score(probabilities, labels),
        "ece": expected_calibration_error(probabilities, labels),
        "error_auroc": error_auroc(probabilities, labels),
        "coverage": accuracy_by_coverage(probabilities, labels),
        "per_class": [float(row[i] / row.sum()) if row.sum() else None for i, row in enumerate(confusion)],
        "confusion": confusion.tolist(),
    }


def accuracy(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The share of images whose most probable class is the true one."""
    return float((probabilities.argmax(axis=1) == labels).mean())


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


def brier_score(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The mean squared distance between the probabilities and the truth, summed over classes: 0 to 2.

    Source: G. W. Brier, "Verification of Forecasts Expressed in Terms of Probability", 1950.
    """
    truth = np.eye(probabilities.shape[1])[labels]
    return float(np.square(probabilities.astype(np.float64) - truth).sum(axis=1).mean())


def entropies(probabilities: np.ndarray) -> np.ndarray:
    """How undecided each prediction is: float64 ``(n,)``, in nats."""
    sure = np.maximum(probabilities.astype(np.float64), np.finfo(np.float32).tiny)
    found: np.ndarray = -(sure * np.log(sure)).sum(axis=1)
    return found


def error_auroc(probabilities: np.ndarray, labels: np.ndarray) -> float | None:
    """How well entropy tells mistakes from right answers: the area under the ROC curve, 0.5 is no better than chance.

    None where all answers are right, or all wrong.
    """
    wrong = probabilities.argmax(axis=1) != labels
    if wrong.all() or not wrong.any():
        return None
    from scipy.stats import rankdata

    ranks = rankdata(entropies(probabilities))
    mistakes = int(wrong.sum())
    return float((ranks[wrong].sum() - mistakes * (mistakes + 1) / 2) / (mistakes * (len(labels) - mistakes)))


def accuracy_by_coverage(probabilities: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """The accuracy on the surest share of the images, for each of :data:`COVERAGES`."""
    surest = np.argsort(-probabilities.max(axis=1), kind="stable")
    right = (probabilities.argmax(axis=1) == labels)[surest]
    return {f"{share:g}": float(right[: max(1, round(share * len(labels)))].mean()) for share in COVERAGES}
