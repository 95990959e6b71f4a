"""How the report was made: digests and versions, so that a reader can make it again."""

from __future__ import annotations

from collections.abc import Iterable

from bythebook.report.sources import Sources


def provenance(sources: Sources) -> tuple[tuple[str, str], ...]:
    """Name and value of each fact; more than one value where the runs differ."""
    identities = [entry.record.identity for suite in sources.suites for entry in suite.entries]
    facts = []
    for card in (data.card for data in sources.data):
        name = card["dataset"]
        facts.append((f"{name}", card["training_digest"][:16]))
        facts += [(f"{name}, {split}", entry["digest"][:16]) for split, entry in card["splits"].items()]
    facts.append(("code", _together(identity.code[:16] for identity in identities)))
    names = sorted({name for identity in identities for name in identity.environment})
    facts += [(name, _together(str(identity.environment.get(name)) for identity in identities)) for name in names]
    return tuple(facts)


def _together(values: Iterable[str]) -> str:
    return ", ".join(sorted(set(values))) or "–"
