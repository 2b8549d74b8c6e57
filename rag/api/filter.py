"""What of a knowledge base a request wants searched, within what its caller may read."""

from __future__ import annotations

from pydantic import Field

from ingest.index.scope import Scope
from rag.api.access import Caller
from rag.api.strict import Strict

_TIME = r"^\d{4}(-\d{2}(-\d{2}(T\d{2}(:\d{2}(:\d{2})?)?)?)?)?$"


class Filter(Strict):
    """Conditions that must all hold; those left out hold for everything."""

    documents: list[str] | None = Field(None, max_length=1000, description="Ids; one must be the document's.")
    labels: list[str] | None = Field(None, max_length=100, description="The document carries at least one of them.")
    since: str | None = Field(None, pattern=_TIME, description="Added then or later (ISO 8601, UTC): 2026-11-25.")
    until: str | None = Field(None, pattern=_TIME, description="Added by the end of this day, month or minute.")
    heading: str | None = Field(
        None, min_length=1, max_length=200, description="The title, or a heading above the text, holds these words."
    )


def scope_of(caller: Caller, wanted: Filter | None = None) -> Scope:
    """Give what is searched for ``caller``."""
    if wanted is None:
        return Scope(readable=caller.labels)
    return Scope(
        readable=caller.labels,
        labels=None if wanted.labels is None else frozenset(wanted.labels),
        documents=None if wanted.documents is None else frozenset(wanted.documents),
        since=wanted.since,
        until=wanted.until,
        heading=wanted.heading,
    )
