"""Bringing a dataset's raw files here, from the first of several places that has them."""

from __future__ import annotations

import importlib.util
import logging
import shutil
from collections.abc import Sequence
from pathlib import Path

from bythebook.datasets.dataset import Dataset, SourceFile
from bythebook.datasets.fetch import FetchError, Patience, fetch, is_web_address, verify
from bythebook.datasets.storage import saving
from bythebook.errors import UserError
from bythebook.files import new_directory

log = logging.getLogger(__name__)

PATIENCE = Patience()


def download(
    dataset: Dataset,
    raw: Path,
    *,
    downloads: Path,
    mirror: str | None = None,
    patience: Patience = PATIENCE,
    bar: bool = False,
) -> None:
    """Fills ``raw / dataset.name`` with the dataset's files, all of them or none, each with the pinned sha256.

    Places are asked in this order: ``downloads / dataset.name``, the raw folder itself, the installed package that
    ships the files, the mirror, the public addresses.

    Args:
        downloads: a folder that keeps what was fetched when ``raw`` is removed.
        mirror: a folder or web address with the files below ``<dataset>/`` (hyphens or underscores).
        bar: show progress bars on stderr, if that is a terminal.

    Raises:
        UserError: no place has a file (with every place and why), the mirror is neither folder nor web address, or a
            folder cannot be written.
    """
    own, kept = raw / dataset.name, downloads / dataset.name
    if all(_why_not(own / file.name, file) is None for file in dataset.files):
        log.info("%s: already in %s", dataset.name, own)
        return
    places = [str(own), *_package_places(dataset), *_mirror_places(dataset, mirror), *dataset.addresses]
    for file in dataset.files:
        serving = _obtain(dataset, file, kept / file.name, places, patience, bar)
        # What served this file is asked first for the next one: an address that hangs is waited for once.
        places.sort(key=serving.__ne__)
    with saving(own), new_directory(own) as building:
        for file in dataset.files:
            shutil.copyfile(kept / file.name, building / file.name)


def _obtain(
    dataset: Dataset, file: SourceFile, target: Path, places: Sequence[str], patience: Patience, bar: bool
) -> str:
    """Makes sure that ``target`` is ``file``, from the first of ``places`` that has it; returns the place."""
    absent = _why_not(target, file)
    if absent is None:
        log.info("%s: %s is in %s", dataset.name, file.name, target.parent)
        return str(target.parent)
    refused = [f"{target}: {absent}"]
    for place in places:
        address = _join(place, file.name)
        try:
            fetch(address, target, file, patience, bar)
        except FetchError as error:
            log.debug("%s: %s", address, error)
            refused.append(f"{address}: {error}")
        else:
            log.info("%s: %s from %s", dataset.name, file.name, place)
            return place
    raise UserError(_nowhere(dataset, file, refused))


def _why_not(path: Path, file: SourceFile) -> str | None:
    """Why ``path`` cannot be used as ``file``; None when it can."""
    try:
        verify(path, file)
    except FetchError as error:
        return str(error)
    return None


def _package_places(dataset: Dataset) -> list[str]:
    if dataset.package is None:
        return []
    package, folder = dataset.package
    # Found, not imported: importing scikit-learn takes seconds.
    found = importlib.util.find_spec(package)
    return [str(Path(found.origin).parent / folder)] if found and found.origin else []


def _mirror_places(dataset: Dataset, mirror: str | None) -> list[str]:
    if not mirror:
        return []
    if "://" in mirror and not is_web_address(mirror):
        raise UserError(f"mirror: '{mirror}' cannot be used; allowed: a folder, or an http or https address.")
    base = mirror if is_web_address(mirror) else str(Path(mirror).expanduser())
    folder = dataset.folder or dataset.name
    folders = dict.fromkeys((folder.replace("_", "-"), folder))
    return [_join(base, folder) for folder in folders]


def _join(place: str, name: str) -> str:
    return f"{place.rstrip('/')}/{name}"


def _nowhere(dataset: Dataset, file: SourceFile, refused: list[str]) -> str:
    folder = (dataset.folder or dataset.name).replace("_", "-")
    tried = "".join(f"\n  - {reason}" for reason in refused)
    return (
        f"{dataset.name}: {file.name} could not be had. Places asked:{tried}\n"
        f"If you have the files, name the folder or web address that holds {folder}/{file.name} as 'mirror' in "
        "params.yaml or in the environment variable BYTHEBOOK_MIRROR. 'make demo' runs everything on data that need "
        "no download."
    )
