"""Which edits of a small program change the digest of a definition, and which do not."""

from __future__ import annotations

from pathlib import Path

import pytest
from sources import digest, reach

PROGRAM = '''
import logging

import numpy as np

from package.low import RATE, helper

log = logging.getLogger(__name__)


def f(images, labels, weight=2):
    """Doc."""
    scale = RATE * weight  # a comment
    found = [helper(image, factor=scale) for image in images]
    if not found:
        raise ValueError(f"no images, but {len(labels)} labels")
    log.info("found %d", len(found))
    total = 0

    def add(value):
        nonlocal total
        total += value

    for each in found:
        add(each)
    try:
        with np.errstate(all="ignore") as state:
            total /= len(labels)
    except ZeroDivisionError as error:
        total = str(error)
    return np.asarray(total), state
'''
LOW = """
RATE = 0.5


def helper(image, factor):
    half = image / 2
    return half * factor


def unused():
    return 3
"""

SAME = {
    "a local": {"scale": "size"},
    "a local of a comprehension": {"image, factor=scale": "i, factor=scale", "for image in": "for i in"},
    "the name of a function within": {"add": "increase"},
    "the name of an exception": {"as error": "as problem", "str(error)": "str(problem)"},
    "the name of a context": {"as state": "as kept", ", state": ", kept"},
    "an annotation": {"weight=2):": 'weight: "float" = 2) -> "tuple[float, ...]":'},
    "an annotated local": {"total = 0": "total: float = 0"},
    "a docstring": {"Doc.": "Another."},
    "a comment and the layout": {"* weight  # a comment": "* (\n        weight\n    )"},
    "a message": {"found %d": "there are %d"},
    "the text of an error": {"no images, but": "not one image, and"},
    "another function beside it": {"def f(": "def g():\n    return 1\n\n\ndef f("},
    "another import": {"import numpy": "import json\n\nimport numpy"},
    "what an import is called": {"numpy as np": "numpy as n", "np.": "n."},
    "an import within the function": {"import numpy as np\n": "", "    scale": "    import numpy as np\n\n    scale"},
    "a module that is imported in the place of its names": {
        "package.low import RATE, helper": "package import low",
        "RATE *": "low.RATE *",
        "helper(": "low.helper(",
    },
}
OTHER = {
    "a constant of its own": {"total = 0": "total = 1"},
    "a float for an integer": {"total = 0": "total = 0.0"},
    "an operator": {"total += value": "total -= value"},
    "another local": {"factor=scale": "factor=weight"},
    "another function of a library": {"np.asarray": "np.array"},
    "a default": {"weight=2": "weight=3"},
    "the name of a parameter of what is asked for, which its callers may use": {"weight": "strength"},
    "the order of parameters": {"images, labels,": "labels, images,"},
    "another error": {"raise ValueError": "raise TypeError"},
    "a condition": {"if not found": "if found"},
    "a function that is not called any more": {"helper(image, factor=scale)": "image"},
}
OTHER_LOW = {
    "a constant that is used": {"RATE = 0.5": "RATE = 0.6"},
    "the code of what is called": {"image / 2": "image / 3"},
    "the order of its parameters, which changes calls by place": {"image, factor)": "factor, image)"},
}
SAME_LOW = {
    "what is not called": {"return 3": "return 4"},
    "a local of what is called": {"half": "part"},
    "a parameter that nobody gives by name": {"image": "picture"},
}


def edited(text: str, edits: dict[str, str]) -> str:
    for old, new in edits.items():
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("edit", SAME)
def test_an_edit_that_cannot_change_a_number_keeps_the_digest(edit: str, tmp_path: Path) -> None:
    assert digest(tmp_path, edited(PROGRAM, SAME[edit]), low=LOW) == digest(tmp_path, PROGRAM, low=LOW)


@pytest.mark.parametrize("edit", OTHER)
def test_an_edit_that_can_change_a_number_changes_the_digest(edit: str, tmp_path: Path) -> None:
    assert digest(tmp_path, edited(PROGRAM, OTHER[edit]), low=LOW) != digest(tmp_path, PROGRAM, low=LOW)


@pytest.mark.parametrize("edit", SAME_LOW)
def test_what_is_called_can_be_rewritten_without_a_trace(edit: str, tmp_path: Path) -> None:
    assert digest(tmp_path, PROGRAM, low=edited(LOW, SAME_LOW[edit])) == digest(tmp_path, PROGRAM, low=LOW)


@pytest.mark.parametrize("edit", OTHER_LOW)
def test_what_is_called_counts(edit: str, tmp_path: Path) -> None:
    assert digest(tmp_path, PROGRAM, low=edited(LOW, OTHER_LOW[edit])) != digest(tmp_path, PROGRAM, low=LOW)


def test_a_function_may_be_renamed_and_moved(tmp_path: Path) -> None:
    moved = edited(PROGRAM, {"package.low import RATE, helper": "package.far.away import SPEED, assist"})
    moved = edited(moved, {"RATE *": "SPEED *", "helper(": "assist("})
    far = edited(LOW, {"RATE": "SPEED", "helper": "assist"})
    files = {"m.py": moved, "far/__init__.py": "", "far/away.py": far}
    assert reach(tmp_path / "moved", files, "m.f").digest == digest(tmp_path, PROGRAM, low=LOW)


def test_a_parameter_and_the_calls_that_name_it_may_be_renamed_together(tmp_path: Path) -> None:
    renamed = digest(tmp_path, edited(PROGRAM, {"factor=": "times="}), low=edited(LOW, {"factor": "times"}))
    assert renamed == digest(tmp_path, PROGRAM, low=LOW)


def test_parameters_that_swap_their_names_are_another_call(tmp_path: Path) -> None:
    swapped = edited(
        LOW, {"(image, factor)": "(factor, image)", "image / 2": "factor / 2", "half * factor": "half * image"}
    )
    assert digest(tmp_path, PROGRAM, low=swapped) != digest(tmp_path, PROGRAM, low=LOW)


def test_a_function_that_is_handed_on_keeps_the_names_of_its_parameters(tmp_path: Path) -> None:
    text = "def g(shape):\n    return shape\n\n\ndef f(use):\n    return use(g)\n"
    assert digest(tmp_path, text) != digest(tmp_path, edited(text, {"shape": "size"}))


CLASSES = """
from dataclasses import dataclass
from typing import ClassVar, Protocol

import keras


class Small(Protocol):
    def size(self) -> int: ...


@dataclass(frozen=True)
class Pair:
    first: int
    second: int = 2

    def total(self, factor):
        result = self.first + self.second
        return result * factor


class Layer(keras.layers.Layer):
    def call(self, inputs, training=False):
        return inputs


def f():
    pair = Pair(1)
    return pair.total(2), Layer()
"""


@pytest.mark.parametrize(
    "edits",
    [
        {"Pair": "Two"},
        {"result": "found"},
        {"first: int": 'first: "float"'},
        {"-> int": "-> float", "Small": "Little"},
        {"class Small(Protocol):\n    def size(self) -> int: ...\n": ""},
    ],
)
def test_classes_keep_their_digest(edits: dict[str, str], tmp_path: Path) -> None:
    assert digest(tmp_path, edited(CLASSES, edits)) == digest(tmp_path, CLASSES)


@pytest.mark.parametrize(
    "edits",
    [
        {"total": "sum"},
        {"self.first + self.second": "self.first - self.second"},
        {"second: int = 2": "second = 2"},
        {"second: int = 2": "second: ClassVar[int] = 2"},
        {"first: int\n    second: int = 2": "second: int\n    first: int = 2"},
        {"(self, factor)": "(self, times)", "result * factor": "result * times"},
        {"frozen=True": "frozen=False"},
        {"class Layer": "class Other", "Layer()": "Other()"},
        {"inputs, training=False": "inputs, train=False"},
    ],
)
def test_classes_change_their_digest(edits: dict[str, str], tmp_path: Path) -> None:
    assert digest(tmp_path, edited(CLASSES, edits)) != digest(tmp_path, CLASSES)


def test_what_is_cut_away_is_not_followed_and_leaves_no_name(tmp_path: Path) -> None:
    def found(name: str, cut: tuple[str, ...]) -> str:
        text = (
            f"from package import low\nfrom package.low import {name}\n\ndef f():\n    return {name}() + low.{name}()\n"
        )
        low = f"def {name}():\n    return 1\n"
        return reach(tmp_path / name / str(len(cut)), {"m.py": text, "low.py": low}, "m.f", cut=cut).digest

    assert found("one", ("package.low",)) == found("another", ("package.low",))
    assert found("one", ("package.low.one",)) == found("one", ("package.low",)) != found("one", ())


def test_loose_statements_of_what_is_imported_count(tmp_path: Path) -> None:
    text = "from package import low\n\n\ndef f():\n    return 1\n"
    quiet, loud = "X = []\n", "X = []\nX.append(1)\n"
    assert digest(tmp_path, text, low=quiet) == digest(tmp_path, text, low="X = {}\n")
    assert digest(tmp_path, text, low=loud) != digest(tmp_path, text, low=quiet)
    assert digest(tmp_path, text, low=loud) != digest(tmp_path, text, low=edited(loud, {"(1)": "(2)"}))


def test_definitions_that_call_each_other_have_a_digest(tmp_path: Path) -> None:
    text = "def f(n):\n    return g(n)\n\n\ndef g(n):\n    return n if n < 2 else f(n - 1)\n"
    assert digest(tmp_path, text) == digest(tmp_path, edited(text, {"g(": "h("}))
    assert digest(tmp_path, text) != digest(tmp_path, edited(text, {"n - 1": "n - 2"}))


def test_a_name_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no definition 'package\.m\.g'"):
        reach(tmp_path, {"m.py": "def f():\n    pass\n"}, "m.g")
