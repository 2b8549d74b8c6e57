"""What a language model wrote, remembered on disk by model and prompt."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from pathlib import Path

from ingest.errors import KeyRAGError


class Written:
    """Replies of one model in an SQLite file; each is kept as soon as it is there, so that a killed run goes on.

    Threads may share it, processes the file.

    :raises KeyRAGError: if the file can't be opened.
    """

    def __init__(self, path: Path, model: str) -> None:
        self._path = path
        self._model = model
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("CREATE TABLE IF NOT EXISTS written (digest BLOB PRIMARY KEY, reply TEXT) WITHOUT ROWID")
        except (OSError, sqlite3.DatabaseError) as error:
            raise KeyRAGError(f"{path} can't be opened ({error}): delete it, keys are written again") from error

    def get(self, prompt: str) -> str | None:
        """Give the reply to ``prompt``, None if it was never asked."""
        with self._lock:
            row = self._db.execute("SELECT reply FROM written WHERE digest = ?", (self._digest(prompt),)).fetchone()
        return row[0] if row else None

    def put(self, prompt: str, reply: str) -> None:
        """Keep a reply.

        :raises KeyRAGError: if the disk is full.
        """
        try:
            with self._lock:
                self._db.execute("INSERT OR REPLACE INTO written VALUES (?, ?)", (self._digest(prompt), reply))
        except sqlite3.OperationalError as error:
            raise KeyRAGError(f"{self._path} can't be written ({error}): free disk space and try again") from error

    def _digest(self, prompt: str) -> bytes:
        return hashlib.sha256(f"{self._model}\0{prompt}".encode()).digest()
