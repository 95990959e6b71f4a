"""What all records have in common: they are frozen, nothing in them is converted, and they are checked on reading."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

from pydantic import BaseModel, Strict, ValidationError

from bythebook.documents import read_json
from bythebook.errors import UserError
from bythebook.sealed import discard, look_up
from bythebook.validation import STRICT, validated

Item = TypeVar("Item")
# JSON knows lists alone.
Several = Annotated[tuple[Item, ...], Strict(False)]


class RecordPart(BaseModel):
    """A record or a part of one. Names of fields are those in the file, but for aliases."""

    model_config = STRICT

    @classmethod
    def of(cls, value: Any) -> Self:
        """Return the record that a JSON value stands for.

        Raises:
            pydantic.ValidationError: it is none.
        """
        return cls.model_validate(value)

    def as_json(self) -> dict[str, Any]:
        """Return the record as a JSON value; :meth:`of` is the way back."""
        return self.model_dump(by_alias=True, exclude_unset=True)


Kind = TypeVar("Kind", bound=RecordPart)


def read(path: Path, kind: type[Kind], schema: int) -> Kind:
    """Return the record in a file.

    Args:
        schema: the number of the layout that this version reads.

    Raises:
        UserError: the file cannot be read, has another layout, or is no such record.
    """
    value = read_json(path)
    found = value.get("schema") if isinstance(value, dict) else None
    if found != schema:
        raise UserError(
            f"{path}: has layout {found!r} of these records, and this version of bythebook reads layout {schema};"
            " bring it up to date with 'make repro'."
        )
    return validated(kind, value, str(path))


def look_up_record(path: Path, name: str, kind: type[Kind]) -> Kind | None:
    """Return the record that is sealed there, or None; what is damaged or of another version is discarded."""
    value = look_up(path, name)
    try:
        return None if value is None else kind.of(value)
    except ValidationError:
        discard(path)
        return None
