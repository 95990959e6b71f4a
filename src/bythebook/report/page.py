"""Puts the sections together and fills the templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from bythebook.report import formatting, theme
from bythebook.report.arms import number
from bythebook.report.searches import comparisons, with_winner
from bythebook.report.sections.champion import champion_section
from bythebook.report.sections.chapter import chapter_section
from bythebook.report.sections.claims import claims_section
from bythebook.report.sections.data import data_section
from bythebook.report.sections.headline import headline
from bythebook.report.sections.provenance import provenance
from bythebook.report.sections.samplers import samplers_section
from bythebook.report.sections.search import search_section
from bythebook.report.sections.suite import suite_section
from bythebook.report.sections.transfer import study_section
from bythebook.report.sources import Sources

FILTERS: Mapping[str, Any] = {
    "percent": formatting.percent,
    "percent_range": formatting.percent_range,
    "span_of": formatting.span_of,
    "points": formatting.points,
    "points_range": formatting.points_range,
    "decimal": formatting.decimal,
    "worth": formatting.worth,
    "worth_range": formatting.worth_range,
    "value": formatting.value,
    "heading": formatting.title,
    "tone": formatting.tone,
    "transfer_word": formatting.transfer_word,
    "number": number,
    "thousands": "{:,}".format,
}


def contents(sources: Sources) -> dict[str, Any]:
    """Everything the templates show, figures drawn."""
    suites = [suite_section(sources, suite) for suite in sources.of_stage("train")]
    transfers = [study_section(sources, suite) for suite in sources.of_stage("transfer")]
    searches = [search_section(sources, suite, found) for suite, found in with_winner(sources)]
    champion = next((champion_section(sources, suite) for suite in sources.of_stage("champion")), None)
    claims = claims_section(sources.claims) if sources.claims else None
    return {
        "data": data_section(sources.data[0]),
        "others": [data_section(data) for data in sources.data[1:]],
        "suites": suites,
        "transfers": transfers,
        "searches": searches,
        "comparisons": [samplers_section(sources, suite, found) for suite, found in comparisons(sources)],
        "champion": champion,
        "claims": claims,
        "chapter": chapter_section(),
        "headline": headline(sources, suites, transfers, searches, champion, claims),
        "provenance": provenance(sources),
    }


def html(shown: Mapping[str, Any]) -> bytes:
    """The page: one file that needs nothing else."""
    environment = templates(autoescape=True)
    palette = {"light": theme.variables(dark=False), "dark": theme.variables(dark=True)}
    return environment.get_template("index.html.j2").render(**shown, palette=palette).encode()


def templates(**options: Any) -> Environment:
    """The environment of this package's templates; ``options`` are Jinja's."""
    environment = Environment(
        loader=PackageLoader("bythebook.report"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        **options,
    )
    environment.filters.update(FILTERS)
    return environment
