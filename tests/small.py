"""What the tests of index and retrieval build on: a tiny embedding model, small documents, a knowledge base."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from langchain_core.embeddings import Embeddings

from ingest.config import load_settings
from ingest.index.knowledge_base import KnowledgeBase, open_knowledge_base
from ingest.pipeline import IngestReport, Pipeline
from ingest.types import Block, Document, EmbeddingIdentity

DIMENSION = 256
IDENTITY = EmbeddingIdentity("hashed", DIMENSION, None, None, 512)
SETTINGS = load_settings()


class HashedEmbeddings(Embeddings):
    """Counts of hashed character pairs, L2-normalised: the same text always gets the same vector."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        vector = np.full(DIMENSION, 1e-3)
        for i in range(len(text)):
            vector[zlib.crc32(text[i : i + 2].encode()) % DIMENSION] += 1
        return (vector / np.linalg.norm(vector)).tolist()


def document(title: str, *paragraphs: str, doc_id: str | None = None) -> Document:
    text = "\n".join(paragraphs)
    return Document(
        doc_id=doc_id or title,
        title=title,
        source=title,
        media_type="text/plain",
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        blocks=tuple(Block(paragraph) for paragraph in paragraphs),
    )


def opened(folder: Path) -> KnowledgeBase:
    return open_knowledge_base(folder, IDENTITY, SETTINGS.index, create=True)


def ingested(kb: KnowledgeBase, documents: Sequence[Document]) -> IngestReport:
    return Pipeline(kb, HashedEmbeddings(), SETTINGS).ingest_documents(documents, len(documents))
