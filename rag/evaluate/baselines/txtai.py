"""txtai: its hybrid index of sentences or of paragraphs, the title in front of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray
from txtai import Embeddings as Index

from ingest.split.sentences import sentence_spans
from ingest.types import Document
from rag.evaluate.systems import DEPTH, RankedPieces

_SENTENCE_CHARS = 1000
# Marks a question for the embedding model, which treats it in another way than what is searched.
_QUESTION = "\x00"


def txtai(documents: Sequence[Document], embeddings: Embeddings) -> list[RankedPieces]:
    """Give two: of sentences and of paragraphs."""
    return [_hybrid(documents, embeddings, unit) for unit in ("sentence", "paragraph")]


def _pieces(document: Document, unit: str) -> Iterator[str]:
    if unit == "sentence":
        yield from (document.text[start:end] for start, end in sentence_spans(document.text, _SENTENCE_CHARS))
    else:
        yield from (paragraph for paragraph in document.text.split("\n") if paragraph.strip())


def _hybrid(documents: Sequence[Document], embeddings: Embeddings, unit: str) -> RankedPieces:
    def transform(texts: list[str]) -> NDArray[np.float32]:
        if texts[0].startswith(_QUESTION):
            return np.array([embeddings.embed_query(text[1:]) for text in texts], np.float32)
        return np.array(embeddings.embed_documents(texts), np.float32)

    pieces = [(document.doc_id, text, document.title) for document in documents for text in _pieces(document, unit)]
    index = Index(method="external", transform=transform, hybrid=True, instructions={"query": _QUESTION, "data": ""})
    index.index((number, f"{title} {text}", None) for number, (_, text, title) in enumerate(pieces))

    def search(question: str) -> list[tuple[str, str]]:
        return [pieces[number][:2] for number, _ in index.search(question, DEPTH)]

    return RankedPieces("txtai", search, keys=len(pieces), unit=unit)
