"""The pictures of a search as files: well-formed SVG that needs no page around it."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from made_results import Results

from bythebook.records.suite import read_suite
from bythebook.report import search_pictures


@pytest.mark.parametrize(
    ("suite", "expected"),
    [
        ("search_default_dnn", {"history", "importance", "parallel", *(f"slice-{place}" for place in range(4))}),
        ("search_low_latency", {"front", "importance", "parallel", "slice-0", "slice-1"}),
        ("search_samplers", {"samplers"}),
    ],
)
def test_every_picture_of_a_search_stands_alone(results: Results, suite: str, expected: set[str]) -> None:
    (folder,) = (path for path in results.suites if path.name == suite)
    searched = read_suite(folder).search
    assert searched is not None
    found = search_pictures(searched)
    assert set(found) == {f"{name}.svg" for name in expected}
    for text in found.values():
        assert ElementTree.fromstring(text).tag == "{http://www.w3.org/2000/svg}svg"
        assert "var(" not in text and "#2459a8" in text
