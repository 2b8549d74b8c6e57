"""The usual LangChain recipes, built from LangChain's own parts on the same embedding model.

``langchain``: 250-character chunks with 25 of overlap, FAISS. ``langchain-hybrid``: the same with BM25 in an
EnsembleRetriever. ``langchain-tuned``: plain chunks of several sizes with the title in front, the best of
them.
"""

from __future__ import annotations

from collections.abc import Sequence

import jieba
from langchain_classic.retrievers import EnsembleRetriever
from langchain_community.retrievers import BM25Retriever
from langchain_community.vectorstores import FAISS
from langchain_community.vectorstores.utils import DistanceStrategy
from langchain_core.documents import Document as Chunk
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from langchain_text_splitters import RecursiveCharacterTextSplitter

from ingest.types import Document
from rag.evaluate.systems import Found

SEPARATORS = ["\n\n", "\n", "。", "！", "？", "；", "，", ". ", "! ", "? ", "; ", ", ", " ", ""]
TUNED_SIZES = (100, 200, 300, 500)
_DEPTH = 60


def _chunks(documents: Sequence[Document], size: int, overlap: int) -> list[Chunk]:
    splitter = RecursiveCharacterTextSplitter(
        chunk_size=size, chunk_overlap=overlap, separators=SEPARATORS, keep_separator="end"
    )
    return [
        Chunk(page_content=text, metadata={"doc_id": document.doc_id, "text": text, "title": document.title})
        for document in documents
        for text in splitter.split_text(document.text)
    ]


def _titled(chunks: Sequence[Chunk]) -> list[Chunk]:
    return [
        Chunk(page_content=f"{chunk.metadata['title']} {chunk.page_content}", metadata=chunk.metadata)
        for chunk in chunks
    ]


class LangChainSystem:
    """A LangChain retriever whose chunks are handed to the model in the order of their rank."""

    def __init__(self, name: str, retriever: BaseRetriever, chunks: int, **details: object) -> None:
        self.name = name
        self.details = {"keys": chunks, **details}
        self._retriever = retriever

    def find(self, question: str) -> Found:
        chunks = self._retriever.invoke(question)[:_DEPTH]
        pieces = [(chunk.metadata["doc_id"], chunk.metadata["text"]) for chunk in chunks]

        def context(budget: int) -> Sequence[tuple[str, str]]:
            kept = []
            for doc_id, text in pieces:
                if budget <= 0:
                    break
                kept.append((doc_id, text[:budget]))
                budget -= len(text) + 1
            return kept

        return Found(tuple(dict.fromkeys(doc_id for doc_id, _ in pieces)), context)


def _vector_retriever(chunks: list[Chunk], embeddings: Embeddings) -> BaseRetriever:
    store = FAISS.from_documents(chunks, embeddings, distance_strategy=DistanceStrategy.MAX_INNER_PRODUCT)
    return store.as_retriever(search_kwargs={"k": _DEPTH})


def langchain(documents: Sequence[Document], embeddings: Embeddings) -> list[LangChainSystem]:
    chunks = _chunks(documents, 250, 25)
    return [LangChainSystem("langchain", _vector_retriever(chunks, embeddings), len(chunks))]


def langchain_hybrid(documents: Sequence[Document], embeddings: Embeddings) -> list[LangChainSystem]:
    """Give two: the usual chunks, and small chunks with the title in front, both with BM25 beside."""
    systems = []
    for size, overlap, titled in ((250, 25, False), (100, 0, True)):
        chunks = _chunks(documents, size, overlap)
        chunks = _titled(chunks) if titled else chunks
        words = BM25Retriever.from_documents(chunks, preprocess_func=jieba.lcut, k=_DEPTH)
        both = EnsembleRetriever(retrievers=[_vector_retriever(chunks, embeddings), words], weights=[0.5, 0.5])
        systems.append(LangChainSystem("langchain-hybrid", both, len(chunks), size=size, title=titled))
    return systems


def langchain_tuned(documents: Sequence[Document], embeddings: Embeddings) -> list[LangChainSystem]:
    systems = []
    for size in TUNED_SIZES:
        chunks = _titled(_chunks(documents, size, 0))
        systems.append(
            LangChainSystem(
                "langchain-tuned", _vector_retriever(chunks, embeddings), len(chunks), size=size, title=True
            )
        )
    return systems


BASELINES = {"langchain": langchain, "langchain-hybrid": langchain_hybrid, "langchain-tuned": langchain_tuned}
