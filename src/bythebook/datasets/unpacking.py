"""Reading gzip files of unknown honesty: to the very end, and not beyond a bound."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from bythebook.errors import DataError, UserError

LARGEST = 1 << 30


def unpacked(path: Path, largest: int = LARGEST) -> bytes:
    """The whole content of a gzip file, its checksum verified.

    Args:
        largest: refuse to unpack more than this many bytes.

    Raises:
        UserError: there is no such file.
        DataError: the file is truncated, damaged, not gzip, or unpacks to more than ``largest`` bytes.
    """
    try:
        with gzip.open(path) as file:
            # One byte past the bound tells "too much"; at the end of the file gzip compares its checksum.
            content = file.read(largest + 1)
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; the download stage has not run.") from None
    except EOFError:
        raise DataError(f"{path}: the gzip file is truncated.") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{path}: not a sound gzip file ({error}).") from None
    if len(content) > largest:
        raise DataError(f"{path}: unpacks to more than the {largest} bytes allowed.")
    return content
