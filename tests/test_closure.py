from __future__ import annotations

from pathlib import Path

import pytest

from bythebook.closure import closure, imports

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


def test_the_library_itself_needs_no_roots() -> None:
    assert "bythebook.errors" in closure(["bythebook.documents"])
