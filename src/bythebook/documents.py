"""Reading YAML that people write and JSON that programs write."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from bythebook.errors import UserError
from bythebook.files import write_bytes


def read_yaml(path: Path) -> Any:
    """The plain Python value of a YAML file (1.2, as DVC reads it, so ``1e-3`` is a number).

    Raises:
        UserError: the file is missing, is not YAML, or names a key twice.
    """
    try:
        return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path}: no such file.") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 text ({error.reason} at byte {error.start}).") from None
    except DuplicateKeyError as error:
        twice = str(error.problem).splitlines()[0]
        raise UserError(f"{path}, {_position(error)}: {twice}; a key may stand once.") from None
    except YAMLError as error:
        raise UserError(f"{path}, {_position(error)}: not YAML: {_reason(error)}") from None


def yaml_text(value: Any) -> str:
    """``value`` as YAML in the order of its keys, for people: equal values give equal text."""
    writer = YAML()
    writer.width = 110
    text = StringIO()
    writer.dump(value, text)
    return text.getvalue()


def canonical_json(value: Any) -> bytes:
    """``value`` as JSON with sorted keys and fixed layout: equal values give equal bytes. NaN is refused."""
    return (json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def write_json(path: Path, value: Any) -> None:
    """Writes ``value`` as canonical JSON, atomically."""
    write_bytes(path, canonical_json(value))


def read_json(path: Path) -> Any:
    """The value of a JSON file.

    Raises:
        UserError: the file is missing or is not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; the stage that writes it has not run.") from None
    except ValueError as error:
        raise UserError(f"{path}: not JSON: {error}") from None


def _position(error: YAMLError) -> str:
    mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else "somewhere"


def _reason(error: YAMLError) -> str:
    reason = error.problem if isinstance(error, MarkedYAMLError) else str(error)
    return " ".join(str(reason).split())
