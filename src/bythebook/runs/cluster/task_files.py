"""What a task takes along to a machine that has none of its files, and what it brings home.

Tasks name their files by paths relative to the project's folder. A worker elsewhere works in a folder of its own, where
the files of each task lie under the same paths, so that neither tasks nor the functions that run them know of it.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from bythebook.datasets.array_cache import PARTS
from bythebook.files import new_directory, sha256_of, write_bytes
from bythebook.runs.memo import Memo
from bythebook.runs.training_run import ARRAYS, CHECKPOINTS

# Beside the memo, but of use only on the machine where it is made.
STAYS = (ARRAYS, CHECKPOINTS, "compiled")
PART = 32 << 20  # bytes of a file that travel together


@dataclass(frozen=True)
class TaskFiles:
    """The files of one task.

    Attributes:
        inputs: files that it reads.
        outputs: files and folders that come home as they are after it, if they are.
        adds: a folder; whatever appears below it comes home too, but for what is in ``stays``.
        stays: names in that folder.
    """

    inputs: tuple[Path, ...] = ()
    outputs: tuple[Path, ...] = ()
    adds: Path | None = None
    stays: tuple[str, ...] = ()

    def added(self) -> set[Path]:
        """The files below ``adds``, new or not."""
        if self.adds is None or not self.adds.is_dir():
            return set()
        folders = [path for path in self.adds.iterdir() if path.is_dir() and path.name not in self.stays]
        return {path for folder in folders for path in files_below(folder)}


@dataclass(frozen=True)
class Item:
    """One file on its way: its path, its sha256, and its content in parts, or whatever stands for each part."""

    path: str
    digest: str
    parts: tuple[Any, ...]


def files_of_task(task: Any) -> TaskFiles:
    """What a task says by its own ``task_files()``; or what follows from the ``run`` and the ``memo`` that it has.

    Raises:
        TypeError: it has neither, and names files.
    """
    names_files = False
    for part in _parts(task):
        if hasattr(part, "task_files"):
            found: TaskFiles = part.task_files()
            return found
        if hasattr(part, "run") and hasattr(part, "memo"):
            return _of_run(part.run, part.memo)
        names_files |= isinstance(part, Path)
    if names_files:
        raise TypeError(f"a {type(task).__name__} names files and has no task_files(): it cannot be run elsewhere")
    return TaskFiles()


def _parts(value: Any) -> Iterator[Any]:
    """A task and everything in it, from the outside in."""
    yield value
    inner: Sequence[Any] = ()
    if is_dataclass(value) and not isinstance(value, type):
        inner = [getattr(value, each.name) for each in fields(value)]
    elif isinstance(value, Mapping):
        inner = list(value.values())
    elif isinstance(value, list | tuple):
        inner = value
    for each in inner:
        yield from _parts(each)


def _of_run(run: Any, memo: Path) -> TaskFiles:
    """A run's images but no test split, what the memo has of it and of its source; home comes what the memo gets."""
    kept = Memo(memo)
    views = [part for part in _parts(run) if hasattr(part, "directory") and hasattr(part, "task")]
    folders = [kept.directory(key) for key in (run.key, run.source) if key]
    for view in views:
        folders += [view.directory, *(view.directory / part for part in PARTS), *([view.task] if view.task else [])]
    return TaskFiles(
        inputs=tuple(dict.fromkeys(path for folder in folders if folder.is_dir() for path in files(folder))),
        outputs=(kept.directory(run.key),),
        adds=memo.parent,
        stays=(memo.name, *STAYS),
    )


def files(folder: Path) -> list[Path]:
    """The files that lie in a folder itself, sorted, but for half-written ones, whose names begin with a dot."""
    return sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))


def files_below(folder: Path) -> list[Path]:
    """The files of a folder and of all folders in it, sorted, but for half-written ones."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts))


@dataclass
class DriverSide:
    """The project's folder: files leave from here and come back.

    Attributes:
        put: makes of a part of a file what travels in its place.
    """

    put: Callable[[bytes], Any]
    _packed: dict[Path, tuple[tuple[int, int], Item]] = field(default_factory=dict)

    def pack(self, files: TaskFiles) -> list[Item]:
        """What a task takes along; a file that has not changed is put once.

        Raises:
            ValueError: a path is not relative to the project's folder.
        """
        return [self._item(path) for path in files.inputs]

    def unpack(self, files: TaskFiles, brought: Mapping[str, bytes]) -> None:
        """Writes what came home: a folder that was announced as a whole, everything else file by file.

        Raises:
            ValueError: something came home that was not announced.
        """
        folders: dict[Path, dict[str, bytes]] = {}
        for name, content in brought.items():
            path = _inside(Path(name))
            places = (*files.outputs, *([files.adds] if files.adds else []))
            if not any(path.is_relative_to(place) for place in places):
                raise ValueError(f"a worker brought {name}, which its task does not write.")
            if path.parent in files.outputs:
                folders.setdefault(path.parent, {})[path.name] = content
            else:
                write_bytes(path, content)
        for folder, contents in folders.items():
            with new_directory(folder) as building:
                for name, content in contents.items():
                    write_bytes(building / name, content)

    def _item(self, path: Path) -> Item:
        stat = path.stat()
        state = (stat.st_mtime_ns, stat.st_size)
        known = self._packed.get(path)
        if known is None or known[0] != state:
            with path.open("rb") as file:
                parts = tuple(self.put(part) for part in iter(lambda: file.read(PART), b""))
            known = self._packed[path] = (state, Item(_inside(path).as_posix(), sha256_of(path), parts))
        return known[1]


@dataclass
class WorkerSide:
    """A worker's current folder, which stands for the project's.

    Attributes:
        get: gives back the part of a file that something stands for.
    """

    get: Callable[[Any], bytes]
    _digests: dict[Path, tuple[int, str]] = field(default_factory=dict)

    def run(self, files: TaskFiles, items: Sequence[Item], action: Callable[[], Any]) -> tuple[Any, dict[str, bytes]]:
        """What ``action`` gives where a task's files are, and the files that come home after it.

        Raises:
            OSError: a file cannot be written or read, or did not arrive as it left.
        """
        for item in items:
            self._lay_down(item)
        before = files.added()
        given = action()
        brought = files.added() - before
        for place in files.outputs:
            brought.update([place] if place.is_file() else files_below(place) if place.is_dir() else [])
        # What is at home already is not sent there.
        brought.difference_update(files.inputs)
        return given, {path.as_posix(): path.read_bytes() for path in sorted(brought)}

    def clear(self, files: TaskFiles) -> None:
        """Removes what has come home, unless the task had brought it along."""
        for place in files.outputs:
            if place.is_dir() and not any(path.is_relative_to(place) for path in files.inputs):
                shutil.rmtree(place, ignore_errors=True)

    def _lay_down(self, item: Item) -> None:
        """Writes a file, unless it is there: then it does not travel."""
        path = _inside(Path(item.path))
        if self._digest(path) != item.digest:
            content = b"".join(self.get(part) for part in item.parts)
            if hashlib.sha256(content).hexdigest() != item.digest:
                raise OSError(f"{item.path} did not arrive as it left")
            write_bytes(path, content)

    def _digest(self, path: Path) -> str | None:
        if not path.is_file():
            return None
        changed = path.stat().st_mtime_ns
        if path not in self._digests or self._digests[path][0] != changed:
            self._digests[path] = (changed, sha256_of(path))
        return self._digests[path][1]


def _inside(path: Path) -> Path:
    """The path, if it is one within the project's folder."""
    if path.is_absolute() or ".." in PurePosixPath(path.as_posix()).parts:
        raise ValueError(f"{path} is not a path within the project's folder")
    return path
