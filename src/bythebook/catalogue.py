"""The register of techniques: what a recipe can name, with which arguments.

A technique is one function in its family's file under :mod:`bythebook.techniques`. Its signature is its schema: every
argument is annotated, ranges stand in ``Annotated[float, Field(gt=0)]``, and a recipe names it as a bare word or as a
mapping ``{name: leaky_relu, negative_slope: 0.2}``.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, create_model

from bythebook.docstrings import first_line
from bythebook.errors import unknown
from bythebook.validation import STRICT, named, validated

Function = TypeVar("Function", bound=Callable[..., Any])

FAMILIES = (
    "augmentation",
    "initializer",
    "activation",
    "normalizer",
    "regularizer",
    "dropout",
    "constraint",
    "optimizer",
    "schedule",
    "clipping",
    "loss",
    "strategy",
)


@dataclass(frozen=True)
class Technique:
    """One registered technique.

    Attributes:
        family: one of :data:`FAMILIES`.
        name: the name recipes use.
        build: the function that makes the Keras object.
        arguments: the schema of what a recipe may set.
    """

    family: str
    name: str
    build: Callable[..., Any]
    arguments: type[BaseModel]

    @property
    def summary(self) -> str:
        """The first line of the technique's documentation."""
        return first_line(self.build)

    @property
    def defaults(self) -> dict[str, Any]:
        """Every argument that has a default, with it."""
        fields = self.arguments.model_fields
        return {name: field.default for name, field in fields.items() if not field.is_required()}


_register: dict[str, dict[str, Technique]] = {family: {} for family in FAMILIES}


def technique(family: str) -> Callable[[Function], Function]:
    """Registers the decorated function under ``family``.

    Arguments that start with an underscore are given by the program (such as ``_seed``) and not by recipes.

    Raises:
        ValueError: the family does not exist, or the name is taken.
    """

    if family not in _register:
        raise ValueError(unknown("family", family, FAMILIES))
    known = _register[family]

    def register(function: Function) -> Function:
        name = function.__name__
        if name in known:
            raise ValueError(f"{family} '{name}' is registered twice")
        known[name] = Technique(family, name, function, _schema(name, function))
        return function

    return register


def techniques(family: str) -> Mapping[str, Technique]:
    """The registered techniques of a family, by name."""
    return _register[family]


def resolve(family: str, given: Any, where: str) -> dict[str, Any]:
    """The full declaration ``{"name": ..., argument: value, ...}`` of what a recipe names.

    Args:
        given: a name, or a mapping with ``name`` and arguments.
        where: the path shown in errors, such as ``activations.yaml: recipes.relu.activation``.

    Raises:
        UserError: the name is unknown, or an argument is unknown, missing, of the wrong type or out of range.
    """
    known = techniques(family)
    name, given_arguments = named(family, given, known, where)
    arguments = validated(known[name].arguments, given_arguments, where)
    return {"name": name, **arguments.model_dump(mode="json")}


def build(family: str, declaration: Mapping[str, Any], **given: Any) -> Any:
    """Makes the object that a resolved declaration names; ``given`` are the program's own arguments (``_seed=...``)."""
    entry = techniques(family)[declaration["name"]]
    wanted = inspect.signature(entry.build).parameters
    arguments = {key: value for key, value in declaration.items() if key != "name"}
    return entry.build(**arguments, **{key: value for key, value in given.items() if key in wanted})


def _schema(name: str, function: Callable[..., Any]) -> type[BaseModel]:
    hints = typing.get_type_hints(function, include_extras=True)
    fields: dict[str, Any] = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name.startswith("_"):
            continue
        default = ... if parameter.default is parameter.empty else parameter.default
        fields[parameter.name] = (hints[parameter.name], default)
    return create_model(name, __config__=STRICT, **fields)
