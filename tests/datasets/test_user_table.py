"""A table of the user's own: numbers and a class in every line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bythebook.datasets.user.source import Rules
from bythebook.datasets.user.table import Table
from bythebook.errors import UserError

HEADER = "width,height,kind"


def table(folder: Path, *lines: str, label: str = "kind", ignore: tuple[str, ...] = ()) -> Table:
    (folder / "parts.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Table(folder / "parts.csv", label, ignore)


def refused(source: Table) -> tuple[str, ...]:
    with pytest.raises(UserError) as raised:
        source.gather(Rules())
    assert all(str(source.path) in problem for problem in raised.value.problems)
    return raised.value.problems


def test_every_column_but_the_label_is_a_feature(tmp_path: Path) -> None:
    source = table(tmp_path, "\ufeffid, width,kind,height", "a7,1.5,nut, -2", "", "a8,1e3,bolt,0.0", ignore=("id",))
    found = source.gather(Rules())
    assert found.features == ("width", "height")
    np.testing.assert_array_equal(found.images, [[1.5, -2], [1000, 0]])
    assert found.images.dtype == np.float64
    assert (found.classes, found.labels.tolist()) == (("bolt", "nut"), [1, 0])
    assert source.outline().per_class == (1, 1)


def test_missing_values_and_text_are_told_with_line_and_column(tmp_path: Path) -> None:
    lines = [f"{number},{number},nut" for number in range(8)]
    lines[1], lines[3], lines[4] = "1,,nut", "wide,3,nut", "NaN,inf,nut"
    problems = refused(table(tmp_path, HEADER, *lines))
    assert "4 values cannot be used (2 missing, 2 not numbers)" in problems[0]
    assert [problem.partition("parts.csv, ")[2] for problem in problems[1:]] == [
        "line 3, column 'height': is missing ('').",
        "line 5, column 'width': 'wide' is not a finite number.",
        "line 6, column 'width': is missing ('NaN').",
        "line 6, column 'height': 'inf' is not a finite number.",
    ]


def test_of_many_such_values_the_first_are_shown_and_all_counted(tmp_path: Path) -> None:
    problems = refused(table(tmp_path, HEADER, *[f"{number},1_0,nut" for number in range(90)]))
    assert "90 values cannot be used (90 not numbers)" in problems[0]
    assert len(problems) == 6


def test_a_line_without_a_class_is_told(tmp_path: Path) -> None:
    problems = refused(table(tmp_path, HEADER, "1,2,nut", "1,2,"))
    assert problems[1].endswith("line 3, column 'kind': is missing ('').")


def test_an_unknown_column_is_named_with_the_nearest(tmp_path: Path) -> None:
    problems = refused(table(tmp_path, HEADER, "1,2,nut", label="kinds", ignore=("with",)))
    assert problems[0].endswith(
        "parts.csv: label: unknown column 'kinds'. Did you mean 'kind'? Allowed: height, kind, width."
    )
    assert "parts.csv: ignore: unknown column 'with'. Did you mean 'width'?" in problems[1]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("width;height;kind", "1;2;nut"), "has one column, 'width;height;kind'; values must be separated by commas."),
        (("width,kind,width", "1,nut,2"), "column names stand more than once: width."),
        ((HEADER, "1,2,nut", "1,nut", "1,2,3,nut"), "3 columns, but line 3 has 2, line 4 has 4."),
        ((HEADER,), "has no line below the line of column names."),
        (("kind", "nut"), "has no column that is a feature."),
        ((HEADER, '1,"2,nut'), "not a CSV file"),
    ],
)
def test_what_is_no_such_table_is_refused(tmp_path: Path, lines: tuple[str, ...], said: str) -> None:
    assert said in "\n".join(refused(table(tmp_path, *lines)))


def test_a_file_in_another_encoding_or_none_is_told(tmp_path: Path) -> None:
    source = table(tmp_path, HEADER, "1,2,nut")
    source.path.write_bytes("width,höhe\n".encode("latin-1"))
    assert "not UTF-8 text (invalid start byte at byte 7)" in refused(source)[0]
    with pytest.raises(UserError, match=r"part.csv: no such file. Did you mean '.*parts.csv'\?"):
        Table(tmp_path / "part.csv", "kind").outline()
