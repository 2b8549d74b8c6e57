"""Keys of the phrases of a text: its names and dates, or its noun phrases.

A unit gets one key of a kind, its headings and all its phrases: a key for each phrase would multiply the index.
"""

from __future__ import annotations

from collections.abc import Callable

from ingest.keyinfo.context import without_addresses
from ingest.keyinfo.extractor import Extractor, each, headed
from ingest.types import Unit


def phrase_keys(find: Callable[[str], list[str]]) -> Extractor:
    """Make an extractor of a function that finds phrases in a text."""

    def key(unit: Unit) -> list[str]:
        phrases = find(without_addresses(unit.text))
        return [headed(unit, " ".join(phrases))] if phrases else []

    return each(key)
