"""The pictures of a search as files of their own, for where there is no page around them."""

from __future__ import annotations

import re

from bythebook.records.search import SamplerComparison, SearchFindings
from bythebook.report import searches
from bythebook.report.figures.samplers import progress
from bythebook.report.sections.search import figures
from bythebook.report.theme import COLOURS


def search_pictures(found: SearchFindings | SamplerComparison) -> dict[str, str]:
    """SVG by file name: how a search went and what mattered in it, or how samplers compare."""
    if isinstance(found, SamplerComparison):
        (objective,) = searches.objectives(found)
        return {"samplers.svg": alone(progress(found.guideline, objective, found.samplers))}
    return {f"{picture}.svg": alone(svg) for picture, svg in figures(found.guideline, found).items()}


def alone(svg: str) -> str:
    """A figure of the page with the colours of a light page, and that page's ground behind it."""
    drawn = re.sub(r"var\(--([\w-]+)\)", lambda found: COLOURS[found[1]][0], svg)
    return drawn.replace("<svg ", f'<svg style="background: {COLOURS["card"][0]}; font-family: sans-serif" ', 1)
