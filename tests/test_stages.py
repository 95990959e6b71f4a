"""A stage depends on the code that makes its outputs: on all of it, and on nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from source_code import ROOT, files_of, module_of, modules, stages

TEST_SPLIT = Path("data/standardized/test")


def dependencies(stage: str) -> list[str]:
    """What a stage depends on; a dependency with options is a mapping with one key."""
    return [entry if isinstance(entry, str) else next(iter(entry)) for entry in stages()[stage].get("deps", [])]


def files_below(path: Path) -> set[str]:
    """The files of a folder as a stage would depend on them, or a file itself."""
    files = path.rglob("*.*") if path.is_dir() else [path]
    return {str(file.relative_to(ROOT)) for file in files if file.suffix != ".pyc"}


def declared_files(stage: str) -> set[str]:
    """The code among a stage's dependencies, folders expanded; recipes and their like are data."""
    found: set[str] = set()
    for dependency in dependencies(stage):
        if dependency.startswith("src/") or (dependency.startswith("pipeline/") and dependency.endswith(".py")):
            assert (ROOT / dependency).exists(), f"dvc.yaml: stage {stage}: there is no {dependency}"
            found |= files_below(ROOT / dependency)
    return found


def shortest(files: set[str]) -> list[str]:
    """``files`` with a folder of the library in place of its files wherever all of them are among them."""
    folders = {str(folder) for file in files for folder in Path(file).parents if "src/bythebook/" in f"{folder}/"}
    whole = {folder for folder in folders if files_below(ROOT / folder) <= files}
    outer = {folder for folder in whole if str(Path(folder).parent) not in whole}
    return sorted(outer | {file for file in files if not any(file.startswith(f"{folder}/") for folder in outer)})


def test_every_stage_runs_a_module_of_the_pipeline_in_its_own_process() -> None:
    assert len(stages()) >= 10
    for stage, declaration in stages().items():
        assert re.fullmatch(r"exec python -m pipeline\.\w+( \$\{\w+(\.\w+)?\})?", declaration["cmd"]), stage
        assert module_of(stage) in modules()


@pytest.mark.parametrize("stage", stages())
def test_a_stage_depends_on_exactly_the_code_that_it_runs(stage: str) -> None:
    needed, declared = files_of(stage), declared_files(stage)
    if declared != needed:
        problem = f"missing {sorted(needed - declared)}, needless {sorted(declared - needed)}"
        paste = "\n".join(f"      - {entry}" for entry in shortest(needed))
        pytest.fail(f"dvc.yaml, stage {stage}: {problem}. Its code dependencies are:\n{paste}", pytrace=False)


def test_only_evaluate_depends_on_the_test_split() -> None:
    readers = {
        stage
        for stage in stages()
        for dependency in dependencies(stage)
        if Path(dependency) == TEST_SPLIT
        or Path(dependency) in TEST_SPLIT.parents
        or TEST_SPLIT in Path(dependency).parents
    }
    assert readers == {"evaluate"}


@pytest.mark.parametrize("stage", stages())
def test_no_stage_switches_the_run_cache_off(stage: str) -> None:
    declaration = stages()[stage]
    assert not declaration.get("always_changed")
    outputs = [entry for entry in declaration.get("outs", []) if isinstance(entry, dict)]
    assert not [entry for entry in outputs for options in entry.values() if options.get("persist")]
