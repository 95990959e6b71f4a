"""The ranges that technique arguments share. A recipe outside of them is refused before anything trains."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bythebook.validation import Count as Count

Finite = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, lt=1)]
