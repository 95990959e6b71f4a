"""Every definition that the numbers of the declared runs can come from, edited on a copy of the program's source."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from rewriting import Renamed, Stripped, changes, reversed_order

from bythebook import catalogue
from bythebook import techniques as techniques  # fills the catalogue
from bythebook.closure import BYTHEBOOK, source_of
from bythebook.code.digest import Code, Reach
from bythebook.code.numeric import NEUTRAL
from bythebook.overrides import Overrides
from bythebook.recipe import resolve
from bythebook.runs.numeric_code import OPTIONAL, TRAINING, entered, left_out
from bythebook.suite import read_declaration

ROOT = Path(__file__).resolve().parents[2]
STRATEGIES = (None, "freeze_then_finetune", "discriminative_rates")
Names = tuple[str, ...]


def declared() -> list[Names]:
    """What every declared recipe enters on every way, and what a net of each technique does, each once."""
    found: dict[Names, None] = {}
    recipes = [
        arm.recipe
        for path in sorted((ROOT / "pipeline" / "recipes").glob("*.yaml"))
        for arm in read_declaration(path, Overrides({}, "none")).arms
    ]
    recipes += [resolve({"target": target, "scaling": "unit"}, "r") for target in ("reconstruction", "rotation")]
    for recipe in recipes:
        found[(*TRAINING, *entered(recipe, None, "fused"))] = None
    for name in STRATEGIES:
        strategy = catalogue.resolve("strategy", name, "s") if name else None
        for loop in ("fused", "plain", "streamed"):
            found[(*TRAINING, *entered(resolve({}, "r"), strategy, loop))] = None
    for family in catalogue.FAMILIES:
        for technique in catalogue.techniques(family).values():
            found[(*TRAINING, f"{technique.build.__module__}.{technique.name}")] = None
    return list(found)


def few(groups: list[Names], code: Code) -> dict[Names, Reach]:
    """As few of them as reach together what all of them reach."""
    reaches = {group: code.reach(group, left_out(group)) for group in groups}
    missing = {name for reach in reaches.values() for name in reach.definitions}
    chosen: dict[Names, Reach] = {}
    while missing:
        best = max(reaches, key=lambda group: len(missing & set(reaches[group].definitions)))
        chosen[best] = reaches[best]
        missing -= set(reaches[best].definitions)
    return chosen


@pytest.fixture(scope="module")
def groups() -> dict[Names, Reach]:
    return few(declared(), Code(NEUTRAL))


@pytest.fixture
def roots(tmp_path: Path) -> dict[str, Path]:
    copied = shutil.copytree(BYTHEBOOK["bythebook"], tmp_path / "bythebook", ignore=shutil.ignore_patterns("*.pyc"))
    return {"bythebook": copied}


def test_an_edit_of_any_definition_changes_the_keys_of_exactly_what_reaches_it(
    groups: dict[Names, Reach], roots: dict[str, Path]
) -> None:
    base = Code(NEUTRAL, roots)
    assert [base.reach(group, left_out(group)).digest for group in groups] == [one.digest for one in groups.values()]
    tried: list[str] = []
    for name in sorted({name for reach in groups.values() for name in reach.definitions}):
        module, _, own = name.rpartition(".")
        path = source_of(module, roots)
        assert path is not None
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        reach_it = [group for group, reach in groups.items() if name in reach.definitions]
        others = [group for group in groups if group not in reach_it]
        for index, statement in enumerate(tree.body):
            for changed in changes(statement) if binds(statement, own) else ():
                edited = ast.Module([*tree.body[:index], changed, *tree.body[index + 1 :]], [])
                path.write_text(ast.unparse(ast.fix_missing_locations(edited)), encoding="utf-8")
                after = without_forms_of(module, base, roots)
                for group in (*reach_it[:1], *reach_it[1:][-1:]):
                    assert after.reach(group, left_out(group)).digest != groups[group].digest, (name, group)
                for group in others[:2]:
                    assert after.reach(group, left_out(group)).digest == groups[group].digest, (name, group)
                tried.append(name)
        path.write_text(text, encoding="utf-8")
    assert len(tried) > 300 and len(set(tried)) > 250


def binds(statement: ast.stmt, name: str) -> bool:
    """Whether a statement of a module is the definition of a name."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return statement.name == name
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    targets += [statement.target] if isinstance(statement, ast.AnnAssign) else []
    return any(isinstance(one, ast.Name) and one.id == name for target in targets for one in ast.walk(target))


def without_forms_of(module: str, base: Code, roots: dict[str, Path]) -> Code:
    """The code read again, with what is known of all modules but one."""
    code = Code(NEUTRAL, roots)
    code._forms |= {reference: form for reference, form in base._forms.items() if reference.module != module}
    code._loose |= base._loose
    return code


def renamed(module: ast.Module) -> ast.AST:
    return Renamed(module).visit(module)


EDITS: dict[str, Callable[[ast.Module], ast.AST]] = {
    "locals and private functions have other names": renamed,
    "functions stand in the opposite order": reversed_order,
    "there are no docstrings and no annotations of functions": lambda module: Stripped().visit(module),
}


@pytest.mark.parametrize("edit", EDITS)
def test_other_names_places_and_remarks_change_no_key(
    edit: str, groups: dict[Names, Reach], roots: dict[str, Path]
) -> None:
    changed = 0
    for path in roots["bythebook"].rglob("*.py"):
        before = ast.unparse(ast.parse(path.read_text(encoding="utf-8")))
        after = ast.unparse(ast.fix_missing_locations(EDITS[edit](ast.parse(before))))
        path.write_text(after, encoding="utf-8")
        changed += before != after
    assert changed > 150
    code = Code(NEUTRAL, roots)
    assert {group: code.reach(group, left_out(group)).digest for group in groups} == {
        group: reach.digest for group, reach in groups.items()
    }


def test_modules_that_are_moved_change_no_key(groups: dict[Names, Reach], roots: dict[str, Path]) -> None:
    folder, moves = (
        roots["bythebook"],
        {"training.batches": "training.feed", "network": "nets", "fused.tensors": "t"},
    )
    for old, new in moves.items():
        shutil.move(
            folder.joinpath(*old.split(".")).with_suffix(".py"), folder.joinpath(*new.split(".")).with_suffix(".py")
        )
    for path in folder.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for old, new in moves.items():
            text = text.replace(f"from bythebook.{old} import", f"from bythebook.{new} import")
        text = text.replace(
            "from bythebook import catalogue, network\n",
            "from bythebook import catalogue\nfrom bythebook import nets as network\n",
        )
        text = text.replace("from bythebook import network\n", "import bythebook.nets as network\n")
        path.write_text(text.replace("import metrics, network", "import metrics, nets as network"), encoding="utf-8")
    code = Code(NEUTRAL, roots)
    assert {group: code.reach(group, left_out(group)).digest for group in groups} == {
        group: reach.digest for group, reach in groups.items()
    }


def test_what_is_left_out_is_there_and_would_count(groups: dict[Names, Reach]) -> None:
    everything = Code()
    further = ("bythebook.search.objectives.val_loss",)
    counted = {name for group in (*groups, further) for name in everything.reach(group).definitions}
    assert counted
    for name in (*NEUTRAL, *OPTIONAL):
        assert any(one == name or one.startswith(f"{name}.") for one in counted), name
