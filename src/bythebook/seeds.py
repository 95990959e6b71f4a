"""Random seeds for the parts of a run, each a pure function of the run's seed and the part's name."""

from __future__ import annotations

import hashlib


def derived(seed: int, *parts: object) -> int:
    """A seed in [0, 2**31) for one part of a run.

    Parts with different names get unrelated seeds, and a part keeps its seed whatever else the run contains.
    """
    text = "/".join(str(part) for part in (seed, *parts))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> 1
