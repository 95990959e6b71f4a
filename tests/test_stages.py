"""A stage depends on the code that makes its outputs: on all of it, and on nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from source_code import ROOT, ROOTS, module_of, modules, stages

from bythebook.errors import UserError
from pipeline import code
from pipeline.libraries import DISTRIBUTIONS, INSTALLED, installed

TEST_SPLIT = Path("data/standardized/test")
LIBRARY = {
    "__init__.py": "",
    "numbers.py": "from bythebook.tracking import note\n\nONE = 1\n",
    "words.py": "WORDS = ()\n",
    "pages/__init__.py": "",
    "pages/page.py": "",
    "pages/templates/page.html": "<p>",
    "others/__init__.py": "",
    "others/other.html": "<p>",
    "tracking/__init__.py": "from bythebook import words\n",
}
PIPELINE = {
    "__init__.py": "",
    "count.py": "from bythebook.numbers import ONE\nfrom pipeline import stage\n\nstage.run(main)\n",
    "show.py": "from bythebook.pages import page\n\nif True:\n    stage.run(main)\n",
    "stage.py": '"""What `stage.run(main)` does."""\n',
}


@pytest.fixture
def roots(tmp_path: Path) -> dict[str, Path]:
    """A small project."""
    folders = {"bythebook": tmp_path / "src" / "bythebook", "pipeline": tmp_path / "pipeline"}
    for package, files in (("bythebook", LIBRARY), ("pipeline", PIPELINE)):
        for name, text in files.items():
            path = folders[package] / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return folders


def files(module: str, roots: dict[str, Path]) -> set[str]:
    """The files of a module in the small project."""
    root = roots["pipeline"].parent
    return {str(path.relative_to(root)) for path in code.files(module, roots)}


def dependencies(stage: str) -> list[str]:
    """What a stage depends on; a dependency with options is a mapping with one key."""
    return [entry if isinstance(entry, str) else next(iter(entry)) for entry in stages()[stage].get("deps", [])]


def test_every_stage_runs_a_module_of_the_pipeline_in_its_own_process() -> None:
    assert len(stages()) >= 10
    for stage, declaration in stages().items():
        assert re.fullmatch(r"exec python -m pipeline\.\w+( \$\{\w+(\.\w+)?\})?", declaration["cmd"]), stage
        assert module_of(stage) in modules()


@pytest.mark.parametrize("stage", sorted(stages().keys() - {"code"}))
def test_a_stage_depends_on_its_code_by_the_digests_of_it(stage: str) -> None:
    name = module_of(stage).removeprefix("pipeline.")
    assert f"data/code/{name}.json" in dependencies(stage)
    assert name in code.stages(ROOTS["pipeline"])
    needless = [path for path in dependencies(stage) if path.startswith("src/") or path.endswith(".py")]
    assert not needless


def test_the_digests_are_taken_again_when_any_code_has_changed() -> None:
    folders = {str(folder.relative_to(ROOT)) for folder in ROOTS.values()}
    assert set(dependencies("code")) == {*folders, str(INSTALLED)}
    assert {name: ROOT / folder for name, folder in code.ROOTS.items()} == ROOTS


def test_a_stage_is_a_module_that_ends_as_one(roots: dict[str, Path]) -> None:
    assert code.stages(roots["pipeline"]) == ["count", "show"]


def test_the_code_of_a_stage_is_what_it_imports_but_for_observers(roots: dict[str, Path]) -> None:
    numbers = {"src/bythebook/__init__.py", "src/bythebook/numbers.py"}
    pipeline = {"pipeline/__init__.py", "pipeline/count.py", "pipeline/stage.py"}
    assert files("pipeline.count", roots) == numbers | pipeline


def test_the_code_of_a_stage_includes_the_templates_of_its_packages(roots: dict[str, Path]) -> None:
    found = files("pipeline.show", roots)
    assert "src/bythebook/pages/templates/page.html" in found
    assert "src/bythebook/others/other.html" not in found


def test_the_libraries_of_a_stage_are_what_its_code_imports(roots: dict[str, Path]) -> None:
    assert code.libraries("pipeline.count", roots) == set()
    (roots["bythebook"] / "numbers.py").write_text("import os\nfrom PIL.Image import open\n")
    assert code.libraries("pipeline.count", roots) == {"PIL"}
    assert code.libraries("pipeline.show", roots) == set()
    (roots["pipeline"] / "stage.py").write_text("def late():\n    import tensorflow.math\n")
    assert code.libraries("pipeline.count", roots) == {"PIL", "keras", "numpy", "tensorflow"}


def test_a_library_without_a_version_is_refused(roots: dict[str, Path]) -> None:
    (roots["bythebook"] / "numbers.py").write_text("import unheard_of.things\n")
    with pytest.raises(UserError, match="imports 'unheard_of', whose distribution pipeline/libraries.py has to name"):
        code.libraries("pipeline.count", roots)


def test_stages_that_train_use_tensorflow_and_those_that_read_images_do_not() -> None:
    used = {module: code.libraries(module, ROOTS) for module in map(module_of, stages())}
    assert {"keras", "tensorflow", "numpy"} <= used["pipeline.train"] & used["pipeline.evaluate"]
    assert "PIL" in used["pipeline.standardize"] and "optuna" in used["pipeline.search"] - used["pipeline.train"]
    assert not {"tensorflow", "keras"} & (used["pipeline.download"] | used["pipeline.split_tasks"])
    assert set().union(*used.values()) <= DISTRIBUTIONS.keys()
    assert not [name for name in set().union(*used.values()) - {"torch"} if installed(name) is None]


def test_a_file_that_is_not_python_is_named(roots: dict[str, Path]) -> None:
    broken = roots["bythebook"] / "numbers.py"
    broken.write_text("ONE = 1\nTWO = = 2\n")
    with pytest.raises(UserError, match=re.escape(f"{broken}, line 2: invalid syntax")):
        code.files("pipeline.count", roots)


def test_digests_change_with_the_code_of_a_stage_alone(roots: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    root = roots["pipeline"].parent
    monkeypatch.chdir(root)
    code.main()
    before = {path.name: path.read_bytes() for path in (root / "data" / "code").iterdir()}
    (roots["bythebook"] / "pages" / "page.py").write_text("PAGE = 1\n")
    code.main()
    after = {path.name: path.read_bytes() for path in (root / "data" / "code").iterdir()}
    assert before.keys() == after.keys() == {"count.json", "show.json"}
    assert before["count.json"] == after["count.json"]
    assert before["show.json"] != after["show.json"]


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
