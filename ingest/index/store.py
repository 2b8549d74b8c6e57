"""The truth of a knowledge base: one SQLite file with documents, units, keys and their vectors.

A document version becomes visible in one transaction or not at all. Versions count up and are never
used again, so the caches can tell what they lack by comparing sets of versions.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.errors import KeyRAGError, NotFoundError
from ingest.types import Document, Key, Level, Unit

FORMAT = 1
_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
  version INTEGER PRIMARY KEY AUTOINCREMENT, doc_id TEXT NOT NULL UNIQUE, title TEXT NOT NULL,
  source TEXT NOT NULL, media_type TEXT NOT NULL, sha256 TEXT NOT NULL, settings TEXT NOT NULL,
  pages INTEGER, chars INTEGER NOT NULL, warnings TEXT NOT NULL, added_at TEXT NOT NULL);
CREATE TABLE units (
  unit_id INTEGER PRIMARY KEY AUTOINCREMENT,
  version INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
  parent INTEGER, ordinal INTEGER NOT NULL, level TEXT NOT NULL, kind TEXT NOT NULL,
  start INTEGER NOT NULL, "end" INTEGER NOT NULL, page INTEGER, heading_path TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX units_version ON units (version, ordinal);
CREATE INDEX units_parent ON units (parent);
CREATE TABLE keys (
  key_id INTEGER PRIMARY KEY AUTOINCREMENT,
  version INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
  unit_id INTEGER NOT NULL REFERENCES units ON DELETE CASCADE,
  level TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, vector BLOB NOT NULL);
CREATE INDEX keys_version ON keys (version, level);
CREATE INDEX keys_unit ON keys (unit_id);
"""


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A stored document; ``added_at`` is ISO 8601 in UTC, ``chars`` its length in characters."""

    version: int
    doc_id: str
    title: str
    source: str
    media_type: str
    sha256: str
    settings: str
    pages: int | None
    chars: int
    warnings: tuple[str, ...]
    added_at: str


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A stored unit with the document it belongs to; fields as in :class:`ingest.types.Unit`."""

    unit_id: int
    doc_id: str
    document: str
    parent: int | None
    ordinal: int
    level: Level
    kind: str
    start: int
    end: int
    page: int | None
    heading_path: tuple[str, ...]
    text: str


_UNIT_COLUMNS = (
    'u.unit_id, d.doc_id, d.title, u.parent, u.ordinal, u.level, u.kind, u.start, u."end", u.page, '
    "u.heading_path, u.text"
)


def _unit(row: Sequence[Any]) -> UnitRow:
    return UnitRow(*row[:10], heading_path=tuple(json.loads(row[10])), text=row[11])


def _document(row: Sequence[Any]) -> DocumentRow:
    return DocumentRow(*row[:9], warnings=tuple(json.loads(row[9])), added_at=row[10])


class Store:
    """One connection to the file, safe to share between threads.

    :raises KeyRAGError: if the file is no KeyRAG store, is damaged, or can't be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        try:
            self._db = sqlite3.connect(path, timeout=30, check_same_thread=False, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute("PRAGMA foreign_keys = ON")
            with self._transaction():
                self._create()
        except sqlite3.DatabaseError as error:
            raise KeyRAGError(f"{path} can't be opened ({error}): restore it from a copy") from error

    def _create(self) -> None:
        if self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
            if self.meta("format") != str(FORMAT):
                raise KeyRAGError(
                    f"{self.path} has format {self.meta('format')}, this KeyRAG reads {FORMAT}: "
                    "use the KeyRAG that wrote it, or ingest the documents again"
                )
            return
        for statement in _SCHEMA.split(";"):
            self._db.execute(statement)
        self._db.executemany("INSERT INTO meta VALUES (?, ?)", [("format", str(FORMAT)), ("generation", "0")])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.rollback()
                raise
            try:
                self._db.commit()
            except sqlite3.OperationalError as error:
                self._db.rollback()
                raise _write_error(self.path, error) from error

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._lock:
            return self._db.execute(query, values).fetchall()

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def meta(self, name: str) -> str | None:
        """Give a stored property of the knowledge base, e.g. ``embedding``."""
        rows = self._rows("SELECT value FROM meta WHERE name = ?", (name,))
        return rows[0][0] if rows else None

    def set_meta(self, name: str, value: str) -> None:
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def generation(self) -> int:
        """Count of changes; caches built from another generation are stale."""
        return int(self.meta("generation") or 0)

    def commit(
        self,
        document: Document,
        settings: str,
        units: Sequence[Unit],
        keys: Sequence[Key],
        vectors: NDArray[np.float32],
    ) -> int:
        """Add a document or replace its old version; give the new version.

        :param settings: fingerprint of everything that shaped the units and keys.
        :param vectors: (n_keys, dim), one row a key, stored as float16.
        :raises KeyRAGError: if the disk is full or the file can't be written; nothing is changed then.
        """
        if len(keys) != len(vectors):
            raise ValueError(f"{len(keys)} keys but {len(vectors)} vectors")
        half = vectors.astype(np.float16)
        try:
            with self._transaction():
                self._db.execute("DELETE FROM documents WHERE doc_id = ?", (document.doc_id,))
                version = self._insert_document(document, settings)
                ids = self._insert_units(version, units)
                level = {unit.ordinal: unit.level for unit in units}
                self._db.executemany(
                    "INSERT INTO keys (version, unit_id, level, kind, text, vector) VALUES (?,?,?,?,?,?)",
                    (
                        (version, ids[key.unit], level[key.unit], key.kind, key.text, vector.tobytes())
                        for key, vector in zip(keys, half, strict=True)
                    ),
                )
                self._bump()
        except sqlite3.OperationalError as error:
            raise _write_error(self.path, error) from error
        return version

    def _insert_document(self, document: Document, settings: str) -> int:
        row = self._db.execute(
            "INSERT INTO documents (doc_id, title, source, media_type, sha256, settings, pages, chars, warnings,"
            " added_at) VALUES (?,?,?,?,?,?,?,?,?,?)",
            (
                document.doc_id,
                document.title,
                document.source,
                document.media_type,
                document.sha256,
                settings,
                document.pages,
                len(document.text),
                json.dumps(document.warnings, ensure_ascii=False),
                datetime.now(UTC).isoformat(timespec="seconds"),
            ),
        )
        assert row.lastrowid is not None
        return row.lastrowid

    def _insert_units(self, version: int, units: Sequence[Unit]) -> dict[int, int]:
        ids: dict[int, int] = {}
        for unit in units:
            row = self._db.execute(
                'INSERT INTO units (version, parent, ordinal, level, kind, start, "end", page, heading_path, text)'
                " VALUES (?,?,?,?,?,?,?,?,?,?)",
                (
                    version,
                    None if unit.parent is None else ids[unit.parent],
                    unit.ordinal,
                    unit.level,
                    unit.kind,
                    unit.start,
                    unit.end,
                    unit.page,
                    json.dumps(unit.heading_path, ensure_ascii=False),
                    unit.text,
                ),
            )
            assert row.lastrowid is not None
            ids[unit.ordinal] = row.lastrowid
        return ids

    def _bump(self) -> None:
        self._db.execute("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = 'generation'")

    def delete(self, doc_id: str) -> None:
        """Remove a document with its units and keys.

        :raises NotFoundError: if there is no such document.
        """
        with self._transaction():
            if not self._db.execute("DELETE FROM documents WHERE doc_id = ?", (doc_id,)).rowcount:
                raise NotFoundError(f"there is no document {doc_id!r}: see `keyrag doc list`")
            self._bump()

    def documents(self) -> list[DocumentRow]:
        """List the documents in the order they were added."""
        columns = "version, doc_id, title, source, media_type, sha256, settings, pages, chars, warnings, added_at"
        return [_document(row) for row in self._rows(f"SELECT {columns} FROM documents ORDER BY version")]

    def document(self, doc_id: str) -> DocumentRow | None:
        columns = "version, doc_id, title, source, media_type, sha256, settings, pages, chars, warnings, added_at"
        rows = self._rows(f"SELECT {columns} FROM documents WHERE doc_id = ?", (doc_id,))
        return _document(rows[0]) if rows else None

    def versions(self) -> set[int]:
        """Give the versions of all documents."""
        return {row[0] for row in self._rows("SELECT version FROM documents")}

    def units(self, ids: Iterable[int]) -> dict[int, UnitRow]:
        """Give the units with these ids; ids that do not exist are left out."""
        listed = ",".join(str(int(i)) for i in ids)
        rows = self._rows(
            f"SELECT {_UNIT_COLUMNS} FROM units u JOIN documents d USING (version) WHERE u.unit_id IN ({listed})"
        )
        return {row[0]: _unit(row) for row in rows}

    def neighbours(self, ids: Sequence[int], distance: int) -> list[UnitRow]:
        """Give the sentences up to ``distance`` before or after these, in the same segment, nearest first."""
        units = self.units(ids)
        found: dict[int, UnitRow] = {}
        for step in range(1, distance + 1):
            for unit_id in ids:
                unit = units.get(unit_id)
                if unit is None or unit.parent is None:
                    continue
                rows = self._rows(
                    f"SELECT {_UNIT_COLUMNS} FROM units u JOIN documents d USING (version) "
                    "WHERE u.parent = ? AND u.ordinal IN (?, ?) ORDER BY u.ordinal",
                    (unit.parent, unit.ordinal - step, unit.ordinal + step),
                )
                found |= {row[0]: _unit(row) for row in rows if row[0] not in units}
        return list(found.values())

    def document_units(self, doc_id: str) -> list[UnitRow]:
        """Give a document's units in reading order."""
        rows = self._rows(
            f"SELECT {_UNIT_COLUMNS} FROM units u JOIN documents d USING (version) WHERE d.doc_id = ? "
            "ORDER BY u.ordinal",
            (doc_id,),
        )
        return [_unit(row) for row in rows]

    def document_keys(self, doc_id: str) -> list[tuple[int, str, str]]:
        """Give (unit_id, kind, text) of a document's keys."""
        return self._rows(
            "SELECT k.unit_id, k.kind, k.text FROM keys k JOIN documents d USING (version) WHERE d.doc_id = ? "
            "ORDER BY k.key_id",
            (doc_id,),
        )

    def parents(self, level: Level) -> NDArray[np.int64]:
        """Give (n, 2): the id and the parent's id of every unit of a level, ordered by id."""
        rows = self._rows("SELECT unit_id, parent FROM units WHERE level = ? ORDER BY unit_id", (level,))
        return np.array(rows, np.int64).reshape(-1, 2)

    def unit_keys(self, unit_id: int) -> list[str]:
        """Give the texts of a unit's keys."""
        return [row[0] for row in self._rows("SELECT text FROM keys WHERE unit_id = ? ORDER BY key_id", (unit_id,))]

    def vectors(self, level: Level, versions: Iterable[int]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        """Read keys document by document: ids, (n, 3) of key, unit and version; vectors, (n, dim)."""
        for version in sorted(versions):
            rows = self._rows(
                "SELECT key_id, unit_id, version, vector FROM keys WHERE version = ? AND level = ? ORDER BY key_id",
                (version, level),
            )
            if rows:
                ids = np.array([row[:3] for row in rows], np.int64)
                raw = np.frombuffer(b"".join(row[3] for row in rows), np.float16)
                yield ids, raw.reshape(len(rows), -1).astype(np.float32)

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

    def backup(self, target: Path) -> None:
        """Write a consistent copy of the file."""
        with self._lock, sqlite3.connect(target) as copy:
            self._db.backup(copy)


def _write_error(path: Path, error: sqlite3.OperationalError) -> KeyRAGError:
    return KeyRAGError(f"{path} can't be written ({error}): free disk space or close the other writer; nothing was lost")
