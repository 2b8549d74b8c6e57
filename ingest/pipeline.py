"""Files in, index out: load -> split -> key info -> embed -> commit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from ingest.config import Settings
from ingest.errors import KeyRAGError, LoadError
from ingest.index.knowledge_base import KnowledgeBase
from ingest.keyinfo import keys
from ingest.load import load, supported_suffixes
from ingest.split import split
from ingest.types import Document, Key, Unit

# Keys embedded in one call: enough to sort by length, few enough for a lively progress bar.
_CALL = 256
# Documents are embedded together until they have this many keys.
_GATHER = 512

Outcome = Literal["added", "replaced", "unchanged", "failed"]
OUTCOMES: tuple[Outcome, ...] = ("added", "replaced", "unchanged", "failed")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an ingest is; ``keys`` counts what is embedded, ``waiting`` what is read but not embedded."""

    documents: int
    total: int
    keys: int
    waiting: int
    current: str


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to ingest; ``source`` is what its document is known by, by default its resolved path."""

    path: Path
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of one file; ``reason`` says why it failed."""

    source: str
    outcome: Outcome
    doc_id: str = ""
    title: str = ""
    keys: int = 0
    reason: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class IngestReport:
    """The files of one ingest in the order they were done."""

    files: list[Ingested] = field(default_factory=list)

    def count(self, outcome: Outcome) -> int:
        return sum(file.outcome == outcome for file in self.files)


@dataclass(frozen=True, slots=True)
class _Prepared:
    document: Document
    units: tuple[Unit, ...]
    keys: list[Key]
    replaces: bool


def files_in(paths: Iterable[Path]) -> list[Path]:
    """List the files to ingest: files as named, folders searched for supported formats, sorted.

    :raises KeyRAGError: if a path does not exist, or a folder holds nothing that can be read.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = readable_files(path)
            if not inside:
                raise KeyRAGError(
                    f"folder {path} holds no file that can be read: formats are {', '.join(supported_suffixes())}"
                )
            found += inside
        elif path.exists():
            found.append(path)
        else:
            raise KeyRAGError(f"there is no file or folder {path}: check the path")
    return list(dict.fromkeys(found))


def readable_files(folder: Path) -> list[Path]:
    """List the files of supported formats in a folder and below it, sorted, without hidden ones."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in supported_suffixes() and path.is_file() and not _hidden(path.relative_to(folder))
    )


def _hidden(path: Path) -> bool:
    return any(part.startswith((".", "~$")) for part in path.parts)


def fingerprint(settings: Settings) -> str:
    """Give a digest of all settings that shape units, keys and vectors."""
    shape = {
        "split": settings.split.model_dump(mode="json"),
        "keyinfo": settings.keyinfo.model_dump(mode="json"),
    }
    return hashlib.sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()[:16]


class Pipeline:
    """Puts documents into one knowledge base.

    :param progress: called after every step; keep it quick.
    """

    def __init__(
        self,
        kb: KnowledgeBase,
        embeddings: Embeddings,
        settings: Settings,
        progress: Callable[[Progress], None] = lambda _: None,
    ) -> None:
        self._kb = kb
        self._embeddings = embeddings
        self._settings = settings
        self._fingerprint = fingerprint(settings)
        self._progress = progress

    def ingest_files(self, files: Sequence[SourceFile]) -> IngestReport:
        """Read files and index them; one that can't be read is reported and the rest go on.

        :raises KeyRAGError: if another process is writing, or the disk is full; what is committed stays.
        """

        def documents(report: IngestReport) -> Iterator[Document]:
            for file in files:
                try:
                    yield load(file.path, source=file.source, settings=self._settings.load)
                except LoadError as error:
                    report.files.append(Ingested(file.source or str(file.path), "failed", reason=str(error)))

        return self._ingest(documents, len(files))

    def ingest_documents(self, documents: Iterable[Document], total: int) -> IngestReport:
        """Index ``total`` documents that are loaded already."""
        return self._ingest(lambda report: iter(documents), total)

    def _ingest(self, documents: Callable[[IngestReport], Iterator[Document]], total: int) -> IngestReport:
        report = IngestReport()
        embedded = 0
        gathered: list[_Prepared] = []
        with self._kb.writing():
            for document in documents(report):
                prepared = self._prepare(document, report)
                if prepared is not None:
                    gathered.append(prepared)
                waiting = sum(len(p.keys) for p in gathered)
                self._progress(Progress(len(report.files), total, embedded, waiting, document.title))
                if waiting >= _GATHER:
                    embedded += self._finish(gathered, report, total, embedded)
                    gathered = []
            self._finish(gathered, report, total, embedded)
            self._kb.save()
        return report

    def _prepare(self, document: Document, report: IngestReport) -> _Prepared | None:
        old = self._kb.store.document(document.doc_id)
        if old and (old.sha256, old.settings, old.title) == (document.sha256, self._fingerprint, document.title):
            report.files.append(Ingested(document.source, "unchanged", document.doc_id, document.title))
            return None
        units = split(document, self._settings.split)
        return _Prepared(document, units, keys(units, self._settings.keyinfo), old is not None)

    def _finish(self, gathered: list[_Prepared], report: IngestReport, total: int, embedded: int) -> int:
        """Embed the keys of several documents together, then commit them one by one."""
        texts = [key.text for prepared in gathered for key in prepared.keys]
        if not gathered:
            return 0
        vectors = self._embed(texts, len(report.files), total, embedded, gathered[-1].document.title)
        start = 0
        for prepared in gathered:
            end = start + len(prepared.keys)
            document = prepared.document
            self._kb.commit(document, self._fingerprint, prepared.units, prepared.keys, vectors[start:end])
            start = end
            report.files.append(
                Ingested(
                    document.source,
                    "replaced" if prepared.replaces else "added",
                    document.doc_id,
                    document.title,
                    len(prepared.keys),
                    warnings=document.warnings,
                )
            )
            self._progress(Progress(len(report.files), total, embedded + len(texts), 0, document.title))
        return len(texts)

    def _embed(self, texts: list[str], done: int, total: int, before: int, current: str) -> NDArray[np.float32]:
        # Sorted by length, longest first, so that a batch holds little padding and memory peaks early.
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        vectors = np.zeros((len(texts), self._kb.identity.dimension), np.float32)
        for start in range(0, len(order), _CALL):
            part = order[start : start + _CALL]
            vectors[part] = self._embeddings.embed_documents([texts[i] for i in part])
            count = start + len(part)
            self._progress(Progress(done, total, before + count, len(texts) - count, current))
        return vectors
