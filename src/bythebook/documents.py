"""Reading YAML that people write and JSON that programs write."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import MaxDepthExceededError
from ruamel.yaml.constructor import ConstructorError, DuplicateKeyError, SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode
from ruamel.yaml.reader import ReaderError

from bythebook.errors import UserError
from bythebook.files import write_bytes

# Nobody writes deeper ones, and Python's recursion ends at some hundreds.
DEEPEST = 50
# JSON has these kinds of values, too.
TAG = "tag:yaml.org,2002:"
TEXT, MERGED = f"{TAG}str", f"{TAG}merge"
WORDS = {f"{TAG}bool": "true or false", f"{TAG}int": "a whole number", f"{TAG}float": "a number"}
PLAIN = {TEXT, *WORDS, *(f"{TAG}{kind}" for kind in ("null", "seq", "map"))}
SMALLEST, LARGEST = -(2**63), 2**63 - 1


class PlainConstructor(SafeConstructor):
    """Makes the values that JSON has, too; of everything else it tells the place."""

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        """Return the value of a node.

        Raises:
            ConstructorError: it has none, or one that no declaration may have.
        """
        if node in self.recursive_objects:
            raise _misplaced(node, "this contains itself")
        if node.tag == f"{TAG}timestamp":
            raise _misplaced(node, f"{node.value} is a date, which nothing here takes; put quotes around a text")
        if node.tag not in PLAIN:
            raise _misplaced(node, f"unknown tag '{node.tag.replace(TAG, '!!')}'; no declaration needs one")
        for key, _ in node.value if isinstance(node, MappingNode) else ():
            if key.tag not in (TEXT, MERGED):
                given = f"'{key.value}'" if isinstance(key.value, str) else f"a {key.id}"
                raise _misplaced(key, f"a key is a text, in quotes if it looks like something else; given {given}")
        try:
            value = super().construct_object(node, deep=True)
        except (ValueError, LookupError):
            # Python refuses to read whole numbers of thousands of digits.
            value = LARGEST + 1 if node.value.lstrip("+-").replace("_", "").isdecimal() else None
            if value is None:
                raise _misplaced(node, f"{WORDS[node.tag]} is expected; given '{node.value}'") from None
        if isinstance(value, int) and not SMALLEST <= value <= LARGEST:
            raise _misplaced(node, "a whole number of more than 64 bits; allowed: -2^63 to 2^63 - 1")
        if isinstance(value, str) and "\0" in value:
            raise _misplaced(node, "a text without zero bytes is expected, which no database takes")
        return value


def read_yaml(path: Path) -> Any:
    """The plain Python value of a YAML file (1.2, as DVC reads it, so ``1e-3`` is a number).

    It is what JSON could hold, but for NaN and the infinities: keys are texts, and there are no dates.

    Raises:
        UserError: the file cannot be read, is not YAML, names a key twice, is nested deeper than :data:`DEEPEST`, or
            holds something else than such values.
    """
    reader = YAML(typ="safe", pure=True)
    reader.Constructor = PlainConstructor
    reader.max_depth = DEEPEST
    text = _text(path, "")
    try:
        return reader.load(text)
    except DuplicateKeyError as error:
        twice = str(error.problem).splitlines()[0]
        raise UserError(f"{path}, {_position(error, text)}: {twice}; a key may stand once.") from None
    except MaxDepthExceededError as error:
        raise UserError(f"{path}, {_position(error, text)}: nested deeper than {DEEPEST} levels.") from None
    except ConstructorError as error:
        raise UserError(f"{path}, {_position(error, text)}: {_reason(error)}.") from None
    except YAMLError as error:
        raise UserError(f"{path}, {_position(error, text)}: not YAML: {_reason(error)}") from None


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
        UserError: the file cannot be read or is not JSON.
    """
    text = _text(path, "; the stage that writes it has not run")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}: not JSON: {error}") from None


def _text(path: Path, hint: str) -> str:
    """Return what a file says; ``hint`` is why it may be missing."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise UserError(f"{path}: no such file{hint}.") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}.") from None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UserError(f"{path}, line {line}: not UTF-8 text ({error.reason} at byte {error.start}).") from None


def _misplaced(node: Any, said: str) -> ConstructorError:
    return ConstructorError(None, None, said, node.start_mark)


def _position(error: YAMLError, text: str) -> str:
    if isinstance(error, MarkedYAMLError) and error.problem_mark:
        return f"line {error.problem_mark.line + 1}, column {error.problem_mark.column + 1}"
    if isinstance(error, ReaderError):
        return f"line {text.count(chr(10), 0, error.position) + 1}"
    return f"line {text.count(chr(10)) + 1}"


def _reason(error: YAMLError) -> str:
    reason = error.problem if isinstance(error, MarkedYAMLError) else getattr(error, "reason", error)
    return " ".join(str(reason).split())
