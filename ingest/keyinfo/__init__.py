"""Key information: the short texts that stand for units and are all that is embedded.

An extractor takes a unit and gives the texts of its keys; a new one is a small file and a line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ingest.config import KeyInfoSettings
from ingest.errors import KeyRAGError
from ingest.keyinfo.context import context
from ingest.types import Key, Unit

EXTRACTORS: dict[str, Callable[[Unit], list[str]]] = {"context": context}


def keys(units: Iterable[Unit], settings: KeyInfoSettings) -> list[Key]:
    """Give the keys of all segments and sentences, of the kinds the settings name for each.

    :raises KeyRAGError: if a kind is unknown.
    """
    kinds = {"sentence": settings.sentence, "segment": settings.segment}
    for kind in {*settings.sentence, *settings.segment}:
        if kind not in EXTRACTORS:
            raise KeyRAGError(f"keyinfo kind {kind!r} is unknown: choose from {', '.join(EXTRACTORS)}")
    return [
        Key(unit.ordinal, kind, text)
        for unit in units
        for kind in kinds.get(unit.level, ())
        for text in EXTRACTORS[kind](unit)
    ]
