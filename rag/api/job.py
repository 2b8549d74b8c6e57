"""A job and its files, as they are kept and as they are told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from ingest.pipeline import OUTCOMES

Kind = Literal["upload", "folder", "reindex", "delete"]
State = Literal["queued", "running", "done", "failed", "cancelled", "dead"]
STATES: tuple[State, ...] = ("queued", "running", "done", "failed", "cancelled", "dead")
# What may become of a file; "" is one that waits.
FILE_STATES = (*OUTCOMES, "deleted", "dead", "cancelled")
_PAGE = re.compile(r"\bpage (\d+)|第\s*(\d+)\s*页")


@dataclass(frozen=True, slots=True)
class JobFile:
    """A file of a job: an upload's name and staged path, a path of the server, or a document to index anew.

    ``attempts`` counts the times that it was tried.
    """

    position: int
    name: str
    path: str
    state: str = ""
    attempts: int = 0
    doc_id: str = ""
    title: str = ""
    keys: int = 0
    reason: str = ""
    warnings: tuple[str, ...] = ()

    def json(self) -> dict[str, Any]:
        return {
            "source": self.name,
            "outcome": self.state,
            "doc_id": self.doc_id,
            "title": self.title,
            "keys": self.keys,
            "reason": self.reason,
            "page": page_in(self.reason),
            "warnings": list(self.warnings),
            "attempts": self.attempts,
        }


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of long work on a knowledge base.

    ``labels`` are given to its documents, None leaves those they have. ``documents`` and ``keys`` count what is
    in, ``current`` names what is being read. A queued job whose ``error`` is not empty was tried and waits
    until ``not_before`` (seconds since 1970).
    """

    job_id: str
    kind: Kind
    kb: str
    labels: tuple[str, ...] | None
    state: State
    attempts: int
    not_before: float
    cancelling: bool
    documents: int
    keys: int
    current: str
    error: str
    created_at: str
    started_at: str | None
    finished_at: str | None
    files: tuple[JobFile, ...]

    @property
    def finished(self) -> bool:
        return self.state not in ("queued", "running")

    def json(self) -> dict[str, Any]:
        report = {state: sum(file.state == state for file in self.files) for state in FILE_STATES}
        return {
            "id": self.job_id,
            "kind": self.kind,
            "kb": self.kb,
            "files": [file.name for file in self.files],
            "labels": None if self.labels is None else list(self.labels),
            "state": self.state,
            "attempts": self.attempts,
            "cancelling": self.cancelling,
            "documents": self.documents,
            "total": len(self.files),
            "keys": self.keys,
            "current": self.current,
            "error": self.error,
            "created_at": self.created_at,
            "started_at": self.started_at,
            "finished_at": self.finished_at,
            "report": {**report, "files": [file.json() for file in self.files]} if self.finished else None,
        }


def page_in(reason: str) -> int | None:
    """Give the page that a reason names.

    >>> page_in("report.pdf: page 12 is damaged: save it again")
    12
    """
    found = _PAGE.search(reason)
    return int(found[1] or found[2]) if found else None
