"""Elasticsearch in place of FAISS and tantivy: one index for each knowledge base, made from its store.

A key is a document with a ``dense_vector`` field of its level, a unit one with a text field of its level that holds
our own terms, so that BM25 counts as it does in tantivy. Exact cosines and their moments come from the store, so that
scores mean the same. Which index it is, and which versions of documents it holds, stands in ``elastic.json`` in the
folder. Ids follow from the store's: adding a version anew, after a kill in the middle, changes nothing.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from ingest.index.backend import SEARCHED, Dense, Lexical
from ingest.index.cluster import Cluster
from ingest.index.elastic_search import ElasticDense, ElasticLexical, terms_field, vector_field
from ingest.index.moments import SAMPLE, Moments
from ingest.index.store import Store
from ingest.index.terms import EDITION, terms
from ingest.settings import ElasticsearchSettings
from ingest.types import LEVELS, Level

# Documents sent before it is noted that they are there.
_AT_A_TIME = 200
# How often a lock that another process holds is asked for.
_POLL_SECONDS = 0.05
_NUMBERS = ("version", "unit", "key")
# Versions that one query may name; the cluster's own limit is 65,536.
_MOST_VERSIONS = 1_000_000


def _mappings(dimension: int) -> dict[str, Any]:
    vector = {"type": "dense_vector", "dims": dimension, "similarity": "cosine", "index_options": {"type": "int8_hnsw"}}
    words = {"type": "text", "analyzer": "whitespace", "index_options": "freqs"}
    numbers = {name: {"type": "long"} for name in _NUMBERS}
    return {
        "dynamic": "strict",
        "_source": {"includes": _NUMBERS},  # the store has the rest
        "properties": numbers
        | {vector_field(level): vector for level in LEVELS}
        | {terms_field(level): words for level in SEARCHED},
    }


@dataclass(frozen=True, slots=True)
class _Listing:
    """What of a knowledge base is in which index.

    ``store`` is the inode of the store's file: a copied folder must not change the index of the one it was copied
    from.
    """

    index: str
    store: int
    edition: int
    dimension: int
    versions: tuple[int, ...]


class ElasticBackend:
    """See :class:`ingest.index.backend.Backend`; each method may raise :class:`ingest.errors.ClusterError`."""

    def __init__(self, folder: Path, store: Store, dimension: int, settings: ElasticsearchSettings) -> None:
        self._store = store
        self._dimension = dimension
        self._prefix = settings.prefix
        self._file = _file(folder)
        self._lock = FileLock(folder / ".elastic.lock", poll_interval=_POLL_SECONDS)
        self._cluster = Cluster(settings)
        self._checked = False
        self._index = ""
        self._seen: tuple[int, int] | None = None
        self._measured: set[int] = set()
        self._moments: dict[Level, Moments] = {}

    def updated(self, versions: set[int]) -> tuple[dict[Level, Dense], dict[Level, Lexical]]:
        with self._lock:
            listing = self._in_step(self._listing() or self._created(), versions)
            if not self._checked and not self._complete(listing):
                self._cluster.drop(listing.index)
                listing = self._in_step(self._created(), versions)
            self._checked, self._index, self._seen = True, listing.index, _stamp(self._file)
        self._measure(versions)
        dense: dict[Level, Dense] = {
            level: ElasticDense(self._cluster, listing.index, level, self._store, self._moments[level])
            for level in LEVELS
        }
        return dense, {level: ElasticLexical(self._cluster, listing.index, level) for level in SEARCHED}

    def _listing(self) -> _Listing | None:
        listing = _read(self._file)
        fits = (self._inode, EDITION, self._dimension)
        if listing is None or (listing.store, listing.edition, listing.dimension) != fits:
            return None
        # Asked each time: sent documents for an index that is missing, a cluster makes one with a mapping of its own.
        return listing if self._cluster.exists(listing.index) else None

    @property
    def _inode(self) -> int:
        return self._store.path.stat().st_ino

    def _created(self) -> _Listing:
        old = _read(self._file)
        if old is not None and old.store == self._inode:
            self._cluster.drop(old.index)
        name = f"{self._prefix}-{uuid.uuid4().hex}"
        # Noted first, so that a kill in between leaves no index that nobody knows of.
        listing = self._written(_Listing(name, self._inode, EDITION, self._dimension, ()))
        self._cluster.create(name, _mappings(self._dimension), {"index.max_terms_count": _MOST_VERSIONS})
        return listing

    def _in_step(self, listing: _Listing, versions: set[int]) -> _Listing:
        """Bring the index up to date, some documents at a time, so that what was killed goes on where it was."""
        held = set(listing.versions)
        gone, new = sorted(held - versions), sorted(versions - held)
        if gone:
            self._cluster.remove(listing.index, {"terms": {"version": gone}})
            listing = self._written(replace(listing, versions=tuple(sorted(held & versions))))
        for start in range(0, len(new), _AT_A_TIME):
            sent = new[start : start + _AT_A_TIME]
            self._cluster.add(listing.index, self._documents(sent))
            listing = self._written(replace(listing, versions=tuple(sorted({*listing.versions, *sent}))))
        if new:
            self._cluster.refresh(listing.index)
        return listing

    def _documents(self, versions: Iterable[int]) -> Iterator[tuple[str, dict[str, Any]]]:
        for version in versions:
            for level in LEVELS:
                for ids, vectors in self._store.vectors(level, [version]):
                    for (key, unit, _), vector in zip(ids.tolist(), vectors, strict=True):
                        numbers = {"version": version, "unit": unit, "key": key}
                        yield f"key-{key}", {**numbers, vector_field(level): vector.tolist()}
            for level in SEARCHED:
                for unit, _, heading_path, text in self._store.texts(level, [version]):
                    words = " ".join(terms(" ".join((*heading_path, text))))
                    yield f"unit-{unit}", {"version": version, "unit": unit, terms_field(level): words}

    def _complete(self, listing: _Listing) -> bool:
        """Tell whether the index holds what it should; what others change meanwhile is no fault."""
        if set(listing.versions) != self._store.versions():
            return True
        self._cluster.refresh(listing.index)
        counts = self._store.counts()
        wanted = counts["keys"] + sum(counts[f"{level}s"] for level in SEARCHED)
        return self._cluster.count(listing.index) == wanted or set(listing.versions) != self._store.versions()

    def _written(self, listing: _Listing) -> _Listing:
        temporary = self._file.with_suffix(f".{os.getpid()}")
        temporary.write_text(json.dumps(asdict(listing)))
        temporary.replace(self._file)
        return listing

    def _measure(self, versions: set[int]) -> None:
        """Bring the moments up to date: carried on where documents were only added, else those of a sample."""
        new = versions - self._measured
        for level in LEVELS:
            held = self._moments.get(level)
            if held is not None and self._measured <= versions:
                added = [vectors for _, vectors in self._store.vectors(level, new)]
                nothing = np.zeros((0, self._dimension), np.float32)
                self._moments[level] = held.changed(nothing, np.concatenate([nothing, *added]))
            else:
                count, sample = self._store.sampled_vectors(level, SAMPLE, self._dimension)
                self._moments[level] = Moments.of(sample, count)
        self._measured = set(versions)

    def moved(self) -> bool:
        stamp = _stamp(self._file)
        if stamp != self._seen:
            listing = _read(self._file)
            if listing is None or listing.index != self._index:
                return True
            self._seen = stamp
        return False

    def save(self) -> None:
        """There is nothing to keep: the cluster has it."""

    def drop(self) -> None:
        with self._lock:
            self._checked, self._measured, self._moments = False, set(), {}
            forget(self._file.parent, self._cluster)

    def faults(self) -> list[str]:
        listing = _read(self._file)
        if listing is None or self._complete(listing):
            return []
        return [f"{listing.index} holds other units and keys than the store"]


def forget(folder: Path, cluster: Cluster) -> None:
    """Remove the index of the knowledge base in ``folder`` from the cluster, e.g. before the folder is deleted."""
    listing, store = _read(_file(folder)), folder / "kb.sqlite"
    if listing is not None and store.exists() and listing.store == store.stat().st_ino:
        cluster.drop(listing.index)
    _file(folder).unlink(missing_ok=True)


def _file(folder: Path) -> Path:
    return folder / "elastic.json"


def _stamp(file: Path) -> tuple[int, int] | None:
    """Give what changes when a file is replaced, None if there is none."""
    try:
        status = file.stat()
    except FileNotFoundError:
        return None
    return status.st_mtime_ns, status.st_ino


def _read(file: Path) -> _Listing | None:
    try:
        value = json.loads(file.read_text())
        return _Listing(**{**value, "versions": tuple(value["versions"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None  # missing or torn: the index is made anew
