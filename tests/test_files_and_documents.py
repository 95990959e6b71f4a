from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bythebook.documents import canonical_json, read_json, read_yaml, write_json
from bythebook.errors import UserError
from bythebook.files import new_directory, sha256_of, write_bytes


def test_a_failing_write_leaves_the_earlier_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_bytes(path, b"before")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_bytes(path, b"after")
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_directory_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with new_directory(target) as building:
        (building / "old").write_text("1")
    with pytest.raises(RuntimeError), new_directory(target) as building:
        (building / "new").write_text("2")
        raise RuntimeError
    assert [path.name for path in target.iterdir()] == ["old"]
    with new_directory(target) as building:
        (building / "new").write_text("2")
    assert [path.name for path in target.iterdir()] == ["new"]
    assert list(tmp_path.iterdir()) == [target]


# From a few characters of every kind: for all of Unicode, hypothesis makes tables for seconds.
texts = st.text('aZ09 _"\\/\n\0\x7fäß\u2028\uffff😀')
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=10,
)


@given(st.dictionaries(texts, values))
def test_canonical_json_depends_on_the_value_alone(value: dict[str, object]) -> None:
    assert canonical_json(value) == canonical_json(dict(reversed(value.items())))


def test_json_goes_round(tmp_path: Path) -> None:
    value = {"ä": [1, 2.5, None, {"b": "x"}], "a": 1e-12}
    write_json(tmp_path / "value.json", value)
    assert read_json(tmp_path / "value.json") == value
    assert len(sha256_of(tmp_path / "value.json")) == 64


def test_nan_is_never_written() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json({"loss": float("nan")})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a: 1\na: 2\n", "line 2, column 1: found duplicate key"),
        (b"a: [1, 2\nb: 3\n", "not YAML"),
        (b"a: \xff\n", "not UTF-8"),
        (b"\ta: 1\n", "not YAML"),
        (b"a: 1\nb: \xff\n", "line 2: not UTF-8"),
        (b"a: 1\nb: \x07\n", "line 2: not YAML: special characters"),
        (b"a: 1\nabout: 2024-02-30\n", "line 2, column 8: 2024-02-30 is a date"),
        (b"a: 1\nb: " + b"9" * 5000, "line 2, column 4: a whole number of more than 64 bits"),
        (b"a: 1\nb: -1" + b"0" * 400, "line 2, column 4: a whole number of more than 64 bits"),
        (b"a: 1\nb: 0x" + b"f" * 5000, "line 2, column 4: a whole number of more than 64 bits"),
        (b"a: !!int x", "line 1, column 4: a whole number is expected; given 'x'"),
        (b"a: !!int ''", "line 1, column 4: a whole number is expected; given ''"),
        (b"a: !!float x", "line 1, column 4: a number is expected; given 'x'"),
        (b"a: !!bool x", "line 1, column 4: true or false is expected; given 'x'"),
        (b'a: "b\\0"', "line 1, column 4: a text without zero bytes"),
        (b"a: !foo 1", "line 1, column 4: unknown tag '!foo'"),
        (b"a: !!set {b}", "line 1, column 4: unknown tag '!!set'"),
        (b"a: " + b"[" * 1200 + b"]" * 1200, "line 1, column 53: nested deeper than 50 levels"),
        (b"".join(b"  " * level + b"k:\n" for level in range(1200)), "line 50, .*nested deeper than 50 levels"),
        (b"a:\n  null: 1", "line 2, column 3: a key is a text"),
        (b"a:\n  .nan: 1", "line 2, column 3: a key is a text"),
        (b"a:\n  ? [b, c]\n  : 1", "line 2, column 5: a key is a text.*given a sequence"),
        (b"a: &a [*a]", "line 1, column 4: this contains itself"),
        (b"a: &a {b: {c: *a}}", "line 1, column 4: this contains itself"),
    ],
)
def test_a_file_that_is_not_yaml_is_named_with_its_line(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "suite.yaml"
    path.write_bytes(content)
    with pytest.raises(UserError, match=said) as raised:
        read_yaml(path)
    assert "suite.yaml" in str(raised.value) and len(str(raised.value)) < 500


def test_a_folder_or_a_loop_of_links_in_place_of_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for read in (read_yaml, read_json):
        for name, said in (("", "Is a directory"), ("loop", "Too many levels of symbolic links")):
            with pytest.raises(UserError, match=f"{tmp_path / name}: cannot be read: {said}"):
                read(tmp_path / name)


def test_anchors_and_merged_keys_are_plain_values(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("a: &a {b: 1}\nc: {<<: *a, d: 2}\ne: *a\n")
    assert read_yaml(tmp_path / "p.yaml") == {"a": {"b": 1}, "c": {"b": 1, "d": 2}, "e": {"b": 1}}


def test_an_exponent_without_a_point_is_a_number(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("rate: 1e-3\n")
    assert read_yaml(tmp_path / "p.yaml") == {"rate": 0.001}


def test_missing_files_say_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        read_yaml(tmp_path / "none.yaml")
    with pytest.raises(UserError, match="has not run"):
        read_json(tmp_path / "none.json")


def test_a_folder_that_several_write_at_a_time_is_one_of_theirs_and_whole(tmp_path: Path) -> None:
    def write(writer: str) -> None:
        for _ in range(30):
            with new_directory(tmp_path / "entry") as building:
                for name in ("one", "other"):
                    (building / name).write_text(writer)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, "abcd"))
    assert [path.name for path in tmp_path.iterdir()] == ["entry"]
    left = {path.name: path.read_text() for path in (tmp_path / "entry").iterdir()}
    assert left.keys() == {"one", "other"} and left["one"] == left["other"]
