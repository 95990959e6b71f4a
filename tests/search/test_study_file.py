"""The SQLite file of the studies, wherever the project lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from bythebook.search.storage import opened, sqlite_address


@pytest.mark.parametrize("name", ["a?b", "a%20b", "a {b} #größe"])
def test_a_folder_of_any_name_can_have_the_studies(name: str, tmp_path: Path) -> None:
    with opened(sqlite_address(tmp_path / name)) as storage:
        assert storage.get_all_studies() == []
    assert [path.name for path in (tmp_path / name).iterdir()] == ["studies.db"]
    assert list(tmp_path.iterdir()) == [tmp_path / name]
