"""Vectors remembered on disk, so that variants which share keys are cheap and a killed run goes on."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from ingest.settings import EmbeddingSettings


class RememberedVectors(Embeddings):
    """Embeds each text once for all runs that share ``folder``.

    With a vector the processor time that it took is kept (seconds of all cores, by its share of the
    characters embedded together): other programs on the machine change that little.
    """

    def __init__(self, embeddings: Embeddings, settings: EmbeddingSettings, folder: Path) -> None:
        self._embeddings = embeddings
        self.query_prefix = getattr(embeddings, "query_prefix", None)
        self.passage_prefix = getattr(embeddings, "passage_prefix", None)
        self._made_with = settings.model_dump_json(include={"model", "backend", "max_tokens"})
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(folder / "vectors.sqlite", timeout=60, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("CREATE TABLE IF NOT EXISTS vectors (digest BLOB PRIMARY KEY, seconds REAL, vector BLOB)")
        self._memory: dict[bytes, tuple[float, NDArray[np.float32]]] = {}

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return self._recall(self.passage_prefix, texts, self._embeddings.embed_documents)

    def embed_query(self, text: str) -> list[float]:
        return self._recall(self.query_prefix, [text], lambda texts: [self._embeddings.embed_query(texts[0])])[0]

    def seconds(self, texts: Sequence[str]) -> float:
        """Give the processor seconds that the keys ``texts`` took; each must have been embedded."""
        return sum(self._memory[self._digest(self.passage_prefix, text)][0] for text in texts)

    def _digest(self, prefix: str | None, text: str) -> bytes:
        return hashlib.sha256("\0".join((self._made_with, prefix or "", text)).encode()).digest()

    def _recall(
        self, prefix: str | None, texts: list[str], embed: Callable[[list[str]], list[list[float]]]
    ) -> list[list[float]]:
        digests = [self._digest(prefix, text) for text in texts]
        missing: dict[bytes, str] = {}
        for digest, text in zip(digests, texts, strict=True):
            if digest in self._memory or digest in missing:
                continue
            row = self._db.execute("SELECT seconds, vector FROM vectors WHERE digest = ?", (digest,)).fetchone()
            if row:
                self._memory[digest] = row[0], np.frombuffer(row[1], np.float32)
            else:
                missing[digest] = text
        if missing:
            began = time.process_time()
            vectors = np.array(embed(list(missing.values())), np.float32)
            rate = (time.process_time() - began) / sum(map(len, missing.values()))
            made = {
                digest: (rate * len(text), vector)
                for (digest, text), vector in zip(missing.items(), vectors, strict=True)
            }
            self._memory |= made
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)",
                [(digest, seconds, vector.tobytes()) for digest, (seconds, vector) in made.items()],
            )
            self._db.execute("COMMIT")
        return [self._memory[digest][1].tolist() for digest in digests]
