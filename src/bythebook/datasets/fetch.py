"""Fetching one pinned file from one place: never more than announced, never kept unless its sha256 is right."""

from __future__ import annotations

import hashlib
import http.client
import urllib.request
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.error import HTTPError, URLError

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential
from tqdm import tqdm

from bythebook.datasets.dataset import SourceFile
from bythebook.datasets.storage import saving
from bythebook.files import write_bytes

CHUNK = 1 << 16
SCHEMES = ("http://", "https://")
PASSING_STATUSES = {408, 425, 429, 500, 502, 503, 504}


class FetchError(Exception):
    """A place did not give the file; says why. The next place may."""


class IncompleteError(FetchError):
    """Fewer bytes came than the file has; asking again may help."""


def is_web_address(place: str) -> bool:
    """Whether ``place`` is a web address, and not a folder."""
    return place.startswith(SCHEMES)


@dataclass(frozen=True)
class Patience:
    """How long a place is waited for.

    Attributes:
        tries: how often a place is asked that fails in a way that may pass.
        pause: seconds before the second try; doubled before each further one.
        timeout: seconds without a byte after which a connection counts as broken.
    """

    tries: int = 3
    pause: float = 0.5
    timeout: float = 20


def fetch(place: str, target: Path, file: SourceFile, patience: Patience, bar: bool = False) -> None:
    """Copies ``file`` from ``place`` to ``target``, which is complete and verified or absent.

    Args:
        place: a web address (http, https) or the path of a file.
        bar: show a progress bar on stderr, if that is a terminal.

    Raises:
        FetchError: the place does not have the file, or has another one.
        UserError: ``target`` cannot be written.
    """
    retrying = Retrying(
        stop=stop_after_attempt(patience.tries),
        wait=wait_exponential(multiplier=patience.pause, exp_base=2, max=10),
        retry=retry_if_exception(_may_pass),
        reraise=True,
    )
    try:
        retrying(_fetch_once, place, target, file, patience.timeout, bar)
    except FetchError:
        raise
    except HTTPError as error:
        raise FetchError(f"HTTP {error.code} {error.reason}") from None
    except URLError as error:
        raise FetchError(f"not reachable ({error.reason})") from None
    except FileNotFoundError:
        raise FetchError("no such file") from None
    except (OSError, http.client.HTTPException) as error:
        raise FetchError(f"{type(error).__name__}: {error}") from None


def verify(path: Path, file: SourceFile) -> None:
    """Makes sure that ``path`` holds ``file``.

    Raises:
        FetchError: it is absent, or has another size or sha256.
    """
    try:
        size = path.stat().st_size
        if size != file.size:
            raise FetchError(f"has {size} bytes, expected {file.size}")
        with path.open("rb") as opened:
            _compare(hashlib.file_digest(opened, "sha256").hexdigest(), file)
    except FileNotFoundError:
        raise FetchError("no such file") from None
    except OSError as error:
        raise FetchError(f"cannot be read ({error.strerror or error})") from None


def _may_pass(error: BaseException) -> bool:
    if isinstance(error, HTTPError):
        return error.code in PASSING_STATUSES
    return isinstance(error, IncompleteError | URLError | TimeoutError | ConnectionError | http.client.HTTPException)


def _fetch_once(place: str, target: Path, file: SourceFile, timeout: float, bar: bool) -> None:
    content = bytearray()
    with (
        closing(_open(place, timeout)) as source,
        # None lets tqdm draw on a terminal only.
        tqdm(total=file.size, unit="B", unit_scale=True, desc=file.name, disable=None if bar else True) as progress,
    ):
        while chunk := source.read(CHUNK):
            content += chunk
            if len(content) > file.size:
                raise FetchError(f"gives more than the {file.size} bytes of the file")
            progress.update(len(chunk))
    if len(content) < file.size:
        raise IncompleteError(f"gave {len(content)} of {file.size} bytes")
    _compare(hashlib.sha256(content).hexdigest(), file)
    with saving(target):
        write_bytes(target, bytes(content))


def _open(place: str, timeout: float) -> IO[bytes]:
    if not is_web_address(place):
        return Path(place).open("rb")
    request = urllib.request.Request(place, headers={"User-Agent": "bythebook"})
    try:
        return urllib.request.urlopen(request, timeout=timeout)
    except HTTPError as error:
        error.close()  # it holds the connection
        raise


def _compare(sha256: str, file: SourceFile) -> None:
    if sha256 != file.sha256:
        raise FetchError(f"wrong checksum: sha256 is {sha256}, expected {file.sha256}")
