"""What retrains a run and what does not, on a copy of the program's own source."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bythebook.closure import BYTHEBOOK, closure, digest
from bythebook.runs.run import NEUTRAL, NUMERIC

# A message, and code beside the messages that trains.
MESSAGES = [
    ("validation.py", "is required and was not given.", "is missing."),
    ("validation.py", "give a name, or a mapping with 'name'", "name one"),
    ("errors.py", "Did you mean", "Perhaps"),
]
NUMBERS = [
    ("catalogue.py", "entry.build(**arguments", "entry.build(**{}"),
    ("techniques/dropouts.py", "rate: Share = 0.2", "rate: Share = 0.3"),
    ("techniques/counter_random.py", "0x1BD11BDA", "0x1BD11BDB"),
    ("techniques/dropout_layers.py", "1.0 / kept", "2.0 / kept"),
    ("network.py", 'derived(seed, "dropout", index)', "derived(seed, index)"),
]


@pytest.fixture
def roots(tmp_path: Path) -> dict[str, Path]:
    copied = shutil.copytree(BYTHEBOOK["bythebook"], tmp_path / "bythebook", ignore=shutil.ignore_patterns("*.pyc"))
    return {"bythebook": copied}


def edit(roots: dict[str, Path], file: str, old: str, new: str) -> None:
    path = roots["bythebook"] / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(("file", "old", "new"), MESSAGES)
def test_another_wording_retrains_nothing(roots: dict[str, Path], file: str, old: str, new: str) -> None:
    before = digest(NUMERIC, roots, NEUTRAL)
    edit(roots, file, old, new)
    assert digest(NUMERIC, roots, NEUTRAL) == before


@pytest.mark.parametrize(("file", "old", "new"), NUMBERS)
def test_another_number_retrains(roots: dict[str, Path], file: str, old: str, new: str) -> None:
    before = digest(NUMERIC, roots, NEUTRAL)
    edit(roots, file, old, new)
    assert digest(NUMERIC, roots, NEUTRAL) != before


def test_what_is_neutral_exists_and_would_count_otherwise() -> None:
    counted = closure(NUMERIC)
    assert not [name for name in NEUTRAL if name not in counted]
