"""Compiled programs on disk: other processes read them, and nothing depends on them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bythebook.training import compiled

TRAIN = """
import hashlib, logging, sys
from pathlib import Path
from bythebook.training.determinism import prepare_process
logging.basicConfig(stream=sys.stdout, format="%(message)s")
prepare_process(Path(sys.argv[1]))
import keras
import numpy as np
from bythebook.training import fused
random = np.random.default_rng(0)
keras.utils.set_random_seed(0)
model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(16, activation="elu"), keras.layers.Dense(1)])
model.compile(loss="mse", optimizer="nadam")
x, y = (random.normal(size=(100, width)).astype("float32") for width in (8, 1))
fused.fit(model, x, y, epochs=2)
print(hashlib.sha256(b"".join(array.tobytes() for array in model.get_weights())).hexdigest())
"""


def trained(root: Path) -> list[str]:
    done = subprocess.run([sys.executable, "-c", TRAIN, str(root)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def programs(root: Path) -> list[Path]:
    return sorted(compiled.folder(root).glob("*"))


def test_another_process_reads_them_to_the_same_bytes_and_damaged_ones_are_made_again(tmp_path: Path) -> None:
    first = trained(tmp_path)
    kept = {path: path.read_bytes() for path in programs(tmp_path)}
    assert kept and len(first) == 1
    assert trained(tmp_path) == first
    assert {path: path.read_bytes() for path in programs(tmp_path)} == kept
    for path, content in kept.items():
        path.write_bytes(content[: len(content) // 2])
    *told, digest = trained(tmp_path)
    assert [digest] == first
    assert told == ["the compiled programs on disk cannot be read, and are compiled again"]
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
