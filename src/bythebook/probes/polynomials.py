"""Why an l2 penalty makes a model simpler: powers that cost too much are no longer used."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bythebook.probes.registry import Arms, probe

TRUTH = (1.0, 2.0, 3.0)
SAMPLES, DEVIATION = 30, 0.5
DEGREE, PENALTY = 4, 5000.0
POINTS = 401


@probe(seeds=30, sides=["free", "penalized", "parabola"], metrics=["high_coefficients", "distance_to_parabola"])
def polynomials(seeds: Sequence[int]) -> Arms:
    """Does a penalty on the high powers turn a polynomial of degree 4 into a parabola?

    30 points of ``1 + 2 x + 3 x^2`` on [-1, 1] with normal noise of deviation 0.5, fitted by least squares: ``free``
    with degree 4, ``penalized`` with degree 4 and ``5000 b3^2 + 5000 b4^2`` added to the sum of squared errors,
    ``parabola`` with degree 2. ``high_coefficients`` is the larger of ``|b3|`` and ``|b4|``;
    ``distance_to_parabola`` the largest difference from the parabola's curve on [-1, 1].

    Source: source note S001.
    """
    x = np.linspace(-1, 1, SAMPLES)
    noise = np.stack([np.random.default_rng(seed).normal(0, DEVIATION, SAMPLES) for seed in seeds])
    y = _powers(x, len(TRUTH) - 1) @ np.array(TRUTH) + noise
    parabola = np.pad(fitted(x, y, 2), [(0, 0), (0, DEGREE - 2)])
    sides = {"free": fitted(x, y, DEGREE), "penalized": fitted(x, y, DEGREE, PENALTY), "parabola": parabola}
    return {name: _compared(coefficients, parabola) for name, coefficients in sides.items()}


def fitted(x: np.ndarray, y: np.ndarray, degree: int, penalty: float = 0.0) -> np.ndarray:
    """Coefficients ``(seeds, degree + 1)``, the constant first, of the least sum of squared errors plus penalty.

    Args:
        x: places ``(n,)``.
        y: values ``(seeds, n)``.
        penalty: what the square of every coefficient beyond the parabola's costs.
    """
    # A penalty on b^2 is one more point, where the power is the root of the penalty and the value is 0.
    dear = np.sqrt(penalty) * np.eye(degree + 1)[3:]
    powers = np.concatenate([_powers(x, degree), dear])
    values = np.concatenate([y.T, np.zeros((len(dear), len(y)))])
    found: np.ndarray = np.linalg.lstsq(powers, values, rcond=None)[0].T
    return found


def _powers(x: np.ndarray, degree: int) -> np.ndarray:
    return np.vander(x, degree + 1, increasing=True)


def _compared(coefficients: np.ndarray, parabola: np.ndarray) -> dict[str, np.ndarray]:
    curves = _powers(np.linspace(-1, 1, POINTS), DEGREE)
    return {
        "high_coefficients": np.abs(coefficients[:, 3:]).max(axis=1),
        "distance_to_parabola": np.abs((coefficients - parabola) @ curves.T).max(axis=1),
    }
