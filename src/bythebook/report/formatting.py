"""How numbers and verdicts are written, the same in every table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bythebook.records.interval import Interval
from bythebook.records.study import LabelWorth

NONE = "–"
MINUS = "\u2212"
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
TONES = {"supported": "good", "refuted": "bad"}
TRANSFER_WORDS = {"supported": "helps", "refuted": "hurts", "inconclusive": "unclear"}
ACRONYMS = {"mnist": "MNIST", "notmnist": "notMNIST", "dnn": "DNN", "vs": "vs."}


def percent(share: float | None, digits: int = 2) -> str:
    """A share in [0, 1] as a percentage."""
    return NONE if share is None else f"{100 * share:.{digits}f}%"


def percent_range(interval: Interval | None) -> str:
    """The two ends of an interval of shares; a dash where there is none, as for a single seed."""
    return span_of(*interval.ends) if interval and interval.ends else NONE


def span_of(low: float, high: float) -> str:
    """Two ends of an interval of shares."""
    return f"{100 * max(low, 0.0):.2f}–{100 * min(high, 1.0):.2f}"


def points(difference: float | None) -> str:
    """A difference of two shares in percentage points, with its sign."""
    if difference is None:
        return NONE
    return f"{100 * difference:+.2f}".replace("-", MINUS)


def points_range(interval: Interval) -> str:
    """The two ends of an interval of differences."""
    return f"{points(interval.low)} to {points(interval.high)}" if interval.ends else NONE


def labels(count: float, smallest: int, largest: int) -> str:
    """A number of labels that was looked for between two budgets: at either of them the true one may lie beyond."""
    beyond = " or more" if count >= largest else " or fewer" if count <= smallest else ""
    return f"{count:,.0f}{beyond}"


def worth(equal: LabelWorth | None) -> str:
    """How many labels from scratch give the same error."""
    return NONE if equal is None else labels(equal.labels, equal.smallest, equal.largest)


def worth_range(equal: LabelWorth | None) -> str:
    """The two ends of the interval of :func:`worth`; a dash where there is none."""
    if equal is None or equal.ends is None:
        return NONE
    low, high = (labels(end, equal.smallest, equal.largest) for end in equal.ends)
    return low if low == high else f"{low} to {high}"


def decimal(value: float | None, digits: int = 3) -> str:
    """A number with fixed decimals."""
    return NONE if value is None else f"{value:.{digits}f}".replace("-", MINUS)


def magnitude(number: float) -> str:
    """A positive number of any size to three digits: ``0.0214``, ``200``, ``10⁻⁶``, ``2.5 × 10⁵``."""
    if 0.01 <= number < 1000:
        return f"{number:.3g}"
    digits, exponent = f"{number:.2e}".split("e")
    factor, power = f"{float(digits):g}", "10" + str(int(exponent)).translate(SUPERSCRIPTS)
    return power if factor == "1" else f"{factor} × {power}"


def value(given: Any) -> str:
    """A value of a recipe as a reader would write it."""
    if isinstance(given, Mapping):
        arguments = ", ".join(f"{key} {value(part)}" for key, part in given.items() if key != "name")
        return f"{given.get('name', '')} ({arguments})" if arguments else str(given.get("name", ""))
    if isinstance(given, float):
        return f"{given:.4g}"
    if isinstance(given, list | tuple):
        if len(given) > 1 and all(part == given[0] for part in given):
            return f"{len(given)} × {value(given[0])}"
        return " · ".join(value(part) for part in given) or "none"
    return "none" if given is None else str(given)


def tone(verdict: str | None, default: str = "soft") -> str:
    """The colour of a verdict; ``default`` for one that decides nothing."""
    return TONES.get(str(verdict), default)


def transfer_word(verdict: str | None) -> str:
    """What a verdict says of transfer, in a word; a dash where nothing was judged."""
    return NONE if verdict is None else TRANSFER_WORDS[verdict]


def listed(names: list[str]) -> str:
    """Names in a sentence: ``a``, ``a and b``, ``a, b and c``."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def title(name: str) -> str:
    """A name from a file as a heading."""
    words = " ".join(ACRONYMS.get(word, word) for word in name.replace("_", " ").split())
    return words[:1].upper() + words[1:]


def slug(*parts: str) -> str:
    """An identifier for links and figures, made of letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", "-".join(parts).lower()).strip("-")


def shortened(text: str, length: int = 24) -> str:
    """``text``, cut with an ellipsis where it is longer than ``length`` characters."""
    return text if len(text) <= length else text[: length - 1] + "…"
