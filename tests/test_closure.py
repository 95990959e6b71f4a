from __future__ import annotations

from pathlib import Path

import pytest

from bythebook.closure import closure, digest, imports

FILES = {
    "__init__.py": '"""A package."""\n',
    "top.py": """
import numpy

from package.middle import value


def late():
    from package import hidden

    return hidden
""",
    "middle.py": """
from package import low
from package.low import value
from package.watch import look

look("a")
""",
    "low.py": '"""Gives a value."""\n\n# Why it is one.\nvalue = 1\n',
    "hidden.py": "from . import low\nfrom .inner.leaf import grow\n",
    "watch.py": "from package import heavy\n\n\ndef look(what):\n    return heavy\n",
    "heavy.py": "",
    "alone.py": "",
    "typed.py": """
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from package import alone
else:
    from package import low
""",
    "inner/__init__.py": "",
    "inner/leaf.py": "def grow():\n    return 2\n",
}


@pytest.fixture
def roots(tmp_path: Path) -> dict[str, Path]:
    for name, text in FILES.items():
        path = tmp_path / "package" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return {"package": tmp_path / "package"}


def reached(roots: dict[str, Path], *modules: str, without: tuple[str, ...] = ()) -> set[str]:
    return {name.removeprefix("package.") for name in closure(modules, roots, without)}


def test_closure_follows_every_kind_of_import(roots: dict[str, Path]) -> None:
    assert reached(roots, "package.top") == {
        *("package", "top", "middle", "low", "hidden", "inner", "inner.leaf", "watch", "heavy"),
    }


def test_closure_gives_files(roots: dict[str, Path]) -> None:
    folder = roots["package"]
    assert closure(["package.inner.leaf"], roots) == {
        "package": folder / "__init__.py",
        "package.inner": folder / "inner" / "__init__.py",
        "package.inner.leaf": folder / "inner" / "leaf.py",
    }


def test_what_only_an_excluded_module_brings_in_is_left_out(roots: dict[str, Path]) -> None:
    assert reached(roots, "package.middle", without=("package.watch",)) == {"package", "middle", "low"}
    assert "inner.leaf" not in reached(roots, "package.top", without=("package.inner",))


def test_imports_for_the_type_checker_do_not_count(roots: dict[str, Path]) -> None:
    assert reached(roots, "package.typed") == {"package", "typed", "low"}


def test_imports_name_third_parties_too(roots: dict[str, Path]) -> None:
    found = imports("package.top", roots["package"] / "top.py", roots)
    assert found == {"numpy", "package", "package.middle", "package.hidden"}


def test_a_module_that_does_not_exist_is_an_error(roots: dict[str, Path]) -> None:
    with pytest.raises(ValueError, match=r"no module 'package.tpo' under"):
        closure(["package.tpo"], roots)


@pytest.mark.parametrize(
    "text",
    ["value = 1\n", '"""Gives another value."""\nvalue=1\n', "value = (\n    1\n)  # one\n", 'value = 1\n"""One."""\n'],
)
def test_an_edit_that_cannot_change_a_number_keeps_the_digest(roots: dict[str, Path], text: str) -> None:
    before = digest(["package.top"], roots)
    (roots["package"] / "low.py").write_text(text)
    assert digest(["package.top"], roots) == before


@pytest.mark.parametrize("text", ["value = 2\n", "value = 1.0\n", "value = None\n", "other = 1\n", "value: int = 1\n"])
def test_an_edit_that_can_change_a_number_changes_the_digest(roots: dict[str, Path], text: str) -> None:
    before = digest(["package.top"], roots)
    (roots["package"] / "low.py").write_text(text)
    assert digest(["package.top"], roots) != before


def test_an_edit_of_an_excluded_module_keeps_the_digest(roots: dict[str, Path]) -> None:
    before = digest(["package.top"], roots, ["package.watch"])
    (roots["package"] / "heavy.py").write_text("value = 3\n")
    assert digest(["package.top"], roots, ["package.watch"]) == before
    assert digest(["package.top"], roots) != before


def test_the_digest_does_not_depend_on_the_place(roots: dict[str, Path], tmp_path: Path) -> None:
    before = digest(["package.top"], roots)
    moved = roots["package"].rename(tmp_path / "elsewhere")
    assert digest(["package.top"], {"package": moved}) == before


def test_the_digest_of_the_library_itself_needs_no_roots() -> None:
    assert "bythebook.errors" in closure(["bythebook.documents"])
    assert len(digest(["bythebook.documents"])) == 64
