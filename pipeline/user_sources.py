"""Data sets of the user's own, as the parameters declare them."""

from __future__ import annotations

from pathlib import Path

from bythebook.datasets.user.arrays import Idx, Npz
from bythebook.datasets.user.folder import Folder
from bythebook.datasets.user.source import Source
from bythebook.datasets.user.table import Table
from pipeline import params_data


def source(declared: params_data.SourceParams) -> Source:
    """The source that is declared; paths are relative to the project, or absolute."""
    if declared.folder is not None:
        return Folder(_path(declared.folder))
    if declared.npz is not None:
        return Npz(_path(declared.npz))
    if declared.idx is not None:
        return Idx(_path(declared.idx.images), _path(declared.idx.labels))
    assert declared.csv is not None
    return Table(_path(declared.csv.table), declared.csv.label, tuple(declared.csv.ignore))


def _path(given: str) -> Path:
    return Path(given).expanduser()
