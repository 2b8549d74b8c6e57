"""A knowledge base: the store and its caches behind one facade."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from ingest.errors import BusyError, KeyRAGError, NotFoundError
from ingest.index.backend import Backend
from ingest.index.local import LocalBackend
from ingest.index.store import Store
from ingest.index.view import View
from ingest.settings import IndexSettings
from ingest.types import Document, EmbeddingIdentity, Key, Unit

# A view serves while documents are added: for a second, and so long that a fifth of the time at most goes into views.
_LAG_SECONDS = 1.0
_LAG_FACTOR = 4


class KnowledgeBase:
    """One folder: ``kb.sqlite`` is the truth; what searches it, beside it or in a cluster, is made from that.

    Safe to share between threads; several processes may read while one writes.

    :raises KeyRAGError: if it was built with another embedding model than ``identity``.
    """

    def __init__(self, folder: Path, identity: EmbeddingIdentity, settings: IndexSettings) -> None:
        self.folder = folder
        self.name = folder.name
        self.identity = identity
        self._refreshing = threading.Lock()
        self.store = Store(folder / "kb.sqlite")
        self._backend = _backend(folder, self.store, identity.dimension, settings)
        self._view: View | None = None
        self._serves_until = 0.0
        self._check_identity()

    def _check_identity(self) -> None:
        wanted = json.dumps(
            {name: getattr(self.identity, name) for name in EmbeddingIdentity.__slots__}, ensure_ascii=False
        )
        stored = self.store.meta("embedding")
        if stored is None:
            self.store.set_meta("embedding", wanted)
        elif stored != wanted:
            built = EmbeddingIdentity(**json.loads(stored))
            difference = ", ".join(
                f"{name} {getattr(built, name)!r} is now {getattr(self.identity, name)!r}"
                for name in EmbeddingIdentity.__slots__
                if getattr(built, name) != getattr(self.identity, name) and name not in ("model", "dimension")
            )
            raise KeyRAGError(
                f"kb {self.name!r} was built with {built.model} ({built.dimension}) but the configuration names "
                f"{self.identity.model} ({self.identity.dimension}){': ' + difference if difference else ''}; "
                f"run `keyrag kb rebuild {self.name}` or change the embedding section"
            )

    def close(self) -> None:
        self.store.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the lock of the one writer.

        :raises KeyRAGError: if another process holds it.
        """
        with writing_to(self.folder):
            yield

    def commit(
        self,
        document: Document,
        settings: str,
        units: Sequence[Unit],
        keys: Sequence[Key],
        vectors: NDArray[np.float32],
    ) -> None:
        """Add or replace a document; searches see it from now on. See :meth:`Store.commit`."""
        self.store.commit(document, settings, units, keys, vectors)

    def delete(self, doc_id: str) -> None:
        self.store.delete(doc_id)

    def view(self) -> View:
        """Give the newest generation, bringing the caches up to date if need be.

        While a writer adds documents one after the other, the view may lag behind for a second, or for some times as
        long as it takes to make: from :meth:`save` on, and for every other change, it never does.
        """
        view = self._view
        if view is not None and self._serves(view):
            return view
        with self._refreshing:
            view = self._view
            if view is None or not self._serves(view):
                began = time.monotonic()
                self._view = view = self._refreshed()
                ended = time.monotonic()
                self._serves_until = ended + max(_LAG_SECONDS, _LAG_FACTOR * (ended - began))
            return view

    def _serves(self, view: View) -> bool:
        if self._backend.moved():
            return False
        generation, settled = self.store.generations()
        return view.generation == generation or (view.generation >= settled and time.monotonic() < self._serves_until)

    def _refreshed(self) -> View:
        self._check_identity()  # another process may have rebuilt it with another model
        generation = self.store.generation()
        versions = self.store.versions()
        dense, lexical = self._backend.updated(versions)
        # Column by column in memory: each is searched on its own.
        return View(generation, dense, lexical, np.asfortranarray(self.store.parents("sentence")))

    def save(self) -> None:
        """Let searches see all that was added, and write the caches: without that, the next opening makes them anew.

        :raises KeyRAGError: if the disk is full; the documents are safe.
        """
        try:
            self.store.settle()
            self.view()
            with self._refreshing:
                self._backend.save()
        except (OSError, ValueError) as error:  # tantivy tells a full disk as ValueError
            raise KeyRAGError(
                f"the search indexes of kb {self.name!r} can't be written ({error}): free disk space and run "
                f"`keyrag kb rebuild {self.name} --caches`; the documents read so far are safe"
            ) from error

    def stats(self) -> dict[str, object]:
        """Give counts, size on disk in bytes, and what the vectors were made with."""
        size = sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())
        embedding = {"model": self.identity.model, "dimension": self.identity.dimension}
        return {"name": self.name, **self.store.counts(), "bytes": size, "embedding": embedding}

    def faults(self) -> list[str]:
        """Check the store and hold the caches against it; an empty list is good news."""
        faults = self.store.faults()
        self.view()
        with self._refreshing:
            return faults + self._backend.faults()

    def keep_original(self, source: str, file: Path) -> None:
        """Keep a copy of an uploaded file, which has no place of its own."""
        folder = self.folder / "originals"
        folder.mkdir(exist_ok=True)
        shutil.copyfile(file, folder / _original_name(source))

    def original(self, source: str, sha256: str) -> Path | None:
        """Give the file of a document: the copy of an upload, else the path it was read from.

        The latter only if the file is there unchanged: a path in a knowledge base that was made elsewhere must
        not open another file of this machine.
        """
        copy = self.folder / "originals" / _original_name(source)
        if copy.is_file():
            return copy
        file = Path(source)
        try:
            unchanged = file.is_absolute() and file.is_file() and _file_digest(file) == sha256
        except OSError:
            return None
        return file if unchanged else None

    def drop_original(self, source: str) -> None:
        (self.folder / "originals" / _original_name(source)).unlink(missing_ok=True)

    def drop_caches(self) -> None:
        """Remove the caches; the next search makes them anew from the store."""
        with self._refreshing:
            self._view = None
            self._backend.drop()


def _backend(folder: Path, store: Store, dimension: int, settings: IndexSettings) -> Backend:
    if settings.elasticsearch.url is None:
        return LocalBackend(folder, store, dimension, settings.flat_limit)
    from ingest.index.elastic import ElasticBackend

    return ElasticBackend(folder, store, dimension, settings.elasticsearch)


@contextmanager
def writing_to(folder: Path) -> Iterator[None]:
    """Hold the lock of the one writer of the knowledge base in ``folder``.

    :raises BusyError: if another process holds it.
    """
    lock = FileLock(folder / ".writer.lock", thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise BusyError(
            f"kb {folder.name!r} is being written by another process: wait until it is done and try again"
        ) from error
    try:
        yield
    finally:
        lock.release()


def _file_digest(file: Path) -> str:
    status = file.stat()
    return _digest_of(file, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=256)
def _digest_of(file: Path, changed: int, size: int) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _original_name(source: str) -> str:
    # The suffix tells how to read it, should it be indexed anew.
    return hashlib.sha256(source.encode()).hexdigest()[:16] + Path(source).suffix.lower()


def open_knowledge_base(
    folder: Path, identity: EmbeddingIdentity, settings: IndexSettings, *, create: bool
) -> KnowledgeBase:
    """Open the knowledge base in ``folder``.

    :raises NotFoundError: if there is none and ``create`` is false.
    """
    if not (folder / "kb.sqlite").exists():
        if not create:
            raise NotFoundError(
                f"there is no knowledge base {folder.name!r}: run `keyrag ingest PATH --kb {folder.name}` first"
            )
        folder.mkdir(parents=True, exist_ok=True)
    return KnowledgeBase(folder, identity, settings)
