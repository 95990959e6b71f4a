"""Checks of what a user declared, and what the user is told about it.

It is apart from what computes because it cannot change a run's numbers unseen: whatever is accepted here becomes part
of the resolved recipe, and with it of the run's key. So a message can be reworded without retraining anything.
"""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from bythebook.errors import Problems, UserError, unknown

# Of every schema: nothing is converted, a key that is not known is a mistake, and so is a number without end.
STRICT = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)
Count = Annotated[int, Field(ge=1, le=2**31 - 1)]
LONGEST = 200  # characters of a value that an error repeats
BOUNDS = {"gt": "greater than", "ge": "at least", "lt": "less than", "le": "at most"}
Model = TypeVar("Model", bound=BaseModel)


def validated(schema: type[Model], given: Any, where: str) -> Model:
    """``given`` as an instance of ``schema``.

    Args:
        where: the path shown in errors, such as ``activations.yaml: recipes.relu``.

    Raises:
        UserError: with every problem found, each with its path, what was given and what is allowed.
    """
    try:
        return schema.model_validate(given)
    except ValidationError as error:
        problems = Problems()
        for detail in error.errors():
            path = ".".join(str(part) for part in detail["loc"])
            between = ": " if where.endswith(".yaml") else "."
            problems.add(f"{where}{between}{path}" if path else where, _sentence(schema, detail))
        raise UserError(*problems.found) from None


def sound_fields(schema: type[BaseModel], given: Mapping[str, Any], where: str, problems: Problems) -> dict[str, Any]:
    """Return the fields that are as the schema says, of mappings the entries that are; all others are noted."""
    with problems.collecting():
        return dict(validated(schema, given, where))
    found = {}
    for name in schema.model_fields.keys() & given.keys():
        field, value = schema.model_fields[name], given[name]
        alone: type[BaseModel] = create_model(name, __config__=STRICT, **{name: (field.annotation, field)})
        try:
            found[name] = getattr(alone.model_validate({name: value}), name)
        except ValidationError as error:
            wrong = {str(detail["loc"][1]) for detail in error.errors() if len(detail["loc"]) > 1}
            if isinstance(value, Mapping) and wrong:
                rest = {key: part for key, part in value.items() if key not in wrong}
                with suppress(ValidationError):
                    found[name] = getattr(alone.model_validate({name: rest}), name)
    return found


def named(kind: str, given: Any, known: Iterable[str], where: str) -> tuple[str, dict[str, Any]]:
    """The name and the arguments that a declaration gives.

    Args:
        kind: what is named, such as ``optimizer``.
        given: a name, or a mapping with ``name`` and arguments.
        known: the names that exist.
        where: the path shown in errors.

    Raises:
        UserError: nothing is named, or the name is unknown.
    """
    declaration = {"name": given} if isinstance(given, str) else given
    if not isinstance(declaration, Mapping) or not isinstance(declaration.get("name"), str):
        raise UserError(f"{where}: {given!r} does not name a {kind}; give a name, or a mapping with 'name'.")
    name = declaration["name"]
    if name not in known:
        raise UserError(f"{where}: {unknown(kind, name, known)}")
    return name, {key: value for key, value in declaration.items() if key != "name"}


def _sentence(schema: type[BaseModel], detail: Any) -> str:
    if detail["type"] == "extra_forbidden":
        owner = _owner(schema, detail["loc"][:-1])
        return unknown("key", detail["loc"][-1], owner.model_fields if owner else ())
    if detail["type"] == "missing":
        return "is required and was not given."
    message = (detail["msg"][0].lower() + detail["msg"][1:]).removeprefix("value error, ")
    if detail["type"] in ("finite_number", "float_type", "int_type"):
        message = ", ".join([message, *_bounds(schema, detail["loc"])])
    given = repr(detail["input"])
    given = given if len(given) <= LONGEST else f"{given[:LONGEST]}..."
    return message if message.endswith(".") else f"{message}; given {given}."


def _owner(schema: type[BaseModel], path: tuple[int | str, ...]) -> type[BaseModel] | None:
    """The model that a path of keys leads to, to list what it allows."""
    current: type[BaseModel] | None = schema
    for part in path:
        if current is not None and part in current.model_fields:
            parts = _parts(current.model_fields[str(part)].annotation)
            current = next((kind for kind in parts if hasattr(kind, "model_fields")), None)
    return current


def _bounds(schema: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """The bounds of the number that a path of keys leads to, in words."""
    found = []
    for length, part in enumerate(path):
        owner = _owner(schema, path[:length])
        if owner is not None and (field := owner.model_fields.get(str(part))):
            constraints = [*field.metadata, *_parts(field.annotation)]
            found = [
                f"{words} {getattr(constraint, name):.10g}"
                for constraint in constraints
                for name, words in BOUNDS.items()
                if isinstance(getattr(constraint, name, None), int | float)
            ]
    return found


def _parts(annotation: Any) -> Iterator[Any]:
    """An annotation, and all that it is made of."""
    yield annotation
    for part in (*typing.get_args(annotation), *getattr(annotation, "metadata", ())):
        yield from _parts(part)
