"""Bringing MLflow up to date with documents; a second time it finds nothing to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from bythebook.tracking.child import Child
from bythebook.tracking.connection import Store
from bythebook.tracking.context import Context
from bythebook.tracking.document import Document
from bythebook.tracking.index import Index
from bythebook.tracking.tags import KEY, OUTCOME


def mirror_documents(store: Store, documents: Iterable[Document], context: Context, counts: Counter[str]) -> None:
    """Adds the documents that MLflow lacks and completes what was interrupted; safe to repeat.

    Args:
        context: what new runs are tagged with.
        counts: where ``documents`` added and ``duplicates`` removed are counted.
    """
    indexes: dict[str, Index] = {}
    for document in documents:
        if document.experiment not in indexes:
            index = Index(store, store.experiment(document.experiment, document.about))
            counts["duplicates"] += index.remove_duplicates()
            indexes[document.experiment] = index
        counts["documents"] += _add(store, indexes[document.experiment], document, context)


def _add(store: Store, index: Index, document: Document, context: Context) -> bool:
    found = index.find(KEY, document.key)
    if found is None:
        tags = context.tags() | {"dvc.stage": document.stage, KEY: document.key} | dict(document.tags)
        found = index.create(document.title, tags, document.written)
    run = Child(store, found)
    if run.is_complete or run.is_written_elsewhere:
        return False
    run.resume()
    run.add_values(document.metrics, document.written)
    run.add_file(document.file, document.text)
    run.end("FINISHED", document.written, {OUTCOME: "finished"})
    return True
