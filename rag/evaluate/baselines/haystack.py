"""Haystack: chunks in memory, found by vector and by BM25, joined by reciprocal rank."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

# Read where the library is imported.
os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "false"

from haystack import Document as Chunk
from haystack.components.joiners import DocumentJoiner
from haystack.components.preprocessors import RecursiveDocumentSplitter
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore
from langchain_core.embeddings import Embeddings

from ingest.types import Document
from rag.evaluate.systems import DEPTH, RankedPieces

# Regular expressions; the library keeps a separator with the text before it.
_SEPARATORS = ["\n\n", "\n", "[。！？；]", "，", "[.!?;] ", ", ", " "]
_SIZES = (100, 250)


def haystack(documents: Sequence[Document], embeddings: Embeddings) -> list[RankedPieces]:
    """Give one for each size of chunks; the title is embedded with each."""
    return [_hybrid(documents, embeddings, size) for size in _SIZES]


def _hybrid(documents: Sequence[Document], embeddings: Embeddings, size: int) -> RankedPieces:
    splitter = RecursiveDocumentSplitter(split_length=size, split_unit="char", separators=_SEPARATORS)
    sources = [
        Chunk(content=document.text, meta={"doc_id": document.doc_id, "title": document.title})
        for document in documents
    ]
    chunks = splitter.run(sources)["documents"]
    vectors = embeddings.embed_documents([f"{chunk.meta['title']}\n{chunk.content}" for chunk in chunks])
    store = InMemoryDocumentStore(shared=False)
    store.write_documents([replace(chunk, embedding=vector) for chunk, vector in zip(chunks, vectors, strict=True)])
    by_vector = InMemoryEmbeddingRetriever(store, top_k=DEPTH)
    by_words = InMemoryBM25Retriever(store, top_k=DEPTH)
    joiner = DocumentJoiner("reciprocal_rank_fusion")

    def search(question: str) -> list[tuple[str, str]]:
        found = [
            by_vector.run(embeddings.embed_query(question))["documents"],
            by_words.run(question)["documents"],
        ]
        return [(chunk.meta["doc_id"], chunk.content or "") for chunk in joiner.run(found)["documents"]]

    return RankedPieces("haystack", search, keys=len(chunks), size=size)
