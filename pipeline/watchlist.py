"""Which files of the user's own DVC watches.

A template of dvc.yaml cannot leave a dependency out where a data set has no source. So the paths stand in a list of
their own, data/watched/paths.yaml, made from params.yaml by `make repro`, with a stage for each of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bythebook.documents import canonical_json, read_yaml
from bythebook.errors import UserError, unknown
from bythebook.files import write_bytes

LIST = "paths.yaml"
KEY = "watched"
HEAD = "# Made from params.yaml by `make repro`: what DVC watches of your own data sets. Commit it with params.yaml.\n"


def listed(parameters: Any) -> dict[str, str]:
    """The paths that parameters declare, by the name of the data set; what is not well-formed is left out."""
    datasets = parameters.get("datasets") if isinstance(parameters, Mapping) else None
    found: dict[str, str] = {}
    for name, declared in datasets.items() if isinstance(datasets, Mapping) else ():
        source = declared.get("source") if isinstance(declared, Mapping) else None
        if isinstance(source, Mapping):
            found |= {f"{name}{part}": str(Path(path).expanduser()) for part, path in _paths(source)}
    return found


def write(parameters: Any, folder: Path) -> None:
    """Writes the list, unless it is as it should be."""
    # JSON is YAML too, and canonical.
    content = HEAD.encode() + canonical_json({KEY: listed(parameters)})
    path = folder / LIST
    if not path.is_file() or path.read_bytes() != content:
        write_bytes(path, content)


def check(params: Path, folder: Path) -> None:
    """Makes sure that DVC watches what the parameters declare.

    Raises:
        UserError: the list is out of date.
    """
    if read_yaml(folder / LIST).get(KEY) != listed(read_yaml(params)):
        raise UserError(f"{folder / LIST}: is older than {params}, so DVC does not see all of your data; `make repro`.")


def path(folder: Path, name: str) -> Path:
    """What is watched under a name.

    Raises:
        UserError: nothing is.
    """
    paths = read_yaml(folder / LIST).get(KEY) or {}
    if name not in paths:
        raise UserError(f"{folder / LIST}: {unknown('watched data', name, paths)}")
    return Path(paths[name])


def _paths(source: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    idx, csv = source.get("idx"), source.get("csv")
    given = {
        "": source.get("folder") or source.get("npz") or (csv.get("table") if isinstance(csv, Mapping) else None),
        "-images": idx.get("images") if isinstance(idx, Mapping) else None,
        "-labels": idx.get("labels") if isinstance(idx, Mapping) else None,
    }
    yield from ((part, path) for part, path in given.items() if isinstance(path, str))
