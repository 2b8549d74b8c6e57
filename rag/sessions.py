"""Conversations that outlive a request: one SQLite file with the turns of every session."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from rag.history import Turn

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS turns (id INTEGER PRIMARY KEY, kb TEXT NOT NULL, session TEXT NOT NULL, "
    "question TEXT NOT NULL, answer TEXT NOT NULL, asked_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)",
    "CREATE INDEX IF NOT EXISTS turns_session ON turns (kb, session, id)",
)


class Sessions:
    """Turns by knowledge base and session name; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, timeout=30, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        for statement in _SCHEMA:
            self._db.execute(statement)

    def turns(self, kb: str, session: str, limit: int) -> list[Turn]:
        """Give the last ``limit`` turns, oldest first."""
        with self._lock:
            rows = self._db.execute(
                "SELECT question, answer FROM turns WHERE kb = ? AND session = ? ORDER BY id DESC LIMIT ?",
                (kb, session, limit),
            ).fetchall()
        return [Turn(question, answer) for question, answer in reversed(rows)]

    def add(self, kb: str, session: str, turn: Turn) -> None:
        with self._lock:
            self._db.execute(
                "INSERT INTO turns (kb, session, question, answer) VALUES (?, ?, ?, ?)",
                (kb, session, turn.question, turn.answer),
            )

    def close(self) -> None:
        with self._lock:
            self._db.close()
