"""What of the program's code counts where numbers are concerned."""

from __future__ import annotations

from functools import cache, lru_cache

from bythebook.code.digest import Code

# Cannot change a number: reading and writing files, telling mistakes, looking names up, and what keeps results.
NEUTRAL = (
    *("bythebook.errors", "bythebook.validation", "bythebook.files", "bythebook.documents", "bythebook.docstrings"),
    *("bythebook.closure", "bythebook.code", "bythebook.records", "bythebook.sealed"),
    *("bythebook.fused.xla_cache.use", "bythebook.fused.xla_cache.sealing", "bythebook.runs.reuse.check"),
    *("bythebook.catalogue.technique", "bythebook.catalogue.techniques", "bythebook.training.loops.LOOPS"),
    "bythebook.search.objectives.objective",
)


@lru_cache(maxsize=4096)
def numeric_digest(definitions: tuple[str, ...], without: tuple[str, ...] = ()) -> str:
    """Return the digest of the code that definitions can reach, without what cannot change a number.

    Args:
        definitions: dotted names, such as ``bythebook.network.build``.
        without: further modules to leave out.
    """
    return code().reach(definitions, without).digest


@cache
def code() -> Code:
    """Return the program's code, read once by each process."""
    return Code(NEUTRAL)
