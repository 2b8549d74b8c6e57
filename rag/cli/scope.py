"""Options that limit a search to a part of a knowledge base."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from ingest.errors import KeyRAGError
from ingest.index.scope import Scope

DocOption = Annotated[list[str] | None, typer.Option("--doc", help="Only this document; may be repeated.")]
LabelOption = Annotated[list[str] | None, typer.Option("--label", help="Only documents with this label; likewise.")]
SinceOption = Annotated[str | None, typer.Option(help="Only documents added then or later.", metavar="YYYY-MM-DD")]
UntilOption = Annotated[
    str | None, typer.Option(help="Only documents added by the end of that day.", metavar="YYYY-MM-DD")
]
HeadingOption = Annotated[str | None, typer.Option(help="Only text with these words in the title or a heading above.")]

_TIME = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2}(?:T\d{2}(?::\d{2}(?::\d{2})?)?)?)?)?")


def scope_of(
    documents: list[str] | None, labels: list[str] | None, since: str | None, until: str | None, heading: str | None
) -> Scope:
    """Give what the options leave to search.

    :raises KeyRAGError: if a time can't be read.
    """
    for name, value in (("--since", since), ("--until", until)):
        if value is not None and not _TIME.fullmatch(value):
            raise KeyRAGError(f"{name} {value!r} is no date: write it as 2026-11-25, 2026-11 or 2026-11-25T08:00 (UTC)")
    return Scope(
        labels=frozenset(labels) if labels else None,
        documents=frozenset(documents) if documents else None,
        since=since,
        until=until,
        heading=heading or None,
    )
