"""Whatever is written in place of what the project declares, it is used, or refused with its file and place."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from declared import ROOT, declared_files, made_project
from mutations import KEYS, VALUES, mutations

from pipeline import declarations

EACH = 17  # of every file
UNMISTAKABLE = (
    *("huge", "digits", "date", "tag", "wrong tag", "wrong boolean", "alias", "itself", "deep", "twice", "zero byte"),
    *("null key", "nan key", "list key", "number key"),
)
PLACE = re.compile(r"^\S+\.(yaml|json)(, line \d+|: \S+)")


def test_mutated_declarations_are_used_or_refused_with_their_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = made_project(tmp_path, monkeypatch)
    tried, refused = Counter[str](), Counter[str]()
    without_place, elsewhere = [], 0
    for mutation in mutations(ROOT, declared_files(), EACH):
        original = (project / mutation.path).read_bytes()
        (project / mutation.path).write_text(mutation.text)
        try:
            _, wrong = declarations.look()
        except Exception as error:
            pytest.fail(f"{mutation.path}, {mutation.place}, {mutation.kind}: {error!r}")
        finally:
            (project / mutation.path).write_bytes(original)
        tried[mutation.kind] += 1
        refused[mutation.kind] += bool(wrong)
        told = f"{mutation.path}, {mutation.place}, {mutation.kind}: "
        without_place += [told + sentence for sentence in wrong if not PLACE.match(sentence)]
        # A recipe or task that goes by another name is missing where others name it.
        elsewhere += not any(mutation.path.name in sentence for sentence in wrong) if wrong else 0
    assert without_place == []
    assert tried.total() >= 500 and tried.keys() >= {*VALUES, *KEYS}
    assert refused.total() / tried.total() > 0.85
    assert elsewhere / refused.total() < 0.05
    assert [kind for kind in UNMISTAKABLE if refused[kind] < tried[kind]] == []
