"""Which modules a module brings in: its import closure.

Read from the source and never by importing, so that it costs no TensorFlow and sees imports inside functions too.
Imports for the type checker alone (``if TYPE_CHECKING:``) do not run and do not count.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

BYTHEBOOK: Mapping[str, Path] = {"bythebook": Path(__file__).resolve().parent}


def closure(
    modules: Iterable[str], roots: Mapping[str, Path] = BYTHEBOOK, without: Collection[str] = ()
) -> dict[str, Path]:
    """The modules that importing ``modules`` brings in, ``modules`` and the packages on the way included.

    Args:
        modules: dotted names, such as ``bythebook.network``.
        roots: package name to its folder; imports of anything else are not followed.
        without: modules and packages to leave out, with all that only they import.

    Returns:
        Dotted name to source file, sorted by name.

    Raises:
        ValueError: a module does not exist under its root.
        SyntaxError: a file is not Python.
    """
    found: dict[str, Path] = {}
    waiting = list(modules)
    while waiting:
        for name in _with_packages(waiting.pop()):
            if name in found or name.split(".")[0] not in roots or _covered(name, without):
                continue
            path = source_of(name, roots)
            if path is None:
                raise ValueError(f"there is no module '{name}' under {roots[name.split('.')[0]]}")
            found[name] = path
            waiting.extend(imports(name, path, roots))
    return dict(sorted(found.items()))


def imports(name: str, path: Path, roots: Mapping[str, Path] = BYTHEBOOK) -> set[str]:
    """The modules that one module names in its imports, third parties included, as dotted names.

    ``from package import thing`` gives ``package.thing`` as well where that is a module under ``roots``.
    """
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found: set[str] = set()
    for node in _imports_of(path):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        else:
            source = absolute(node, package)
            found.add(source)
            members = (f"{source}.{alias.name}" for alias in node.names)
            found.update(member for member in members if source_of(member, roots))
    return found


def _running(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node below ``tree`` except what stands under ``if TYPE_CHECKING:``."""
    for node in ast.iter_child_nodes(tree):
        yield node
        if isinstance(node, ast.If) and is_for_type_checker(node):
            for alternative in node.orelse:
                yield alternative
                yield from _running(alternative)
        else:
            yield from _running(node)


def is_for_type_checker(node: ast.If) -> bool:
    """Return whether a condition holds for type checkers alone: ``if TYPE_CHECKING:``."""
    return ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def absolute(node: ast.ImportFrom, package: str) -> str:
    """Return the module that a ``from ... import`` names, relative ones resolved within ``package``."""
    if not node.level:
        return node.module or ""
    base = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*base, *([node.module] if node.module else [])])


def _with_packages(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[: count + 1]) for count in range(len(parts))]


def _covered(name: str, without: Collection[str]) -> bool:
    return any(name == left_out or name.startswith(f"{left_out}.") for left_out in without)


def source_of(name: str, roots: Mapping[str, Path]) -> Path | None:
    """Return the file of a module, or None where there is none under ``roots``."""
    top, *rest = name.split(".")
    if top not in roots:
        return None
    base = roots[top].joinpath(*rest)
    candidates = [base / "__init__.py", *([base.with_name(f"{base.name}.py")] if rest else [])]
    return next((path for path in candidates if path.is_file()), None)


def _imports_of(path: Path) -> tuple[ast.Import | ast.ImportFrom, ...]:
    stat = path.stat()
    return _parsed_imports(path, stat.st_mtime_ns, stat.st_size)


# A file stands in the closures of many stages.
@lru_cache(maxsize=512)
def _parsed_imports(path: Path, modified: int, size: int) -> tuple[ast.Import | ast.ImportFrom, ...]:
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    return tuple(node for node in _running(tree) if isinstance(node, ast.Import | ast.ImportFrom))


def is_remark(node: object) -> bool:
    """Return whether a statement is a lone string: a docstring, which does nothing when it runs."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
