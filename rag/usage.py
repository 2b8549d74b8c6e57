"""How much a service is used: counts by day and knowledge base."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rag.database import Database

_COUNTED = ("questions", "refused", "searches", "documents", "prompt_tokens", "completion_tokens")
_COLUMNS = ", ".join(f"{name} INTEGER NOT NULL DEFAULT 0" for name in _COUNTED)
_SCHEMA = f"CREATE TABLE IF NOT EXISTS usage (day TEXT, kb TEXT, {_COLUMNS}, PRIMARY KEY (day, kb)) WITHOUT ROWID"


@dataclass(frozen=True, slots=True)
class Used:
    """The counts of a day (UTC) and a knowledge base; ``documents`` counts those taken in."""

    day: str
    kb: str
    questions: int
    refused: int
    searches: int
    documents: int
    prompt_tokens: int
    completion_tokens: int


class Usage:
    """Adds up what is used; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self._db = Database(path, _SCHEMA)

    def add(self, kb: str, **counts: int) -> None:
        """Add counts, by the names of :class:`Used`, to today's."""
        names = [name for name in _COUNTED if counts.get(name)]
        if not names:
            return
        added = ", ".join(f"{name} = {name} + :{name}" for name in names)
        columns, values = ", ".join(names), ", ".join(f":{name}" for name in names)
        self._db.write(
            f"INSERT INTO usage (day, kb, {columns}) VALUES (date(), :kb, {values}) ON CONFLICT DO UPDATE SET {added}",
            {"kb": kb, **{name: counts[name] for name in names}},
        )

    def since(self, days: int) -> list[Used]:
        """Give the counts of the last ``days`` days, newest first."""
        rows = self._db.rows(
            f"SELECT day, kb, {', '.join(_COUNTED)} FROM usage WHERE day > date('now', ?) ORDER BY day DESC, kb",
            (f"-{days} days",),
        )
        return [Used(*row) for row in rows]

    def close(self) -> None:
        self._db.close()
