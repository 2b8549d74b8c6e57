"""Files in, index out: load -> split -> key info -> embed -> commit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from ingest.index.knowledge_base import KnowledgeBase
from ingest.keyinfo import extractors, key_shape, keys
from ingest.load import container_of
from ingest.load.ahead import load_ahead
from ingest.load.process import Unread
from ingest.models.memo import Memo
from ingest.settings import Settings
from ingest.split import Splitter, shape
from ingest.types import Document, Key, Unit

# Keys embedded in one call: enough to sort by length, few enough for a lively progress bar.
_CALL = 256
# Documents are embedded together until they have this many keys.
_GATHER = 512

# From this share of common text on, estimated, another document is reported as nearly the same.
_NEARLY = 0.8

Outcome = Literal["added", "replaced", "unchanged", "duplicate", "failed"]
OUTCOMES: tuple[Outcome, ...] = ("added", "replaced", "unchanged", "duplicate", "failed")
Vectors = dict[str, NDArray[np.float32]]


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
    """What became of one file; ``reason`` says why it failed, or which document it is a duplicate of.

    ``keys`` counts the keys of the document, ``embedded`` those of them whose vectors were not there already.
    """

    source: str
    outcome: Outcome
    doc_id: str = ""
    title: str = ""
    keys: int = 0
    embedded: int = 0
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
    known: Vectors
    replaces: bool

    @property
    def unknown(self) -> list[str]:
        """The distinct texts of keys that have to be embedded."""
        return list(dict.fromkeys(key.text for key in self.keys if key.text not in self.known))


def fingerprint(settings: Settings) -> str:
    """Give a digest of all settings that shape units, keys and vectors."""
    parts = {"split": shape(settings.split), "keyinfo": key_shape(settings)}
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


class Pipeline:
    """Puts documents into one knowledge base.

    A new version of a document embeds only the keys that the old one did not have.

    :param progress: called after every step, and while a document is waited for; keep it quick. What it raises ends
        the ingest.
    :param known: gives vectors of the same embedding model by the texts of keys, for a document that has no old
        version here.
    :param anew: index documents that have not changed, too.
    """

    def __init__(
        self,
        kb: KnowledgeBase,
        embeddings: Embeddings,
        settings: Settings,
        progress: Callable[[Progress], None] = lambda _: None,
        known: Callable[[str], Vectors] = lambda _: {},
        *,
        anew: bool = False,
    ) -> None:
        self._anew = anew
        self._kb = kb
        self._embeddings = Memo(embeddings)
        self._splitter = Splitter(settings.split, self._embeddings)
        self._settings = settings
        self._fingerprint = fingerprint(settings)
        self._progress = progress
        self._last: Progress
        self._known = known
        self._extractors = extractors(settings, self._embeddings)

    def ingest_files(self, files: Sequence[SourceFile]) -> IngestReport:
        """Read files and index them; one that can't be read is reported and the rest go on.

        A file of the same bytes as another's is reported as its duplicate and not indexed again.

        :raises KeyRAGError: if another process is writing, or the disk is full; what is committed stays.
        """

        def documents(report: IngestReport) -> Generator[Document]:
            found: set[str] = set()
            pairs = ((file.path, file.source) for file in files)
            with closing(load_ahead(pairs, self._settings.load, lambda: self._tell(self._last))) as ahead:
                for one in ahead:
                    found.add(one.source)
                    if isinstance(one, Unread):
                        report.files.append(Ingested(one.source, "failed", reason=one.reason))
                    else:
                        yield one
            self._drop_what_left_its_archive(found)

        first = (files[0].source or files[0].path.name) if files else ""
        self._last = Progress(0, len(files), 0, 0, first)
        return self._ingest(documents, len(files), refuse_twins=True)

    def ingest_documents(self, documents: Iterable[Document], total: int) -> IngestReport:
        """Index ``total`` documents that are loaded already."""
        return self._ingest(lambda report: (document for document in documents), total)

    def _tell(self, step: Progress) -> None:
        self._last = step
        self._progress(step)

    def _drop_what_left_its_archive(self, found: set[str]) -> None:
        """Delete the documents of files that a new version of an archive no longer holds."""
        archives = {archive for source in found if (archive := container_of(source))} - found
        for row in self._kb.store.documents() if archives else ():
            if container_of(row.source) in archives and row.source not in found:
                self._kb.delete(row.doc_id)

    def _ingest(
        self, documents: Callable[[IngestReport], Generator[Document]], total: int, *, refuse_twins: bool = False
    ) -> IngestReport:
        report = IngestReport()
        embedded = 0
        gathered: list[_Prepared] = []
        with self._kb.writing(), closing(documents(report)) as read:
            for document in read:
                if refuse_twins and (twin := self._twin(document, gathered)):
                    report.files.append(Ingested(document.source, "duplicate", title=document.title, reason=twin))
                else:
                    waiting = sum(len(p.unknown) for p in gathered)
                    step = Progress(len(report.files), total, embedded, waiting, document.title)
                    if prepared := self._prepare(document, report, step):
                        gathered.append(prepared)
                waiting = sum(len(p.unknown) for p in gathered)
                self._tell(Progress(len(report.files), total, embedded, waiting, document.title))
                if waiting >= _GATHER:
                    embedded += self._finish(gathered, report, total, embedded)
                    gathered = []
            self._finish(gathered, report, total, embedded)
            self._kb.save()
        return report

    def _twin(self, document: Document, gathered: Iterable[_Prepared]) -> str | None:
        """Say which other document has the same bytes and is still there, None if there is none.

        A document that is there already is replaced, whatever it has become the same as.
        """
        store = self._kb.store
        if store.document(document.doc_id):
            return None
        stored = [(row.title, row.source) for row in store.same_content(document.sha256)]
        waiting = [p.document for p in gathered if p.document.sha256 == document.sha256]
        for title, source in stored + [(one.title, one.source) for one in waiting]:
            if source != document.source and not _is_gone(source):
                return f"has the same content as {title} ({source})"
        return None

    def _prepare(self, document: Document, report: IngestReport, step: Progress) -> _Prepared | None:
        store = self._kb.store
        old = store.document(document.doc_id)
        same = old and (old.sha256, old.settings, old.title) == (document.sha256, self._fingerprint, document.title)
        if same and not self._anew:
            report.files.append(Ingested(document.source, "unchanged", document.doc_id, document.title))
            return None
        # A file that was moved has the vectors of the document that it was.
        like = old or next(iter(store.same_content(document.sha256)), None)
        known = store.key_vectors(like.doc_id) if like else self._known(document.doc_id)
        self._embeddings.learn(known)
        units = self._splitter.split(document)

        def made(count: int) -> None:
            self._tell(replace(step, waiting=step.waiting + count))

        found = keys(units, self._settings.keyinfo, self._extractors, made)
        return _Prepared(document, units, found, known, old is not None)

    def _finish(self, gathered: list[_Prepared], report: IngestReport, total: int, embedded: int) -> int:
        """Embed the keys of several documents together, then commit them one by one."""
        if not gathered:
            return 0
        texts = list(dict.fromkeys(text for prepared in gathered for text in prepared.unknown))
        vectors = self._embed(texts, len(report.files), total, embedded, gathered[-1].document.title)
        for prepared in gathered:
            document = prepared.document
            new = {text: vectors[text] for text in prepared.unknown}
            found = [new[key.text] if key.text in new else prepared.known[key.text] for key in prepared.keys]
            rows = np.array(found, np.float32).reshape(len(found), self._kb.identity.dimension)
            nearly_same = _nearly_same(self._kb.store.most_alike(document))
            self._kb.commit(document, self._fingerprint, prepared.units, prepared.keys, rows)
            report.files.append(
                Ingested(
                    document.source,
                    "replaced" if prepared.replaces else "added",
                    document.doc_id,
                    document.title,
                    len(prepared.keys),
                    len(new),
                    warnings=document.warnings + nearly_same,
                )
            )
            self._tell(Progress(len(report.files), total, embedded + len(texts), 0, document.title))
        self._embeddings.forget()
        return len(texts)

    def _embed(self, texts: list[str], done: int, total: int, before: int, current: str) -> Vectors:
        # Sorted by length, longest first, so that a batch holds little padding and memory peaks early.
        texts = sorted(texts, key=len, reverse=True)
        vectors: Vectors = {}
        for start in range(0, len(texts), _CALL):
            part = texts[start : start + _CALL]
            vectors |= zip(part, np.array(self._embeddings.embed_documents(part), np.float32), strict=True)
            self._tell(Progress(done, total, before + len(vectors), len(texts) - len(vectors), current))
        return vectors


def _is_gone(source: str) -> bool:
    """Tell whether a document's file was moved or deleted; uploads are known by a bare name and stay."""
    path = Path(container_of(source) or source)
    return path.is_absolute() and not path.exists()


def _nearly_same(alike: tuple[str, float] | None) -> tuple[str, ...]:
    if alike is None or alike[1] < _NEARLY:
        return ()
    return (f"nearly the same as {alike[0]}: about {alike[1]:.0%} of the text is in both",)
