"""Vectors remembered for a while, so that a text which two steps need is embedded once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from ingest.models.tokens import count_tokens


class Memo(Embeddings):
    """Another embedding model that remembers the vectors of keys, float32, until it is told to forget them."""

    def __init__(self, embeddings: Embeddings) -> None:
        self._embeddings = embeddings
        self._vectors: dict[str, NDArray[np.float32]] = {}

    def learn(self, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        """Take over vectors of the same model that are there already."""
        self._vectors.update(vectors)

    def forget(self) -> None:
        self._vectors.clear()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        new = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        if new:
            embedded = self._embeddings.embed_documents(new)
            self._vectors.update(zip(new, np.array(embedded, np.float32), strict=True))
        return [self._vectors[text].tolist() for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return self._embeddings.embed_query(text)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return count_tokens(self._embeddings, texts)
