"""The truth of a knowledge base: one SQLite file with documents, units, keys and their vectors.

A document version becomes visible in one transaction or not at all. Versions count up and are never
used again, so the caches can tell what they lack by comparing sets of versions.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.errors import KeyRAGError, NotFoundError
from ingest.index.reader import StoreReader
from ingest.index.schema import FORMAT, LATER, SCHEMA, TABLES, DocumentRow, UnitRow, packed_blocks
from ingest.index.sketch import sketch
from ingest.types import Document, Key, Unit

__all__ = ["DocumentRow", "Store", "UnitRow"]


class Store(StoreReader):
    """One connection to the file, safe to share between threads.

    :param create: make the tables if the file has none.
    :raises KeyRAGError: if the file is no KeyRAG store, is damaged, or can't be written.
    """

    def __init__(self, path: Path, *, create: bool = True) -> None:
        self.path = path
        try:
            db = sqlite3.connect(path, timeout=30, check_same_thread=False, isolation_level=None)
            super().__init__(db, path.parent.name)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute("PRAGMA foreign_keys = ON")
            with self._transaction():
                self._create(create)
                self._execute_all(LATER)
            self._file = _identity(path)
        except sqlite3.DatabaseError as error:
            raise KeyRAGError(f"{path} can't be opened ({error}): restore it from a copy") from error

    @property
    def gone(self) -> bool:
        """True where the file was deleted, or deleted and made anew, since it was opened."""
        try:
            return _identity(self.path) != self._file
        except FileNotFoundError:
            return True

    def _create(self, create: bool) -> None:
        if self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
            if self.meta("format") != str(FORMAT):
                raise KeyRAGError(
                    f"{self.path} has format {self.meta('format')}, this KeyRAG reads {FORMAT}: "
                    "use the KeyRAG that wrote it, or ingest the documents again"
                )
            return
        if not create:
            raise KeyRAGError(f"{self.path} is no knowledge base: name a file made by `keyrag kb export`")
        self._execute_all(SCHEMA)
        self._db.executemany(
            "INSERT INTO meta VALUES (?, ?)", [("format", str(FORMAT)), ("generation", "0"), ("settled", "0")]
        )

    def _execute_all(self, statements: str) -> None:
        for statement in statements.split(";"):
            self._db.execute(statement)

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

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def set_meta(self, name: str, value: str) -> None:
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

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
                replaced = self._db.execute("DELETE FROM documents WHERE doc_id = ?", (document.doc_id,)).rowcount
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
                self._db.executemany(
                    "INSERT INTO sketches VALUES (?, ?)", ((one, version) for one in sketch(document.text).tolist())
                )
                # An old version is gone from the store: no search may wait for the new one.
                self._bump(settled=bool(replaced))
        except sqlite3.OperationalError as error:
            raise _write_error(self.path, error) from error
        return version

    def _insert_document(self, document: Document, settings: str) -> int:
        row = self._db.execute(
            "INSERT INTO documents (doc_id, title, source, media_type, sha256, settings, pages, chars, warnings,"
            " added_at, blocks) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
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
                packed_blocks(document.blocks),
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

    def _bump(self, *, settled: bool = True) -> None:
        self._db.execute("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = 'generation'")
        if settled:
            self._settle()

    def _settle(self) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta SELECT 'settled', value FROM meta WHERE name = 'generation'")

    def settle(self) -> None:
        """Let searches see at once what was added; see :meth:`generations`.

        :raises KeyRAGError: if the disk is full.
        """
        generation, settled = self.generations()
        if generation == settled:
            return
        try:
            with self._transaction():
                self._settle()
        except sqlite3.OperationalError as error:
            raise _write_error(self.path, error) from error

    def delete(self, doc_id: str) -> None:
        """Remove a document with its units and keys.

        :raises NotFoundError: if there is no such document.
        """
        with self._transaction():
            if not self._db.execute("DELETE FROM documents WHERE doc_id = ?", (doc_id,)).rowcount:
                raise NotFoundError(f"there is no document {doc_id!r}: see `keyrag doc list`")
            self._db.execute("DELETE FROM labels WHERE doc_id = ?", (doc_id,))
            self._bump()

    def set_labels(self, doc_id: str, labels: Iterable[str]) -> None:
        """Give a document other labels; they stay when the document is replaced."""
        with self._transaction():
            self._db.execute("DELETE FROM labels WHERE doc_id = ?", (doc_id,))
            self._db.executemany("INSERT INTO labels VALUES (?, ?)", [(doc_id, label) for label in sorted(set(labels))])

    def replace_all(self, other: Path) -> None:
        """Put the documents of another store in the place of all of this one's, in one transaction.

        Ids go on counting from this store's, so that caches tell the new versions from the old.
        """
        with self._lock:
            self._db.execute("ATTACH DATABASE ? AS other", (str(other),))
            try:
                with self._transaction():
                    self._copy_from_other()
            finally:
                self._db.execute("DETACH DATABASE other")

    def _copy_from_other(self) -> None:
        used = dict(self._rows("SELECT name, seq FROM main.sqlite_sequence"))
        shift = {name: used.get(name, 0) for name in ("documents", "units", "keys")}
        self._db.execute("DELETE FROM main.documents")
        for table, id_columns in TABLES.items():
            columns = [row[1] for row in self._rows(f"PRAGMA main.table_info({table})")]
            chosen = [f'"{c}" + {shift[id_columns[c]]}' if c in id_columns else f'"{c}"' for c in columns]
            self._db.execute(f"INSERT INTO main.{table} SELECT {', '.join(chosen)} FROM other.{table}")
        self._db.execute("INSERT OR REPLACE INTO main.meta SELECT name, value FROM other.meta WHERE name = 'embedding'")
        self._bump()

    def backup(self, target: Path) -> None:
        """Write a consistent copy of the file."""
        with self._lock, sqlite3.connect(target) as copy:
            self._db.backup(copy)


def _write_error(path: Path, error: sqlite3.OperationalError) -> KeyRAGError:
    return KeyRAGError(
        f"{path} can't be written ({error}): free disk space or close the other writer; nothing was lost"
    )


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino
