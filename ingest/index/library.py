"""The knowledge bases of a data folder: one folder each, named after it."""

from __future__ import annotations

import re
import shutil
import uuid
from pathlib import Path

from ingest.errors import KeyRAGError, NotFoundError
from ingest.index.knowledge_base import KnowledgeBase, open_knowledge_base
from ingest.index.store import Store
from ingest.settings import IndexSettings
from ingest.types import EmbeddingIdentity

_NAME = re.compile(r"\w[\w.-]{0,63}")
# No name holds it.
_BETWEEN = "+"


def kb_names(names: str) -> list[str]:
    """Give the names of the knowledge bases to search together, each once.

    >>> kb_names("hr+it+hr")
    ['hr', 'it']
    """
    return list(dict.fromkeys(names.split(_BETWEEN)))


class Library:
    """Lists, opens, creates and deletes knowledge bases."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        """Give the folder of the knowledge base ``name``, whether it exists or not.

        :raises KeyRAGError: if the name can't be a folder's name everywhere.
        """
        if not _NAME.fullmatch(name):
            raise KeyRAGError(
                f"{name!r} can't name a knowledge base: use up to 64 letters, digits, '-', '_' and '.', "
                "with a letter or digit first"
            )
        return self.folder / name

    def names(self) -> list[str]:
        """List the knowledge bases in order of their names."""
        return sorted(file.parent.name for file in self.folder.glob("[!.]*/kb.sqlite"))

    def open(self, name: str, identity: EmbeddingIdentity, settings: IndexSettings, *, create: bool) -> KnowledgeBase:
        """Open a knowledge base; see :func:`open_knowledge_base`."""
        return open_knowledge_base(self.path(name), identity, settings, create=create)

    def store(self, name: str) -> Store:
        """Open the store alone, which needs no embedding model.

        :raises NotFoundError: if there is no such knowledge base.
        """
        file = self.path(name) / "kb.sqlite"
        if not file.exists():
            raise NotFoundError(f"there is no knowledge base {name!r}: see `keyrag kb list`")
        return Store(file)

    def delete(self, name: str, settings: IndexSettings) -> None:
        """Delete a knowledge base with all its documents, and what searches it: it is gone at once or not at all.

        :raises NotFoundError: if there is no such knowledge base.
        :raises ClusterError: if its index is in a cluster that can't be reached.
        """
        self.store(name).close()
        if settings.elasticsearch.url is not None:
            from ingest.index.cluster import Cluster
            from ingest.index.elastic import forget

            forget(self.path(name), Cluster(settings.elasticsearch))
        doomed = self.folder / f".deleted-{uuid.uuid4().hex}"
        self.path(name).rename(doomed)
        shutil.rmtree(doomed, ignore_errors=True)

    def export_to(self, name: str, target: Path) -> None:
        """Write a knowledge base into one file, which :meth:`import_from` reads.

        :raises KeyRAGError: if ``target`` exists or can't be written.
        """
        if target.exists():
            raise KeyRAGError(f"{target} exists already: choose another name or remove it")
        store = self.store(name)
        try:
            store.backup(target)
        finally:
            store.close()

    def import_from(self, source: Path, name: str) -> None:
        """Make a knowledge base out of an exported file.

        :raises KeyRAGError: if the name is taken, or the file is no exported knowledge base.
        """
        folder = self.path(name)
        if folder.exists():
            raise KeyRAGError(f"there is a knowledge base {name!r} already: choose another name with --kb")
        if not source.is_file():
            raise KeyRAGError(f"there is no file {source}: check the path")
        arriving = self.folder / f".arriving-{uuid.uuid4().hex}"
        arriving.mkdir(parents=True)
        try:
            shutil.copyfile(source, arriving / "kb.sqlite")
            store = Store(arriving / "kb.sqlite", create=False)
            faults = store.faults()
            store.close()
            if faults:
                raise KeyRAGError(f"{source} is damaged ({faults[0]}): export it again")
            arriving.rename(folder)
        finally:
            shutil.rmtree(arriving, ignore_errors=True)
