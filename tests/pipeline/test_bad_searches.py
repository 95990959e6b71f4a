"""A user's mistakes in searches and in claims about them: named by stage and check before anything trains."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from copies import Copy

from bythebook.errors import UserError
from pipeline import declarations


@pytest.fixture(scope="module")
def copy(made_copy: Callable[..., Copy]) -> Copy:
    """A copy without data: nothing gets as far as to read some."""
    return made_copy("searches")


@contextmanager
def changed(copy: Copy, path: str, old: str, new: str) -> Iterator[None]:
    """A file of the copy in which ``old`` became ``new``, for the time of the block."""
    file = copy.folder / path
    original = file.read_text()
    assert old in original
    file.write_text(original.replace(old, new, 1))
    try:
        yield
    finally:
        file.write_text(original)


def test_mistakes_in_how_a_space_is_searched(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    said = [
        "default_dnn.yaml: objectives: unknown objective 'val_acuracy'. Did you mean 'val_accuracy'?",
        "default_dnn.yaml: pruner: unknown pruner 'medium'. Did you mean 'median'?",
        "default_dnn.yaml: space.optimizer.learning_rate: a grid takes every 'step' of a range",
    ]
    wrong = "objectives: [val_acuracy]\nsampler: grid\npruner: medium\nbase:"
    monkeypatch.chdir(copy.folder)
    with changed(copy, "pipeline/searches/default_dnn.yaml", "base:", wrong):
        done = copy.run("search", "default_dnn")
        with pytest.raises(UserError) as error:
            declarations.read()
    assert done.returncode == 1 and "search: cannot go on:" in done.stderr and "Traceback" not in done.stderr
    for text in (done.stderr, str(error.value)):
        assert [part for part in said if part not in text] == []
    assert copy.memo() == {} and not (copy.folder / "runs").exists()


def test_a_mistake_in_overrides_is_told_once_and_where_it_stands(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(copy.folder)
    with changed(copy, "params.yaml", "epochs: 2", "epochs: 0"), pytest.raises(UserError) as error:
        declarations.read()
    (said,) = error.value.problems
    assert said.startswith("params.yaml: overrides.epochs: input should be greater than or equal to 1; given 0.")


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("search_samplers/tpe", "search_samplers/tpee", ["C-40.comparisons.0", "Did you mean 'search_samplers/tpe'?"]),
        ("search_default_dnn/winner", "search_default_dnn/winer", ["C-50.comparisons.0", "default_dnn/winner'?"]),
        ("dropout, batch_size]", "dropout]", ["C-50.comparisons.0: is not a comparison", "differ in 'batch_size'"]),
    ],
)
def test_mistakes_in_claims_about_searches(
    copy: Copy, monkeypatch: pytest.MonkeyPatch, old: str, new: str, parts: list[str]
) -> None:
    monkeypatch.chdir(copy.folder)
    with changed(copy, "pipeline/claims.yaml", old, new), pytest.raises(UserError) as error:
        declarations.read()
    assert [part for part in parts if part not in str(error.value)] == []
