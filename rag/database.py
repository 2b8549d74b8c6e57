"""One small SQLite file, shared by the threads and processes of a service."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ingest.errors import KeyRAGError

Values = Sequence[Any] | Mapping[str, Any]


class Database:
    """A connection that locks itself; rows are :class:`sqlite3.Row`, every statement is its own transaction.

    What is written survives the end of the process at any moment, the last writes not a power cut.

    :param schema: statements that may be repeated, parted by semicolons.
    :raises KeyRAGError: if the file can't be opened.
    """

    def __init__(self, path: Path, schema: str) -> None:
        self.path = path
        self._lock = threading.RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=30, check_same_thread=False, isolation_level=None)
            self._db.row_factory = sqlite3.Row
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.executescript(schema)
        except (sqlite3.DatabaseError, OSError) as error:
            raise KeyRAGError(f"{path} can't be opened ({error}): restore it from a copy or remove it") from error

    def rows(self, query: str, values: Values = ()) -> list[sqlite3.Row]:
        with self._lock:
            return self._db.execute(query, values).fetchall()

    def row(self, query: str, values: Values = ()) -> sqlite3.Row | None:
        with self._lock:
            row: sqlite3.Row | None = self._db.execute(query, values).fetchone()
            return row

    def write(self, statement: str, values: Values = ()) -> int:
        """Run a statement; give the number of rows that it changed.

        :raises KeyRAGError: if the disk is full.
        """
        with self._lock, self._told():
            return self._db.execute(statement, values).rowcount

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make several statements one change."""
        with self._lock, self._told():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.rollback()
                raise
            self._db.commit()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise KeyRAGError(f"{self.path} can't be written ({error}): free disk space or close the writer") from error

    def close(self) -> None:
        with self._lock:
            self._db.close()
