"""Knowledge bases that stay open once they were asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable

from ingest.errors import NotFoundError
from ingest.index.knowledge_base import KnowledgeBase
from ingest.index.library import Library, kb_names
from ingest.index.union import Union
from ingest.settings import IndexSettings
from ingest.types import EmbeddingIdentity


class OpenKnowledgeBases:
    """The knowledge bases of a library, each opened when it is first needed. Safe to share between threads.

    :param identity: gives the embedding model in use; called when a knowledge base is opened.
    """

    def __init__(self, library: Library, identity: Callable[[], EmbeddingIdentity], settings: IndexSettings) -> None:
        self._library = library
        self._identity = identity
        self._settings = settings
        self._lock = threading.RLock()
        self._open: dict[str, KnowledgeBase] = {}

    def get(self, name: str, *, create: bool = False) -> KnowledgeBase:
        """Open a knowledge base; it stays open.

        :raises NotFoundError: if there is none and ``create`` is false.
        :raises KeyRAGError: if it was built with another embedding model.
        """
        with self._lock:
            kb = self._open.get(name)
            if kb is not None and not kb.store.gone:
                return kb
            if kb is not None:  # deleted by another process
                self._open.pop(name).close()
            path = self._library.path(name)
            if not create and not (path / "kb.sqlite").exists():
                raise NotFoundError(
                    f"there is no knowledge base {name!r}: run `keyrag ingest PATH --kb {name}` first"
                    + (f", or use one of {', '.join(names)}" if (names := self._library.names()) else "")
                )
            kb = self._library.open(name, self._identity(), self._settings, create=create)
            self._open[name] = kb
            return kb

    def searched(self, names: str) -> KnowledgeBase | Union:
        """Open a knowledge base for searches, or several, whose names are joined by ``+``, as one.

        :raises NotFoundError: if there is none of a name.
        """
        members = [self.get(name) for name in kb_names(names)]
        return members[0] if len(members) == 1 else Union(members)

    def close(self, name: str) -> None:
        """Close a knowledge base, e.g. before it is deleted or rebuilt."""
        with self._lock:
            if kb := self._open.pop(name, None):
                kb.close()

    def close_all(self) -> None:
        with self._lock:
            for name in list(self._open):
                self.close(name)
