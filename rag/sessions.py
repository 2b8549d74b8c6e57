"""Conversations that outlive a request: one SQLite file with the turns of every session."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.errors import NotFoundError
from rag.database import Database
from rag.history import Turn

_TITLE_CHARS = 60
_SCHEMA = """
CREATE TABLE IF NOT EXISTS sessions (
  owner TEXT NOT NULL, kb TEXT NOT NULL, session TEXT NOT NULL, title TEXT NOT NULL,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL, PRIMARY KEY (owner, kb, session)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS session_turns (
  id INTEGER PRIMARY KEY, owner TEXT NOT NULL, kb TEXT NOT NULL, session TEXT NOT NULL, question TEXT NOT NULL,
  answer TEXT NOT NULL, citations TEXT NOT NULL, asked_at TEXT NOT NULL,
  FOREIGN KEY (owner, kb, session) REFERENCES sessions ON DELETE CASCADE);
CREATE INDEX IF NOT EXISTS session_turns_session ON session_turns (owner, kb, session, id);
PRAGMA foreign_keys = ON;
"""
_NOW = "strftime('%Y-%m-%dT%H:%M:%SZ')"
_THIS = "owner = :owner AND kb = :kb AND session = :session"


@dataclass(frozen=True, slots=True)
class Session:
    """A conversation; its title is the first question until it is renamed, times are ISO 8601 in UTC."""

    session: str
    title: str
    turns: int
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """A question and its answer as they are kept; ``citations`` are as in :func:`rag.wire.citation_json`."""

    question: str
    answer: str
    citations: tuple[dict[str, Any], ...]
    asked_at: str


class Sessions:
    """Turns by owner, knowledge base and session name; safe to share between threads.

    An owner is the id of an API key, empty where there are none: nobody sees another's conversations.
    """

    def __init__(self, path: Path) -> None:
        self._db = Database(path, _SCHEMA)

    def turns(self, kb: str, session: str, limit: int, owner: str = "") -> list[Turn]:
        """Give the last ``limit`` turns, oldest first."""
        rows = self._db.rows(
            f"SELECT question, answer FROM session_turns WHERE {_THIS} ORDER BY id DESC LIMIT :limit",
            {"owner": owner, "kb": kb, "session": session, "limit": limit},
        )
        return [Turn(row["question"], row["answer"]) for row in reversed(rows)]

    def add(self, kb: str, session: str, turn: Turn, citations: Sequence[dict[str, Any]] = (), owner: str = "") -> None:
        """Keep a turn; the first one makes the session."""
        values = {"owner": owner, "kb": kb, "session": session, "question": turn.question, "answer": turn.answer}
        values["title"] = " ".join(turn.question.split())[:_TITLE_CHARS]
        values["citations"] = json.dumps(list(citations), ensure_ascii=False)
        with self._db.transaction():
            self._db.write(
                f"INSERT INTO sessions VALUES (:owner, :kb, :session, :title, {_NOW}, {_NOW}) "
                f"ON CONFLICT DO UPDATE SET updated_at = {_NOW}",
                values,
            )
            self._db.write(
                "INSERT INTO session_turns (owner, kb, session, question, answer, citations, asked_at) "
                f"VALUES (:owner, :kb, :session, :question, :answer, :citations, {_NOW})",
                values,
            )

    def of(self, kb: str, owner: str = "") -> list[Session]:
        """List the sessions of an owner, the one used last first."""
        rows = self._db.rows(
            "SELECT s.session, title, created_at, updated_at, COUNT(*) AS turns, MAX(t.id) AS last "
            "FROM sessions s JOIN session_turns t USING (owner, kb, session) "
            "WHERE s.owner = ? AND s.kb = ? GROUP BY s.session ORDER BY last DESC",
            (owner, kb),
        )
        return [Session(r["session"], r["title"], r["turns"], r["created_at"], r["updated_at"]) for r in rows]

    def get(self, kb: str, session: str, owner: str = "") -> tuple[Session, list[KeptTurn]]:
        """Give a session with all its turns.

        :raises NotFoundError: if the owner has none of that name.
        """
        found = next((one for one in self.of(kb, owner) if one.session == session), None)
        if found is None:
            raise _missing(kb, session)
        rows = self._db.rows(
            f"SELECT question, answer, citations, asked_at FROM session_turns WHERE {_THIS} ORDER BY id",
            {"owner": owner, "kb": kb, "session": session},
        )
        turns = [
            KeptTurn(row["question"], row["answer"], tuple(json.loads(row["citations"])), row["asked_at"])
            for row in rows
        ]
        return found, turns

    def rename(self, kb: str, session: str, title: str, owner: str = "") -> None:
        """Give a session another title.

        :raises NotFoundError: if the owner has none of that name.
        """
        values = {"owner": owner, "kb": kb, "session": session, "title": title}
        if not self._db.write(f"UPDATE sessions SET title = :title WHERE {_THIS}", values):
            raise _missing(kb, session)

    def delete(self, kb: str, session: str, owner: str = "") -> None:
        """Forget a session.

        :raises NotFoundError: if the owner has none of that name.
        """
        values = {"owner": owner, "kb": kb, "session": session}
        if not self._db.write(f"DELETE FROM sessions WHERE {_THIS}", values):
            raise _missing(kb, session)

    def forget(self, kb: str) -> None:
        """Forget all sessions about a knowledge base, which is no more, alone or together with others."""
        self._db.write("DELETE FROM sessions WHERE instr('+' || kb || '+', '+' || ? || '+')", (kb,))

    def close(self) -> None:
        self._db.close()


def _missing(kb: str, session: str) -> NotFoundError:
    return NotFoundError(f"there is no session {session!r} in {kb!r}: list them at /api/kbs/{kb}/sessions")


def session_markdown(session: Session, turns: Sequence[KeptTurn]) -> str:
    """Give a conversation as Markdown, with the cited sentences below each answer."""
    lines = [f"# {session.title}", ""]
    for turn in turns:
        lines += [f"## {' '.join(turn.question.split())}", "", turn.answer, ""]
        for number, citation in enumerate(turn.citations, 1):
            page = f", {citation['page']}" if citation["page"] else ""
            lines += [f"{number}. {citation['document']}{page}: “{' '.join(citation['quote'].split())}”"]
        lines += [""] if turn.citations else []
    return "\n".join(lines)
