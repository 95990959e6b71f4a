"""Compiled programs on disk: other processes read them, and nothing depends on them."""

from __future__ import annotations

import logging
import os
import shutil
import signal
from functools import partial
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from damages import DAMAGES

from bythebook.files import write_bytes
from bythebook.fused import xla_cache
from bythebook.fused.fit import fit
from bythebook.lazy import keras
from bythebook.records.events import Observe
from bythebook.runs.local_executor import LocalExecutor
from bythebook.training.determinism import prepare_process

TOLD = "{folder}: compiled programs that are damaged, and are compiled again: {count}"


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
    fit(model, x, y, epochs=2)
    return os.getpid(), said, sha256(b"".join(array.tobytes() for array in model.get_weights())).hexdigest()


def prepare(root: Path) -> None:
    """As a stage prepares its workers."""
    prepare_process(root)
    keras.version()


def programs(root: Path) -> list[Path]:
    return sorted(xla_cache.folder(root).glob("*"))


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
        [program] = xla_cache.folder(tmp_path).glob("*.pb")
        # TensorFlow reads it, and dies of it.
        program.write_bytes(DAMAGES["one byte"](kept[program], b""))
        assert trained() == ([TOLD.format(folder=program.parent, count=1)], first)
        assert programs(tmp_path) == list(kept)


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("damaged", ["one.pb", "one.pb.sha256"])
def test_a_process_that_starts_removes_damaged_programs_alone_and_tells_once(
    tmp_path: Path, damage: str, damaged: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder = xla_cache.use(tmp_path)
    with xla_cache.sealing():
        for name in ("one.pb", "other.pb"):
            (folder / name).write_bytes(sha256(name.encode()).digest())
    before = {path.name: path.read_bytes() for path in programs(tmp_path)}
    assert len(before) == 4
    # A process of its own would not know what it has compared.
    root = tmp_path.with_name(f"{tmp_path.name}-copy")
    shutil.copytree(tmp_path, root)
    other = before[damaged.replace("one", "other")]
    (xla_cache.folder(root) / damaged).write_bytes(DAMAGES[damage](before[damaged], other))
    for _ in range(2):
        xla_cache.use(root)
    assert caplog.messages == [TOLD.format(folder=xla_cache.folder(root), count=1)]
    assert {path.name: path.read_bytes() for path in programs(root)} == {
        name: content for name, content in before.items() if name.startswith("other")
    }


def test_a_process_that_starts_removes_what_a_killed_one_had_not_sealed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = xla_cache.use(tmp_path)
    (folder / "mine.pb").write_bytes(b"mine")
    with xla_cache.sealing():
        assert programs(tmp_path) == [folder / "mine.pb"]
    xla_cache.use(tmp_path)
    assert programs(tmp_path) == [] and not caplog.messages


def test_a_program_that_two_processes_put_there_is_sealed_by_the_last(tmp_path: Path) -> None:
    folder = xla_cache.use(tmp_path)
    with xla_cache.sealing():
        write_bytes(folder / "mine.pb", b"mine")
    # As another process does that has not come to seal it.
    write_bytes(folder / "mine.pb", b"another's")
    with xla_cache.sealing():
        assert (folder / "mine.pb").read_bytes() == b"another's"
        write_bytes(folder / "mine.pb", b"the last")
    xla_cache.use(tmp_path)
    assert (folder / "mine.pb").read_bytes() == b"the last"


def test_programs_of_other_processors_and_the_oldest_beyond_the_limit_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, own = tmp_path / "0123456789abcdef", xla_cache.folder(tmp_path)
    for folder in (other, own):
        folder.mkdir()
        for age in range(4):
            (folder / f"{age}.pb").write_bytes(b"0" * 10)
            os.utime(folder / f"{age}.pb", (1000 - age, 1000 - age))
    monkeypatch.setattr(xla_cache, "LARGEST_BYTES", 25)
    xla_cache.tidy(tmp_path)
    assert not other.exists()
    assert [path.name for path in programs(tmp_path)] == ["0.pb", "1.pb"]
