"""Sealed entries: what was written comes back, and nothing else does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from damages import DAMAGES

from bythebook.errors import DataError
from bythebook.sealed import look_up, read_sealed, write_sealed

VALUE = {"accuracy": 0.1 + 0.2, "rows": [1, None, True], "name": "Ä"}
LOOK_UP = (
    "import sys; from pathlib import Path; from bythebook.sealed import look_up\n"
    "sys.stdin.readline(); print(look_up(Path(sys.argv[1]), 'mine'))"
)


def test_a_value_comes_back_under_its_name_alone(tmp_path: Path) -> None:
    path = tmp_path / "below" / "mine.json"
    assert look_up(path, "mine") is None
    write_sealed(path, "mine", VALUE)
    assert read_sealed(path, "mine") == VALUE
    with pytest.raises(DataError, match="not as it was written"):
        read_sealed(path, "other")


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_value_is_none_and_is_told_once(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    path, other = tmp_path / "mine.json", tmp_path / "other.json"
    write_sealed(path, "mine", VALUE)
    write_sealed(other, "other", VALUE | {"accuracy": 0.99})
    path.write_bytes(DAMAGES[damage](path.read_bytes(), other.read_bytes()))
    assert look_up(path, "mine") is None and look_up(path, "mine") is None
    assert caplog.messages == [f"{path} is damaged: it counts as missing and is made again"]
    assert sorted(tmp_path.iterdir()) == [other]


@pytest.mark.parametrize(
    "content", ["[]", "null", "3", "{}", '{"sha256": 1, "value": NaN}', "[" * 5000, '{"accuracy": 0.99}', "\xff"]
)
def test_what_is_no_sealed_value_is_damaged(tmp_path: Path, content: str) -> None:
    path = tmp_path / "mine.json"
    path.write_text(content, encoding="latin-1")
    assert look_up(path, "mine") is None and not path.exists()


def test_of_processes_that_find_the_same_damage_one_tells(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text("damaged")
    command = [sys.executable, "-c", LOOK_UP, str(path)]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [process.communicate() for process in processes]
    assert [found for found, _ in told] == ["None\n"] * 3
    assert "".join(said for _, said in told) == f"{path} is damaged: it counts as missing and is made again\n"
