"""Compiled programs on disk: other processes read them, and nothing depends on them."""

from __future__ import annotations

import logging
import os
import signal
from functools import partial
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from bythebook.lazy import keras
from bythebook.runs.executor import Observe
from bythebook.runs.local_executor import LocalExecutor
from bythebook.training import compiled, fused
from bythebook.training.determinism import prepare_process


def train(_: int, emit: Observe) -> tuple[int, list[str], str]:
    """A worker's process, what it said, and the digest of what it trained."""
    said: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("bythebook").addHandler(handler)
    keras.utils.set_random_seed(0)
    random = np.random.default_rng(0)
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(16, activation="elu"), keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer="nadam")
    x, y = (random.normal(size=(100, width)).astype("float32") for width in (8, 1))
    fused.fit(model, x, y, epochs=2)
    return os.getpid(), said, sha256(b"".join(array.tobytes() for array in model.get_weights())).hexdigest()


def prepare(root: Path) -> None:
    """As a stage prepares its workers."""
    prepare_process(root)
    keras.version()


def programs(root: Path) -> list[Path]:
    return sorted(compiled.folder(root).glob("*"))


@pytest.mark.usefixtures("one_thread_each")
def test_another_process_reads_them_to_the_same_bytes_and_damaged_ones_are_made_again(tmp_path: Path) -> None:
    with LocalExecutor(1, partial(prepare, tmp_path), fork=True) as executor:

        def trained() -> tuple[list[str], str]:
            """In a worker of its own."""
            ((process, said, digest),) = executor.map(train, [0], lambda event: None)
            os.kill(process, signal.SIGKILL)
            return said, digest

        said, first = trained()
        kept = {path: path.read_bytes() for path in programs(tmp_path)}
        assert kept and not said
        assert trained() == ([], first)
        assert {path: path.read_bytes() for path in programs(tmp_path)} == kept
        for path, content in kept.items():
            path.write_bytes(content[: len(content) // 2])
        assert trained() == (["the compiled programs on disk cannot be read, and are compiled again"], first)
        assert programs(tmp_path)


def test_programs_of_other_processors_and_the_oldest_beyond_the_limit_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, own = tmp_path / "0123456789abcdef", compiled.folder(tmp_path)
    for folder in (other, own):
        folder.mkdir()
        for age in range(4):
            (folder / f"{age}.pb").write_bytes(b"0" * 10)
            os.utime(folder / f"{age}.pb", (1000 - age, 1000 - age))
    monkeypatch.setattr(compiled, "LARGEST_BYTES", 25)
    compiled.tidy(tmp_path)
    assert not other.exists()
    assert [path.name for path in programs(tmp_path)] == ["0.pb", "1.pb"]
