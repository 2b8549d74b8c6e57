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
from rag.evaluate.systems import DEPTH, RankedPieces

SEPARATORS = ["\n\n", "\n", "。", "！", "？", "；", "，", ". ", "! ", "? ", "; ", ", ", " ", ""]
TUNED_SIZES = (100, 200, 300, 500)


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


def _system(name: str, retriever: BaseRetriever, chunks: Sequence[Chunk], **details: object) -> RankedPieces:
    def pieces(question: str) -> list[tuple[str, str]]:
        return [(chunk.metadata["doc_id"], chunk.metadata["text"]) for chunk in retriever.invoke(question)]

    return RankedPieces(name, pieces, keys=len(chunks), **details)


def _vector_retriever(chunks: list[Chunk], embeddings: Embeddings) -> BaseRetriever:
    store = FAISS.from_documents(chunks, embeddings, distance_strategy=DistanceStrategy.MAX_INNER_PRODUCT)
    return store.as_retriever(search_kwargs={"k": DEPTH})


def langchain(documents: Sequence[Document], embeddings: Embeddings) -> list[RankedPieces]:
    chunks = _chunks(documents, 250, 25)
    return [_system("langchain", _vector_retriever(chunks, embeddings), chunks)]


def langchain_hybrid(documents: Sequence[Document], embeddings: Embeddings) -> list[RankedPieces]:
    """Give two: the usual chunks, and small chunks with the title in front, both with BM25 beside."""
    systems = []
    for size, overlap, titled in ((250, 25, False), (100, 0, True)):
        chunks = _chunks(documents, size, overlap)
        chunks = _titled(chunks) if titled else chunks
        words = BM25Retriever.from_documents(chunks, preprocess_func=jieba.lcut, k=DEPTH)
        both = EnsembleRetriever(retrievers=[_vector_retriever(chunks, embeddings), words], weights=[0.5, 0.5])
        systems.append(_system("langchain-hybrid", both, chunks, size=size, title=titled))
    return systems


def langchain_tuned(documents: Sequence[Document], embeddings: Embeddings) -> list[RankedPieces]:
    systems = []
    for size in TUNED_SIZES:
        chunks = _titled(_chunks(documents, size, 0))
        systems.append(_system("langchain-tuned", _vector_retriever(chunks, embeddings), chunks, size=size, title=True))
    return systems
