from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix, log_loss, roc_auc_score

from bythebook import metrics


def predictions(seed: int, n: int = 200, classes: int = 4) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    raw = random.exponential(size=(n, classes))
    return raw / raw.sum(axis=1, keepdims=True), random.integers(0, classes, n)


@given(st.integers(0, 2**16))
def test_they_agree_with_scikit_learn(seed: int) -> None:
    probabilities, labels = predictions(seed)
    found = metrics.describe(probabilities, labels)
    predicted = probabilities.argmax(axis=1)
    assert found["accuracy"] == pytest.approx(accuracy_score(labels, predicted))
    assert found["nll"] == pytest.approx(log_loss(labels, probabilities, labels=range(4)))
    expected = confusion_matrix(labels, predicted, labels=range(4))
    assert np.array_equal(found["confusion"], expected)
    assert found["per_class"] == pytest.approx(list(expected.diagonal() / expected.sum(axis=1)))
    assert found["brier"] == pytest.approx(np.square(probabilities - np.eye(4)[labels]).sum(axis=1).mean())
    assert found["error_auroc"] == pytest.approx(roc_auc_score(predicted != labels, metrics.entropies(probabilities)))
    assert found["coverage"]["1"] == pytest.approx(found["accuracy"])
    assert found["accuracy_low"] <= found["accuracy"] <= found["accuracy_high"]


def test_a_calibrated_model_has_no_calibration_error_and_a_sure_wrong_one_has_all() -> None:
    sure = np.array([[1.0, 0.0]] * 10)
    assert metrics.expected_calibration_error(sure, np.zeros(10, int)) == 0
    assert metrics.expected_calibration_error(sure, np.ones(10, int)) == 1
    hedged = np.array([[0.8, 0.2]] * 10)
    assert metrics.expected_calibration_error(hedged, np.array([0] * 8 + [1] * 2)) == pytest.approx(0)


def test_an_impossible_truth_gives_a_finite_likelihood() -> None:
    assert np.isfinite(metrics.negative_log_likelihood(np.array([[1.0, 0.0]]), np.array([1])))


def test_a_class_without_images_has_no_accuracy() -> None:
    assert metrics.describe(np.array([[0.9, 0.1]]), np.array([0]))["per_class"] == [1.0, None]


def test_entropy_tells_mistakes_only_where_there_are_both() -> None:
    hedged_where_wrong = np.array([[0.99, 0.01]] * 9 + [[0.5, 0.5]])
    assert metrics.error_auroc(hedged_where_wrong, np.array([0] * 9 + [1])) == 1
    assert metrics.error_auroc(hedged_where_wrong, np.array([1] * 9 + [0])) == 0
    assert metrics.error_auroc(hedged_where_wrong, np.zeros(10, int)) is None


def test_who_abstains_where_unsure_is_right_more_often() -> None:
    found = metrics.accuracy_by_coverage(np.array([[0.99, 0.01]] * 9 + [[0.5, 0.5]]), np.array([0] * 9 + [1]))
    assert (found["0.9"], found["1"]) == (1.0, 0.9)
