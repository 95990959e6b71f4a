"""The schema of what ``params.yaml`` says of data: data sets, of the user's own too, and A/B tasks."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, model_validator

from bythebook.validation import STRICT, Count

Seed = Annotated[int, Field(ge=0, le=2**32 - 1)]  # NumPy takes no larger one everywhere
ALL = "all"
OWN_NAME = re.compile(r"[A-Za-z0-9_]+")


def _distinct(values: list[Any]) -> list[Any]:
    if len(set(values)) < len(values):
        raise ValueError("an entry stands twice")
    return values


def _amount(value: float) -> int | float:
    if value >= 1 and value.is_integer():
        return int(value)
    if not 0 < value < 1:
        raise ValueError("a number of images, or a share of them above 0 and below 1, is expected")
    return value


def _classes(value: Any) -> Any:
    kinds = isinstance(value, list) and all(
        isinstance(entry, int | str) and not isinstance(entry, bool) for entry in value
    )
    if not kinds:
        raise ValueError("a list of classes, by number or by name, is expected")
    return value


def _classes_or_all(value: Any) -> Any:
    return value if value == ALL else _classes(value)


Names = Annotated[list[str], AfterValidator(_distinct)]
# The validator refuses infinity itself, with what is allowed.
Amount = Annotated[float, Field(allow_inf_nan=True), AfterValidator(_amount)]


class IdxFiles(BaseModel):
    """A pair of files in the format of MNIST."""

    model_config = STRICT
    images: str
    labels: str


class CsvFile(BaseModel):
    """A table with a line of column names, and which of its columns are no features."""

    model_config = STRICT
    table: str
    label: str
    ignore: Names = []


class SourceParams(BaseModel):
    """Where a data set of the user's own lies: one of these."""

    model_config = STRICT
    folder: str | None = None
    npz: str | None = None
    idx: IdxFiles | None = None
    csv: CsvFile | None = None

    @model_validator(mode="after")
    def _one(self) -> SourceParams:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            possible = ", ".join(type(self).model_fields)
            raise ValueError(f"exactly one of {possible} is expected; given {', '.join(given) or 'none'}.")
        return self


class DataSet(BaseModel):
    """How a data set is cut; of one of the user's own also where it lies, and how its images are treated."""

    model_config = STRICT
    source: SourceParams | None = None
    size: Annotated[list[Count], Field(min_length=2, max_length=2)] | None = None
    mode: Literal["grey", "rgb"] = "grey"
    mixed: Literal["refuse", "convert"] = "refuse"
    unreadable: Annotated[float, Field(ge=0, lt=1)] = 0.01
    method: Literal["first", "stratified"] = "stratified"
    validation: Amount
    test: Amount | None
    seed: Seed = 42
    drop_duplicates: bool = True

    @property
    def shape(self) -> tuple[int | None, ...]:
        """The shape of one example, with None for a size that only the images tell."""
        if self.source and self.source.csv:
            return (None,)
        height, width = self.size or (None, None)
        return (height, width) if self.mode == "grey" else (height, width, 3)

    @property
    def rules(self) -> dict[str, Any]:
        """How images are treated."""
        size = (self.size[0], self.size[1]) if self.size else None
        return {"size": size, "mode": self.mode, "mixed": self.mixed, "unreadable": self.unreadable}

    @property
    def splits(self) -> dict[str, Any]:
        """How it is cut."""
        return {name: value for name, value in self.model_dump().items() if name not in ("source", *self.rules)}

    @model_validator(mode="after")
    def _fits_its_source(self) -> DataSet:
        source, given = self.source, [name for name in self.rules if name in self.model_fields_set]
        if given and (source is None or source.csv):
            raise ValueError(f"{', '.join(given)}: is said only of images of your own.")
        if "unreadable" in given and source and source.folder is None:
            raise ValueError("unreadable: is said only of a folder of images.")
        if source and self.test is None:
            raise ValueError("test: your own data have no test part; a number of images or a share is expected.")
        return self


class SideA(BaseModel):
    """TaskParams A of two data sets: all classes of one, or some."""

    model_config = STRICT
    dataset: str
    classes: Annotated[Any, AfterValidator(_classes_or_all)]

    @property
    def chosen(self) -> tuple[int | str, ...] | None:
        """The classes; None: all of them."""
        return None if self.classes == ALL else tuple(self.classes)


class SideB(SideA):
    """TaskParams B of two data sets, and how many training images it has."""

    samples: Count | None = None


class TaskParams(BaseModel):
    """An A/B task: B's classes of a data set, and how many training images of them it has; or two data sets."""

    model_config = STRICT
    classes: Annotated[Any, AfterValidator(_classes)] = None
    samples: Count | None = None
    a: SideA | None = None
    b: SideB | None = None
    overlap: Annotated[float, Field(ge=0, le=1)] = 0.1

    @model_validator(mode="after")
    def _one_form(self) -> TaskParams:
        given = self.model_fields_set
        if given != {"classes", "samples"} and given | {"overlap"} != {"a", "b", "overlap"}:
            named = ", ".join(sorted(given)) or "nothing"
            raise ValueError(f"classes and samples are expected, or a and b (and overlap); given {named}.")
        return self
