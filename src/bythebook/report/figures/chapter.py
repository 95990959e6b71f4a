"""The chapter's own pictures: functions and what they do to numbers, drawn from their formulas."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from scipy import special, stats

from bythebook.report.figures.canvas import count_axis, drawing, percent_axis
from bythebook.report.theme import dash, light, series

Curve = Callable[[np.ndarray], np.ndarray]

# As the registered activations compute them, with their default arguments; a test holds them together.
ALPHA, SCALE = 1.6732632423543772, 1.0507009873554805
ACTIVATIONS: Mapping[str, Curve] = {
    "sigmoid": special.expit,
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.2 * z),
    "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "selu": lambda z: SCALE * np.where(z > 0, z, ALPHA * np.expm1(np.minimum(z, 0))),
    "gelu": lambda z: z * stats.norm.cdf(z),
    "swish": lambda z: z * special.expit(z),
    "mish": lambda z: z * np.tanh(np.logaddexp(0, z)),
}
SATURATING = ("sigmoid", "tanh")
RECTIFIERS = ("relu", "leaky_relu", "elu", "selu")
SMOOTH = ("gelu", "swish", "mish")
EPOCHS, STEPS = 25, 1719
LOGITS = (2.0, 1.0, 0.0, -1.0)


def activations(name: str, shown: Sequence[str], derivatives: bool = False) -> str:
    """Activation functions, or their derivatives, from -4 to 4."""
    what = "Derivatives of " if derivatives else ""
    z = np.linspace(-4, 4, 401)
    with drawing(name, f"{what}{', '.join(shown)} from -4 to 4".capitalize(), 230) as sheet:
        for index, activation in enumerate(shown):
            values = ACTIVATIONS[activation](z)
            _line(sheet.axes, z, np.gradient(values, z) if derivatives else values, index, activation)
        sheet.axes.set_xlabel("z")
        _labelled(sheet.axes)
    return sheet.svg


def schedules(name: str) -> str:
    """Learning rates over 25 epochs, as shares of the first or, for 1cycle, of the largest."""
    epochs = np.linspace(0, EPOCHS, 501)
    shown = {
        "power": 1 / (1 + epochs * STEPS / 10_000),
        "exponential": 0.1 ** (epochs / 20),
        "piecewise": np.select([epochs < 5, epochs < 15], [1.0, 0.5], 0.1),
        "one_cycle": np.interp(epochs / EPOCHS, [0, 0.45, 0.9, 1], [0.1, 1, 0.1, 0.0001]),
    }
    with drawing(name, "Learning rate schedules over 25 epochs: " + ", ".join(shown), 230) as sheet:
        for index, (schedule, values) in enumerate(shown.items()):
            _line(sheet.axes, epochs, values, index, schedule)
        sheet.axes.set_xlabel("epoch")
        sheet.axes.set_ylabel("share of the learning rate")
        percent_axis(sheet.axes.yaxis)
        count_axis(sheet.axes.xaxis)
        _labelled(sheet.axes)
    return sheet.svg


def softmax(name: str) -> str:
    """The same four outputs through softmax and through sigmoids."""
    logits = np.array(LOGITS)
    sides = {"softmax": special.softmax(logits), "sigmoids": special.expit(logits)}
    with drawing(
        name, "Four outputs through softmax, which sum to 1, and through sigmoids, which do not", 230
    ) as sheet:
        for index, (side, values) in enumerate(sides.items()):
            places = np.arange(len(logits)) + 0.4 * (index - 0.5)
            total = f"{side}, sum {values.sum():.2f}"
            sheet.axes.bar(places, values, 0.36, color=light(series(index)), label=total)
        sheet.axes.set_xticks(range(len(logits)), [f"{logit:g}" for logit in logits])
        sheet.axes.set_xlabel("output before")
        percent_axis(sheet.axes.yaxis)
        _labelled(sheet.axes)
    return sheet.svg


def dropout(name: str) -> str:
    """Which of 24 units five batches keep at a rate of 0.5."""
    kept = np.random.default_rng(0).uniform(size=(5, 24)) >= 0.5
    with drawing(name, "Which of 24 units five batches keep at a dropout rate of one half", 150) as sheet:
        rows, columns = np.nonzero(kept)
        sheet.axes.plot(columns + 1, rows + 1, "s", color=light("series-0"), markersize=9)
        rows, columns = np.nonzero(~kept)
        sheet.axes.plot(columns + 1, rows + 1, "s", color=light("line"), markersize=9)
        sheet.axes.set_xlabel("unit")
        sheet.axes.set_ylabel("batch")
        sheet.axes.set_ylim(5.6, 0.4)
        sheet.axes.grid(visible=False)
        count_axis(sheet.axes.yaxis)
    return sheet.svg


def batch_norm(name: str) -> str:
    """The outputs of one unit over a batch, before and after normalization."""
    before = np.random.default_rng(0).gamma(3, 1.2, 2000) + 1
    after = (before - before.mean()) / before.std()
    with drawing(name, "Outputs of one unit over a batch, before and after batch normalization", 230) as sheet:
        for index, (side, values) in enumerate((("before", before), ("after", after))):
            label = f"{side}: mean {abs(values.mean()):.1f}, deviation {values.std():.1f}"
            sheet.axes.hist(values, 40, color=light(series(index)), alpha=0.75, label=label)
        sheet.axes.set_xlabel("output")
        sheet.axes.set_ylabel("images")
        _labelled(sheet.axes)
    return sheet.svg


def _line(axes: Axes, x: np.ndarray, y: np.ndarray, index: int, label: str) -> None:
    axes.plot(x, y, color=light(series(index)), linestyle=dash(index), label=label)


def _labelled(axes: Axes) -> None:
    axes.legend(frameon=False, fontsize=10, handlelength=1.6)
    axes.margins(x=0.02)
