"""What a user adds, as the README says: a recipe is one block in one file, a technique one function in one file."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from copies import Copy

ROOT = Path(__file__).resolve().parents[2]
RECIPE = """
  waved:
    about: Up and down.
    activation: wave
"""
TECHNIQUE = '''

@technique("activation")
def wave(scale: Annotated[float, Field(gt=0)] = 1.0) -> Any:
    """The sine of its input.

    Formula: scale * sin(z)
    Prefer: never.
    Source: a test.
    """
    return keras.layers.Activation(lambda z: scale * keras.ops.sin(z))
'''
TRAIN = """
from bythebook.training.determinism import prepare_process
prepare_process()
import numpy as np
from pathlib import Path
from bythebook import network
from bythebook.suite import read_declaration
from bythebook.techniques.strategies import Phase
from bythebook.training.train import Split, train
(arm,) = [arm for arm in read_declaration(Path("pipeline/recipes/activations.yaml")).arms if arm.name == "waved"]
data = Split(np.random.default_rng(0).normal(size=(64, 8, 8)).astype(np.float32), np.arange(64) % 10)
model = network.build(arm.recipe, (8, 8), 10, seed=0)
print(train(model, arm.recipe, (Phase("fit", 1),), data, data, 10, 0, lambda row: None).status)
"""


def changed(copy: Copy) -> list[str]:
    """The code and the declarations in which a copy differs from the project."""
    folders = [copy.folder / name for name in ("src", "pipeline")]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert len(files) > 100
    own = {str(path.relative_to(copy.folder)): path for path in files}
    return sorted(name for name, path in own.items() if path.read_bytes() != (ROOT / name).read_bytes())


def counted(copy: Copy) -> int:
    """How many recipes the copy's ``bythebook check`` counts."""
    checked = copy.run("cli", "check")
    assert checked.returncode == 0, checked.stderr
    (count,) = re.findall(r"with (\d+) recipes", checked.stdout)
    return int(count)


def test_a_recipe_is_a_block_in_one_file_and_a_technique_a_function_in_one(made_copy: Callable[..., Copy]) -> None:
    copy = made_copy("adding")
    assert changed(copy) == []
    before = counted(copy)
    recipes = copy.folder / "pipeline" / "recipes" / "activations.yaml"
    recipes.write_text(recipes.read_text() + RECIPE)
    assert changed(copy) == ["pipeline/recipes/activations.yaml"]
    refused = copy.run("cli", "check")
    assert refused.returncode == 1 and "unknown activation 'wave'" in refused.stderr

    family = copy.folder / "src" / "bythebook" / "techniques" / "activations.py"
    family.write_text(family.read_text() + TECHNIQUE)
    assert changed(copy) == ["pipeline/recipes/activations.yaml", "src/bythebook/techniques/activations.py"]
    assert counted(copy) == before + 1
    for arguments, part in (
        ("list", "The sine of its input."),
        ("show wave", "wave(scale=1.0)"),
    ):
        done = copy.run("cli", *arguments.split())
        assert done.returncode == 0 and part in done.stdout, done.stderr
    variables = {**os.environ, "PYTHONPATH": f"{copy.folder / 'src'}:{copy.folder}"}
    trained = subprocess.run(
        [sys.executable, "-c", TRAIN], cwd=copy.folder, env=variables, capture_output=True, text=True, check=False
    )
    assert trained.stdout.strip() == "finished", trained.stderr
