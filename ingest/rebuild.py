"""Index the documents of a knowledge base anew, from what the store keeps of them: no file is needed."""

from __future__ import annotations

import shutil
from collections.abc import Callable

from langchain_core.embeddings import Embeddings

from ingest.errors import KeyRAGError
from ingest.index.knowledge_base import open_knowledge_base, writing_to
from ingest.index.library import Library
from ingest.pipeline import IngestReport, Pipeline, Progress
from ingest.settings import Settings
from ingest.types import EmbeddingIdentity


def rebuild(
    library: Library,
    name: str,
    embeddings: Embeddings,
    identity: EmbeddingIdentity,
    settings: Settings,
    progress: Callable[[Progress], None] = lambda _: None,
) -> IngestReport:
    """Split, derive keys and embed again with the settings in force, then replace the old index in one step.

    Until then the old index answers; an interrupted rebuild goes on where it was.

    :raises NotFoundError: if there is no such knowledge base.
    :raises KeyRAGError: if another process is writing to it.
    """
    store = library.store(name)
    folder = library.path(name) / ".rebuild"
    try:
        # What others would add meanwhile would be replaced with the rest.
        with writing_to(library.path(name)):
            try:
                new = open_knowledge_base(folder, identity, settings.index.local, create=True)
            except KeyRAGError:  # begun with other settings
                shutil.rmtree(folder)
                new = open_knowledge_base(folder, identity, settings.index.local, create=True)
            rows = store.documents()
            for stray in {row.doc_id for row in new.store.documents()} - {row.doc_id for row in rows}:
                new.delete(stray)
            documents = (store.read(row.doc_id) for row in rows)
            same_model = store.meta("embedding") == new.store.meta("embedding")
            known = store.key_vectors if same_model else lambda _: {}
            report = Pipeline(new, embeddings, settings, progress, known).ingest_documents(documents, len(rows))
            new.close()
            store.replace_all(folder / "kb.sqlite")
    finally:
        store.close()
    shutil.rmtree(folder)
    return report
