"""What a knowledge base's store tells: documents, units, keys and their vectors."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.errors import NotFoundError
from ingest.index.schema import (
    DOCUMENT_COLUMNS,
    UNIT_COLUMNS,
    DocumentRow,
    UnitRow,
    document_row,
    unit_row,
    unpacked_blocks,
)
from ingest.index.scope import Scope
from ingest.index.sketch import resemblance, sketch
from ingest.types import Document, Level


def like(text: str) -> str:
    """Give the pattern of SQL's LIKE for what holds ``text``, with a backslash before its signs."""
    return "%" + re.sub(r"([\\%_])", r"\\\1", text) + "%"


def _stacked(vectors: Sequence[bytes], dimension: int) -> NDArray[np.float32]:
    return np.frombuffer(b"".join(vectors), np.float16).reshape(-1, dimension).astype(np.float32)


class StoreReader:
    """The reading half of :class:`ingest.index.store.Store`, safe to share between threads."""

    def __init__(self, db: sqlite3.Connection, kb: str) -> None:
        self.kb = kb
        self._db = db
        self._lock = threading.RLock()

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._lock:
            return self._db.execute(query, values).fetchall()

    def meta(self, name: str) -> str | None:
        """Give a stored property of the knowledge base, e.g. ``embedding``."""
        rows = self._rows("SELECT value FROM meta WHERE name = ?", (name,))
        return rows[0][0] if rows else None

    def generation(self) -> int:
        """Count of changes; caches built from another generation are stale."""
        return self.generations()[0]

    def generations(self) -> tuple[int, int]:
        """Give the count of changes, and the one from which on documents have only been added by a writer at work."""
        counted = dict(
            self._rows("SELECT name, CAST(value AS INTEGER) FROM meta WHERE name IN ('generation', 'settled')")
        )
        generation: int = counted.get("generation", 0)
        settled: int = counted.get("settled", generation)
        return generation, settled

    def labels(self, doc_ids: Iterable[str]) -> dict[str, frozenset[str]]:
        """Give the labels of these documents; most have none."""
        wanted = list(doc_ids)
        found: dict[str, set[str]] = {doc_id: set() for doc_id in wanted}
        marks = ",".join("?" * len(wanted))
        for doc_id, label in self._rows(f"SELECT doc_id, label FROM labels WHERE doc_id IN ({marks})", wanted):
            found[doc_id].add(label)
        return {doc_id: frozenset(labels) for doc_id, labels in found.items()}

    def versions_in(self, scope: Scope) -> set[int] | None:
        """Give the versions of the documents in ``scope``; None stands for all."""
        conditions, values = scope.conditions()
        if not conditions:
            return None
        return {row[0] for row in self._rows(f"SELECT version FROM documents WHERE {' AND '.join(conditions)}", values)}

    def sentences_in(self, scope: Scope) -> NDArray[np.int64] | None:
        """Give the sentences, int64 (n,), under the heading that ``scope`` names; None stands for all."""
        if scope.heading is None:
            return None
        conditions, values = scope.conditions()
        where = " AND ".join(("level = 'sentence'", r"heading_path LIKE ? ESCAPE '\'", *conditions))
        query = f"SELECT unit_id FROM units JOIN documents USING (version) WHERE {where}"
        heading = json.dumps(scope.heading, ensure_ascii=False)[1:-1]
        return np.array([row[0] for row in self._rows(query, (like(heading), *values))], np.int64)

    def documents(self) -> list[DocumentRow]:
        """List the documents in the order they were added."""
        rows = self._rows(f"SELECT {DOCUMENT_COLUMNS} FROM documents ORDER BY version")
        return [document_row(row) for row in rows]

    def find_documents(
        self,
        text: str = "",
        order: str = "added_at",
        descending: bool = False,
        labels: frozenset[str] | None = None,
        offset: int = 0,
        limit: int = 100,
    ) -> tuple[int, list[DocumentRow]]:
        """Count the documents that fit, and give a page of them.

        :param text: what the title or the source must hold, without regard to the case of Latin letters.
        :param order: ``title``, ``added_at`` or ``chars``.
        :param labels: leave out documents that carry none of these; None takes all.
        """
        if order not in ("title", "added_at", "chars"):
            raise ValueError(f"documents are not ordered by {order!r}")
        values: list[Any] = [like(text), like(text)]
        where = r"(title LIKE ? ESCAPE '\' OR source LIKE ? ESCAPE '\')"
        if labels is not None:
            where += f" AND doc_id IN (SELECT doc_id FROM labels WHERE label IN ({','.join('?' * len(labels))}))"
            values += sorted(labels)
        count = self._rows(f"SELECT COUNT(*) FROM documents WHERE {where}", values)[0][0]
        direction = "DESC" if descending else "ASC"
        rows = self._rows(
            f"SELECT {DOCUMENT_COLUMNS} FROM documents WHERE {where} "
            f"ORDER BY {order} {direction}, version {direction} LIMIT ? OFFSET ?",
            [*values, limit, offset],
        )
        return count, [document_row(row) for row in rows]

    def document(self, doc_id: str) -> DocumentRow | None:
        rows = self._rows(f"SELECT {DOCUMENT_COLUMNS} FROM documents WHERE doc_id = ?", (doc_id,))
        return document_row(rows[0]) if rows else None

    def same_content(self, sha256: str) -> list[DocumentRow]:
        """Give the documents that were read from a file of these bytes, oldest first."""
        rows = self._rows(f"SELECT {DOCUMENT_COLUMNS} FROM documents WHERE sha256 = ? ORDER BY version", (sha256,))
        return [document_row(row) for row in rows]

    def most_alike(self, document: Document) -> tuple[str, float] | None:
        """Give the title of the other document whose text is most alike, and the estimated share, 0 to 1."""
        own = sketch(document.text)
        listed = ",".join(map(str, own.tolist()))
        candidates = self._rows(
            f"SELECT version, d.title FROM sketches JOIN documents d USING (version) WHERE hash IN ({listed})"
            " AND d.doc_id != ? GROUP BY version ORDER BY COUNT(*) DESC LIMIT 1",
            (document.doc_id,),
        )
        if not candidates:
            return None
        version, title = candidates[0]
        rows = self._rows("SELECT hash FROM sketches WHERE version = ? ORDER BY hash", (version,))
        return title, resemblance(own, np.array([row[0] for row in rows], np.int64))

    def key_vectors(self, doc_id: str) -> dict[str, NDArray[np.float32]]:
        """Give the vectors, float32 (dim,), of a document's keys by their texts."""
        rows = self._rows("SELECT text, vector FROM keys JOIN documents USING (version) WHERE doc_id = ?", (doc_id,))
        return {text: np.frombuffer(vector, np.float16).astype(np.float32) for text, vector in rows}

    def read(self, doc_id: str) -> Document:
        """Give a document as it was loaded.

        :raises NotFoundError: if there is no such document.
        """
        rows = self._rows(f"SELECT {DOCUMENT_COLUMNS}, blocks FROM documents WHERE doc_id = ?", (doc_id,))
        if not rows:
            raise NotFoundError(f"there is no document {doc_id!r}: see `keyrag doc list`")
        row = document_row(rows[0])
        return Document(
            row.doc_id,
            row.title,
            row.source,
            row.media_type,
            row.sha256,
            unpacked_blocks(rows[0][11]),
            row.pages,
            row.warnings,
        )

    def versions(self) -> set[int]:
        """Give the versions of all documents."""
        return {row[0] for row in self._rows("SELECT version FROM documents")}

    def versions_with_keys(self, level: Level) -> set[int]:
        """Give the versions of the documents that have a key of a unit of this level."""
        query = (
            "SELECT version FROM documents d WHERE EXISTS"
            " (SELECT 1 FROM keys k WHERE k.version = d.version AND k.level = ?)"
        )
        return {row[0] for row in self._rows(query, (level,))}

    def units(self, ids: Iterable[int]) -> dict[int, UnitRow]:
        """Give the units with these ids; ids that do not exist are left out."""
        listed = ",".join(str(int(i)) for i in ids)
        rows = self._rows(
            f"SELECT {UNIT_COLUMNS} FROM units u JOIN documents d USING (version) WHERE u.unit_id IN ({listed})"
        )
        return {row[0]: unit_row(row, self.kb) for row in rows}

    def inside(self, parents: Iterable[int]) -> list[UnitRow]:
        """Give the units directly inside these units, in reading order within each."""
        listed = ",".join(str(int(i)) for i in parents)
        rows = self._rows(
            f"SELECT {UNIT_COLUMNS} FROM units u JOIN documents d USING (version) WHERE u.parent IN ({listed})"
            " ORDER BY u.unit_id"
        )
        return [unit_row(row, self.kb) for row in rows]

    def document_units(self, doc_id: str) -> list[UnitRow]:
        """Give a document's units in reading order."""
        rows = self._rows(
            f"SELECT {UNIT_COLUMNS} FROM units u JOIN documents d USING (version) WHERE d.doc_id = ? "
            "ORDER BY u.ordinal",
            (doc_id,),
        )
        return [unit_row(row, self.kb) for row in rows]

    def document_keys(self, doc_id: str) -> list[tuple[int, str, str]]:
        """Give (unit_id, kind, text) of a document's keys."""
        return self._rows(
            "SELECT k.unit_id, k.kind, k.text FROM keys k JOIN documents d USING (version) WHERE d.doc_id = ? "
            "ORDER BY k.key_id",
            (doc_id,),
        )

    def parents(self, level: Level) -> NDArray[np.int64]:
        """Give (n, 3): the ids of every unit of a level, of its parent and of that one's parent, ordered by id.

        A unit is stored right after its parent and what is before it inside, so the parents are in order too.
        """
        rows = self._rows(
            "SELECT u.unit_id, u.parent, p.parent FROM units u JOIN units p ON p.unit_id = u.parent"
            " WHERE u.level = ? ORDER BY u.unit_id",
            (level,),
        )
        return np.array(rows, np.int64).reshape(-1, 3)

    def unit_keys(self, ids: Iterable[int]) -> dict[int, list[str]]:
        """Give the texts of the keys of each of these units."""
        listed = ",".join(str(int(i)) for i in ids)
        keys: dict[int, list[str]] = {}
        for unit_id, text in self._rows(f"SELECT unit_id, text FROM keys WHERE unit_id IN ({listed}) ORDER BY key_id"):
            keys.setdefault(unit_id, []).append(text)
        return keys

    def vectors(self, level: Level, versions: Iterable[int]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        """Read keys document by document: ids, (n, 3) of key, unit and version; vectors, (n, dim)."""
        for version in sorted(versions):
            rows = self._rows(
                "SELECT key_id, unit_id, version, vector FROM keys WHERE version = ? AND level = ? ORDER BY key_id",
                (version, level),
            )
            if rows:
                vectors = [row[3] for row in rows]
                yield np.array([row[:3] for row in rows], np.int64), _stacked(vectors, len(vectors[0]) // 2)

    def sampled_vectors(self, level: Level, size: int, dimension: int) -> tuple[int, NDArray[np.float32]]:
        """Give the number of keys of a level, and the vectors of ``size`` of them, spread evenly."""
        ids = [row[0] for row in self._rows("SELECT key_id FROM keys WHERE level = ? ORDER BY key_id", (level,))]
        chosen = ids if len(ids) <= size else [ids[i] for i in np.linspace(0, len(ids) - 1, size).astype(int)]
        rows = self._rows(f"SELECT vector FROM keys WHERE key_id IN ({','.join(map(str, chosen))})")
        return len(ids), _stacked([row[0] for row in rows], dimension)

    def unit_vectors(self, units: Iterable[int], dimension: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Give the vectors, float32 (n, dim), of the keys of these units, and the unit of each, int64 (n,)."""
        listed = ",".join(str(int(unit)) for unit in units)
        rows = self._rows(f"SELECT unit_id, vector FROM keys WHERE unit_id IN ({listed})")
        return np.array([row[0] for row in rows], np.int64), _stacked([row[1] for row in rows], dimension)

    def texts(self, level: Level, versions: Iterable[int]) -> Iterator[tuple[int, int, tuple[str, ...], str]]:
        """Read units that have keys: (unit_id, version, heading_path, text)."""
        for version in sorted(versions):
            for row in self._rows(
                "SELECT unit_id, version, heading_path, text FROM units WHERE version = ? AND level = ?"
                " ORDER BY unit_id",
                (version, level),
            ):
                yield row[0], row[1], tuple(json.loads(row[2])), row[3]

    def counts(self) -> dict[str, int]:
        """Count documents, units by level, and keys."""
        counts = {"documents": self._rows("SELECT COUNT(*) FROM documents")[0][0]}
        levels = dict(self._rows("SELECT level, COUNT(*) FROM units GROUP BY level"))
        counts |= {f"{level}s": levels.get(level, 0) for level in ("article", "segment", "sentence")}
        counts["keys"] = self._rows("SELECT COUNT(*) FROM keys")[0][0]
        return counts

    def faults(self) -> list[str]:
        """Check the file and the ties between its tables; an empty list is good news."""
        faults = [f"SQLite: {row[0]}" for row in self._rows("PRAGMA integrity_check") if row[0] != "ok"]
        faults += [f"SQLite: row {row[1]} of {row[0]} points nowhere" for row in self._rows("PRAGMA foreign_key_check")]
        torn = self._rows('SELECT COUNT(*) FROM units WHERE length(text) != "end" - start')[0][0]
        return faults + ([f"{torn} units whose text does not fit their offsets"] if torn else [])
