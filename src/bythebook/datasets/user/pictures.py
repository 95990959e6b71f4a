"""Images as they come, brought to one size and one colour mode, or refused for having others."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bythebook.datasets.user.source import Rules, some
from bythebook.errors import DataError, Problems

PILLOW = {"grey": "L", "rgb": "RGB"}
# Files that hold eight bits of grey; "1" is black and white.
NAMES = {"1": "grey", "L": "grey", "RGB": "rgb"}
DEEP = ("I", "F")  # 32 bits per pixel, of which nobody knows the range
# What an image may have without anybody saying its size: a dense layer has a weight for each of them.
LARGEST = 256 * 256


@dataclass
class Pictures:
    """Collects images, each of which is as the rules say when it is added; or is noted for what it is.

    Attributes:
        rules: size, mode, and what happens to others.
        images: uint8, ``(h, w)`` or ``(h, w, 3)`` each.
        converted: how many were converted, by what.
    """

    rules: Rules
    images: list[NDArray[np.uint8]] = field(default_factory=list)
    converted: dict[str, int] = field(default_factory=lambda: {"size": 0, "mode": 0})
    _sizes: dict[str, tuple[int, int]] = field(default_factory=dict)
    _modes: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, image: Any) -> None:
        """Takes a loaded ``PIL.Image.Image``."""
        size, mode = (image.height, image.width), NAMES.get(image.mode, image.mode)
        self._sizes[name], self._modes[name] = size, mode
        wanted = self.rules.size or next(iter(self._sizes.values()))
        other_size, other_mode = size != wanted, mode != self.rules.mode
        if not self._converts(other_size, other_mode) or mode in DEEP:
            return
        self.converted["size"] += other_size
        self.converted["mode"] += other_mode
        self.images.append(_converted(image, self.rules.mode, wanted))

    def stacked(self, where: str) -> NDArray[np.uint8]:
        """All of them, ``(n, h, w)`` or ``(n, h, w, 3)``.

        Raises:
            DataError: images have another size or colour mode, with counts and examples.
        """
        problems = Problems()
        self._check_modes(where, problems)
        self._check_sizes(where, problems)
        problems.raise_if_any(DataError)
        return np.stack(self.images)

    def _converts(self, other_size: bool, other_mode: bool) -> bool:
        """Whether an image is taken: it is as declared, or may be converted to what is declared."""
        if other_size and self.rules.size is None:
            return False
        return self.rules.mixed == "convert" or not (other_size or other_mode)

    def _check_modes(self, where: str, problems: Problems) -> None:
        wanted = self.rules.mode
        strange = {name: mode for name, mode in self._modes.items() if mode in DEEP}
        others = {name: mode for name, mode in self._modes.items() if mode != wanted and name not in strange}
        if strange:
            problems.add(where, f"{len(strange)} images have 32 bits per pixel; save them with 8: {some([*strange])}.")
        if others and self.rules.mixed == "refuse":
            kinds = ", ".join(f"{count} are {mode}" for mode, count in Counter(others.values()).most_common())
            problems.add(
                where,
                f"{len(others)} of {len(self._modes)} images are not {wanted}: {kinds} ({some([*others])}). Declare"
                f" mixed: convert{' or mode: rgb' if wanted == 'grey' else ' or mode: grey'}.",
            )

    def _check_sizes(self, where: str, problems: Problems) -> None:
        counts = Counter(self._sizes.values()).most_common()
        wanted = self.rules.size or counts[0][0]
        others = [name for name, size in self._sizes.items() if size != wanted]
        if others and not self._converts(other_size=True, other_mode=False):
            sizes = ", ".join(f"{count} are {_said(size)}" for size, count in counts[:3])
            problems.add(
                where,
                f"{len(others)} of {len(self._sizes)} images are not {_said(wanted)} pixels: {sizes}"
                f"{' and so on' if len(counts) > 3 else ''} ({some(others)})."
                f" Declare size: [{wanted[0]}, {wanted[1]}] and mixed: convert.",
            )
        elif not self.rules.size and (said := _too_large(wanted)):
            problems.add(where, said)


def conformed(images: NDArray[np.uint8], rules: Rules, where: str) -> tuple[NDArray[np.uint8], dict[str, int]]:
    """An array of images that are all alike, as the rules say, and how many were converted.

    Args:
        images: uint8 ``(n, h, w)`` or ``(n, h, w, 3)``.

    Raises:
        DataError: they have another size or colour mode and are not to be converted, or are very large.
    """
    from PIL import Image

    mode = "grey" if images.ndim == 3 else "rgb"
    if mode == rules.mode and rules.size in (None, images.shape[1:3]):
        if not rules.size and (said := _too_large((images.shape[1], images.shape[2]))):
            raise DataError(f"{where}: {said}")
        return images, {"size": 0, "mode": 0}
    collected = Pictures(rules)
    for position, image in enumerate(images):
        collected.add(f"image {position}", Image.fromarray(image))
    return collected.stacked(where), collected.converted


def _too_large(size: tuple[int, int]) -> str | None:
    """What is said of images that are larger than dense layers can well take; nothing of others."""
    if size[0] * size[1] <= LARGEST:
        return None
    return (
        f"the images are {_said(size)} pixels, which is much for dense layers. Declare the size that they are to have,"
        " such as size: [64, 64], and mixed: convert."
    )


def _said(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


def _converted(image: Any, mode: str, size: tuple[int, int]) -> NDArray[np.uint8]:
    """An image in the wanted mode and size: what is transparent becomes white, 16 bits become 8; it is not cropped."""
    from PIL import Image

    if image.mode.startswith("I;16"):
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    if image.mode != PILLOW[mode]:
        image = image.convert(PILLOW[mode])
    if (image.height, image.width) != size:
        image = image.resize((size[1], size[0]), Image.Resampling.BILINEAR)
    return np.asarray(image)
