"""What a net can be asked about an image: its label, its own pixels, or by how many quarters it was turned."""

from __future__ import annotations

from typing import Literal

Target = Literal["labels", "reconstruction", "rotation"]
LABELS: Target = "labels"
RECONSTRUCTION: Target = "reconstruction"
ROTATION: Target = "rotation"
