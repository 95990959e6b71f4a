"""Looking things up on the command line: it shows what is declared, and trains nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from copies import Copy
from source_code import ROOT


def test_the_cli_shows_and_never_trains(made_copy: Callable[..., Copy]) -> None:
    copy = made_copy("looking")
    for arguments, parts in {
        ("check",): [f"{len(list((copy.folder / 'pipeline' / 'recipes').iterdir()))} suites with", "55 claims"],
        ("list",): [
            "activations.relu",
            "he_normal",
            "label_curve",
            "default_dnn",
            "xor",
            "C-55",
            "zero_share",
            "hyperband",
        ],
        ("show", "activations.selu"): ["name: lecun_normal"],
        ("show", "label_curve"): ["transfer study label_curve\n\n", "freeze_then_finetune", "hidden:"],
        ("show", "sparse"): ["search sparse\n\n", "regularizer.factor:"],
        ("show", "xor"): ["probe xor\n\n"],
        ("show", "C-07"): ["claim C-07\n\n", "chapter 11"],
        ("show", "selu"): ["Klambauer"],
        ("show", "zero_share"): ["objective zero_share\n\n"],
        ("show", "tpe"): ["sampler tpe\n\n"],
        ("show", "hyperband"): ["pruner hyperband(min_epochs=1, reduction_factor=3)"],
        ("show", "initialization"): ["he_normal"],
    }.items():
        done: Any = copy.run("cli", *arguments)
        assert done.returncode == 0, done.stderr
        assert all(part in done.stdout for part in parts), arguments
    done = copy.run("cli", "show", "activations.rulu")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "Did you mean 'activations.relu'?" in done.stderr
    assert copy.memo() == {}


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    command = [sys.executable, "-m", "pipeline.cli", "list"]
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(command, cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, text=True)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")
