"""What of a knowledge base is searched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Scope:
    """Conditions that must all hold; those left out hold for everything.

    :param readable: the document carries at least one of these labels; what a caller may read.
    :param labels: likewise; what a caller wants.
    :param documents: the document has one of these ids.
    :param since: it was added at this time, ISO 8601, or later: ``2026-11-25`` or ``2026-11-25T08:00``.
    :param until: it was added before the end of this day, or at this time at the latest.
    :param heading: words that its title, or a heading above the text, holds.
    """

    readable: frozenset[str] | None = None
    labels: frozenset[str] | None = None
    documents: frozenset[str] | None = None
    since: str | None = None
    until: str | None = None
    heading: str | None = None

    def conditions(self) -> tuple[list[str], list[Any]]:
        """Give SQL conditions on a row of ``documents``, and their values."""
        found: list[str] = []
        values: list[Any] = []
        for labels in (self.readable, self.labels):
            if labels is not None:
                found.append(f"doc_id IN (SELECT doc_id FROM labels WHERE label IN ({_marks(labels)}))")
                values += sorted(labels)
        if self.documents is not None:
            found.append(f"doc_id IN ({_marks(self.documents)})")
            values += sorted(self.documents)
        if self.since is not None:
            found.append("added_at >= ?")
            values.append(self.since)
        if self.until is not None:
            # Of a time that is told less finely, all that begins with it is before its end.
            found.append("substr(added_at, 1, ?) <= ?")
            values += [len(self.until), self.until]
        return found, values


EVERYTHING = Scope()


def _marks(values: frozenset[str]) -> str:
    return ",".join("?" * len(values))
