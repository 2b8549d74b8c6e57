"""The audit: one SQLite file with a trace of every answer, bounded in age and size."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ingest.errors import NotFoundError
from ingest.settings import AuditSettings
from rag.answer import Trace

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS traces (id INTEGER PRIMARY KEY, at TEXT NOT NULL, kb TEXT NOT NULL, session TEXT, "
    "caller TEXT, question TEXT NOT NULL, answer TEXT NOT NULL, refused INTEGER, mode TEXT, trace TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS traces_at ON traces (at)",
)
# Beyond the size, this share of the traces is deleted at once.
_DELETED_AT_ONCE = 10
_MEGABYTE = 1_000_000
# Age and size are looked at after so many records, and after this share of the size.
_BOUND_EVERY = 50
_BOUND_SHARE = 0.05
_LISTED = ("id", "at", "kb", "session", "caller", "question", "answer", "refused", "mode")
# Hits that are kept.
_HITS = 20
# Fields whose text is a user's, a document's or the model's.
_TEXTS = frozenset(
    "question rewritten prompt text quote document heading_path unsupported dropped_negations keys suspicious parsed "
    "schema choices".split()
)


@dataclass(frozen=True, slots=True)
class TraceRow:
    """A trace in a list; ``at`` is UTC in ISO 8601. What was broken off has no ``mode``."""

    trace_id: int
    at: str
    kb: str
    session: str | None
    caller: str | None
    question: str
    answer: str
    refused: bool
    mode: str | None


class Audit:
    """Traces of answers; safe to share between threads and processes."""

    def __init__(self, path: Path, settings: AuditSettings) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._settings = settings
        self._lock = threading.Lock()
        self._new_bytes, self._new_records = 0, _BOUND_EVERY  # since age and size were looked at
        self._db = sqlite3.connect(path, timeout=30, check_same_thread=False, isolation_level=None)
        path.chmod(0o600)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        for statement in _SCHEMA:
            self._db.execute(statement)

    def record(self, kb: str, trace: Trace) -> None:
        """Keep a trace, as fully as the settings want, and delete what is too old or too much."""
        content = trace_json(trace)
        shown = trace.shown
        question, answer = trace.question, shown.text if shown else ""
        if self._settings.level == "redacted":
            content = json.dumps(redacted(json.loads(content)), ensure_ascii=False)
            question, answer = _hidden(question), _hidden(answer) if shown else ""
        row = (
            datetime.now(UTC).isoformat(timespec="milliseconds"),
            kb,
            trace.session,
            trace.caller,
            question,
            answer,
            shown and shown.refused,
            shown and shown.mode,
            content,
        )
        with self._lock:
            self._db.execute(
                "INSERT INTO traces (at, kb, session, caller, question, answer, refused, mode, trace) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
            self._new_records += 1
            self._new_bytes += len(content.encode())
            if self._new_records >= _BOUND_EVERY or self._new_bytes > _BOUND_SHARE * self._settings.max_mb * _MEGABYTE:
                self._bound()

    def _bound(self) -> None:
        self._new_bytes = self._new_records = 0
        oldest = datetime.now(UTC) - timedelta(days=self._settings.max_days)
        self._db.execute("DELETE FROM traces WHERE at < ?", (oldest.isoformat(timespec="milliseconds"),))
        while self._bytes() > self._settings.max_mb * _MEGABYTE:
            count = self._db.execute("SELECT COUNT(*) FROM traces").fetchone()[0]
            if not count:
                break
            self._db.execute(
                "DELETE FROM traces WHERE id IN (SELECT id FROM traces ORDER BY id LIMIT ?)",
                (max(count // _DELETED_AT_ONCE, 1),),
            )

    def _bytes(self) -> int:
        pages, free, size = (
            self._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)

    def traces(
        self,
        *,
        kb: str | None = None,
        since: str | None = None,
        until: str | None = None,
        text: str | None = None,
        limit: int = 50,
    ) -> list[TraceRow]:
        """List traces, newest first.

        :param since: UTC in ISO 8601, or its beginning such as ``2025-05-01``; ``until`` is exclusive.
        :param text: stands in the question, the answer or, with full traces, anywhere in the trace.
        """
        conditions, values = ["1"], list[Any]()
        for condition, value in (("kb = ?", kb), ("at >= ?", since), ("at < ?", until)):
            if value is not None:
                conditions.append(condition)
                values.append(value)
        if text:
            conditions.append("instr(lower(trace), lower(?)) > 0")
            values.append(json.dumps(text, ensure_ascii=False)[1:-1])
        with self._lock:
            rows = self._db.execute(
                f"SELECT {', '.join(_LISTED)} FROM traces WHERE {' AND '.join(conditions)} ORDER BY id DESC LIMIT ?",
                (*values, limit),
            ).fetchall()
        listed = [dict(zip((field.name for field in fields(TraceRow)), row, strict=True)) for row in rows]
        return [TraceRow(**{**row, "refused": bool(row["refused"])}) for row in listed]

    def get(self, trace_id: int) -> dict[str, Any]:
        """Give a whole trace.

        :raises NotFoundError: if there is none of that number.
        """
        with self._lock:
            row = self._db.execute(
                "SELECT id, at, kb, session, caller, trace FROM traces WHERE id = ?", (trace_id,)
            ).fetchone()
        if row is None:
            raise NotFoundError(f"there is no trace {trace_id}: see `keyrag audit list`")
        head = dict(zip(("id", "at", "kb", "session", "caller"), row[:5], strict=True))
        return {**head, **json.loads(row[5])}

    def close(self) -> None:
        with self._lock:
            self._db.close()


def trace_json(trace: Trace) -> str:
    """Give a trace as JSON: what was asked, found, written by the model (``attempts``), checked and shown.

    ``raw`` is the answer before compliance, with its citations and checks.
    """
    sources = trace.sources and replace(trace.sources, hits=trace.sources.hits[:_HITS])
    content = {
        "question": trace.question,
        "sources": sources,
        "attempts": [
            {"purpose": one.purpose, "system": one.system, "prompt": one.prompt, "text": one.text}
            for one in trace.attempts
        ],
        "raw": trace.raw,
        "shown": trace.shown,
    }
    return json.dumps(content, default=_fields, ensure_ascii=False)


def _fields(value: Any) -> dict[str, Any]:
    """Take a data class apart; :func:`dataclasses.asdict` would copy all that is in it."""
    return {field.name: getattr(value, field.name) for field in fields(value)}


def redacted(value: Any) -> Any:
    """Give a trace without texts: each becomes its length and the beginning of its SHA-256, so that like is found.

    >>> redacted({"question": "年假几天？", "refused": False})
    {'question': '[5 characters, sha256 12d225c9]', 'refused': False}
    """
    if isinstance(value, dict):
        return {name: _hidden(inner) if name in _TEXTS else redacted(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(inner) for inner in value]
    return value


def _hidden(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _hidden(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden(inner) for inner in value]
    if not isinstance(value, str):
        return value if value is None else _hidden(json.dumps(value))
    return f"[{len(value)} characters, sha256 {hashlib.sha256(value.encode()).hexdigest()[:8]}]"
