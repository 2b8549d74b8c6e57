"""What is compared: KeyRAG itself, and the shape that every other system takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from langchain_core.embeddings import Embeddings

from ingest.index.knowledge_base import open_knowledge_base
from ingest.index.store import Store
from ingest.index.union import UnionStore
from ingest.models.embeddings import identity
from ingest.models.tokens import count_tokens
from ingest.pipeline import Pipeline, Progress
from ingest.settings import Settings
from ingest.types import Document
from rag.pack import pack
from rag.retrieve import Retriever

# Hits looked at for the ranks of documents and for the largest budget; of the others, whose pieces are longer, fewer.
_DEPTH = 100
DEPTH = 60


@dataclass(frozen=True, slots=True)
class Found:
    """What a system finds for a question.

    ``documents`` ranks document ids, best first, without repetition; ``context`` gives, for a budget in
    characters, (doc_id, text) in the order in which the language model would read them.
    """

    documents: tuple[str, ...]
    context: Callable[[int], Sequence[tuple[str, str]]]


class System(Protocol):
    """A retrieval system with an index of the dataset's documents."""

    name: str
    details: dict[str, object]

    def find(self, question: str) -> Found: ...


class RememberedQuestions(Embeddings):
    """Embeds each question once for all systems, so that none waits for another's work."""

    def __init__(self, embeddings: Embeddings) -> None:
        self._embeddings = embeddings
        self._known: dict[str, list[float]] = {}

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return self._embeddings.embed_documents(texts)

    def embed_query(self, text: str) -> list[float]:
        if text not in self._known:
            self._known[text] = self._embeddings.embed_query(text)
        return self._known[text]

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return count_tokens(self._embeddings, texts)


def found_by(retriever: Retriever, store: Store | UnionStore, question: str, neighbours: int) -> Found:
    """Search, and pack what is found as the product does."""
    hits = retriever.retrieve(question, _DEPTH)
    documents = tuple(dict.fromkeys(hit.doc_id for hit in hits))

    def context(budget: int) -> Sequence[tuple[str, str]]:
        packed = pack(store, hits, budget, neighbours=neighbours)
        return [(passage.doc_id, passage.text) for passage in packed.passages]

    return Found(documents, context)


class KeyRAGSystem:
    """KeyRAG with the settings in force, in a temporary knowledge base."""

    name = "keyrag"

    def __init__(
        self,
        documents: Sequence[Document],
        embeddings: Embeddings,
        settings: Settings,
        folder: Path,
        progress: Callable[[Progress], None],
    ) -> None:
        kb = open_knowledge_base(folder / "eval", identity(embeddings, settings.embedding), settings.index, create=True)
        report = Pipeline(kb, embeddings, settings, progress).ingest_documents(documents, len(documents))
        self.details: dict[str, object] = {"keys": sum(file.keys for file in report.files)}
        self.kb = kb
        self.store = kb.store
        self.retriever = Retriever(kb, embeddings, settings.retrieve)
        self._neighbours = settings.pack.neighbours

    def close(self) -> None:
        """Leave nothing behind, in a cluster neither."""
        self.kb.drop_caches()
        self.kb.close()

    def find(self, question: str) -> Found:
        return found_by(self.retriever, self.store, question, self._neighbours)


class RankedPieces:
    """A system that gives pieces of text, best first; the model reads them in that order, the last one cut short.

    :param search: gives (doc_id, text) for a question.
    :param details: how the system is set, shown beside its figures.
    """

    def __init__(self, name: str, search: Callable[[str], Sequence[tuple[str, str]]], **details: object) -> None:
        self.name = name
        self.details = details
        self._search = search

    def find(self, question: str) -> Found:
        pieces = self._search(question)[:DEPTH]

        def context(budget: int) -> Sequence[tuple[str, str]]:
            kept = []
            for doc_id, text in pieces:
                if budget <= 0:
                    break
                kept.append((doc_id, text[:budget]))
                budget -= len(text) + 1
            return kept

        return Found(tuple(dict.fromkeys(doc_id for doc_id, _ in pieces)), context)
