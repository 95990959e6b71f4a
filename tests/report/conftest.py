from __future__ import annotations

from pathlib import Path

import pytest
from made_results import Results, make_results

from bythebook.report import write_report


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return make_results(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="session")
def report(results: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("reports")
    write_report(**results.arguments(output=output))
    return output
