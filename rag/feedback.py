"""What people thought of answers: thumbs up or down, with a comment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rag.database import Database

Rating = Literal["up", "down"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS feedback (
  id INTEGER PRIMARY KEY, kb TEXT NOT NULL, owner TEXT NOT NULL, session TEXT, question TEXT NOT NULL,
  answer TEXT NOT NULL, rating TEXT NOT NULL, comment TEXT NOT NULL, given_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS feedback_kb ON feedback (kb, rating);
"""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One thumb; ``given_at`` is ISO 8601 in UTC."""

    id: int
    session: str | None
    question: str
    answer: str
    rating: Rating
    comment: str
    given_at: str


class Feedback:
    """Judgements by knowledge base; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self._db = Database(path, _SCHEMA)

    def add(
        self,
        kb: str,
        question: str,
        answer: str,
        rating: Rating,
        comment: str = "",
        session: str | None = None,
        owner: str = "",
    ) -> None:
        self._db.write(
            "INSERT INTO feedback (kb, owner, session, question, answer, rating, comment, given_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, strftime('%Y-%m-%dT%H:%M:%SZ'))",
            (kb, owner, session, question, answer, rating, comment),
        )

    def page(
        self, kb: str, rating: Rating | None = None, offset: int = 0, limit: int = 100
    ) -> tuple[int, list[Judgement]]:
        """Give the number of judgements, and a page of them, newest first."""
        values = {"kb": kb, "rating": rating, "offset": offset, "limit": limit}
        chosen = "FROM feedback WHERE kb = :kb AND (:rating IS NULL OR rating = :rating)"
        count = self._db.rows(f"SELECT COUNT(*) {chosen}", values)[0][0]
        rows = self._db.rows(
            f"SELECT id, session, question, answer, rating, comment, given_at {chosen} "
            "ORDER BY id DESC LIMIT :limit OFFSET :offset",
            values,
        )
        return count, [Judgement(*row) for row in rows]

    def forget(self, kb: str) -> None:
        """Forget what was said about a knowledge base, which is no more, alone or together with others."""
        self._db.write("DELETE FROM feedback WHERE instr('+' || kb || '+', '+' || ? || '+')", (kb,))

    def close(self) -> None:
        self._db.close()
