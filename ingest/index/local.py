"""FAISS and tantivy in the folder of a knowledge base."""

from __future__ import annotations

import shutil
from pathlib import Path

from filelock import FileLock

from ingest.index.backend import SEARCHED, Dense, Lexical
from ingest.index.dense import DenseIndex
from ingest.index.lexical import LexicalIndex
from ingest.index.store import Store
from ingest.types import LEVELS, Level

# How often a lock that another process holds is asked for.
_POLL_SECONDS = 0.01


class LocalBackend:
    """``dense/`` and ``lexical/``; see :class:`ingest.index.backend.Backend`."""

    def __init__(self, folder: Path, store: Store, dimension: int, flat_limit: int) -> None:
        self._folder = folder
        self._store = store
        self._dimension = dimension
        self._flat_limit = flat_limit
        # Two, so that none who searches waits until vectors are written.
        self._dense_lock = FileLock(folder / ".dense.lock", poll_interval=_POLL_SECONDS)
        self._lexical_lock = FileLock(folder / ".lexical.lock", poll_interval=_POLL_SECONDS)
        self._dense: dict[Level, DenseIndex] = {}
        self._lexical: dict[Level, LexicalIndex] = {}

    def updated(self, versions: set[int]) -> tuple[dict[Level, Dense], dict[Level, Lexical]]:
        dense = self._dense or self._loaded_dense()
        self._dense = {level: self._updated_dense(level, index, versions) for level, index in dense.items()}
        self._lexical = {level: self._updated_lexical(level, versions) for level in SEARCHED}
        return dict(self._dense), dict(self._lexical)

    def _loaded_dense(self) -> dict[Level, DenseIndex]:
        with self._dense_lock:
            return {
                level: DenseIndex.load(self._folder / "dense" / level, self._dimension, self._flat_limit)
                for level in LEVELS
            }

    def _updated_dense(self, level: Level, index: DenseIndex, versions: set[int]) -> DenseIndex:
        removed, added = index.versions - versions, self._store.versions_with_keys(level) - index.versions
        return index.updated(removed, self._store.vectors(level, added)) if removed or added else index

    def _updated_lexical(self, level: Level, versions: set[int]) -> LexicalIndex:
        words = self._lexical.get(level)
        if words is not None:
            words.reload()
            if words.versions == versions:  # another process has brought it up to date
                return words
        with self._lexical_lock:
            words = words or LexicalIndex(self._folder / "lexical" / level)
            words.reload()
            gone, new = set(words.versions) - versions, versions - words.versions
            if gone or new:
                words.update(gone, self._store.texts(level, new))
            return words

    def moved(self) -> bool:
        return False

    def save(self) -> None:
        with self._dense_lock:
            for level, index in self._dense.items():
                index.save(self._folder / "dense" / level)

    def drop(self) -> None:
        with self._dense_lock, self._lexical_lock:
            self._dense, self._lexical = {}, {}
            for name in ("dense", "lexical"):
                shutil.rmtree(self._folder / name, ignore_errors=True)

    def faults(self) -> list[str]:
        versions = self._store.versions()
        held = {f"dense/{level}": index.versions for level, index in self._dense.items()}
        held |= {f"lexical/{level}": set(index.versions) for level, index in self._lexical.items()}
        return [
            f"{name} holds {len(stray)} documents that are gone"
            for name, versions_held in held.items()
            if (stray := versions_held - versions)
        ]
